from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command, Date
from odoo.tests import new_test_user
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from .common import AuthorityCase


class TestAuthorityReviewers(AuthorityCase):
    """Functions that review besides the levels, in parallel (A01)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_mode("A02", "block")
        cls.set_mode("A03", "block")
        cls.legal = cls.new_user("legal")
        cls.review = cls.new_reviewer("Legal", cls.legal, value_from=1000.0)

    @classmethod
    def new_reviewer(cls, name, user=None, **values):
        values.setdefault("measure", "order_amount")
        return cls.env["authority.reviewer"].create(
            {
                "name": name,
                "user_id": user and user.id,
                "company_id": cls.company.id,
                "date_from": "2020-01-01",
                **values,
            }
        )

    def needs(self, order):
        order.invalidate_recordset()
        return order._get_authority_needs()[order.id]

    def test_reviewed_though_nothing_exceeds(self):
        """A01: within everybody's limits a large order still needs the function."""
        self.assertFalse(self.needs(self.new_order(price=10.0, quantity=99)))
        order = self.new_order(price=10.0, quantity=100)
        (need,) = self.needs(order)
        self.assertEqual(need["reviewer"], self.review)
        self.assertEqual(need["approvers"], self.legal)
        with self.assert_refused("A03.*Legal: legal"):
            order.action_confirm()
        self.assertIn("Legal", order.authority_banner)
        request = self.ask(order)
        self.assertFalse(request.level_id)
        with self.assertRaises(AccessError):  # no level stands in for a function
            request.with_user(self.general_manager).action_approve()
        request.with_user(self.legal).action_approve()
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_all_must_approve(self):
        """A01 A04: level and functions, each for itself, whoever it is."""
        self.new_reviewer("Finance", self.vice_president, value_from=1.0)
        order = self.new_order(price=8.1, quantity=200)
        requests = self.ask(order)
        self.assertEqual(
            set(requests.mapped("approver_id")), {self.vice_president, self.legal}
        )
        self.assertEqual(len(requests), 3)
        for request in requests:
            with self.assertRaises(UserError):
                order.action_confirm()
            request.with_user(request.approver_id).action_approve()
        order.action_confirm()

    def test_one_refuses(self):
        """A17: what one of them refuses the others can't save."""
        order = self.new_order(price=8.1, quantity=200)
        requests = self.ask(order)
        legal = requests.filtered("reviewer_id")
        legal.with_user(self.legal).action_refuse("No")
        (requests - legal).with_user(self.vice_president).action_approve()
        self.assertEqual(order.authority_state, "refused")
        with self.assert_refused("Legal"):
            order.action_confirm()

    def test_whatever_exceeds_a_limit(self):
        """A01: without a measure, the function looks at what levels must approve."""
        self.review.date_to = Date.today() - timedelta(days=1)
        self.new_reviewer("Finance", self.legal, measure=False)
        self.assertFalse(self.needs(self.new_order(price=9.5)))
        order = self.new_order(price=8.1)
        self.assertEqual(
            [need["reviewer"].name for need in self.needs(order)], [False, "Finance"]
        )

    def test_never_who_asks(self):
        """A17: neither as its only person nor as one of its group; then the fallback."""
        order = self.new_order(price=10.0, quantity=200, user=self.legal)
        with self.assert_refused("Nobody but who asks.*Legal"):
            order.action_authority_request()
        self.company.authority_fallback_user_id = self.colleague
        request = self.ask(order)
        self.assertEqual(request.approver_id, self.colleague)
        with self.assert_refused("never approves"):
            request.with_user(self.legal).action_approve()

    def test_group_job_and_level(self):
        """A01: a function is a person, a group, a job of the company, or a level."""
        group = self.env["res.groups"].create({"name": "Lawyers"})
        job = self.env["hr.job"].create({"name": "Lawyer"})
        first, second = self.new_user("first"), self.new_user("second")
        outsider = self.new_user("outsider")
        other = self.env["res.company"].create({"name": "Other"})
        outsider.company_ids += other
        (first | second).group_ids += group
        employees = self.env["hr.employee"].create(
            [
                {"name": u.name, "user_id": u.id, "job_id": job.id, "company_id": c.id}
                for u, c in (
                    (first, self.company),
                    (second, self.company),
                    (outsider, other),
                )
            ]
        )
        self.review.date_to = Date.today() - timedelta(days=1)
        for values, members in (
            ({"group_id": group.id}, first | second),
            ({"job_id": job.id}, first | second),
            (
                {"level_id": self.levels["vice_president"].id},
                self.vice_president | self.general_manager,
            ),
        ):
            review = self.new_reviewer("Function", **values)
            request = self.ask(self.new_order(price=10.0))
            with self.subTest(values):
                self.assertEqual(request.approver_id, members[0])
                for user in (first, second, outsider, self.general_manager):
                    self.assertEqual(
                        request.with_user(user).may_decide, user in members, user.name
                    )
                request.with_user(members[1]).action_approve()
            review.date_to = Date.today() - timedelta(days=1)
        employees[1].job_id = False
        self.env.invalidate_all()
        review = self.new_reviewer("Function", job_id=job.id)
        request = self.ask(self.new_order(price=10.0))
        self.assertFalse(request.with_user(second).may_decide)

    def test_substitutes_and_escalation(self):
        """A17: who stands in for a function's person, and who is asked next."""
        self.company.authority_escalation_hours = 1.0
        self.env["authority.substitute"].create(
            {
                "user_id": self.legal.id,
                "substitute_id": self.colleague.id,
                "company_id": self.company.id,
            }
        )
        self.company.authority_fallback_user_id = self.general_manager
        request = self.ask(self.new_order(price=10.0, quantity=200))
        self.assertEqual(request.approver_id, self.colleague)
        self.assertTrue(request.with_user(self.legal).may_decide)
        request.sudo()._escalate()
        self.assertEqual(request.escalated_to_id, self.general_manager)
        request.with_user(self.general_manager).action_approve()

    def test_frozen(self):
        """A16: a new version of the same function asks again only for what is worse."""
        order = self.new_order(price=10.0, quantity=200)
        self.ask(order).with_user(self.legal).action_approve()
        for values in (
            {"value_from": 5.0},
            {"user_id": self.colleague.id},
            {"date_from": "2021-01-01"},
        ):
            with self.assert_refused("stays on record"):
                self.review.write(values)
        with self.assert_refused("stays on record"):
            self.review.unlink()
        self.review.date_to = Date.today() - timedelta(days=1)
        self.new_reviewer("Legal", self.legal, value_from=500.0)
        self.assertEqual(order.authority_state, "approved")
        order.order_line.product_uom_qty = 210
        self.assertEqual(order.authority_state, "open")
        request = self.ask(order)
        order.order_line.product_uom_qty = 220
        self.assertEqual(request.state, "superseded")
        self.new_reviewer("Finance", self.colleague, value_from=500.0)
        self.assertEqual(len(self.needs(order)), 2)

    def test_after_confirmation(self):
        """A16: a confirmed order doesn't grow into a function's figures."""
        order = self.new_order(price=10.0, quantity=50)
        order.action_confirm()
        with self.assert_refused("already confirmed.*Legal"):
            order.order_line.product_uom_qty = 500

    def test_off(self):
        """X01: functions review what the rule of the measure is in force for."""
        self.env["business.rule.mode"].search([]).unlink()
        order = self.new_order(price=10.0, quantity=500)
        self.assertFalse(self.needs(order))
        order.action_confirm()

    def test_who_sets_reviewers(self):
        """A01: administrators; one function a line; measures of the document only."""
        manager = new_test_user(
            self.env, "test_cm", "sales_receivable.group_company_manager"
        )
        for user in (self.salesperson, self.legal, manager):
            with self.assertRaises(AccessError):
                self.review.with_user(user).write({"date_to": "2021-01-01"})
        for values in (
            {"user_id": False},
            {"level_id": self.levels["vice_president"].id},
            {"measure": False},
        ):
            with (
                self.subTest(values),
                mute_logger("odoo.sql_db"),
                self.assertRaises(IntegrityError),
                self.cr.savepoint(),
            ):
                self.review.write(values)
                self.env.flush_all()
        with self.assertRaises(UserError):
            self.review.write({"value_from": float("nan")})

    def test_constant_queries(self):
        """A01: twenty documents cost the queries of two; no right costs one more."""
        orders = self.env["sale.order"].union(
            *(self.new_order(price=10.0, quantity=200) for __ in range(20))
        )

        def count(records):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.assertTrue(all(records._get_authority_needs().values()))
            return self.cr.sql_log_count - before

        count(orders[:2])
        self.assertLessEqual(count(orders), count(orders[:2]))


