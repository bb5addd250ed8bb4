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
        return {
            "name": self.env._("Ask for Consent"),
            "type": "ir.actions.act_window",
            "res_model": "sales.cross.consent",
            "view_mode": "form",
            "context": {
                "default_partner_id": self.commercial_partner_id.id,
                "default_user_id": self.user_id.id,
                "default_company_id": self.company_id.id,
                "default_reason": self.objective,
            },
        }

    def _get_step_reasons(self, state):
        reasons = super()._get_step_reasons(state)
        if state not in HELD_UP:
            return reasons
        modes = {visit: visit._get_rule_mode("V25") for visit in self}
        looked_at = self.filtered(lambda visit: modes[visit] != "off")
        for visit, (owner, names) in looked_at._get_foreign_owners().items():
            message = self.env._(
                "%(customer)s is a customer of %(owner)s: a visit needs the consent of %(managers)s. (V25)",
                customer=visit.commercial_partner_id.sudo().display_name,
                owner=owner.name,
                managers=names,
            )
            reasons[visit].append(
                {"rule": "V25", "mode": modes[visit], "message": message}
            )
        return reasons

    def _get_foreign_owners(self):
        """Return the visits to customers of somebody else that nobody has consented to.

        Managers of the owner, and of the company, need no consent; a customer whose
        owner has left is nobody's.

        :return: ``{visit: (owner under sudo, names of who can consent)}``
        """
        foreign = {}
        for company, visits in self.grouped("company_id").items():
            partners = visits.commercial_partner_id
            files = self.env["sales.customer.file"]._get_files(company, partners)
            owners = {
                partner: file.user_id
                for partner, file in files.items()
                if file.user_id.active
            }
            others = visits.filtered(
                lambda visit, owners=owners: (
                    owners.get(visit.commercial_partner_id, visit.user_id)
                    != visit.user_id
                )
            )
            if not others:
                continue
            users = self.env["res.users"].union(*owners.values())
            managers = users._get_visit_managers(company)
            above = users._get_company_managers(company)
            consents = self.env["sales.cross.consent"]._get_consents(
                company, others.commercial_partner_id, others.user_id
            )
            for visit in others:
                owner = owners[visit.commercial_partner_id]
                deciding = managers[owner] or above - owner
                if visit.user_id not in managers[owner] | above and not any(
                    visit._is_covered_by(consent, owner) for consent in consents
                ):
                    names = ", ".join(deciding.sudo().mapped("name"))
                    foreign[visit] = (
                        owner.sudo(),
                        names or self.env._("A company manager"),
                    )
        return foreign

    def _is_covered_by(self, consent, owner):
        """Tell whether a consent is one to this visit, to a customer of ``owner``."""
        self.ensure_one()
        tz = self.env["sales.visit.rule.mode"]._get_zone(self.company_id)
        now = fields.Datetime.now()
        # Who begins today visits today, whatever day was planned.
        moment = max(self.planned_start or now, now)
        day = utc.localize(moment).astimezone(timezone(tz)).date()
        return (
            consent.owner_id == owner
            and consent.user_id == self.user_id
            and consent.partner_id.commercial_partner_id == self.commercial_partner_id
            and (not consent.date_to or consent.date_to >= day)
        )
