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
        "matching_number",
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

    # Few: what was reset to draft after it had been reconciled.
    _unposted_matched_idx = models.Index(
        "(id) WHERE parent_state != 'posted' AND matching_number IS NOT NULL"
    )

    @api.model
    def _get_open_items_sql(self, as_of, company_ids, customer_ids=None):
        """Return the query of receivable items that were open on a day (R03).

        What was open is today's residual with every reconciliation taken back that
        wasn't in the books by then. Dates are accounting dates, whenever something was
        entered:

        - an item is there from its own date on, a reconciliation from the later of its
          two items' dates on. So what is back-dated counts as if it had been entered in
          time, and an earlier answer for the days since its date changes;
        - an undone reconciliation counts as if it had never been, one done again as if
          it had never been undone;
        - an exchange difference is an entry with a date of its own: the host puts it on
          the day of entry, or the end of the payment's month if that is over. Until
          then what is paid up in its currency is open by the difference, in company
          currency only. Undone, the difference is an item from its date to the date of
          its reversal;
        - an entry that isn't posted isn't in the books, nor what is reconciled with it,
          though the host goes on calling that settled.

        So the items of a day always add up to the ledger's receivable balance of it.

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
            unposted AS (
                SELECT id FROM account_move_line
                 WHERE parent_state <> 'posted' AND matching_number IS NOT NULL
            ),
            not_there AS (
                SELECT id FROM account_partial_reconcile
                 WHERE debit_move_id IN (SELECT id FROM unposted)
                 UNION
                SELECT id FROM account_partial_reconcile
                 WHERE credit_move_id IN (SELECT id FROM unposted)
            ),
            not_yet AS (
                SELECT side.line_id, SUM(side.amount) AS amount,
                       SUM(side.amount_currency) AS amount_currency
                  FROM account_partial_reconcile part
            CROSS JOIN LATERAL (VALUES
                    (debit_move_id, amount, debit_amount_currency),
                    (credit_move_id, -amount, -credit_amount_currency)
                  ) side (line_id, amount, amount_currency)
                 WHERE max_date > %(as_of)s
                    OR part.id = ANY(ARRAY(SELECT id FROM not_there))
                 GROUP BY side.line_id
            ),
            candidate AS (
                SELECT id FROM account_move_line line
                 WHERE account_id IN (SELECT id FROM receivable)
                   AND reconciled IS NOT TRUE AND date <= %(as_of)s
                   AND %(of_customers)s
                 UNION
                SELECT line_id FROM not_yet
            ),
            item AS (
                SELECT line.*,
                       line.amount_residual + COALESCE(not_yet.amount, 0) AS residual,
                       line.amount_residual_currency
                       + COALESCE(not_yet.amount_currency, 0) AS residual_currency
                  FROM candidate
                  JOIN account_move_line line ON line.id = candidate.id
             LEFT JOIN not_yet ON not_yet.line_id = line.id
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
