from odoo import SUPERUSER_ID, api
from odoo.fields import Command
from odoo.modules.registry import Registry
from odoo.tests import tagged
from odoo.tests.common import BaseCase, get_db_name
from odoo.tools import SQL
from psycopg2.errors import SerializationFailure

from ..guard import as_server


@tagged("post_install", "-at_install")
class TestFreeGoodsConcurrency(BaseCase):
    """Two deliveries at once on one slip, in two real transactions."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            partner = env["res.partner"].create({"name": "Recipient at once"})
            product = env["product.product"].create({"name": "Gift at once"})
            slip = env["free.goods.slip"].create(
                {
                    "partner_id": partner.id,
                    "line_ids": [Command.create({"product_id": product.id})],
                }
            )
            as_server(slip).state = "approved"
            customers = env.ref("stock.stock_location_customers").id
            move = env["stock.move"].create(
                {
                    "product_id": product.id,
                    "location_id": customers,
                    "location_dest_id": customers,
                }
            )
            self.ids = {
                "free_goods_slip_line": slip.line_ids.id,
                "free_goods_slip": slip.id,
                "stock_move": move.id,
                "product_product": product.id,
                "product_template": product.product_tmpl_id.id,
                "res_partner": partner.id,
            }
        self.addCleanup(self.clean_up)

    def clean_up(self):
        # What has left on a slip can't be deleted by any method, so the test cleans up
        # behind the ORM.
        with self.registry.cursor() as cr:
            cr.execute(
                "DELETE FROM free_goods_use WHERE move_id = %s",
                [self.ids["stock_move"]],
            )
            for table, record_id in self.ids.items():
                cr.execute(
                    SQL(
                        "DELETE FROM %s WHERE id = %s", SQL.identifier(table), record_id
                    )
                )

    def _use(self, cr):
        env = api.Environment(cr, SUPERUSER_ID, {})
        line = env["free.goods.slip.line"].browse(self.ids["free_goods_slip_line"])
        return line, env["stock.move"].browse(self.ids["stock_move"])

    def test_of_two_deliveries_at_once_one_passes(self):
        """A21: the later one fails in the database, and its retry finds nothing left"""
        with self.registry.cursor() as first, self.registry.cursor() as second:
            uses = [self._use(cr) for cr in (first, second)]
            for line, __ in uses:
                self.assertEqual(line.left_quantity, 1)
            line, move = uses[0]
            line._use(move, 1)
            line.env.flush_all()
            first.commit()
            line, move = uses[1]
            with (
                self.assertLogs("odoo.sql_db", "ERROR"),
                self.assertRaises(SerializationFailure),
            ):
                line._use(move, 1)
            second.rollback()
            line.invalidate_recordset()
            self.assertEqual(line.left_quantity, 0)
