from odoo import fields, models


class ProductTemplate(models.Model):
    _name = "product.template"
    _inherit = "product.template"

    price_floor_count = fields.Integer(
        compute="_compute_price_floor_count",
        groups="sales_team.group_sale_salesman,sales_receivable.group_administrator",
    )

    def _domain_price_floors(self):
        return [
            "|",
            ("product_tmpl_id", "in", self.ids),
            ("product_id.product_tmpl_id", "in", self.ids),
        ]

    def _compute_price_floor_count(self):
        floors = self.env["product.price.floor"].search(self._domain_price_floors())
        counts = {}
        for floor in floors:
            template = floor.product_tmpl_id or floor.product_id.product_tmpl_id
            counts[template.id] = counts.get(template.id, 0) + 1
        for template in self:
            template.price_floor_count = counts.get(template.id, 0)

    def action_open_price_floors(self):
        """Open the price floors of this product and its variants."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_receivable.product_price_floor_action"
        )
        return action | {
            "domain": self._domain_price_floors(),
            "context": {"default_product_tmpl_id": self.id},
        }
