from odoo import api, fields, models
from odoo.tools import SQL

from .sale_order_margin import COST_GROUPS


class SaleOrderLine(models.Model):
    """What a line's product costs, frozen when the order is confirmed (A19)."""

    _name = "sale.order.line"
    _inherit = "sale.order.line"

    frozen_cost = fields.Float(
        digits="Product Price",
        readonly=True,
        copy=False,
        aggregator=None,
        groups=COST_GROUPS,
        help="Of one unit of the product, in company currency, when the order was"
        " confirmed.",
    )

    @api.model
    def _get_server_fields(self):
        return super()._get_server_fields() | {"frozen_cost"}

    def _get_unit_cost(self):
        """Return the cost of one unit of the product, in company currency: that of
        today, of a confirmed order that of its confirmation."""
        self.ensure_one()
        if self.order_id.state == "sale" and self.frozen_cost:
            return self.frozen_cost
        product = self.product_id.with_company(self.order_id.company_id)
        return product.standard_price

    def _freeze_costs(self):
        """Keep what one unit of each product costs now (A19).

        In one statement: of 200 lines each would be watched by itself.
        """
        costs = [
            (
                line.id,
                line.product_id.with_company(line.order_id.company_id).standard_price,
            )
            for line in self
            if line.product_id
        ]
        if not costs:
            return
        ids, amounts = zip(*costs, strict=True)
        self.env.execute_query(
            SQL(
                """
                UPDATE sale_order_line line SET frozen_cost = kept.cost
                  FROM UNNEST(%(ids)s::int[], %(costs)s::numeric[]) AS kept(id, cost)
                 WHERE line.id = kept.id
             RETURNING line.id
                """,
                ids=list(ids),
                costs=list(amounts),
                to_flush=[self._fields["frozen_cost"]],
            )
        )
        self.invalidate_recordset(["frozen_cost"])
