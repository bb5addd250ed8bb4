import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError

SCAC = re.compile(r"[A-Z]{2,4}")


class FreightCarrier(models.Model):
    """A shipping line. Its partner, for its invoices, is each company's own choice."""

    _name = "freight.carrier"
    _description = "Carrier"
    _order = "name"
    _rec_names_search = ["name", "scac"]

    name = fields.Char(required=True, translate=True)
    scac = fields.Char(
        string="SCAC",
        required=True,
        size=4,
        help="Standard Carrier Alpha Code: two to four letters.",
    )
    print_order_exempt = fields.Boolean(
        string="No Print Order",
        help="Empty containers of this carrier are picked up without a print order.",
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Vendor",
        company_dependent=True,
        help="Partner whose vendor bills carry this carrier's charges.",
    )
    active = fields.Boolean(default=True)

    _scac_uniq = models.Constraint("unique(scac)", "A carrier has one SCAC.")

    @api.depends("name", "scac")
    def _compute_display_name(self):
        for carrier in self:
            carrier.display_name = f"{carrier.name or ''} ({carrier.scac or ''})"

    @api.constrains("scac")
    def _check_scac(self):
        for carrier in self:
            if not SCAC.fullmatch(carrier.scac):
                raise ValidationError(
                    self.env._(
                        "“%(code)s” is no SCAC: two to four capital letters.",
                        code=carrier.scac,
                    )
                )
