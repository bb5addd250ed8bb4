from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.misc import formatLang

from .tax_invoice import IN_HAND

TAX_INVOICE_FIELDS = {
    "account.move": ("amount_total", "move_type", "reversed_entry_id", "state"),
    "tax.invoice": ("state",),
    "tax.invoice.line": ("amount", "move_id", "tax_invoice_id"),
}


class AccountMove(models.Model):
    """What of a customer invoice its tax invoices are about (A12).

    Posting stays free: the receivable is there, whether or not a tax invoice is.
    """

    _name = "account.move"
    _inherit = "account.move"

    tax_invoice_line_ids = fields.One2many(
        "tax.invoice.line", "move_id", copy=False, groups="base.group_user"
    )
    tax_invoice_count = fields.Integer(
        compute="_compute_tax_invoices", compute_sudo=True, groups="base.group_user"
    )
    tax_uninvoiced_amount = fields.Monetary(
        string="To Invoice for Tax",
        compute="_compute_tax_invoices",
        compute_sudo=True,
        groups="base.group_user",
        help="The total less credit notes and what tax invoices are about already.",
    )
    is_to_tax_invoice = fields.Boolean(
        string="Has Something to Invoice for Tax",
        compute="_compute_tax_invoices",
        search="_search_is_to_tax_invoice",
        compute_sudo=True,
        groups="base.group_user",
    )
    collected_percent = fields.Float(
        string="Collected (%)",
        compute="_compute_collected_percent",
        compute_sudo=True,
        groups="base.group_user",
    )

    @api.depends(
        "amount_total",
        "state",
        "tax_invoice_line_ids.amount",
        "tax_invoice_line_ids.tax_invoice_id.state",
    )
    def _compute_tax_invoices(self):
        left = self._origin._get_tax_uninvoiced()
        for move in self:
            amount = left.get(move._origin.id, 0.0)
            move.tax_uninvoiced_amount = amount
            move.is_to_tax_invoice = amount > 0
            move.tax_invoice_count = len(move.tax_invoice_line_ids)

    def _compute_collected_percent(self):
        shares = self._origin._get_tax_collected_shares()
        for move in self:
            move.collected_percent = shares.get(move._origin.id, 0.0)

    @api.model
    def _search_is_to_tax_invoice(self, operator, value):
        if operator != "in":
            return NotImplemented
        query = SQL(
            "(SELECT id FROM (%s) move WHERE move.amount > 0)",
            self._get_tax_uninvoiced_sql(SQL("TRUE")),
        )
        return Domain("id", "in", query)

    @api.model
    def _get_tax_uninvoiced_sql(self, condition):
        """Return the query of what of posted customer invoices no tax invoice is about:
        columns ``id`` and ``amount``, in the document's currency, below 0 where there
        is too much.

        :param SQL condition: on ``account_move``
        """
        return SQL(
            """
            SELECT account_move.id,
                   account_move.amount_total
                   - COALESCE((SELECT SUM(refund.amount_total) FROM account_move refund
                                WHERE refund.reversed_entry_id = account_move.id
                                  AND refund.state = 'posted'), 0)
                   - COALESCE((SELECT SUM(line.amount) FROM tax_invoice_line line
                                 JOIN tax_invoice ON tax_invoice.id = line.tax_invoice_id
                                WHERE line.move_id = account_move.id
                                  AND tax_invoice.state <> 'void'), 0) AS amount
              FROM account_move
             WHERE account_move.move_type = 'out_invoice'
               AND account_move.state = 'posted' AND %(condition)s
            """,
            condition=condition,
            to_flush=[
                self.env[model]._fields[name]
                for model, names in TAX_INVOICE_FIELDS.items()
                for name in names
            ],
        )

    def _get_tax_uninvoiced(self):
        """Return ``{id: what no tax invoice is about}``, posted customer invoices only.

        Less posted credit notes of it; void tax invoices don't count.
        """
        if not self.ids:
            return {}
        rows = self.env.execute_query(
            self._get_tax_uninvoiced_sql(
                SQL("account_move.id = ANY(%s)", list(self.ids))
            )
        )
        currencies = {move.id: move.currency_id for move in self}
        return {
            move_id: currencies[move_id].round(float(amount))
            for move_id, amount in rows
        }

    def _get_tax_overinvoiced(self):
        """Return in words which of these are on tax invoices for more than they are."""
        left = self._get_tax_uninvoiced()
        return [
            self.env._(
                "%(invoice)s: tax invoices exceed the invoice, less its credit notes, by"
                " %(amount)s.",
                invoice=move.display_name,
                amount=formatLang(
                    self.env, -left[move.id], currency_obj=move.currency_id
                ),
            )
            for move in self
            if left.get(move.id, 0.0) < 0
        ]

    def _get_tax_collected_shares(self):
        """Return ``{id: share collected, 0 to 1}`` for the gate of tax invoices (A12).

        What money settled the invoice, of its total less credit notes; money of its
        order that hasn't reached the invoice yet counts by the order's share, as far as
        the invoice is for orders.
        """
        amounts = self._get_collected_amounts()
        orders = self.invoice_line_ids.sale_line_ids.order_id
        of_orders = orders._get_invoiced_collected_share()
        shares = {}
        for move in self:
            credited = sum(
                move.reversal_move_ids.filtered(
                    lambda refund: refund.state == "posted"
                ).mapped("amount_total")
            )
            total = move.amount_total - credited
            own = amounts[move.id][1] / total if total > 0 else 1.0
            ordered, part = move._get_ordered_part()
            of_order = min((of_orders[order.id] for order in ordered), default=0.0)
            share = max(own, of_order * part + own * (1.0 - part))
            shares[move.id] = min(max(share, 0.0), 1.0)
        return shares

    def _get_ordered_part(self):
        """Return the orders that the invoice is for, and which part of it is."""
        self.ensure_one()
        lines = self.invoice_line_ids.filtered(
            lambda line: line.display_type == "product"
        )
        ordered = lines.filtered(lambda line: line._get_ordered_line())
        total = sum(lines.mapped("price_total"))
        part = sum(ordered.mapped("price_total")) / total if total > 0 else 0.0
        return ordered.sale_line_ids.order_id, min(max(part, 0.0), 1.0)

    def _get_unordered_to_install(self):
        """Return the invoice's lines of goods to install that are of no order: nobody
        can have accepted them (A24)."""
        return self.invoice_line_ids.filtered(
            lambda line: (
                line.product_id.needs_installation and not line._get_ordered_line()
            )
        )

    def write(self, vals):
        if vals.get("state") in ("draft", "cancel"):
            self._check_not_tax_invoiced()
        return super().write(vals)

    def _check_not_tax_invoiced(self):
        """Keep posted what a tax invoice was issued for (A12): it is voided first."""
        # Whoever resets invoices is told the number only.
        issued = (
            self.sudo()
            .filtered(lambda move: move.state == "posted")
            .tax_invoice_line_ids.tax_invoice_id.filtered(
                lambda record: record.state in IN_HAND
            )
        )
        if issued:
            raise UserError(
                self.env._(
                    "A tax invoice was issued for it; void that first: %s",
                    ", ".join(issued.mapped("display_name")),
                )
            )

    def action_create_tax_invoice(self):
        """Apply for a tax invoice over what is left of these invoices (A12).

        :raise UserError: nothing is left, or they don't belong on one
        """
        left = self.filtered("is_to_tax_invoice")
        if not left:
            raise UserError(self.env._("Nothing is left to invoice for tax."))
        record = self.env["tax.invoice"].create(
            {
                "partner_id": left.commercial_partner_id[:1].id,
                "company_id": left.company_id[:1].id,
                "currency_id": left.currency_id[:1].id,
                "user_id": (left.invoice_user_id[:1] or self.env.user).id,
                "line_ids": [
                    fields.Command.create({"move_id": move.id}) for move in left
                ],
            }
        )
        return record._get_form_action()

    def action_view_tax_invoices(self):
        """Open the tax invoices of these invoices."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_receivable.tax_invoice_action"
        )
        # Whoever may read a tax invoice reads it then; here only ids are looked up.
        records = self.sudo().tax_invoice_line_ids.tax_invoice_id
        return action | {"domain": [("id", "in", records.ids)], "context": {}}
