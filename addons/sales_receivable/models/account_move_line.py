from odoo import api, models
from odoo.tools import SQL

OPEN_ITEM_FIELDS = {
    "account.account": ("account_type",),
    "account.bank.statement.line": ("move_id",),
    "account.move": (
        "commercial_partner_id",
        "invoice_date",
        "invoice_user_id",
        "move_type",
        "team_id",
    ),
    "account.move.line": (
        "account_id",
        "amount_residual",
        "amount_residual_currency",
        "company_currency_id",
        "company_id",
        "currency_id",
        "date",
        "date_maturity",
        "move_id",
        "parent_state",
        "partner_id",
        "reconciled",
    ),
    "account.partial.reconcile": (
        "amount",
        "credit_amount_currency",
        "credit_move_id",
        "debit_amount_currency",
        "debit_move_id",
        "max_date",
    ),
    "account.payment": ("move_id", "state"),
    "res.partner": ("commercial_partner_id",),
}


class AccountMoveLine(models.Model):
    _name = "account.move.line"
    _inherit = "account.move.line"

    @api.model
    def _get_open_items_sql(self, as_of, company_ids, customer_ids=None):
        """Return the query of receivable items that were open on a day (R03).

        What was open is today's residual with every later reconciliation taken back.
        Dates are accounting dates: a payment or reconciliation entered later but dated
        on or before ``as_of`` counts as if it had been there, an undone reconciliation
        as if it had never been. So the items of a day always add up to the ledger's
        receivable balance of that day.

        Columns: ``id`` (journal item), ``company_id``, ``company_currency_id``,
        ``currency_id``, ``move_id``, ``item_type``, ``date``, ``date_invoice``,
        ``date_due``, ``partner_id``, ``commercial_partner_id``, ``user_id``, ``team_id``,
        ``residual`` (company currency) and ``residual_currency``. Credits are negative.

        ``user_id`` decides who may see the item: the salesperson of the document, and
        of what has none (payments, entries) the one of the customer's newest open
        invoice. Never the contact's salesperson, which who reads could write.

        :param date as_of: last accounting day that counts
        :param list company_ids: ids of ``res.company``
        :param list customer_ids: ids of commercial partners, default all
        """
        of_customers = SQL("TRUE")
        if customer_ids is not None:
            # What names no partner may belong to the customer by its document.
            of_customers = SQL(
                """(line.partner_id IS NULL OR line.partner_id IN (
                        SELECT id FROM res_partner
                         WHERE commercial_partner_id = ANY(%s)))""",
                list(customer_ids),
            )
        return SQL(
            """
            WITH receivable AS (
                SELECT id FROM account_account WHERE account_type = 'asset_receivable'
            ),
            later AS (
                SELECT line_id, SUM(amount) AS amount,
                       SUM(amount_currency) AS amount_currency
                  FROM (SELECT debit_move_id AS line_id, amount,
                               debit_amount_currency AS amount_currency
                          FROM account_partial_reconcile WHERE max_date > %(as_of)s
                         UNION ALL
                        SELECT credit_move_id, -amount, -credit_amount_currency
                          FROM account_partial_reconcile WHERE max_date > %(as_of)s
                       ) part
                 GROUP BY line_id
            ),
            candidate AS (
                SELECT id FROM account_move_line line
                 WHERE account_id IN (SELECT id FROM receivable)
                   AND reconciled IS NOT TRUE AND date <= %(as_of)s
                   AND %(of_customers)s
                 UNION
                SELECT line_id FROM later
            ),
            item AS (
                SELECT line.*,
                       line.amount_residual + COALESCE(later.amount, 0) AS residual,
                       line.amount_residual_currency
                       + COALESCE(later.amount_currency, 0) AS residual_currency
                  FROM candidate
                  JOIN account_move_line line ON line.id = candidate.id
             LEFT JOIN later ON later.line_id = line.id
                 WHERE line.parent_state = 'posted'
                   AND line.date <= %(as_of)s
                   AND line.company_id = ANY(%(company_ids)s)
                   AND line.account_id IN (SELECT id FROM receivable)
                   AND %(of_customers)s
            )
            SELECT item.id, item.company_id, item.company_currency_id, item.currency_id,
                   item.move_id, item.date,
                   COALESCE(move.invoice_date, item.date) AS date_invoice,
                   COALESCE(item.date_maturity, item.date) AS date_due,
                   item.partner_id,
                   customer.id AS commercial_partner_id,
                   COALESCE(move.invoice_user_id,
                            CASE WHEN customer.id IS NOT NULL
                                 THEN FIRST_VALUE(move.invoice_user_id) OVER newest END)
                   AS user_id,
                   move.team_id, item.residual, item.residual_currency,
                   CASE WHEN move.move_type IN ('out_invoice', 'out_receipt') THEN 'invoice'
                        WHEN move.move_type = 'out_refund' THEN 'refund'
                        WHEN %(is_payment)s OR %(is_bank_line)s THEN 'payment'
                        ELSE 'entry' END AS item_type
              FROM item
              JOIN account_move move ON move.id = item.move_id
         LEFT JOIN res_partner partner ON partner.id = item.partner_id
        CROSS JOIN LATERAL (
                SELECT COALESCE(partner.commercial_partner_id,
                                move.commercial_partner_id) AS id) customer
             WHERE (item.residual <> 0 OR item.residual_currency <> 0)
               AND %(of_these)s
            WINDOW newest AS (
                PARTITION BY item.company_id, customer.id
                    ORDER BY move.invoice_user_id IS NULL, item.date DESC, item.id DESC)
            """,
            is_payment=self.env["account.partial.reconcile"]._get_is_payment_sql(
                "move"
            ),
            is_bank_line=self.env["account.partial.reconcile"]._get_is_bank_line_sql(
                "move"
            ),
            of_customers=of_customers,
            of_these=SQL("TRUE")
            if customer_ids is None
            else SQL("customer.id = ANY(%s)", list(customer_ids)),
            as_of=as_of,
            company_ids=list(company_ids),
            to_flush=[
                self.env[model]._fields[name]
                for model, names in OPEN_ITEM_FIELDS.items()
                for name in names
            ],
        )
