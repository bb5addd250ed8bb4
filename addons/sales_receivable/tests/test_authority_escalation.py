from datetime import datetime, timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import freeze_time

from ..models import authority_escalation
from .common import AuthorityCase

ASKED = datetime(2026, 11, 23, 8, 0)


@freeze_time(ASKED)
class TestAuthorityEscalation(AuthorityCase):
    """An approval that nobody answers is asked of the next person (A17)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_mode("A02", "block")
        cls.company.authority_escalation_hours = 4.0
        cls.order = cls.new_order()
        cls.request = cls.ask(cls.order)

    def run_job(self, hours):
        cron = self.env.ref("sales_receivable.ir_cron_authority_escalate")
        self.env.flush_all()
        with (
            freeze_time(ASKED + timedelta(hours=hours)),
            self.enter_registry_test_mode(),
        ):
            cron.method_direct_trigger()
        self.env.invalidate_all()

    def activities(self, user):
        return self.order.sudo().activity_ids.filtered(lambda a: a.user_id == user)

    def test_next_person_of_the_approvers_chain(self):
        """A17: after the hours of the company, and not before; both may decide."""
        self.assertEqual(self.request.approver_id, self.vice_president)
        self.run_job(3.9)
        self.assertFalse(self.request.escalated_to_id)
        self.run_job(4)
        self.assertEqual(self.request.escalated_to_id, self.general_manager)
        self.assertEqual(len(self.activities(self.general_manager)), 1)
        self.assertEqual(len(self.activities(self.vice_president)), 1)
        inbox = self.env["authority.request"].with_user(self.general_manager)
        self.assertIn(self.request, inbox.search([("waits_for_me", "=", True)]))
        self.assertEqual(self.request.step_ids[0].kind, "escalated")
        self.assertEqual(self.request.step_ids[0].approver_id, self.general_manager)
        self.request.with_user(self.general_manager).action_approve()
        self.assertFalse(self.order.sudo().activity_ids)
        self.order.action_confirm()

    def test_once(self):
        """A17: run again, also killed between two batches, nobody is asked twice."""
        others = self.new_order(price=8.0) | self.new_order(price=7.9)
        for order in others:
            self.ask(order)
        killed = patch.object(
            type(self.env["ir.cron"]), "_commit_progress", side_effect=KeyboardInterrupt
        )
        with (
            patch.object(authority_escalation, "BATCH_SIZE", 1),
            killed,
            self.assertRaises(KeyboardInterrupt),
            freeze_time(ASKED + timedelta(hours=5)),
            self.cr.savepoint(),
        ):
            self.env["authority.request"]._cron_escalate()
        self.env.invalidate_all()
        for hours in (5, 6, 30):
            self.run_job(hours)
        for order in self.order | others:
            found = order.sudo().activity_ids.filtered(
                lambda a: a.user_id == self.general_manager
            )
            with self.subTest(order.name):
                self.assertEqual(len(found), 1)

    def test_who_asks_is_never_asked(self):
        """A17: the next is somebody else, or the fallback person, or nobody."""
        request = self.request.sudo()
        self.assertEqual(request._find_next_approvers()[request], self.general_manager)
        self.general_manager.action_archive()
        self.env.invalidate_all()
        self.assertFalse(request._find_next_approvers()[request])
        self.run_job(5)
        self.assertTrue(self.request.escalated_at)
        self.assertFalse(self.request.escalated_to_id)
        self.company.authority_fallback_user_id = self.colleague
        self.assertEqual(request._find_next_approvers()[request], self.colleague)
        self.company.authority_fallback_user_id = self.salesperson
        self.assertFalse(request._find_next_approvers()[request], "who asks")

    def test_answered_requests_rest(self):
        """A17: decided, withdrawn or outdated ones aren't escalated."""
        self.request.with_user(self.vice_president).action_refuse("No")
        withdrawn = self.new_order(price=8.0)
        request = self.ask(withdrawn)
        withdrawn.action_authority_withdraw()
        self.run_job(10)
        self.assertFalse((self.request | request).escalated_to_id)

    def test_never_where_the_company_wants_none(self):
        """A17: 0 hours are no hours; a change counts from the next request on."""
        self.company.authority_escalation_hours = 0.0
        request = self.ask(self.new_order(price=8.0))
        self.assertFalse(request.escalates_at)
        self.run_job(1000)
        self.assertFalse(request.escalated_at)
        self.assertTrue(self.request.escalated_at)

    def test_banner_says_when_and_to_whom(self):
        """X01: while it waits, and afterwards."""
        self.env.invalidate_all()
        self.assertIn("escalates in 4 h", str(self.order.authority_banner))
        self.run_job(5)
        self.assertIn(
            f"escalated to {self.general_manager.name}",
            str(self.order.authority_banner),
        )

    def test_nobody_escalates_by_hand(self):
        """A17: to oneself, by RPC or by the keys of a context."""
        for user in (self.colleague, self.general_manager, self.vice_president):
            request = self.request.with_user(user).with_context(authority_engine=True)
            with self.subTest(user.name), self.assertRaises(AccessError):
                request.write({"escalated_to_id": user.id})

    def test_whom_to_ask_is_found_at_once(self):
        """A17: for forty requests with the queries of four."""

        def count(number):
            requests = self.request.browse()
            for _number in range(number):
                requests |= self.ask(self.new_order(price=8.0))
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            requests.sudo()._find_next_approvers()
            return self.cr.sql_log_count - before

        count(1)
        few = count(4)
        self.assertLessEqual(count(40), few)
