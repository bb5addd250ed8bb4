from odoo import api, fields, models
from odoo.exceptions import UserError
from pytz import timezone, utc

from ..guard import as_server, is_server
from .sales_visit import BEFORE_START

ACTIVITY = "sales_visit.mail_activity_type_reconfirm"
# What an appointment is about: with one of these changed it is another one.
AGREED_FIELDS = {"partner_id", "planned_start"}


class SalesVisit(models.Model):
    """Appointment first: who confirmed it and when, and whether it still holds (V05)."""

    _name = "sales.visit"
    _inherit = ["sales.visit"]

    needs_appointment = fields.Boolean(compute="_compute_needs_appointment")
    confirmed_with_id = fields.Many2one(
        "res.partner",
        copy=False,
        ondelete="restrict",
        check_company=True,
        domain="[('commercial_partner_id', '=', commercial_partner_id)]",
        help="Who on the customer's side confirmed the appointment.",
    )
    is_address_checked = fields.Boolean(string="Address Checked", copy=False)
    is_hours_checked = fields.Boolean(string="Office Hours Checked", copy=False)
    confirmed_at = fields.Datetime(
        string="Confirmed On",
        readonly=True,
        copy=False,
        tracking=True,
        help="When the appointment was confirmed last.",
    )
    confirmed_by_id = fields.Many2one(
        "res.users",
        readonly=True,
        copy=False,
        ondelete="restrict",
    )
    reconfirm_on = fields.Date(
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="Day of a visit whose appointment was confirmed long before, or has been moved since: it is confirmed once more before leaving.",
    )

    @api.depends("direction", "channel", "visit_type_id")
    def _compute_needs_appointment(self):
        for visit in self:
            visit.needs_appointment = (
                visit.direction == "out"
                and visit.channel == "in_person"
                and visit.visit_type_id.needs_appointment
            )

    @api.depends(
        "needs_appointment",
        "confirmed_with_id",
        "is_address_checked",
        "is_hours_checked",
        "reconfirm_on",
    )
    def _compute_step_reasons(self):
        return super()._compute_step_reasons()

    def write(self, vals):
        moved = self.browse()
        if not is_server(self):
            agreed = {name: vals[name] for name in AGREED_FIELDS & vals.keys()}
            moved = self.filtered(lambda visit: visit._is_moved(agreed))
        result = super().write(vals)
        moved._plan_reconfirmation(moved=True)
        return result

    def _is_moved(self, agreed):
        """Tell whether values change what was agreed on in a confirmed appointment."""
        self.ensure_one()
        return self.state == "confirmed" and any(
            self._fields[name].convert_to_cache(value, self)
            != self._fields[name].convert_to_cache(self[name], self)
            for name, value in agreed.items()
        )

    def _get_next_state(self):
        """Without an appointment to be made, the visit can just begin."""
        before = self.state in BEFORE_START and not self.needs_appointment
        return "in_progress" if before else super()._get_next_state()

    def _get_fact_fields(self):
        return super()._get_fact_fields() | {
            "confirmed_with_id",
            "is_address_checked",
            "is_hours_checked",
        }

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_confirm(self):
        """Note that the customer has confirmed the appointment, now (V05)."""
        self._step_to("confirmed", self._prepare_confirmation_vals())
        return True

    def action_reconfirm(self):
        """Note that the customer has confirmed the appointment once more, now (V05).

        :raise UserError: for a visit that isn't confirmed
        """
        for visit in self:
            if visit.state != "confirmed":
                raise UserError(
                    self.env._(
                        "%(visit)s has no appointment that could be reconfirmed.",
                        visit=visit.display_name,
                    )
                )
        as_server(self).write(self._prepare_confirmation_vals())
        self._plan_reconfirmation()
        return True

    def _prepare_confirmation_vals(self):
        return {"confirmed_at": fields.Datetime.now(), "confirmed_by_id": self.env.uid}

    def _step_groups_to(self, state, groups):
        result = super()._step_groups_to(state, groups)
        touched = self if state == "confirmed" else self.filtered("reconfirm_on")
        touched._plan_reconfirmation()
        return result

    # ------------------------------------------------------------
    # RECONFIRMATION
    # ------------------------------------------------------------

    def _plan_reconfirmation(self, moved=False):
        """Decide on which day visits are to be confirmed once more, if at all, and remind
        the salespeople of it on that day.

        The company says how many days ahead a confirmation is too early to last.

        :param bool moved: whether what was agreed on has just changed
        """
        if not self:
            return
        now = fields.Datetime.now()
        zones = self._get_zones()
        days = {}
        for visit in self:
            days[visit] = False
            if visit.state == "confirmed":
                today, day = (
                    utc.localize(moment).astimezone(timezone(zones[visit])).date()
                    for moment in (now, visit.planned_start)
                )
                notice = visit.company_id.sudo().visit_reconfirm_days
                if moved or (notice and (day - today).days >= notice):
                    days[visit] = day
        for day, visits in self.grouped(days.get).items():
            as_server(visits).write({"reconfirm_on": day})
        self._remind_to_reconfirm()

    def _remind_to_reconfirm(self):
        """Keep one activity for each visit that is to be confirmed once more."""
        # Whoever moves or cancels a visit settles its reminder, whose ever that is.
        self.sudo().activity_unlink([ACTIVITY])
        self.env["mail.activity"]._create_reminders(
            ACTIVITY,
            {visit: visit.user_id for visit in self if visit.reconfirm_on},
            date=lambda visit: visit.reconfirm_on,
        )

    # ------------------------------------------------------------
    # REASONS
    # ------------------------------------------------------------

    def _get_step_reasons(self, state):
        reasons = super()._get_step_reasons(state)
        if state not in ("confirmed", "in_progress"):
            return reasons
        for visit in self.filtered("needs_appointment"):
            mode = visit._get_rule_mode("V05")
            if mode != "off" and (message := visit._get_appointment_lack(state)):
                reasons[visit].append({"rule": "V05", "mode": mode, "message": message})
        return reasons

    def _get_appointment_lack(self, state):
        """Return what the appointment lacks for the step to a state, empty if nothing."""
        self.ensure_one()
        if state == "in_progress" and self.state != "confirmed":
            return self.env._(
                "The customer hasn't confirmed an appointment: call first, then “Confirm Appointment”. (V05)"
            )
        lacking = ("confirmed_with_id", "is_address_checked", "is_hours_checked")
        if lacking := [name for name in lacking if not self[name]]:
            return self.env._(
                "The appointment isn't complete: %(fields)s. (V05)",
                fields=self._get_labels(lacking),
            )
        if state == "confirmed":
            return False
        return self.reconfirm_on and self.env._(
            "The appointment was confirmed long before or has been moved since: call once more, then “Reconfirm”. (V05)"
        )
