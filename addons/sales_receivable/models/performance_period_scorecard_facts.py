from datetime import timedelta

from dateutil.relativedelta import relativedelta
from odoo import models
from odoo.tools import SQL

INVOICES = ("out_invoice", "out_receipt")


class PerformancePeriod(models.Model):
    """What each measure of a scorecard counts, per salesperson (K06).

    ``_get_<measure>_facts_sql(first, last, variant)`` is the query of ``user_id``,
    ``amount``, ``base`` (what a share is of, else NULL) and ``count``. Amounts are in
    company currency. Days of orders are days of the company's time zone.
    """

    _name = "performance.period"
    _inherit = "performance.period"

    def _get_scorecard_span(self, line):
        """Return which variant of a measure a definition's line asks for, and the first
        and last day that it tells about: of retention those of the months before."""
        if line.measure != "retention":
            return 0, self.date_start, self.date_end
        months = line.definition_id.retention_months
        again = self.date_start - relativedelta(months=months - 1)
        return months, again - relativedelta(months=months), again - timedelta(days=1)

    def _get_sales_facts_sql(self, first, last, _variant):
        """Return what was invoiced, without tax, less credit notes."""
        return SQL(
            """
            SELECT invoice_user_id AS user_id, SUM(amount_untaxed_signed) AS amount,
                   NULL AS base, COUNT(*) AS count
              FROM account_move
             WHERE company_id = %(company)s AND state = 'posted'
               AND move_type = ANY(%(types)s)
               AND invoice_date BETWEEN %(first)s AND %(last)s
             GROUP BY invoice_user_id
            """,
            company=self.company_id.id,
            types=[*INVOICES, "out_refund"],
            first=first,
            last=last,
            to_flush=self._get_invoice_fields(),
        )

    def _get_collection_facts_sql(self, first, last, _variant):
        """Return, of invoices that fell due, the money collected by the last day.

        What was credited by then wasn't due. What is settled by anything else than
        money or a credit note was due and isn't collected.
        """
        return SQL(
            """
            WITH due AS (
                SELECT line.id, line.move_id, line.balance, move.invoice_user_id
                  FROM account_move_line line
                  JOIN account_move move ON move.id = line.move_id
                  JOIN account_account account ON account.id = line.account_id
                 WHERE line.company_id = %(company)s AND line.parent_state = 'posted'
                   AND line.date_maturity BETWEEN %(first)s AND %(last)s
                   AND account.account_type = 'asset_receivable'
                   AND move.move_type = ANY(%(types)s)
            ),
            credited AS (
                SELECT part.debit_move_id AS line_id, SUM(part.amount) AS amount
                  FROM account_partial_reconcile part
                  JOIN account_move_line other ON other.id = part.credit_move_id
                  JOIN account_move refund ON refund.id = other.move_id
                 WHERE refund.move_type = 'out_refund' AND part.max_date <= %(last)s
                   AND part.debit_move_id IN (SELECT id FROM due)
                 GROUP BY part.debit_move_id
            ),
            paid AS (
                SELECT line_id, SUM(amount) AS amount FROM (%(collections)s) money
                 GROUP BY line_id
            )
            SELECT due.invoice_user_id AS user_id,
                   COALESCE(SUM(paid.amount), 0) AS amount,
                   SUM(due.balance - COALESCE(credited.amount, 0)) AS base,
                   COUNT(*) AS count
              FROM due
         LEFT JOIN credited ON credited.line_id = due.id
         LEFT JOIN paid ON paid.line_id = due.id
             GROUP BY due.invoice_user_id
            """,
            company=self.company_id.id,
            first=first,
            last=last,
            types=list(INVOICES),
            collections=self.env["account.partial.reconcile"]._get_collections_sql(
                SQL("ARRAY(SELECT move_id FROM due)"), as_of=last
            ),
            to_flush=[
                *self._get_invoice_fields(),
                self.env["account.move.line"]._fields["date_maturity"],
            ],
        )

    def _get_retention_facts_sql(self, first, last, _variant):
        """Return the customers who were invoiced in the months before, and of them those
        who were again, by anybody, up to the period's end.

        A customer is the salesperson's of the newest invoice of the months before.
        """
        return SQL(
            """
            WITH sold AS (
                SELECT id, commercial_partner_id, invoice_user_id, invoice_date
                  FROM account_move
                 WHERE company_id = %(company)s AND state = 'posted'
                   AND move_type = ANY(%(types)s)
                   AND invoice_date BETWEEN %(first)s AND %(end)s
            ),
            before AS (
                SELECT DISTINCT ON (commercial_partner_id) commercial_partner_id,
                       invoice_user_id
                  FROM sold WHERE invoice_date <= %(last)s
                 ORDER BY commercial_partner_id, invoice_date DESC, id DESC
            ),
            again AS (
                SELECT DISTINCT commercial_partner_id FROM sold
                 WHERE invoice_date > %(last)s
            )
            SELECT before.invoice_user_id AS user_id,
                   COUNT(again.commercial_partner_id) AS amount, COUNT(*) AS base,
                   COUNT(*) AS count
              FROM before LEFT JOIN again USING (commercial_partner_id)
             GROUP BY before.invoice_user_id
            """,
            company=self.company_id.id,
            types=list(INVOICES),
            first=first,
            last=last,
            end=self.date_end,
            to_flush=self._get_invoice_fields(),
        )

    def _get_new_customers_facts_sql(self, first, last, _variant):
        """Return the customers whose first confirmed order of all is of the month."""
        return SQL(
            """
            SELECT fresh.user_id, COUNT(*) AS amount, NULL AS base, COUNT(*) AS count
              FROM (SELECT DISTINCT ON (customer.commercial_partner_id) sold.user_id
                      FROM sale_order sold
                      JOIN res_partner customer ON customer.id = sold.partner_id
                     WHERE %(of_month)s
                       AND NOT EXISTS (
                            SELECT FROM sale_order older
                              JOIN res_partner buyer ON buyer.id = older.partner_id
                             WHERE older.company_id = %(company)s
                               AND older.state = 'sale'
                               AND older.date_order < %(start)s
                               AND buyer.commercial_partner_id
                                   = customer.commercial_partner_id)
                     ORDER BY customer.commercial_partner_id, sold.date_order, sold.id
                   ) fresh
             GROUP BY fresh.user_id
            """,
            of_month=self._get_order_condition_sql(first, last),
            company=self.company_id.id,
            start=self.company_id._get_day_start(first),
        )

    def _get_deals_facts_sql(self, first, last, _variant):
        """Return the number of orders confirmed."""
        return SQL(
            """
            SELECT sold.user_id, COUNT(*) AS amount, NULL AS base, COUNT(*) AS count
              FROM sale_order sold WHERE %s GROUP BY sold.user_id
            """,
            self._get_order_condition_sql(first, last),
        )

    def _get_leads_facts_sql(self, first, last, _variant):
        """Return the number of leads that became opportunities, lost ones included."""
        return SQL(
            """
            SELECT lead.user_id, COUNT(*) AS amount, NULL AS base, COUNT(*) AS count
              FROM crm_lead lead
              JOIN res_users seller ON seller.id = lead.user_id
             WHERE lead.type = 'opportunity'
               AND COALESCE(lead.company_id, seller.company_id) = %(company)s
               AND COALESCE(lead.date_conversion, lead.create_date) >= %(start)s
               AND COALESCE(lead.date_conversion, lead.create_date) < %(end)s
             GROUP BY lead.user_id
            """,
            company=self.company_id.id,
            start=self.company_id._get_day_start(first),
            end=self.company_id._get_day_start(last + timedelta(days=1)),
            to_flush=[
                self.env["crm.lead"]._fields[name]
                for name in ("company_id", "date_conversion", "type", "user_id")
            ],
        )

    def _get_order_condition_sql(self, first, last):
        """Return the condition that an order was confirmed on one of the days."""
        return SQL(
            """sold.company_id = %s AND sold.state = 'sale'
               AND sold.date_order >= %s AND sold.date_order < %s""",
            self.company_id.id,
            self.company_id._get_day_start(first),
            self.company_id._get_day_start(last + timedelta(days=1)),
            to_flush=[
                *(
                    self.env["sale.order"]._fields[name]
                    for name in ("date_order", "partner_id", "state", "user_id")
                ),
                self.env["res.partner"]._fields["commercial_partner_id"],
            ],
        )

    def _get_invoice_fields(self):
        return [
            self.env["account.move"]._fields[name]
            for name in (
                "amount_untaxed_signed",
                "commercial_partner_id",
                "company_id",
                "invoice_date",
                "invoice_user_id",
                "move_type",
                "state",
            )
        ]
