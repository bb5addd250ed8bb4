from odoo import api, fields, models
from odoo.exceptions import UserError

OWNER_FIELDS = {"partner_id", "user_id", "company_id"}


class CrmLead(models.Model):
    """One owner per customer: others follow his leads with the consent of a manager (V25).

    Whoever brings lead and salesperson together: a form, an import, a merge, a job.
    """

    _name = "crm.lead"
    _inherit = ["crm.lead"]

    owner_warning = fields.Char(compute="_compute_owner_warning")

    @api.depends("partner_id", "user_id", "company_id")
    @api.depends_context("lang")
    def _compute_owner_warning(self):
        reasons = self._get_owner_reasons()
        for lead in self:
            lead.owner_warning = reasons.get(lead, (False, False))[1]

    @api.model_create_multi
    def create(self, vals_list):
        leads = super().create(vals_list)
        leads._check_owner()
        leads._check_unassigned()
        return leads

    def write(self, vals):
        if "stage_id" in vals:
            self._check_unassigned()
        if not OWNER_FIELDS & vals.keys():
            return super().write(vals)
        before = {lead: lead._get_follow() for lead in self}
        result = super().write(vals)
        changed = self.filtered(lambda lead: lead._get_follow() != before[lead])
        # However old the lead is, this is done today.
        changed._check_owner(as_of_today=True)
        changed._check_unassigned()
        return result

    def _check_unassigned(self):
        """Let leads of nobody be followed by whoever works on them (V25)."""
        user = self.env.user
        if not self.env.su and user.has_group("sales_visit.group_user"):
            self.filtered(lambda lead: not lead.user_id)._check_owner(user)

    def action_ask_consent(self):
        """Open a new request for the consent to follow this lead (V25)."""
        self.ensure_one()
        return self.env["sales.cross.consent"]._ask(
            self.partner_id,
            self.user_id,
            self.company_id or self.env.company,
            self.name,
        )

    def _get_follow(self):
        """Return who follows which customer for which company."""
        self.ensure_one()
        return self.partner_id.commercial_partner_id, self.user_id, self.company_id

    def _check_owner(self, user=None, as_of_today=False):
        """Refuse leads on customers of somebody else where the rule blocks; note in their
        log what only warns (V25).

        :param user: ``res.users`` who deals with them, if not each salesperson
        :param as_of_today: as if the leads were of today (not grandfathered)
        :raise UserError: with who can consent
        """
        reasons = self._get_owner_reasons(user, as_of_today)
        for mode, message in reasons.values():
            if mode == "block":
                raise UserError(message)
        self.browse(lead.id for lead in reasons)._message_log_batch(
            {lead.id: message for lead, (__, message) in reasons.items()}
        )

    def _get_owner_reasons(self, user=None, as_of_today=False):
        """Return ``{lead: (mode, message)}`` of leads on customers of somebody else.

        :param user: ``res.users`` who deals with them, if not each salesperson
        :param as_of_today: as if the leads were of today (not grandfathered)
        """
        modes = {lead: lead._get_owner_mode(as_of_today) for lead in self}
        looked_at = self.filtered(lambda lead: modes[lead] != "off")
        return {
            lead: (
                modes[lead],
                self.env._(
                    "%(customer)s is a customer of %(owner)s: following a lead needs the consent of %(managers)s, asked for under “Consents”. (V25)",
                    customer=lead.partner_id.commercial_partner_id.sudo().display_name,
                    owner=owner.name,
                    managers=names,
                ),
            )
            for lead, (owner, names) in looked_at._get_foreign_owners(user).items()
        }

    def _get_owner_mode(self, as_of_today=False):
        self.ensure_one()
        company = self.company_id or self.env.company
        modes = self.env["sales.visit.rule.mode"]
        moment = None if as_of_today else self.create_date
        return modes._get_mode("V25", company, moment)

    def _get_foreign_owners(self, user=None):
        """Return the leads on customers of somebody else that nobody has consented to.

        :param user: ``res.users`` who deals with all of them, if not each salesperson
        :return: ``{lead: (owner under sudo, names of who can consent)}``
        """
        foreign = {}
        followed = self.filtered(
            lambda lead: (user or lead.user_id) and lead.partner_id
        )
        for company, leads in followed.grouped(
            lambda lead: lead.company_id or lead.env.company
        ).items():
            today = self.env["sales.visit.rule.mode"]._get_today(company)
            follows = {
                lead: (
                    lead.partner_id.commercial_partner_id,
                    user or lead.user_id,
                    today,
                )
                for lead in leads
            }
            foreign |= self.env["sales.cross.consent"]._get_lacking(company, follows)
        return foreign

    def _filter_owned(self):
        """Return the leads of customers who have an owner that the rule keeps for him."""
        owned = self.browse()
        kept = self.filtered(
            lambda lead: lead.partner_id and lead._get_owner_mode() == "block"
        )
        for company, leads in kept.grouped(
            lambda lead: lead.company_id or lead.env.company
        ).items():
            owners = self.env["sales.customer.file"]._get_owners(
                company, leads.partner_id
            )
            owned |= leads.filtered(
                lambda lead, owners=owners: (
                    lead.partner_id.commercial_partner_id in owners
                )
            )
        return owned
