from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

RULES = [("K03", "Stock older than allowed")]


class PerformanceRate(models.Model):
    """From when on a rule of the performance ledger takes or gives how much (K03).

    Rows are versions: the newest that starts on or before a month's end counts for that
    month. Without a row a rule computes nothing. A version that a closed period may
    have used can't be changed any more, so a new rate never reprices the past.
    """

    _name = "performance.rate"
    _description = "Performance Rate"
    _inherit = ["finite.mixin"]
    _order = "company_id, rule, date_from desc"
    _rec_name = "rule"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.company,
    )
    rule = fields.Selection(RULES, required=True, default="K03")
    date_from = fields.Date(
        string="In Force From",
        required=True,
        default=lambda self: fields.Date.context_today(self).replace(day=1),
    )
    rate = fields.Float(
        string="Monthly Rate (%)",
        required=True,
        digits=(16, 4),
        help="Percent of the value that is taken off per month.",
    )
    threshold_days = fields.Integer(
        required=True,
        default=365,
        help="Only what is older than this many days at the month's end counts.",
    )

    _version_uniq = models.Constraint(
        "unique(company_id, rule, date_from)",
        "A rule has one rate per company and day.",
    )
    _rate_range = models.Constraint(
        "CHECK (rate >= 0 AND rate <= 100)", "The rate is between 0 and 100 percent."
    )
    _threshold_positive = models.Constraint(
        "CHECK (threshold_days >= 0)", "The threshold can't be negative."
    )

    @api.constrains("company_id", "rule", "date_from", "rate", "threshold_days")
    def _check_not_closed(self):
        self._check_after_closing(ValidationError)

    @api.model_create_multi
    def create(self, vals_list):
        rates = super().create(vals_list)
        companies = rates.filtered(lambda rate: rate.rule == "K03").company_id
        # Receipts are nobody's to write; who brought them in is frozen from now on.
        self.env["stock.move"].sudo()._freeze_receipt_buyers(companies)
        return rates

    def write(self, vals):
        self._check_after_closing(UserError)
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_closed(self):
        self._check_after_closing(UserError)

    def _check_after_closing(self, error):
        """Refuse what would change the rate of a month that has been closed."""
        closed = dict(
            self.env["performance.period"]
            # The guard holds for administrators, who see no periods.
            .sudo()
            ._read_group(
                [("company_id", "in", self.company_id.ids), ("state", "=", "closed")],
                ["company_id"],
                ["date_end:max"],
            )
        )
        for rate in self:
            last = closed.get(rate.company_id)
            if last and rate.date_from <= last:
                raise error(
                    self.env._(
                        "Periods are closed up to %(date)s. Add a version that starts later.",
                        date=fields.Date.to_string(last),
                    )
                )

    @api.model
    def _is_in_use(self, rule, companies):
        """Tell whether any of the companies has a rate of this rule."""
        # Asked by guards for everybody; only yes or no leaves this method.
        domain = [("rule", "=", rule), ("company_id", "in", companies.ids)]
        return bool(self.sudo().search_count(domain, limit=1))

    @api.model
    def _get_users(self, rule):
        """Return the IDs of the companies that have a rate of this rule."""
        # Asked by guards for everybody; no rate leaves this method.
        return self.sudo().search([("rule", "=", rule)]).company_id.ids

    @api.model
    def _get_rates(self, rule, company, days):
        """Return ``{day: version in force}`` for the days that have one."""
        # What a month costs doesn't depend on who asks for it.
        versions = self.sudo().search(
            [("rule", "=", rule), ("company_id", "=", company.id)],
            order="date_from desc",
        )
        in_force = {
            day: next(
                (version for version in versions if version.date_from <= day), None
            )
            for day in days
        }
        return {day: version for day, version in in_force.items() if version}
