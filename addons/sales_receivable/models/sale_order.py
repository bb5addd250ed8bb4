from odoo import api, models
from odoo.fields import Domain

from ..authority import ENGINE, ENGINE_KEY

# A quotation reaches these states only when nothing blocks it.
GATED_STATES = {"sent", "sale"}
FACT_FIELDS = {
    "order_line",
    "company_id",
    "currency_id",
    "pricelist_id",
    "team_id",
    "user_id",
}
POST_PROCESSING = "authority_post_processing"


class SaleOrder(models.Model):
    _name = "sale.order"
    _inherit = ["sale.order", "authority.mixin"]

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
        """Quotations are gated; what is confirmed passed the gate, see the watch."""
        orders = super()._filter_authority_gated(action)
        if action == "state":
            return orders
        return orders.filtered(lambda order: order.state in ("draft", "sent"))

    @api.model
    def _domain_authority_candidates(self):
        domain = Domain("state", "in", ("draft", "sent"))
        if self.env.user.share:  # customers: their own, so a handful
            partner = self.env.user.commercial_partner_id
            domain &= Domain("partner_id", "child_of", partner.id)
        return super()._domain_authority_candidates() & domain

    # --- gates ------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_authority_values(vals)
        orders = super().create(vals_list)
        orders.filtered(lambda o: o.state in GATED_STATES)._check_authority("state")
        return orders

    def write(self, vals):
        self._check_authority_values(vals)
        passing = self.browse()
        if vals.get("state") in GATED_STATES:
            passing = self.filtered(lambda order: order.state not in GATED_STATES)
            if vals["state"] == "sale":
                passing |= self.filtered(lambda order: order.state == "sent")
        watched = self - passing if FACT_FIELDS & vals.keys() else self.browse()
        with watched._watch_authority():
            result = super().write(vals)
        # After the write: the same call may bring lines along.
        passing._check_authority("state")
        return result

    def _confirmation_error_message(self):
        return super()._confirmation_error_message() or self._get_authority_error()

    def action_quotation_send(self):
        self._check_authority("send")
        return super().action_quotation_send()

    def action_quotation_sent(self):
        orders = self
        if self.env.context.get(POST_PROCESSING) is ENGINE:
            # Money is being booked: an error here would lose it.
            orders = self.filtered(lambda order: not order._get_authority_error())
        orders._check_authority("send")
        return super(SaleOrder, orders).action_quotation_sent()

    def _has_to_be_signed(self):
        return super()._has_to_be_signed() and not self.authority_blocked

    def _has_to_be_paid(self):
        return super()._has_to_be_paid() and not self.authority_blocked

    def _send_payment_succeeded_for_order_mail(self):
        """Don't mail an unapproved quotation, which is attached to this mail."""
        orders = self.filtered(lambda order: not order.authority_blocked)
        return super(SaleOrder, orders)._send_payment_succeeded_for_order_mail()

    def _report_blocked_payment(self, transaction):
        """Tell the salesperson that a blocked quotation was paid (X01)."""
        for order in self.with_context(**{ENGINE_KEY: ENGINE}):
            order.activity_schedule(
                "mail.mail_activity_data_warning",
                summary=self.env._("Paid, but waits for approval"),
                note=self.env._(
                    "Payment %(reference)s is booked. The quotation stays unconfirmed."
                    " %(reasons)s",
                    reference=transaction.reference,
                    reasons=order._get_authority_error(),
                ),
                user_id=(order.user_id or order.create_uid).id,
            )
