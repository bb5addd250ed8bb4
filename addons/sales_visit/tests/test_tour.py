from odoo import Command
from odoo.fields import Datetime
from odoo.tests import HttpCase, new_test_user, tagged
from pytz import timezone, utc


@tagged("post_install", "-at_install")
class TestTour(HttpCase):
    """The salesperson's way through a visit, in a browser the size of a phone."""

    browser_size = "390x844"
    touch_enabled = True

    def test_visit_from_plan_to_review(self):
        """V10: plan, confirm, start, finish, report, submit; then the manager reviews."""
        salesperson, manager = (
            new_test_user(self.env, login, groups=f"sales_visit.{group}", tz="UTC")
            for login, group in (
                ("tour_sales", "group_user"),
                ("tour_manager", "group_manager"),
            )
        )
        self.env["crm.team"].create(
            {
                "name": "Tour team",
                "user_id": manager.id,
                "member_ids": [Command.set(salesperson.ids)],
            }
        )
        partner = self.env["res.partner"].create(
            {"name": "A Tour Customer", "is_company": True}
        )
        self.env["sales.visit.outcome"].create(
            {"name": "A tour outcome", "sequence": -1}
        )
        self.env["sales.visit.type"].search(
            [], limit=1
        ).required_section_ids = self.env["sales.visit.section"].search(
            [("field_name", "in", ("outcome_id", "summary"))]
        )
        self.env["sales.visit.rule.mode"].create(
            {
                "rule": "V11",
                "company_id": salesperson.company_id.id,
                "mode": "block",
                "date_from": "2020-01-01",
            }
        )
        self.start_tour(
            "/odoo/action-sales_visit.sales_visit_action_mine",
            "sales_visit_salesperson",
            login="tour_sales",
        )
        visit = self.env["sales.visit"].search([("partner_id", "=", partner.id)])
        self.assertEqual(visit.state, "reported")
        self.assertEqual(visit.user_id, salesperson)
        self.assertEqual(visit.summary, "They renew for a year.")
        self.assertTrue(visit.is_new_customer)
        self.assertFalse(visit.is_report_late)
        self.start_tour(
            "/odoo/action-sales_visit.sales_visit_action_team_review",
            "sales_visit_manager",
            login="tour_manager",
        )
        self.assertEqual(visit.state, "reviewed")
        self.assertEqual(visit.reviewed_by_id, manager)

    def test_my_day(self):
        """V10: the home leads through today's visit on a phone."""
        user = new_test_user(
            self.env, "tour_day", groups="sales_visit.group_user", tz="UTC"
        )
        company = user.company_id
        partner, due = self.env["res.partner"].create(
            [
                {"name": name, "is_company": True, "phone": "+1 555 0100"}
                for name in ("A Tour Customer", "A Due Customer")
            ]
        )
        self.env["sales.quota"].search([]).unlink()
        self.env["sales.quota"].create(
            {"company_id": company.id, "date_from": "2020-01-01"}
        )
        self.env["sales.customer.file"].create(
            {
                "company_id": company.id,
                "partner_id": due.id,
                "user_id": user.id,
                "next_due": "2020-01-01",
            }
        )
        tz = user._get_working_conditions(company)[user][0]
        today = utc.localize(Datetime.now()).astimezone(timezone(tz)).date()
        noon = self.env["sales.deadline.rule"]._get_moment(today, 12, tz)
        visit = (
            self.env["sales.visit"]
            .with_user(user)
            .create({"partner_id": partner.id, "planned_start": noon})
        )
        visit.action_plan()
        self.start_tour(
            "/odoo/action-sales_visit.sales_visit_action_my_day",
            "sales_visit_my_day",
            login="tour_day",
        )
        self.assertEqual(visit.state, "to_report")
        self.assertEqual(visit.thanks_state, "due")
