from odoo import fields, models
from odoo.tools import SQL

from ..models.performance_period_scorecard_facts import INVOICES


class SalesCapabilityReport(models.Model):
    """What a salesperson is good at: six measures of each month (K08).

    Of confirmed orders by their day in the company's time zone, and of invoices by their
    due date, as they stand now. A measure that there is nothing to measure for is empty,
    so that means over months leave it out. Amounts are in company currency without tax.
    """

    _name = "sales.capability.report"
    _description = "Capabilities of Salespeople"
    _auto = False
    _order = "date desc, user_id, company_id"
    _rec_name = "user_id"
    _depends = {
        "account.account": ["account_type"],
        "account.move": ["invoice_user_id", "move_type"],
        "account.move.line": [
            "account_id",
            "amount_residual",
            "balance",
            "date_maturity",
            "parent_state",
        ],
        "res.partner": ["commercial_partner_id"],
        "res.users": ["sale_team_id"],
        "sale.order": [
            "amount_untaxed",
            "currency_rate",
            "date_order",
            "partner_id",
            "state",
            "user_id",
        ],
    }

    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    date = fields.Date(string="Month", readonly=True)
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True)
    developed = fields.Integer(
        string="Customers Developed",
        readonly=True,
        help="Customers whose first confirmed order of all is of the month.",
    )
    quality = fields.Float(
        string="Customer Quality (%)",
        readonly=True,
        aggregator="avg",
        digits=(16, 2),
        help="Of the invoices that fell due in the month, what isn't open any more.",
    )
    hit_rate = fields.Float(
        string="Hit Rate (%)",
        readonly=True,
        aggregator="avg",
        digits=(16, 2),
        help="Of the quotations made in the month, those that are confirmed by now.",
    )
    average_deal = fields.Monetary(
        readonly=True,
        aggregator="avg",
        help="Mean amount of the orders confirmed in the month, without tax.",
    )
    repeat_rate = fields.Float(
        string="Repeat Purchases (%)",
        readonly=True,
        aggregator="avg",
        digits=(16, 2),
        help="Of the orders confirmed in the month, those of customers who had ordered"
        " before.",
    )
    loyalty = fields.Float(
        string="Loyalty (Months)",
        readonly=True,
        aggregator="avg",
        digits=(16, 1),
        help="How long the customers of the month's orders have been customers, since"
        " their first confirmed order, on average.",
    )
    deals = fields.Integer(readonly=True, help="Orders confirmed in the month.")
    quotes = fields.Integer(
        string="Quotations", readonly=True, help="Made in the month."
    )
    due = fields.Monetary(readonly=True, help="What fell due in the month.")

    @property
    def _table_query(self):
        return SQL(
            """
            WITH zone (company_id, currency_id, tz) AS (VALUES %(zones)s),
            sold AS (
                SELECT sold.id, sold.company_id, sold.user_id, sold.date_order,
                       sold.amount_untaxed / COALESCE(NULLIF(sold.currency_rate, 0), 1)
                       AS amount,
                       ROW_NUMBER() OVER upto AS number,
                       FIRST_VALUE(sold.date_order) OVER upto AS first_at
                  FROM sale_order sold
                  JOIN zone ON zone.company_id = sold.company_id
                  JOIN res_partner customer ON customer.id = sold.partner_id
                 WHERE sold.state = 'sale'
                WINDOW upto AS (
                    PARTITION BY sold.company_id, customer.commercial_partner_id
                        ORDER BY sold.date_order, sold.id)
            ),
            fact (company_id, user_id, at, day, deals, amount, new, months, quotes, won,
                  due, paid) AS (
                SELECT company_id, user_id, date_order, NULL::date, 1, amount,
                       (number = 1)::int,
                       EXTRACT(EPOCH FROM date_order - first_at) / 86400 / 30.4375,
                       0, 0, 0, 0
                  FROM sold
                 UNION ALL
                SELECT quote.company_id, quote.user_id, quote.create_date, NULL,
                       0, 0, 0, 0, 1, (quote.state = 'sale')::int, 0, 0
                  FROM sale_order quote
                  JOIN zone ON zone.company_id = quote.company_id
                 UNION ALL
                SELECT line.company_id, move.invoice_user_id, NULL, line.date_maturity,
                       0, 0, 0, 0, 0, 0, line.balance, line.balance - line.amount_residual
                  FROM account_move_line line
                  JOIN zone ON zone.company_id = line.company_id
                  JOIN account_move move ON move.id = line.move_id
                  JOIN account_account account ON account.id = line.account_id
                 WHERE line.parent_state = 'posted'
                   AND line.date_maturity <= %(today)s
                   AND account.account_type = 'asset_receivable'
                   AND move.move_type = ANY(%(types)s)
            )
            SELECT ROW_NUMBER() OVER (ORDER BY month.date, fact.user_id, zone.company_id)
                   AS id,
                   zone.company_id, zone.currency_id, month.date, fact.user_id,
                   seller.sale_team_id AS team_id,
                   SUM(new) AS developed,
                   100 * SUM(paid) / NULLIF(SUM(due), 0) AS quality,
                   100.0 * SUM(won) / NULLIF(SUM(quotes), 0) AS hit_rate,
                   SUM(amount) / NULLIF(SUM(deals), 0) AS average_deal,
                   100.0 * (SUM(deals) - SUM(new)) / NULLIF(SUM(deals), 0) AS repeat_rate,
                   SUM(months) / NULLIF(SUM(deals), 0) AS loyalty,
                   SUM(deals) AS deals, SUM(quotes) AS quotes, SUM(due) AS due
              FROM fact
              JOIN zone ON zone.company_id = fact.company_id
              JOIN res_users seller ON seller.id = fact.user_id AND NOT seller.share
        CROSS JOIN LATERAL (
                SELECT DATE_TRUNC('month', COALESCE(
                           fact.day, (fact.at AT TIME ZONE 'UTC' AT TIME ZONE zone.tz)::date
                       ))::date AS date) month
             GROUP BY zone.company_id, zone.currency_id, month.date, fact.user_id,
                      seller.sale_team_id
            """,
            zones=SQL(", ").join(
                SQL(
                    "(%s, %s, %s)",
                    company.id,
                    company.currency_id.id,
                    company._get_local_tz(),
                )
                for company in self.env.companies
            ),
            today=fields.Date.context_today(self),
            types=list(INVOICES),
        )