class TestAuthorityWalk(AuthorityCase):
    """Level by level: each manager up to who may decide, in turn (A01)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mode = cls.set_mode("A02", "block")
        cls.mode.walk = "each"
        cls.order = cls.new_order()

    def waiting(self, order=None):
        return (
            (order or self.order)
            .sudo()
            .authority_request_ids.filtered(lambda r: r.state == "waiting")
        )

    def decide(self, user, order=None):
        request = self.waiting(order)
        self.assertEqual(request.approver_id, user)
        request.with_user(user).action_approve()

    def test_each_in_turn(self):
        """A01: the next is asked after the last has approved; all figures are frozen."""
        self.assertIn("project manager → vice president", self.order.authority_banner)
        self.ask(self.order)
        self.assertIn("project manager → vice president", self.order.authority_banner)
        self.assertEqual(self.waiting().following_names, "vice president")
        self.decide(self.project_manager)
        self.assertEqual(self.order.authority_state, "waiting")
        with self.assert_refused("A02"):
            self.order.action_confirm()
        self.assertFalse(self.waiting().with_user(self.project_manager).may_decide)
        self.assertEqual(self.order.sudo().activity_ids.user_id, self.vice_president)
        self.decide(self.vice_president)
        self.order.action_confirm()
        steps = self.order.sudo().authority_request_ids.step_ids.sorted("id")
        self.assertEqual(
            [(step.kind, step.approver_id, bool(step.facts)) for step in steps],
            [
                (kind, user, True)
                for user in (self.project_manager, self.vice_president)
                for kind in ("asked", "approved")
            ],
        )

    def test_first_approval_is_none(self):
        """A01: by no list of approvals: only the last one's counts."""
        self.ask(self.order)
        self.decide(self.project_manager)
        self.order.action_authority_withdraw()
        self.assertEqual(self.order.authority_state, "open")
        with self.assert_refused("A02"):
            self.order.action_confirm()
        self.ask(self.order)
        self.assertEqual(self.waiting().approver_id, self.project_manager)

    def test_refusal_ends_it(self):
        """A17: nobody after who refuses is asked."""
        self.ask(self.order)
        self.decide(self.project_manager)
        self.waiting().with_user(self.vice_president).action_refuse("No")
        self.assertFalse(self.waiting())
        self.assertEqual(self.order.authority_state, "refused")

    def test_worse_begins_anew(self):
        """A16: figures that got worse on the way are approved from the start."""
        self.ask(self.order)
        self.decide(self.project_manager)
        self.order.order_line.price_unit = 8.0
        self.assertFalse(self.waiting())
        self.ask(self.order)
        self.decide(self.project_manager)
        self.order.order_line.price_unit = 8.5
        self.decide(self.vice_president)
        self.assertEqual(self.order.authority_state, "approved")

    def test_who_is_gone_on_the_way(self):
        """A17: an archived one is passed over, an absent one replaced; the last is
        always somebody who may decide."""
        self.limit.limit = 1.0  # the general manager's
        self.ask(self.order)
        self.assertEqual(
            self.waiting().following,
            (self.vice_president | self.general_manager).ids,
        )
        self.vice_president.active = False
        self.env["authority.substitute"].create(
            {
                "user_id": self.general_manager.id,
                "substitute_id": self.colleague.id,
                "company_id": self.company.id,
            }
        )
        self.decide(self.project_manager)
        self.assertFalse(self.waiting().following)
        self.decide(self.colleague)
        self.order.action_confirm()

    def test_nobody_left(self):
        """A17: when the last is gone, who takes their place is asked, or nobody: then
        the document waits to be asked again."""
        self.ask(self.order)
        self.vice_president.active = False
        self.general_manager.active = False
        self.decide(self.project_manager)
        self.assertFalse(self.waiting())
        self.assertEqual(self.order.authority_state, "open")
        with self.assert_refused("fallback person"):
            self.order.action_authority_request()
        self.company.authority_fallback_user_id = self.colleague
        self.ask(self.order)
        self.decide(self.project_manager)
        self.decide(self.colleague)
        self.assertEqual(self.order.authority_state, "approved")

    def test_manager_changed_on_the_way(self):
        """A01: who was named when one asked stays in the walk; the next question takes
        the new line."""
        self.ask(self.order)
        self.employees[self.salesperson].parent_id = self.employees[self.vice_president]
        self.decide(self.project_manager)
        self.decide(self.vice_president)
        other = self.new_order()
        self.ask(other)
        self.decide(self.vice_president, other)
        self.assertEqual(other.authority_state, "approved")

    def test_who_asks_is_passed_over(self):
        """A17: a manager who asks in the salesperson's name approves no step."""
        self.project_manager.group_ids += self.env.ref(
            "sales_team.group_sale_salesman_all_leads"
        )
        self.ask(self.order.with_user(self.project_manager))
        self.assertEqual(self.waiting().approver_id, self.vice_president)
        self.assertFalse(self.waiting().following)

    def test_by_rule(self):
        """A01: the way is a rule's and a company's, as of today."""
        self.set_mode("A03", "block")
        self.new_limit("order_amount", "vice_president", 1e6)
        order = self.new_order(price=8.1, quantity=100)
        self.ask(order)
        self.assertEqual(
            self.waiting(order).approver_id, self.project_manager | self.vice_president
        )
        for user in (
            self.vice_president,
            self.project_manager,
            self.vice_president,
        ):
            self.waiting(order).filtered(lambda r, u=user: r.approver_id == u)[
                :1
            ].with_user(user).action_approve()
        self.assertEqual(order.authority_state, "approved")
        self.mode.walk = "direct"
        self.ask(self.order)
        self.assertEqual(self.waiting().approver_id, self.vice_president)

    def test_no_way_round(self):
        """A16: the walk can't be written, shortened or forged."""
        request = self.ask(self.order)
        for values in ({"following": False}, {"previous_id": False}):
            with self.assertRaises(AccessError):
                request.sudo().with_context(authority_engine=True).write(values)
        with self.assertRaises(AccessError):
            self.order.write(
                {"authority_request_ids": [Command.update(request.id, values)]}
            )
