from odoo import fields, models


class ResCompany(models.Model):
    """A company's place for what it has lent (A20)."""

    _name = "res.company"
    _inherit = "res.company"

    loan_location_id = fields.Many2one(
        "stock.location",
        string="Place for Loans",
        ondelete="restrict",
        domain="[('usage', '=', 'internal')]",
        help="Where goods on loan are kept in the books: the company's own stock, outside"
        " every warehouse. Made with the first loan.",
    )

    def _get_loan_location(self):
        """Return the company's place for loans; the first loan makes it."""
        self.ensure_one()
        # Whoever lends the first time needn't set up places or companies.
        company = self.sudo()
        if not company.loan_location_id:
            company.loan_location_id = (
                self.env["stock.location"]
                .sudo()
                .create(
                    {
                        "name": self.env._("On Loan"),
                        "usage": "internal",
                        "company_id": company.id,
                    }
                )
            )
        return company.loan_location_id.with_env(self.env)

    def write(self, vals):
        if "loan_location_id" in vals:
            changed = self.filtered(
                lambda company: company.loan_location_id.id != vals["loan_location_id"]
            )
            changed.loan_location_id._refuse_while_on_loan(
                self.env._(
                    "The company has its place for loans (A20); goods may lie there."
                )
            )
        return super().write(vals)
