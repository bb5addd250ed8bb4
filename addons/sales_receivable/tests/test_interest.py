from datetime import date, timedelta
from random import Random

from odoo.tests import tagged
from odoo.tools import SQL

from .common_receivable import ReceivableCommon

OCTOBER, NOVEMBER = date(2026, 10, 31), date(2026, 11, 30)


@tagged("post_install", "-at_install")
class TestInterest(ReceivableCommon):
    """Interest on what is paid late, day by day."""

    def _interest(self, *rates, as_of=NOVEMBER, companies=None):
        """Return ``{(invoice, month): row}``.

        :param rates: ``(month end, team id, percent per day, days of grace)``
        """
        teams = self.env["crm.team"].sudo().search([])
        values = SQL(
            """(SELECT * FROM (VALUES %s)
                       version (day, team_id, rate, threshold_days, rate_id))""",
            SQL(", ").join(
                SQL("(%s::date, %s, %s::numeric, %s, 0)", day, team or 0, *figures)
                for team in [None, *teams.ids]
                for day, figures in self._in_force(rates, team).items()
            ),
        )
        sql = self.env["account.move.line"]._get_interest_sql(
            values, as_of, (companies or self.company).ids
        )
        return {
            (row["move_id"], row["month"]): row
            for row in self.env.execute_query_dict(sql)
        }

    def _in_force(self, rates, team):
        """Return a team's own rates by month, else the company's."""
        general = {day: figures for day, owner, *figures in rates if not owner}
        own = {day: figures for day, owner, *figures in rates if owner == team}
        return general | own

    def _amounts(self, invoice, *rates, **kwargs):
        return [
            float(row["interest"])
            for (move_id, _month), row in sorted(
                self._interest(*rates, **kwargs).items()
            )
            if move_id == invoice.id
        ]

    def test_hand_computed_months(self):
        """R08: 0.05 % a day of what is still open at the day's end.

        ==========  ======  =====================================================
        due 10 Oct  1000    from 11 to 31 October 21 days × 1000 × 0.05 % = 10.50
        20 Nov      -400    1 to 19 November     19 days × 1000 × 0.05 % =  9.50
                            20 to 30 November    11 days ×  600 × 0.05 % =  3.30
        ==========  ======  =====================================================
        """
        invoice = self._invoice(1000, "2026-09-10", "2026-10-10")
        self._pay(invoice, 400, "2026-11-20")
        rates = [(OCTOBER, None, 0.05, 0), (NOVEMBER, None, 0.05, 0)]
        self.assertEqual(self._amounts(invoice, *rates), [10.5, 12.8])
        row = self._interest(*rates)[invoice.id, NOVEMBER]
        self.assertEqual((row["days"], row["residual"]), (30, 600))
        self.assertEqual(row["date_due"], date(2026, 10, 10))

    def test_days_of_grace_are_free(self):
        """R08: interest begins on the day after them, and isn't owed for them."""
        invoice = self._invoice(1000, "2026-10-01", "2026-10-21")
        for grace, days in ((0, 10), (5, 5), (9, 1), (10, 0)):
            amounts = self._amounts(invoice, (OCTOBER, None, 0.1, grace))
            self.assertEqual(amounts, [days * 1.0] if days else [], grace)

    def test_paid_in_time_bears_nothing(self):
        """R08: neither does what was paid on the day after it was due."""
        invoice = self._invoice(1000, "2026-10-01", "2026-10-10")
        self._pay(invoice, 600, "2026-10-10")
        self._pay(invoice, 400, "2026-10-11")
        self.assertEqual(self._amounts(invoice, (OCTOBER, None, 0.1, 0)), [])

    def test_month_without_rate_bears_nothing(self):
        """R08: no rate, no interest; a new one never reprices the months before."""
        invoice = self._invoice(1000, "2026-08-01", "2026-09-30")
        self.assertEqual(self._amounts(invoice, (NOVEMBER, None, 0.1, 0)), [30])
        rates = [(OCTOBER, None, 0.1, 0), (NOVEMBER, None, 0.2, 0)]
        self.assertEqual(self._amounts(invoice, *rates), [31, 60])

    def test_team_rate_goes_first(self):
        """R08: a team's own rate, and the company's for the others."""
        team = self.env["crm.team"].sudo().create({"name": "Project sales"})
        ours = self._invoice(1000, "2026-09-01", "2026-09-30", team_id=team.id)
        others = self._invoice(1000, "2026-09-01", "2026-09-30", team_id=False)
        rates = [(OCTOBER, None, 0.1, 0), (OCTOBER, team.id, 0.02, 0)]
        self.assertEqual(self._amounts(ours, *rates, as_of=OCTOBER), [6.2])
        self.assertEqual(self._amounts(others, *rates, as_of=OCTOBER), [31])

    def test_as_of_ends_inside_a_month(self):
        """R08: a statement of the 15th asks for interest up to that day."""
        invoice = self._invoice(1000, "2026-09-01", "2026-09-30")
        rate = (OCTOBER, None, 0.1, 0)
        self.assertEqual(self._amounts(invoice, rate, as_of=date(2026, 10, 15)), [15])

    def test_payment_taken_back_bears_again(self):
        """R08: what a bounced payment had settled was open all the time."""
        invoice = self._invoice(1000, "2026-09-01", "2026-09-30")
        self._pay(invoice, 1000, "2026-10-11")
        rate = (OCTOBER, None, 0.1, 0)
        self.assertEqual(self._amounts(invoice, rate), [10])
        self._item(invoice).remove_move_reconcile()
        self.assertEqual(self._amounts(invoice, rate), [31])

    def test_write_off_and_credit_note_end_it(self):
        """R08: what is no longer owed bears nothing, whatever settled it."""
        rate = (OCTOBER, None, 0.1, 0)
        invoice = self._invoice(1000, "2026-09-01", "2026-09-30")
        self._settle_by_entry(invoice, 500, "2026-10-11")
        refund = self._credit(invoice, 500, "2026-10-21")
        self.assertEqual(self._amounts(invoice, rate), [15])
        self.assertEqual(self._amounts(refund, rate), [])

    def test_foreign_currency_has_both_amounts(self):
        """R08: in the document's currency and in the company's at the invoice's rate."""
        invoice = self._invoice(
            1000, "2026-09-01", "2026-09-30", currency_id=self.usd.id
        )
        row = self._interest((OCTOBER, None, 0.1, 0))[invoice.id, OCTOBER]
        self.assertEqual((row["interest"], row["interest_currency"]), (62, 31))

    def test_companies_keep_apart(self):
        """R08: only the companies asked for."""
        invoice = self._invoice(1000, "2026-09-01", "2026-09-30")
        other = self.env["res.company"].create({"name": "Elsewhere"})
        rows = self._interest((OCTOBER, None, 0.1, 0), companies=other)
        self.assertNotIn((invoice.id, OCTOBER), rows)

    def test_equals_the_sum_over_its_days(self):
        """R08: against a plain loop over each day's open items, with random payments,
        credit notes and undone reconciliations."""
        random = Random(8)  # noqa: S311 (no secret hangs on it)
        invoices = self.env["account.move"]
        for _index in range(6):
            due = date(2026, 9, 1) + timedelta(random.randrange(75))
            invoices += self._invoice(random.randrange(100, 900), due, due)
        for invoice in invoices:
            for _event in range(random.randrange(4)):
                if invoice.amount_residual < 20:
                    break
                part = round(invoice.amount_residual * random.random(), 2) or 1
                day = invoice.invoice_date + timedelta(random.randrange(60))
                action = random.choice((self._pay, self._credit, self._settle_by_entry))
                action(invoice, part, day)
                if random.random() < 0.2:
                    self._item(invoice).remove_move_reconcile()
        months = {OCTOBER: (0.05, 3), NOVEMBER: (0.08, 5)}
        found = self._interest(*((end, None, *rate) for end, rate in months.items()))
        wanted = {}
        for end, (rate, grace) in months.items():
            for number in range(end.day):
                day = end.replace(day=1) + timedelta(number)
                opened = self._open_items(day)
                for invoice in invoices:
                    item = self._item(invoice)
                    if day > item.date_maturity + timedelta(grace):
                        residual = opened.get(item.id, (0,))[0]
                        key = (invoice.id, end)
                        wanted[key] = wanted.get(key, 0) + residual * rate / 100
        for key, amount in wanted.items():
            with self.subTest(key=key):
                row = found.get(key, {"interest": 0})
                self.assertAlmostEqual(float(row["interest"]), amount, delta=0.0051)
        self.assertTrue(any(wanted.values()))
        self.assertEqual(len(found), len(set(found) & set(wanted)))
