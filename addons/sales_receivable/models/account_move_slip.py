from odoo import api, models
from odoo.tools.misc import formatLang


class AccountMove(models.Model):
    """Finance books a sale when the signed copies are with it and match (A13).

    By channel. Until then the goods are exposure: delivered, not invoiced (R02).
    """

    _name = "account.move"
    _inherit = "account.move"

    @api.model
    def _get_reason_rules(self):
        return super()._get_reason_rules() | {"A13"}

    def _get_own_reasons(self):
        reasons = super()._get_own_reasons()
        lines = self._filter_invoices()._get_slip_order_lines()
        signed = lines._get_signed_for()
        for move in self:
            for line in move._get_slip_order_lines():
                if sentence := move._describe_slip_gap(line, *signed[line.id]):
                    reasons.setdefault(move.id, []).append(
                        {
                            "rule": "A13",
                            "key": f"slip {line.id}",
                            "sentence": sentence,
                            "release": self.env._(
                                "accounting, when the signed copy is there"
                            ),
                        }
                    )
            for line in move._get_slipless_lines():
                reasons.setdefault(move.id, []).append(
                    {
                        "rule": "A13",
                        "key": f"slipless {line.id}",
                        "sentence": self.env._(
                            "“%(goods)s” isn't of the customer's order: no signed copy"
                            " tells that it was delivered",
                            goods=line.product_id.display_name or line.name or "",
                        ),
                        "release": self.env._("who invoices the order"),
                    }
                )
        return reasons

    def _get_slipless_lines(self):
        """Return the goods, or what may be goods, that no order line of these vouches
        for, on invoices to customers who are billed with the signed copy (A13)."""
        slipless = self.env["account.move.line"]
        for move in self._filter_invoices():
            lines = move.invoice_line_ids.filtered(
                lambda line: (
                    line.display_type == "product"
                    and line.quantity > 0
                    and line.product_id.type in ("consu", False)
                    # A link to other goods vouches for nothing.
                    and not (
                        line.sale_line_ids
                        and line.sale_line_ids.product_id == line.product_id
                    )
                )
            )
            if lines and move._is_billed_with_copy():
                slipless |= lines
        return slipless

    def _is_billed_with_copy(self):
        """Tell whether the customer, or any order of theirs, is of a channel whose sales
        are booked with the signed copy."""
        self.ensure_one()
        customer = self.partner_id.with_company(self.company_id)
        channels = (
            customer.sales_channel_id | customer.commercial_partner_id.sales_channel_id
        )
        return any(channels.mapped("books_with_copy")) or bool(
            self.env["sale.order"].search_count(
                [
                    ("company_id", "=", self.company_id.id),
                    ("partner_id", "child_of", customer.commercial_partner_id.ids),
                    ("state", "=", "sale"),
                    ("sales_channel_id.books_with_copy", "=", True),
                ],
                limit=1,
            )
        )

    def _get_slip_order_lines(self):
        """Return the order lines of goods that are booked with the signed copy only."""
        lines = self._filter_invoices().invoice_line_ids.sale_line_ids
        Mode = self.env["business.rule.mode"]
        return lines.filtered(
            lambda line: (
                line.product_id.type == "consu"
                and not line.is_downpayment
                and any(
                    channel.books_with_copy
                    for channel in line.order_id.sales_channel_id
                    | line.order_id.partner_id.with_company(
                        line.company_id
                    ).sales_channel_id
                )
                # Orders that are older than the rule have no slips.
                and Mode._get_mode("A13", line.company_id, line._get_ordered_at())
                != "off"
            )
        )

    def _describe_slip_gap(self, order_line, signed, amount):
        """Say how what is billed differs from what was signed for; nothing if it
        matches."""
        quantity, billed = order_line._get_billed_with(self)
        unit = order_line.product_uom_id
        if unit.compare(quantity, signed) > 0:
            return self.env._(
                "“%(goods)s”: %(quantity)s billed, %(signed)s on signed copies that"
                " accounting has",
                goods=order_line.product_id.display_name,
                quantity=formatLang(self.env, quantity),
                signed=formatLang(self.env, signed),
            )
        expected = amount / signed * quantity if signed else 0.0
        same = self.currency_id == order_line.currency_id
        # The host rounds each line's tax, or all of them together.
        if same and abs(billed - expected) > 2 * self.currency_id.rounding:
            return self.env._(
                "“%(goods)s”: the amount isn't that of the signed copies",
                goods=order_line.product_id.display_name,
            )
        return ""
