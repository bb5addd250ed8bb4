from odoo import api, fields, models
from odoo.exceptions import ValidationError


class PerformanceVersionMixin(models.AbstractModel):
    """What holds in a company from a day on (``company_id``, ``date_from``), until a
    newer version starts (K10).

    A version that a computed period may have used can't be changed any more, nor can one
    be slipped in: what is reviewed and approved is what was computed, and nothing
    reprices the past. A period that isn't approved yet can be put back to open.
    """

    _name = "performance.version.mixin"
    _description = "Version of What Periods Are Computed By"

    @api.model_create_multi
    def create(self, vals_list):
        versions = super().create(vals_list)
        versions._check_not_computed()
        return versions

    def write(self, vals):
        self._check_not_computed()
        result = super().write(vals)
        self._check_not_computed()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_computed(self):
        self._check_not_computed()

    def _check_not_computed(self):
        """Raise ValidationError for what would change a month that has been computed."""
        self.env["performance.period"]._claim(self.company_id)
        computed = self.env["performance.period"]._get_last_days(
            self.company_id, ("computed", "reviewed", "approved", "closed")
        )
        for version in self:
            last = computed.get(version.company_id)
            if last and version.date_from <= last:
                raise ValidationError(
                    self.env._(
                        "Periods are computed up to %(date)s. Let it start later, or let"
                        " finance put what isn't closed yet back to open first.",
                        date=fields.Date.to_string(last),
                    )
                )

    def _pick_in_force(self, days, team=None):
        """Return ``{day: version in force}`` of these for the days that have one: the
        team's, if it has one then, else the company's (``team_id`` empty)."""
        newest = self.sorted("date_from", reverse=True)
        groups = [newest.filtered(lambda version: not version.team_id)]
        if team:
            groups.insert(0, newest.filtered(lambda version: version.team_id == team))
        in_force = {
            day: next(
                (
                    version
                    for group in groups
                    for version in group
                    if version.date_from <= day
                ),
                None,
            )
            for day in days
        }
        return {day: version for day, version in in_force.items() if version}
