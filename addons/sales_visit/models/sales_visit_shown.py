from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

# A visit that nobody planned stands where it took place.
SHOWN = {
    "shown_start": ("planned_start", "actual_start"),
    "shown_stop": ("planned_stop", "actual_stop"),
}


class SalesVisit(models.Model):
    """Where a visit is shown: on the calendar of visits when it is planned, else when it
    took place. Moving it there plans it anew; so does drawing a new one."""

    _name = "sales.visit"
    _inherit = ["sales.visit"]

    shown_start = fields.Datetime(
        string="Start",
        compute="_compute_shown",
        inverse="_inverse_shown",
        search="_search_shown_start",
    )
    shown_stop = fields.Datetime(
        string="End",
        compute="_compute_shown",
        inverse="_inverse_shown",
        search="_search_shown_stop",
    )

    @api.depends("planned_start", "planned_stop", "actual_start", "actual_stop")
    def _compute_shown(self):
        for visit in self:
            length = timedelta(hours=visit.visit_type_id.duration)
            start = visit.planned_start or visit.actual_start
            stop = visit.planned_stop if visit.planned_start else visit.actual_stop
            visit.shown_start = start
            visit.shown_stop = stop or (start and start + length)

    def _inverse_shown(self):
        """Plan visits when they are shown; who may not plan them, may not move them."""
        for visit in self:
            visit.write(
                {
                    "planned_start": visit.shown_start,
                    "planned_stop": visit.shown_stop,
                }
            )

    def _search_shown_start(self, operator, value):
        return self._domain_shown(SHOWN["shown_start"], operator, value)

    def _search_shown_stop(self, operator, value):
        # One that goes on stands where it began.
        planned, actual = SHOWN["shown_stop"]
        goes_on = Domain(actual, "=", False) & Domain("actual_start", operator, value)
        return self._domain_shown((planned, actual), operator, value) | (
            Domain(planned, "=", False) & goes_on
        )

    @api.model
    def _domain_shown(self, names, operator, value):
        planned, actual = names
        return Domain(planned, operator, value) | (
            Domain(planned, "=", False) & Domain(actual, operator, value)
        )

    @api.model
    def _with_drawn_times(self):
        """Take a slot drawn on the calendar for when the visit is planned."""
        context = dict(self.env.context)
        for shown, (planned, _actual) in SHOWN.items():
            if moment := context.pop(f"default_{shown}", None):
                context.setdefault(f"default_{planned}", moment)
        return self.with_env(self.env(context=context))

    @api.model
    def default_get(self, fields):
        return super(SalesVisit, self._with_drawn_times()).default_get(fields)

    @api.model_create_multi
    def create(self, vals_list):
        return super(SalesVisit, self._with_drawn_times()).create(vals_list)
