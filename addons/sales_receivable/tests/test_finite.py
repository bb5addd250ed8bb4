from odoo.exceptions import UserError
from odoo.tests import tagged

from ..authority import exceeds
from .common import AuthorityCase

NAN, INFINITE = float("nan"), float("inf")
SENTENCE = "is not an amount that can be compared"


@tagged("post_install", "-at_install")
class TestFinite(AuthorityCase):
    """What isn't a number is refused in words, and never passes a comparison (A01)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_mode("A02", "block")
        cls.rate = cls.env["performance.rate"].create({"rate": 1.0})

    def bad(self):
        return (NAN, INFINITE, -INFINITE, "nan", "inf")

    def test_configuration(self):
        """A01, A02, K03: floors, limits and rates."""
        for record, name in (
            (self.floor, "price"),
            (self.floor, "min_quantity"),
            (self.limit, "limit"),
            (self.rate, "rate"),
            (self.rate, "threshold_days"),
        ):
            for value in self.bad():
                with self.subTest(field=name, value=value):
                    with self.assertRaisesRegex(UserError, SENTENCE):
                        record.write({name: value})
                    with self.assertRaisesRegex(UserError, SENTENCE):
                        record.copy({name: value})
                    result = record.load([name], [[str(value)]])
                    self.assertFalse(result["ids"])

    def test_order_lines(self):
        """A02, A16: price, discount and quantity of a line, however they come."""
        order = self.new_order(price=9.5)
        for name in ("price_unit", "discount", "product_uom_qty"):
            for value in self.bad():
                with self.subTest(field=name, value=value):
                    with self.assertRaisesRegex(UserError, SENTENCE):
                        order.order_line.write({name: value})
                    with self.assertRaisesRegex(UserError, SENTENCE):
                        order.write(
                            {
                                "order_line": [
                                    (0, 0, {"product_id": self.bracket.id, name: value})
                                ]
                            }
                        )
                    with self.assertRaisesRegex(UserError, SENTENCE):
                        order.order_line.with_context(
                            **{f"default_{name}": value}
                        ).create({"order_id": order.id, "product_id": self.bracket.id})

    def test_words_and_empty_values_are_the_host_s(self):
        """A02: only what looks like a number and isn't one is refused here."""
        order = self.new_order(price=9.5)
        order.order_line.write({"discount": False, "name": "nan"})
        self.assertEqual((order.order_line.discount, order.order_line.name), (0, "nan"))
        with self.assertRaises(ValueError):
            order.order_line.write({"discount": "much"})

    def test_comparison(self):
        """A01: a figure that isn't a number is beyond every limit."""
        self.assertTrue(exceeds(NAN, 100.0))
        self.assertTrue(exceeds(INFINITE, 100.0))
        self.assertFalse(exceeds(100.0, 100.0))
