from datetime import timedelta

from odoo import Command
from odoo.tests import tagged

from ..models.stock_move_history import FINISHED_NOW
from .common_goods import GoodsCase


@tagged("post_install", "-at_install")
class TestLoanGoods(GoodsCase):
    """Lent goods stay where the loan put them, as it says (A20)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        due = cls.company._get_business_date() + timedelta(days=9)
        loan = cls.new_slip("product.loan", 2, date_due=due)
        loan.action_submit()
        cls.loan = loan.with_user(cls.clerk)
        cls.loan.action_lend()
        # What follows comes later than the loan, in a transaction of its own.
        cls.env.cr.precommit.data.pop(FINISHED_NOW)
        cls.place = cls.company.loan_location_id
        cls.move = cls.loan.line_ids.move_ids
        cls.manager = cls.new_user("keeper", groups="stock.group_stock_manager")
        cls.quant = (
            cls.env["stock.quant"]
            .with_user(cls.manager)
            .search([("location_id", "=", cls.place.id)])
        )

    def attempts(self):
        other = self.new_product("Valve", 1.0, type="consu", is_storable=True)
        ordinary = self.transfer(self.stock, self.customers)
        ordinary.move_ids._action_done()
        moves = {
            "state": "cancel",
            "date": "2020-01-01",
            "product_id": other.id,
            "quantity": 1,
            "location_dest_id": self.stock.id,
            "location_id": self.customers.id,
            "picking_id": ordinary.id,
        }
        details = {
            "location_dest_id": self.stock.id,
            "quantity": 1,
            "date": "2020-01-01",
            "owner_id": self.customer.id,
            "product_id": other.id,
            "move_id": ordinary.move_ids.id,
        }
        held = {"location_id": self.stock.id, "quantity": 0, "owner_id": 1}
        lines = self.move.move_line_ids
        keep = self.move.with_user(self.manager)
        return {
            **{
                f"move {k}": lambda k=k, v=v: keep.write({k: v})
                for k, v in moves.items()
            },
            **{
                f"detail {k}": lambda k=k, v=v: lines.write({k: v})
                for k, v in details.items()
            },
            **{
                f"quant {k}": lambda k=k, v=v: self.quant.write({k: v})
                for k, v in held.items()
            },
            "new quant": lambda: self.quant.create(
                {
                    "location_id": self.place.id,
                    "product_id": self.pump.id,
                    "quantity": 9,
                }
            ),
            "transfer": lambda: ordinary.write(
                {"move_ids": [Command.link(self.move.id)]}
            ),
            "place": lambda: self.place.with_user(self.manager).write(
                {"location_id": self.stock.id}
            ),
            "archive": lambda: self.place.with_user(self.manager).write(
                {"active": False}
            ),
            "company": lambda: self.company.write({"loan_location_id": self.stock.id}),
        }

    def test_lent_goods_are_not_rewritten(self):
        """A20: neither what the loan has moved nor what lies there, whoever tries"""
        self.check_attempts("block")

    def test_lent_goods_are_not_rewritten_on_warning(self):
        """A20: the loan's own movements and goods are the loan's there, too"""
        self.check_attempts("warn")

    def check_attempts(self, mode):
        self.set_mode("A20", mode)
        for name, attempt in self.attempts().items():
            with self.subTest(name), self.assert_refused(r"\(A20\)"):
                attempt()
        self.assertEqual(self.count(place=self.place), 2)
        self.loan.action_return_all()
        self.assertEqual(self.loan.state, "closed")

    def test_nothing_finished_is_said_to_be_lent(self):
        """A20: another finished movement doesn't become one of the place for loans"""
        self.set_mode("A20", "block")
        done = self.transfer(self.stock, self.customers)
        done.move_ids._action_done()
        place = {"location_dest_id": self.place.id}
        for record in (done, done.move_ids, done.move_line_ids):
            with self.subTest(record._name), self.assert_refused(r"\(A20\)"):
                record.write(place)

    def test_as_ever_while_the_rule_is_off(self):
        """A20: movements, stock on hand and the place are the host's"""
        self.move.write({"date": "2020-01-01"})
        self.quant.write({"location_id": self.stock.id})
        self.assertEqual(self.count(), 10)
        self.place.write({"location_id": self.stock.id})
        self.company.loan_location_id = False
