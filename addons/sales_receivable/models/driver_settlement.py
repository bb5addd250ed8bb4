from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..guard import as_server, is_server
from .delivery_slip_step import ACCOUNTING


class DriverSettlement(models.Model):
    """A batch of slips that a driver and we go through together (与驾驶员对单, A14).

    Closed with both names once each slip is settled; what was closed stays.
    """

    _name = "driver.settlement"
    _description = "Driver Settlement"
    _inherit = ["server.field.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _rec_names_search = ["number", "driver_id.name"]
    _check_company_auto = True

    number = fields.Char(readonly=True, copy=False, tracking=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.company,
    )
    driver_id = fields.Many2one(
        "res.partner", required=True, index=True, ondelete="restrict", tracking=True
    )
    driver_name = fields.Char(
        string="Signed by the Driver As",
        compute="_compute_driver_name",
        store=True,
        readonly=False,
        help="Name of who went through the slips for the driver's side.",
    )
    state = fields.Selection(
        [("draft", "Open"), ("closed", "Closed")],
        string="Status",
        required=True,
        readonly=True,
        default="draft",
        copy=False,
        tracking=True,
    )
    closed_on = fields.Date(readonly=True, copy=False)
    closed_by_id = fields.Many2one(
        "res.users",
        string="Settled With",
        readonly=True,
        copy=False,
        ondelete="restrict",
        tracking=True,
    )
    slip_ids = fields.One2many("delivery.slip", "driver_settlement_id", string="Slips")
    slip_count = fields.Integer(compute="_compute_slip_figures")
    open_count = fields.Integer(string="Not Settled", compute="_compute_slip_figures")
    note = fields.Text()

    _number_uniq = models.UniqueIndex(
        "(company_id, number) WHERE number IS NOT NULL",
        "A settlement number is used once.",
    )

    @api.depends("number", "driver_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for settlement in self:
            settlement.display_name = settlement.number or self.env._(
                "Settlement with %s", settlement.driver_id.name or ""
            )

    @api.depends("driver_id")
    def _compute_driver_name(self):
        for settlement in self:
            settlement.driver_name = settlement.driver_id.name

    @api.depends("slip_ids.settled_on", "slip_ids.state")
    def _compute_slip_figures(self):
        for settlement in self:
            settlement.slip_count = len(settlement.slip_ids)
            settlement.open_count = len(settlement._get_open_slips())

    def _get_open_slips(self):
        return self.slip_ids.filtered(
            lambda slip: not slip.settled_on and slip.state != "void"
        )

    def _get_cash_totals(self):
        """Return ``[(currency, due, handed in)]`` of the cash slips."""
        slips = self.slip_ids.filtered(
            lambda slip: slip.settlement_kind == "cash" and slip.state != "void"
        )
        return [
            (
                currency,
                sum(slip.cash_amount + slip.cash_difference for slip in own),
                sum(own.mapped("cash_amount")),
            )
            for currency, own in slips.grouped("currency_id").items()
        ]

    # --- guards -----------------------------------------------------------------------

    def write(self, vals):
        if not is_server(self) and vals.keys() - {"activity_ids", "message_ids"}:
            self._check_is_open()
        return super().write(vals)

    def _check_is_open(self):
        for settlement in self.filtered(lambda s: s.state == "closed"):
            raise UserError(
                self.env._(
                    "%s is closed: what was settled stays.", settlement.display_name
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_if_open(self):
        if any(settlement.state == "closed" for settlement in self):
            raise AccessError(self.env._("Settlements stay on record."))

    # --- actions ----------------------------------------------------------------------

    def action_collect_slips(self):
        """Put all open slips of the driver on it."""
        self.check_access("write")
        self._check_is_open()
        for settlement in self:
            self.env["delivery.slip"].search(
                [
                    ("company_id", "=", settlement.company_id.id),
                    ("driver_id", "=", settlement.driver_id.id),
                    ("driver_settlement_id", "=", False),
                    ("kind", "!=", "goods_in"),
                    ("state", "in", ("issued", "returned", "received")),
                ]
            ).driver_settlement_id = settlement
        return True

    def action_close(self):
        """Close it with both names, once each slip is settled (A14).

        :raise AccessError: by anybody but accounting
        :raise UserError: with what is still open
        """
        if not any(map(self.env.user.has_group, ACCOUNTING)):
            raise AccessError(self.env._("Accounting settles with drivers."))
        self.check_access("write")
        for settlement in self:
            settlement._check_is_open()
            settlement._take_row()
            if reasons := settlement._get_closing_reasons():
                raise UserError("\n".join(reasons))
            as_server(settlement).write(
                {
                    "state": "closed",
                    "closed_on": settlement.company_id._get_business_date(),
                    "closed_by_id": self.env.uid,
                }
            )
            as_server(settlement).number = self.env["ir.sequence"]._draw_of_company(
                "driver.settlement", settlement.company_id
            )
        return True

    def _get_closing_reasons(self):
        reasons = [
            self.env._("%s isn't settled.", slip.display_name)
            for slip in self._get_open_slips()
        ]
        if not self.slip_ids:
            reasons.append(self.env._("There are no slips."))
        if not (self.driver_name or "").strip():
            reasons.append(self.env._("Who signed for the driver?"))
        return reasons

    def _take_row(self):
        """Let two who close at once meet in the row."""
        self.flush_recordset()
        self.env.execute_query(
            SQL(
                "UPDATE driver_settlement SET write_date = NOW() AT TIME ZONE 'UTC'"
                " WHERE id = %s RETURNING id",
                self.id,
            )
        )
