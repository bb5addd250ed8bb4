from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tests import tagged
from odoo.tests.common import BaseCase, get_db_name
from psycopg2 import OperationalError


@tagged("post_install", "-at_install")
class TestSlipConcurrency(BaseCase):
    """Two slips that get their number at once, in two real transactions."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        self.addCleanup(self.clean_up)
        self.clean_up()

    def clean_up(self):
        # A number is for good, so the test cleans up behind the ORM.
        with self.registry.cursor() as cr:
            cr.execute(
                "DELETE FROM ir_sequence WHERE company_id IS NOT NULL AND code = %s",
                ["delivery.slip"],
            )

    def test_of_two_first_numbers_at_once_each_is_drawn_once(self):
        """A13: two first slips of a company at once make one sequence; the later
        transaction fails in the database, its retry draws the next number, no gap"""
        with self.registry.cursor() as first, self.registry.cursor() as second:
            draws = []
            for cr in (first, second):
                env = api.Environment(cr, SUPERUSER_ID, {})
                company = env.ref("base.main_company")
                self.assertTrue(company.name)  # the snapshot is taken
                draws.append(
                    lambda env=env, company=company: env[
                        "ir.sequence"
                    ]._draw_of_company("delivery.slip", company)
                )
            numbers = [draws[0]()]
            first.commit()
            with (
                self.assertLogs("odoo.sql_db", "ERROR"),
                self.assertRaises(OperationalError),
            ):
                draws[1]()
            second.rollback()
            numbers.append(draws[1]())
            second.commit()
            numbers.append(draws[0]())
            first.rollback()
        self.assertEqual([int(number[-5:]) for number in numbers], [1, 2, 3])
