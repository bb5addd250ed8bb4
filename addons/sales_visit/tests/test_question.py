from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, new_test_user, tagged

from .common import VISIT_DAY, VisitCase


@tagged("post_install", "-at_install")
class TestQuestion(VisitCase):
    def _ask(self, visit, question="When do you deliver?", **values):
        return (
            self.env["sales.visit.question"]
            .with_user(visit.user_id)
            .create({"visit_id": visit.id, "question": question, **values})
        )

    def test_open_until_closed_with_its_answer(self):
        """V16: it is closed by its own step, with an answer, by the clock."""
        question = self._ask(self._go(self._new_visit()))
        self.assertEqual(question.commercial_partner_id, self.partner)
        self.assertEqual(question.user_id, self.salesperson)
        with self.assertRefused("no answer"):
            question.action_close()
        question.answer = "  "
        with self.assertRefused("no answer"):
            question.action_close()
        question.answer = "On Monday"
        with freeze_time("2026-11-30 02:00:00"):
            question.action_close()
        self.assertTrue(question.is_answered)
        self.assertEqual(str(question.answered_at), "2026-11-30 02:00:00")
        self.assertEqual(question.answered_by_id, self.salesperson)

    def test_answered_question_stays(self):
        """V16: neither question nor answer changes, nor is it closed or deleted again."""
        question = self._ask(self._go(self._new_visit()), answer="Yes")
        question.action_close()
        for vals in ({"answer": "No"}, {"question": "Other?"}, {"user_id": False}):
            with self.subTest(vals), self.assertRefused("answered"):
                question.write(vals)
        with self.assertRefused("answered"):
            question.action_close()
        with self.assertRefused("answered"):
            question.unlink()

    def test_closing_is_no_field(self):
        """V16: RPC, import and defaults don't close a question."""
        visit = self._go(self._new_visit())
        question = self._ask(visit)
        with self.assertRaises(AccessError):
            question.is_answered = True
        with self.assertRaises(AccessError):
            self._ask(visit, is_answered=True)
        asked = question.with_context(default_is_answered=True).copy()
        self.assertFalse(asked.is_answered)

    def test_ways_round(self):
        """V16: import, defaults, another company, reception and the portal answer, move
        or read no question."""
        visit = self._go(self._new_visit())
        question = self._ask(visit)
        own = question.browse().with_user(self.salesperson)
        names = ["visit_id/.id", "question", "is_answered"]
        self.assertFalse(own.load(names, [[str(visit.id), "Imported", "True"]])["ids"])
        asked = own.with_context(default_is_answered=True).create(
            {"visit_id": visit.id, "question": "By default"}
        )
        self.assertFalse(asked.is_answered)
        foreign = self._new_visit(self.foreigner)
        with self.assertRaises(UserError):
            own.create({"visit_id": foreign.id, "question": "Elsewhere"})
        with self.assertRaises(UserError):
            question.with_user(self.salesperson).visit_id = foreign
        portal = new_test_user(self.env, "v_portal", groups="base.group_portal")
        for user in (self.foreigner, self.stranger, self.receptionist, portal):
            for method, *args in (
                ("read", ["question"]),
                ("write", {"answer": "None"}),
                ("action_close",),
                ("copy",),
                ("unlink",),
            ):
                with (
                    self.subTest(user=user.login, method=method),
                    self.assertRaises(AccessError),
                ):
                    getattr(question.with_user(user), method)(*args)

    def test_appears_at_the_next_visit_until_answered(self):
        """V16: at every other visit to the customer, whichever contact it is at."""
        question = self._ask(self._go(self._new_visit()))
        contact = self.env["res.partner"].create(
            {"name": "Contact", "parent_id": self.partner.id}
        )
        following = self._new_visit(partner_id=contact.id)
        self.assertEqual(following.earlier_question_ids, question)
        self.assertFalse(question.visit_id.earlier_question_ids)
        elsewhere = self._new_visit(partner_id=self._new_partner("B").id)
        self.assertFalse(elsewhere.earlier_question_ids)
        question.answer = "On Monday"
        question.action_close()
        following.invalidate_recordset()
        self.assertFalse(following.earlier_question_ids)

    def test_reported_question_stays_but_can_be_answered(self):
        """V16: the report's lock keeps what was asked, not what is answered later."""
        visit = self._go(self._new_visit())
        question = self._ask(visit)
        self._submit(visit, VISIT_DAY)
        with self.assertRefused("V10"):
            question.question = "Something harmless"
        with self.assertRefused("V10"):
            question.unlink()
        with self.assertRefused("V10"):
            self._ask(visit, "Asked too late")
        with self.assertRefused("V10"):
            visit.write({"question_ids": [(0, 0, {"question": "Too late"})]})
        question.answer = "On Monday"
        question.action_close()

    def test_nobody_asks_in_the_report_of_somebody_else(self):
        """V16: not even with oneself as the one responsible."""
        visit = self._go(self._new_visit())
        for values in ({}, {"user_id": self.stranger.id}):
            with self.subTest(values), self.assertRaises(UserError):
                self.env["sales.visit.question"].with_user(self.stranger).create(
                    {"visit_id": visit.id, "question": "Mine?", **values}
                )

    def test_is_handed_on_within_sight_only(self):
        """V16: a manager hands it to a member; nobody gives it away to a stranger."""
        question = self._ask(self._go(self._new_visit()))
        with self.assertRaises(AccessError):
            question.user_id = self.stranger
        question.with_user(self.leader).user_id = self.colleague
        self.assertTrue(question.with_user(self.colleague).has_access("write"))

    def test_constant_queries(self):
        """V16: the questions of many visits come with those of one."""
        visits = self.env["sales.visit"].with_user(self.salesperson)
        for i in range(12):
            visit = self._go(self._new_visit(partner_id=self._new_partner(f"P{i}").id))
            self._ask(visit)
            visits |= self._new_visit(partner_id=visit.partner_id.id)

        def count(records):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            records.mapped("earlier_question_ids.question")
            return self.cr.sql_log_count - before

        count(visits[:1])
        self.assertLessEqual(count(visits), count(visits[:2]))
