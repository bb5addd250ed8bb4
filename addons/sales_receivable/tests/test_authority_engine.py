from datetime import timedelta

from odoo.exceptions import UserError
from odoo.fields import Command, Date
from odoo.tests import new_test_user

from .common import AuthorityCase


class TestAuthorityEngine(AuthorityCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_mode("A02", "block")

    def need(self, order):
        (need,) = order._get_authority_needs()[order.id]
        return need

    def approver(self, order=None):
        return self.need(order or self.new_order())["approvers"]

    # --- which level ------------------------------------------------------------------

    def test_below_floor_names_the_vice_president(self):
        """A01 A02: the chain is walked to the first person of the level needed."""
        need = self.need(self.new_order())
        self.assertEqual(need["rule"], "A02")
        self.assertEqual(need["level"], self.levels["vice_president"])
        self.assertEqual(need["approvers"], self.vice_president)
        self.assertEqual(need["state"], "open")

    def test_at_the_floor_needs_nothing(self):
        """A02: the floor itself is allowed."""
        order = self.new_order(price=9.0)
        self.assertFalse(order._get_authority_needs()[order.id])
        self.assertFalse(order.authority_state)

    def test_lowest_level_that_covers(self):
        """A01: the lowest level whose limit covers the figure, the limit included."""
        self.new_limit("floor_gap_percent", "project_manager", 10.0)
        self.assertEqual(self.approver(), self.project_manager)
        self.assertEqual(self.approver(self.new_order(price=8.0)), self.vice_president)

    def test_beyond_all_limits_goes_to_the_top(self):
        """A01: what no limit covers belongs to the highest level."""
        self.assertEqual(self.approver(self.new_order(price=5.0)), self.general_manager)

    def test_own_limit_needs_nobody(self):
        """A03: within their own limit people decide themselves."""
        self.new_limit("floor_gap_percent", "salesperson", 10.0)
        order = self.new_order()
        self.assertFalse(order._get_authority_needs()[order.id])
        self.assertTrue(self.need(self.new_order(price=8.0)))

    def test_measure_without_row_is_not_controlled(self):
        """A01: no row, no control."""
        self.limit.active = False
        order = self.new_order(price=1.0)
        self.assertFalse(order._get_authority_needs()[order.id])

    def test_team_row_replaces_the_company_row_of_its_level(self):
        """A01: departments file special rows of their own."""
        team = self.env["crm.team"].create(
            {
                "name": "Key accounts",
                "company_id": self.company.id,
                "member_ids": [Command.link(self.salesperson.id)],
            }
        )
        self.new_limit("floor_gap_percent", "salesperson", 0.0)
        self.new_limit("floor_gap_percent", "salesperson", 15.0, team_id=team.id)
        order = self.new_order(team_id=team.id)
        self.assertFalse(order._get_authority_needs()[order.id])
        self.assertTrue(self.need(self.new_order(price=7.0, team_id=team.id)))

    def test_foreign_team_lends_no_limits(self):
        """A01: naming a generous team on the order isn't enough, one must be in it."""
        team = self.env["crm.team"].create(
            {"name": "Generous", "company_id": self.company.id}
        )
        self.new_limit("floor_gap_percent", "salesperson", 50.0, team_id=team.id)
        self.assertEqual(
            self.approver(self.new_order(team_id=team.id)), self.vice_president
        )

    def test_several_measures_several_people(self):
        """A01 A03: each measure finds its own level."""
        self.set_mode("A03", "block")
        self.new_limit("order_amount", "salesperson", 100.0)
        self.new_limit("order_amount", "project_manager", 100000.0)
        order = self.new_order(quantity=100)
        needs = {n["measure"]: n for n in order._get_authority_needs()[order.id]}
        self.assertEqual(needs["order_amount"]["approvers"], self.project_manager)
        self.assertEqual(needs["floor_gap_percent"]["approvers"], self.vice_president)
        order.action_authority_request()
        requests = order.sudo().authority_request_ids
        self.assertEqual(len(requests), 2)
        requests.filtered(lambda r: r.approver_id == self.vice_president).with_user(
            self.vice_president
        ).action_approve()
        self.assertEqual(order.authority_state, "waiting")
        with self.assertRaises(UserError):
            order.action_confirm()
        requests.filtered(lambda r: r.approver_id == self.project_manager).with_user(
            self.project_manager
        ).action_approve()
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    # --- which person -----------------------------------------------------------------

    def test_nearest_manager_of_the_level_comes_first(self):
        """A01: another vice president isn't asked while the own one is there."""
        self.new_user("other_vice_president", "vice_president")
        self.assertEqual(self.approver(), self.vice_president)

    def test_circle_in_the_organisation(self):
        """A01: managers who manage each other don't make the walk endless."""
        self.employees[self.general_manager].parent_id = self.employees[
            self.salesperson
        ]
        self.assertEqual(self.approver(), self.vice_president)
        self.assertEqual(self.approver(self.new_order(price=5.0)), self.general_manager)

    def test_team_leader_then_any_holder_then_fallback(self):
        """A01: who comes after the line managers."""
        self.employees[self.salesperson].parent_id = False
        leader = self.new_user("leader", "vice_president")
        team = self.env["crm.team"].create(
            {
                "name": "Team",
                "company_id": self.company.id,
                "user_id": leader.id,
                "member_ids": [Command.link(self.salesperson.id)],
            }
        )
        order = self.new_order(team_id=team.id)
        self.assertEqual(self.approver(order), leader)
        team.user_id = False
        self.assertEqual(self.approver(order), self.vice_president)
        self.env["authority.assignment"].search([]).unlink()
        self.assertFalse(self.approver(order))
        fallback = self.new_user("fallback")
        self.company.authority_fallback_user_id = fallback
        self.assertEqual(self.approver(order), fallback)

    def test_nobody_can_approve(self):
        """X01: when nobody is found, the error says what to do about it."""
        self.env["authority.assignment"].search([]).unlink()
        with self.assert_refused("fallback person"):
            self.new_order().action_authority_request()

    def test_dated_assignments(self):
        """A01: a level counts from its first to its last day."""
        today = Date.today()
        assignment = self.env["authority.assignment"].search(
            [("user_id", "=", self.vice_president.id)]
        )
        assignment.date_to = today - timedelta(days=2)
        self.assertEqual(self.approver(), self.general_manager)
        self.assign(self.project_manager, "vice_president", date_from=today)
        self.assertEqual(self.approver(), self.project_manager)

    def test_absent_one_is_replaced(self):
        """A17: a dated substitute stands in; who is away, too, hands on nothing that
        they don't hold themselves."""
        self.substitute(self.vice_president, self.colleague)
        self.assertEqual(self.approver(), self.colleague)
        self.substitute(self.colleague, self.new_user("other"))
        self.assertEqual(self.approver(), self.general_manager)

    def test_past_absence_changes_nothing(self):
        """A17: substitutes are dated."""
        self.substitute(self.vice_president, self.colleague, days=(-10, -3))
        self.assertEqual(self.approver(), self.vice_president)

    def test_requester_as_substitute(self):
        """A17: who asks doesn't approve in somebody's place either."""
        self.substitute(self.vice_president, self.salesperson)
        self.assertEqual(self.approver(), self.general_manager)

    def test_archived_person_is_skipped(self):
        """A01: who has left isn't asked."""
        self.vice_president.active = False
        self.assertEqual(self.approver(), self.general_manager)

    def substitute(self, user, substitute, days=(0, 3)):
        today = Date.today()
        return self.env["authority.substitute"].create(
            {
                "user_id": user.id,
                "substitute_id": substitute.id,
                "company_id": self.company.id,
                "date_from": today + timedelta(days=days[0]),
                "date_to": today + timedelta(days=days[1]),
            }
        )

    # --- whose authority --------------------------------------------------------------

    def test_naming_a_superior_as_salesperson_lends_no_authority(self):
        """A01: the lowest level of those behind the document counts."""
        order = self.new_order(user=self.salesperson)
        order.sudo().user_id = self.vice_president
        self.assertEqual(self.need(order)["requester"], self.salesperson)
        self.assertEqual(self.approver(order), self.vice_president)

    def test_worsening_a_superiors_quotation_lends_no_authority(self):
        """A01: who makes the figures worse answers with their own level."""
        order = self.new_order(user=self.vice_president, price=9.0)
        self.age(order)
        seller = new_test_user(
            self.env,
            login="test_all",
            groups="sales_team.group_sale_salesman_all_leads",
        )
        order.with_user(seller).order_line.price_unit = 8.1
        self.assertEqual(order.sudo().authority_author_id, seller)
        with self.assertRaises(UserError):
            order.with_user(seller).action_confirm()

    def age(self, orders, days=1):
        """Make orders older than this transaction, as all orders are in real life."""
        orders.flush_recordset()
        self.env.cr.execute(
            "UPDATE sale_order SET create_date = create_date - %s * interval '1 day'"
            " WHERE id IN %s",
            [days, tuple(orders.ids)],
        )
        orders.invalidate_recordset()

    def test_superior_decides_alone(self):
        """A01: within one's own level no approval is needed."""
        order = self.new_order(user=self.vice_president)
        order.action_confirm()
        self.assertEqual(order.state, "sale")
