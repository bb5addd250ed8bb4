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
        return reasons

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
                and Mode._get_mode(
                    "A13", line.company_id, line.order_id._get_authority_date()
                )
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
