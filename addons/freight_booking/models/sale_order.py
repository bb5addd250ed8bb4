from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_date, format_list

from .freight_booking import (
    CARGO_MOVEMENTS,
    PAYMENT_TERMS,
    PLACE_TYPES,
    SETTLEMENTS,
)


class SaleOrder(models.Model):
    """A freight quote is a quotation with a freight page; confirmed, it is booked."""

    _inherit = "sale.order"

    is_freight = fields.Boolean(string="Freight Quote")
    freight_carrier_id = fields.Many2one("freight.carrier", string="Carrier")
    freight_receipt_id = fields.Many2one("freight.location", string="Place of Receipt")
    freight_pol_id = fields.Many2one("freight.location", string="Port of Loading")
    freight_pod_id = fields.Many2one("freight.location", string="Port of Discharge")
    freight_delivery_id = fields.Many2one(
        "freight.location", string="Place of Delivery"
    )
    # No defaults in the model: a default would be written into every order of a
    # company's database at installation.
    freight_receipt_type = fields.Selection(PLACE_TYPES, string="Receipt at Origin")
    freight_delivery_type = fields.Selection(
        PLACE_TYPES, string="Delivery at Destination"
    )
    freight_cargo_movement = fields.Selection(CARGO_MOVEMENTS, string="Cargo Movement")
    freight_payment_term_code = fields.Selection(PAYMENT_TERMS, string="Freight")
    freight_settlement = fields.Selection(SETTLEMENTS, string="Settlement")
    freight_commodity = fields.Char(string="Commodity")
    freight_cargo_ready_date = fields.Date(string="Cargo Ready", copy=False)
    freight_etd = fields.Date(string="Planned Departure", copy=False)
    freight_equipment_ids = fields.One2many(
        "freight.quote.equipment",
        "order_id",
        string="Equipment",
        copy=True,
        # Orders are read by people without any right to freight: finance, warehouse.
        groups="sales_team.group_sale_salesman,freight_booking.group_reader",
    )
    freight_booking_ids = fields.One2many(
        "freight.booking", "order_id", string="Bookings"
    )
    freight_booking_count = fields.Integer(compute="_compute_freight_booking_count")
    freight_is_offered = fields.Boolean(
        compute="_compute_freight_is_offered",
        help="The company has freight tariffs, so its quotations may be freight quotes.",
    )

    @api.depends("company_id")
    def _compute_freight_is_offered(self):
        # That there is a tariff is no secret; what it says is commercial's.
        forwarders = dict(
            self.env["freight.tariff"]
            .sudo()
            ._read_group(
                [("company_id", "in", self.company_id.ids)], ["company_id"], ["__count"]
            )
        )
        for order in self:
            order.freight_is_offered = order.company_id in forwarders

    def _compute_freight_booking_count(self):
        counts = dict(
            self.env["freight.booking"]._read_group(
                [("order_id", "in", self.ids)], ["order_id"], ["__count"]
            )
        )
        for order in self:
            order.freight_booking_count = counts.get(order, 0)

    # ------------------------------------------------------------------
    # Booking
    # ------------------------------------------------------------------
    def _action_confirm(self):
        """Open the booking of each confirmed freight quote.

        Never raises: a confirmation by payment comes before its money is booked. What
        the booking lacks is asked for when the operator confirms it.
        """
        result = super()._action_confirm()
        self.filtered("is_freight")._create_freight_bookings()
        return result

    def _action_cancel(self):
        """Cancel bookings not made yet; the operator is told about the others."""
        result = super()._action_cancel()
        # The salesperson cancels the quote, not the operator's work; drafts are both's.
        bookings = self.sudo().freight_booking_ids
        bookings.filtered(lambda b: b.commercial_state == "draft").action_cancel()
        for booking in bookings.filtered(lambda b: b.commercial_state == "booked"):
            booking.activity_schedule(
                "mail.mail_activity_data_warning",
                user_id=booking.operator_id.id or booking.user_id.id or self.env.uid,
                summary=self.env._("The quote was cancelled"),
            )
        return result

    def _create_freight_bookings(self):
        """Create the booking of each order that has none; return the new ones.

        One booking per quote, also when two do it at once: the database says so.
        """
        # Salespeople confirm quotes without the right to create bookings.
        Booking = self.env["freight.booking"].sudo()
        booked = Booking.search(
            [("order_id", "in", self.ids), ("commercial_state", "!=", "cancelled")]
        ).order_id
        bookings = Booking.create(
            # Whoever confirms need not read the freight page.
            [Booking._prepare_from_order(order) for order in (self - booked).sudo()]
        )
        bookings.action_update_charges()
        return bookings

    def action_create_freight_booking(self):
        """Return the booking of a confirmed freight quote, creating it if missing.

        :raise UserError: if the quote is not confirmed
        """
        self.ensure_one()
        if not self.is_freight or self.state != "sale":
            raise UserError(self.env._("Only a confirmed freight quote is booked."))
        self._create_freight_bookings()
        return self.action_view_freight_bookings()

    def action_view_freight_bookings(self):
        """Return the bookings of this quote."""
        self.ensure_one()
        return self.freight_booking_ids._get_records_action(name=self.env._("Bookings"))

    # ------------------------------------------------------------------
    # Tariff
    # ------------------------------------------------------------------
    def _describe_missing_tariff(self, on):
        """Return why no price could be drawn, and what to choose instead (F02)."""
        self.ensure_one()
        pol, pod = self.freight_pol_id, self.freight_pod_id
        if self.freight_carrier_id:
            return self.env._(
                "No approved tariff of %(carrier)s has prices of %(sizes)s from %(pol)s to %(pod)s on %(date)s.",
                carrier=self.freight_carrier_id.name,
                sizes=format_list(
                    self.env,
                    self.freight_equipment_ids.equipment_type_id.mapped("display_name"),
                )
                or self.env._("this cargo"),
                pol=pol.name,
                pod=pod.name,
                date=format_date(self.env, on),
            )
        carriers = self.env["freight.tariff"]._get_carriers(
            self.company_id, pol, pod, on
        )
        if carriers:
            return self.env._(
                "Choose a carrier first: from %(pol)s to %(pod)s there are approved prices of %(carriers)s.",
                pol=pol.name,
                pod=pod.name,
                carriers=format_list(self.env, carriers.mapped("name")),
            )
        return self.env._(
            "No approved tariff has prices from %(pol)s to %(pod)s on %(date)s.",
            pol=pol.name,
            pod=pod.name,
            date=format_date(self.env, on),
        )

    def action_draw_from_tariff(self):
        """Replace the tariff lines of draft quotes by those valid for their route.

        Prices are the tariff's selling prices, converted at the order date's rate.

        :raise UserError: if route or equipment is missing, or no tariff is valid
        """
        for order in self:
            order._check_tariff_route()
            quantities = {
                row.equipment_type_id: row.quantity
                for row in order.freight_equipment_ids
            }
            on = fields.Date.context_today(order, order.date_order)
            drawn = order.env["freight.tariff"]._get_lines(
                order.company_id,
                order.freight_carrier_id,
                order.freight_pol_id,
                order.freight_pod_id,
                on,
            )
            commands = [
                Command.create(order._prepare_tariff_line(line, quantity, on))
                for line in drawn.sorted(lambda line: line.charge_type_id.sequence)
                if line.sell_price and (quantity := line._get_quantity(quantities))
            ]
            if not commands:
                raise UserError(order._describe_missing_tariff(on))
            # Which lines were drawn is the tariff's side, hidden from salespeople.
            old = order.sudo().order_line.filtered("freight_tariff_line_id")
            order.order_line = [Command.delete(line.id) for line in old]
            # The link to the tariff is the system's, its fields are commercial staff's.
            order.sudo().order_line = commands
        return True

    def _check_tariff_route(self):
        self.ensure_one()
        if self.state not in ("draft", "sent"):
            raise UserError(self.env._("Prices are drawn while a quote is a draft."))
        if not (self.freight_pol_id and self.freight_pod_id):
            raise UserError(
                self.env._("Fill in the ports of loading and discharge first.")
            )
        if self.freight_cargo_movement != "LCL" and not self.freight_equipment_ids:
            raise UserError(self.env._("Fill in the equipment first."))

    def _prepare_tariff_line(self, line, quantity, on):
        """Return the values of the quote line of one tariff line."""
        self.ensure_one()
        # The customer reads it, whoever writes it.
        line = line.with_context(lang=self.partner_id.lang or self.env.lang)
        name = f"{line.charge_type_id.name} {self.freight_pol_id.code}–{self.freight_pod_id.code}"
        if line.equipment_type_id:
            name += f" {line.equipment_type_id.name}"
        return {
            "product_id": line.charge_type_id._get_product().id,
            "name": name,
            "product_uom_qty": quantity,
            "price_unit": line.currency_id._convert(
                line.sell_price, self.currency_id, self.company_id, on
            ),
            "freight_tariff_line_id": line.id,
        }

    # ------------------------------------------------------------------
    # Billing
    # ------------------------------------------------------------------
    def _get_invoiceable_lines(self, final=False):
        """Leave freight lines to the booking's debit note, or they'd be billed twice.

        Down payments stay the order's own (F16).
        """
        lines = super()._get_invoiceable_lines(final=final)
        if self.filtered("is_freight"):
            return lines.filtered("is_downpayment")
        return lines

    def _nothing_to_invoice_error_message(self):
        freight = self.filtered("is_freight")
        if freight:
            return self.env._(
                "%(quotes)s: freight is billed by the debit note of its booking.",
                quotes=", ".join(freight.mapped("name")),
            )
        return super()._nothing_to_invoice_error_message()
