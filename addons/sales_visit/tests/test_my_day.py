from datetime import datetime, timedelta

from odoo.exceptions import AccessError
from odoo.service.model import call_kw
from odoo.tests import freeze_time, tagged

from ..guard import as_server
from .common import VISIT_DAY, VisitCase


@tagged("post_install", "-at_install")
@freeze_time("2026-11-26 01:00:00")
class TestMyDay(VisitCase):
    """V10: the salesperson's home; what it shows is V01, V04, V05, V10 and V13."""

    def _day(self, user=None):
        user = user or self.salesperson
        return call_kw(self.env(user=user)["sales.visit"], "get_my_day", [], {})

    def _planned(self, hours=0, user=None, **values):
        start = VISIT_DAY + timedelta(hours=hours)
        visit = self._new_visit(user, planned_start=start, **values)
        visit.action_plan()
        return visit

    def test_visits_of_today_in_the_order_of_the_route(self):
        """V04: one's own, by the salesperson's clock, with what the step needs."""
        late, early = self._planned(2), self._planned()
        self._planned(user=self.colleague)
        self._planned(12)  # tomorrow in Shanghai
        cancelled = self._planned(1)
        cancelled.cancel_visit("Ill")
        self.assertEqual(
            [row["id"] for row in self._day()["visits"]], [early.id, late.id]
        )
        late.route_sequence, early.route_sequence = 1, 2
        rows = self._day()["visits"]
        self.assertEqual([row["id"] for row in rows], [late.id, early.id])
        self.assertEqual(
            (rows[0]["time"], rows[0]["step"]), ("16:00", "action_confirm")
        )
        self.assertEqual(rows[0]["customer"], "Customer A")

    def test_unplanned_visit_of_today_stays(self):
        """V04: tried: finish a visit that nobody had planned; it is still one of today, at
        the time it began. The day is written as the language does."""
        visit = self._new_visit(planned_start=False)
        visit.action_start()
        visit.action_finish()
        rows = self._day()["visits"]
        self.assertEqual(
            [(row["id"], row["time"]) for row in rows], [(visit.id, "09:00")]
        )
        self.assertEqual(self._day()["date"], "Thu, Nov 26")
        with freeze_time("2026-11-27 01:00:00"):
            self.assertFalse(self._day()["visits"])

    def test_next_step(self):
        """V05: reconfirm before start; then finish, then the report."""
        visit = self._planned()

        def step():
            return self._day()["visits"][0]["step"]

        visit.action_confirm()
        self.assertEqual(step(), "action_start")
        visit.planned_start = VISIT_DAY + timedelta(hours=1)
        self.assertEqual(step(), "action_reconfirm")
        visit.action_reconfirm()
        visit.action_start()
        self.assertEqual(step(), "action_finish")
        visit.action_finish()
        self.assertFalse(step())
        self.visit_type.needs_appointment = False
        cold = self._new_visit()
        steps = {row["id"]: row["step"] for row in self._day()["visits"]}
        self.assertEqual(steps[cold.id], "action_start", "no appointment is needed")

    def test_who_calls_or_walks_in(self):
        """V12: an entry at reception; a salesperson may make none, but a visit to us."""
        for user, model, direction in (
            (self.receptionist, "sales.reception.entry", None),
            (self.salesperson, "sales.visit", "in"),
        ):
            env = self.env(user=user)
            action = env["sales.visit"].action_new_entry()
            self.assertEqual(action["res_model"], model)
            self.assertEqual(action["context"].get("default_direction"), direction)
            self.assertTrue(env[model].has_access("create"))

    def test_what_is_due(self):
        """V10: reports with the time left; V13: thank-yous; V02: customers."""
        self._go(self._new_visit(), datetime(2026, 11, 25, 6, 0))
        self.env["sales.customer.file"].create(
            {
                "company_id": self.company.id,
                "partner_id": self._new_partner("Due").id,
                "user_id": self.salesperson.id,
                "next_due": "2026-11-26",
            }
        )
        with freeze_time("2026-11-26 00:00:00"):
            due = {item["key"].split("_")[0]: item for item in self._day()["due"]}
        self.assertEqual(set(due), {"report", "thanks", "customers"})
        self.assertIn("1 h 0 min", due["report"]["text"])
        self.assertEqual(due["report"]["level"], "warning")
        with freeze_time("2026-11-26 02:00:00"):
            report = self._day()["due"][0]
        self.assertEqual(report["level"], "danger")
        self.assertFalse(self._day(self.colleague)["due"])

    def test_leads_to_answer(self):
        """V20: one's own that are due within a day."""
        lead = self.env["crm.lead"].create(
            {"name": "L", "user_id": self.salesperson.id, "company_id": self.company.id}
        )
        for field in ("money", "authority", "need"):
            lead[f"man_{field}"] = "yes"
            lead[f"man_{field}_note"] = "Said so"
        if not lead.respond_by:
            as_server(lead).write({"respond_by": "2026-11-26 04:00:00"})
        with freeze_time(lead.respond_by - timedelta(hours=3)):
            item = self._day()["due"][0]
        self.assertEqual(
            (item["level"], item["action"]["res_id"]), ("warning", lead.id)
        )
        self.assertIn("3 h 0 min", item["text"])
        with freeze_time(lead.respond_by + timedelta(minutes=1)):
            self.assertEqual(self._day()["due"][0]["level"], "danger")
        with freeze_time(lead.respond_by - timedelta(days=2)):
            self.assertFalse(self._day()["due"])

    def test_pace_of_the_month(self):
        """V01: the figures of the pace."""
        self.assertFalse(self._day()["pace"]["has_quota"])
        self.env["sales.quota"].create(
            {"company_id": self.company.id, "date_from": "2026-01-01", "customers": 42}
        )
        self._go(self._new_visit(), datetime(2026, 11, 25, 6, 0))
        pace = self._day()["pace"]
        self.assertTrue(pace["has_quota"])
        self.assertEqual((pace["needed"], pace["done"]), (42, 1))

    def test_who_sees_it(self):
        """V10: whoever has visits; reception has none."""
        self.assertEqual(self._day(self.leader)["visits"], [])
        with self.assertRaises(AccessError):
            self._day(self.receptionist)

    def test_constant_queries(self):
        """V04: a full day takes the queries of one with two visits."""

        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self._day()
            return self.cr.sql_log_count - before

        for hour in range(2):
            self._planned(hour / 2, partner_id=self._new_partner(f"P{hour}").id)
        count()
        few = count()
        for hour in range(2, 12):
            self._planned(hour / 2, partner_id=self._new_partner(f"P{hour}").id)
        self.assertLessEqual(count(), few)
