from odoo.exceptions import UserError
from odoo.tests import freeze_time, new_test_user, tagged

from .common_ledger import LedgerCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-12-05 09:00:00")
class TestPerformanceSales(LedgerCommon):
    """What was sold and collected, in the ledger."""

    def _amounts(self, period, rule):
        return [line[1:] for line in self._lines(period, rule)]

    def test_nothing_counts_without_a_rate(self):
        """K06: an installation alone makes no figures."""
        self._sell(1000, "2026-10-05")
        self.assertFalse(self._compute("2026-10-01").run_line_ids)

    def test_sales_count_without_tax_less_credit_notes(self):
        """K06: invoice and credit note, each in the month of its accounting date."""
        self._rate("sale")
        invoice = self._sell(1000, "2026-10-05")
        refund = self._credit(invoice, 300, "2026-11-02")
        refund.invoice_user_id = self.seller
        october = self._close("2026-10-01")
        november = self._compute("2026-11-01")
        self.assertEqual(
            self._amounts(october, "sale"), [(invoice.name, "2026-10", 1000)]
        )
        self.assertEqual(
            self._amounts(november, "sale"), [(refund.name, "2026-11", -300)]
        )

    def test_sales_before_the_cut_over_do_not_count(self):
        """K10: the first period posts its own month, not years of history."""
        self._rate("sale")
        self._sell(1000, "2026-09-30")
        new = self._sell(10, "2026-10-01")
        lines = self._amounts(self._compute("2026-10-01"), "sale")
        self.assertEqual(lines, [(new.name, "2026-10", 10)])

    def test_an_invoice_posted_late_comes_as_a_difference(self):
        """K10: what is dated into a closed month follows in the next open one."""
        self._rate("sale")
        self._sell(1000, "2026-10-05")
        self._close("2026-10-01")
        late = self._sell(200, "2026-10-31")
        november = self._compute("2026-11-01")
        self.assertEqual(self._amounts(november, "sale"), [(late.name, "2026-10", 200)])

    def test_a_cancelled_invoice_gives_back(self):
        """K10: what was booked and isn't any more is taken back from the same person,
        also when the invoice names somebody else by then."""
        self._rate("sale")
        invoice = self._sell(1000, "2026-10-05")
        self._close("2026-10-01")
        invoice.button_draft()
        invoice.invoice_user_id = self.other_seller
        november = self._compute("2026-11-01")
        self.assertEqual(
            self._lines(november),
            [(self.seller.name, invoice.name, "2026-10", -1000)],
        )

    def test_a_team_has_its_own_rate(self):
        """K06: the team's version goes before the company's, from its day on."""
        self._rate("sale")
        self._rate("sale", 50, team_id=self.team.id)
        self._rate("sale", 20, "2026-11-01", team_id=self.team.id)
        invoices = [
            self._sell(100, day, team_id=team)
            for day in ("2026-10-05", "2026-11-05")
            for team in (False, self.team.id)
        ]
        for invoice, team in zip(invoices, [False, self.team.id] * 2, strict=True):
            invoice.team_id = team
        self._close("2026-10-01")
        lines = self._period("2026-10-01")._get_lines() | self.env["performance.entry"]
        self.assertEqual(sorted(lines.mapped("amount")), [50, 100])
        november = self._compute("2026-11-01")
        self.assertEqual(sorted(november.run_line_ids.mapped("amount")), [20, 100])

    def test_collections_count_in_their_months(self):
        """K06: each partial payment in its own month; credit notes are no money."""
        self._rate("collection")
        invoice = self._sell(1000, "2026-08-05")
        self._pay(invoice, 100, "2026-09-20")
        self._pay(invoice, 300, "2026-10-20")
        self._pay(invoice, 50, "2026-10-25")
        self._credit(invoice, 100, "2026-10-26")
        october = self._close("2026-10-01")
        self._pay(invoice, 200, "2026-11-03")
        november = self._compute("2026-11-01")
        self.assertEqual(
            self._amounts(october, "collection"), [(invoice.name, "2026-10", 350)]
        )
        self.assertEqual(
            self._amounts(november, "collection"), [(invoice.name, "2026-11", 200)]
        )
        explanation = october.entry_ids.explanation
        self.assertIn("350.00", explanation)
        self.assertIn(invoice.name, explanation)

    def test_a_payment_undone_is_taken_back(self):
        """K10: the month it counted in gives it back in the next open period."""
        self._rate("collection")
        invoice = self._sell(1000, "2026-10-05")
        self._pay(invoice, 300, "2026-10-20")
        self._close("2026-10-01")
        self._item(invoice).remove_move_reconcile()
        november = self._compute("2026-11-01")
        self.assertEqual(
            self._amounts(november, "collection"), [(invoice.name, "2026-10", -300)]
        )

    def test_totals_keep_their_kinds_apart(self):
        """K10: what was sold and what was collected are never added up."""
        self._rate("sale")
        self._rate("collection")
        invoice = self._sell(1000, "2026-10-05")
        self._pay(invoice, 300, "2026-10-20")
        statement = self._compute("2026-10-01").statement_ids
        self.assertEqual(
            (statement.amount, statement.collected, statement.commission),
            (1000, 300, 0),
        )
        self.assertEqual(statement.sold, 1000)

    def test_rates_of_a_schedule_are_locked_with_the_month(self):
        """K01: neither the version nor a month of its schedule changes afterwards."""
        rate = self._rate("K01", 0, month_ids=[(0, 0, {"month": 4, "rate": 10})])
        self._close("2026-10-01")
        for change in (
            lambda: rate.month_ids.write({"rate": 5}),
            rate.month_ids.unlink,
            lambda: rate.write({"month_ids": [(0, 0, {"month": 5, "rate": 1})]}),
            lambda: rate.write({"base": "due"}),
            lambda: rate.write({"team_id": self.team.id}),
        ):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                change()
        self.assertEqual(rate.month_ids.mapped("rate"), [10])

    def test_what_a_computed_month_used_is_locked(self):
        """K10: rates, schedules and reassignments, until the month is open again: what
        is approved is what was computed, and the next month doesn't reprice it."""
        rate = self._rate("sale")
        schedule = self._rate("K01", 0, month_ids=[(0, 0, {"month": 4, "rate": 10})])
        self._sell(1000, "2026-10-05")
        period = self._compute("2026-10-01")
        attempts = (
            lambda: rate.write({"rate": 50}),
            rate.unlink,
            lambda: schedule.month_ids.write({"rate": 1}),
            lambda: self._rate("sale", 50, "2026-10-31"),
            lambda: self._rate("sale", 50, team_id=self.team.id),
        )
        for step in ("action_review", "action_approve"):
            for attempt in attempts:
                with self.assertRaises(UserError), self.env.cr.savepoint():
                    attempt()
            user = self.finance if step == "action_review" else self.company_manager
            getattr(period.with_user(user), step)()
        period.with_user(self.finance).action_reopen()
        rate.rate = 50
        self.assertEqual(self._close("2026-10-01").entry_ids.amount, 500)

    def test_a_booked_invoice_keeps_person_team_and_dates(self):
        """K10, K01: a biller moves nobody's booked figures; finance may."""
        biller = new_test_user(
            self.env, "ledger_biller", groups="account.group_account_invoice"
        )
        self._rate("sale")
        invoice = self._sell(1000, "2026-10-05").with_user(biller)
        invoice.invoice_user_id = self.other_seller
        invoice.invoice_user_id = self.seller
        self._close("2026-10-01")
        for change in (
            lambda: invoice.write({"invoice_user_id": False}),
            lambda: invoice.write({"team_id": self.team.id}),
            lambda: invoice.write({"invoice_date_due": "2027-12-31"}),
            lambda: self._item(invoice).write({"date_maturity": "2027-12-31"}),
        ):
            refused = self.assertRaisesRegex(UserError, "performance ledger")
            with refused, self.env.cr.savepoint():
                change()
        invoice.write({"invoice_user_id": self.seller.id})
        self.finance.group_ids += self.env.ref("account.group_account_invoice")
        invoice.with_user(self.finance).invoice_user_id = False
        november = self._compute("2026-11-01")
        self.assertFalse(november.run_line_ids)

    def test_query_count_does_not_grow_with_invoices(self):
        """K10: one query per rule, however many documents and rates."""
        self._rate("sale")
        self._rate("collection")
        self._rate("sale", 50, team_id=self.team.id)

        def count():
            self._compute("2026-10-01")
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self._compute("2026-10-01")
            return self.env.cr.sql_log_count - before

        self._pay(self._sell(1000, "2026-10-05"), 10, "2026-10-06")
        one = count()
        for amount in range(1, 9):
            invoice = self._sell(1000, "2026-10-05", self.other_seller)
            self._pay(invoice, amount, "2026-10-06")
        self.assertEqual(count(), one)


