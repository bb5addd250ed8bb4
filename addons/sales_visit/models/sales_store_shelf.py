from odoo import api, fields, models
from odoo.exceptions import UserError

POSITIONS = [
    ("good", "Eye level"),
    ("fair", "Within reach"),
    ("poor", "Poor"),
]


class SalesStoreShelf(models.Model):
    """How one product stands on the shelf of a store, seen at one visit (V31)."""

    _name = "sales.store.shelf"
    _inherit = ["sales.visit.server.field.mixin"]
    _description = "Product on the Shelf of a Store"
    _order = "visit_day desc, visit_id desc, id"
    _rec_name = "product_id"
    _check_company_auto = True

    visit_id = fields.Many2one(
        "sales.visit",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    product_id = fields.Many2one(
        "product.product",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('sale_ok', '=', True)]",
    )
    position = fields.Selection(POSITIONS, string="Shelf Position")
    facings = fields.Integer(
        help="Packages of the product that stand in the front row."
    )
    has_price_tag = fields.Boolean(string="Price Tag")
    is_out_of_stock = fields.Boolean(string="Out of Stock")
    note = fields.Char()
    company_id = fields.Many2one(
        related="visit_id.company_id", store=True, precompute=True, index=True
    )
    user_id = fields.Many2one(
        related="visit_id.user_id", store=True, precompute=True, index=True
    )
    partner_id = fields.Many2one(
        related="visit_id.partner_id",
        string="Store",
        store=True,
        precompute=True,
        index=True,
    )
    visit_day = fields.Date(related="visit_id.visit_day", store=True, precompute=True)

    _product_uniq = models.Constraint(
        "unique(visit_id, product_id)", "A product is looked at once a visit."
    )
    _check_facings = models.Constraint(
        "CHECK(facings >= 0)", "There are no fewer than no facings."
    )

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        # Nobody writes into the report of somebody else, nor into one that is locked.
        lines.visit_id.check_access("write")
        lines._check_visit_open()
        return lines

    def write(self, vals):
        self._check_visit_open()
        result = super().write(vals)
        if "visit_id" in vals:
            self.visit_id.check_access("write")
            self._check_visit_open()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_only_unreported(self):
        self._check_visit_open()

    def _check_visit_open(self):
        """Refuse to change what was seen once it has been reported (V10)."""
        # Whether the report is locked doesn't depend on who may see it.
        for visit in self.visit_id.sudo()._filter_locked():
            raise UserError(visit._get_locked_message())
