from odoo import api, fields, models

from ..guard import as_server, is_server
from .sales_visit import CHANNELS

UNITS = [
    ("day", "Days"),
    ("week", "Weeks"),
    ("month", "Months"),
    ("year", "Years"),
]


class SalesCadence(models.Model):
    """How often customers of a grade are contacted by a channel, as dated data (V02).

    For each channel and visit type a row of the customer's grade goes before one for all
    grades, a row of the company before one for all companies; of those the newest that
    has begun decides. Files are brought up to date by the job of
    :meth:`sales.customer.file._cron_update_due`.
    """

    _name = "sales.cadence"
    _inherit = ["sales.visit.server.field.mixin"]
    _description = "Contact Cadence"
    _order = "channel, grade_id, company_id, date_from desc, id desc"

    company_id = fields.Many2one(
        "res.company",
        index=True,
        ondelete="cascade",
        default=lambda self: self.env.company,
        help="Empty: for all companies that have no row of their own.",
    )
    grade_id = fields.Many2one(
        "sales.customer.grade",
        ondelete="cascade",
        help="Empty: for all grades that have no row of their own, and without grade.",
    )
    channel = fields.Selection(CHANNELS, required=True, default="in_person")
    visit_type_id = fields.Many2one(
        "sales.visit.type",
        string="Type",
        ondelete="cascade",
        help="Only visits of this type count, and such a one is planned. Empty: any.",
    )
    interval_number = fields.Integer(
        string="Every",
        required=True,
        default=1,
        help="0: such customers are not contacted this way.",
    )
    interval_unit = fields.Selection(
        UNITS, string="Unit", required=True, default="month"
    )
    date_from = fields.Date(
        string="Valid From", required=True, default=fields.Date.context_today
    )
    is_applied = fields.Boolean(readonly=True, copy=False)

    _date_uniq = models.UniqueIndex(
        "(COALESCE(company_id, 0), COALESCE(grade_id, 0), channel, COALESCE(visit_type_id, 0), date_from)",
        "There is one cadence per company, grade, channel, type and day.",
    )
    _check_interval = models.Constraint(
        "CHECK(interval_number >= 0)", "An interval isn't negative."
    )

    @api.depends("channel", "grade_id", "interval_number", "interval_unit")
    @api.depends_context("lang")
    def _compute_display_name(self):
        channels = dict(self._fields["channel"]._description_selection(self.env))
        units = dict(self._fields["interval_unit"]._description_selection(self.env))
        for row in self:
            row.display_name = self.env._(
                "%(channel)s, every %(number)s %(unit)s",
                channel=channels.get(row.channel),
                number=row.interval_number,
                unit=units.get(row.interval_unit),
            )

    def write(self, vals):
        if is_server(self):
            return super().write(vals)
        self._mark_files()
        result = super().write(vals)
        as_server(self).write({"is_applied": False})
        return result

    def unlink(self):
        self._mark_files()
        return super().unlink()

    def _mark_files(self):
        """Let the job look at the files of these rows' companies again."""
        everywhere = any(not row.company_id for row in self)
        self.env["sales.customer.file"]._mark_due_stale(
            self.env["res.company"] if everywhere else self.company_id
        )

    @api.model
    def _apply_begun(self):
        """Let the job look at the files that rows which have begun are for; once a row."""
        modes = self.env["sales.visit.rule.mode"]
        begun = self.search([("is_applied", "=", False)]).filtered(
            lambda row: row.date_from <= modes._get_today(row.company_id)
        )
        if begun:
            begun._mark_files()
            as_server(begun).write({"is_applied": True})
