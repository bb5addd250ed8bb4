from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL


class ProductPriceFloor(models.Model):
    """The lowest net price of a product without approval (A02, 底价).

    Per product or variant, minimum quantity, currency and dates. The price is net of
    every discount and tax, for one of the product's unit of measure.
    """

    _name = "product.price.floor"
    _description = "Price Floor"
    _inherit = ["finite.mixin"]
    _order = "product_tmpl_id, product_id, min_quantity, date_from desc, id desc"
    _check_company_auto = True
    _rec_names_search = ["product_tmpl_id", "product_id"]

    product_tmpl_id = fields.Many2one(
        "product.template",
        string="Product",
        index="btree_not_null",
        ondelete="cascade",
        check_company=True,
        help="For all variants of the product.",
    )
    product_id = fields.Many2one(
        "product.product",
        string="Variant",
        index="btree_not_null",
        ondelete="cascade",
        check_company=True,
        help="For this variant only; goes before the floor of the product.",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="cascade",
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        ondelete="restrict",
        default=lambda self: self.env.company.currency_id,
    )
    min_quantity = fields.Float(
        required=True,
        default=0.0,
        digits="Product Unit",
        help="The floor counts from this quantity on the line, in the product's unit.",
    )
    price = fields.Float(
        string="Floor",
        required=True,
        min_display_digits="Product Price",
        help="Net of discounts and tax, for one of the product's unit.",
    )
    uom_id = fields.Many2one("uom.uom", string="Unit", compute="_compute_uom_id")
    date_from = fields.Date(
        string="Valid From", required=True, default=fields.Date.context_today
    )
    date_to = fields.Date(string="Valid To")

    _price_positive = models.Constraint("CHECK(price > 0)", "A floor is above zero.")
    _quantity_positive = models.Constraint(
        "CHECK(min_quantity >= 0)", "A minimum quantity can't be negative."
    )
    _dates = models.Constraint(
        "CHECK(date_to IS NULL OR date_to >= date_from)",
        "A floor can't end before it starts.",
    )
    _version_uniq = models.UniqueIndex(
        "(company_id, COALESCE(product_id, 0), COALESCE(product_tmpl_id, 0),"
        " min_quantity, date_from)",
        "There is already a floor of this product and quantity from that day on.",
    )

    @api.depends("product_id", "product_tmpl_id")
    def _compute_uom_id(self):
        for floor in self:
            floor.uom_id = floor.product_id.uom_id or floor.product_tmpl_id.uom_id

    @api.depends("product_id", "product_tmpl_id", "price", "currency_id")
    def _compute_display_name(self):
        for floor in self:
            product = floor.product_id or floor.product_tmpl_id
            price = floor.currency_id.format(floor.price) if floor.currency_id else ""
            floor.display_name = f"{product.display_name or ''} ≥ {price}"

    @api.constrains("product_id", "product_tmpl_id")
    def _check_one_product(self):
        for floor in self:
            if bool(floor.product_id) == bool(floor.product_tmpl_id):
                raise ValidationError(
                    self.env._("A floor is for a product or for one variant of it.")
                )

    @api.model
    def _get_floors(self, company, on, wanted):
        """Find the floors of many lines with one query (A02).

        A variant's floor goes before its product's; then the highest minimum quantity
        that is reached; then the newest version.

        :param company: ``res.company`` record
        :param on: date
        :param wanted: list of ``(product id, product template id, quantity in the
            product's unit)``
        :return: list of floors (empty record = not controlled), in the same order
        """
        # Floors decide for every author, whatever they may read.
        self = self.sudo()  # noqa: PLW0642
        if not wanted:
            return []
        self.flush_model()
        products, templates, quantities = zip(*wanted, strict=True)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT line.position, floor.id
                  FROM UNNEST(%(products)s::int[], %(templates)s::int[],
                              %(quantities)s::float[])
                       WITH ORDINALITY
                       AS line(product, template, quantity, position)
                  JOIN LATERAL (
                       SELECT f.id
                         FROM product_price_floor f
                        WHERE f.company_id = %(company)s
                          AND (f.product_id = line.product
                               OR f.product_tmpl_id = line.template)
                          AND f.min_quantity <= line.quantity
                          AND f.date_from <= %(on)s
                          AND (f.date_to IS NULL OR f.date_to >= %(on)s)
                        ORDER BY f.product_id IS NULL, f.min_quantity DESC,
                                 f.date_from DESC, f.id DESC
                        LIMIT 1
                  ) floor ON TRUE
                """,
                products=list(products),
                templates=list(templates),
                quantities=list(quantities),
                company=company.id,
                on=on,
            )
        )
        found = dict(rows)
        floors = self.browse(found.values())
        floors.fetch(["price", "currency_id"])
        return [
            self.browse(found.get(position)) for position in range(1, len(wanted) + 1)
        ]
