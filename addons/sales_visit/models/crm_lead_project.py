from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..guard import as_server


class CrmLead(models.Model):
    """The customer's work team, which follows each of his leads, and the project (V18)."""

    _name = "crm.lead"
    _inherit = ["crm.lead"]

    work_team = fields.Char(
        compute="_compute_work_team", groups="sales_visit.group_user"
    )
    missing_roles = fields.Char(
        compute="_compute_work_team", groups="sales_visit.group_user"
    )
    is_team_incomplete = fields.Boolean(
        string="Team Incomplete",
        compute="_compute_work_team",
        search="_search_is_team_incomplete",
        groups="sales_visit.group_user",
    )
    outline_ids = fields.One2many(
        "sales.project.outline",
        "lead_id",
        string="Projects",
        groups="sales_visit.group_user",
    )
    project_step_id = fields.Many2one(
        "sales.project.step",
        compute="_compute_project_step_id",
        groups="sales_visit.group_user",
    )

    @api.depends("partner_id", "company_id", "customer_grade_id")
    @api.depends_context("lang")
    def _compute_work_team(self):
        model = self.env["sales.customer.file"]
        for company, leads in self.grouped(
            lambda lead: lead.company_id or lead.env.company
        ).items():
            # Who works for a customer is no secret from who follows his lead.
            files = model._get_files(company, leads.partner_id)
            teams = model.sudo().union(*files.values())._get_work_teams()
            for lead in leads:
                file = files.get(lead.partner_id.commercial_partner_id)
                team = teams.get(file, ())
                lead.work_team = " · ".join(
                    f"{role}: {names}" for role, names in team if names
                )
                lead.missing_roles = ", ".join(
                    role for role, names in team if not names
                )
                lead.is_team_incomplete = bool(lead.missing_roles)

    def _search_is_team_incomplete(self, operator, value):
        if operator != "in":
            return NotImplemented
        # Only which customers they are is taken.
        files = self.env["sales.customer.file"].sudo()
        lacking = files._search(
            Domain("is_team_incomplete", "=", True)
            & Domain("company_id", "in", self.env.companies.ids)
        )
        return Domain(
            "partner_id.commercial_partner_id", "in", lacking.subselect("partner_id")
        )

    @api.depends("outline_ids.step_id")
    def _compute_project_step_id(self):
        for lead in self:
            lead.project_step_id = lead.outline_ids.step_id

    def write(self, vals):
        result = super().write(vals)
        if "partner_id" in vals:
            # The project follows its lead to another customer, whoever may see it.
            moved = self.sudo().outline_ids
            files = moved.lead_id._get_customer_files() if moved else {}
            for outline in moved:
                as_server(outline).write({"file_id": files[outline.lead_id].id})
        return result

    def action_view_outline(self):
        """Open the project outline of the lead, or a new one (V18)."""
        self.ensure_one()
        return {
            "name": self.env._("Project"),
            "type": "ir.actions.act_window",
            "res_model": "sales.project.outline",
            "res_id": self.outline_ids.id,
            "view_mode": "form",
            "context": {"default_lead_id": self.id},
        }

    def _get_customer_files(self):
        """Return ``{lead: file}`` of the customers of these leads, under sudo, creating
        those that don't exist.

        :raise UserError: for a lead without a customer
        """
        found = {}
        for company, leads in self.grouped(
            lambda lead: lead.company_id or lead.env.company
        ).items():
            if anonymous := leads.filtered(lambda lead: not lead.partner_id):
                raise UserError(
                    self.env._(
                        "%(lead)s has no customer yet: a project is for one. (V18)",
                        lead=anonymous[:1].name or "–",
                    )
                )
            owners = {lead.partner_id: lead.user_id or self.env.user for lead in leads}
            files = self.env["sales.customer.file"]._get_or_create(company, owners)
            for lead in leads:
                found[lead] = files[lead.partner_id.commercial_partner_id]
        return found

    def _merge_dependences(self, opportunities):
        result = super()._merge_dependences(opportunities)
        # Who merges the leads need not see the projects of all.
        outlines = self.env["sales.project.outline"].sudo()
        found = outlines.search([("lead_id", "in", (self | opportunities).ids)])
        found._merge_into(self)
        return result
