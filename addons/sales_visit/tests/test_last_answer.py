from datetime import timedelta

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import freeze_time, tagged

from .common import VISIT_DAY, VisitCase

WEEK = timedelta(days=7)


@tagged("post_install", "-at_install")
@freeze_time(VISIT_DAY)
class TestLastAnswer(VisitCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.buyer = cls.env["res.partner"].create(
            {"name": "Buyer", "parent_id": cls.partner.id}
        )

    def _report(self, start=VISIT_DAY - WEEK, user=None, answers=None, **values):
        """A visit with a report of its own day."""
        visit = self._go(self._new_visit(user, planned_start=start, **values), start)
        visit.write(answers or {"needs": "Room"})
        return self._submit(visit, start + timedelta(hours=1))

    def _begun(self, user=None, **values):
        visit = self._new_visit(user, **values)
        visit.action_start()
        return visit

    def _last(self, visit):
        return (visit.last_answers or {}).get("answers", {})

    def test_answers_of_the_last_report(self):
        """V11: each with its text and what takes it over, but not what would be wrong."""
        self._report(VISIT_DAY - 2 * WEEK, answers={"needs": "Old", "outlook": "Old"})
        self._report(
            answers={
                "needs": "Room",
                "refusal": "busy",
                "contact_ids": [Command.set(self.buyer.ids)],
                "next_visit_date": "2026-11-26",
                "next_visit_place": "Their office",
                "complaint": "Late",
            }
        )
        visit = self._begun()
        self.assertEqual(visit.last_answers["day"], "11/19/2026")
        last = self._last(visit)
        self.assertEqual(last["needs"], {"text": "Room", "value": "Room"})
        self.assertEqual(last["refusal"], {"text": "Busy", "value": "busy"})
        self.assertEqual(last["contact_ids"]["value"], self.buyer.ids)
        self.assertEqual(last["outcome_id"]["text"], "Test outcome")
        self.assertEqual(last["next_visit_place"]["text"], "Their office")
        self.assertEqual(last["complaint"], {"text": "Late", "value": None})
        self.assertEqual(last["next_visit_date"], {"text": "11/26/2026", "value": None})
        # Nothing of the report before that one.
        self.assertNotIn("outlook", last)

    def test_only_what_the_viewer_sees(self):
        """V11: not a colleague's report, nor another company's, another customer's or a
        later one; a manager sees the team's."""
        self._report(user=self.colleague)
        self._report(partner_id=self._new_partner("B").id)
        self._report(VISIT_DAY + WEEK)
        self._report(user=self.foreigner)
        visit = self._begun()
        self.assertFalse(visit.last_answers)
        self.env.invalidate_all()
        managers = visit.with_user(self.leader)
        self.assertEqual(self._last(managers)["needs"]["text"], "Room")

    def test_only_while_the_report_is_written(self):
        """V11: neither before the visit nor once its report is in."""
        self._report()
        planned = self._new_visit()
        self.assertFalse(planned.last_answers)
        visit = self._begun()
        self.assertTrue(visit.last_answers)
        visit.action_finish()
        self.assertTrue(visit.last_answers)
        self._submit(visit, VISIT_DAY)
        self.assertFalse(visit.last_answers)

    def test_constant_queries(self):
        """V11: for more visits and for a longer past alike."""

        def count(number):
            visits = self.env["sales.visit"]
            for _i in range(number):
                partner = self._new_partner("X").id
                for weeks in range(1, number + 1):
                    self._report(VISIT_DAY - weeks * WEEK, partner_id=partner)
                visits |= self._begun(partner_id=partner)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.assertEqual(
                len(list(filter(None, visits.mapped("last_answers")))), number
            )
            return self.cr.sql_log_count - before

        count(1)
        self.assertEqual(count(4), count(2))

    def test_files_of_a_kind_are_the_visits_own(self):
        """V11: photos and floor plans; not another document's, nor changed once locked;
        a type may require them."""
        self._set_mode("V11", "block")
        self.visit_type.required_section_ids = self.env.ref(
            "sales_visit.sales_visit_section_floor_plan_ids"
        )
        visit = self._begun()
        visit.action_finish()
        plan, foreign = self.env["ir.attachment"].create(
            [
                {"name": "p.png", "raw": b"x", "res_model": model, "res_id": res_id}
                for model, res_id in (
                    ("sales.visit", visit.id),
                    ("res.partner", self.partner.id),
                )
            ]
        )
        with self.assertRefused("Floor plan"):
            self._submit(visit, VISIT_DAY)
        for name in ("floor_plan_ids", "photo_ids"):
            with self.subTest(name), self.assertRaises(ValidationError):
                visit[name] = foreign
        visit.floor_plan_ids = plan
        self._submit(visit, VISIT_DAY)
        with self.assertRefused("V10"):
            visit.floor_plan_ids = [Command.clear()]
        with self.assertRefused("V10"):
            plan.raw = b"y"
