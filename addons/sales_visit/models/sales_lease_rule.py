from odoo import api, fields, models


class SalesLeaseRule(models.Model):
    """How many months before its lease ends a customer is followed up (V22)."""

    _name = "sales.lease.rule"
    _description = "Lease Follow-up Rule"
    _order = "company_id, months desc"
    _rec_name = "months"

    company_id = fields.Many2one(
        "res.company",
        index=True,
        ondelete="cascade",
        default=lambda self: self.env.company,
        help="Empty: for all companies that have no rule of their own.",
    )
    months = fields.Integer(
        string="Months Before", required=True, help="Months before the lease ends."
    )

    _months_uniq = models.UniqueIndex(
        "(months, COALESCE(company_id, 0))", "There is one such rule per company."
    )
    _check_months = models.Constraint(
        "CHECK(months >= 0)", "A follow-up comes before the lease ends."
    )

    @api.model
    def _get_months(self, company):
        """Return the months of a company's own rules, else of those for all."""
        # Rules are no secret from whoever writes a file.
        rules = self.sudo().search([("company_id", "in", (company.id, False))])
        own = rules.filtered("company_id") or rules
        return sorted(own.mapped("months"))