@tagged("post_install", "-at_install")
@freeze_time("2026-12-05 09:00:00")
class TestReassignment(LedgerCommon):
    """From which month on somebody else has a person's figures."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._rate("collection")
        cls.sold = cls._sell(1000, "2026-09-05")

    def _reassign(self, day, **values):
        return (
            self.env["performance.reassignment"]
            .with_user(self.company_manager)
            .create(
                {
                    "company_id": self.company.id,
                    "user_id": self.seller.id,
                    "heir_id": self.other_seller.id,
                    "date_from": day,
                    "reason": "has left",
                    **values,
                }
            )
        )

    def _people(self, period):
        return [(name, month, amount) for name, _, month, amount in self._lines(period)]

    def test_months_from_its_own_on_move(self):
        """K10: later months are the heir's; what was booked stays, and so does what is
        corrected of it."""
        self._pay(self.sold, 100, "2026-10-20")
        self._close("2026-10-01")
        self._reassign("2026-11-17")
        self._pay(self.sold, 200, "2026-11-20")
        self._pay(self.sold, 7, "2026-10-21")
        november = self._close("2026-11-01")
        mine, theirs = self.seller.name, self.other_seller.name
        self.assertEqual(
            self._people(november), [(theirs, "2026-11", 200), (mine, "2026-10", 7)]
        )
        # The heir's share isn't reassigned back by a correction of an old month.
        self._pay(self.sold, 1, "2026-10-22")
        self._pay(self.sold, 2, "2026-12-01")
        december = self._compute("2026-12-01")
        self.assertEqual(
            self._people(december), [(theirs, "2026-12", 2), (mine, "2026-10", 1)]
        )

    def test_one_customer_moves_alone(self):
        """K10: the figures of all other customers stay."""
        other = self.env["res.partner"].create({"name": "Dark Trading"})
        kept = self._sell(1000, "2026-09-05", partner_id=other.id)
        self._reassign("2026-10-01", commercial_partner_id=self.customer.id)
        self._pay(self.sold, 1, "2026-10-20")
        self._pay(kept, 2, "2026-10-20")
        self.assertEqual(
            self._people(self._compute("2026-10-01")),
            [
                (self.other_seller.name, "2026-10", 1),
                (self.seller.name, "2026-10", 2),
            ],
        )

    def test_a_customer_s_own_goes_before_the_general(self):
        """K10: whichever was entered first; and two people swap at once."""
        self._reassign("2026-10-01")
        self._reassign(
            "2026-10-01",
            heir_id=self.finance.id,
            commercial_partner_id=self.customer.id,
        )
        self._reassign(
            "2026-10-01", user_id=self.other_seller.id, heir_id=self.seller.id
        )
        other = self.env["res.partner"].create({"name": "Dark Trading"})
        third = self._sell(1000, "2026-09-05", partner_id=other.id)
        swapped = self._sell(1000, "2026-09-05", self.other_seller, partner_id=other.id)
        for invoice, amount in ((self.sold, 1), (third, 2), (swapped, 4)):
            self._pay(invoice, amount, "2026-10-20")
        self.assertEqual(
            self._people(self._compute("2026-10-01")),
            [
                (self.finance.name, "2026-10", 1),
                (self.other_seller.name, "2026-10", 2),
                (self.seller.name, "2026-10", 4),
            ],
        )

    def test_reassigned_twice_goes_to_the_last(self):
        """K10: from each month on to whom it then went."""
        self._reassign("2026-10-01")
        self._reassign(
            "2026-11-01", user_id=self.other_seller.id, heir_id=self.finance.id
        )
        self._pay(self.sold, 1, "2026-10-20")
        self._pay(self.sold, 2, "2026-11-20")
        self._close("2026-10-01")
        self.assertEqual(
            self._people(self._period("2026-10-01")),
            [(self.other_seller.name, "2026-10", 1)],
        )
        self.assertEqual(
            self._people(self._compute("2026-11-01")),
            [(self.finance.name, "2026-11", 2)],
        )

    def test_nobody_gives_figures_to_themselves(self):
        """K10: nor to somebody outside the company, nor without saying why."""
        portal = new_test_user(self.env, "ledger_portal", groups="base.group_portal")
        for values in (
            {"heir_id": self.company_manager.id},
            {"heir_id": portal.id},
            {"reason": "\u200b "},
        ):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                self._reassign("2026-10-01", **values)
        step = self._reassign("2026-10-01")
        with self.assertRaises(UserError):
            step.heir_id = self.company_manager

    def test_closed_months_are_not_moved(self):
        """K10: neither by a new reassignment nor by changing or deleting one."""
        old = self._reassign("2026-10-01")
        self._close("2026-10-01")
        for change in (
            lambda: self._reassign(
                "2026-10-31", commercial_partner_id=self.customer.id
            ),
            lambda: old.write({"heir_id": self.finance.id}),
            lambda: old.write({"date_from": "2026-11-01"}),
            old.unlink,
        ):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                change()
        self.assertEqual(old.heir_id, self.other_seller)
