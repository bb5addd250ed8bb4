from odoo import fields, models
from odoo.addons.sales_receivable.guard import as_server
from odoo.exceptions import UserError
from odoo.fields import Command


class FreightBookingBilling(models.Model):
    """Charges of a booking: from the quote, and onto debit notes (F16)."""

    _name = "freight.booking"
    _inherit = "freight.booking"

    debit_note_ids = fields.One2many(
        "account.move",
        "freight_booking_id",
        string="Debit Notes",
        domain=[("move_type", "in", ("out_invoice", "out_refund"))],
    )
    vendor_bill_ids = fields.One2many(
        "account.move",
        "freight_booking_id",
        string="Carrier's Debit Notes",
        domain=[("move_type", "in", ("in_invoice", "in_refund"))],
    )
    debit_note_count = fields.Integer(compute="_compute_debit_note_count")
    sell_amount = fields.Monetary(
        compute="_compute_margin",
        groups="freight_booking.group_commercial,freight_booking.group_settlement",
    )
    buy_amount = fields.Monetary(
        compute="_compute_margin",
        groups="freight_booking.group_commercial,freight_booking.group_settlement",
    )
    margin = fields.Monetary(
        compute="_compute_margin",
        groups="freight_booking.group_commercial,freight_booking.group_settlement",
        help="Selling minus buying charges, untaxed, at today's rates in company currency.",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")

    def _compute_debit_note_count(self):
        # Operators see how many there are, without the right to read invoices.
        counts = dict(
            self.env["account.move"]
            .sudo()
            ._read_group(
                [
                    ("freight_booking_id", "in", self.ids),
                    ("move_type", "=", "out_invoice"),
                ],
                ["freight_booking_id"],
                ["__count"],
            )
        )
        for booking in self:
            booking.debit_note_count = counts.get(booking, 0)

    def _compute_margin(self):
        today = fields.Date.context_today(self)
        for booking in self:
            totals = {"sell": 0.0, "buy": 0.0}
            for charge in booking.charge_ids:
                if charge.side == "buy" or charge.is_receivable:
                    totals[charge.side] += charge.currency_id._convert(
                        charge.amount, booking.currency_id, booking.company_id, today
                    )
            booking.sell_amount = totals["sell"]
            booking.buy_amount = totals["buy"]
            booking.margin = totals["sell"] - totals["buy"]

    # ------------------------------------------------------------------
    # From the quote
    # ------------------------------------------------------------------
    def action_update_charges(self):
        """Add the charges of quote lines that have none yet; repeatable.

        Unbilled charges whose line was made dearer follow it, to be confirmed anew.

        :raise AccessError: unless the user may make charges
        """
        self.check_access("write")
        self.env["freight.charge"].check_access("create")
        for booking in self:
            # The quote says what is charged, whoever reads it.
            lines = booking.sudo().order_id.order_line._filter_freight()
            charged = booking.sudo().charge_ids.sale_line_id
            booking._raise_charges()
            booking._create_charges(lines - charged)
        return True

    def _get_uncharged(self):
        """Return what confirmed quotes ask beyond the charges made of them (F16, F18).

        A line without a charge, and one made dearer since. What commercial staff took
        off a charge or gave away was asked before, and is not asked again.

        Called under sudo, as all reasons are.

        :return: ``{booking id: [(quote line, its charge or none, gap in its currency)]}``
        """
        orders = self.order_id.filtered(lambda order: order.state == "sale")
        lines = orders.order_line._filter_freight()
        Charge = self.env["freight.charge"]
        charges = Charge.search(
            [("sale_line_id", "in", lines.ids), ("side", "=", "sell")]
        ).grouped("sale_line_id")
        gaps = {}
        for line in lines:
            charge = charges.get(line, Charge)
            gap = line._get_freight_amount() - charge._get_charged_amount(line)
            if (not charge or charge.is_receivable) and (
                line.currency_id.compare_amounts(gap, 0) > 0
            ):
                gaps.setdefault(line.order_id, []).append((line, charge, gap))
        return {booking.id: gaps.get(booking.order_id, []) for booking in self}

    def _raise_charges(self):
        """Let the unbilled charges follow the lines of the quote made dearer (F16)."""
        # Not the clerk's word: the quote's, and then the customer's.
        for line, charge, _gap in self.sudo()._get_uncharged()[self.id]:
            if charge and not charge.is_billed:
                charge.write(line._prepare_freight_price())
                as_server(charge).quoted_amount = line._get_freight_amount()

    def _create_charges(self, order_lines):
        """Create the selling charge of each quote line, and its cost by the tariff.

        The customer confirmed the quote, so its charges are confirmed (F16).
        """
        self.ensure_one()
        # The salesperson whose confirmation makes the booking sees no charges.
        Charge = self.env["freight.charge"].sudo()
        charge_types = {
            charge_type.product_id: charge_type
            for charge_type in self.env["freight.charge.type"]
            .sudo()
            .search([("product_id", "in", order_lines.product_id.ids)])
        }
        vals_list = []
        for line in order_lines:
            tariff_line = line.sudo().freight_tariff_line_id
            charge_type = tariff_line.charge_type_id or charge_types.get(
                line.product_id
            )
            shared = {
                "booking_id": self.id,
                "sale_line_id": line.id,
                "tariff_line_id": tariff_line.id,
                "charge_type_id": charge_type.id if charge_type else False,
                "product_id": line.product_id.id,
                "description": line.name.splitlines()[0],
                "basis": tariff_line.basis or "fixed",
                "sequence": line.sequence,
            }
            price = line._prepare_freight_price()
            vals_list.append(
                {
                    **shared,
                    **price,
                    "side": "sell",
                    "quoted_amount": line._get_freight_amount(),
                    "partner_id": line.order_id.partner_invoice_id.id,
                    "customer_confirmed": True,
                }
            )
            if tariff_line.buy_price:
                vals_list.append(
                    {
                        **shared,
                        "side": "buy",
                        "quantity": price["quantity"],
                        "currency_id": tariff_line.currency_id.id,
                        "price_unit": tariff_line.buy_price,
                    }
                )
        return as_server(Charge).create(vals_list).with_env(Charge.env)

    # ------------------------------------------------------------------
    # Debit notes
    # ------------------------------------------------------------------
    def action_create_debit_note(self):
        """Invoice the confirmed, unbilled selling charges; return the invoices (F16).

        One draft invoice per customer, currency and bill of lading. Charges that the
        customer has not confirmed stay behind; if there are only such, the reason is
        raised.
        """
        self.ensure_one()
        charges = self.charge_ids.filtered(
            lambda charge: charge.is_receivable and not charge.is_billed
        )
        billable = charges.filtered("customer_confirmed")
        if not billable:
            charges._check_reasons("billed")
            billable = charges
        return self._create_invoices(billable, "out_invoice")

    def action_create_vendor_bill(self):
        """Enter the carrier's debit note from the unbilled buying charges."""
        self.ensure_one()
        charges = self.charge_ids.filtered(
            lambda charge: charge.side == "buy" and not charge.is_billed
        )
        nameless = charges.filtered(lambda charge: not charge.partner_id)
        if nameless:
            raise UserError(
                self.env._(
                    "Say whose debit note it is: %(charge)s has no billing partner, and carrier %(carrier)s no vendor.",
                    charge=nameless[0].description,
                    carrier=self.carrier_id.name or "",
                )
            )
        return self._create_invoices(charges, "in_invoice")

    def _create_invoices(self, charges, move_type):
        """Create draft invoices of charges, by partner, currency and bill."""
        if not charges:
            raise UserError(self.env._("There is nothing to bill on this booking."))
        charges._unlink_reversed_lines()
        groups = charges.grouped(
            lambda charge: (charge.partner_id, charge.currency_id, charge.bill_id)
        )
        moves = self.env["account.move"].create(
            [
                {
                    "move_type": move_type,
                    "company_id": self.company_id.id,
                    "partner_id": partner.id,
                    "currency_id": currency.id,
                    "freight_booking_id": self.id,
                    "freight_bill_id": bill.id,
                    "invoice_origin": self.name,
                    "invoice_user_id": self.user_id.id or self.env.uid,
                    "invoice_line_ids": [
                        Command.create(charge._prepare_invoice_line())
                        for charge in group
                    ],
                }
                for (partner, currency, bill), group in groups.items()
            ]
        )
        return moves._get_records_action(name=self.env._("Debit Notes"))

    def action_view_debit_notes(self):
        """Return the debit notes of this booking, ours and the carrier's."""
        self.ensure_one()
        moves = self.debit_note_ids | self.vendor_bill_ids
        return moves._get_records_action(name=self.env._("Debit Notes"))
