from odoo import models
from odoo.tools import SQL

from ..guard import as_server
from ..tools.planner import whole_tables
from ..tools.workbook import Column, Table, Workbook


class StockCount(models.Model):
    """What a stock count comes to: corrections, and whether the accounts agree (K05)."""

    _name = "stock.count"
    _inherit = "stock.count"

    def _compute_results(self):
        self.ensure_one()
        for table in ("stock_count_line", "stock_count_account"):
            self.env.cr.execute(
                SQL(
                    "DELETE FROM %s WHERE count_id = %s", SQL.identifier(table), self.id
                )
            )
        self.env.execute_query(self._get_differences_sql())
        if rows := self._get_account_rows():
            self.env.execute_query(self._get_accounts_sql(rows))
        self.env["stock.count.line"].invalidate_model()
        self.env["stock.count.account"].invalidate_model()
        self.invalidate_recordset()
        as_server(self).write(
            {
                "computed_at": self.env.cr.now(),
                "difference_value": sum(self.line_ids.mapped("value")),
                "account_difference": self._get_account_difference(),
            }
        )

    def _get_account_difference(self):
        """Return how far the accounts are off, each taken by itself."""
        totals = {}
        for line in self.account_line_ids:
            totals[line.account_id] = totals.get(line.account_id, 0) + line.difference
        return sum(abs(self.currency_id.round(total)) for total in totals.values())

    def _get_differences_sql(self):
        """Return the statement that lists the corrections since the last count was
        closed (the first one: since its quarter began), by product, at cost.

        Goods that belong to somebody else aren't valued. A movement without a value of
        its own is valued at the product's present cost.
        """
        return SQL(
            """
            INSERT INTO stock_count_line (
                count_id, company_id, currency_id, product_id, categ_id, quantity, value,
                adjustment_count)
            SELECT %(count)s, %(company)s, %(currency)s, product.id, template.categ_id,
                   SUM(side.sign * move.quantity),
                   SUM(side.sign * ROUND(COALESCE(
                       NULLIF(ABS(move.value), 0),
                       move.quantity * (product.standard_price ->> %(company)s::text)::numeric,
                       0)::numeric, %(digits)s)),
                   COUNT(*)
              FROM stock_move move
              JOIN product_product product ON product.id = move.product_id
              JOIN product_template template ON template.id = product.product_tmpl_id
              JOIN stock_location target ON target.id = move.location_dest_id
        CROSS JOIN LATERAL (
                SELECT CASE WHEN target.usage IN ('internal', 'transit') THEN 1
                            ELSE -1 END AS sign) side
             WHERE move.is_inventory AND move.state = 'done'
               AND move.company_id = %(company)s
               AND move.restrict_partner_id IS NULL
               AND move.date > %(since)s
             GROUP BY product.id, template.categ_id
            HAVING SUM(side.sign * move.quantity) <> 0
             ORDER BY product.id
            RETURNING id
            """,
            count=self.id,
            company=self.company_id.id,
            currency=self.currency_id.id,
            digits=self.currency_id.decimal_places,
            since=self._get_since(),
            to_flush=[
                *self._get_product_fields(),
                *(
                    self.env["stock.move"]._fields[name]
                    for name in (
                        "date",
                        "is_inventory",
                        "location_dest_id",
                        "quantity",
                        "restrict_partner_id",
                        "state",
                        "value",
                    )
                ),
            ],
        )

    def _get_since(self):
        """Return the moment after which corrections are this count's, in UTC."""
        last = self.search(
            [
                ("company_id", "=", self.company_id.id),
                ("state", "=", "closed"),
                ("date_start", "<", self.date_start),
            ],
            limit=1,
        )
        return last.closed_at or self.company_id._get_day_start(self.date_start)

    def _get_account_rows(self):
        """Return ``(account id, category id or None, stock value, balance)``.

        Goods are valued by their category's method: by receipts (FIFO) at the layers'
        own cost, else at the product's present cost.
        """
        # Which account and method a category has is no secret to who compares them.
        company = self.company_id.sudo()
        date = min(company._get_business_date(), self.date_end)
        with whole_tables(self.env.cr):
            stock = self._get_stock_by_category(date)
        rows, accounts = {}, {company.account_stock_valuation_id.id}
        nothing = self.env["product.category"]
        everything = nothing.sudo().with_company(company).search([("id", "!=", 0)])
        for category in [nothing, *everything]:
            account = (
                category.property_stock_valuation_account_id
                or company.account_stock_valuation_id
            ).id
            accounts.add(account)
            method = category.property_cost_method or company.cost_method
            by_receipt, at_cost = stock.get(category.id or None, (0, 0))
            value = by_receipt if method == "fifo" else at_cost
            if value:
                rows[account, category.id or None] = [value, 0]
        for account, category, balance in self._get_balances(date, accounts - {False}):
            rows.setdefault((account, category), [0, 0])[1] = balance
        return [(*key, *values) for key, values in rows.items()]

    def _get_stock_by_category(self, date):
        """Return ``{category id: (value by receipts, value at present cost)}``."""
        return {
            category: (by_receipt, at_cost)
            for category, by_receipt, at_cost in self.env.execute_query(
                SQL(
                    """
                    SELECT template.categ_id, SUM(layer.value),
                           SUM(ROUND(layer.quantity * COALESCE(
                               (product.standard_price ->> layer.company_id::text)::numeric,
                               0), %(digits)s))
                      FROM (%(layers)s) layer
                      JOIN product_product product ON product.id = layer.product_id
                      JOIN product_template template
                        ON template.id = product.product_tmpl_id
                     GROUP BY template.categ_id
                    """,
                    digits=self.currency_id.decimal_places,
                    layers=self.env["stock.move"]._get_age_layers_sql(
                        [(self.company_id, date)]
                    ),
                    to_flush=self._get_product_fields(),
                )
            )
        }

    def _get_product_fields(self):
        return [
            self.env["product.product"]._fields["standard_price"],
            self.env["product.template"]._fields["categ_id"],
        ]

    def _get_balances(self, date, account_ids):
        """Return ``(account id, category id or None, balance)`` up to a day."""
        return self.env.execute_query(
            SQL(
                """
                SELECT line.account_id, template.categ_id, SUM(line.balance)
                  FROM account_move_line line
             LEFT JOIN product_product product ON product.id = line.product_id
             LEFT JOIN product_template template ON template.id = product.product_tmpl_id
                 WHERE line.company_id = %(company)s AND line.parent_state = 'posted'
                   AND line.account_id = ANY(%(accounts)s) AND line.date <= %(date)s
                 GROUP BY line.account_id, template.categ_id
                HAVING SUM(line.balance) <> 0
                """,
                company=self.company_id.id,
                accounts=sorted(account_ids),
                date=date,
                to_flush=[
                    *self._get_product_fields(),
                    *(
                        self.env["account.move.line"]._fields[name]
                        for name in (
                            "account_id",
                            "balance",
                            "date",
                            "parent_state",
                            "product_id",
                        )
                    ),
                ],
            )
        )

    def _get_accounts_sql(self, rows):
        return SQL(
            """
            INSERT INTO stock_count_account (
                count_id, company_id, currency_id, account_id, categ_id, stock_value,
                balance, difference)
            SELECT %(count)s, %(company)s, %(currency)s, account_id, categ_id, stock,
                   balance, stock - balance
              FROM (VALUES %(rows)s) found (account_id, categ_id, stock, balance)
             ORDER BY account_id, categ_id
            RETURNING id
            """,
            count=self.id,
            company=self.company_id.id,
            currency=self.currency_id.id,
            rows=SQL(", ").join(
                SQL(
                    "(%s::int, %s::int, %s::numeric, %s::numeric)",
                    account or None,
                    *rest,
                )
                for account, *rest in rows
            ),
        )

    # --- workbook ---------------------------------------------------------------------

    def _get_xlsx(self):
        self.ensure_one()
        book = Workbook(self.currency_id.decimal_places)
        state = dict(self._fields["state"]._description_selection(self.env))[self.state]
        notes = [f"{self.company_id.name} · {self.currency_id.name}", state]
        # Names of products, categories and accounts come with the readable line.
        differences = self.line_ids.sudo()
        book.write_table(
            self.env._("Differences"),
            Table(
                self.display_name,
                notes,
                [
                    Column(self.env._("Product"), width=40),
                    Column(self.env._("Product Category")),
                    Column(self.env._("Corrections"), "integer"),
                    Column(self.env._("Quantity"), "quantity"),
                    Column(self.env._("Value"), "money", total=True),
                ],
                (
                    [
                        line.product_id.display_name,
                        line.categ_id.display_name,
                        line.adjustment_count,
                        line.quantity,
                        line.value,
                    ]
                    for line in differences
                ),
                self.env._("Total"),
            ),
        )
        book.write_table(
            self.env._("Accounts"),
            Table(
                self.display_name,
                notes,
                [
                    Column(self.env._("Account"), width=36),
                    Column(self.env._("Product Category")),
                    Column(self.env._("Stock Value"), "money", total=True),
                    Column(self.env._("Balance"), "money", total=True),
                    Column(self.env._("Difference"), "money", total=True),
                ],
                (
                    [
                        line.account_id.display_name,
                        line.categ_id.display_name,
                        line.stock_value,
                        line.balance,
                        line.difference,
                    ]
                    for line in self.account_line_ids.sudo()
                ),
                self.env._("Total"),
            ),
        )
        return self.display_name, book.getvalue()
