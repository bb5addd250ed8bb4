from datetime import timedelta

from odoo import api, fields, models, tools
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain


class AuthorityRule(models.Model):
    """One cell of the matrix: up to which figure a level may decide a measure (A01).

    Rows are dated versions. A version that already counted is never edited: a change
    starts a new one and closes the old. A measure without any row is not controlled.
    A row of a sales team replaces the company's row of the same level for that team.

    Another addon brings a document or a measure with ``selection_add`` on ``document``
    and ``measure``, and its model says in ``_get_authority_measures`` what it measures.
    """

    _name = "authority.rule"
    _description = "Authority Limit"
    _order = "company_id, document, measure, team_id, level_id, date_from desc, id desc"
    _inherit = ["cached.rows.mixin", "finite.mixin"]
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="cascade",
        default=lambda self: self.env.company,
    )
    team_id = fields.Many2one(
        "crm.team",
        ondelete="restrict",
        check_company=True,
        help="Empty = every team of the company.",
    )
    document = fields.Selection(
        [
            ("sale.order", "Quotation / Sales Order"),
            ("sales.contract", "Sales Contract"),
            ("purchase.order", "Purchase Order"),
            ("production.notice", "Production Notice"),
            ("product.loan", "Product Loan"),
            ("free.goods.slip", "Free Goods"),
            ("stock.picking", "Delivery"),
            ("tax.invoice", "Tax Invoice"),
            ("installation.order", "Installation"),
        ],
        required=True,
        default="sale.order",
    )
    measure = fields.Selection(
        [
            ("floor_gap_percent", "Below price floor (%)"),
            ("discount_percent", "Below price list (%)"),
            ("order_amount", "Order amount, untaxed (company currency)"),
            ("cost_share", "Cost in % of the price (100 − margin)"),
            ("order_release", "Release of the order (1: yes)"),
            ("credit_sale", "Credit sale (1: yes)"),
            ("credit_days", "Credit days granted"),
            ("arrears_amount", "Overdue of the customer (company currency)"),
            ("credit_limit_excess", "Above the credit limit (company currency)"),
            ("contract_amount", "Contract amount, untaxed (company currency)"),
            ("promised_value", "Cost of promises (company currency)"),
            ("contract_deviation", "Terms that differ from the contract"),
            ("term_extension", "Days to pay beyond the contract"),
            ("dispatch_money", "Goods before their money (%)"),
            ("dispatch_note", "Dispatch note (1: yes)"),
            ("procurement_amount", "Procurement amount (company currency)"),
            ("procurement_for_order", "Procurement for a customer order (1: yes)"),
            ("loan_value", "Loan value (company currency)"),
            ("loan_write_off", "Loss of loans written off (company currency)"),
            ("free_goods_value", "Value of free goods (company currency)"),
            ("production_notice", "Production notice (1: yes)"),
            ("product_selection", "Product selection (1: yes)"),
            ("tenure_gap", "Years short of tenure"),
            ("tax_invoice_amount", "Tax invoice amount (company currency)"),
            ("tax_invoice_gap", "Collected below the share for tax invoices (%)"),
            ("installation", "Installation (1: yes)"),
        ],
        required=True,
    )
    level_id = fields.Many2one("authority.level", required=True, ondelete="restrict")
    limit = fields.Float(
        required=True,
        digits=(16, 2),
        aggregator=None,
        help="The level decides figures up to and including this one.",
    )
    date_from = fields.Date(
        string="Valid From", required=True, default=fields.Date.context_today
    )
    date_to = fields.Date(string="Valid To")
    active = fields.Boolean(default=True)

    _dates = models.Constraint(
        "CHECK(date_to IS NULL OR date_to >= date_from)",
        "A version can't end before it starts.",
    )
    _version_uniq = models.UniqueIndex(
        "(company_id, COALESCE(team_id, 0), document, measure, level_id, date_from)"
        " WHERE active",
        "There is already a limit of this level and measure from that day on.",
    )

    @api.depends("measure", "level_id", "limit")
    def _compute_display_name(self):
        measures = dict(self._fields["measure"]._description_selection(self.env))
        for rule in self:
            rule.display_name = self.env._(
                "%(measure)s: %(level)s up to %(limit)s",
                measure=measures.get(rule.measure, ""),
                level=rule.level_id.name or "",
                limit=rule.limit,
            )

    @api.constrains("document", "measure")
    def _check_measure(self):
        for rule in self:
            measures = self.env[rule.document]._get_authority_measures()
            if rule.measure not in measures:
                raise ValidationError(
                    self.env._(
                        "%(document)s has no measure “%(measure)s”.",
                        document=self.env["ir.model"]._get(rule.document).name,
                        measure=rule.measure,
                    )
                )

    def write(self, vals):
        """Edit versions that never counted; of the others start a new version."""
        frozen = self.filtered(lambda rule: rule._changes_history(vals))
        versions = []
        for rule in frozen:
            ended, version = rule._prepare_version(vals)
            super(AuthorityRule, rule).write(ended)
            versions.append(version)
        result = super(AuthorityRule, self - frozen).write(vals)
        self.flush_recordset()
        self.create(versions)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_counted(self):
        if any(rule._has_counted() for rule in self):
            raise UserError(
                self.env._(
                    "A limit that was in force stays on record. Give it an end date."
                )
            )

    def _has_counted(self):
        """Tell whether anybody may have decided by this version."""
        self.ensure_one()
        if self.date_from < self.company_id._get_business_date():
            return True
        # A request keeps its rows whoever may read it.
        asked = self.env["authority.request"].sudo()
        return bool(asked.search_count([("rule_ids", "in", self.ids)], limit=1))

    def _changes_history(self, vals):
        versioned = vals.keys() - {"date_to", "active"}
        return bool(versioned) and self._has_counted()

    def _prepare_version(self, vals):
        """Return the values that close this version, and those of the next one."""
        self.ensure_one()
        today = self.company_id._get_business_date()
        start = max(fields.Date.to_date(vals.get("date_from")) or today, today)
        if start > self.date_from:
            ended = {"date_to": start - timedelta(days=1)}
        else:  # a second change on the day on which this version began
            ended = {"active": False}
        following = {"date_to": False, **vals, "date_from": start, "active": True}
        return ended, self.copy_data(following)[0]

    @api.model
    @tools.ormcache("company_id", "document", "on")
    def _get_matrix(self, company_id, document, on):
        """Return the limits in force: ``{(measure, team id or False): …}``.

        The value is a tuple of ``(rank, level id, limit, rule id)``, lowest rank first.
        """
        # The matrix decides for everybody, whatever records a user may read.
        rules = self.sudo().search(
            Domain("company_id", "=", company_id)
            & Domain("document", "=", document)
            & self.env["authority.assignment"]._domain_in_force(on),
            order="date_from, id",
        )
        matrix = {}
        for rule in rules:  # the newest version of a cell comes last and wins
            cells = matrix.setdefault((rule.measure, rule.team_id.id), {})
            cells[rule.level_id] = (rule.limit, rule.id)
        return {
            key: tuple(
                sorted(
                    (level.sequence, level.id, limit, rule_id)
                    for level, (limit, rule_id) in cells.items()
                )
            )
            for key, cells in matrix.items()
        }

    @api.model
    def _get_controlled_measures(self, company_id, document, on):
        """Return the set of measures that any limit or reviewer in force controls."""
        reviews = self.env["authority.reviewer"]._get_reviews(company_id, document, on)
        limits = self._get_matrix(company_id, document, on)
        return {key[0] for key in limits} | {review.measure for review in reviews}
