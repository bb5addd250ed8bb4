from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tests import tagged
from odoo.tests.common import BaseCase, get_db_name
from psycopg2 import OperationalError


@tagged("post_install", "-at_install")
class TestContractConcurrency(BaseCase):
    """Two contracts that get their number at once, in two real transactions."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            partner = env["res.partner"].create({"name": "Race"})
            self.partner_id = partner.id
            self.ids = (
                env["sales.contract"].create([{"partner_id": partner.id}] * 2).ids
            )
        self.addCleanup(self.clean_up)

    def clean_up(self):
        # A number is for good, so the test cleans up behind the ORM.
        with self.registry.cursor() as cr:
            cr.execute("DELETE FROM sales_contract WHERE id = ANY(%s)", [self.ids])
            cr.execute(
                """DELETE FROM mail_message WHERE model = 'sales.contract'
                      AND res_id = ANY(%s)""",
                [self.ids],
            )
            cr.execute("DELETE FROM res_partner WHERE id = %s", [self.partner_id])

    def test_of_two_numbers_at_once_each_is_drawn_once(self):
        """A09: the later transaction fails in the database; its retry draws the next
        number, without a gap."""
        with self.registry.cursor() as first, self.registry.cursor() as second:
            contracts = [
                api.Environment(cr, SUPERUSER_ID, {})["sales.contract"].browse(id_)
                for cr, id_ in zip((first, second), self.ids, strict=True)
            ]
            self.assertFalse(contracts[1].number)  # the snapshot is taken
            contracts[0]._draw_number()
            with (
                self.assertLogs("odoo.sql_db", "ERROR"),
                self.assertRaises(OperationalError),
            ):
                contracts[1]._draw_number()
            second.rollback()
            first.commit()
            contracts[1]._draw_number()
            numbers = [int(contract.number[-4:]) for contract in contracts]
            self.assertEqual(numbers[1], numbers[0] + 1)
            second.rollback()
            contracts[0].env.cr.rollback()
