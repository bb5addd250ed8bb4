from odoo import api, models
from odoo.tools import SQL


class AccountPartialReconcile(models.Model):
    _name = "account.partial.reconcile"
    _inherit = "account.partial.reconcile"

    _max_date_idx = models.Index("(max_date)")

    @api.model
    def _get_collections_sql(self, move_ids, as_of=None, in_transit=True):
        """Return the query of the money that settled customer documents.

        One row per partial whose counterpart is a payment (not one that is cancelled or
        rejected) or a bank statement line; everything else that settles an item (credit
        notes, journal entries, exchange differences) is not money, whatever the entry
        itself says. Of a payment with a write-off only the money's share
        counts: liquidity over what the entry settles, at most all of it. Shares are
        rounded cumulatively per counterpart item, so that they add up to the money.

        Columns: ``partial_id``, ``line_id`` and ``move_id`` (item and document settled),
        ``date`` (the later of document and payment date), ``amount`` (company
        currency) and ``amount_currency`` (currency of the document's item). Money paid
        out to the customer (refund of a credit note) is negative.

        :param move_ids: ids of ``account.move``, or the ``SQL`` of an array of them
        :param date as_of: only what was collected up to this accounting date
        :param bool in_transit: whether money on an outstanding account counts before
            it is matched with the bank
        """
        dated = SQL("part.max_date <= %s", as_of) if as_of else SQL("TRUE")
        sides = [
            SQL(
                """SELECT part.id, part.max_date, part.amount, %(sign)s AS sign,
                          part.%(amount_currency)s AS amount_currency,
                          part.%(item)s AS line_id, part.%(counterpart)s AS money_line_id
                     FROM account_partial_reconcile part""",
                sign=sign,
                item=SQL.identifier(f"{item}_move_id"),
                counterpart=SQL.identifier(f"{counterpart}_move_id"),
                amount_currency=SQL.identifier(f"{item}_amount_currency"),
            )
            for item, counterpart, sign in (
                ("debit", "credit", 1),
                ("credit", "debit", -1),
            )
        ]
        return SQL(
            """
            WITH item AS (
                SELECT line.id, line.move_id, line.currency_id
                  FROM account_move_line line
                  JOIN account_account account ON account.id = line.account_id
                 WHERE line.move_id = ANY(%(move_ids)s)
                   AND line.parent_state = 'posted'
                   AND account.account_type = 'asset_receivable'
            ),
            money_line AS (
                SELECT line.id, line.move_id, line.company_id
                  FROM account_move_line line
                  JOIN account_move move ON move.id = line.move_id
                  JOIN account_journal journal ON journal.id = move.journal_id
                 WHERE line.id IN (
                        SELECT part.credit_move_id FROM account_partial_reconcile part
                          JOIN item ON item.id = part.debit_move_id
                         UNION
                        SELECT part.debit_move_id FROM account_partial_reconcile part
                          JOIN item ON item.id = part.credit_move_id)
                   AND line.parent_state = 'posted'
                   AND journal.type IN ('bank', 'cash', 'credit')
                   AND (%(is_payment)s OR %(is_bank_line)s)
            ),
            money AS (%(money)s),
            part AS (
                SELECT side.*, line.move_id, line.currency_id, money.share,
                       item.id IS NOT NULL AS wanted,
                       ccur.decimal_places AS digits,
                       dcur.decimal_places AS digits_currency
                  FROM (%(sides)s) side
                  JOIN money_line ON money_line.id = side.money_line_id
                  JOIN money ON money.move_id = money_line.move_id
                  JOIN account_move_line line ON line.id = side.line_id
                  JOIN res_company company ON company.id = money_line.company_id
                  JOIN res_currency ccur ON ccur.id = company.currency_id
                  JOIN res_currency dcur ON dcur.id = line.currency_id
             LEFT JOIN item ON item.id = side.line_id
            ),
            shared AS (
                SELECT part.*,
                       ROUND(share * SUM(amount) OVER upto, digits)
                       - ROUND(share * (SUM(amount) OVER upto - amount), digits)
                       AS collected,
                       ROUND(share * SUM(amount_currency) OVER upto_currency, digits_currency)
                       - ROUND(share * (SUM(amount_currency) OVER upto_currency - amount_currency), digits_currency)
                       AS collected_currency
                  FROM part
                WINDOW upto AS (PARTITION BY money_line_id ORDER BY max_date, id),
                       upto_currency AS (PARTITION BY money_line_id, currency_id
                                             ORDER BY max_date, id)
            )
            SELECT part.id AS partial_id, part.line_id, part.move_id,
                   part.max_date AS date,
                   part.sign * part.collected AS amount,
                   part.sign * part.collected_currency AS amount_currency
              FROM shared part
             WHERE part.wanted AND %(dated)s
            """,
            move_ids=move_ids if isinstance(move_ids, SQL) else list(move_ids),
            is_payment=self._get_is_payment_sql("move"),
            is_bank_line=self._get_is_bank_line_sql("move"),
            money=self._get_money_share_sql(as_of, in_transit),
            sides=SQL(" UNION ALL ").join(sides),
            dated=dated,
            to_flush=self._get_collection_fields(),
        )

    @api.model
    def _get_is_payment_sql(self, move):
        """Return the condition that an entry is a payment's.

        The payment says so. Its pointer on the entry is no proof: whoever may write a
        journal entry may write that too.

        :param str move: alias of ``account_move``
        """
        return SQL(
            """EXISTS (SELECT FROM account_payment payment
                        WHERE payment.move_id = %s
                          AND payment.state IN ('in_process', 'paid'))""",
            SQL.identifier(move, "id"),
        )

    @api.model
    def _get_is_bank_line_sql(self, move):
        """Return the condition that an entry is a bank statement line's, which says so.

        :param str move: alias of ``account_move``
        """
        return SQL(
            """EXISTS (SELECT FROM account_bank_statement_line bank_line
                        WHERE bank_line.move_id = %s)""",
            SQL.identifier(move, "id"),
        )

    @api.model
    def _get_money_share_sql(self, as_of, in_transit):
        """Return per payment entry the share of its items that is money (0 to 1).

        Money is on a bank or cash account or on the payment's outstanding account, in
        a bank or cash journal; whatever else is named as such, e.g. an expense as
        outstanding account, is none.
        """
        money = SQL("line.balance")
        if not in_transit:
            # A bank line's money is there at once, and a payment's that is configured
            # to go straight to the bank; what is outstanding as far as a bank line has
            # cleared it.
            money = SQL(
                """CASE WHEN account.account_type IN ('asset_cash', 'liability_credit_card')
                             AND (payment.id IS NULL
                                  OR payment.payment_account_id = line.account_id)
                        THEN line.balance
                        ELSE SIGN(line.balance) * COALESCE((
                            SELECT SUM(cleared.amount * bank_share.share)
                              FROM account_partial_reconcile cleared
                              JOIN account_move_line bank_item ON bank_item.id IN
                                   (cleared.debit_move_id, cleared.credit_move_id)
                                   AND bank_item.id <> line.id
                              JOIN account_move bank ON bank.id = bank_item.move_id
                        CROSS JOIN LATERAL (%(bank_share)s) bank_share
                             WHERE line.id IN (cleared.debit_move_id, cleared.credit_move_id)
                               AND bank_item.parent_state = 'posted'
                               AND %(is_bank_line)s
                               AND %(dated)s), 0) END""",
                bank_share=self._get_bank_share_sql(),
                is_bank_line=self._get_is_bank_line_sql("bank"),
                dated=SQL("cleared.max_date <= %s", as_of) if as_of else SQL("TRUE"),
            )
        return SQL(
            """
            SELECT move.id AS move_id,
                   LEAST(1, COALESCE(
                       ABS(SUM(%(money)s) FILTER (WHERE is_money.yes))
                       / NULLIF(ABS(SUM(line.balance) FILTER (
                           WHERE NOT is_money.yes AND account.account_type
                                 IN ('asset_receivable', 'liability_payable'))), 0),
                       0)) AS share
              FROM account_move move
              JOIN account_move_line line ON line.move_id = move.id
              JOIN account_account account ON account.id = line.account_id
              JOIN account_journal journal ON journal.id = move.journal_id
         LEFT JOIN LATERAL (
                SELECT paid.id, paid.outstanding_account_id, method.payment_account_id
                  FROM account_payment paid
             LEFT JOIN account_payment_method_line method
                    ON method.id = paid.payment_method_line_id
                 WHERE paid.move_id = move.id
                 ORDER BY paid.id LIMIT 1) payment ON TRUE
        CROSS JOIN LATERAL (
                SELECT account.account_type IN ('asset_cash', 'liability_credit_card')
                       OR account.account_type IN ('asset_current', 'liability_current')
                          AND COALESCE(line.account_id IN (
                                  journal.default_account_id,
                                  payment.outstanding_account_id), FALSE) AS yes
              ) is_money
             WHERE move.id IN (SELECT money_line.move_id FROM money_line)
             GROUP BY move.id
            """,
            money=money,
        )

    @api.model
    def _get_bank_share_sql(self):
        """Return the share of what the entry ``bank`` of a statement line clears that
        has arrived: the rest is written off in the same entry."""
        return SQL(
            """
            SELECT LEAST(1, COALESCE(
                       ABS(SUM(line.balance) FILTER (WHERE arrived.yes))
                       / NULLIF(GREATEST(
                           SUM(GREATEST(line.balance, 0)) FILTER (WHERE NOT arrived.yes),
                           SUM(GREATEST(-line.balance, 0)) FILTER (WHERE NOT arrived.yes)),
                         0), 0)) AS share
              FROM account_move_line line
              JOIN account_account account ON account.id = line.account_id
              JOIN account_journal journal ON journal.id = bank.journal_id
        CROSS JOIN LATERAL (
                SELECT journal.type IN ('bank', 'cash', 'credit')
                       AND (account.account_type IN ('asset_cash', 'liability_credit_card')
                            OR line.account_id = journal.default_account_id
                               AND account.account_type
                                   IN ('asset_current', 'liability_current')) AS yes
              ) arrived
             WHERE line.move_id = bank.id
            """
        )

    @api.model
    def _get_collection_fields(self):
        """Return the fields that the collections query reads."""
        names = {
            "account.partial.reconcile": (
                "debit_move_id",
                "credit_move_id",
                "amount",
                "debit_amount_currency",
                "credit_amount_currency",
                "max_date",
            ),
            "account.move.line": (
                "move_id",
                "account_id",
                "balance",
                "currency_id",
                "company_id",
                "parent_state",
            ),
            "account.move": ("journal_id",),
            "account.payment": (
                "move_id",
                "outstanding_account_id",
                "payment_method_line_id",
                "state",
            ),
            "account.payment.method.line": ("payment_account_id",),
            "account.bank.statement.line": ("move_id",),
            "account.journal": ("default_account_id", "type"),
            "account.account": ("account_type",),
        }
        return [
            self.env[model]._fields[name]
            for model, fields in names.items()
            for name in fields
        ]
