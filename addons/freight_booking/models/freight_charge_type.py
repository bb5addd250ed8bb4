from odoo import api, fields, models

BASES = [
    ("container", "Per Container"),
    ("bill", "Per Bill of Lading"),
    ("fixed", "Fixed"),
]


class FreightChargeType(models.Model):
    """A charge code. Its product, for quotes and invoices, appears at first use."""

    _name = "freight.charge.type"
    _description = "Charge Code"
    _order = "sequence, code"
    _rec_names_search = ["code", "name"]

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    basis = fields.Selection(BASES, required=True, default="container")
    product_id = fields.Many2one(
        "product.product",
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
        help="Service on quotes and invoices; made at first use unless you choose one.",
    )
    active = fields.Boolean(default=True)

    _code_uniq = models.Constraint("unique(code)", "A charge code is listed once.")

    def _get_product(self):
        """Return the service product of this code, creating it at first use.

        Two transactions that create it at once write the same row here: the second is
        rolled back and retried by the host.
        """
        self.ensure_one()
        # A salesperson draws quote lines without the right to edit the catalogue; only
        # this fixed service product is created.
        charge_type = self.sudo()
        if not charge_type.product_id:
            product = charge_type.env["product.product"].create(
                {
                    "name": charge_type.with_context(lang=None).name,
                    "default_code": charge_type.code,
                    "type": "service",
                    "invoice_policy": "order",
                    "list_price": 0.0,
                    "company_id": False,
                }
            )
            for lang, _name in charge_type.env["res.lang"].get_installed():
                product.with_context(lang=lang).name = charge_type.with_context(
                    lang=lang
                ).name
            charge_type.product_id = product
        return charge_type.product_id.with_env(self.env)

    @api.depends("code", "name")
    def _compute_display_name(self):
        for charge_type in self:
            charge_type.display_name = f"{charge_type.code} {charge_type.name or ''}"
