from odoo import fields, models


class SalesChannel(models.Model):
    """Where a customer stands in the trade, and what its orders have to meet (A15)."""

    _name = "sales.channel"
    _description = "Sales Channel"
    _inherit = ["finite.mixin"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    needs_check = fields.Boolean(
        string="Checked by the Salesperson",
        help="The salesperson of an order has checked it, as it stands, before it is"
        " confirmed.",
    )
    needs_barcode = fields.Boolean(
        string="Barcodes Needed",
        help="All goods of an order have a barcode before it is confirmed.",
    )
    is_tax_inclusive = fields.Boolean(
        string="Tax-Inclusive Price",
        help="Prices of the price list are without tax: these customers pay them with"
        " the markup, and no tax on top.",
    )
    markup_percent = fields.Float(
        string="Markup (%)", digits=(16, 2), default=17.0, aggregator=None
    )
    contract_need = fields.Selection(
        [("always", "Always"), ("never", "Never")],
        string="Contract Needed",
        help="Whether an order needs a valid contract before it is confirmed; empty ="
        " from the company's amount on.",
    )
    is_prepaid = fields.Boolean(
        string="Money First",
        help="All the money of an order is there before its goods leave; otherwise the"
        " first instalment, where the payment terms ask for one.",
    )
    dispatch_needs_contract = fields.Boolean(
        string="No Dispatch without Contract",
        help="Goods leave only for orders with a valid contract.",
    )
    books_with_copy = fields.Boolean(
        string="Booked with the Signed Copy",
        help="Finance books a sale only when the signed copies of its delivery slips are"
        " with accounting and items and amounts match.",
    )
    needs_forwarder = fields.Boolean(
        string="Forwarding Agent Needed",
        help="Delivery slips name the forwarding agent and its phone.",
    )
    selling_company_id = fields.Many2one(
        "res.company",
        string="Sold By",
        index=True,
        ondelete="restrict",
        help="The company that sells to this channel; empty = any.",
    )

    _check_markup = models.Constraint(
        "CHECK(markup_percent >= 0)", "A markup can't be negative."
    )

    def _get_factor(self):
        """Return what a price of the price list is multiplied by."""
        if not self.is_tax_inclusive:
            return 1.0
        return 1.0 + self.markup_percent / 100.0
