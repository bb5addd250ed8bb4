from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.tests import tagged
from odoo.tests.common import BaseCase, get_db_name
from psycopg2.errors import SerializationFailure


@tagged("post_install", "-at_install")
class TestPerformanceConcurrency(BaseCase):
    """Two people closing a month at once, in two real transactions."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            company = env["res.company"].search([], limit=1, order="id")
            # Before any period that the database may have.
            first = env["performance.period"].search(
                [("company_id", "=", company.id)], limit=1
            )
            if first:
                self.skipTest("the database's company has periods of its own")
            period = env["performance.period"].create(
                {"company_id": company.id, "date_start": "2001-01-01"}
            )
            period.action_compute()
            self.period_id = period.id
            self.snapshot_id = period.snapshot_id.id
            period.action_review()
            reviewer = env.ref("base.user_admin").id
            env.flush_all()
            cr.execute(
                "UPDATE performance_period SET reviewed_by_id = %s WHERE id = %s",
                [reviewer, period.id],
            )
            period.invalidate_recordset()
            period.action_approve()
        self.addCleanup(self.clean_up)

    def clean_up(self):
        # A closed period can't be deleted by any method, so the test cleans up behind
        # the ORM.
        with self.registry.cursor() as cr:
            cr.execute(
                "DELETE FROM mail_message WHERE model = 'performance.period' AND res_id = %s",
                [self.period_id],
            )
            cr.execute("DELETE FROM performance_period WHERE id = %s", [self.period_id])
            cr.execute(
                "DELETE FROM stock_age_snapshot WHERE id = %s", [self.snapshot_id]
            )

    def test_of_two_closing_at_once_one_wins(self):
        """K10: the later transaction fails in the database, and its retry finds the
        period closed."""
        with self.registry.cursor() as first, self.registry.cursor() as second:
            periods = [
                api.Environment(cr, SUPERUSER_ID, {})["performance.period"].browse(
                    self.period_id
                )
                for cr in (first, second)
            ]
            for period in periods:
                self.assertEqual(period.state, "approved")
            periods[0].action_close()
            first.commit()
            with (
                self.assertLogs("odoo.sql_db", "ERROR"),
                self.assertRaises(SerializationFailure),
            ):
                periods[1].action_close()
            second.rollback()
            with self.assertRaisesRegex(UserError, "already"):
                periods[1].action_close()
