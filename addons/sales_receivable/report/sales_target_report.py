from odoo import fields, models
from odoo.tools import SQL

SALES = ["out_invoice", "out_refund", "out_receipt"]
PURCHASES = ["in_invoice", "in_refund", "in_receipt"]


class SalesTargetReport(models.Model):
    """Approved plans against what was invoiced and billed in their month (K09).

    In company currency without tax, by invoice date. A plan by several things at once
    counts what is all of them; of a category also what is below it. Sales are of the
    document's salesperson and sales team, purchases of the buyer and the buyer's team.
    The id is the plan's.
    """

    _name = "sales.target.report"
    _description = "Plan against Actual"
    _auto = False
    _order = "date desc, id"
    _rec_name = "date"
    _depends = {
        "account.move": [
            "commercial_partner_id",
            "invoice_date",
            "invoice_user_id",
            "move_type",
            "state",
            "team_id",
        ],
        "account.move.line": [
            "balance",
            "display_type",
            "product_id",
            "purchase_line_id",
        ],
        "product.category": ["parent_path"],
        "product.template": ["categ_id"],
        "purchase.order": ["user_id"],
        "res.company": ["target_tolerance_percent"],
        "res.partner": ["state_id"],
        "res.users": ["sale_team_id"],
        "sales.target": [
            "approved_at",
            "approved_purchase",
            "approved_sales",
            "categ_id",
            "company_id",
            "date",
            "product_id",
            "state_id",
            "team_id",
            "user_id",
        ],
    }

    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    date = fields.Date(string="Month", readonly=True)
    state_id = fields.Many2one("res.country.state", string="Region", readonly=True)
    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True)
    user_id = fields.Many2one("res.users", string="Person", readonly=True)
    categ_id = fields.Many2one(
        "product.category", string="Product Category", readonly=True
    )
    product_id = fields.Many2one("product.product", readonly=True)
    planned_sales = fields.Monetary(readonly=True)
    sales = fields.Monetary(readonly=True)
    sales_variance = fields.Monetary(readonly=True, help="Actual less planned.")
    sales_variance_percent = fields.Float(
        string="Sales Variance (%)", readonly=True, aggregator="avg", digits=(16, 2)
    )
    planned_purchase = fields.Monetary(string="Planned Purchases", readonly=True)
    purchase = fields.Monetary(string="Purchases", readonly=True)
    purchase_variance = fields.Monetary(readonly=True, help="Actual less planned.")
    purchase_variance_percent = fields.Float(
        string="Purchase Variance (%)", readonly=True, aggregator="avg", digits=(16, 2)
    )
    planned_difference = fields.Monetary(
        readonly=True, help="Planned sales less planned purchases."
    )
    difference = fields.Monetary(
        string="Sales less Purchases", readonly=True, help="Actual figures."
    )
    is_off = fields.Boolean(
        string="Off the Plan",
        readonly=True,
        help="The month is over, and sales or purchases are further from their plan than"
        " the company's settings allow.",
    )

    def action_open_target(self):
        """Open the plan of this line."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "sales.target",
            "res_id": self.id,
            "view_mode": "form",
        }

    @property
    def _table_query(self):
        this_month = fields.Date.context_today(self).replace(day=1)
        return SQL(
            """
            WITH target AS (SELECT * FROM sales_target WHERE approved_at IS NOT NULL),
            fact AS MATERIALIZED (%(facts)s),
            actual AS (
                SELECT target.id, SUM(fact.sales) AS sales, SUM(fact.purchase) AS purchase
                  FROM target
             LEFT JOIN product_category wanted ON wanted.id = target.categ_id
                  JOIN fact
                    ON fact.company_id = target.company_id AND fact.date = target.date
                   AND (target.state_id IS NULL OR target.state_id = fact.state_id)
                   AND (target.team_id IS NULL OR target.team_id = fact.team_id)
                   AND (target.user_id IS NULL OR target.user_id = fact.user_id)
                   AND (target.product_id IS NULL OR target.product_id = fact.product_id)
                   AND (target.categ_id IS NULL
                        OR STARTS_WITH(fact.parent_path, wanted.parent_path))
                 GROUP BY target.id
            ),
            figure AS (
                SELECT target.id, target.company_id, company.currency_id, target.date,
                       target.state_id, target.team_id, target.user_id, target.categ_id,
                       target.product_id, company.target_tolerance_percent AS tolerance,
                       COALESCE(target.approved_sales, 0) AS planned_sales,
                       COALESCE(actual.sales, 0) AS sales,
                       COALESCE(target.approved_purchase, 0) AS planned_purchase,
                       COALESCE(actual.purchase, 0) AS purchase
                  FROM target
                  JOIN res_company company ON company.id = target.company_id
             LEFT JOIN actual ON actual.id = target.id
            ),
            compared AS (
                SELECT figure.*,
                       sales - planned_sales AS sales_variance,
                       ROUND(100 * (sales - planned_sales)
                             / NULLIF(planned_sales, 0), 2) AS sales_variance_percent,
                       purchase - planned_purchase AS purchase_variance,
                       ROUND(100 * (purchase - planned_purchase)
                             / NULLIF(planned_purchase, 0), 2) AS purchase_variance_percent,
                       planned_sales - planned_purchase AS planned_difference,
                       sales - purchase AS difference
                  FROM figure
            )
            SELECT compared.*,
                   date < %(this_month)s AND (
                       COALESCE(ABS(sales_variance_percent) > tolerance, FALSE)
                       OR COALESCE(ABS(purchase_variance_percent) > tolerance, FALSE)
                   ) AS is_off
              FROM compared
            """,
            facts=self._get_facts_sql(),
            this_month=this_month,
        )

    def _get_facts_sql(self):
        """Return what was sold and bought in the months of ``target``, by everything
        that a plan can be about."""
        return SQL(
            """
            SELECT move.company_id, DATE_TRUNC('month', move.invoice_date)::date AS date,
                   partner.state_id, who.user_id, who.team_id, line.product_id,
                   category.parent_path,
                   SUM(-line.balance) FILTER (WHERE move.move_type = ANY(%(sales)s))
                   AS sales,
                   SUM(line.balance) FILTER (WHERE move.move_type = ANY(%(purchases)s))
                   AS purchase
              FROM account_move move
              JOIN account_move_line line
                ON line.move_id = move.id AND line.display_type = 'product'
              JOIN res_partner partner ON partner.id = move.commercial_partner_id
         LEFT JOIN product_product product ON product.id = line.product_id
         LEFT JOIN product_template template ON template.id = product.product_tmpl_id
         LEFT JOIN product_category category ON category.id = template.categ_id
         LEFT JOIN purchase_order_line ordered ON ordered.id = line.purchase_line_id
         LEFT JOIN purchase_order bought ON bought.id = ordered.order_id
         LEFT JOIN res_users buyer
                ON buyer.id = COALESCE(bought.user_id, move.invoice_user_id)
        CROSS JOIN LATERAL (
                SELECT CASE WHEN move.move_type = ANY(%(sales)s)
                            THEN move.invoice_user_id ELSE buyer.id END AS user_id,
                       CASE WHEN move.move_type = ANY(%(sales)s)
                            THEN move.team_id ELSE buyer.sale_team_id END AS team_id) who
             WHERE move.state = 'posted'
               AND move.move_type = ANY(%(types)s)
               AND move.invoice_date >= (SELECT MIN(date) FROM target)
               AND move.invoice_date < (SELECT MAX(date) FROM target) + INTERVAL '1 month'
             GROUP BY 1, 2, 3, 4, 5, 6, 7
            """,
            sales=SALES,
            purchases=PURCHASES,
            types=SALES + PURCHASES,
        )
