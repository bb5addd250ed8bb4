from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common_stock_age import StockAgeCommon

MONTH_END = "2026-10-31"
VALUES = ["rule", "source_name", "slice", "target", "posted", "amount", "inputs"]


@tagged("post_install", "-at_install")
@freeze_time("2026-12-05 09:00:00")
class TestPerformance(StockAgeCommon):
    """The performance ledger, with the stock age deduction as its first rule."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.receipt = cls._purchase(
            1000, 15.0, cls._days_before(MONTH_END, 400), buyer=cls.buyer
        )
        cls.period = cls._period("2026-10-15")

    def _compute(self, period=None):
        (period or self.period).with_user(self.finance).action_compute()

    def _lines(self, period=None):
        return [
            (line.beneficiary_id, line.slice, line.amount)
            for line in (period or self.period)._get_lines()
        ]

    # ------------------------------------------------------------------
    # K03
    # ------------------------------------------------------------------

    def test_nothing_is_taken_off_before_a_rate_is_configured(self):
        """K03: installing changes nothing; without a rate there are no lines."""
        self._compute()
        self.assertEqual(self.period.state, "computed")
        self.assertEqual(self._lines(), [])
        self.assertEqual(self.period.snapshot_id.line_ids.age_days, 400)

    def test_old_stock_is_taken_off_its_buyer_and_explains_itself(self):
        """K03: 1 % of what is left of a receipt of 400 days, in one sentence."""
        self._rate(1)
        self._compute()
        line = self.period.run_line_ids
        self.assertEqual(self._lines(), [(self.buyer, "2026-10", -150)])
        self.assertEqual(line.source_name, self.receipt.reference)
        self.assertEqual(line.inputs["value"], 15000)
        self.assertEqual(
            (line.inputs["quantity"], line.inputs["age_days"], line.inputs["rate"]),
            (1000, 400, 1),
        )
        order = self.receipt.purchase_line_id.order_id
        self.assertEqual(
            line.explanation,
            "150.00 USD off = 1.00 % of 15,000.00 USD of Old Bracket still in stock on 10/31/2026, "
            f"received 09/26/2025 on {order.name}, age 400 days",
        )
        self.assertEqual(line.action_open_source()["res_id"], order.id)

    def test_only_older_than_the_threshold_counts(self):
        """K03: the threshold is configuration; 400 days is not older than 400."""
        rate = self._rate(1, threshold=400)
        self._compute()
        self.assertEqual(self._lines(), [])
        self.period.with_user(self.finance).action_reopen()
        rate.threshold_days = 399
        self._compute()
        self.assertEqual(self._lines(), [(self.buyer, "2026-10", -150)])

    def test_months_before_the_cut_over_are_not_deducted(self):
        """K03: the first period takes off its own month, not the years before."""
        self._rate(1)
        self._purchase(10, 15.0, "2020-01-10", buyer=self.buyer)
        self._compute()
        self.assertEqual({slice_ for _who, slice_, _what in self._lines()}, {"2026-10"})
        self.assertTrue(self.period.is_opening)

    def test_a_new_rate_counts_from_its_month_on(self):
        """K03: each month at the rate then in force; a new one never reprices."""
        self._rate(1)
        self._close(self.period)
        self._rate(2, date_from="2026-11-01")
        november = self._period("2026-11-01")
        self._compute(november)
        self.assertEqual(self._lines(november), [(self.buyer, "2026-11", -300)])

    def test_rate_of_a_closed_month_can_not_change(self):
        """K03: neither changed, removed, nor slipped in afterwards."""
        rate = self._rate(1)
        self._close(self.period)
        for user in (self.administrator, self.env.user):
            with self.assertRaises(UserError):
                rate.with_user(user).rate = 5
            with self.assertRaises(UserError):
                rate.with_user(user).unlink()
        with self.assertRaises(ValidationError):
            self._rate(5, date_from="2026-10-01")
        self._rate(5, date_from="2026-11-01")

    # ------------------------------------------------------------------
    # K10: running again, late events
    # ------------------------------------------------------------------

    def test_no_default_key_closes_a_period(self):
        """K10: a period is open when it is new, whatever a context says."""
        period = (
            self.env["performance.period"]
            .with_context(default_state="closed", default_run_hash="x")
            .create({"date_start": "2026-11-01"})
        )
        self.assertEqual(period.state, "open")
        self.assertFalse(period.run_hash)

    def test_computing_twice_changes_nothing(self):
        """K10: same lines, same hash."""
        self._rate(1)
        self._compute()
        lines = self.period.run_line_ids.read(VALUES)
        digest = self.period.run_hash
        self._compute()
        again = self.period.run_line_ids.read(VALUES)
        for row in lines + again:
            row.pop("id")
        self.assertEqual(lines, again)
        self.assertEqual(self.period.run_hash, digest)
        self.assertEqual(len(again), 1)

    def test_different_figures_have_a_different_hash(self):
        """K10: the hash is over the business values."""
        self._rate(1)
        self._compute()
        digest = self.period.run_hash
        self._deliver(1, MONTH_END)
        self._compute()
        self.assertNotEqual(self.period.run_hash, digest)

    def test_killed_half_way_and_run_again_gives_the_same(self):
        """K10: an exception at any step leaves nothing; the next run is complete."""
        self._rate(1)
        self._compute()
        digest = self.period.run_hash
        Period = type(self.period)
        for step in ("_run_rules", "_make_statements", "_end_step"):
            broken = patch.object(Period, step, side_effect=ZeroDivisionError)
            with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint(), broken:
                self._compute()
            self.env.invalidate_all()
            self.assertEqual(len(self.period.run_line_ids), 1, step)
            self._compute()
            self.assertEqual(self.period.run_hash, digest, step)
        self.period.with_user(self.finance).action_review()
        self.period.with_user(self.company_manager).action_approve()
        broken = patch.object(Period, "_end_step", side_effect=ZeroDivisionError)
        with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint(), broken:
            self.period.with_user(self.finance).action_close()
        self.env.invalidate_all()
        self.assertFalse(self.period.entry_ids)
        self.period.with_user(self.finance).action_close()
        self.assertEqual(self.period.run_hash, digest)
        self.assertEqual(len(self.period.entry_ids), 1)

    def test_late_event_lands_in_the_next_period_as_difference(self):
        """K10: a delivery back-dated into a closed month comes as a correction of that
        month, and what was booked stays."""
        self._rate(1)
        self._close(self.period)
        self._deliver(200, "2026-10-20")
        november = self._period("2026-11-01")
        self._compute(november)
        self.assertEqual(
            self._lines(november),
            [(self.buyer, "2026-10", 30), (self.buyer, "2026-11", -120)],
        )
        correction = november.run_line_ids.filtered("posted")
        self.assertIn(
            "-150.00 USD booked before, difference 30.00 USD", correction.explanation
        )
        self.assertEqual(self.period.entry_ids.amount, -150)

    def test_goods_gone_altogether_give_all_back(self):
        """K10: what is due no more is given back to whom it was taken from."""
        self._rate(1)
        self._close(self.period)
        self._move(
            1000,
            self.stock,
            self.vendors,
            "2026-10-01",
            origin_returned_move_id=self.receipt.id,
        )
        november = self._period("2026-11-01")
        self._compute(november)
        self.assertEqual(self._lines(november), [(self.buyer, "2026-10", 150)])

    def test_line_names_its_product(self):
        """K03: what the deduction is for is a column of its own."""
        self._rate(1)
        self._compute()
        self.assertEqual(self.period.run_line_ids.product_name, "Old Bracket")

    def test_month_is_named_in_the_reader_s_language(self):
        """X06: 2026年10月, not a month name with a year behind it."""
        self.env["res.lang"]._activate_lang("zh_CN")
        self.assertEqual(self.period.display_name, "October 2026")
        chinese = self.period.with_context(lang="zh_CN")
        self.assertEqual(chinese.display_name, "2026年10月")

    def test_beneficiary_is_frozen_once_booked(self):
        """K03: a buyer changed on the order later moves no history."""
        self._rate(1)
        self._close(self.period)
        self.receipt.purchase_line_id.order_id.user_id = self.other_buyer
        november = self._period("2026-11-01")
        self._compute(november)
        self.assertEqual(self._lines(november), [(self.buyer, "2026-11", -150)])

    def test_statement_adds_up_its_lines(self):
        """K10: one statement per person, equal to the lines behind it."""
        self._rate(1)
        self._purchase(100, 10.0, "2025-01-10", buyer=self.other_buyer)
        self._purchase(100, 20.0, "2025-01-11", buyer=self.other_buyer)
        self._compute()
        totals = {s.beneficiary_id: s.amount for s in self.period.statement_ids}
        self.assertEqual(totals, {self.buyer: -150, self.other_buyer: -30})
        self.assertEqual((self.period.amount, self.period.line_count), (-180, 3))
        statement = self.period.statement_ids.filtered(
            lambda s: s.beneficiary_id == self.other_buyer
        )
        action = statement.action_view_lines()
        lines = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(sum(lines.mapped("amount")), -30)

    def test_query_count_does_not_grow_with_receipts(self):
        """K10: a run takes the same number of queries for one receipt as for many."""
        self._rate(1)

        def compute():
            self._compute()
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self._compute()
            return self.env.cr.sql_log_count - before

        one = compute()
        for index in range(8):
            product = self._new_product(f"More {index}", responsible_id=self.buyer.id)
            self._receive(1, "2025-01-10", product_id=product.id)
        self.assertEqual(compute(), one)
        self.assertEqual(len(self.period.run_line_ids), 9)

    # ------------------------------------------------------------------
    # K10: steps and guards
    # ------------------------------------------------------------------

    def test_closing_books_the_lines_for_good(self):
        """K10: entries equal the run; nobody changes them, superuser included."""
        self._rate(1)
        self._close(self.period)
        entry = self.period.entry_ids
        self.assertEqual(self.period.state, "closed")
        self.assertFalse(self.period.run_line_ids)
        self.assertEqual((entry.beneficiary_id, entry.amount), (self.buyer, -150))
        self.assertIn("150.00 USD off = 1.00 %", entry.explanation)
        token = {"performance_step": True, "install_mode": True, "force_delete": True}
        for entries in (entry.sudo(), entry.sudo().with_context(**token)):
            with self.assertRaises(UserError):
                entries.write({"amount": 0})
            with self.assertRaises(UserError):
                entries.unlink()
            with self.assertRaises(UserError):
                entries.copy()
            with self.assertRaises(UserError):
                entries.create({"amount": 1})
        for record in (self.period, self.period.snapshot_id):
            with self.assertRaises(UserError):
                record.sudo().unlink()
        with self.assertRaises(UserError):
            self.period.snapshot_id.action_compute()

    def test_closed_period_has_no_way_back(self):
        """K10: no step leads out of closed."""
        self._rate(1)
        self._close(self.period)
        for step in ("compute", "review", "approve", "close", "reopen"):
            with self.assertRaises(UserError):
                getattr(self.period.sudo(), f"action_{step}")()
        self.assertEqual(len(self.period.entry_ids), 1)

    def test_state_is_not_written_past_the_steps(self):
        """K10: neither by write, by creation, nor with a context sent along."""
        finance = self.period.with_user(self.finance)
        for records in (
            finance,
            finance.with_context(performance_step=True),
            self.period.sudo(),
        ):
            for vals in (
                {"state": "closed"},
                {"run_hash": "x"},
                {"date_start": "2026-11-01"},
                {"reviewed_by_id": self.buyer.id},
                {"run_line_ids": [(5,)]},
            ):
                with self.assertRaises(UserError):
                    records.write(vals)
        with self.assertRaises(UserError):
            finance.create({"date_start": "2026-11-01", "state": "approved"})
        self._compute()
        copy_vals = self.period.copy_data()[0]
        self.assertNotIn("state", copy_vals)

    def test_steps_belong_to_their_people(self):
        """K10: finance computes, reviews and closes; the company manager approves."""
        self._rate(1)
        for user in (self.buyer, self.company_manager, self.administrator):
            with self.assertRaises(AccessError):
                self.period.with_user(user).action_compute()
        self._compute()
        self.period.with_user(self.finance).action_review()
        for user in (self.finance, self.buyer):
            with self.assertRaises(AccessError):
                self.period.with_user(user).action_approve()
        self.period.with_user(self.company_manager).action_approve()
        with self.assertRaises(AccessError):
            self.period.with_user(self.company_manager).action_close()

    def test_nobody_approves_their_own_review(self):
        """K10: four eyes, also where one person holds both groups."""
        self.finance.group_ids += self.env.ref("sales_receivable.group_company_manager")
        self._compute()
        self.period.with_user(self.finance).action_review()
        reasons = self.period.with_user(self.finance).blocking_reasons
        self.assertIn("somebody else approves", reasons)
        with self.assertRaises(UserError):
            self.period.with_user(self.finance).action_approve()
        self.period.with_user(self.company_manager).action_approve()

    def test_approved_figures_are_not_computed_again(self):
        """K10: recomputing is free before approval and closed to after it."""
        self._rate(1)
        self._compute()
        self.period.with_user(self.finance).action_review()
        self._compute()
        self.assertEqual(self.period.state, "computed")
        self.assertFalse(self.period.reviewed_by_id)
        self.period.with_user(self.finance).action_review()
        self.period.with_user(self.company_manager).action_approve()
        with self.assertRaises(UserError):
            self._compute()
        snapshot = self.period.snapshot_id.with_user(self.finance)
        for change in (snapshot.action_compute, snapshot.unlink):
            with self.assertRaises(UserError):
                change()
        self.period.with_user(self.company_manager).action_reopen()
        self.assertEqual(self.period.state, "open")
        snapshot.action_compute()
        self.assertFalse(self.period.run_line_ids)

    def test_periods_close_in_order_and_without_gaps(self):
        """K10: what is booked before is certain only when earlier months are closed."""
        november = self._period("2026-11-01")
        with self.assertRaisesRegex(UserError, "Close October 2026 first"):
            self._compute(november)
        with self.assertRaises(ValidationError):
            self._period("2027-01-01")
        with self.assertRaises(UserError):
            self.period.with_user(self.finance).unlink()
        self._close(self.period)
        with self.assertRaises(ValidationError):
            self._period("2026-09-01")
        self._compute(november)

    def test_unfinished_month_is_a_preview(self):
        """K10: it can be computed, not reviewed."""
        self._close(self.period)
        self._close(self._period("2026-11-01"))
        december = self._period("2026-12-01")
        self._compute(december)
        with self.assertRaisesRegex(UserError, "isn't over"):
            december.with_user(self.finance).action_review()

    def test_lines_without_a_person_stop_the_review(self):
        """K03: nobody to answer is shown and asked for, not dropped."""
        self._rate(1)
        orphan = self._new_product("Orphan")
        self._receive(10, "2025-01-10", product_id=orphan.id)
        self.env["stock.move"].search([("product_id", "=", orphan.id)]).value = 100
        self._compute()
        self.assertIn((self.env["res.users"], "2026-10", -1), self._lines())
        with self.assertRaisesRegex(UserError, "Nobody answers for 1"):
            self.period.with_user(self.finance).action_review()
        orphan.responsible_id = self.other_buyer
        self._compute()
        self.period.with_user(self.finance).action_review()

    def test_the_database_refuses_a_second_booking(self):
        """K10: the unique key holds whatever the code does."""
        self._rate(1)
        self._compute()
        entries = self.env["performance.entry"]
        entries._book(self.period)
        self.env.flush_all()
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaisesRegex(Exception, "performance_entry_source_uniq"),
            self.env.cr.savepoint(),
        ):
            entries._book(self.period)
        self.period._clear_run()
        self.period._delete_lines("performance_statement")
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaisesRegex(Exception, "performance_entry_period_id_fkey"),
            self.env.cr.savepoint(),
        ):
            self.env.cr.execute(
                "DELETE FROM performance_period WHERE id = %s", [self.period.id]
            )

    def test_companies_keep_apart(self):
        """K10: another company's stock, rates and periods have no part in ours."""
        self._rate(1)
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self._close(self.period)
        theirs = self.env["performance.period"].create(
            {"company_id": other.id, "date_start": "2026-10-01"}
        )
        theirs.sudo().action_compute()
        self.assertFalse(theirs.run_line_ids)
        self.assertTrue(theirs.is_opening)
