from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, new_test_user, tagged

from .common_ledger import LedgerCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-11-05 09:00:00")
class TestStatementAnswer(LedgerCommon):
    """The person concerned sees, agrees or objects before the figures are approved."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.sudo().performance_answer_days = 3
        cls._rate("sale")
        cls.invoice = cls._sell(1000, "2026-10-05")
        cls.other = cls._sell(70, "2026-10-06", cls.other_seller)

    def setUp(self):
        super().setUp()
        self.period = self._compute("2026-10-01")

    def _statement(self, user=None):
        return self.period.statement_ids.filtered(
            lambda statement: statement.beneficiary_id == (user or self.seller)
        )

    def _mine(self, user=None):
        user = user or self.seller
        return self._statement(user).with_user(user)

    def test_approval_waits_for_answers(self):
        """K10: until everybody has answered, or the days to answer are over."""
        self.period.with_user(self.finance).action_review()
        manager = self.period.with_user(self.company_manager)
        with self.assertRaisesRegex(UserError, "may still answer"):
            manager.action_approve()
        self._mine().action_acknowledge()
        self._mine(self.other_seller).action_acknowledge()
        manager.action_approve()
        self.assertEqual(self.period.state, "approved")

    def test_who_says_nothing_in_time_holds_nobody_up(self):
        """K10: the days to answer are configuration and they end."""
        self.period.with_user(self.finance).action_review()
        with freeze_time("2026-11-08 09:00:01"):
            self.period.with_user(self.company_manager).action_approve()
        self.assertEqual(self.period.state, "approved")

    def test_an_objection_is_answered_before_approval(self):
        """K10: however long it takes, and by finance, nobody their own."""
        self.period.with_user(self.finance).action_review()
        self._mine().action_dispute("October's order of Bright Trading is missing")
        with freeze_time("2026-11-20 09:00:00"):
            manager = self.period.with_user(self.company_manager)
            with self.assertRaisesRegex(UserError, "disputes the figures"):
                manager.action_approve()
            with self.assertRaises(AccessError):
                self._mine().action_settle("I was right")
            self._statement().with_user(self.finance).action_settle(
                "The order was invoiced in November."
            )
            manager.action_approve()
        self.assertEqual(self._statement().answer, "settled")
        self.assertEqual(self._statement().settled_by_id, self.finance)

    def test_everybody_answers_for_themselves(self):
        """K10: nobody for somebody else, not even finance or by writing the field."""
        for user in (self.other_seller, self.finance, self.company_manager):
            statement = self._statement().with_user(user)
            for answer in (
                statement.action_acknowledge,
                lambda s=statement: s.action_dispute("no"),
            ):
                with self.assertRaises(AccessError):
                    answer()
        with self.assertRaises(UserError):
            self._mine().write({"answer": "acknowledged"})
        self.assertFalse(self._statement().answer)

    def test_an_objection_says_what_is_wrong(self):
        """K10: in words that can be read."""
        for reason in ("", "  ", "\u200b"):
            with self.assertRaises(UserError):
                self._mine().action_dispute(reason)
        dialog = self._mine().action_dispute()
        reason = self.env["step.reason"].with_user(self.seller)
        reason.with_context(**dialog["context"]).create(
            {"reason": "too little"}
        ).action_confirm()
        self.assertEqual(self._statement().objection, "too little")

    def test_an_answer_counts_for_the_figures_it_was_given_to(self):
        """K10: computing again asks only those whose figures have changed."""
        self._mine().action_acknowledge()
        self._mine(self.other_seller).action_acknowledge()
        self._sell(5, "2026-10-20")
        self._compute("2026-10-01")
        self.assertFalse(self._statement().answer)
        self.assertEqual(self._statement(self.other_seller).answer, "acknowledged")
        self.assertEqual(self._statement().sold, 1005)

    def test_an_objection_outlives_another_computation(self):
        """K10: however the figures change, the words stand until finance answers them,
        also when the month is opened again."""
        self._mine().action_dispute("An order is missing")
        self._sell(5, "2026-10-20")
        self._compute("2026-10-01")
        self.assertEqual(self._statement().answer, "disputed")
        self.period.with_user(self.finance).action_reopen()
        self._compute("2026-10-01")
        self.assertEqual(self._statement().objection, "An order is missing")
        self.period.with_user(self.finance).action_review()
        with freeze_time("2026-11-20"), self.assertRaisesRegex(UserError, "disputes"):
            self.period.with_user(self.company_manager).action_approve()

    def test_approved_figures_are_not_answered_any_more(self):
        """K10: what is approved is as it is."""
        self._close_the_rest()
        for answer in (
            self._mine().action_acknowledge,
            lambda: self._mine().action_dispute("late"),
        ):
            with self.assertRaises(UserError):
                answer()

    def _close_the_rest(self):
        self.period.with_user(self.finance).action_review()
        with freeze_time("2026-11-20 09:00:00"):
            self.period.with_user(self.company_manager).action_approve()
            self.period.with_user(self.finance).action_close()

    def test_everybody_is_told(self):
        """K10: with the review, without a figure."""
        self.period.with_user(self.finance).action_review()
        message = (
            self.env["mail.message"]
            .sudo()
            .search(
                [
                    ("model", "=", "performance.period"),
                    ("res_id", "=", self.period.id),
                    ("message_type", "=", "user_notification"),
                ],
                order="id desc",
                limit=1,
            )
        )
        people = self.seller.partner_id | self.other_seller.partner_id
        self.assertEqual(message.partner_ids, people)
        self.assertNotIn("1,000", message.body)

    def test_statement_shows_the_year(self):
        """K10: what the year's closed months booked, and with this one."""
        self._close_the_rest()
        self._sell(30, "2026-11-02")
        with freeze_time("2026-12-05"):
            november = self._compute("2026-11-01")
        statement = november.statement_ids
        self.assertEqual(
            (statement.opening, statement.amount, statement.closing), (1000, 30, 1030)
        )

    def test_each_total_opens_its_lines(self):
        """K10: by kind, and all of them."""
        self.period.with_user(self.finance).action_reopen()
        self._rate("collection")
        self._pay(self.invoice, 10, "2026-10-20")
        self._compute("2026-10-01")
        for total, amount in (("sold", 1000), ("collected", 10), (None, 1010)):
            action = self._statement().with_context(total=total).action_view_lines()
            lines = self.env[action["res_model"]].search(action["domain"])
            self.assertEqual(sum(lines.mapped("amount")), amount, total)

    def test_print_and_workbook(self):
        """K11: the statement on paper and as a workbook, every line explained."""
        report = self.env["ir.actions.report"].with_user(self.seller)
        html, _type = report._render_qweb_html(
            "sales_receivable.performance_statement_document", self._statement().ids
        )
        text = html.decode()
        self.assertIn(self.invoice.name, text)
        self.assertIn(self._mine()._get_lines().explanation, text)
        name, content = self._mine()._get_xlsx()
        self.assertIn(self.seller.name, name)
        self.assertTrue(content.startswith(b"PK"))


