from odoo.exceptions import UserError
from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestNumbering(TransactionCase):
    """Numbers of visits and complaints, drawn for a whole batch."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sequence = cls.env["ir.sequence"].create(
            {
                "name": "Test",
                "code": "sales.visit.test",
                "prefix": "T/%(year)s/",
                "padding": 4,
                "company_id": False,
            }
        )
        cls.year = str(cls.env.cr.now().year)

    def _draw(self, count):
        return self.env["ir.sequence"]._draw_numbers("sales.visit.test", count)

    def test_continues_what_the_host_draws(self):
        """The same numbers, in order, as one by one."""
        number = f"T/{self.year}/%04d"
        self.assertEqual(self._draw(2), [number % 1, number % 2])
        self.assertEqual(self.sequence.next_by_id(), number % 3)
        self.assertEqual(self._draw(1), [number % 4])
        self.sequence.number_increment = 5
        first, second = (int(drawn[-4:]) for drawn in self._draw(2))
        self.assertEqual(second - first, 5)

    def test_one_query_whatever_the_count(self):
        self._draw(1)
        with self.assertQueryCount(2):
            self.assertEqual(len(self._draw(100)), 100)

    def test_gapless_and_yearly_sequences(self):
        """What an administrator makes of the sequence keeps working."""
        self.sequence.implementation = "no_gap"
        self.assertEqual([number[-4:] for number in self._draw(2)], ["0001", "0002"])
        self.sequence.use_date_range = True
        self.assertEqual([number[-4:] for number in self._draw(2)], ["0001", "0002"])
        self.assertEqual(len(self.sequence.date_range_ids), 1)

    def test_own_sequence_of_a_company_comes_first(self):
        self.sequence.copy({"company_id": self.env.company.id, "prefix": "OWN"})
        self.assertEqual(self._draw(1), ["OWN0001"])

    def test_says_when_there_is_none(self):
        """Nothing goes without its number."""
        self.sequence.active = False
        with self.assertRaisesRegex(UserError, "sales.visit.test"):
            self._draw(1)
