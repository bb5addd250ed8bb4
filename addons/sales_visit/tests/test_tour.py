from odoo import Command
from odoo.tests import HttpCase, new_test_user, tagged


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
