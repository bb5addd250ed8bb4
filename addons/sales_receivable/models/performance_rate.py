from odoo import api, fields, models
from odoo.tools import SQL

from .performance_line_mixin import RULES

# Rules whose figures are a percentage of something; the others have plans of their own
# or are entered.
UNRATED = ("K02", "manual")


class PerformanceRate(models.Model):
    """From when on a rule of the performance ledger takes or gives how much (K01, K03,
    K04, R08, A04, A20; sales and collections: how much of them counts).

    Rows are versions: the newest that starts on or before a month's end counts for that
    month; a sales team's own versions go before the company's. Without a row a rule
    computes nothing. A version that a closed period may have used can't be changed any
    more, so a new rate never reprices the past.
    """

    _name = "performance.rate"
    _description = "Performance Rate"
    _inherit = ["performance.version.mixin", "finite.mixin"]
    _order = "company_id, rule, date_from desc"
    _rec_name = "rule"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.company,
    )
    rule = fields.Selection(
        [rule for rule in RULES if rule[0] not in UNRATED], required=True, default="K03"
    )
    team_id = fields.Many2one(
        "crm.team",
        string="Sales Team",
        index="btree_not_null",
        ondelete="restrict",
        help="Empty: for all teams without a rate of their own.",
    )
    date_from = fields.Date(
        string="In Force From",
        required=True,
        default=lambda self: fields.Date.context_today(self).replace(day=1),
    )
    rate = fields.Float(
        string="Rate (%)",
        required=True,
        digits=(16, 4),
        help="Percent of the value that is taken off or given: of stock per month, of"
        " overdue amounts per day, of all others once.",
    )
    threshold_days = fields.Integer(
        required=True,
        default=365,
        help="Only what is older than this many days counts; of interest, the days of"
        " grace after the due date.",
    )
    base = fields.Selection(
        [
            ("invoice", "Invoice date"),
            ("due", "Due date"),
            ("delivery", "Delivery date"),
        ],
        string="Months Count From",
        required=True,
        default="invoice",
    )
    bonus_base = fields.Selection(
        [("sale", "Net sales value"), ("cost", "Value at cost")],
        string="Bonus On",
        required=True,
        default="sale",
        help="What the bonus for overstock sold is a percentage of: what the order sells"
        " the goods for without tax, or what they had cost.",
    )
    month_ids = fields.One2many(
        "performance.rate.month", "rate_id", string="Schedule", copy=True
    )

    _team_version_uniq = models.UniqueIndex(
        "(company_id, rule, (COALESCE(team_id, 0)), date_from)",
        "A rule has one rate per company, team and day.",
    )
    _rate_range = models.Constraint(
        "CHECK (rate >= 0 AND rate <= 100)", "The rate is between 0 and 100 percent."
    )
    _threshold_positive = models.Constraint(
        "CHECK (threshold_days >= 0)", "The threshold can't be negative."
    )

    @api.depends("rule")
    @api.depends_context("lang")
    def _compute_display_name(self):
        labels = dict(self._fields["rule"]._description_selection(self.env))
        for version in self:
            version.display_name = labels.get(version.rule)

    @api.model_create_multi
    def create(self, vals_list):
        rates = super().create(vals_list)
        companies = rates.filtered(lambda rate: rate.rule == "K03").company_id
        # Receipts are nobody's to write; who brought them in is frozen from now on.
        self.env["stock.move"].sudo()._freeze_receipt_buyers(companies)
        return rates

    @api.model
    def _is_in_use(self, rules, companies):
        """Tell whether any of the companies has a rate of one of these rules."""
        # Asked by guards for everybody; only yes or no leaves this method.
        domain = [("rule", "in", rules), ("company_id", "in", companies.ids)]
        return bool(self.sudo().search_count(domain, limit=1))

    @api.model
    def _get_users(self, rules):
        """Return the IDs of the companies that have a rate of one of these rules."""
        # Asked by guards for everybody; no rate leaves this method.
        return self.sudo().search([("rule", "in", rules)]).company_id.ids

    @api.model
    def _get_rates(self, rule, company, days, team=None):
        """Return ``{day: version in force}`` for the days that have one: the team's, if
        it has one then, else the company's."""
        # What a month costs doesn't depend on who asks for it.
        versions = self.sudo().search(
            [("rule", "=", rule), ("company_id", "=", company.id)]
        )
        return versions._pick_in_force(days, team)

    @api.model
    def _get_rates_sql(self, rule, company, days):
        """Return the rows of the versions in force, or None without any.

        Columns: ``day``, ``team_id`` (0: documents without a team; every other team has
        its row, so that equality finds it), ``rate``, ``threshold_days``, ``rate_id``.
        """
        # What a month costs doesn't depend on who asks for it.
        teams = self.sudo().search([("rule", "=", rule)]).team_id
        everybody = self.env["crm.team"].sudo().with_context(active_test=False)
        general = self._get_rates(rule, company, days)
        rows = []
        ours = [("company_id", "in", [False, company.id])]
        for team in [everybody, *everybody.search(ours)]:
            in_force = (
                self._get_rates(rule, company, days, team) if team in teams else general
            )
            rows += [
                SQL(
                    "(%s::date, %s, %s::numeric, %s, %s)",
                    day,
                    team.id or 0,
                    str(version.rate),
                    version.threshold_days,
                    version.id,
                )
                for day, version in in_force.items()
            ]
        if not rows:
            return None
        return SQL(
            """(SELECT * FROM (VALUES %s)
                       version (day, team_id, rate, threshold_days, rate_id))""",
            SQL(", ").join(rows),
        )
