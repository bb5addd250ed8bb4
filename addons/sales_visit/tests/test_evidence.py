import base64

from odoo import Command
from odoo.exceptions import UserError
from odoo.http import Request
from odoo.tests import HttpCase, JsonRpcException, tagged
from odoo.tools import mute_logger

from .common import VISIT_DAY, VisitCase


class EvidenceCase(VisitCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.visit = cls._go(cls._new_visit())
        cls.visit.message_post(body="Begun", message_type="notification")
        cls.photo = cls._new_file(cls.visit, name="photo.jpg")
        cls.comment = cls.visit.message_post(
            body="They liked it", message_type="comment", subtype_xmlid="mail.mt_note"
        )
        cls.visit.write({"outcome_id": cls.outcome.id, "summary": "Talked."})
        cls.visit.action_submit_report()

    @classmethod
    def _new_file(cls, record, user=None, **values):
        return (
            cls.env["ir.attachment"]
            .with_user(user or cls.salesperson)
            .create(
                {
                    "name": "file.txt",
                    "raw": b"as it was",
                    "res_model": record._name,
                    "res_id": record.id,
                    **values,
                }
            )
        )


@tagged("post_install", "-at_install")
class TestEvidence(EvidenceCase):
    """Files and log of a submitted report stay as they were."""

    def _everybody(self, record):
        return (
            record.with_user(self.salesperson),
            record.with_user(self.leader),
            record.sudo(),
        )

    def test_no_file_is_added(self):
        """V11: what wasn't there at submission doesn't turn up later unmarked."""
        for user in (self.salesperson, self.leader, self.env.user):
            with self.subTest(user.login), self.assertRefused("locked"):
                self._new_file(self.visit, user)
        for moved in (
            self._new_file(self._new_visit()),
            self._new_file(self.partner, self.env.user),
        ):
            with self.assertRefused("locked"):
                moved.write({"res_model": "sales.visit", "res_id": self.visit.id})
        with self.assertRefused("locked"):
            self.photo.copy()

    def test_no_file_is_changed(self):
        """V11: neither content nor name nor place; saying the same again is harmless."""
        elsewhere = self._new_visit().id
        for values in (
            {"raw": b"retouched"},
            {"datas": base64.b64encode(b"retouched")},
            {"name": "other.jpg"},
            {"description": "Somebody else's"},
            {"res_id": elsewhere},
            {"res_model": False, "res_id": False},
            {"res_field": "summary"},
            {"type": "url", "url": "https://example.com/"},
            {"public": True},
        ):
            for record in self._everybody(self.photo):
                with (
                    self.subTest(values, user=record.env.user.login),
                    self.assertRefused("locked"),
                ):
                    record.write(values)
        self.photo.sudo().write({"raw": b"as it was", "name": "photo.jpg"})
        self.photo.sudo().generate_access_token()

    def test_no_file_is_removed(self):
        """V11: not by those who made it, not among others."""
        for record in self._everybody(self.photo):
            with self.assertRefused("locked"):
                record.unlink()
        free = self._new_file(self._new_visit())
        with self.assertRefused("locked"):
            (free | self.photo).unlink()
        free.unlink()

    def test_no_message_is_changed(self):
        """V10: what was said stays as it was said, by whom and when."""
        for values in (
            {"body": "They hated it"},
            {"date": "2020-01-01"},
            {"author_id": self.partner.id},
            {"attachment_ids": [Command.link(self.photo.id)]},
            {"message_type": "notification"},
            {"subject": "Other"},
        ):
            for record in self._everybody(self.comment):
                with (
                    self.subTest(values, user=record.env.user.login),
                    self.assertRefused("locked"),
                ):
                    record.write(values)
        self.comment.with_user(self.salesperson).toggle_message_starred()

    def test_no_message_is_removed(self):
        """V10: neither directly nor by commands of the visit."""
        step = self.visit.message_ids - self.comment
        self.assertTrue(step)
        for message in (self.comment, step[0]):
            for record in self._everybody(message):
                with self.assertRefused("locked"):
                    record.unlink()
            for visit in self._everybody(self.visit):
                for command in (
                    Command.delete(message.id),
                    Command.unlink(message.id),
                    Command.clear(),
                    Command.set([]),
                    Command.update(message.id, {"body": "Other"}),
                ):
                    with (
                        self.subTest(command=command, user=visit.env.user.login),
                        self.assertRaises(UserError),
                    ):
                        visit.write({"message_ids": [command]})
        self.assertTrue(self.comment.exists())

    def test_another_visit_is_no_way_in(self):
        """V10: commands given to a draft, new or old, meet the guard of the locked one."""
        for command in (
            Command.delete(self.comment.id),
            Command.update(self.comment.id, {"body": "Other"}),
        ):
            with (
                self.subTest(command=command),
                self.assertRefused("locked"),
            ):
                self._new_visit(message_ids=[command])
            with (
                self.subTest(command=command),
                self.assertRefused("locked"),
            ):
                self._new_visit().write({"message_ids": [command]})

    def test_posting_stays_possible(self):
        """V10: the talk about a report goes on, files included."""
        message = self.visit.with_user(self.leader).message_post(
            body="See the price list", attachments=[("prices.txt", b"1.00")]
        )
        self.assertEqual(message.attachment_ids.res_id, self.visit.id)
        pending = (
            self.env["ir.attachment"]
            .with_user(self.salesperson)
            .create({"name": "plan.txt", "res_model": "mail.compose.message"})
        )
        answer = self.visit.with_user(self.salesperson).message_post(
            body="And the plan", attachment_ids=pending.ids
        )
        self.assertEqual(answer.attachment_ids, pending)
        with self.assertRefused("locked"):
            pending.unlink()

    def test_messages_are_ones_own_and_of_today(self):
        """V10: nobody writes the log in the manager's name, or after the fact."""
        visit = self.visit.with_user(self.salesperson)
        manager = self.leader.partner_id.id
        log = {"model": "sales.visit", "res_id": visit.id, "body": "Reopened"}
        with self.assertRefused("own name"):
            visit.message_post(body="Reopened", author_id=manager)
        for values in (
            {"author_id": manager},
            {"author_id": False},
            {"date": "2026-01-01 08:00:00"},
            {"date": False},
        ):
            with self.subTest(values), self.assertRefused("own name"):
                self.env["mail.message"].with_user(self.salesperson).create(
                    log | values
                )
        draft = self._new_visit()
        with self.assertRefused("own name"):
            draft.write({"message_ids": [Command.create(log | {"author_id": manager})]})
        self.assertTrue(visit.message_post(body="Mine"))
        draft.activity_schedule("mail.mail_activity_data_todo").action_feedback("Done")
        lead = self.env["crm.lead"].with_user(self.salesperson).create({"name": "L"})
        self.assertTrue(lead.message_post(body="Theirs", author_id=manager))

    def test_reopened_report_takes_files_again_and_keeps_its_log(self):
        """V10: a manager's reason opens the report; what the steps logged stays."""
        self.visit.with_user(self.leader).reopen_report("The floor plan is missing")
        plan = self._new_file(self.visit, name="plan.pdf")
        self.photo.unlink()
        self.comment.with_user(self.salesperson).body = "They liked it a lot"
        reason = self.visit.message_ids.filtered(lambda m: "floor plan" in m.body)
        for record in self._everybody(reason):
            with self.assertRefused("stays"):
                record.unlink()
            with self.assertRefused("stays"):
                record.write({"message_type": "comment"})
        self.visit.action_submit_report()
        with self.assertRefused("locked"):
            plan.unlink()

    def test_others_files_and_messages_are_not_touched(self):
        """V10: drafts go with what they hold; other documents aren't asked."""
        draft = self._new_visit()
        self._new_file(draft).name = "other.txt"
        draft.message_post(body="Note", message_type="comment")
        draft.unlink()
        note = self.partner.message_post(body="Note", message_type="comment")
        self._new_file(self.partner, self.env.user).unlink()
        note.unlink()

    def test_guard_costs_no_query_a_file(self):
        """V10: ten files are checked with as many queries as one."""
        one = self._new_file(self._new_visit())
        ten = self.env["ir.attachment"].browse()
        for _index in range(10):
            ten |= self._new_file(self._new_visit())
        counts = []
        for files in (one, ten):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            files.sudo()._check_evidence()
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(*counts)


@tagged("post_install", "-at_install")
class TestEvidenceRoutes(EvidenceCase, HttpCase):
    """The host's own controllers, which work under sudo."""

    def setUp(self):
        super().setUp()
        login = self.salesperson.login
        self.authenticate(login, login.ljust(8, "x"))

    def _refused(self, route, **params):
        with (
            mute_logger("odoo.http"),
            self.assertRaisesRegex(JsonRpcException, "UserError"),
        ):
            self.make_jsonrpc_request(route, params)

    def test_controllers_meet_the_guard(self):
        """V10: editing and deleting in the chatter, uploading and removing files."""
        self._refused("/mail/attachment/delete", attachment_id=self.photo.id)
        for body in ("They hated it", ""):
            self._refused(
                "/mail/message/update_content",
                message_id=self.comment.id,
                update_data={"body": body, "attachment_ids": []},
            )
        with mute_logger("odoo.http"):
            self.url_open(
                "/mail/attachment/upload",
                data={
                    "thread_id": self.visit.id,
                    "thread_model": "sales.visit",
                    "csrf_token": Request.csrf_token(self),
                },
                files={"ufile": ("late.txt", b"late")},
            )
        files = self.env["ir.attachment"].search(
            [("res_model", "=", "sales.visit"), ("res_id", "=", self.visit.id)]
        )
        self.assertEqual(files, self.photo)
        self.assertEqual(self.photo.raw, b"as it was")
        self.assertIn("liked", self.comment.body)
        # The route itself works where a report is open.
        draft = self._new_visit(planned_start=VISIT_DAY)
        response = self.url_open(
            "/mail/attachment/upload",
            data={
                "thread_id": draft.id,
                "thread_model": "sales.visit",
                "csrf_token": Request.csrf_token(self),
            },
            files={"ufile": ("early.txt", b"early")},
        )
        self.assertEqual(response.status_code, 200)
        self.assertEqual(
            self.env["ir.attachment"]
            .search([("res_model", "=", "sales.visit"), ("res_id", "=", draft.id)])
            .name,
            "early.txt",
        )
