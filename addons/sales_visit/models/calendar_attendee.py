from odoo import api, models

# What one answers to an invitation.
ANSWER_FIELDS = {"state", "availability"}


class CalendarAttendee(models.Model):
    """Nobody but its salesperson invites people to a visit, or takes them off (V26)."""

    _inherit = "calendar.attendee"

    @api.model_create_multi
    def create(self, vals_list):
        attendees = super().create(vals_list)
        attendees.event_id._check_own_visits()
        return attendees

    def write(self, vals):
        if vals.keys() - ANSWER_FIELDS:
            self.event_id._check_own_visits()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_own_visits(self):
        self.event_id._check_own_visits()
