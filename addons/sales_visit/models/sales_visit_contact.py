from odoo import models

from ..guard import as_server


class SalesVisit(models.Model):
    """A visit about a lead is a contact with it (V20)."""

    _name = "sales.visit"
    _inherit = ["sales.visit"]

    def action_finish(self):
        """End the visit; it is on record as a contact with its lead."""
        result = super().action_finish()
        # Whose lead it is doesn't matter: the visit took place.
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
                if visit.lead_id
            ]
        )
        return result
