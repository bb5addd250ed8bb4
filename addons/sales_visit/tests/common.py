from contextlib import contextmanager
from datetime import datetime, timedelta
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import TransactionCase, freeze_time
from odoo.tools import SQL, mute_logger

from ..models import batch_mixin

# A Thursday, 14:00 in Shanghai.
VISIT_DAY = datetime(2026, 11, 26, 6, 0)


# Frozen as a whole: another time costs nothing then, while a first one is dear.
@freeze_time("2026-11-22 12:00:00")
class VisitCase(TransactionCase):
    """A company in Shanghai with two sales teams, on a Sunday evening; nothing rests on
    demo records."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(
            context=dict(
                cls.env.context,
                tracking_disable=True,
                mail_activity_quick_update=True,
                no_reset_password=True,
            )
        )
        cls.calendar = cls.env["resource.calendar"].create(
            {
                "name": "Monday to Friday",
                "tz": "Asia/Shanghai",
                "company_id": False,
            }
        )
        cls.company = cls.env["res.company"].create(
            {"name": "Trading Co.", "resource_calendar_id": cls.calendar.id}
        )
        cls.calendar.company_id = cls.company
        cls.other_company = cls.env["res.company"].create({"name": "Elsewhere Co."})
        (
            cls.salesperson,
            cls.colleague,
            cls.stranger,
            cls.leader,
            cls.line_manager,
            cls.other_leader,
            cls.company_manager,
            cls.receptionist,
            cls.administrator,
            cls.foreigner,
        ) = cls._new_users(
            {
                "v_sales": "group_user",
                "v_colleague": "group_user",
                "v_stranger": "group_user",
                "v_leader": "group_manager",
                "v_line": "group_manager",
                "v_other_leader": "group_manager",
                "v_company": "group_company_manager",
                "v_reception": "group_reception",
                "v_admin": "group_administrator",
                "v_foreign": "group_user",
            },
            v_foreign={
                "company_id": cls.other_company.id,
                "company_ids": [Command.set(cls.other_company.ids)],
            },
        )
        cls.team, cls.other_team = cls.env["crm.team"].create(
            [
                {
                    "name": "North",
                    "company_id": cls.company.id,
                    "user_id": cls.leader.id,
                    "member_ids": [Command.set([cls.salesperson.id, cls.colleague.id])],
                },
                {
                    "name": "South",
                    "company_id": cls.company.id,
                    "user_id": cls.other_leader.id,
                    "member_ids": [Command.set([cls.stranger.id])],
                },
            ]
        )
        cls.employee_manager, cls.employee = (
            cls._new_employee(user) for user in (cls.line_manager, cls.salesperson)
        )
        cls.employee.parent_id = cls.employee_manager
        cls.partner = cls._new_partner("Customer A")
        cls.visit_type = cls.env["sales.visit.type"].create({"name": "Test visit"})
        cls.outcome = cls.env["sales.visit.outcome"].create({"name": "Test outcome"})
        # Rules that a populated database has come into force long after these tests; by
        # SQL, because rules in use can't be changed.
        cls.env.cr.execute(
            "UPDATE sales_deadline_rule SET date_from = date_from + interval '900 years'"
        )
        cls.env.invalidate_all()
        cls.rule = cls.env["sales.deadline.rule"].create(
            {"company_id": False, "date_from": "2020-01-01"}
        )

    @contextmanager
    def assertRefused(self, words):
        """A UserError that says ``words``, with everything rolled back."""
        with self.assertRaises(UserError) as refusal:
            yield
        self.assertIn(words, str(refusal.exception))

    @contextmanager
    def _killed_in_second_batch(self, model, act):
        """Let jobs take batches of two, for the rest of the test, and die, inside the
        block, when a method acts upon the second; gives what it acted upon before."""
        done, cls = [], type(self.env[model])
        original = getattr(cls, act)

        def act_and_die(records):
            if done:
                raise RuntimeError("killed")
            done.append(records)
            return original(records)

        self.patch(batch_mixin, "BATCH_SIZE", 2)
        with (
            patch.object(cls, act, act_and_die),
            mute_logger("odoo.addons.base.models.ir_cron"),
        ):
            yield done

    @classmethod
    def _set_mode(cls, rule, mode, date_from="2020-01-01", company=None):
        """A row that sets the mode of a rule from a day on, by default from ever."""
        return cls.env["sales.visit.rule.mode"].create(
            {
                "rule": rule,
                "company_id": (company or cls.company).id,
                "mode": mode,
                "date_from": date_from,
            }
        )

    @classmethod
    def _new_users(cls, group_by_login, **values_by_login):
        """Users of the company, in one batch: every class needs them."""
        return cls.env["res.users"].create(
            [
                {
                    "login": login,
                    "name": f"{login} ({group})",
                    "email": f"{login}@example.com",
                    "password": login.ljust(8, "x"),
                    "group_ids": [Command.set(cls.env.ref(f"sales_visit.{group}").ids)],
                    "company_id": cls.company.id,
                    "company_ids": [Command.set(cls.company.ids)],
                    "tz": "Asia/Shanghai",
                    **values_by_login.get(login, {}),
                }
                for login, group in group_by_login.items()
            ]
        )

    @classmethod
    def _new_employee(cls, user, **values):
        return cls.env["hr.employee"].create(
            {
                "name": user.name,
                "user_id": user.id,
                "company_id": cls.company.id,
                "resource_calendar_id": cls.calendar.id,
                "date_version": "2020-01-01",
                **values,
            }
        )

    @classmethod
    def _new_partner(cls, name, **values):
        return cls.env["res.partner"].create(
            {"name": name, "is_company": True, **values}
        )

    @classmethod
    def _new_visit(cls, user=None, **values):
        """A draft visit as its salesperson creates it."""
        user = user or cls.salesperson
        return (
            cls.env["sales.visit"]
            .with_user(user)
            .create(
                {
                    "partner_id": cls.partner.id,
                    "visit_type_id": cls.visit_type.id,
                    "planned_start": VISIT_DAY,
                    "company_id": user.company_id.id,
                    **values,
                }
            )
        )

    @classmethod
    def _backdate(cls, record, moment):
        """Let a record have been created at a time (UTC), which only SQL can."""
        cls.env.flush_all()
        cls.env.cr.execute(
            SQL(
                "UPDATE %s SET create_date = %s WHERE id = %s",
                SQL.identifier(record._table),
                moment,
                record.id,
            )
        )
        record.invalidate_recordset(["create_date"])
        return record

    @classmethod
    def _go(cls, visit, start=VISIT_DAY, minutes=30):
        """Take a draft to "to report" at a given time (UTC)."""
        with freeze_time(start):
            visit.action_plan()
            visit.action_confirm()
            visit.action_start()
        with freeze_time(start + timedelta(minutes=minutes)):
            visit.action_finish()
        return visit

    @classmethod
    def _submit(cls, visit, at):
        visit.write({"outcome_id": cls.outcome.id, "summary": "Talked."})
        with freeze_time(at):
            visit.action_submit_report()
        return visit

    @classmethod
    def _reported_visit(cls, user=None, **values):
        visit = cls._go(cls._new_visit(user, **values))
        return cls._submit(visit, VISIT_DAY + timedelta(hours=2))
