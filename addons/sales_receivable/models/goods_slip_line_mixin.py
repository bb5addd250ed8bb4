from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..guard import as_server, is_server


class GoodsSlipLineMixin(models.AbstractModel):
    """A product on a slip; it belongs to its ``slip_id``."""

    _name = "goods.slip.line.mixin"
    _description = "Line of a Slip over Goods"
    _inherit = ["server.field.mixin", "finite.mixin"]
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company", compute="_compute_company_id", store=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    product_id = fields.Many2one(
        "product.product",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('type', '=', 'consu')]",
    )
    uom_id = fields.Many2one(related="product_id.uom_id")
    quantity = fields.Float(required=True, default=1.0, digits="Product Unit")
    unit_value = fields.Monetary(
        string="Original Price",
        compute="_compute_unit_value",
        store=True,
        help="Of the day on which the slip was applied for.",
    )
    value = fields.Monetary(compute="_compute_value", store=True)

    @api.depends("slip_id.company_id")
    def _compute_company_id(self):
        for line in self:
            line.company_id = line.slip_id.company_id

    @api.depends("product_id", "slip_id.company_id")
    def _compute_unit_value(self):
        for line in self:
            line.unit_value = line._get_unit_value()

    @api.depends("quantity", "unit_value")
    def _compute_value(self):
        for line in self:
            line.value = line.quantity * line.unit_value

    @api.constrains("quantity")
    def _check_quantity(self):
        if any(line.quantity <= 0 for line in self):
            raise ValidationError(self.env._("Quantities are above zero."))

    def _get_unit_value(self):
        """Return what one unit is worth, in company currency, as the settings say."""
        self.ensure_one()
        company = self.slip_id.company_id or self.env.company
        # Costs aren't for everybody who asks for goods; the value is what is approved.
        product = self.product_id.sudo().with_company(company)
        if company.goods_valued_at == "cost":
            return product.standard_price
        return product.currency_id._convert(
            product.lst_price,
            company.currency_id,
            company,
            company._get_business_date(),
            round=False,
        )

    def _freeze_values(self):
        for line in self:
            as_server(line).unit_value = line._get_unit_value()

    def _get_slip_content(self):
        self.ensure_one()
        return [self.product_id.id, round(self.quantity, 6)]

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.slip_id._check_is_draft()
        return lines

    def write(self, vals):
        if not is_server(self):
            self.slip_id._check_is_draft()
        result = super().write(vals)
        if "slip_id" in vals and not is_server(self):
            self.slip_id._check_is_draft()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_if_draft(self):
        self.slip_id._check_is_draft()
