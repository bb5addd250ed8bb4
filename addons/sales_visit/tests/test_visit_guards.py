import re
from datetime import timedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.service.model import get_public_method
from odoo.tests import tagged

from .common import VISIT_DAY, VisitCase

FORGED = {
    "name": "V1",
    "duration": 8.0,
    "state": "reported",
    "visit_day": "2026-01-01",
    "actual_start": "2026-01-01 08:00:00",
    "actual_stop": "2026-01-01 09:00:00",
    "is_off_plan": True,
    "cancel_reason": "x",
    "report_due": "2030-01-01 00:00:00",
    "report_due_tz": "UTC",
    "report_remind_at": "2030-01-01 00:00:00",
    "report_escalate_at": "2030-01-01 00:00:00",
    "report_reminded_at": "2026-01-01 00:00:00",
    "report_escalated_at": "2026-01-01 00:00:00",
    "report_submitted_at": "2026-01-01 00:00:00",
    "is_report_late": True,
    "report_delay_hours": 3.0,
    "is_new_customer": True,
    "reviewed_at": "2026-01-01 00:00:00",
    "confirmed_at": "2026-01-01 00:00:00",
    "reconfirm_on": "2026-01-01",
    "overrun_minutes": 5,
    "route_ordered_at": "2026-01-01 00:00:00",
    "thanks_due": "2026-01-01",
    "thanks_until": "2026-01-01 00:00:00",
    "thanks_state": "kept",
    "thanked_at": "2026-01-01 00:00:00",
    "thanks_checked_at": "2026-01-01 00:00:00",
    "checkin_status": "verified",
    "checkin_distance": 5,
    "checkin_latitude": 31.2,
    "checkin_longitude": 121.4,
    "checkin_accuracy": 5,
    "checkout_status": "verified",
    "checkout_distance": 5,
    "checkout_latitude": 31.2,
    "checkout_longitude": 121.4,
    "checkout_accuracy": 5,
    "counts_since": "2020-01-01 00:00:00",
    "presence_purged_at": "2026-01-01 00:00:00",
    "store_marks": {"outdoor": [1, 1]},
    "store_score": 99.0,
    "is_audited": True,
}


