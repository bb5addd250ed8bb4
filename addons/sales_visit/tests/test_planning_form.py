from datetime import timedelta

from lxml import etree
from odoo import Command
from odoo.tests import Form, freeze_time, tagged
from odoo.tools.safe_eval import safe_eval

from .common import VISIT_DAY, VisitCase


@tagged("post_install", "-at_install")
class TestPlanningForm(VisitCase):
    """What somebody who plans a visit is offered."""

    def _suggest(self, now, user=None):
        """The time that a new visit starts with, as a string (UTC)."""
        visits = self.env["sales.visit"].with_user(user or self.salesperson)
        with freeze_time(now):
            values = visits.with_context(sales_visit_suggest_time=True).default_get(
                ["planned_start"]
            )
        return str(values["planned_start"])

    def test_next_half_hour_in_working_time(self):
        """V03: working hours of Shanghai, 8 to 12 and 13 to 17, Monday to Friday."""
        for now, slot in (
            ("2026-11-26 06:00:00", "2026-11-26 06:00:00"),
            ("2026-11-26 06:00:01", "2026-11-26 06:30:00"),
            ("2026-11-26 06:31:00", "2026-11-26 07:00:00"),
            ("2026-11-26 03:40:00", "2026-11-26 05:00:00"),  # lunch comes first
            ("2026-11-26 08:31:00", "2026-11-27 00:00:00"),  # too late for half an hour
            ("2026-11-27 12:00:00", "2026-11-30 00:00:00"),  # Friday evening
        ):
            with self.subTest(now):
                self.assertEqual(self._suggest(now), slot)

    def test_slots_taken_are_skipped(self):
        """V03: one's own visits take their time; others' and cancelled ones don't."""
        self._new_visit(planned_start=VISIT_DAY)
        self._new_visit(planned_start=VISIT_DAY + timedelta(minutes=30)).action_plan()
        self._new_visit(planned_start=VISIT_DAY + timedelta(hours=1)).cancel_visit("x")
        self._new_visit(
            self.colleague, planned_start=VISIT_DAY + timedelta(hours=1)
        ).action_plan()
        self.assertEqual(self._suggest(VISIT_DAY), "2026-11-26 07:00:00")
        self.assertEqual(self._suggest(VISIT_DAY, self.stranger), "2026-11-26 06:00:00")

    def test_leave_is_no_time_for_visits(self):
        """V03: who is on leave plans for the day after."""
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Leave",
                "resource_id": self.employee.resource_id.id,
                "date_from": "2026-11-25 16:00:00",
                "date_to": "2026-11-26 15:59:59",
            }
        )
        self.assertEqual(self._suggest(VISIT_DAY), "2026-11-27 00:00:00")

    def test_without_working_time_the_next_half_hour(self):
        """V03: somebody without any working hours can plan as well."""
        self.calendar.attendance_ids.unlink()
        self.assertEqual(self._suggest("2026-11-28 20:10:00"), "2026-11-28 20:30:00")
        self.employee.resource_calendar_id = False
        self.company.resource_calendar_id = False
        self.assertEqual(self._suggest("2026-11-28 20:10:00"), "2026-11-28 20:30:00")

    def test_form_suggests_and_programs_decide(self):
        """V03: the screen fills in a time with its end; a call without one has none."""
        action = self.env.ref("sales_visit.sales_visit_action_mine")
        visits = self.env["sales.visit"].with_user(self.salesperson)
        with freeze_time(VISIT_DAY):
            form = Form(visits.with_context(**safe_eval(action.context)))
        form.partner_id = self.partner
        visit = form.save()
        self.assertEqual(visit.planned_start, VISIT_DAY)
        self.assertEqual(visit.planned_stop, VISIT_DAY + timedelta(minutes=30))
        self.assertFalse(visits.create({"partner_id": self.partner.id}).planned_start)

    def test_unplanned_visits_stand_on_the_calendar(self):
        """V03: when they took place; what goes on, from when it began."""
        planned = self._go(self._new_visit())
        cold = self._new_visit(planned_start=False)
        late = VISIT_DAY + timedelta(hours=2)
        with freeze_time(late):
            cold.with_user(self.salesperson).action_start()
        self.assertEqual(planned.shown_start, planned.planned_start)
        self.assertEqual(
            (cold.shown_start, cold.shown_stop), (late, late + timedelta(minutes=30))
        )

        def shown(first, last):
            return self.env["sales.visit"].search(
                [
                    ("id", "in", (planned | cold).ids),
                    ("shown_start", "<=", last),
                    ("shown_stop", ">=", first),
                ]
            )

        hour = timedelta(hours=1)
        self.assertEqual(shown(VISIT_DAY, VISIT_DAY + hour), planned)
        self.assertEqual(shown(late, late + hour), cold)
        with freeze_time(late + timedelta(minutes=10)):
            cold.with_user(self.salesperson).action_finish()
        self.assertEqual(cold.shown_stop, late + timedelta(minutes=10))
        self.assertEqual(shown(VISIT_DAY, late + hour), planned | cold)
        with self.assertRefused("has begun or ended"):
            cold.with_user(self.salesperson).write(
                {"shown_start": VISIT_DAY, "shown_stop": VISIT_DAY + hour}
            )

    def test_drawing_on_the_calendar_plans(self):
        """V03: the slot drawn is when the new visit is planned; moving it moves that."""
        start, stop = VISIT_DAY, VISIT_DAY + timedelta(hours=2)
        visits = self.env["sales.visit"].with_user(self.salesperson)
        drawn = visits.with_context(
            sales_visit_suggest_time=True,
            default_shown_start=str(start),
            default_shown_stop=str(stop),
        )
        form = Form(drawn)
        form.partner_id = self.partner
        self.assertEqual((form.planned_start, form.planned_stop), (start, stop))
        form.planned_start = start + timedelta(days=1)
        visit = form.save()
        self.assertEqual(visit.planned_start, start + timedelta(days=1))
        visit.write({"shown_start": start, "shown_stop": stop})
        self.assertEqual((visit.planned_start, visit.planned_stop), (start, stop))
        quick = drawn.create({"partner_id": self.partner.id})
        self.assertEqual((quick.planned_start, quick.planned_stop), (start, stop))

    def test_cards_in_one_column_on_a_phone(self):
        """V10: where nothing can be dragged, no empty columns come first."""
        view = self.env.ref("sales_visit.sales_visit_view_kanban_steps")
        for mobile, grouping in ((False, "state"), (True, None)):
            arch = self.env["sales.visit"].get_view(view.id, "kanban", mobile=mobile)
            kanban = etree.fromstring(arch["arch"])
            self.assertEqual(kanban.get("default_group_by"), grouping)
        arch = self.env["sales.visit"].get_view(view_type="calendar", mobile=True)
        self.assertEqual(etree.fromstring(arch["arch"]).get("mode"), "day")

    def test_what_is_on_the_plan_has_a_time(self):
        """V03: neither planned without one nor taken away afterwards."""
        visit = self._new_visit(planned_start=False)
        with self.assertRefused("begins"):
            visit.action_plan()
        self.assertEqual(visit.state, "draft")
        visit.planned_start = VISIT_DAY
        visit.action_plan()
        with self.assertRefused("begins"):
            visit.planned_start = False

    def test_customers_to_choose_from(self):
        """V25: no colleagues, no company of ours, no mere vendors; one's own first."""
        partners = self.env["res.partner"]
        vendor = self._new_partner("Both kinds", supplier_rank=1)
        mine = self._new_partner("Z mine")
        mine_by_file = self._new_partner("Y mine by file")
        contact = self._new_partner(
            "Ms. X", is_company=False, parent_id=mine_by_file.id
        )
        mine.user_id = self.salesperson
        self.env["sales.customer.file"].create(
            [
                {
                    "company_id": self.company.id,
                    "partner_id": partner.id,
                    "user_id": user.id,
                }
                for partner, user in (
                    (mine_by_file, self.salesperson),
                    (vendor, self.colleague),
                )
            ]
        )
        field = self.env["sales.visit"]._fields["partner_id"]
        domain = safe_eval(field.domain)
        choice = partners.with_user(self.salesperson).with_context(
            sales_visit_own_first=True, res_partner_search_mode="customer"
        )
        found = choice.search(domain)
        self.assertEqual(found[:3], mine_by_file | contact | mine)
        self.assertIn(self.partner, found)
        for other in (
            vendor,
            self.company.partner_id,
            self.leader.partner_id,
            self.env.ref("base.partner_admin"),
        ):
            self.assertNotIn(other, found)
        vendor.customer_rank = 1
        self.assertIn(vendor, choice.search(domain))
        names = [name for _id, name in choice.name_search("", domain, limit=2)]
        self.assertEqual(names[0], "Y mine by file")
        self.assertEqual(
            (mine | self.partner).with_user(self.salesperson).mapped("is_own_customer"),
            [True, False],
        )

    def test_lists_are_cards_on_a_phone(self):
        """V17, V19: each list of people on the road has a kanban, which phones open."""
        for name in (
            "sales_visit_action_mine",
            "sales_visit_action_all",
            "sales_visit_action_to_report",
            "sales_visit_action_team_review",
            "sales_visit_action_team_late",
            "sales_customer_file_action",
            "crm_lead_action_man",
        ):
            action = self.env.ref(f"sales_visit.{name}")
            with self.subTest(name):
                self.assertIn("kanban", action.view_mode.split(","))

    def test_visit_begun_without_plan_and_never_finished_is_listed(self):
        """V10: who never presses "Finish" doesn't escape the manager's list."""
        visit = self._new_visit(planned_start=False)
        with freeze_time("2026-11-26 06:00:00"):
            visit.action_start()
        view = self.env["sales.visit"].get_view(
            self.env.ref("sales_visit.sales_visit_view_search").id, "search"
        )
        (node,) = etree.fromstring(view["arch"]).xpath("//filter[@name='unfinished']")
        domain = safe_eval(node.get("domain"))
        mine = [("id", "=", visit.id)]
        with freeze_time("2026-11-26 09:00:00"):
            self.assertFalse(visit.search(mine + domain))
        with freeze_time("2026-11-27 09:00:00"):
            self.assertEqual(visit.search(mine + domain), visit)

    def test_required_answers_are_marked_while_they_can_be_given(self):
        """V11: the form knows which answers are required, in order, where the rule is on."""
        sections = self.env["sales.visit.section"].search(
            [("field_name", "in", ("summary", "outcome_id"))]
        )
        self.visit_type.required_section_ids = [Command.set(sections.ids)]
        visit = self._new_visit()
        self._go(visit)
        self.assertFalse(visit.required_answers)
        row = self._set_mode("V11", "off")
        for mode in ("warn", "block"):
            row.mode = mode
            visit.invalidate_recordset()
            self.assertEqual(
                visit.required_answers.split(","),
                sections.sorted().mapped("field_name"),
            )
        draft = self._new_visit()
        self.assertFalse(draft.required_answers)
        self._submit(visit, VISIT_DAY + timedelta(hours=1))
        self.assertFalse(visit.required_answers)
