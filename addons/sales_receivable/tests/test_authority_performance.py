from odoo import SUPERUSER_ID, api
from odoo.fields import Command
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged
from psycopg2.errors import SerializationFailure

from ..authority import ENGINE, ENGINE_KEY
from .common import AuthorityCase


class TestQueryCounts(AuthorityCase):
    """Set-based: the number of queries doesn't grow with lines or documents."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_mode("A02", "block")
        cls.set_mode("A03", "block")
        cls.new_limit("discount_percent", "project_manager", 50.0)
        cls.new_limit("order_amount", "project_manager", 5.0)
        cls.products = cls.env["product.product"].create(
            [
                {"name": f"Bracket {i}", "list_price": 10.0, "taxes_id": False}
                for i in range(100)
            ]
        )
        cls.env["product.price.floor"].create(
            [
                {
                    "product_tmpl_id": product.product_tmpl_id.id,
                    "price": 9.0,
                    "date_from": "2020-01-01",
                }
                for product in cls.products
            ]
        )

    def order(self, lines):
        order = self.new_order()
        order.order_line = [Command.clear()] + [
            Command.create({"product_id": product.id, "price_unit": 8.0})
            for product in self.products[:lines]
        ]
        return order

    def count(self, records, method):
        records.env.flush_all()
        records.env.invalidate_all()
        before = records.env.cr.sql_log_count
        result = getattr(records, method)()
        return records.env.cr.sql_log_count - before, result

    def test_needs_of_many_lines(self):
        """A01 A02: 100 lines cost as many queries as 10."""
        small, large = self.order(10), self.order(100)
        self.count(small, "_get_authority_needs")
        few, needs = self.count(small, "_get_authority_needs")
        self.assertEqual(len(needs[small.id][0]["facts"]), 10)
        many, needs = self.count(large, "_get_authority_needs")
        self.assertEqual(len(needs[large.id][0]["facts"]), 100)
        self.assertLessEqual(many, few)

    def test_needs_of_many_orders(self):
        """A01: 20 documents cost as many queries as 2."""
        orders = self.env["sale.order"].union(*(self.order(2) for __ in range(20)))
        self.count(orders[:2], "_get_authority_needs")
        few, __ = self.count(orders[:2], "_get_authority_needs")
        many, needs = self.count(orders, "_get_authority_needs")
        self.assertTrue(all(needs.values()))
        self.assertLessEqual(many, few)

    def test_inbox(self):
        """A01: the inbox opens with the same queries whatever waits in it."""
        self.ask(self.order(1))
        few = self.open_inbox(1)
        for __ in range(20):
            self.ask(self.order(1))
        self.assertLessEqual(self.open_inbox(21), few)

    def open_inbox(self, expected):
        inbox = self.env["authority.request"].with_user(self.vice_president)
        specification = {
            name: {"fields": {"display_name": {}}}
            if inbox._fields[name].relational
            else {}
            for name in (
                "create_date",
                "res_name",
                "document_model",
                "requester_id",
                "sentence",
                "level_id",
                "approver_id",
                "state",
                "may_decide",
            )
        }
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        result = inbox.web_search_read([("waits_for_me", "=", True)], specification)
        self.assertEqual(result["length"], expected)
        return self.env.cr.sql_log_count - before

    def test_access_rule_costs_no_query(self):
        """A01: the right to read what waits for oneself is one condition more."""
        Order = self.env["sale.order"].with_user(self.salesperson)
        Order.search([], limit=1)
        self.env.invalidate_all()
        with self.assertQueryCount(1):
            Order.search([], limit=1)


@tagged("post_install", "-at_install")
class TestConcurrency(BaseCase):
    """Two people at once, in two real transactions."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        self.addCleanup(self.clean_up)
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {ENGINE_KEY: ENGINE})
            self.admin_id = env.ref("base.user_admin").id
            self.request_id = (
                env["authority.request"]
                .create(
                    {
                        "res_model": "sale.order",
                        "res_id": 2**31 - 1,
                        "res_name": "Two at once",
                        "company_id": env.ref("base.main_company").id,
                        "requester_id": SUPERUSER_ID,
                        "asked_by_id": SUPERUSER_ID,
                        "level_id": env["authority.level"].search([], limit=1).id,
                        "approver_id": self.admin_id,
                        "facts": [],
                    }
                )
                .id
            )

    def clean_up(self):
        # The log can't be deleted by any method, so the test cleans up behind the ORM.
        with self.registry.cursor() as cr:
            for table, column in (
                ("authority_step", "request_id"),
                ("authority_request", "id"),
            ):
                cr.execute(
                    f"DELETE FROM {table} WHERE {column} = %s",  # noqa: S608
                    [self.request_id],
                )

    def test_two_decisions_at_once(self):
        """A17: one passes, the other is rolled back by the database and retried."""
        with self.registry.cursor() as first, self.registry.cursor() as second:
            requests = [
                api.Environment(cr, self.admin_id, {})["authority.request"].browse(
                    self.request_id
                )
                for cr in (first, second)
            ]
            for request in requests:
                self.assertEqual(request.state, "waiting")
            requests[0].action_approve()
            first.commit()
            with (
                self.assertLogs("odoo.sql_db", "ERROR"),
                self.assertRaises(SerializationFailure),
            ):
                requests[1].action_refuse("Too late")
            second.rollback()
            self.assertEqual(requests[1].state, "approved")
            self.assertEqual(requests[1].sudo().step_ids.mapped("kind"), ["approved"])
