from odoo import api, fields, models
from odoo.fields import Domain


class SalesCustomerFile(models.Model):
    """The team that works for a customer, and the roles nobody fills yet (V18)."""

    _name = "sales.customer.file"
    _inherit = ["sales.customer.file"]

    team_member_ids = fields.One2many(
        "sales.work.team.member", "file_id", string="Work Team"
    )
    outline_ids = fields.One2many("sales.project.outline", "file_id", string="Projects")
    outline_count = fields.Integer(compute="_compute_outline_count")
    missing_role_ids = fields.Many2many(
        "sales.project.role",
        string="Missing Roles",
        compute="_compute_missing_role_ids",
        help="Roles that nobody fills, though the customer's grade needs a team (V18).",
    )
    is_team_incomplete = fields.Boolean(
        string="Team Incomplete",
        compute="_compute_missing_role_ids",
        search="_search_is_team_incomplete",
    )

    def _compute_outline_count(self):
        counts = dict(
            self.env["sales.project.outline"]._read_group(
                [("file_id", "in", self.ids)], ["file_id"], ["__count"]
            )
        )
        for file in self:
            file.outline_count = counts.get(file, 0)

    @api.depends(
        "grade_id.needs_team",
        "team_member_ids.role_id",
        "team_member_ids.user_id.active",
    )
    def _compute_missing_role_ids(self):
        roles = self.env["sales.project.role"].search([("active", "=", True)])
        for file in self:
            members = file.team_member_ids.filtered("user_id.active")
            missing = roles - members.role_id
            file.missing_role_ids = missing if file.grade_id.needs_team else False
            file.is_team_incomplete = bool(file.missing_role_ids)

    def _search_is_team_incomplete(self, operator, value):
        if operator != "in":
            return NotImplemented
        roles = self.env["sales.project.role"].search([("active", "=", True)])
        lacking = Domain.OR(
            ~Domain(
                "team_member_ids",
                "any",
                [("role_id", "=", role.id), ("user_id.active", "=", True)],
            )
            for role in roles
        )
        return Domain("grade_id.needs_team", "=", True) & lacking

    def _get_work_teams(self):
        """Return ``{file: [(role name, member names)]}`` of each role that is filled or
        missing; the names of missing ones are empty."""
        teams = {}
        for file in self:
            members = file.team_member_ids.filtered("user_id.active")
            roles = (members.role_id | file.missing_role_ids).sorted()
            teams[file] = [
                (
                    role.name,
                    ", ".join(
                        members.filtered(lambda m, role=role: m.role_id == role)
                        .user_id.sudo()
                        .mapped("name")
                    ),
                )
                for role in roles
            ]
        return teams

    def action_view_outlines(self):
        """Open the projects of these customers."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_visit.sales_project_outline_action"
        )
        action["domain"] = [("file_id", "in", self.ids)]
        action["context"] = {"create": False}
        return action

    def _merge_into(self, kept):
        others = self - kept
        # Members and projects follow the customer, whoever may see them.
        known = {(m.role_id, m.user_id) for m in kept.sudo().team_member_ids}
        for member in others.sudo().team_member_ids:
            key = (member.role_id, member.user_id)
            if key not in known:
                known.add(key)
                member.file_id = kept
        self.env["sales.project.outline"].sudo()._move_to_file(others, kept)
        return super()._merge_into(kept)
