from unittest.mock import patch

from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.tests import tagged
from odoo.tests.common import BaseCase, get_db_name
from odoo.tools import mute_logger
from psycopg2 import OperationalError
from psycopg2.errors import SerializationFailure

from ..guard import as_server

OF_MESSAGES = "DELETE FROM mail_message WHERE model = '{}' AND res_id = %s"
OF_PERIOD = "DELETE FROM performance_{} WHERE period_id = %s"
ANSWER_DAYS = """UPDATE res_company SET performance_answer_days = %s
                  WHERE id = (SELECT MIN(id) FROM res_company)"""


class CommittedPeriodCase:
    """A month far in the past, really committed, with one adjustment in it."""

    def set_up_period(self):
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
            self.answer_days = company.performance_answer_days
            adjustment = env["performance.adjustment"].create(
                {
                    "company_id": company.id,
                    "beneficiary_id": env.ref("base.user_admin").id,
                    "date": "2001-01-17",
                    "amount": 12.34,
                    "reason": "agreed",
                }
            )
            as_server(adjustment).state = "approved"
            period.action_compute()
            self.period_id = period.id
            self.snapshot_id = period.snapshot_id.id
            self.adjustment_id = adjustment.id
        self.addCleanup(self.clean_up)

    def approve(self):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            period = env["performance.period"].browse(self.period_id)
            period.company_id.performance_answer_days = 0
            period.action_review()
            reviewer = env.ref("base.user_admin").id
            env.flush_all()
            cr.execute(
                "UPDATE performance_period SET reviewed_by_id = %s WHERE id = %s",
                [reviewer, period.id],
            )
            period.invalidate_recordset()
            period.action_approve()

    def clean_up(self):
        # A closed period can't be deleted by any method, so the test cleans up behind
        # the ORM.
        with self.registry.cursor() as cr:
            for statement, value in (
                (OF_MESSAGES.format("performance.period"), self.period_id),
                (OF_MESSAGES.format("performance.adjustment"), self.adjustment_id),
                (OF_PERIOD.format("entry"), self.period_id),
                (OF_PERIOD.format("run_line"), self.period_id),
                (OF_PERIOD.format("statement"), self.period_id),
                ("DELETE FROM performance_period WHERE id = %s", self.period_id),
                (
                    "DELETE FROM performance_adjustment WHERE id = %s",
                    self.adjustment_id,
                ),
                ("DELETE FROM stock_age_snapshot WHERE id = %s", self.snapshot_id),
                (ANSWER_DAYS, self.answer_days),
            ):
                cr.execute(statement, [value])


@tagged("post_install", "-at_install")
class TestPerformanceConcurrency(CommittedPeriodCase, BaseCase):
    """Two people closing a month at once, in two real transactions."""

    def setUp(self):
        super().setUp()
        self.set_up_period()
        self.approve()

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

    def test_a_rate_changed_while_closing_is_tried_again(self):
        """K10: the later of a closing and a new version fails in the database; tried
        again it meets the closed month."""
        with self.registry.cursor() as closing, self.registry.cursor() as changing:
            period, rates = (
                api.Environment(cr, SUPERUSER_ID, {})[model]
                for cr, model in (
                    (closing, "performance.period"),
                    (changing, "performance.rate"),
                )
            )
            period = period.browse(self.period_id)
            values = {
                "company_id": rates.env["performance.period"]
                .browse(self.period_id)
                .company_id.id,
                "rule": "sale",
                "rate": 100,
                "date_from": "2001-01-01",
            }
            self.assertEqual(period.state, "approved")
            period.action_close()
            closing.commit()
            with (
                self.assertLogs("odoo.sql_db", "ERROR"),
                self.assertRaises(SerializationFailure),
            ):
                rates.create(values)
            changing.rollback()
            with self.assertRaisesRegex(UserError, "computed up to"):
                rates.create(values)
            changing.rollback()


@tagged("post_install", "-at_install")
class TestPerformanceKilled(CommittedPeriodCase, BaseCase):
    """The database connection dies in the middle of each step."""

    def setUp(self):
        super().setUp()
        self.set_up_period()

    def look(self):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            period = env["performance.period"].browse(self.period_id)
            return period.state, period.run_hash, len(period._get_lines())

    def take(self, step):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            getattr(env["performance.period"].browse(self.period_id), step)()

    def kill_at(self, model, name, step):
        """Take a step whose connection is gone when it reaches a method."""

        def die(records, *_args, **_kwargs):
            records.env.flush_all()
            records.env.cr.execute("SELECT PG_TERMINATE_BACKEND(PG_BACKEND_PID())")

        with (
            mute_logger("odoo.sql_db"),
            patch.object(self.registry[model], name, die),
            self.assertRaises(OperationalError, msg=name),
        ):
            self.take(step)

    def test_killed_while_computing_and_run_again(self):
        """K10: killed in any rule or after it, the figures before stand, and the next
        run gives the same hash."""
        before = self.look()
        self.assertEqual((before[0], before[2]), ("computed", 1))
        period = self.registry["performance.period"]
        steps = [
            name
            for name in dir(period)
            if name.startswith("_run_") and name != "_run_rules"
        ]
        self.assertGreaterEqual(len(steps), 6)
        for name in ("_clear_run", *steps, "_make_statements", "_end_step"):
            self.kill_at("performance.period", name, "action_compute")
            self.assertEqual(self.look(), before, name)
            self.take("action_compute")
            self.assertEqual(self.look(), before, name)

    def test_killed_while_closing_and_run_again(self):
        """K10: nothing is booked by half; closed again it is the same."""
        digest = self.look()[1]
        self.approve()
        for model, name in (
            ("performance.entry", "_book"),
            ("performance.period", "_delete_lines"),
            ("performance.period", "_end_step"),
        ):
            self.kill_at(model, name, "action_close")
            self.assertEqual(self.look(), ("approved", digest, 1), name)
        self.take("action_close")
        self.assertEqual(self.look(), ("closed", digest, 1))
