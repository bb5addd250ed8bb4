from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .common import AuthorityCase

BUYER = "purchase.group_purchase_manager,stock.group_stock_user"


@tagged("post_install", "-at_install")
class TestProcurement(AuthorityCase):
    """Procurement and production for customers' orders (A06)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.buyer = cls.new_user("buyer", groups=BUYER)
        cls.vendor = cls.env["res.partner"].create({"name": "Vendor"})
        cls.goods = cls.new_product("Steel", 10.0, type="consu", is_storable=True)
        for measure, document, levels in (
            (
                "procurement_amount",
                "purchase.order",
                {"salesperson": 1000, "project_manager": 5000},
            ),
            (
                "procurement_for_order",
                "purchase.order",
                {"salesperson": 0, "project_manager": 1},
            ),
            (
                "production_notice",
                "production.notice",
                {"salesperson": 0, "vice_president": 1},
            ),
        ):
            for level, limit in levels.items():
                cls.new_limit(measure, level, limit, document=document)
        cls.order = cls.new_order()
        cls.company.contract_amount_from = 10**9

    def purchase(self, quantity=10, price=10.0, user=None, **values):
        return (
            self.env["purchase.order"]
            .with_user(user or self.buyer)
            .create(
                {
                    "partner_id": self.vendor.id,
                    "order_line": [
                        Command.create(
                            {
                                "product_id": self.goods.id,
                                "product_qty": quantity,
                                "price_unit": price,
                                "tax_ids": False,
                            }
                        )
                    ],
                    **values,
                }
            )
        )

    def test_purchases_as_ever_while_the_rule_is_off(self):
        """A06: and spared where they are older than the rule"""
        purchase = self.purchase(10**6, customer_order_ids=self.order.ids)
        tomorrow = self.company._get_business_date() + timedelta(days=1)
        self.set_mode("A06", "block", tomorrow)
        self.assertFalse(purchase.authority_blocked)
        purchase.button_confirm()
        self.assertEqual(purchase.state, "purchase")

    def test_no_line_joins_a_signed_purchase_by_default(self):
        """A06: neither by a default of the context, nor by one's own"""
        self.set_mode("A06", "block")
        purchase = self.purchase()
        purchase.button_confirm()
        line = {
            "product_id": self.goods.id,
            "name": self.goods.name,
            "product_uom_id": self.goods.uom_id.id,
            "product_qty": 10**4,
            "price_unit": 10.0,
            "tax_ids": False,
        }
        Line = self.env["purchase.order.line"].with_user(self.buyer)
        with self.assert_refused("A06"):
            Line.with_context(default_order_id=purchase.id).create(line)
        self.env["ir.default"].with_user(self.buyer).set(
            "purchase.order.line", "order_id", purchase.id, user_id=True
        )
        with self.assert_refused("A06"):
            Line.create(line)

    def test_amount_and_order_need_their_level(self):
        """A06: asked of the project manager; by no way round"""
        self.set_mode("A06", "block")
        self.purchase(100).button_confirm()
        large = self.purchase(101)
        own = self.purchase(1, customer_order_ids=self.order.ids)
        large.action_rfq_send()  # a request for quotation is free
        for purchase, sentence in (
            (large, "procurement of 1,010.00"),
            (own, f"procurement for {self.order.name} of"),
        ):
            for attempt in (
                purchase.button_confirm,
                purchase.button_approve,
                lambda p=purchase: p.button_approve(force=True),
                lambda p=purchase: p.write({"state": "purchase"}),
                lambda p=purchase: p.with_context(
                    validate_analytic=True, authority_engine=1
                ).button_confirm(),
                lambda p=purchase: p.copy().button_confirm(),
            ):
                with self.assert_refused(f"A06 .*{sentence}.*project manager"):
                    attempt()
        with self.assert_refused("A06 "):
            self.purchase(1, customer_order_ids=self.order.ids, state="purchase")
        with self.assert_refused("A06 "):
            self.env["purchase.order"].with_user(self.buyer).with_context(
                default_state="purchase"
            ).create(
                {
                    "partner_id": self.vendor.id,
                    "customer_order_ids": self.order.ids,
                }
            )
        request = self.approve(own, self.project_manager)
        self.assertEqual(request.approver_id, self.project_manager)
        own.button_confirm()
        self.assertEqual(own.state, "purchase")

    def test_confirmed_purchases_get_no_larger(self):
        """A06: nor for another order, nor for more than was signed"""
        self.set_mode("A06", "block")
        purchase = self.purchase(100)
        purchase.button_confirm()
        line = purchase.order_line
        for attempt in (
            lambda: line.write({"product_qty": 101}),
            lambda: line.write({"price_unit": 11}),
            lambda: purchase.write(
                {"order_line": [Command.update(line.id, {"product_qty": 101})]}
            ),
            lambda: line.copy({"order_id": purchase.id, "product_qty": 10}),
            lambda: purchase.write({"customer_order_ids": self.order.ids}),
        ):
            with self.assert_refused("already confirmed.*A06"):
                attempt()
        line.product_qty = 90

    def test_contract_comes_first(self):
        """A06: where the order needs one, whoever signs"""
        self.company.contract_amount_from = 0
        self.set_mode("A06", "block")
        purchase = self.purchase(1, user=self.buyer)
        purchase.customer_order_ids = self.order
        self.approve(purchase, self.project_manager)
        with self.assert_refused("A06 .*no contract"):
            purchase.button_confirm()
        merged = self.purchase(1) | purchase
        merged.action_merge()
        kept = merged.filtered(lambda p: p.state != "cancel")
        self.assertEqual(len(kept), 1)
        self.assertEqual(kept.customer_order_ids, self.order)
        with self.assert_refused("A06 .*no contract"):
            kept.button_confirm()
        self.order.action_create_contract()
        self.order.contract_id.sudo()._write({"state": "valid"})
        self.order.contract_id.invalidate_recordset()
        kept.action_authority_request()
        kept.sudo().authority_request_ids.filtered(
            lambda request: request.state == "waiting"
        ).with_user(self.project_manager).action_approve()
        kept.button_confirm()

    def test_orders_behind_a_drafted_purchase(self):
        """A06: what the host drafts for an order is known to be for it, and drafted"""
        mto = self.env.ref("stock.route_warehouse0_mto")
        mto.active = True
        buy = self.env["stock.rule"].search([("action", "=", "buy")], limit=1).route_id
        self.goods.write(
            {
                "route_ids": [Command.set((mto | buy).ids)],
                "seller_ids": [Command.create({"partner_id": self.vendor.id})],
            }
        )
        self.set_mode("A06", "block")
        order = self.new_order(product=self.goods, price=10.0)
        order.action_confirm()
        line = self.env["purchase.order.line"].search(
            [("product_id", "=", self.goods.id)]
        )
        self.assertEqual([*line.order_id._find_customer_orders().values()], [order])
        with self.assert_refused(f"procurement for {order.name}"):
            line.order_id.with_user(self.buyer).button_confirm()

    def test_source_document_names_an_order(self):
        """A06: by who can't read orders, too"""
        self.set_mode("A06", "block")
        buyer = self.new_user("pure_buyer", groups="purchase.group_purchase_user")
        purchase = self.purchase(1, user=buyer, origin=f"Mail, {self.order.name}")
        with self.assertRaises(AccessError):
            purchase.read(["customer_order_ids"])
        with self.assert_refused(f"procurement for {self.order.name}"):
            purchase.button_confirm()
        self.approve(purchase, self.project_manager)
        purchase.button_confirm()

    def test_what_it_is_for_goes_with_the_lines(self):
        """A06: neither lines taken to another purchase nor another number of the order
        lose what is bought for it; purchases that nobody named it on are free, and those
        merged are for the orders of all"""
        self.set_mode("A06", "block")
        named = self.purchase(origin=self.order.name)
        other = self.purchase()
        order = self.order.with_user(self.salesperson)
        for attempt in (
            lambda: named.order_line.write({"order_id": other.id}),
            lambda: other.write({"order_line": [Command.link(named.order_line.id)]}),
            lambda: order.write({"name": f"ZZ{order.name}"}),
        ):
            with self.assert_refused("only who may sign it"):
                attempt()
        self.assertEqual(named.order_line.order_id, named)
        unnamed = self.new_order(user=self.salesperson)
        unnamed.with_user(self.salesperson).name = "Renamed"
        free = self.purchase()
        free.order_line.order_id = other
        merged = named | other
        merged.action_merge()
        left = merged.filtered(lambda purchase: purchase.state != "cancel")
        self.assertEqual(left._find_customer_orders()[left], self.order)

    def test_production_notice_is_signed(self):
        """A06: by the vice president; what is signed stays"""
        self.set_mode("A06", "block")
        self.company.contract_amount_from = 0
        Notice = self.env["production.notice"].with_user(self.salesperson)
        vals = {
            "order_id": self.order.id,
            "line_ids": [
                Command.create({"product_id": self.goods.id, "quantity": 5}),
            ],
        }
        with self.assert_refused("Which goods"):
            Notice.create({"order_id": self.order.id}).action_submit()
        for forged in ({"state": "approved"}, {"name": "SC1"}):
            with self.assertRaises(AccessError):
                Notice.create(vals | forged)
        self.assertEqual(
            Notice.with_context(default_state="approved").create(vals).state, "draft"
        )
        notice = Notice.create(vals)
        notice.action_submit()
        request = notice.sudo().authority_request_ids
        self.assertEqual(request.approver_id, self.vice_president)
        request.with_user(self.vice_president).action_approve()
        self.assertEqual(notice.state, "submitted", "the contract is missing")
        self.assertEqual(notice.authority_state, "held")
        self.company.contract_amount_from = 10**9
        notice.action_submit()
        self.assertEqual(notice.state, "approved")
        for attempt in (
            lambda: notice.write({"order_id": False}),
            lambda: notice.line_ids.write({"quantity": 6}),
            notice.line_ids.unlink,
            notice.line_ids.copy,
            lambda: notice.write(
                {"line_ids": [Command.create({"product_id": self.goods.id})]}
            ),
        ):
            with self.assert_refused("no longer a draft"):
                attempt()
        with self.assert_refused("stays on record"):
            notice.unlink()
        with self.assertRaises(AccessError):
            notice.write({"state": "draft"})
        notice.action_reopen()
        notice.line_ids.quantity = 6
        notice.action_submit()
        self.assertEqual(notice.state, "submitted", "something else is asked anew")
        copy = notice.copy()
        self.assertEqual((copy.state, copy.name), ("draft", False))

    def test_queries_do_not_grow(self):
        """A06: one calculation for all purchases"""
        self.set_mode("A06", "block")
        purchases = self.env["purchase.order"].union(
            *(self.purchase(customer_order_ids=self.order.ids) for __ in range(5))
        )

        def count(records):
            self.env.invalidate_all()
            records = records.sudo()
            records.mapped("order_line.product_id.name")
            records.mapped("order_line.tax_ids.name")
            before = self.env.cr.sql_log_count
            records._get_authority_facts()
            records._get_own_reasons()
            return self.env.cr.sql_log_count - before

        count(purchases)
        self.assertEqual(count(purchases[:1]), count(purchases))
