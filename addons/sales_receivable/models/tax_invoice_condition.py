from odoo import api, fields, models

#: What a row may be limited to; a row that names more of it comes first.
SCOPE = ("kind_id", "channel_id", "team_id", "tag_id")


class TaxInvoiceCondition(models.Model):
    """How much must be collected before a tax invoice of some scope is issued (A12).

    The row that names most of channel, order type (sales team, tag) and kind decides,
    of equal ones the strictest; without any row the company's share does.
    """

    _name = "tax.invoice.condition"
    _description = "Collected Share for Tax Invoices"
    _inherit = ["finite.mixin"]
    _order = "company_id, sequence, id"
    _rec_name = "percent"
    _check_company_auto = True

    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="cascade",
        default=lambda self: self.env.company,
    )
    kind_id = fields.Many2one(
        "tax.invoice.kind",
        index="btree_not_null",
        ondelete="cascade",
        check_company=True,
    )
    channel_id = fields.Many2one(
        "sales.channel", index="btree_not_null", ondelete="cascade"
    )
    team_id = fields.Many2one(
        "crm.team",
        string="Sales Team",
        index="btree_not_null",
        ondelete="cascade",
        check_company=True,
    )
    tag_id = fields.Many2one(
        "crm.tag", string="Order Tag", index="btree_not_null", ondelete="cascade"
    )
    percent = fields.Float(
        string="Collected at Least (%)", required=True, default=60.0, aggregator=None
    )
    active = fields.Boolean(default=True)

    _check_percent = models.Constraint(
        "CHECK(percent >= 0 AND percent <= 100)",
        "A collected share is from 0 to 100 %.",
    )

    @api.model
    def _get_percents(self, company, scopes):
        """Return the percentage that each scope needs, strictest row of the closest fit.

        :param scopes: list of dicts of sets of ids: ``kind_id``, ``channel_id``,
            ``team_id`` and ``tag_id``
        :return: list of percentages
        """
        # What is needed is the same for everybody, whoever may read the rows.
        rows = self.sudo().search([("company_id", "=", company.id)])
        return [
            max(
                (
                    (sum(bool(row[name]) for name in SCOPE), row.percent)
                    for row in rows
                    if row._fits(scope)
                ),
                default=(0, company.tax_invoice_percent),
            )[1]
            for scope in scopes
        ]

    def _fits(self, scope):
        self.ensure_one()
        return all(not self[name] or self[name].id in scope[name] for name in SCOPE)
