from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, new_test_user
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from .common import AuthorityCase


class TestAuthoritySimulation(AuthorityCase):
    """“What if”: who would have to approve, before anything changes (X04)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_mode("A02", "block")
        cls.set_mode("A03", "block")
        cls.new_limit("discount_percent", "salesperson", 5.0)
        cls.new_limit("discount_percent", "project_manager", 12.0)
        cls.order = cls.new_order(price=10.0)

    def simulate(self, order=None, user=None):
        order = order or self.order
        model = self.env["authority.simulation"].with_user(user or self.salesperson)
        return Form(model.with_context(default_order_id=order.id))

    def ladder(self, order=None):
        order = order or self.order
        simulation = (
            self.env["authority.simulation"]
            .with_user(self.salesperson)
            .with_context(default_order_id=order.id)
            .create({})
        )
        return {rung["level"]: rung["percent"] for rung in simulation._get_ladder()}

    def test_says_who_would_have_to_approve(self):
        """X04: while the discount is typed; the quotation stays as it is."""
        form = self.simulate()
        self.assertTrue(form.is_free)
        form.further_discount = 8.0
        self.assertFalse(form.is_free)
        self.assertIn(self.project_manager.name, form.result)
        self.assertEqual(form.amount_untaxed, 92.0)
        form.further_discount = 15.0
        self.assertIn(self.vice_president.name, form.result)  # 8.50 is below the floor
        self.assertEqual(self.order.order_line.discount, 0.0)
        self.assertFalse(self.order.sudo().authority_request_ids)

    def test_lines_one_by_one(self):
        """X04: price, discount and quantity of a line count as they would."""
        form = self.simulate()
        with form.line_ids.edit(0) as line:
            line.price_unit = 9.0
        self.assertFalse(form.is_free)
        with form.line_ids.edit(0) as line:
            line.price_unit, line.quantity = 10.0, 3.0
        self.assertTrue(form.is_free)
        self.assertEqual(form.amount_untaxed, 30.0)

    def test_apply(self):
        """X04: one press writes what was tried, and the gate says the same."""
        form = self.simulate()
        form.further_discount = 8.0
        with form.line_ids.edit(0) as line:
            line.discount = 1.0
        form.save().action_apply()
        self.assertAlmostEqual(self.order.order_line.discount, 8.92)
        self.assertEqual(self.order.authority_state, "open")
        with self.assert_refused("A03"):
            self.order.action_confirm()

    def test_ladder(self):
        """X04: up to which further discount each level decides, to half a percent."""
        names = {code: level.name for code, level in self.levels.items()}
        ladder = self.ladder()
        self.assertEqual(ladder[names["salesperson"]], 5.0)
        self.assertEqual(ladder[names["project_manager"]], 10.0)  # then the floor
        self.assertEqual(ladder[names["department_manager"]], 10.0)
        self.assertEqual(ladder[names["vice_president"]], 12.0)  # no limit of his own
        self.assertEqual(ladder[names["general_manager"]], 100.0)
        below = self.new_order(price=9.4)
        self.assertIsNone(self.ladder(below)[names["salesperson"]])

    def test_rules_that_are_off_need_nobody(self):
        """X04, X01: what isn't controlled is free."""
        self.env["business.rule.mode"].search([]).unlink()
        form = self.simulate()
        form.further_discount = 60.0
        self.assertTrue(form.is_free)
        self.assertEqual(set(self.ladder().values()), {100.0})

    def test_only_quotations_change(self):
        """X04: a confirmed order has its own gate."""
        form = self.simulate()
        form.further_discount = 3.0
        simulation = form.save()
        self.order.action_confirm()
        with self.assert_refused("Only the prices of a quotation"):
            simulation.action_apply()

    def test_no_way_to_read_or_write_orders_of_others(self):
        """X04: not of another salesperson, nor figures by who may not know them."""
        with self.assertRaises(AccessError):
            self.simulate(user=self.colleague)
        stock = new_test_user(
            self.env, "test_stock", groups="base.group_user,stock.group_stock_user"
        )
        with self.assertRaises(AccessError):
            self.simulate(user=stock)

    def test_lines_of_the_quotation_only(self):
        """X04: another one's line is neither tried nor written."""
        other = self.new_order(price=10.0)
        values = {"order_line_id": other.order_line.id, "price_unit": 1.0}
        simulations = self.env["authority.simulation"].with_user(self.salesperson)
        with self.assert_refused("this quotation only"):
            simulations.create(
                {"order_id": self.order.id, "line_ids": [Command.create(values)]}
            )

    def test_discount_is_a_percentage(self):
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(IntegrityError),
            self.cr.savepoint(),
        ):
            self.env["authority.simulation"].create(
                {"order_id": self.order.id, "further_discount": 101}
            )

    def test_constant_queries(self):
        """X04: the ladder of 40 lines takes the queries of 4."""

        def count(lines):
            order = self.new_order(price=10.0)
            order.order_line.copy({"order_id": order.id})
            for _line in range(lines - 2):
                order.order_line[0].copy({"order_id": order.id})
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.ladder(order)
            return self.cr.sql_log_count - before

        count(2)
        few = count(4)
        # A one2many in the form is created line by line by the host: one batch each.
        self.assertLessEqual(count(40), few + 3)
