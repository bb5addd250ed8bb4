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
        self.addCleanup(self.clean_up)
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            company = env["res.company"].create({"name": "Credit at once"})
            env = env(context={"allowed_company_ids": company.ids})
            self.company_id = company.id
            customer = env["res.partner"].create(
                {"name": "At Once", "credit_limit": 150}
            )
            self.customer_id = customer.id
            env["business.rule.mode"].create(
                {
                    "rule_id": env.ref("sales_receivable.business_rule_r02").id,
                    "company_id": company.id,
                    "mode": "block",
                    "date_from": "2020-01-01",
                }
            )
            level = env["authority.level"].search([], order="sequence desc", limit=1)
            env["authority.rule"].create(
                {
                    "company_id": company.id,
                    "measure": "credit_limit_excess",
                    "level_id": level.id,
                    "limit": 1e6,
                    "date_from": "2020-01-01",
                }
            )
            product = env["product.product"].create(
                {"name": "At once", "type": "service", "taxes_id": False}
            )
            self.product_id = product.id
            self.order_ids = (
                env["sale.order"]
                .create(
                    [
                        {
                            "partner_id": customer.id,
                            "company_id": company.id,
                            "order_line": [
                                Command.create(
                                    {"product_id": product.id, "price_unit": 100}
                                )
                            ],
                        }
                        for _ in range(2)
                    ]
                )
                .ids
            )

    def clean_up(self):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            orders = env["sale.order"].browse(self.order_ids)
            orders._action_cancel()
            orders.unlink()
            company = env["res.company"].browse(self.company_id)
            env["authority.rule"].search(
                [("company_id", "=", company.id)]
            ).active = False
            env["business.rule.mode"].search([("company_id", "=", company.id)]).unlink()
            env["product.product"].browse(self.product_id).product_tmpl_id.unlink()
            env["res.partner"].browse(self.customer_id).unlink()
            company.active = False

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
