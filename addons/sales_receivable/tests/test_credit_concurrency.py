from odoo import SUPERUSER_ID, Command, api
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.tests import tagged
from odoo.tests.common import BaseCase, get_db_name
from psycopg2.errors import SerializationFailure


@tagged("post_install", "-at_install")
class TestCreditConcurrency(BaseCase):
    """Two orders of one customer confirmed at once, in two real transactions."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            company = env["res.company"].search([], limit=1, order="id")
            self.company_id = company.id
            today = company._get_business_date()
            rule = env.ref("sales_receivable.business_rule_r02")
            measure = "credit_limit_excess"
            if rule.mode_ids or env["authority.rule"].search(
                [("measure", "=", measure)], limit=1
            ):
                self.skipTest("the database has limits of credit of its own")
            customer = env["res.partner"].create(
                {"name": "At Once", "credit_limit": 150}
            )
            mode = env["business.rule.mode"].create(
                {
                    "rule_id": rule.id,
                    "company_id": company.id,
                    "mode": "block",
                    "date_from": today,
                }
            )
            limit = env["authority.rule"].create(
                {
                    "company_id": company.id,
                    "measure": measure,
                    "level_id": env.ref(
                        "sales_receivable.authority_level_general_manager"
                    ).id,
                    "limit": 1e6,
                    "date_from": today,
                }
            )
            product = env["product.product"].create(
                {"name": "At once", "type": "service", "taxes_id": False}
            )
            line = {"product_id": product.id, "price_unit": 100}
            orders = env["sale.order"].create(
                [
                    {
                        "partner_id": customer.id,
                        "company_id": company.id,
                        "order_line": [Command.create(line)],
                    }
                    for _ in range(2)
                ]
            )
            self.order_ids = orders.ids
            # In the order in which they can be deleted.
            self.made = [
                (record._name, record.ids)
                for record in (orders, limit, mode, product.product_tmpl_id, customer)
            ]
        self.addCleanup(self.clean_up)

    def clean_up(self):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            env["sale.order"].browse(self.order_ids)._action_cancel()
            for model, ids in self.made:
                env[model].browse(ids).unlink()

    def test_of_two_confirmed_at_once_one_waits(self):
        """R02: the later transaction fails in the database, and its retry finds the
        limit used up."""
        with self.registry.cursor() as first, self.registry.cursor() as second:
            orders = [
                api.Environment(
                    cr, SUPERUSER_ID, {"allowed_company_ids": [self.company_id]}
                )["sale.order"].browse(order_id)
                for cr, order_id in zip((first, second), self.order_ids, strict=True)
            ]
            for order in orders:
                self.assertFalse(order.authority_blocked)
            orders[0].action_confirm()
            first.commit()
            with (
                self.assertLogs("odoo.sql_db", "ERROR"),
                self.assertRaises(SerializationFailure),
            ):
                orders[1].action_confirm()
            second.rollback()
            orders[1].invalidate_recordset()
            with self.assertRaisesRegex(UserError, "R02"):
                orders[1].action_confirm()
