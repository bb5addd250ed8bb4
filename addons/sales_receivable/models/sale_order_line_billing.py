from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

#: Rules of other documents that rest on what is ordered and invoiced.
BILLED_RULES = ("A11", "A12", "A13", "A14", "A19", "A21", "A24", "A25", "R02")
#: What the query of billed items reads.
BILLED_FIELDS = {
    "account.move": (
        "amount_total",
        "commercial_partner_id",
        "company_id",
        "move_type",
        "state",
    ),
    "account.move.line": (
        "balance",
        "move_id",
        "price_total",
        "product_id",
        "sale_line_ids",
    ),
    "res.partner": ("commercial_partner_id",),
    "sale.order": ("company_id", "partner_id", "partner_invoice_id"),
    "sale.order.line": ("display_type", "invoice_lines", "order_id", "product_id"),
}


class SaleOrderLine(models.Model):
    """What invoices ask for a line: links are made by invoicing, by nobody's hand, and
    even then a link alone proves nothing (A11, A12, A16)."""

    _name = "sale.order.line"
    _inherit = "sale.order.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        # Whoever sells needn't read invoices; a default of the context links, too.
        lines.sudo().filtered("invoice_lines")._refuse_links()
        return lines

    def write(self, vals):
        linked = "invoice_lines" in vals
        # Compared only.
        before = {line: line.sudo().invoice_lines for line in self} if linked else {}
        if "order_id" in vals:
            self._check_stays(vals["order_id"])
        result = super().write(vals)
        self.filtered(
            lambda line: linked and line.sudo().invoice_lines != before[line]
        )._refuse_links()
        return result

    def _check_stays(self, order_id):
        """Refuse to take along to another order what was confirmed, invoiced or
        delivered: the money would pay for that one, and what is older than a rule is
        spared by it (A11, A12).

        :raise UserError: where a rule rests on it
        """
        # Only whether there is any is asked.
        moved = self.sudo().filtered(lambda line: line.order_id.id != order_id)
        moved.filtered(
            lambda line: (
                "sale"
                in (line.order_id | line.order_id.browse(order_id)).mapped("state")
                or line.invoice_lines
                or any(move.state == "done" for move in line.move_ids)
            )
        )._refuse_links()

    def _refuse_links(self):
        # Only which rules are in force is asked, whatever orders the user sees.
        get_mode = self.env["business.rule.mode"]._get_mode
        for line in self.sudo():
            if line.order_id._is_authority_on(line.company_id) or any(
                get_mode(code, line.company_id) != "off" for code in BILLED_RULES
            ):
                raise UserError(
                    self.env._(
                        "“%(line)s” of %(order)s: what is ordered, invoiced or delivered"
                        " comes of ordering, invoicing and delivering it, and stays with"
                        " its order.",
                        line=line.name or "",
                        order=line.order_id.name,
                    )
                )

    @api.model
    def _get_billed_sql(self, condition):
        """Return the query of the posted items that ask for order lines.

        A link alone proves nothing, since it can be forged: customer, company and product
        are the order's, and what is linked to several lines, or to a note, is of none.

        Columns: ``order_id``, ``id`` of the item, ``move_id``, ``price_total``,
        ``balance``, and the document's ``amount_total``.

        :param SQL condition: on ``line``, the order's
        """
        return SQL(
            """
            SELECT line.order_id, billed.id, billed.move_id, billed.price_total,
                   billed.balance, move.amount_total
              FROM sale_order_line line
              JOIN sale_order sold ON sold.id = line.order_id
              JOIN res_partner customer ON customer.id = sold.partner_id
              JOIN res_partner debtor ON debtor.id = sold.partner_invoice_id
              JOIN sale_order_line_invoice_rel link ON link.order_line_id = line.id
              JOIN account_move_line billed ON billed.id = link.invoice_line_id
              JOIN account_move move ON move.id = billed.move_id
             WHERE %(condition)s AND move.state = 'posted'
               AND line.display_type IS NULL
               AND move.move_type IN ('out_invoice', 'out_receipt', 'out_refund')
               AND move.company_id = sold.company_id
               AND move.commercial_partner_id IN (customer.commercial_partner_id,
                                                  debtor.commercial_partner_id)
               AND billed.product_id IS NOT DISTINCT FROM line.product_id
               AND NOT EXISTS (SELECT FROM sale_order_line_invoice_rel other
                                WHERE other.invoice_line_id = billed.id
                                  AND other.order_line_id <> line.id)
            """,
            condition=condition,
            to_flush=[
                self.env[model]._fields[name]
                for model, names in BILLED_FIELDS.items()
                for name in names
            ],
        )
