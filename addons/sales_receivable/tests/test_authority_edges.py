from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.fields import Command, Date
from odoo.tests import freeze_time

from .common import AuthorityCase


class TestAuthorityEdges(AuthorityCase):
    """What happens to a question when the world around it changes (A16, A17).

    Two deciders at once: test_authority_performance; edited, cancelled or deleted
    documents, archived approvers, changed limits: test_authority_decisions.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_mode("A02", "block")
        cls.order = cls.new_order()

    def test_line_manager_changed(self):
        """A01: what was asked stays with who was asked; the next question goes to the
        new manager."""
        other = self.new_user("other_vice_president", "vice_president")
        boss = self.env["hr.employee"].create({"name": "B", "user_id": other.id})
        request = self.ask(self.order)
        self.employees[self.salesperson].parent_id = boss
        self.assertEqual(self.order.authority_state, "waiting")
        self.assertEqual(self.ask(self.new_order()).approver_id, other)
        request.with_user(self.vice_president).action_approve()
        self.order.action_confirm()

    def test_level_taken_away(self):
        """A17: who was asked decides what they were asked, no other request."""
        request = self.ask(self.order)
        self.env["authority.assignment"].search(
            [("user_id", "=", self.vice_president.id)]
        ).date_to = Date.today() - timedelta(days=1)
        self.assertTrue(request.with_user(self.vice_president).may_decide)
        other = self.ask(self.new_order())
        self.assertEqual(other.approver_id, self.general_manager)
        self.assertFalse(other.with_user(self.vice_president).may_decide)

    def test_levels_renumbered(self):
        """A01: a request needs its level, whatever rank that has got since."""
        request = self.ask(self.order)
        self.levels["vice_president"].sequence = 60  # above the general manager
        self.assertFalse(request.with_user(self.general_manager).may_decide)
        request.with_user(self.vice_president).action_approve()
        self.assertEqual(self.order.authority_state, "approved")
        self.levels["vice_president"].sequence = 15
        self.order.action_confirm()

    def test_requester_archived(self):
        """A17: the question stays and is answered; who takes over confirms."""
        self.ask(self.order).with_user(self.vice_president).action_approve()
        waiting = self.new_order()
        request = self.ask(waiting)
        self.salesperson.active = False
        request.with_user(self.vice_president).action_approve()
        (self.order | waiting).with_env(self.env).sudo().user_id = self.colleague
        for order in (self.order, waiting):
            order.with_user(self.colleague).action_confirm()

    def test_archived_superior_lends_no_authority(self):
        """A01: what somebody with authority left behind counts as of the lowest level."""
        order = self.new_order(user=self.vice_president)
        self.assertFalse(order.authority_state)
        self.vice_president.active = False
        order.invalidate_recordset()
        self.assertEqual(order.sudo().authority_state, "open")

    def test_substitute_days_end(self):
        """A17: what a substitute was asked stays theirs, and nothing else; who comes
        back decides, too."""
        self.env["authority.substitute"].create(
            {
                "user_id": self.vice_president.id,
                "substitute_id": self.colleague.id,
                "company_id": self.company.id,
            }
        )
        earlier, request = self.ask(self.order), self.ask(self.new_order(price=8.0))
        self.assertEqual(request.approver_id, self.colleague)
        with freeze_time(Date.today() + timedelta(days=3)):
            later = self.ask(self.new_order())
            self.assertEqual(later.approver_id, self.vice_president)
            self.assertFalse(later.with_user(self.colleague).may_decide)
            self.env.invalidate_all()
            request.with_user(self.colleague).action_approve()
            earlier.with_user(self.vice_president).action_approve()

    def test_company_switched(self):
        """A16: an approval is of the company where it was given; a question about the
        other one is no longer asked."""
        other = self.env["res.company"].create({"name": "Other"})
        self.set_mode("A02", "block", company=other)
        self.new_limit("floor_gap_percent", "vice_president", 20.0, company_id=other.id)
        self.assign(self.general_manager, "general_manager", company=other)
        self.salesperson.company_ids += other
        self.general_manager.company_ids += other
        self.floor.copy({"company_id": other.id})
        self.approve(self.order)
        waiting = self.new_order()
        request = self.ask(waiting)
        for order in (self.order, waiting):
            moved = order.with_user(self.salesperson).with_context(
                allowed_company_ids=(self.company | other).ids
            )
            moved.write({"company_id": other.id, "warehouse_id": False})
            moved.order_line.price_unit = 8.1
            with self.subTest(order.name):
                self.assertEqual(moved.authority_state, "open")
                with self.assert_refused("warehouse"):
                    moved.action_confirm()
                moved.warehouse_id = self.env["stock.warehouse"].search(
                    [("company_id", "=", other.id)], limit=1
                )
                with self.assert_refused("A02"):
                    moved.action_confirm()
        self.assertEqual(request.state, "superseded")
        again = self.ask(moved)
        self.assertEqual(again.company_id, other)
        self.assertEqual(again.approver_id, self.general_manager)

    def test_customer_merged(self):
        """A16: an approval doesn't come along to the customer that another one is merged
        into: otherwise merging would be a way to sell on somebody else's approval."""
        self.approve(self.order)
        waiting = self.new_order()
        request = self.ask(waiting)
        other = self.customer.create({"name": "Trading Company"})
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (self.customer | other).ids, other
        )
        self.env.invalidate_all()
        self.assertEqual(self.order.partner_id, other)
        for order in (self.order, waiting):
            self.assertEqual(order.authority_state, "open")
            with self.assert_refused("A02"):
                order.action_confirm()
        again = self.ask(waiting)
        self.assertEqual(request.state, "superseded")
        again.with_user(self.vice_president).action_approve()
        waiting.action_confirm()

    def test_asked_along(self):
        """A01: what comes up later is asked together with what already waits for the
        same person, and neither gets lost."""
        self.set_mode("A03", "block")
        self.new_limit("order_amount", "vice_president", 1e6)
        self.new_limit("order_amount", "salesperson", 500.0)
        request = self.ask(self.order)
        self.order.order_line = [
            Command.create(
                {"product_id": self.new_product("Screw", 100.0).id, "price_unit": 900.0}
            )
        ]
        self.assertEqual(request.state, "waiting")
        self.assertEqual(self.order.authority_state, "open")
        again = self.ask(self.order)
        self.assertEqual(request.state, "superseded")
        self.assertEqual(self.order.authority_state, "waiting")
        again.with_user(self.vice_president).action_approve()
        self.order.action_confirm()

    def test_rule_switched_off_and_on(self):
        """A16 X01: off, a question holds nothing up; on again, its answer counts."""
        request = self.ask(self.order)
        mode = self.set_mode("A02", "off", Date.today())
        self.env.invalidate_all()
        self.assertFalse(self.order.authority_blocked)
        request.with_user(self.vice_president).action_approve()
        mode.unlink()
        self.env.invalidate_all()
        self.assertEqual(self.order.authority_state, "approved")

    def test_who_asked_leaves_the_company(self):
        """A17: who can no longer work in the company no longer decides there."""
        request = self.ask(self.order)
        other = self.env["res.company"].create({"name": "Other"})
        self.vice_president.write(
            {"company_ids": [Command.set(other.ids)], "company_id": other.id}
        )
        with self.assertRaises(AccessError):
            request.with_user(self.vice_president).action_approve()
