from odoo import api, fields, models

from ..guard import as_server

ORDERED = {"order_id", "product_id", "product_uom_id", "product_uom_qty"}


class SaleOrderLine(models.Model):
    """What is put to an old order isn't as old as the order (A11)."""

    _name = "sale.order.line"
    _inherit = "sale.order.line"

    raised_at = fields.Datetime(
        string="Raised On",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="When it was put to the order, or more of it, after the order was made.",
    )

    @api.model
    def _get_server_fields(self):
        return super()._get_server_fields() | {"raised_at"}

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._note_raised()
        return lines

    def write(self, vals):
        if ORDERED.isdisjoint(vals):
            return super().write(vals)
        before = {
            line: (line.order_id, line.product_id, line._get_ordered_quantity())
            for line in self
        }
        result = super().write(vals)
        self.filtered(lambda line: line._is_raised(*before[line]))._note_raised()
        return result

    def _is_raised(self, order, product, quantity):
        """Tell whether it is more now, other goods, or put to another order."""
        unit = self.product_id.uom_id
        return (self.order_id, self.product_id) != (order, product) or bool(
            unit and unit.compare(self._get_ordered_quantity(), quantity) > 0
        )

    def _note_raised(self):
        """Keep that these were put to orders that had been there before."""
        now = self.env.cr.now().replace(microsecond=0)
        old = self.filtered(lambda line: (line.order_id.create_date or now) < now)
        if old:
            as_server(old).raised_at = now

    def _get_ordered_quantity(self):
        """Return what is ordered, in the product's unit."""
        self.ensure_one()
        return self.product_uom_id._compute_quantity(
            self.product_uom_qty,
            self.product_id.uom_id,
            round=False,
            raise_if_failure=False,
        )

    def _get_ordered_at(self):
        """Return since when it is ordered as it stands: with its order, or later."""
        self.ensure_one()
        since = self.order_id._get_authority_date()
        return max(since, self.raised_at or since)
