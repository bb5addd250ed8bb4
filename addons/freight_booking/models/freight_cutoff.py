from odoo import api, fields, models
from odoo.addons.base.models.res_partner import _tz_get
from odoo.tools import format_datetime


class FreightCutoff(models.Model):
    """A carrier's deadline: an instant in UTC, and the zone in which it was given."""

    _name = "freight.cutoff"
    _description = "Cut-off"
    _inherit = ["server.field.mixin"]
    _order = "deadline, id"
    _check_company_auto = True

    booking_id = fields.Many2one(
        "freight.booking", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="booking_id.company_id", store=True, index=True, precompute=True
    )
    # The codes are those of the carriers' common booking interface (DCSA).
    code = fields.Selection(
        [
            ("DCO", "Shipping Instructions"),
            ("CUS", "Customs"),
            ("FCO", "Container Yard"),
            ("VCO", "VGM"),
        ],
        string="Cut-off",
        required=True,
    )
    deadline = fields.Datetime(required=True, help="Stored in UTC.")
    tz = fields.Selection(
        _tz_get,
        string="Time Zone",
        compute="_compute_tz",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        help="Zone of the port in which the carrier gave this deadline.",
    )
    deadline_local = fields.Char(string="Local Time", compute="_compute_deadline_local")
    met = fields.Boolean(help="What it asks for was done; it no longer counts down.")

    _code_uniq = models.Constraint(
        "unique(booking_id, code)", "A booking has each cut-off once."
    )

    @api.depends("booking_id.pol_id")
    def _compute_tz(self):
        for cutoff in self:
            cutoff.tz = (
                cutoff.tz or cutoff.booking_id.pol_id.tz or self.env.user.tz or "UTC"
            )

    @api.depends("deadline", "tz")
    @api.depends_context("lang")
    def _compute_deadline_local(self):
        for cutoff in self:
            local = cutoff.deadline and format_datetime(
                self.env, cutoff.deadline, tz=cutoff.tz, dt_format="EEE d MMM HH:mm"
            )
            cutoff.deadline_local = local and f"{local} ({cutoff.tz})"

    @api.depends("code", "deadline_local")
    def _compute_display_name(self):
        labels = dict(self._fields["code"]._description_selection(self.env))
        for cutoff in self:
            cutoff.display_name = (
                f"{labels.get(cutoff.code, '')} {cutoff.deadline_local or ''}".strip()
            )
