from odoo import api, fields, models
from odoo.addons.sales_receivable.guard import as_server, is_server
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from .freight_charge_type import BASES
from .freight_guard_mixin import COMMERCIAL, SETTLEMENT, will_change

#: What the customer agreed to; a change of it needs a new confirmation (F16).
AGREED_FIELDS = (
    "charge_type_id",
    "product_id",
    "quantity",
    "price_unit",
    "currency_id",
    "partner_id",
)
#: What has to be paid, by whom, and for which bill of lading (F18).
OWED_FIELDS = (*AGREED_FIELDS, "side", "payer", "booking_id", "bill_id")
LOCKED_FIELDS = (*OWED_FIELDS, "customer_confirmed")


class FreightCharge(models.Model):
    """What a booking costs us (buy) or brings us (sell), until it is billed (F16)."""

    _name = "freight.charge"
    _description = "Freight Charge"
    _inherit = ["freight.guard.mixin"]
    _order = "booking_id desc, side desc, sequence, id"
    _check_company_auto = True
    _rec_name = "description"

    booking_id = fields.Many2one(
        "freight.booking", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="booking_id.company_id", store=True, index=True, precompute=True
    )
    bill_id = fields.Many2one(
        "freight.bill",
        string="B/L",
        index="btree_not_null",
        check_company=True,
        help="Empty: the charge belongs to every bill of the booking.",
    )
    sequence = fields.Integer(default=10)
    side = fields.Selection(
        [("sell", "Sell"), ("buy", "Buy")], required=True, default="sell"
    )
    charge_type_id = fields.Many2one(
        "freight.charge.type", string="Charge", index="btree_not_null"
    )
    product_id = fields.Many2one(
        "product.product",
        compute="_compute_product_id",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        check_company=True,
        ondelete="restrict",
    )
    description = fields.Char(
        compute="_compute_description", store=True, readonly=False, precompute=True
    )
    basis = fields.Selection(BASES, required=True, default="fixed")
    quantity = fields.Float(required=True, default=1.0, digits="Product Unit")
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
    )
    price_unit = fields.Float(string="Price", digits="Product Price")
    amount = fields.Monetary(
        compute="_compute_amount",
        store=True,
        help="Untaxed, in the currency of the charge.",
    )
    payer = fields.Selection(
        [("customer", "Customer"), ("us", "Us")],
        required=True,
        default="customer",
        help="Who bears a selling charge; one that we bear is never billed.",
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Billing Partner",
        compute="_compute_partner_id",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        help="Who gets our debit note, or whose debit note we pay.",
    )
    customer_confirmed = fields.Boolean(
        string="Confirmed",
        copy=False,
        help="The customer agreed to this charge; without it nothing is billed (F16).",
    )
    confirmed_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    confirmed_at = fields.Datetime(readonly=True, copy=False)
    is_receivable = fields.Boolean(compute="_compute_is_receivable", store=True)
    sale_line_id = fields.Many2one(
        "sale.order.line", copy=False, index="btree_not_null", ondelete="restrict"
    )
    tariff_line_id = fields.Many2one(
        "freight.tariff.line", copy=False, ondelete="restrict"
    )
    quoted_amount = fields.Float(
        readonly=True,
        copy=False,
        help="What the quote asked, untaxed and in its currency, when this charge was"
        " made of it. What the quote asks beyond that is still to be charged.",
    )
    invoice_line_ids = fields.One2many("account.move.line", "freight_charge_id")
    invoice_id = fields.Many2one(
        "account.move",
        string="Debit Note",
        compute="_compute_is_billed",
        compute_sudo=True,
        store=True,
        index="btree_not_null",
    )
    is_billed = fields.Boolean(
        string="Billed", compute="_compute_is_billed", compute_sudo=True, store=True
    )

    _sale_line_uniq = models.UniqueIndex(
        "(sale_line_id, side) WHERE sale_line_id IS NOT NULL",
        "A line of the quote is charged once.",
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------
    @api.depends("charge_type_id")
    def _compute_product_id(self):
        for charge in self:
            if charge.charge_type_id:
                charge.product_id = charge.charge_type_id._get_product()
            else:
                charge.product_id = charge.product_id

    @api.depends("charge_type_id", "product_id")
    def _compute_description(self):
        for charge in self:
            reader = charge
            if charge.side == "sell":
                # It goes onto the debit note: the customer reads it.
                lang = charge.booking_id.partner_id.lang or self.env.lang
                reader = charge.with_context(lang=lang)
            charge.description = (
                charge.description
                or reader.charge_type_id.name
                or reader.product_id.name
            )

    @api.depends("quantity", "price_unit", "currency_id")
    def _compute_amount(self):
        for charge in self:
            amount = charge.quantity * charge.price_unit
            charge.amount = (
                charge.currency_id.round(amount) if charge.currency_id else amount
            )

    @api.depends("side", "booking_id.partner_id", "booking_id.carrier_id")
    def _compute_partner_id(self):
        for charge in self:
            booking = charge.booking_id
            if charge.is_billed:
                charge.partner_id = charge.partner_id
            elif charge.side == "sell":
                charge.partner_id = charge.partner_id or booking.partner_id
            else:
                carrier = booking.carrier_id.with_company(booking.company_id)
                charge.partner_id = charge.partner_id or carrier.partner_id

    @api.depends("side", "payer")
    def _compute_is_receivable(self):
        for charge in self:
            charge.is_receivable = charge.side == "sell" and charge.payer == "customer"

    @api.depends(
        "invoice_line_ids.parent_state", "invoice_line_ids.move_id.payment_state"
    )
    def _compute_is_billed(self):
        """Billed by an invoice that is neither cancelled nor wholly credited."""
        for charge in self:
            moves = charge.invoice_line_ids.move_id.filtered(
                lambda move: move.state != "cancel" and move.payment_state != "reversed"
            )
            charge.invoice_id = moves[-1:]
            charge.is_billed = bool(moves)

    # ------------------------------------------------------------------
    # Guard
    # ------------------------------------------------------------------
    def _get_guarded_booking(self):
        return self.booking_id

    def _get_next_step(self):
        return False if self.is_billed else "billed"

    def _get_step_reasons(self, step):
        result = super()._get_step_reasons(step)
        if step == "billed":
            for charge in self:
                if not charge.is_receivable or charge.customer_confirmed:
                    continue
                result[charge.id].append(
                    self._make_reason(
                        "F16",
                        self.env._(
                            "the customer has not confirmed %(charge)s, %(amount)s.",
                            charge=charge.description,
                            amount=charge.currency_id.format(charge.amount),
                        ),
                        self.env._(
                            "commercial or settlement staff confirm it with the customer's word"
                        ),
                        public=self.env._(
                            "the customer has not confirmed %(charge)s.",
                            charge=charge.description,
                        ),
                    )
                )
        return result

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------
    @api.model_create_multi
    def create(self, vals_list):
        if any(vals.get("customer_confirmed") for vals in vals_list):
            self._check_confirmation_role()
        charges = super().create(vals_list)
        charges.filtered("customer_confirmed")._stamp_confirmation(True)
        charges.filtered(lambda charge: charge._is_credit())._check_owner_of_price()
        return charges

    def write(self, vals):
        """Keep billed charges as billed; a changed agreement is asked again (F16).

        What the customer owes is changed by commercial staff (F18).
        """
        if is_server(self):
            return super().write(vals)
        self._check_kept(vals)
        reopened = self.browse()
        if "customer_confirmed" in vals:
            self._check_confirmation_role()
        else:
            reopened = self.filtered(
                lambda charge: (
                    charge.customer_confirmed
                    and will_change(charge, vals, AGREED_FIELDS)
                )
            )
        result = super().write(vals)
        if "customer_confirmed" in vals:
            self._stamp_confirmation(vals["customer_confirmed"])
        if reopened:
            super(FreightCharge, reopened).write({"customer_confirmed": False})
            reopened._stamp_confirmation(False)
        if not vals.keys().isdisjoint(OWED_FIELDS):
            self.filtered(lambda charge: charge._is_credit())._check_owner_of_price()
        return result

    def _check_kept(self, vals):
        """Raise where values would change a billed charge, or one of somebody else."""
        billed = self.filtered(
            lambda charge: charge.is_billed and will_change(charge, vals, LOCKED_FIELDS)
        )
        if billed:
            raise UserError(
                self.env._(
                    "%(charge)s is billed on %(invoice)s; credit that first.",
                    charge=billed[0].description,
                    invoice=billed[0].sudo().invoice_id.display_name,
                )
            )
        self.filtered(
            lambda charge: charge._is_owed() and will_change(charge, vals, OWED_FIELDS)
        )._check_owner_of_price()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_billed(self):
        if any(self.mapped("is_billed")):
            raise UserError(self.env._("A billed charge can't be deleted."))
        self.filtered(lambda charge: charge._is_owed())._check_owner_of_price()
        for booking, charges in (
            self.filtered("is_receivable").grouped("booking_id").items()
        ):
            booking._message_log(
                body=self.env._(
                    "Charges deleted: %(charges)s",
                    # No amounts where every role reads them (F18).
                    charges=", ".join(charges.mapped(lambda c: c.description or "")),
                )
            )

    def _is_owed(self):
        """Tell whether somebody else said that the customer is to pay this charge."""
        self.ensure_one()
        # Whose charge it is, is no secret. Who fetched it from the quote didn't enter it.
        known = self.sudo()
        return self.is_receivable and (
            bool(known.sale_line_id) or known.create_uid != self.env.user
        )

    def _is_credit(self):
        """Tell whether this charge lowers what the customer pays."""
        self.ensure_one()
        return self.is_receivable and self.amount < 0

    def _check_owner_of_price(self):
        """Raise AccessError where who collects the money would change what is owed.

        Settlement releases a bill of lading once it is paid. What has to be paid for it
        is another person's word: the quote's, or commercial staff's (F18).
        """
        if self and not self.env.su and not self.env.user.has_group(COMMERCIAL):
            raise AccessError(
                self.env._(
                    "What the customer owes, %(charges)s, is changed by commercial staff.",
                    charges=", ".join(self.mapped(lambda c: c.description or "")),
                )
            )

    def _stamp_confirmation(self, confirmed):
        as_server(self).write(
            {
                "confirmed_by_id": self.env.uid if confirmed else False,
                "confirmed_at": fields.Datetime.now() if confirmed else False,
            }
        )

    def _check_confirmation_role(self):
        """Raise AccessError unless the user speaks with the customer about money."""
        if not self.env.su and not (
            self.env.user.has_group(COMMERCIAL) or self.env.user.has_group(SETTLEMENT)
        ):
            raise AccessError(
                self.env._("Charges are confirmed by commercial or settlement staff.")
            )

    def action_confirm(self):
        """Record that the customer agreed to these charges."""
        self.filtered(lambda charge: not charge.is_billed).write(
            {"customer_confirmed": True}
        )
        return True

    def _get_agreed_taxes(self):
        """Return the taxes of a selling charge: the quote's, else the product's (F16).

        Those the host would choose for its partner, whatever fiscal position or account
        somebody chooses on the debit note.
        """
        self.ensure_one()
        # Whoever invoices is told which taxes belong there, and needs no quote for it.
        charge = self.sudo().with_company(self.company_id)
        if charge.sale_line_id:
            return charge.sale_line_id.tax_ids
        company, partner = charge.company_id, charge.partner_id
        taxes = charge.product_id.taxes_id._filter_taxes_by_company(company)
        if not taxes:
            accounts = charge.product_id.product_tmpl_id.get_product_accounts()
            taxes = (
                accounts["income"]
                .tax_ids.filtered(lambda tax: tax.type_tax_use == "sale")
                ._filter_taxes_by_company(company)
            )
        delivery = partner.browse(partner.address_get(["delivery"])["delivery"])
        position = self.env["account.fiscal.position"].sudo().with_company(company)
        return position._get_fiscal_position(partner, delivery).map_tax(taxes)

    def _get_agreed_total(self):
        """Return what is to be paid for this charge with tax, in its currency (F18)."""
        self.ensure_one()
        taxes = self._get_agreed_taxes()
        if not taxes:
            return self.amount
        return taxes.compute_all(
            self.price_unit,
            currency=self.currency_id,
            quantity=self.quantity,
            product=self.product_id,
            partner=self.partner_id,
        )["total_included"]

    def _get_charged_amount(self, line):
        """Return how much of a quote line was charged, in the quote's currency.

        What the line asked when it was charged, or more if the charge is higher by now.
        """
        if not self:
            return 0.0
        amount = self.currency_id._convert(
            self.amount,
            line.currency_id,
            self.company_id,
            self.company_id._get_business_date(),
        )
        return max(self.quoted_amount, amount)

    def _unlink_reversed_lines(self):
        """Free charges from invoices that were wholly credited, to bill them anew."""
        credited = self.invoice_line_ids.filtered(
            lambda line: line.move_id.payment_state == "reversed"
        )
        as_server(credited).freight_charge_id = False

    def _prepare_invoice_line(self):
        """Return the values of the invoice line of this charge."""
        self.ensure_one()
        vals = {
            "product_id": self.product_id.id,
            "name": self.description,
            "quantity": self.quantity,
            "price_unit": self.price_unit,
            "freight_charge_id": self.id,
        }
        if self.side == "sell" and self.sale_line_id:
            vals["sale_line_ids"] = [Command.link(self.sale_line_id.id)]
            # The quote's own taxes, which settlement may read only through the charge.
            vals["tax_ids"] = [Command.set(self.sale_line_id.sudo().tax_ids.ids)]
        return vals
