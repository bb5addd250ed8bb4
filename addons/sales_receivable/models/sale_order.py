from contextlib import contextmanager, nullcontext

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..authority import ENGINE, ENGINE_KEY
from ..guard import as_server
from ..tools.defaults import get_new_values

# A quotation reaches these states only when nothing blocks it.
GATED_STATES = {"sent", "sale"}
QUOTATION_STATES = ("draft", "sent", "cancel")
FACT_FIELDS = {
    "order_line",
    "company_id",
    "currency_id",
    "partner_id",
    "partner_invoice_id",
    "pricelist_id",
    "team_id",
    "user_id",
}
# Sums of the lines, and the rate by which money in other currencies counts for it.
TOTALS = {"amount_untaxed", "amount_tax", "amount_total", "currency_rate"}
POST_PROCESSING = "authority_post_processing"
PAID_ACTIVITY = "sales_receivable.mail_activity_type_paid_blocked"


class SaleOrder(models.Model):
    _name = "sale.order"
    _inherit = ["sale.order", "authority.priced"]
    _guards_readonly = False

    confirmed_at = fields.Datetime(
        readonly=True,
        copy=False,
        help="When it was confirmed; the order date may be edited.",
    )

    def _get_authority_team(self):
        """Take a team's special limits only for people who belong to that team.

        Otherwise, naming a more generous team on the order would be enough.
        """
        team = self.team_id
        people = self._get_authority_people()
        return team if people <= (team.member_ids | team.user_id) else team.browse()

    def _get_authority_people(self):
        return super()._get_authority_people() | self.user_id

    def _is_authority_settled(self):
        return self.state == "sale"

    def _filter_authority_gated(self, action):
        """Quotations are gated, cancelled ones too: they show the same prices. What is
        confirmed passed the gate, see the watch."""
        orders = super()._filter_authority_gated(action)
        if action in ("state", "confirm"):
            return orders
        return orders.filtered(lambda order: order.state in QUOTATION_STATES)

    @api.model
    def _domain_authority_candidates(self):
        domain = Domain("state", "in", QUOTATION_STATES)
        if self.env.user.share:  # customers: their own, so a handful
            partner = self.env.user.commercial_partner_id
            domain &= Domain("partner_id", "child_of", partner.id)
        return super()._domain_authority_candidates() & domain

    @api.model
    def _domain_authority_open(self):
        return super()._domain_authority_open() & Domain("state", "!=", "cancel")

    @api.model
    def _get_server_fields(self):
        return super()._get_server_fields() | TOTALS | {"confirmed_at"}

    @api.model
    def _get_unruled_fields(self, vals_list):
        ids = set()
        if not self or any("company_id" in vals for vals in vals_list):
            ids = get_new_values(self, "company_id", vals_list)
        if not self and any("company_id" not in vals for vals in vals_list):
            ids.add(self.env.company.id)
        # Only which rules are in force is asked, whatever companies the user sees.
        companies = (self.company_id | self.company_id.browse(ids)).sudo()
        free = super()._get_unruled_fields(vals_list)
        if any(self._is_authority_on(company) for company in companies):
            return free
        return free | TOTALS

    @api.constrains("currency_id", "pricelist_id", "company_id")
    def _check_authority_currency(self):
        """Refuse a currency of one's own choice: in another one the same figures are
        another price (A16)."""
        for order in self:
            currency = order.pricelist_id.currency_id or order.company_id.currency_id
            if order.currency_id != currency and order._is_authority_on(
                order.company_id
            ):
                raise ValidationError(
                    self.env._(
                        "%(order)s is in %(wrong)s, but its price list is in %(right)s."
                        " Choose a price list in the currency you want to sell in.",
                        order=order.display_name,
                        wrong=order.currency_id.name,
                        right=currency.name,
                    )
                    if order.pricelist_id
                    else self.env._(
                        "%(order)s is in %(wrong)s, but without a price list it is in"
                        " %(right)s, the company's currency. Choose a price list in the"
                        " currency you want to sell in.",
                        order=order.display_name,
                        wrong=order.currency_id.name,
                        right=currency.name,
                    )
                )

    @api.model
    def _get_fact_fields(self):
        """Return the set of the order's fields from which its figures follow."""
        return FACT_FIELDS

    # --- gates ------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        for state, reached in orders.grouped("state").items():
            reached._check_authority_state(state)
        orders.filtered(lambda order: order.state == "sale")._freeze_agreed()
        return orders

    def write(self, vals):
        gates = vals.get("state") in GATED_STATES
        # What is refused is undone, also for a caller that goes on after the refusal.
        undone = self.env.cr.savepoint() if gates else nullcontext()
        with undone, self._gate_write(vals):
            return super().write(vals)

    @contextmanager
    def _gate_write(self, vals):
        """Judge what is written, once it is."""
        passing = self.browse()
        if vals.get("state") in GATED_STATES:
            passing = self.filtered(lambda order: order.state not in GATED_STATES)
            if vals["state"] == "sale":
                passing |= self.filtered(lambda order: order.state == "sent")
        confirmed = leaving = self.browse()
        if vals.get("state") == "sale":
            confirmed = self.filtered(lambda order: order.state != "sale")
        elif "state" in vals:
            leaving = self.filtered(lambda order: order.state == "sale")
        settled = self._get_customers_of_confirmed(vals)
        touches = not self._get_fact_fields().isdisjoint(vals)
        watched = self - passing if touches else self.browse()
        with watched._watch_authority(vals.get("company_id")):
            yield
        # After the write: the same call may bring lines along.
        passing._check_authority_state(vals.get("state"))
        confirmed._freeze_agreed()
        leaving._check_cancelled()
        for order, customers in settled.items():
            order._check_same_customers(customers)

    def _freeze_agreed(self):
        """Keep what holds from the confirmation on, whatever is edited later. Rules
        extend this; it runs once these orders passed the gate."""
        as_server(self).confirmed_at = fields.Datetime.now()

    def _get_customers_of_confirmed(self, vals):
        """Return whose confirmed orders these are, where that is about to be written."""
        if {"partner_id", "partner_invoice_id", "sales_channel_id"}.isdisjoint(vals):
            return {}
        return {
            order: order._get_commercial_customers()
            for order in self
            if order.state == "sale" and order._is_authority_on(order.company_id)
        }

    def _get_commercial_customers(self):
        # Compared only.
        order = self.sudo()
        customers = [order.partner_id.commercial_partner_id, order.sales_channel_id]
        # Who owes matters where credit is controlled.
        Mode = self.env["business.rule.mode"]
        if order.company_id in Mode._get_blocking_companies("A04", "R02"):
            customers.append(order.partner_invoice_id.commercial_partner_id)
        return customers

    def _check_same_customers(self, customers):
        """Refuse to pass a confirmed order, and what is owed for it, to somebody else:
        it was judged for this customer (A16, R02)."""
        if self._get_commercial_customers() != customers:
            raise UserError(
                self.env._(
                    "%s is confirmed for its customer and channel: cancel it, and make"
                    " another one for somebody else.",
                    self.display_name,
                )
            )

    def _check_cancelled(self):
        """Let a confirmed order go back only by being cancelled, with its deliveries: out
        of the books its goods would leave without anybody being asked (A16)."""
        for order in self.filtered(lambda o: o._is_authority_on(o.company_id)):
            # What is still to be delivered counts, whoever may read it.
            moves = order.sudo().order_line.move_ids
            is_open = any(move.state not in ("done", "cancel") for move in moves)
            if is_open or order.state != "cancel":
                raise UserError(
                    self.env._(
                        "%s is confirmed: cancel it first, which cancels what is still"
                        " to be delivered.",
                        order.display_name,
                    )
                )

    def _check_authority_state(self, state):
        if state in GATED_STATES:
            self._check_authority("confirm" if state == "sale" else "state")

    def _action_cancel(self):
        self._withdraw_authority()
        return super()._action_cancel()

    def action_quotation_send(self):
        self._check_authority("send")
        return super().action_quotation_send()

    def action_quotation_sent(self):
        orders = self
        if self.env.context.get(POST_PROCESSING) is ENGINE:
            # Money is being booked: an error here would lose it.
            errors = self._get_authority_errors()
            orders = self.filtered(lambda order: order.id not in errors)
        orders._check_authority("send")
        return super(SaleOrder, orders).action_quotation_sent()

    def _create_invoices(self, grouped=False, final=False, date=None):
        self._check_authority("invoice")
        return super()._create_invoices(grouped=grouped, final=final, date=date)

    def _get_edi_builders(self):
        # Electronic documents say what the print says.
        self._check_authority("print")
        return super()._get_edi_builders()

    def _has_to_be_signed(self):
        return super()._has_to_be_signed() and not self._filter_unconfirmable()

    def _has_to_be_paid(self):
        return super()._has_to_be_paid() and not self._filter_unconfirmable()

    def _filter_unconfirmable(self):
        """Return the quotations that can't be confirmed as they are."""
        # Asked for customers too, who may know the answer.
        orders = self.sudo()
        gated = orders._filter_authority_gated("pay")
        return orders.browse(gated._get_authority_errors(action="confirm"))

    def _send_payment_succeeded_for_order_mail(self):
        """Don't mail an unapproved quotation, which is attached to this mail."""
        # Transactions are processed for customers too.
        orders = self.filtered(lambda order: not order.sudo().authority_blocked)
        return super(SaleOrder, orders)._send_payment_succeeded_for_order_mail()

    def _report_blocked_payment(self, transaction):
        """Tell the salesperson, once, that a blocked quotation was paid (X01)."""
        # Processed on behalf of the customer; the activity is for the salesperson.
        orders = self.with_user(SUPERUSER_ID).with_context(**{ENGINE_KEY: ENGINE})
        errors = orders._get_authority_errors(figures=False, action="confirm")
        for order in orders:
            if order.activity_search([PAID_ACTIVITY]):
                continue
            order.activity_schedule(
                PAID_ACTIVITY,
                note=self.env._(
                    "Payment %(reference)s is booked. The quotation stays unconfirmed."
                    " %(reasons)s",
                    reference=transaction.reference,
                    reasons=errors.get(order.id, ""),
                ),
                user_id=(order.user_id or order.create_uid).id,
            )
