from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL

FINANCE = "sales_receivable.group_finance"


class AccountMove(models.Model):
    """Keeps what decides whose figures an invoice is, and when, once it is booked in the
    performance ledger (K01, K10)."""

    _name = "account.move"
    _inherit = "account.move"

    def write(self, vals):
        names = vals.keys() & {
            "invoice_user_id",
            "team_id",
            "date",
            "invoice_date",
            "invoice_date_due",
        }
        before = [[move[name] for name in names] for move in self]
        result = super().write(vals)
        if names:
            self.browse(
                move.id
                for move, values in zip(self, before, strict=True)
                if [move[name] for name in names] != values
            )._check_unbooked()
        return result

    def _check_unbooked(self):
        """Refuse to change documents that people's booked figures come from, to anybody
        but finance, whose figures they never are.

        :raise UserError: naming the first of them
        """
        if self.env.su or not self.ids or self.env.user.has_group(FINANCE):
            return
        rows = self.env.execute_query(
            SQL(
                """SELECT source_id FROM performance_entry
                    WHERE source_model = 'account.move' AND source_id = ANY(%s) LIMIT 1""",
                self.ids,
            )
        )
        if rows:
            raise UserError(
                self.env._(
                    "%(document)s is booked in the performance ledger (K10): its"
                    " salesperson, team and dates are changed by finance. From a month"
                    " on, a reassignment gives its figures to somebody else.",
                    document=self.browse(rows[0][0]).display_name,
                )
            )


class AccountMoveLine(models.Model):
    _name = "account.move.line"
    _inherit = "account.move.line"

    def write(self, vals):
        if "date_maturity" not in vals:
            return super().write(vals)
        before = [line.date_maturity for line in self]
        result = super().write(vals)
        self.browse(
            line.id
            for line, day in zip(self, before, strict=True)
            if line.date_maturity != day
        ).move_id._check_unbooked()
        return result
