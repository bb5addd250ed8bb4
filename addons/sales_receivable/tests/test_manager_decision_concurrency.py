from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tests import new_test_user, tagged
from odoo.tests.common import BaseCase, get_db_name
from odoo.tools import mute_logger
from psycopg2.errors import SerializationFailure

MANAGER = "sales_receivable.group_company_manager"


@tagged("post_install", "-at_install")
class TestManagerDecisionConcurrency(BaseCase):
    """Two company managers decide at once, in transactions of their own."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            people = [
                new_test_user(env, f"decision_{name}", groups=MANAGER)
                for name in ("one", "other", "seller")
            ]
            violation = env["sales.violation"].create(
                {
                    "user_id": people[2].id,
                    "rule": "V10",
                    "description": "no report",
                    "company_id": people[2].company_id.id,
                }
            )
            self.violation_id = violation.id
            self.manager_ids = [user.id for user in people[:2]]
            self.partner_ids = [user.partner_id.id for user in people]
            self.user_ids = [user.id for user in people]
        self.addCleanup(self.clean_up)

    def clean_up(self):
        # The log can't be deleted by any method, so the test cleans up behind the ORM.
        with self.registry.cursor() as cr:
            cr.execute("DELETE FROM sales_violation WHERE id = %s", [self.violation_id])
            env = api.Environment(cr, SUPERUSER_ID, {})
            env["res.users"].browse(self.user_ids).unlink()
            env["res.partner"].browse(self.partner_ids).unlink()

    def _browse(self, cr, user_id):
        env = api.Environment(cr, user_id, {})
        return env["sales.violation"].browse(self.violation_id)

    def test_of_two_decisions_one_counts(self):
        """K07: the later one is told to try again, and then finds it decided."""
        first, second = self.registry.cursor(), self.registry.cursor()
        with first, second:
            mine = self._browse(first, self.manager_ids[0])
            theirs = self._browse(second, self.manager_ids[1])
            self.assertEqual((mine.state, theirs.state), ("proposed", "proposed"))
            mine.reason = "serious"
            mine.action_approve()
            first.commit()
            with (
                mute_logger("odoo.sql_db"),
                self.assertRaises(SerializationFailure),
            ):
                theirs.reason = "nothing"
                theirs.action_refuse()
            second.rollback()
        with self.registry.cursor() as cr:
            violation = self._browse(cr, SUPERUSER_ID)
            self.assertEqual(
                (violation.state, violation.reason), ("approved", "serious")
            )
