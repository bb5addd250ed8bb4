from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from .common_scorecard import ScorecardCommon


@tagged("post_install", "-at_install")
@freeze_time("2027-03-05 09:00:00")
class TestScorecardProposal(ScorecardCommon):
    """What scorecards propose, and who decides."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._define([("sales", 100, 1000)])
        cls.second_manager = cls._user(
            "second_manager", "sales_receivable.group_company_manager"
        )

    def _consequence(self, condition, threshold, months=1, effect="pay", percent=10):
        return self.env["scorecard.consequence"].create(
            {
                "company_id": self.company.id,
                "condition": condition,
                "threshold": threshold,
                "months": months,
                "effect": effect,
                "percent": percent if effect == "pay" else 0,
            }
        )

    def _month(self, day, amount, other=None):
        """Close a month in which the sellers have sold so much."""
        period = self.env["performance.period"].search([("date_start", "=", day)])
        period = period or self._period(day)
        for user, sold in ((self.seller, amount), (self.other_seller, other)):
            if sold:
                self._sell(sold, day, user)
        self._close(period)
        return period

    def _proposals(self, period=None):
        domain = [("period_id", "=", period.id)] if period else []
        return [
            (row.user_id, row.effect, row.percent)
            for row in self.env["scorecard.proposal"].search(domain, order="id")
        ]

    def test_nothing_is_proposed_before_it_is_configured(self):
        """K07: installing changes nothing."""
        self._month("2026-10-01", 5000, 1)
        self.assertEqual(self._proposals(), [])

    def test_the_usual_consequences_can_be_added_once(self):
        """K07: +10 % above 120, −5 % below 80, three reviews; by administrators."""
        model = self.env["scorecard.consequence"]
        with self.assertRaises(AccessError):
            model.with_user(self.finance).action_add_defaults()
        model.with_user(self.administrator).action_add_defaults()
        rows = model.search([("company_id", "=", self.company.id)])
        self.assertEqual(
            rows.mapped("display_name"),
            [
                "Score above 120 % → Change of pay +10 %",
                "Score below 80 % → Change of pay -5 %",
                "Score below, months running 100 % → Reassignment review",
                "Among the best 10 % → Promotion review",
                "Every time → Salary review",
            ],
        )
        with self.assertRaises(UserError):
            model.with_user(self.administrator).action_add_defaults()

    def test_above_and_below_change_the_pay(self):
        """K07: above 120 % +10 %, below 80 % −5 %; at the threshold nothing."""
        self._consequence("above", 120)
        self._consequence("below", 80, percent=-5)
        october = self._month("2026-10-01", 1201, 799)
        november = self._month("2026-11-01", 1200, 800)
        self.assertEqual(
            self._proposals(october),
            [(self.seller, "pay", 10), (self.other_seller, "pay", -5)],
        )
        self.assertEqual(self._proposals(november), [])
        proposal = self.env["scorecard.proposal"].search([], order="id", limit=1)
        self.assertEqual(
            proposal.explanation,
            "Mean score 120.10 % (2026-10 120.10 %). Above 120.00 %.",
        )

    def test_missed_three_months_running(self):
        """K07: two aren't three, a good month begins anew, and it isn't said twice."""
        self._consequence("missed", 100, 3, "reassignment")
        months = [
            self._month(day, amount, 2000)
            for day, amount in (
                ("2026-10-01", 900),
                ("2026-11-01", 900),
                ("2026-12-01", 900),
                ("2027-01-01", 900),
            )
        ]
        self.assertEqual(
            [len(self._proposals(month)) for month in months], [0, 0, 1, 0]
        )
        self.assertEqual(self._proposals(), [(self.seller, "reassignment", 0)])

    def test_best_of_the_quarter(self):
        """K07: by the mean of three months, when the quarter is over."""
        self._consequence("top", 50, 3, "promotion")
        october = self._month("2026-10-01", 1000, 100)
        self._month("2026-11-01", 100, 1100)
        december = self._month("2026-12-01", 100, 1100)
        self.assertEqual(self._proposals(october), [])
        self.assertEqual(
            self._proposals(december), [(self.other_seller, "promotion", 0)]
        )
        proposal = self.env["scorecard.proposal"].search([])
        self.assertIn("Number 1 of 2: among the best 50.00 %.", proposal.explanation)
        self.assertEqual(proposal.score, 76.67)

    def test_salary_review_by_quarter(self):
        """K07: for everybody, good or bad."""
        self._consequence("every", 0, 3, "salary")
        self._month("2026-10-01", 1000)
        self._month("2026-11-01", 1000)
        december = self._month("2026-12-01", 1000)
        self.assertEqual(
            self._proposals(),
            [(self.seller, "salary", 0), (self.other_seller, "salary", 0)],
        )
        self.assertEqual(len(self._proposals(december)), 2)

    def test_figures_of_configuration_compare(self):
        """K07: whole parts of a year, and a pay change says by how much."""
        for values in (
            {"months": 5},
            {"months": 0},
            {"threshold": -1},
            {"condition": "top", "threshold": 120},
        ):
            with (
                self.subTest(values=values),
                self.assertRaises(IntegrityError),
                self.cr.savepoint(),
                mute_logger("odoo.sql_db"),
            ):
                self._consequence("above", 120).write(values)
                self.env.flush_all()
        with self.assertRaises(ValidationError):
            self._consequence("above", 120, percent=0)

    def test_a_company_manager_decides_with_a_reason(self):
        """K07: nobody else, not without a reason, and once."""
        self._consequence("above", 120)
        self._month("2026-10-01", 2000)
        proposal = self.env["scorecard.proposal"].search([])
        self.assertEqual(
            (proposal.state, proposal.proposed_by_id), ("proposed", self.finance)
        )
        for user in (self.seller, self.leader, self.finance, self.administrator):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                proposal.with_user(user).action_approve()
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                proposal.with_user(user).write({"reason": "why not"})
        mine = proposal.with_user(self.company_manager)
        with self.assertRaises(UserError):
            mine.action_approve()
        mine.reason = "well done"
        mine.action_approve()
        self.assertEqual(
            (mine.state, mine.decided_by_id), ("approved", self.company_manager)
        )
        for attempt in (
            mine.action_refuse,
            lambda: mine.write({"reason": "second thoughts"}),
        ):
            with self.assertRaises(UserError):
                attempt()

    def test_neither_the_person_concerned_nor_who_proposed_decides(self):
        """K07: whatever groups they have."""
        group = self.env.ref("sales_receivable.group_company_manager")
        self._consequence("above", 120)
        self._month("2026-10-01", 2000)
        proposal = self.env["scorecard.proposal"].search([])
        (self.seller + self.finance).group_ids += group
        for user in (self.seller, self.finance):
            with self.assertRaises(UserError):
                proposal.with_user(user).reason = "mine"
        proposal.with_user(self.second_manager).reason = "no"
        for user in (self.seller, self.finance):
            with self.assertRaises(UserError):
                proposal.with_user(user).action_approve()
        proposal.with_user(self.second_manager).action_refuse()
        self.assertEqual(proposal.state, "refused")

    def test_proposals_are_not_made_or_changed_by_hand(self):
        """K07: neither figures nor state nor person, nor by deleting."""
        self._consequence("above", 120)
        self._month("2026-10-01", 2000)
        proposal = self.env["scorecard.proposal"].search([])
        for attempt in (
            lambda: proposal.sudo().create({"percent": 50}),
            lambda: proposal.sudo().write({"percent": 50}),
            lambda: proposal.sudo().write({"user_id": self.other_seller.id}),
            lambda: proposal.sudo().write({"state": "approved"}),
            proposal.sudo().unlink,
            lambda: proposal.with_user(self.company_manager).write({"percent": 50}),
        ):
            with self.assertRaises(UserError):
                attempt()

    def test_a_person_sees_what_was_decided_about_them(self):
        """K07: not what is only proposed; the leader and finance see both."""
        self._consequence("above", 120)
        self._month("2026-10-01", 2000, 2000)
        proposals = self.env["scorecard.proposal"].search([])
        own = proposals.filtered(lambda row: row.user_id == self.seller)
        model = self.env["scorecard.proposal"]
        for user, expected in (
            (self.seller, model),
            (self.leader, proposals),
            (self.finance, proposals),
            (self.company_manager, proposals),
            (self.administrator, model),
        ):
            self.assertEqual(model.with_user(user).search([]), expected, user.login)
        own.with_user(self.company_manager).reason = "good"
        own.with_user(self.company_manager).action_approve()
        self.assertEqual(model.with_user(self.seller).search([]), own)

    def test_violations_are_reported_by_managers(self):
        """K07: of their own people; a salesperson reports nobody."""
        values = {
            "user_id": self.seller.id,
            "rule": "V10",
            "description": "no visit report for a week",
            "company_id": self.company.id,
        }
        model = self.env["sales.violation"]
        for user in (self.other_seller, self.seller, self.finance):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                model.with_user(user).create(values)
        violation = model.with_user(self.leader).create(values)
        self.assertEqual(violation.proposed_by_id, self.leader)
        self.assertEqual(model.with_user(self.seller).search([]), violation)
        self.assertFalse(model.with_user(self.other_seller).search([]))

    def test_a_violation_stays_and_is_decided_once(self):
        """K07: an append-only log; a company manager decides, not who reported."""
        violation = self.env["sales.violation"].create(
            {
                "user_id": self.seller.id,
                "rule": "V10",
                "description": "again",
                "proposal": "dismissal",
                "company_id": self.company.id,
            }
        )
        by_admin = violation.with_user(self.company_manager)
        for attempt in (
            lambda: by_admin.write({"description": "nothing"}),
            lambda: violation.sudo().write({"description": "nothing"}),
            violation.sudo().unlink,
            lambda: by_admin.write({"state": "approved"}),
            by_admin.action_approve,
            lambda: violation.write({"reason": "mine"}),
            lambda: violation.create({"reason": "x", "state": "approved"}),
        ):
            with self.assertRaises(UserError):
                attempt()
        by_admin.reason = "talked to both"
        by_admin.action_refuse()
        self.assertEqual(violation.state, "refused")
