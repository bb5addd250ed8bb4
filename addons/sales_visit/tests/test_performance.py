from odoo.tests import freeze_time, tagged

from .common import VISIT_DAY, VisitCase

LIST_SPECIFICATION = {
    "display_name": {},
    "state": {},
    "planned_start": {},
    "partner_id": {"fields": {"display_name": {}}},
    "customer_grade_id": {"fields": {"display_name": {}}},
    "user_id": {"fields": {"display_name": {}}},
    "outcome_id": {"fields": {"display_name": {}}},
    "report_due": {},
    "is_report_overdue": {},
    "is_report_late": {},
    "activity_ids": {"fields": {}},
}


@tagged("post_install", "-at_install")
class TestPerformance(VisitCase):
    """Query counts that don't grow with the number of visits."""

    def _owed(self, number):
        partners = self.env["res.partner"].create(
            [{"name": f"P{i}", "is_company": True} for i in range(number)]
        )
        visits = (
            self.env["sales.visit"]
            .with_user(self.salesperson)
            .create(
                [
                    {
                        "partner_id": partner.id,
                        "visit_type_id": self.visit_type.id,
                        "planned_start": VISIT_DAY,
                        "company_id": self.company.id,
                    }
                    for partner in partners
                ]
            )
        )
        with freeze_time(VISIT_DAY):
            visits.action_plan()
            visits.action_start()
            visits.action_finish()
        return visits

    def _count(self, function, *args):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        function(*args)
        self.env.flush_all()
        return self.cr.sql_log_count - before

    def _compare(self, prepare, function):
        """Assert that 100 visits take the queries of 10."""
        self._count(function, prepare(2))  # fill caches that last
        few = self._count(function, prepare(10))
        many = self._count(function, prepare(100))
        self.assertLessEqual(many, few)

    def test_list_opens_in_constant_queries(self):
        """V10: list and kanban, with grades and deadlines."""

        def read(visits):
            visits.web_search_read(
                [("id", "in", visits.ids)], LIST_SPECIFICATION, limit=200
            )

        self._compare(self._owed, read)

    def test_steps_take_constant_queries(self):
        """V10: planning, starting and finishing many visits at once."""

        def new(number):
            return (
                self.env["sales.visit"]
                .with_user(self.salesperson)
                .create(
                    [
                        {
                            "partner_id": self.partner.id,
                            "visit_type_id": self.visit_type.id,
                            "planned_start": VISIT_DAY,
                            "company_id": self.company.id,
                        }
                        for _i in range(number)
                    ]
                )
            )

        def walk(visits):
            visits.action_plan()
            visits.action_confirm()
            visits.action_start()
            visits.action_finish()

        self._compare(new, walk)

    def test_search_of_overdue_uses_the_partial_index(self):
        """V10: what is owed is read from its own small index."""
        self._owed(20)
        self.env["sales.visit"].flush_model()
        query = self.env["sales.visit"]._search([("is_report_overdue", "=", True)])
        self.cr.execute("SET LOCAL enable_seqscan = off")
        self.cr.execute("SET LOCAL enable_bitmapscan = off")
        self.env.cr.execute("EXPLAIN " + self.cr.mogrify(query.select()).decode())
        plan = "\n".join(row[0] for row in self.cr.fetchall())
        self.assertIn("report_owed_idx", plan)
