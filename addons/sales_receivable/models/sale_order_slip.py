from odoo import api, models
from odoo.fields import Domain


class SaleOrder(models.Model):
    """The signed slip in the chain of an order's papers (A13, A22)."""

    _name = "sale.order"
    _inherit = "sale.order"

    @api.model
    def _get_chain_sources(self):
        return super()._get_chain_sources() | {
            "signed_slip": (
                "picking_ids.slip_ids",
                Domain(
                    "picking_ids.slip_ids.state",
                    "in",
                    ("returned", "received"),
                ),
            )
        }
