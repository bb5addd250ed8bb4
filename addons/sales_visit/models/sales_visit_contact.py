from odoo import api, models
from odoo.exceptions import ValidationError

from ..guard import as_server, is_server


class SalesVisit(models.Model):
    """A visit about a lead is a contact with it (V20)."""

    _name = "sales.visit"
    _inherit = ["sales.visit"]

    @api.constrains("lead_id", "partner_id")
    def _check_lead_customer(self):
        if is_server(self):
            return  # merged leads take their visits along
        for visit in self:
            if not visit._is_about(visit.lead_id):
                raise ValidationError(
                    self.env._(
                        "The lead of %(visit)s is about another customer. (V20)",
                        visit=visit.display_name,
                    )
                )

    def _is_about(self, lead):
        """Tell whether a lead is about the customer visited, or about nobody yet."""
        self.ensure_one()
        customer = lead.partner_id.commercial_partner_id
        return not customer or customer == self.partner_id.commercial_partner_id

    @api.model_create_multi
    def create(self, vals_list):
        visits = super().create(vals_list)
        visits._check_lead_access()
        return visits

    def write(self, vals):
        result = super().write(vals)
        if "lead_id" in vals:
            self._check_lead_access()
        return result

    def _check_lead_access(self):
        """Let nobody answer, nor get to know, a lead that he could not contact (V20)."""
        if not is_server(self):
            self.lead_id.check_access("write")

    @api.depends("next_visit_date")
    def _compute_step_reasons(self):
        return super()._compute_step_reasons()

    def action_finish(self):
        """End the visit; it is on record as a contact with its lead."""
        result = super().action_finish()
        # Whose lead it is by now doesn't matter: the visit took place.
        records = as_server(self.env["sales.contact.record"].sudo())
        records.create(
            [
                {
                    "lead_id": visit.lead_id.id,
                    "visit_id": visit.id,
                    "contacted_at": visit.actual_stop,
                    "channel": visit.channel,
                    "note": visit.name,
                }
                for visit in self
                if visit.lead_id and visit._is_about(visit.lead_id.sudo())
            ]
        )
        return result

    def action_submit_report(self):
        """Submit the report; the next visit that it names is the lead's next contact."""
        result = super().action_submit_report()
        for record in self._get_open_contacts():
            if day := record.visit_id.next_visit_date:
                record.next_contact_on = day
                record.lead_id._agree_on(day, record.contacted_at)
        return result

    def _get_open_contacts(self):
        """Return the contacts that these visits were and that name no next day yet."""
        # Whose lead it is by now doesn't matter, see action_finish.
        records = as_server(self.env["sales.contact.record"].sudo())
        return records.search(
            [("visit_id", "in", self.ids), ("next_contact_on", "=", False)]
        )

    def _get_step_reasons(self, state):
        reasons = super()._get_step_reasons(state)
        if state != "reported":
            return reasons
        for record in self._get_open_contacts():
            visit = self.browse(record.visit_id.id)
            if record.channel != "in_person" and not visit.next_visit_date:
                message = self.env._(
                    "A contact with a lead names the day of the next one: fill in “Next Visit”. (V20)"
                )
                reasons[visit].append(
                    {"rule": "V20", "mode": "block", "message": message}
                )
        return reasons
