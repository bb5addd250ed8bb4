from contextlib import contextmanager
from datetime import timedelta

from odoo import SUPERUSER_ID, Command, api
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.tests import new_test_user, tagged
from odoo.tests.common import BaseCase, get_db_name
from odoo.tools import SQL
from psycopg2.errors import SerializationFailure

from ..guard import as_server


@tagged("post_install", "-at_install")
class TestConcurrency(BaseCase):
    """Two people pressing the same button at once, in two real transactions: the later
    one fails in the database, and finds the new state when the host tries again."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        self.made = []
        self.addCleanup(self._clean_up)

    @contextmanager
    def _env(self):
        with self.registry.cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, {"no_reset_password": True})

    def _make(self, env, model, *vals_list):
        records = env[model].create(list(vals_list))
        self.made.append(records)
        return records

    def _make_users(self, env):
        users = env["res.users"].union(
            *(
                new_test_user(env, f"v_race_{i}", groups="sales_visit.group_user")
                for i in range(2)
            )
        )
        self.made += [users.partner_id, users]
        return users

    def _clean_up(self):
        """Delete what was made, the last first, with what the host hung on it; behind the
        ORM, because what has been planned or routed stays."""
        with self._env() as env:
            visits = env["sales.visit"].search([("user_id.login", "=like", "v_race_%")])
            for records in filter(
                None, (visits, visits.calendar_event_id, *reversed(self.made))
            ):
                for table, column in (
                    ("mail_message", "model"),
                    ("mail_followers", "res_model"),
                    ("mail_activity", "res_model"),
                ):
                    env.cr.execute(
                        SQL(
                            "DELETE FROM %s WHERE %s = %s AND res_id IN %s",
                            SQL.identifier(table),
                            SQL.identifier(column),
                            records._name,
                            tuple(records.ids),
                        )
                    )
                env.cr.execute(
                    SQL(
                        "DELETE FROM %s WHERE id IN %s",
                        SQL.identifier(records._table),
                        tuple(records.ids),
                    )
                )

    def _race(self, first, second, press):
        """Let two transactions press at once, and the host try the later one again."""
        with self.registry.cursor() as early, self.registry.cursor() as late:
            records = [
                document.with_env(api.Environment(cr, SUPERUSER_ID, {}))
                for cr, document in ((early, first), (late, second))
            ]
            for record in records:
                record.mapped("create_date")  # both have begun before either presses
            press(records[0])
            early.commit()
            with (
                self.assertLogs("odoo.sql_db", "ERROR"),
                self.assertRaises(SerializationFailure),
            ):
                press(records[1])
            late.rollback()
            late.clear()
            press(records[1].with_env(api.Environment(late, SUPERUSER_ID, {})))

    def test_two_presses_never_book_one_time_twice(self):
        """V02: "Plan These" for different customers of one salesperson."""
        with self._env() as env:
            user = self._make_users(env)[0]
            partners = self._make(
                env, "res.partner", *({"name": f"Race {i}"} for i in range(2))
            )
            first, second = self._make(
                env,
                "sales.customer.file",
                *({"partner_id": p.id, "user_id": user.id} for p in partners),
            )
        self._race(first, second, lambda file: file.action_plan_week())
        with self._env() as env:
            visits = env["sales.visit"].search([("user_id", "=", user.id)])
            early, late = visits.sorted("planned_start")
            self.assertEqual([early.partner_id.id, late.partner_id.id], partners.ids)
            gap = timedelta(hours=early.company_id.visit_gap)
            self.assertGreaterEqual(late.planned_start, early.planned_stop + gap)

    def test_two_visitors_never_get_one_turn(self):
        """V12: two new walk-ins at two desks."""
        with self._env() as env:
            users = self._make_users(env)
            rota = self._make(
                env,
                "sales.rota",
                {
                    "name": "Race",
                    "line_ids": [Command.create({"user_id": u.id}) for u in users],
                },
            )
            first, second = entries = self._make(
                env,
                "sales.reception.entry",
                *(
                    {"name": f"Race {i}", "is_stranger": True, "rota_id": rota.id}
                    for i in range(2)
                ),
            )
        self._race(first, second, lambda entry: entry.action_route())
        with self._env() as env:
            entries = entries.with_env(env)
            self.assertEqual(entries.routed_to_id, users.with_env(env))
            self.assertEqual(entries.rota_line_id.mapped("turns"), [1, 1])

    def test_two_managers_never_pay_one_reward(self):
        """V24: "Paid" pressed in two sessions at once counts once."""
        with self._env() as env:
            manager = new_test_user(
                env, "v_race_m", groups="sales_visit.group_company_manager"
            )
            self.made += [manager.partner_id, manager]
            referrer = self._make(env, "res.partner", {"name": "Race friend"})
            lead = self._make(env, "crm.lead", {"name": "Race", "user_id": False})
            referral = as_server(env["sales.referral"]).create(
                {"lead_id": lead.id, "referrer_id": referrer.id, "state": "earned"}
            )
            self.made.append(referral)

        def pay(paid):
            paid.with_user(manager.id).action_pay()
            paid.env.flush_all()  # as at the end of a call

        with self.assertRaisesRegex(UserError, "V24"):
            self._race(referral, referral, pay)
        with self._env() as env:
            self.assertEqual(referral.with_env(env).state, "paid")