@tagged("post_install", "-at_install")
class TestVisitGuards(VisitCase):
    def _forged(self):
        return FORGED | {
            "report_due_rule_id": self.rule.id,
            "report_grade_id": self.env["sales.customer.grade"].search([], limit=1).id,
            "reviewed_by_id": self.leader.id,
            "confirmed_by_id": self.leader.id,
            "calendar_event_id": self.env["calendar.event"].create({"name": "E"}).id,
            "commercial_partner_id": self.leader.partner_id.id,
            "team_id": self.other_team.id,
        }

    def _frozen(self):
        """What nobody writes and a new visit doesn't have yet."""
        found = {"state", "name", "commercial_partner_id", "team_id"}
        return self.env["sales.visit"]._get_server_fields() - found

    def test_frozen_fields_cannot_be_written(self):
        """V10: no write sets what the steps decide, for nobody, not under sudo either."""
        visit = self._new_visit()
        self.assertEqual(
            self._forged().keys(), self.env["sales.visit"]._get_server_fields()
        )
        for name, value in self._forged().items():
            for record in (visit, visit.with_user(self.company_manager), visit.sudo()):
                with (
                    self.subTest(name, user=record.env.user.login),
                    self.assertRaises(UserError),
                ):
                    record.write({name: value})

    def test_frozen_fields_cannot_be_created(self):
        """V10: a visit is born as a draft, whoever creates it and however."""
        for name, value in self._forged().items():
            with self.subTest(name), self.assertRaises(UserError):
                self._new_visit(**{name: value})
            with self.subTest(name), self.assertRaises(UserError):
                self.env["sales.visit"].sudo().create(
                    {"partner_id": self.partner.id, name: value}
                )

    def test_default_keys_of_a_context_fill_nothing_frozen(self):
        """V10: `default_state` and its like are ignored."""
        defaults = {f"default_{name}": value for name, value in self._forged().items()}
        visit = (
            self.env["sales.visit"]
            .with_user(self.salesperson)
            .with_context(**defaults)
            .create({"partner_id": self.partner.id})
        )
        self.assertEqual(visit.state, "draft")
        for name in self._frozen():
            self.assertFalse(visit[name], name)

    def test_context_keys_switch_nothing_off(self):
        """V10: the pass is an object; nothing a client can send equals it."""
        visit = self._new_visit()
        for value in (True, 1, "sales_visit_pass", "<object object>", {}, []):
            context = {
                "sales_visit_pass": value,
                "install_mode": True,
                "import_file": True,
            }
            with self.subTest(value=value), self.assertRaises(UserError):
                visit.with_context(**context).write({"state": "reported"})

    def test_import_meets_the_guard(self):
        """V10: the import of a file can neither create nor move a visit past its steps."""
        model = self.env["sales.visit"].with_user(self.salesperson)
        result = model.load(
            ["partner_id/.id", "state"], [[str(self.partner.id), "reported"]]
        )
        self.assertFalse(result["ids"])
        self.assertIn("steps", result["messages"][0]["message"])
        visit = self._new_visit()
        result = model.load([".id", "state"], [[str(visit.id), "reviewed"]])
        self.assertFalse(result["ids"])
        self.assertEqual(visit.state, "draft")

    def test_duplicate_starts_fresh(self):
        """V10: a copy carries neither state nor report nor anything decided."""
        visit = self._reported_visit()
        visit.with_user(self.leader).action_review()
        copy = visit.copy()
        self.assertEqual(copy.state, "draft")
        self.assertNotEqual(copy.name, visit.name)
        self.assertEqual(copy.partner_id, visit.partner_id)
        for name in (
            *self._frozen(),
            "summary",
            "outcome_id",
            "planned_start",
        ):
            self.assertFalse(copy[name], name)
        with self.assertRaises(UserError):
            visit.copy({"state": "reviewed"})

    def test_submitted_report_is_locked(self):
        """V10: nothing of a submitted report changes, for nobody; the log stays open."""
        visit = self._reported_visit()
        values = {
            "summary": "Other",
            "contact_ids": [(4, self.partner.id)],
            "lead_id": False,
            "next_visit_date": "2026-12-01",
            "visit_type_id": self.visit_type.copy().id,
            "partner_id": self._new_partner("B").id,
        }
        for record in (visit, visit.with_user(self.leader), visit.sudo()):
            for name, value in values.items():
                with self.subTest(name), self.assertRaisesRegex(UserError, "locked"):
                    record.write({name: value})
        visit.message_post(body="Note")
        visit.with_user(self.leader).action_review()
        with self.assertRaisesRegex(UserError, "locked"):
            visit.write({"summary": "Other"})

    def test_lock_says_who_can_reopen(self):
        """X01: the refusal names the managers."""
        visit = self._reported_visit()
        with self.assertRaisesRegex(UserError, re.escape(self.leader.name)):
            visit.summary = "Other"

    def test_one_locked_visit_locks_the_batch(self):
        """V10: writing many visits at once is no way round the lock."""
        visits = self._reported_visit() | self._new_visit()
        with self.assertRaises(UserError):
            visits.write({"summary": "Other"})

    def test_facts_are_settled_once_begun(self):
        """V10: customer, person and plan of a visit under way can't be swapped."""
        visit = self._new_visit()
        visit.action_start()
        for name, value in {
            "partner_id": self._new_partner("B").id,
            "user_id": self.colleague.id,
            "planned_start": VISIT_DAY + timedelta(days=3),
            "channel": "phone",
        }.items():
            with self.subTest(name), self.assertRaises(UserError):
                visit.write({name: value})
        visit.summary = "This can be written"

    def test_only_unstarted_visits_are_deleted(self):
        """V10: what took place leaves a trace."""
        started = self._new_visit()
        started.action_start()
        started.cancel_visit("Fire alarm")
        planned = self._new_visit()
        planned.action_plan()
        for visit in (started, planned, self._reported_visit()):
            with self.subTest(visit.state), self.assertRaises(UserError):
                visit.unlink()
            with self.subTest(visit.state), self.assertRaises(UserError):
                visit.sudo().unlink()
        draft = self._new_visit()
        draft.unlink()
        self.assertFalse(draft.exists())

    def test_visit_cannot_be_given_away_blindly(self):
        """V25: a salesperson can't push a visit, and its report, onto somebody else."""
        visit = self._new_visit()
        with self.assertRaises(AccessError):
            visit.user_id = self.colleague
        with self.assertRaises(AccessError):
            self._new_visit(user_id=self.colleague.id)
        visit.with_user(self.leader).user_id = self.colleague
        self.assertEqual(visit.user_id, self.colleague)

    def test_wizard_by_rpc_meets_the_guards(self):
        """V10: creating the wizard directly gives no right that the step refuses."""
        visit = self._reported_visit()
        wizard = (
            self.env["sales.visit.reason.wizard"]
            .with_user(self.salesperson)
            .create(
                {
                    "res_model": visit._name,
                    "res_ids": visit.ids,
                    "step": "reopen",
                    "reason": "Mine",
                }
            )
        )
        with self.assertRaises(AccessError):
            wizard.action_apply()
        self.assertEqual(visit.state, "reported")

    def test_private_helpers_are_not_callable_by_rpc(self):
        """V10: what moves the state is out of a client's reach."""
        visits = self.env["sales.visit"]
        for name in ("_step_to", "_record", "_remind", "_cron_watch_reports"):
            with self.subTest(name), self.assertRaises(AccessError):
                get_public_method(visits, name)
        self.assertTrue(get_public_method(visits, "action_plan"))

    def test_people_are_the_customers(self):
        """V05, V11: nobody else's contact confirms or is met; not another company's."""
        visit = self._new_visit()
        contact, stranger = self.env["res.partner"].create(
            [
                {"name": "Ours", "parent_id": self.partner.id},
                {"name": "Theirs", "parent_id": self._new_partner("B").id},
            ]
        )
        visit.write({"confirmed_with_id": contact.id, "contact_ids": contact.ids})
        for values in (
            {"confirmed_with_id": stranger.id},
            {"contact_ids": [Command.link(stranger.id)]},
            {"partner_id": stranger.id, "contact_ids": contact.ids},
        ):
            with self.subTest(values), self.assertRefused("people of the customer"):
                visit.write(values)
        visit.partner_id = stranger
        self.assertFalse(visit.confirmed_with_id | visit.contact_ids, "of another")
        elsewhere = self._new_partner("Secret", company_id=self.other_company.id)
        user = self.salesperson.with_user(self.salesperson)
        for name in ("route_start_id", "route_end_id"):
            with self.subTest(name), self.assertRefused("your companies"):
                user.write({name: elsewhere.id})

    def test_channel_follows_the_type(self):
        """V01, V20: a call planned as a call isn't counted as a visit in person."""
        call = self.env["sales.visit.type"].create({"name": "Call", "channel": "phone"})
        visit = self._new_visit(visit_type_id=call.id)
        self.assertEqual(visit.channel, "phone")
        with self.assertRaises(ValidationError):
            visit.channel = "in_person"
        with self.assertRaises(ValidationError):
            self._new_visit(visit_type_id=call.id, channel="in_person")
        free = self._new_visit(channel="online")
        self.assertEqual(free.channel, "online")
        free.visit_type_id = call
        self.assertEqual(free.channel, "phone")

    def test_report_is_the_salespersons(self):
        """V10: a manager reopens it, and writes none of it."""
        visit = self._go(self._new_visit())
        for user in (self.leader, self.company_manager):
            with self.subTest(user.login), self.assertRaises(AccessError):
                visit.with_user(user).summary = "All is well"
        visit.with_user(self.salesperson).summary = "It isn't"

    def test_team_is_the_salespersons(self):
        """V01: the analysis of a team isn't anybody's to choose."""
        visit = self._new_visit()
        self.assertEqual(visit.team_id, self.team)
        with self.assertRaises(AccessError):
            visit.team_id = self.other_team
        with self.assertRaises(AccessError):
            self._new_visit(team_id=self.other_team.id)
