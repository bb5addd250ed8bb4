from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import tagged

from .common import VisitCase


@tagged("post_install", "-at_install")
class TestApproval(VisitCase):
    """V25: the approval of this addon, by the consent that uses it. The stranger of
    another team asks to visit a customer of the salesperson."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["sales.customer.file"].create(
            {
                "partner_id": cls.partner.id,
                "user_id": cls.salesperson.id,
                "company_id": cls.company.id,
            }
        )

    def _new_consent(self, user=None, **values):
        user = user or self.stranger
        consents = self.env["sales.cross.consent"].with_user(user)
        return consents.create(
            {"partner_id": self.partner.id, "reason": "He asked for me", **values}
        )

    def _requested(self, user=None, **values):
        consent = self._new_consent(user, **values)
        consent.action_request()
        return consent

    def test_managers_of_the_owner_decide(self):
        """V25: line manager or team leader of the one whose customer it is."""
        for manager in (self.line_manager, self.leader):
            consent = self._requested()
            self.assertEqual(consent.owner_id, self.salesperson)
            self.assertEqual(consent.approver_ids, self.line_manager | self.leader)
            self.assertFalse(consent.can_decide)
            decided = consent.with_user(manager)
            self.assertTrue(decided.can_decide)
            decided.action_approve()
            self.assertEqual(consent.approval_state, "approved")
            self.assertEqual(consent.decided_by_id, manager)
            self.assertTrue(consent.decided_at)
            self.assertFalse(decided.can_decide)

    def test_nobody_else_decides(self):
        """V25: neither who asks, nor the owner, nor managers of others."""
        consent = self._requested()
        for user in (self.stranger, self.salesperson, self.other_leader):
            for method, args in (("action_approve", ()), ("refuse", ("No",))):
                with (
                    self.subTest(method, user=user.login),
                    self.assertRaises(AccessError),
                ):
                    call_kw(
                        self.env(user=user)["sales.cross.consent"],
                        method,
                        [consent.ids, *args],
                        {},
                    )
        self.assertEqual(consent.approval_state, "submitted")

    def test_who_asks_never_decides(self):
        """V25: a manager's own request goes to a company manager."""
        self.employee.parent_id = False
        consent = self._requested(self.leader, user_id=self.colleague.id)
        self.assertEqual(consent.approver_ids, self.company_manager)
        with self.assertRaises(AccessError):
            consent.action_approve()
        consent.with_user(self.company_manager).action_approve()
        self.assertEqual(consent.approval_state, "approved")

    def test_request_without_anybody_to_decide(self):
        """V25: it is said at once, not waited for."""
        self.employee.parent_id = False
        self.team.user_id = False
        self.company_manager.action_archive()
        with self.assertRefused("company manager"):
            self._new_consent().action_request()

    def test_refusal_needs_a_reason(self):
        """V25: kept on the document and told to who asked."""
        consent = self._requested()
        decided = consent.with_user(self.leader)
        for reason in ("", "  ", False):
            with self.assertRefused("reason"):
                decided.refuse(reason)
        wizard = (
            self.env["sales.visit.reason.wizard"]
            .with_user(self.leader)
            .with_context(**decided.action_refuse()["context"])
            .create({"reason": "He is busy with another"})
        )
        wizard.action_apply()
        self.assertEqual(consent.approval_state, "refused")
        self.assertEqual(consent.decision_reason, "He is busy with another")
        self.assertIn("busy", consent.message_ids[0].body)
        self.assertEqual(
            consent.message_ids[0].notified_partner_ids, self.stranger.partner_id
        )

    def test_decided_once(self):
        """V25: what is decided stays so."""
        consent = self._requested().with_user(self.leader)
        consent.action_approve()
        for attempt in (
            consent.action_approve,
            lambda: consent.refuse("Later"),
            lambda: consent.with_user(self.stranger).action_withdraw(),
            lambda: consent.with_user(self.stranger).action_request(),
            consent.unlink,
        ):
            with self.assertRaises(UserError), self.cr.savepoint():
                attempt()
        self.assertEqual(consent.approval_state, "approved")

    def test_request_stays_as_it_was_asked(self):
        """V25: nobody changes what others decide about, under sudo neither."""
        consent = self._requested()
        other = self._new_partner("Customer B")
        for attempt in (consent, consent.with_user(self.leader), consent.sudo()):
            for vals in ({"partner_id": other.id}, {"reason": "Other"}):
                with self.assertRefused("asked for"):
                    attempt.write(vals)
            with self.assertRefused("asked for"):
                attempt.with_user(self.leader).unlink()
        consent.action_withdraw()
        consent.reason = "Other"
        consent.unlink()

    def test_states_are_nobodys_to_write(self):
        """V25: write, create, defaults and copies carry no approval."""
        consent = self._new_consent()
        for user in (self.stranger, self.leader, self.company_manager):
            for vals in (
                {"approval_state": "approved"},
                {"decided_by_id": self.leader.id},
                {"owner_id": self.colleague.id},
            ):
                with self.assertRefused("set directly"):
                    consent.with_user(user).write(vals)
        with self.assertRefused("set directly"):
            self._new_consent(approval_state="approved")
        forged = consent.with_context(default_approval_state="approved")
        created = forged.create({"partner_id": self.partner.id, "reason": "Mine"})
        self.assertEqual(created.approval_state, "draft")
        consent.action_request()
        consent.with_user(self.leader).action_approve()
        self.assertEqual(consent.copy().approval_state, "draft")
        self.assertFalse(consent.copy().decided_by_id)

    def test_only_who_asked_takes_it_back(self):
        """V25: and only while it waits."""
        consent = self._requested()
        with self.assertRaises(AccessError):
            consent.with_user(self.company_manager).action_withdraw()
        consent.action_withdraw()
        self.assertEqual(consent.approval_state, "draft")
        self.assertFalse(consent.requested_by_id)

    def test_one_activity_that_ends_with_the_decision(self):
        """V25: the first who can decide is told, once."""
        consent = self._requested()
        activity = consent.sudo().activity_ids
        self.assertEqual(activity.user_id, self.line_manager)
        consent.with_user(self.leader).action_approve()
        self.assertFalse(activity.exists().filtered("active"))

    def test_other_companies_see_nothing(self):
        """V25: a request is the company's."""
        consent = self._requested()
        with self.assertRaises(AccessError):
            consent.with_user(self.foreigner).read(["reason"])
        self.assertTrue(consent.with_user(self.salesperson).has_access("read"))
        self.assertFalse(consent.with_user(self.salesperson).has_access("write"))
        self.assertFalse(consent.with_user(self.colleague).has_access("read"))
