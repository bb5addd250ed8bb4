from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class FreeGoodsSlipLine(models.Model):
    """A product that is given away, and how much of it has left (A21)."""

    _name = "free.goods.slip.line"
    _description = "Line of Free Goods"
    _inherit = ["goods.slip.line.mixin"]
    _order = "slip_id, id"

    slip_id = fields.Many2one(
        "free.goods.slip", required=True, index=True, ondelete="cascade"
    )
    used_quantity = fields.Float(
        string="Has Left", readonly=True, copy=False, digits="Product Unit"
    )
    left_quantity = fields.Float(
        string="To Leave",
        compute="_compute_left_quantity",
        store=True,
        digits="Product Unit",
    )
    use_ids = fields.One2many("free.goods.use", "line_id", string="Deliveries")

    @api.depends("quantity", "used_quantity")
    def _compute_left_quantity(self):
        for line in self:
            left = line.quantity - line.used_quantity
            unit = line.product_id.uom_id
            line.left_quantity = left if unit.compare(left, 0.0) > 0 else 0.0

    @api.model
    def _find_open(self, company, recipients, products):
        """Return the approved lines with goods still to leave, oldest first.

        :param recipients: contacts; slips of anybody of their company count
        """
        # What was approved decides for everybody who delivers.
        return self.sudo().search(
            Domain("slip_id.state", "=", "approved")
            & Domain("company_id", "=", company.id)
            & Domain("product_id", "in", products.ids)
            & Domain("left_quantity", ">", 0)
            & Domain(
                "slip_id.partner_id.commercial_partner_id",
                "in",
                recipients.commercial_partner_id.ids,
            ),
            order="id",
        )

    def _use(self, move, quantity):
        """Count what leaves with a movement against this line (A21).

        Of two deliveries at once the line's row lets one pass; the host tries the other
        one again.

        :param float quantity: in the product's unit
        """
        self.ensure_one()
        self.flush_recordset()
        used = self.used_quantity + quantity
        self.env.execute_query(
            SQL(
                "UPDATE free_goods_slip_line SET used_quantity = %s"
                " WHERE id = %s RETURNING id",
                used,
                self.id,
            )
        )
        self.invalidate_recordset(["used_quantity"], flush=False)
        self.modified(["used_quantity"])
        self.env["free.goods.use"]._record(self, move, quantity)
