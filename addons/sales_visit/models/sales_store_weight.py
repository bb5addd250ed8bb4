from odoo import api, fields, models

CRITERIA = [
    ("outdoor", "Outdoor publicity"),
    ("indoor", "Indoor publicity"),
    ("position", "Shelf position"),
    ("facings", "Facings"),
    ("price_tag", "Price tags"),
    ("stock", "In stock"),
]


class SalesStoreWeight(models.Model):
    """How much a criterion counts in the score of a store audit (V31). Audits keep the
    weights that they were scored with."""

    _name = "sales.store.weight"
    _description = "Weight in the Score of a Store"
    _order = "criterion, company_id"
    _rec_name = "criterion"

    criterion = fields.Selection(CRITERIA, required=True)
    company_id = fields.Many2one(
        "res.company",
        ondelete="cascade",
        help="Empty: for all companies that have no row of their own.",
    )
    weight = fields.Integer(
        required=True, default=10, help="0: the criterion doesn't count."
    )
    facings_target = fields.Integer(
        default=4,
        help="So many facings of a product earn full marks; fewer in proportion. Counts for facings only.",
    )

    _criterion_uniq = models.UniqueIndex(
        "(criterion, COALESCE(company_id, 0))", "A criterion has one weight a company."
    )
    _check_weight = models.Constraint("CHECK(weight >= 0)", "A weight isn't negative.")
    _check_target = models.Constraint(
        "CHECK(facings_target > 0)", "Full marks need at least one facing."
    )

    @api.model
    def _get_weights(self, company):
        """Return ``{criterion: row}`` for a company: its own rows before the general."""
        # Scores don't depend on who happens to have them computed.
        rows = self.sudo().search([("company_id", "in", [company.id, False])])
        rows = rows.sorted(lambda row: bool(row.company_id))
        return {row.criterion: row for row in rows}
