from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..guard import as_server, is_server
from .delivery_slip_step import ACCOUNTING

#: In which the driver may still owe the cash, also when accounting has the copy.
OPEN_STATES = ("issued", "returned", "received")
#: What a slip was settled by.
SETTLED_FIELDS = {
    "cash_amount",
    "cash_note",
    "driver_id",
    "driver_settlement_id",
}


class DeliverySlip(models.Model):
    """How the driver settles a slip (与驾驶员对单): with the cash, or the signed copy.

    What the driver changed on it goes back to the warehouse; freight notes and freight
    paid on behalf of the customer (垫付) are collected (A14).
    """

    _name = "delivery.slip"
    _inherit = "delivery.slip"

    driver_id = fields.Many2one(
        "res.partner",
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
        help="A partner, or the contact of an employee.",
    )
    plate = fields.Char(string="Licence Plate", tracking=True)
    settlement_kind = fields.Selection(
        [("cash", "Cash"), ("copy", "Signed Copy")],
        compute="_compute_settlement_kind",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
    )
    forwarder_id = fields.Many2one(
        "res.partner",
        string="Forwarding Agent",
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
    )
    forwarder_phone = fields.Char(
        string="Agent's Phone",
        compute="_compute_forwarder_phone",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
    )
    settled_on = fields.Date(readonly=True, copy=False, tracking=True, index=True)
    days_open = fields.Integer(
        compute="_compute_days_open",
        help="Days since the slip was issued, as long as the driver hasn't settled.",
    )
    cash_amount = fields.Monetary(
        string="Cash Handed In", copy=False, tracking=True, aggregator="sum"
    )
    cash_difference = fields.Monetary(
        string="Cash Missing", compute="_compute_cash_difference"
    )
    cash_note = fields.Char(string="Explanation", copy=False, tracking=True)
    cash_received_by_id = fields.Many2one(
        "res.users",
        readonly=True,
        copy=False,
        ondelete="restrict",
        tracking=True,
    )
    is_changed = fields.Boolean(
        string="Changed by the Driver", compute="_compute_is_changed", store=True
    )
    return_ids = fields.One2many(
        "stock.picking", "slip_return_id", string="Returns", readonly=True
    )
    return_count = fields.Integer(compute="_compute_return_count", compute_sudo=True)
    freight_note = fields.Char(copy=False, help="Number of the freight note.")
    freight_amount = fields.Monetary(string="Freight", copy=False)
    freight_advanced = fields.Monetary(
        string="Freight Paid for the Customer",
        copy=False,
        tracking=True,
        help="What was paid on behalf of the customer and is to be collected.",
    )
    freight_collected_on = fields.Date(readonly=True, copy=False, tracking=True)
    driver_settlement_id = fields.Many2one(
        "driver.settlement",
        index="btree_not_null",
        copy=False,
        ondelete="restrict",
        check_company=True,
    )

    _check_money = models.Constraint(
        "CHECK(cash_amount >= 0 AND freight_amount >= 0 AND freight_advanced >= 0)",
        "Money handed in or paid can't be negative.",
    )

    # --- computes ---------------------------------------------------------------------

    @api.depends("picking_id")
    def _compute_settlement_kind(self):
        for slip in self:
            slip.settlement_kind = "cash" if slip._is_paid_in_cash() else "copy"

    def _is_paid_in_cash(self):
        """Tell whether an order of these goods is settled in cash, or was when it was
        confirmed."""
        self.ensure_one()
        cash = self.env.ref("sales_receivable.settlement_method_cash", False)
        # As printed: who makes slips needn't read orders.
        orders = self.sudo().picking_id._get_dispatch_orders()
        settlements = orders.settlement_method_id | orders.agreed_settlement_id
        return bool(cash) and cash in settlements

    def _owes_cash(self):
        """Tell whether the signed copy would settle what is to be paid in cash (A14)."""
        return self.settlement_kind == "copy" and self._is_paid_in_cash()

    @api.depends("forwarder_id")
    def _compute_forwarder_phone(self):
        for slip in self:
            slip.forwarder_phone = slip.forwarder_id.phone or slip.forwarder_phone

    @api.depends("issued_at", "settled_on", "state")
    def _compute_days_open(self):
        for slip in self:
            slip.days_open = 0
            if slip.state in OPEN_STATES and not slip.settled_on:
                today = slip.company_id._get_business_date()
                since = slip.company_id._get_business_date(slip.issued_at)
                slip.days_open = (today - since).days

    @api.depends("amount_total", "cash_amount", "line_ids.quantity_signed")
    def _compute_cash_difference(self):
        for slip in self:
            due = sum(line.quantity_signed * line.price for line in slip.line_ids)
            slip.cash_difference = slip.currency_id.round(due - slip.cash_amount)

    @api.depends("line_ids.quantity", "line_ids.quantity_signed", "state")
    def _compute_is_changed(self):
        for slip in self:
            slip.is_changed = slip.state != "draft" and any(
                line.quantity != line.quantity_signed for line in slip.line_ids
            )

    @api.depends("return_ids")
    def _compute_return_count(self):
        for slip in self:
            slip.return_count = len(slip.return_ids)

    # --- guards -----------------------------------------------------------------------

    def write(self, vals):
        if not is_server(self):
            if SETTLED_FIELDS & vals.keys():
                self._check_unsettled(vals)
            if "freight_advanced" in vals and any(
                slip.freight_collected_on for slip in self
            ):
                raise UserError(self.env._("The freight has been collected."))
            if not self._is_accounting() and any(
                slip.freight_advanced > (vals.get("freight_advanced") or 0.0)
                for slip in self
                if "freight_advanced" in vals
            ):
                raise AccessError(
                    self.env._("Accounting takes back what was paid for customers.")
                )
        return super().write(vals)

    @api.model
    def _is_accounting(self):
        return self.env.su or any(map(self.env.user.has_group, ACCOUNTING))

    def _check_unsettled(self, vals):
        """What a slip was settled by stays; it joins and leaves open settlements only."""
        joins = vals.keys() & SETTLED_FIELDS == {"driver_settlement_id"}
        # Who changes slips needn't read settlements; only whether they are closed.
        settlements = self.sudo().driver_settlement_id
        settlements |= settlements.browse(vals.get("driver_settlement_id") or ())
        if any(settlement.state == "closed" for settlement in settlements) or (
            not joins and any(slip.settled_on for slip in self)
        ):
            raise UserError(self.env._("The driver has settled this slip already."))

    @api.constrains("driver_settlement_id", "driver_id")
    def _check_driver_settlement(self):
        # Who changes slips needn't read settlements.
        for slip in self.sudo().filtered("driver_settlement_id"):
            if slip.driver_settlement_id.driver_id != slip.driver_id:
                raise UserError(
                    self.env._("%s isn't a slip of this driver.", slip.display_name)
                )

    # --- settling ---------------------------------------------------------------------

    def action_receive_cash(self):
        """Close cash slips with the cash that the driver hands in (A14).

        :raise AccessError: by anybody but accounting
        :raise UserError: a difference that nobody explains
        """
        if not any(map(self.env.user.has_group, ACCOUNTING)):
            raise AccessError(self.env._("Accounting receives the cash."))
        self.check_access("write")
        for slip in self:
            if slip.settlement_kind != "cash" or slip.settled_on:
                raise UserError(
                    self.env._("%s doesn't wait for cash.", slip.display_name)
                )
            slip._take_row(OPEN_STATES)
            if slip.cash_difference and not (slip.cash_note or "").strip():
                raise UserError(
                    self.env._(
                        "%(slip)s: %(amount)s of the cash is missing: explain it.",
                        slip=slip.display_name,
                        amount=slip.currency_id.format(slip.cash_difference),
                    )
                )
            if not slip._is_as_ordered() and not (slip.cash_note or "").strip():
                raise UserError(
                    self.env._(
                        "The order of %s says another price by now: explain it.",
                        slip.display_name,
                    )
                )
            as_server(slip).write(
                {
                    "settled_on": slip.company_id._get_business_date(),
                    "cash_received_by_id": self.env.uid,
                }
            )
        return True

    def _is_cash_in(self):
        """Tell whether the driver has handed in the cash of this slip."""
        return self.settlement_kind == "cash" and bool(self.settled_on)

    def _settle_by_copy(self):
        """Close the slips that the signed copy settles (A14)."""
        for slip in self:
            if slip.settlement_kind == "copy" and not slip.settled_on:
                as_server(slip).settled_on = slip.company_id._get_business_date()

    def action_collect_freight(self):
        """Note that freight paid for customers was collected from them (A14)."""
        if not any(map(self.env.user.has_group, ACCOUNTING)):
            raise AccessError(self.env._("Accounting collects freight."))
        self.check_access("write")
        for slip in self.filtered("freight_advanced"):
            as_server(slip).freight_collected_on = (
                slip.freight_collected_on or slip.company_id._get_business_date()
            )
        return True

    # --- what the driver brings back --------------------------------------------------

    def action_return_goods(self):
        """Return to the warehouse what the customer didn't sign for, and report it (A14).

        :return: the action that opens the return
        :raise UserError: nothing to return
        """
        self.ensure_one()
        self.check_access("write")
        wanted = {
            line.move_id: quantity
            for line in self.line_ids
            if (quantity := line._get_unreturned()) > 0
        }
        if not wanted:
            raise UserError(self.env._("Everything was signed for or is returned."))
        wizard = self.env["stock.return.picking"].create(
            {"picking_id": self.picking_id.id}
        )
        for line in wizard.product_return_moves:
            line.quantity = wanted.get(line.move_id, 0.0)
        action = wizard.action_create_returns()
        returned = self.env["stock.picking"].browse(action["res_id"])
        as_server(returned).slip_return_id = self
        self._report_change(returned)
        return action

    def _report_change(self, returned):
        what = "\n".join(
            self.env._(
                "“%(goods)s”: %(quantity)s delivered, %(signed)s signed for,"
                " %(back)s back in stock.",
                goods=line.description,
                quantity=line.quantity,
                signed=line.quantity_signed,
                back=line.quantity_back,
            )
            for line in self.line_ids
            if line._get_difference()
        )
        self.message_post(body=what)
        if self.user_id:
            # Who reports needn't have a right on activities of others.
            self.sudo().activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._(
                    "The driver brought goods back: %s", returned.display_name
                ),
                note=what,
                user_id=self.user_id.id,
            )

    def action_view_returns(self):
        """Open what went back to the warehouse."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "stock.picking",
            "view_mode": "list,form",
            "domain": [("slip_return_id", "=", self.id)],
            "name": self.env._("Returns"),
        }
