from odoo import fields, models
from odoo.fields import Domain


class ProductProduct(models.Model):
    _name = "product.product"
    _inherit = "product.product"

    variant_price_floor_count = fields.Integer(
        compute="_compute_variant_price_floor_count",
        groups="sales_team.group_sale_salesman,sales_receivable.group_administrator",
    )

    def _domain_price_floors(self):
        return Domain("product_id", "in", self.ids) | Domain(
            "product_tmpl_id", "in", self.product_tmpl_id.ids
        )

    def _compute_variant_price_floor_count(self):
        floors = self.env["product.price.floor"].search(self._domain_price_floors())
        for product in self:
            product.variant_price_floor_count = len(
                floors.filtered(
                    lambda floor, product=product: (
                        floor.product_id == product
                        or floor.product_tmpl_id == product.product_tmpl_id
                    )
                )
            )

    def action_open_price_floors(self):
        """Open the price floors that count for this variant."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_receivable.product_price_floor_action"
        )
        return action | {
            "domain": list(self._domain_price_floors()),
            "context": {"default_product_id": self.id},
        }
