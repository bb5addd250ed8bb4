from odoo import fields, models
from odoo.tools import SQL

from ..models.sales_contract import STATES

LEDGER_DEPENDS = {
    "account.move": ["amount_total", "amount_total_signed", "state"],
    "account.move.line": ["move_id", "price_total"],
    "sale.order": ["amount_total", "contract_id", "currency_rate", "state"],
    "sale.order.line": [
        "display_type",
        "invoice_lines",
        "order_id",
        "price_total",
        "product_uom_qty",
        "qty_delivered",
    ],
    "sales.contract": [
        "company_id",
        "date_signed",
        "number",
        "partner_id",
        "state",
        "team_id",
        "user_id",
    ],
}


class SalesContractLedger(models.Model):
    """Contracts with what was ordered, delivered, invoiced, collected (合同台账, A09).

    One row per contract, whose id it has; amounts with tax in company currency. Of an
    invoice over several orders counts the share of the contract's lines; collected is
    money only, as ``account.partial.reconcile._get_collections_sql`` says.
    """

    _name = "sales.contract.ledger"
    _description = "Contract Ledger"
    _auto = False
    _order = "date_signed desc, id desc"
    _rec_name = "contract_id"
    _depends = LEDGER_DEPENDS

    contract_id = fields.Many2one("sales.contract", readonly=True)
    state = fields.Selection(STATES, string="Status", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True)
    date_signed = fields.Date(string="Signed On", readonly=True)
    ordered = fields.Monetary(readonly=True)
    delivered = fields.Monetary(readonly=True)
    invoiced = fields.Monetary(readonly=True)
    collected = fields.Monetary(readonly=True)
    open_amount = fields.Monetary(
        string="Not Collected", readonly=True, help="Invoiced and not collected yet."
    )

    def action_open_contract(self):
        """Open the contract of this line."""
        self.ensure_one()
        return self.contract_id._get_form_action()

    @property
    def _table_query(self):
        return SQL(
            """
            WITH ordered AS (
                SELECT id, contract_id, amount_total,
                       COALESCE(NULLIF(currency_rate, 0), 1) AS rate
                  FROM sale_order
                 WHERE contract_id IS NOT NULL AND state = 'sale'
            ),
            line AS (
                -- What discounts take off is taken off in proportion.
                SELECT ordered.id,
                       SUM(line.price_total * line.qty_delivered / line.product_uom_qty)
                       / NULLIF(SUM(line.price_total), 0) AS delivered
                  FROM ordered
                  JOIN sale_order_line line ON line.order_id = ordered.id
                 WHERE line.display_type IS NULL
                   AND line.price_total > 0 AND line.product_uom_qty > 0
                 GROUP BY ordered.id
            ),
            goods AS (
                SELECT ordered.contract_id, SUM(amount_total / rate) AS ordered,
                       SUM(amount_total / rate * COALESCE(line.delivered, 0)) AS delivered
                  FROM ordered LEFT JOIN line ON line.id = ordered.id
                 GROUP BY 1
            ),
            billing AS (
                SELECT sold.contract_id, share.move_id, SUM(share.share) AS share
                  FROM (%(billing)s) share
                  JOIN sale_order sold ON sold.id = share.order_id
                 GROUP BY 1, 2
            ),
            money AS (
                SELECT move_id, SUM(amount) AS amount
                  FROM (%(collections)s) collection GROUP BY 1
            ),
            billed AS (
                SELECT billing.contract_id,
                       SUM(move.amount_total_signed * billing.share) AS invoiced,
                       SUM(COALESCE(money.amount, 0) * billing.share) AS collected
                  FROM billing
                  JOIN account_move move ON move.id = billing.move_id
             LEFT JOIN money ON money.move_id = billing.move_id
                 GROUP BY 1
            )
            SELECT contract.id, contract.id AS contract_id, contract.state,
                   contract.company_id, company.currency_id, contract.partner_id,
                   contract.user_id, contract.team_id, contract.date_signed,
                   ROUND(COALESCE(goods.ordered, 0)::numeric, currency.decimal_places)
                   AS ordered,
                   ROUND(COALESCE(goods.delivered, 0)::numeric, currency.decimal_places)
                   AS delivered,
                   ROUND(COALESCE(billed.invoiced, 0)::numeric, currency.decimal_places)
                   AS invoiced,
                   ROUND(COALESCE(billed.collected, 0)::numeric, currency.decimal_places)
                   AS collected,
                   ROUND(COALESCE(billed.invoiced - billed.collected, 0)::numeric,
                         currency.decimal_places) AS open_amount
              FROM sales_contract contract
              JOIN res_company company ON company.id = contract.company_id
              JOIN res_currency currency ON currency.id = company.currency_id
         LEFT JOIN goods ON goods.contract_id = contract.id
         LEFT JOIN billed ON billed.contract_id = contract.id
            """,
            billing=self.env["sale.order"]._get_billing_sql(
                SQL("ARRAY(SELECT id FROM sale_order WHERE contract_id IS NOT NULL)")
            ),
            collections=self.env["account.partial.reconcile"]._get_collections_sql(
                SQL("ARRAY(SELECT move_id FROM billing)")
            ),
        )
