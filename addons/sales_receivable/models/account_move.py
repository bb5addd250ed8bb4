from odoo import models
from odoo.tools import SQL


class AccountMove(models.Model):
    _name = "account.move"
    _inherit = "account.move"

    def _get_collected_amounts(self, as_of=None, in_transit=True):
        """Return what has been settled by money, per document.

        Counted are payments and bank statement lines less their write-off share; not
        counted are credit notes, journal entries and exchange differences. See
        ``account.partial.reconcile._get_collections_sql``, which this sums.

        :param date as_of: up to this accounting date, all of it if omitted
        :param bool in_transit: whether a payment counts before the bank confirms it
        :return: ``{move id: (company currency, document currency)}`` with an entry for
            each move of ``self``; money paid out on a credit note is negative
        :rtype: dict[int, tuple[float, float]]
        """
        amounts = dict.fromkeys(self.ids, (0.0, 0.0))
        if not self.ids:
            return amounts
        collections = self.env["account.partial.reconcile"]._get_collections_sql(
            self.ids, as_of, in_transit
        )
        for move_id, amount, amount_currency in self.env.execute_query(
            SQL(
                """SELECT move_id, SUM(amount), SUM(amount_currency)
                     FROM (%s) collection GROUP BY move_id""",
                collections,
            )
        ):
            amounts[move_id] = (float(amount), float(amount_currency))
        return amounts
