from odoo import fields, models
from odoo.tools import SQL

from ..models.sale_order_budgeted import ACTUAL_FIELDS

STATUS = [("open", "In Progress"), ("invoiced", "Fully Invoiced")]


class SaleMarginReport(models.Model):
    """Confirmed orders with margin before, after, and the difference (A19).

    One row per order, whose id it has, in company currency without tax. Before is what
    was frozen at confirmation; after is what was invoiced less what it has cost so far.
    """

    _name = "sale.margin.report"
    _description = "Margin of Orders"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "order_id"
    _depends = {
        **ACTUAL_FIELDS,
        "sale.order": [
            "budget_frozen_at",
            "budget_rate",
            "budget_revenue",
            "date_order",
            "invoice_status",
            "sales_channel_id",
            "state",
            "team_id",
            "user_id",
        ],
        "sale.order.budget": ["estimated", "kind_id", "order_id"],
    }

    order_id = fields.Many2one("sale.order", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True)
    sales_channel_id = fields.Many2one("sales.channel", readonly=True)
    date = fields.Datetime(string="Confirmed On", readonly=True)
    status = fields.Selection(STATUS, readonly=True)
    revenue_before = fields.Monetary(string="Planned Revenue", readonly=True)
    cost_before = fields.Monetary(string="Budgeted Cost", readonly=True)
    margin_before = fields.Monetary(string="Planned Margin", readonly=True)
    revenue_after = fields.Monetary(string="Invoiced", readonly=True)
    cost_after = fields.Monetary(string="Actual Cost", readonly=True)
    margin_after = fields.Monetary(string="Actual Margin", readonly=True)
    margin_difference = fields.Monetary(
        readonly=True,
        help="Actual less planned margin: below zero it has brought less.",
    )
    margin_before_share = fields.Float(
        string="Planned Margin (%)", readonly=True, aggregator="avg"
    )
    margin_after_share = fields.Float(
        string="Actual Margin (%)", readonly=True, aggregator="avg"
    )

    def action_open_budget(self):
        """Open the budget of this line's order."""
        self.ensure_one()
        return self.order_id.action_view_budget()

    @property
    def _table_query(self):
        frozen = SQL(
            "(SELECT id FROM sale_order"
            " WHERE budget_frozen_at IS NOT NULL AND state = 'sale')"
        )
        Order = self.env["sale.order"]
        return SQL(
            """
            WITH planned AS (
                SELECT order_id, SUM(estimated) AS amount
                  FROM sale_order_budget GROUP BY 1
            ),
            cost AS (
                SELECT order_id, SUM(amount) AS amount FROM (%(costs)s) part GROUP BY 1
            ),
            figures AS (
                SELECT sold.id, sold.company_id, company.currency_id, sold.partner_id,
                       sold.user_id, sold.team_id, sold.sales_channel_id,
                       sold.date_order AS date,
                       CASE WHEN sold.invoice_status = 'invoiced' THEN 'invoiced'
                            ELSE 'open' END AS status,
                       COALESCE(sold.budget_revenue, 0) AS revenue_before,
                       COALESCE(planned.amount * sold.budget_rate, 0) AS cost_before,
                       COALESCE(revenue.amount, 0) AS revenue_after,
                       COALESCE(cost.amount, 0) AS cost_after
                  FROM sale_order sold
                  JOIN res_company company ON company.id = sold.company_id
             LEFT JOIN planned ON planned.order_id = sold.id
             LEFT JOIN cost ON cost.order_id = sold.id
             LEFT JOIN (%(revenues)s) revenue ON revenue.order_id = sold.id
                 WHERE sold.id IN %(frozen)s
            )
            SELECT figures.*, id AS order_id,
                   revenue_before - cost_before AS margin_before,
                   revenue_after - cost_after AS margin_after,
                   revenue_after - cost_after - revenue_before + cost_before
                   AS margin_difference,
                   (revenue_before - cost_before) / NULLIF(revenue_before, 0)
                   AS margin_before_share,
                   (revenue_after - cost_after) / NULLIF(revenue_after, 0)
                   AS margin_after_share
              FROM figures
            """,
            costs=Order._get_actual_cost_sql(frozen),
            revenues=Order._get_actual_revenue_sql(frozen),
            frozen=frozen,
        )
