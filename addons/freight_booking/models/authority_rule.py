from odoo import fields, models

from .freight_bill_release import MEASURE


class AuthorityRule(models.Model):
    _inherit = "authority.rule"

    document = fields.Selection(
        selection_add=[("freight.bill", "Bill of Lading")],
        ondelete={"freight.bill": "cascade"},
    )
    measure = fields.Selection(
        selection_add=[
            (MEASURE, "Released unpaid (company currency)"),
        ],
        ondelete={MEASURE: "cascade"},
    )
