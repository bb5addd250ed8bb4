from odoo import api, fields, models
from pytz import timezone, utc

from .sales_visit import BEFORE_START

# Where a visit of somebody else's customer is held up; what has begun goes on.
HELD_UP = {"planned", "confirmed", "in_progress"}


class SalesVisit(models.Model):
    """One owner per customer: others visit with the consent of a manager (V25)."""

    _name = "sales.visit"
    _inherit = ["sales.visit"]

    needs_consent = fields.Boolean(compute="_compute_needs_consent")

    @api.depends("state", "user_id", "company_id", "commercial_partner_id")
    def _compute_needs_consent(self):
        foreign = self.filtered(
            lambda visit: (
                visit.state in BEFORE_START and visit._get_rule_mode("V25") != "off"
            )
        )._get_foreign_owners()
        for visit in self:
            visit.needs_consent = visit in foreign

    @api.depends("user_id", "company_id", "commercial_partner_id", "planned_start")
    def _compute_step_reasons(self):
        return super()._compute_step_reasons()

    def action_ask_consent(self):
        """Open a new request for the consent to this visit (V25)."""
        self.ensure_one()
        return self.env["sales.cross.consent"]._ask(
            self.partner_id, self.user_id, self.company_id, self.objective
        )

    def _get_step_reasons(self, state):
        reasons = super()._get_step_reasons(state)
        if state not in HELD_UP:
            return reasons
        modes = {visit: visit._get_rule_mode("V25") for visit in self}
        looked_at = self.filtered(lambda visit: modes[visit] != "off")
        for visit, (owner, names) in looked_at._get_foreign_owners().items():
            message = self.env._(
                "%(customer)s is a customer of %(owner)s: a visit needs the consent of %(managers)s. (V25)",
                customer=visit.partner_id.sudo().commercial_partner_id.display_name,
                owner=owner.name,
                managers=names,
            )
            reasons[visit].append(
                {"rule": "V25", "mode": modes[visit], "message": message}
            )
        return reasons

    def _get_foreign_owners(self):
        """Return the visits to customers of somebody else that nobody has consented to.

        :return: ``{visit: (owner under sudo, names of who can consent)}``
        """
        foreign = {}
        for company, visits in self.grouped("company_id").items():
            follows = {
                visit: (
                    # The company that he belongs to by now, which is no secret of it.
                    visit.partner_id.sudo().commercial_partner_id,
                    visit.user_id,
                    visit._get_consent_day(),
                )
                for visit in visits
            }
            foreign |= self.env["sales.cross.consent"]._get_lacking(company, follows)
        return foreign

    def _get_consent_day(self):
        """Return on which day the visit takes place, by the company's calendar."""
        self.ensure_one()
        tz = self.env["sales.visit.rule.mode"]._get_zone(self.company_id)
        now = fields.Datetime.now()
        # Who begins today visits today, whatever day was planned.
        moment = max(self.planned_start or now, now)
        return utc.localize(moment).astimezone(timezone(tz)).date()
