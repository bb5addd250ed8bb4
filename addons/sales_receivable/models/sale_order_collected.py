from odoo import fields, models
from odoo.tools import SQL

COLLECTED_FIELDS = {
    "account.move": ("amount_total", "amount_total_signed", "currency_id", "state"),
    "account.move.line": (
        "account_id",
        "amount_residual_currency",
        "move_id",
        "price_total",
    ),
    "account.partial.reconcile": ("credit_move_id", "debit_move_id"),
    "account.payment": (
        "amount",
        "amount_company_currency_signed",
        "currency_id",
        "move_id",
        "state",
    ),
    "sale.order": ("amount_total", "currency_id", "currency_rate"),
    "sale.order.allocation": ("amount", "order_id", "payment_id"),
    "sale.order.line": ("invoice_lines", "order_id"),
}


class SaleOrder(models.Model):
    """What has been collected of an order (A10).

    Never the host's ``amount_paid``, which knows online payments only: money that
    settled the order's invoices, and payments meant for it that nothing has used yet.
    """

    _name = "sale.order"
    _inherit = "sale.order"

    allocation_ids = fields.One2many(
        "sale.order.allocation",
        "order_id",
        string="Payments Meant for It",
        copy=False,
        groups="account.group_account_invoice,account.group_account_readonly",
    )
    collected_amount = fields.Monetary(
        string="Collected",
        compute="_compute_collected",
        groups="base.group_user",
        help="Money that settled the order's invoices, and payments meant for it.",
    )
    collected_share = fields.Float(
        compute="_compute_collected", digits=(16, 4), groups="base.group_user"
    )

    def _compute_collected(self):
        # Who reads the order may know how far it is paid; not by whom and how.
        collected = self.sudo()._get_collected_share()
        for order in self:
            figures = collected.get(order._origin.id, {})
            order.collected_amount = figures.get("amount", 0.0)
            order.collected_share = figures.get("share", 0.0)

    def _get_collected_share(self, as_of=None, in_transit=True):
        """Return how much of the orders' total has been collected (A10, A11, A12).

        Of an invoice over several orders each gets the share of its lines. What is
        meant for an order counts as far as the payment is neither used by invoices nor
        handed out to orders before it; what has settled an invoice of the same order
        isn't counted twice. Cancelled and rejected payments don't count.

        :param date as_of: for the money that settled invoices, up to this day
        :param bool in_transit: whether payments count before the bank confirms them
        :return: ``{order.id: {"amount": in the order's currency, "share": 0 to 1, may
            exceed 1}}``; an order over nothing is collected
        """
        figures = {}
        if self.ids:
            rows = self.env.execute_query(
                self._get_collected_sql(SQL("%s", list(self.ids)), as_of, in_transit)
            )
            for order_id, total, amount, _invoiced in rows:
                figures[order_id] = {
                    "amount": float(amount),
                    "share": float(amount) / float(total) if total else 1.0,
                }
        return figures

    def _get_invoiced_collected_share(self):
        """Return ``{order.id: share collected, 0 to 1}`` of what was ordered or, if that
        is more, of what posted invoices ask for (A12).

        Who sells changes orders, also confirmed ones: an order that is cut down after it
        was invoiced asks for no less, and one that isn't confirmed stands for nothing.
        """
        shares = {}
        if self.ids:
            rows = self.env.execute_query(
                self._get_collected_sql(SQL("%s", list(self.ids)), None, True)
            )
            confirmed = set(self.filtered(lambda order: order.state == "sale").ids)
            for order_id, total, amount, invoiced in rows:
                asked = max(float(total), float(invoiced))
                found = order_id in confirmed and asked > 0
                share = float(amount) / asked if found else 0.0
                shares[order_id] = min(max(share, 0.0), 1.0)
        return shares

    def _get_collected_sql(self, order_ids, as_of, in_transit):
        return SQL(
            """
            WITH billing AS (%(billing)s),
            money AS (
                SELECT collection.*,
                       COALESCE(payment_line.move_id, 0) AS payment_move_id
                  FROM (%(collections)s) collection
                  JOIN account_partial_reconcile part ON part.id = collection.partial_id
                  JOIN account_move_line payment_line
                    ON payment_line.id IN (part.debit_move_id, part.credit_move_id)
                   AND payment_line.id <> collection.line_id
            ),
            settled AS (
                SELECT billing.order_id, money.payment_move_id,
                       SUM(billing.share * CASE
                           WHEN move.currency_id = sold.currency_id
                           THEN money.amount_currency
                           ELSE money.amount * COALESCE(NULLIF(sold.currency_rate, 0), 1)
                            END) AS amount,
                       SUM(billing.share * money.amount) AS company_amount
                  FROM billing
                  JOIN money ON money.move_id = billing.move_id
                  JOIN account_move move ON move.id = billing.move_id
                  JOIN sale_order sold ON sold.id = billing.order_id
                 GROUP BY 1, 2
            ),
            asked AS (
                SELECT billing.order_id,
                       SUM(billing.share * CASE
                           WHEN move.currency_id = sold.currency_id
                           THEN move.amount_total
                                * SIGN(move.amount_total_signed)
                           ELSE move.amount_total_signed
                                * COALESCE(NULLIF(sold.currency_rate, 0), 1)
                            END) AS amount
                  FROM billing
                  JOIN account_move move ON move.id = billing.move_id
                  JOIN sale_order sold ON sold.id = billing.order_id
                 GROUP BY 1
            ),
            mine AS (
                -- All lines of the payments: what comes first uses them first.
                SELECT * FROM sale_order_allocation
                 WHERE payment_id IN (SELECT payment_id FROM sale_order_allocation
                                       WHERE order_id = ANY(%(order_ids)s))
            ),
            meant AS (%(meant)s),
            free AS (
                SELECT order_id,
                       LEAST(wanted, GREATEST(unused - (SUM(wanted) OVER upto - wanted), 0))
                       * rate AS amount
                  FROM meant
                WINDOW upto AS (PARTITION BY payment_id ORDER BY id)
            )
            SELECT sold.id, sold.amount_total,
                   ROUND((COALESCE((SELECT SUM(amount) FROM settled
                                     WHERE settled.order_id = sold.id), 0)
                        + COALESCE((SELECT SUM(amount) FROM free
                                     WHERE free.order_id = sold.id), 0))::numeric,
                         currency.decimal_places) AS amount,
                   ROUND(COALESCE((SELECT SUM(asked.amount) FROM asked
                                    WHERE asked.order_id = sold.id), 0)::numeric,
                         currency.decimal_places) AS invoiced
              FROM sale_order sold
              JOIN res_currency currency ON currency.id = sold.currency_id
             WHERE sold.id = ANY(%(order_ids)s)
            """,
            billing=self._get_billing_sql(self._get_orders_of_payments_sql(order_ids)),
            collections=self.env["account.partial.reconcile"]._get_collections_sql(
                SQL("ARRAY(SELECT move_id FROM billing)"), as_of, in_transit
            ),
            meant=self._get_meant_sql(in_transit),
            order_ids=order_ids,
            to_flush=[
                self.env[model]._fields[name]
                for model, names in COLLECTED_FIELDS.items()
                for name in names
            ],
        )

    def _get_orders_of_payments_sql(self, order_ids):
        """Return the array of the orders asked for and of those that share payments with
        them: what came first has used them first."""
        return SQL(
            """ARRAY(SELECT other.order_id FROM sale_order_allocation mine
                       JOIN sale_order_allocation other
                         ON other.payment_id = mine.payment_id
                      WHERE mine.order_id = ANY(%(ids)s)
                      UNION SELECT UNNEST(%(ids)s))""",
            ids=order_ids,
        )

    def _get_billing_sql(self, order_ids):
        """Return the query of which share of which posted customer document is an
        order's: columns ``order_id``, ``move_id`` and ``share`` (of its total).

        :param SQL order_ids: array of ids of ``sale.order``
        """
        return SQL(
            """
            SELECT item.order_id, item.move_id,
                   SUM(item.price_total) / NULLIF(MAX(item.amount_total), 0) AS share
              FROM (%s) item
             GROUP BY 1, 2
            """,
            self.env["sale.order.line"]._get_billed_sql(
                SQL("line.order_id = ANY(%s)", order_ids)
            ),
        )

    def _get_meant_sql(self, in_transit):
        """Return what is still meant for orders, in the payment's currency: ``wanted``
        is what hasn't settled an invoice of the same order yet, ``unused`` what of the
        payment is money and has settled nothing, ``rate`` the way to the order's
        currency."""
        return SQL(
            """
            SELECT allocation.id, allocation.payment_id, allocation.order_id,
                   GREATEST(allocation.amount - COALESCE(
                       settled.company_amount / NULLIF(company_rate.rate, 0), 0), 0)
                   AS wanted,
                   residual.unused * share.share AS unused,
                   CASE WHEN payment.currency_id = sold.currency_id THEN 1
                        ELSE company_rate.rate
                             * COALESCE(NULLIF(sold.currency_rate, 0), 1) END AS rate
              FROM mine allocation
              JOIN account_payment payment ON payment.id = allocation.payment_id
              JOIN sale_order sold ON sold.id = allocation.order_id
        CROSS JOIN LATERAL (
                SELECT ABS(payment.amount_company_currency_signed)
                       / NULLIF(payment.amount, 0) AS rate) company_rate
        CROSS JOIN LATERAL (
                SELECT COALESCE(SUM(-line.amount_residual_currency), 0) AS unused
                  FROM account_move_line line
                  JOIN account_account account ON account.id = line.account_id
                 WHERE line.move_id = payment.move_id
                   AND line.parent_state = 'posted'
                   AND account.account_type = 'asset_receivable') residual
              JOIN (WITH money_line AS (
                        SELECT paid.move_id
                          FROM account_payment paid
                          JOIN account_move entry ON entry.id = paid.move_id
                          JOIN account_journal journal ON journal.id = entry.journal_id
                         WHERE paid.id IN (SELECT payment_id FROM mine)
                           AND paid.state IN ('in_process', 'paid')
                           AND journal.type IN ('bank', 'cash', 'credit'))
                    %(share)s) share ON share.move_id = payment.move_id
         LEFT JOIN settled ON settled.order_id = allocation.order_id
                          AND settled.payment_move_id = payment.move_id
            """,
            share=self.env["account.partial.reconcile"]._get_money_share_sql(
                None, in_transit
            ),
        )
