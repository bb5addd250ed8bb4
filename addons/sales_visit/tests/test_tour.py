from datetime import timedelta

from odoo import Command
from odoo.fields import Datetime
from odoo.tests import HttpCase, new_test_user, tagged
from pytz import timezone, utc

from ..guard import as_server


@tagged("post_install", "-at_install")
class TestTour(HttpCase):
    """The salesperson's way through a visit, mostly in a browser the size of a phone."""

    browser_size = "390x844"
    touch_enabled = True

    def _new_company_data(self):
        """A salesperson with a manager, and a customer who is due."""
        salesperson, manager = (
            new_test_user(self.env, login, groups=f"sales_visit.{group}", tz="UTC")
            for login, group in (
                ("tour_sales", "group_user"),
                ("tour_manager", "group_manager"),
            )
        )
        company = salesperson.company_id
        self.env["crm.team"].create(
            {
                "name": "Tour team",
                "user_id": manager.id,
                "member_ids": [Command.set(salesperson.ids)],
            }
        )
        partner = self.env["res.partner"].create(
            {"name": "A Tour Customer", "is_company": True, "phone": "+1 555 0100"}
        )
        self.env["sales.customer.file"].create(
            {
                "company_id": company.id,
                "partner_id": partner.id,
                "user_id": salesperson.id,
                "next_due": "2020-01-01",
            }
        )
        self.env["sales.quota"].search([("company_id", "=", company.id)]).unlink()
        self.env["sales.quota"].create(
            {"company_id": company.id, "date_from": "2020-01-01"}
        )
        self.env["sales.visit.outcome"].create(
            {"name": "A tour outcome", "sequence": -1}
        )
        self.env["sales.visit.type"].search(
            [], limit=1
        ).required_section_ids = self.env["sales.visit.section"].search(
            [("field_name", "in", ("outcome_id", "summary"))]
        )
        self.env["sales.visit.rule.mode"].search(
            [("company_id", "=", company.id)]
        ).unlink()
        self.env["sales.visit.rule.mode"].create(
            [
                {
                    "rule": rule,
                    "company_id": company.id,
                    "mode": "block",
                    "date_from": "2020-01-01",
                }
                for rule in ("V03", "V11")
            ]
        )
        return salesperson, manager, partner

    def _get_noon(self, user):
        """Today's noon by the clock of a salesperson."""
        tz = user._get_working_conditions(user.company_id)[user][0]
        today = utc.localize(Datetime.now()).astimezone(timezone(tz)).date()
        return self.env["sales.deadline.rule"]._get_moment(today, 12, tz)

    def test_visit_from_plan_to_review(self):
        """V03, V10: due, planned, approved; confirm, start, finish, report; reviewed."""
        salesperson, manager, partner = self._new_company_data()
        home = "/odoo/action-sales_visit.sales_visit_action_my_day"
        self.start_tour(home, "sales_visit_plan", login="tour_sales")
        visit = self.env["sales.visit"].search([("partner_id", "=", partner.id)])
        self.assertEqual(visit.state, "draft")
        self.assertEqual(visit.plan_line_ids.plan_id.approval_state, "submitted")
        self.start_tour(
            "/odoo/action-sales_visit.sales_approval_action",
            "sales_visit_approve",
            login="tour_manager",
        )
        self.assertEqual(visit.state, "planned")
        # The week has come.
        noon = self._get_noon(salesperson)
        monday = noon.date() - timedelta(days=noon.weekday())
        as_server(visit.plan_line_ids.plan_id).write({"date_start": monday})
        visit.planned_start = noon
        # An earlier call, which leaves the customer new.
        as_server(self.env["sales.visit"]).create(
            {
                "partner_id": partner.id,
                "user_id": salesperson.id,
                "channel": "phone",
                "state": "reported",
                "actual_start": "2020-01-06 08:00:00",
                "needs": "Twenty lamps",
            }
        )
        self.start_tour(home, "sales_visit_go", login="tour_sales")
        self.assertEqual(visit.state, "reported")
        self.assertFalse(visit.is_off_plan)
        self.assertEqual(visit.user_id, salesperson)
        self.assertEqual(visit.summary, "They renew for a year.")
        self.assertEqual(visit.needs, "Twenty lamps")
        self.assertTrue(visit.is_new_customer)
        self.assertFalse(visit.is_report_late)
        self.assertEqual(visit.thanks_state, "due")
        self.start_tour(
            "/odoo/action-sales_visit.sales_visit_action_team_review",
            "sales_visit_review",
            login="tour_manager",
        )
        self.assertEqual(visit.state, "reviewed")
        self.assertEqual(visit.reviewed_by_id, manager)

    def test_cards_are_dragged_at_a_desk(self):
        """V10: each column is a step, with what the step asks for."""
        salesperson, _manager, partner = self._new_company_data()
        visit = self.env["sales.visit"].create(
            {
                "partner_id": partner.id,
                "user_id": salesperson.id,
                "planned_start": self._get_noon(salesperson),
            }
        )
        self.browser_size, self.touch_enabled = "1366x768", False
        self.start_tour("/odoo/my-visits", "sales_visit_drag", login="tour_sales")
        self.assertEqual(visit.state, "cancelled")
        self.assertEqual(visit.cancel_reason, "The customer has moved away.")