@tagged("post_install", "-at_install")
@freeze_time("2026-11-05 09:00:00")
class TestAdjustment(LedgerCommon):
    """Amounts by hand, approved by somebody else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.adjustment = (
            cls.env["performance.adjustment"]
            .with_user(cls.finance)
            .create(
                {
                    "company_id": cls.company.id,
                    "beneficiary_id": cls.seller.id,
                    "date": "2026-10-17",
                    "amount": -50,
                    "reason": "agreed on 3 October",
                }
            )
        )

    def test_counts_once_it_is_approved(self):
        """K10: submitted by finance, approved by the company manager, booked with its
        month, once."""
        self.adjustment.action_submit()
        self.assertFalse(self._compute("2026-10-01").run_line_ids)
        self.adjustment.with_user(self.company_manager).action_approve()
        period = self._close("2026-10-01")
        self.assertEqual(
            self._lines(period),
            [(self.seller.name, "agreed on 3 October", "2026-10", -50)],
        )
        self.assertIn("by hand", period.entry_ids.explanation)
        with freeze_time("2026-12-05"):
            self.assertFalse(self._compute("2026-11-01").run_line_ids)

    def test_nobody_decides_their_own(self):
        """K10: neither who entered or submitted it nor whom it concerns."""
        self.adjustment.action_submit()
        with self.assertRaises(AccessError):
            self.adjustment.action_approve()
        manager = self.env.ref("sales_receivable.group_company_manager")
        for user in (self.finance, self.seller):
            user.group_ids += manager
            with self.assertRaises(AccessError):
                self.adjustment.with_user(user).action_approve()
        self.assertEqual(self.adjustment.state, "submitted")

    def test_who_changed_it_does_not_decide(self):
        """K10: everybody who entered a figure of it is its author."""
        self.finance.group_ids += self.env.ref("sales_receivable.group_company_manager")
        other = self.administrator
        other.group_ids += self.env.ref("sales_receivable.group_finance")
        draft = self.adjustment.with_user(other).copy({"amount": 1})
        draft.with_user(self.finance).amount = 99999
        draft.with_user(other).action_submit()
        with self.assertRaises(AccessError):
            draft.with_user(self.finance).action_approve()
        draft.with_user(self.company_manager).action_approve()
        manager = self.adjustment.with_user(self.company_manager)
        manager.amount = 5
        self.adjustment.action_submit()
        with self.assertRaises(AccessError):
            manager.action_approve()

    def test_only_colleagues_are_adjusted(self):
        """K10: nobody outside the company has figures."""
        portal = new_test_user(self.env, "ledger_portal", groups="base.group_portal")
        with self.assertRaises(UserError):
            self.adjustment.beneficiary_id = portal

    def test_nothing_is_adjusted_before_the_cut_over(self):
        """K10: it would never be booked."""
        self._period("2026-10-01")
        self.adjustment.date = "2026-09-30"
        with self.assertRaisesRegex(UserError, "begins on"):
            self.adjustment.action_submit()

    def test_no_way_past_the_steps(self):
        """K10: neither by writing, nor by creating, nor with a default."""
        for attempt in (
            lambda: self.adjustment.write({"state": "approved"}),
            lambda: self.adjustment.copy({"state": "approved"}),
        ):
            with self.assertRaises(AccessError):
                attempt()
        new = self.adjustment.with_context(default_state="approved").copy()
        self.assertEqual(new.state, "draft")

    def test_submitted_it_stays_as_it_is(self):
        """K10: amount, person, month; taken back it can be changed, approved never."""
        self.adjustment.action_submit()
        for change in (
            lambda: self.adjustment.write({"amount": 1}),
            lambda: self.adjustment.write({"beneficiary_id": self.finance.id}),
            self.adjustment.unlink,
        ):
            with self.assertRaises(UserError):
                change()
        self.adjustment.action_withdraw()
        self.adjustment.amount = -40
        self.adjustment.action_submit()
        self.adjustment.with_user(self.company_manager).action_approve()
        with self.assertRaises(UserError):
            self.adjustment.action_withdraw()

    def test_refused_with_a_reason(self):
        """K10: and it counts nowhere."""
        self.adjustment.action_submit()
        boss = self.adjustment.with_user(self.company_manager)
        with self.assertRaises(UserError):
            boss.action_refuse(" ")
        boss.action_refuse("not agreed")
        self.assertEqual(self.adjustment.state, "refused")
        self.assertFalse(self._compute("2026-10-01").run_line_ids)

    def test_a_closed_month_takes_no_more(self):
        """K10: neither applications nor decisions; a later month does."""
        self.adjustment.action_submit()
        self._close("2026-10-01")
        with self.assertRaisesRegex(UserError, "Choose a later month"):
            self.adjustment.with_user(self.company_manager).action_approve()


@tagged("post_install", "-at_install")
@freeze_time("2026-12-05 09:00:00")
class TestVerification(LedgerCommon):
    """A closed period computed again from what was kept with it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for rule in ("sale", "collection"):
            cls._rate(rule, 33.3)
        cls.invoice = cls._sell(1000.01, "2026-10-05")
        cls._pay(cls.invoice, 300.05, "2026-10-20")

    def setUp(self):
        super().setUp()
        self.period = self._close("2026-10-01")

    def _verify(self, period=None):
        action = (period or self.period).with_user(self.finance).action_verify()
        return self.env[action["res_model"]].browse(action["res_id"])

    def test_what_was_closed_adds_up(self):
        """X07: every figure from its inputs, every total, and the hash."""
        found = self._verify()
        self.assertTrue(found.is_equal)
        self.assertEqual((found.entry_count, found.difference_count), (2, 0))
        self.assertEqual(found.hash_found, self.period.run_hash)
        self.assertAlmostEqual(found.amount, 333.0 + 99.92, places=2)

    def test_what_was_changed_behind_the_books_is_found(self):
        """X07: an amount, an input, a total; each says what and whose."""
        entries = self.period.entry_ids.sorted("rule")
        self.env.flush_all()
        forgeries = {
            "booked": "UPDATE performance_entry SET amount = amount + 1 WHERE id = %s",
            "inputs": "UPDATE performance_entry SET inputs = inputs || '{\"rate\": 1}'"
            " WHERE id = %s",
            "sold": "UPDATE performance_statement SET sold = sold + 1 WHERE period_id ="
            " (SELECT period_id FROM performance_entry WHERE id = %s)",
        }
        for expected, statement in forgeries.items():
            with self.subTest(statement=statement):
                self.env.cr.execute("SAVEPOINT forged")
                self.env.cr.execute(statement, [entries[-1].id])
                self.env.invalidate_all()
                found = self._verify()
                self.assertFalse(found.is_equal)
                self.assertIn(expected, found.line_ids.mapped("check"))
                self.assertTrue(all(found.line_ids.mapped("check_name")))
                self.env.flush_all()
                self.env.cr.execute("ROLLBACK TO SAVEPOINT forged")
                self.env.invalidate_all()
        self.assertTrue(self._verify().is_equal)

    def test_later_corrections_are_named(self):
        """X07: the month itself stays equal; what came later stands beside it."""
        self._item(self.invoice).remove_move_reconcile()
        november = self._close("2026-11-01")
        found = self._verify()
        self.assertTrue(found.is_equal)
        self.assertEqual((found.later_count, found.later_amount), (1, -99.92))
        lines = self.env["performance.entry"].search(
            found.action_view_later()["domain"]
        )
        self.assertEqual(lines.period_id, november)
        self.assertTrue(self._verify(november).is_equal)

    def test_a_new_login_changes_no_hash(self):
        """X07: whoever the person is called later."""
        self.seller.sudo().login = "somebody@else.example"
        self.assertTrue(self._verify().is_equal)

    def test_only_closed_periods_and_only_by_their_people(self):
        """X07: an open month has nothing to verify; a salesperson doesn't."""
        with self.assertRaises(UserError):
            self._verify(self._period("2026-11-01"))
        for user in (self.seller, self.administrator):
            with self.assertRaises(AccessError):
                self.period.with_user(user).action_verify()

    def test_verification_on_paper(self):
        """X07: to be filed."""
        report = self.env["ir.actions.report"].with_user(self.finance)
        html, _type = report._render_qweb_html(
            "sales_receivable.performance_verification_document", self._verify().ids
        )
        self.assertIn(self.period.run_hash, html.decode())
