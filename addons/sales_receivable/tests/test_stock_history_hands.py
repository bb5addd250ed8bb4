from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from .common_stock_age import StockHistoryCommon

DAY = "2026-11-01"


@tagged("post_install", "-at_install")
class TestStockHistoryHands(StockHistoryCommon):
    """Nobody takes old stock out of the deduction by hand (K03)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.elsewhere = cls.env["res.company"].create({"name": "No Deductions Ltd"})
        cls.buyer.group_ids += cls.env.ref("stock.group_stock_user")
        cls.both = new_test_user(
            cls.env,
            login="age_both",
            groups="base.group_user,stock.group_stock_manager",
            company_id=cls.company.id,
            company_ids=[Command.set((cls.company | cls.elsewhere).ids)],
        )
        cls.quant = cls.env["stock.quant"].search(
            [("product_id", "=", cls.product.id), ("location_id", "=", cls.stock.id)]
        )
        cls.expected = cls._layers(DAY)

    def _refused(self, user, record, method, *args):
        with (
            self.subTest(user=user.login, method=method, args=args),
            self.assertRaisesRegex(UserError, "K03"),
            self.env.cr.savepoint(),
        ):
            self.rpc(user, record, method, *args)
        self.env.invalidate_all()
        self.assertEqual(self._layers(DAY), self.expected)

    def test_company_of_a_finished_movement(self):
        """K03: it doesn't leave for a company without a rate, where no guard looks."""
        self._rate(1)
        for user in (self.worker, self.buyer, self.both):
            self._refused(
                user, self.receipt, "write", {"company_id": self.elsewhere.id}
            )

    def test_company_that_a_movement_comes_to(self):
        """K03: nor does a receipt of another company come in."""
        self._rate(1)
        self.receipt.company_id = self.elsewhere  # as the superuser
        self.expected = self._layers(DAY)
        self._refused(self.both, self.receipt, "write", {"company_id": self.company.id})

    def test_movement_at_places_of_another_company(self):
        """K03: a receipt into this company isn't booked as one of another."""
        self._rate(1)
        order = self.receipt.purchase_line_id.order_id.copy()
        order.button_confirm()
        picking = order.picking_ids
        picking.move_ids.write({"quantity": 10, "picked": True})
        picking.move_ids.company_id = self.elsewhere
        self._refused(self.both, picking.move_ids.picking_id, "button_validate")

    def test_details_of_a_finished_movement(self):
        """K03: neither the quantity that is really counted, company, mark nor state."""
        self._rate(1)
        for values in (
            {"quantity_product_uom": 0.001},
            {"company_id": self.elsewhere.id},
            {"picked": False},
            {"state": "draft"},
        ):
            for user in (self.worker, self.buyer):
                self._refused(user, self.receipt.move_line_ids, "write", values)

    def test_stock_on_hand(self):
        """K03: no row of the stock is written by hand, with inventory mode or not."""
        self._rate(1)
        other = self._new_product("Other")
        lot = self.env["stock.lot"].create({"product_id": self.product.id})
        for values in (
            {"owner_id": self.vendor.id},
            {"quantity": 1.0},
            {"company_id": self.elsewhere.id},
            {"product_id": other.id},
            {"location_id": self.customers.id},
            {"lot_id": lot.id},
            {"in_date": "2026-10-01 12:00:00"},
        ):
            for user in (self.worker, self.buyer, self.warehouse_head):
                self._refused(user, self.quant, "write", values)
        for name in ("quantity", "company_id", "in_date"):
            value = {"quantity": 1.0, "in_date": "2026-10-01 12:00:00"}.get(
                name, self.elsewhere.id
            )
            with self.assertRaisesRegex(UserError, "K03"):
                self.quant.with_user(self.worker).with_context(
                    inventory_mode=True
                ).write({name: value})

    def test_stock_is_not_brought_in_by_hand(self):
        """K03: a row of stock that no movement brought would hide receipts."""
        self._rate(1)
        values = {"product_id": self.product.id, "location_id": self.stock.id}
        Quant = self.env["stock.quant"]
        for extra in (
            {"quantity": -10.0},
            {"quantity": 10.0},
            {"company_id": self.elsewhere.id},
        ):
            self._refused(self.worker, Quant, "create", [values | extra])
            defaults = {f"default_{name}": value for name, value in extra.items()}
            for mode in (False, True):
                model = Quant.with_user(self.worker).with_context(
                    inventory_mode=mode, **defaults
                )
                with (
                    self.subTest(defaults=defaults, mode=mode),
                    self.assertRaisesRegex(UserError, "K03"),
                ):
                    model.create([values | {"inventory_quantity": 10.0}])
        # From a place of nobody into a place of the company.
        outside = self.env["stock.quant"].search(
            [
                ("product_id", "=", self.product.id),
                ("location_id", "=", self.vendors.id),
            ]
        )
        self._refused(self.worker, outside, "write", {"location_id": self.stock.id})

    def test_finished_by_default(self):
        """K03: a state from a context's default makes no receipt, either."""
        self._rate(1)
        values = {
            "product_id": self.product.id,
            "location_id": self.vendors.id,
            "location_dest_id": self.stock.id,
            "company_id": self.company.id,
            "product_uom_qty": 5,
        }
        move = self.env["stock.move"].with_user(self.worker)
        with self.assertRaisesRegex(UserError, "K03"), self.env.cr.savepoint():
            move.with_context(default_state="done").create(values)

    def test_place_that_goods_came_through(self):
        """K03: the vendors' place as a loss would make receipts none."""
        self._rate(1)
        for usage in ("inventory", "customer"):
            self._refused(self.warehouse_head, self.vendors, "write", {"usage": usage})

    def test_kind_of_a_product(self):
        """K03: not to store it while receipts come, nor to forget its lots."""
        self.buyer.group_ids += self.env.ref("product.group_product_manager")
        lots = self._new_product("By Lots", tracking="lot")
        lot = self.env["stock.lot"].create({"product_id": lots.id})
        self._receive(5, "2025-02-01", product_id=lots.id, lot_id=lot.id)
        self._forget_the_transaction()
        self._rate(1)
        dozen = self.env.ref("uom.product_uom_dozen")
        for values in (
            {"is_storable": False},
            {"type": "service"},
            {"uom_id": dozen.id},
        ):
            for record in (self.product, self.product.product_tmpl_id):
                self._refused(self.buyer, record, "write", values)
        self._refused(self.buyer, lots.product_tmpl_id, "write", {"tracking": "none"})

    def test_price_of_what_has_come(self):
        """K03: the buyer doesn't make old stock worthless by the order."""
        self._rate(1)
        line = self.receipt.purchase_line_id
        other = line.order_id.copy()
        for values in (
            {"price_unit": 0.01},
            {"discount": 99},
            {"order_id": other.id},
            {"product_id": self._new_product("Other").id},
            {"product_uom_id": self.env.ref("uom.product_uom_dozen").id},
        ):
            self._refused(self.buyer, line, "write", values)
            commands = {"order_line": [(1, line.id, values)]}
            self._refused(self.buyer, line.order_id, "write", commands)
        usd = self.env.ref("base.USD")
        eur = self.env.ref("base.EUR")
        (usd | eur).active = True
        currency = usd if line.currency_id != usd else eur
        self._refused(self.buyer, line.order_id, "write", {"currency_id": currency.id})
        self.assertEqual(self.receipt.value, 150)

    def test_price_list_of_today(self):
        """K03: another quantity doesn't bring a price for what has come already."""
        order = self.receipt.purchase_line_id.order_id
        line = order.order_line
        line.technical_price_unit = line.price_unit  # as if taken from a list
        self.env["product.supplierinfo"].create(
            {
                "partner_id": order.partner_id.id,
                "product_tmpl_id": self.product.product_tmpl_id.id,
                "price": 0.01,
            }
        )
        self._rate(1)
        self.rpc(self.buyer, line, "write", {"product_qty": 12})
        self.assertEqual((line.product_qty, line.price_unit), (12, 15))
        self.assertEqual(self.receipt.value, 150)

    def test_order_of_what_has_come_is_not_deleted(self):
        """K03: where the goods came from stays known."""
        self._rate(1)
        order = self.receipt.purchase_line_id.order_id
        order.state = "cancel"
        self._refused(self.buyer, order, "unlink")

    def test_user_and_vendor_of_the_order(self):
        """K03: after the receipt neither moves the age to somebody else."""
        self._rate(1)
        order = self.receipt.purchase_line_id.order_id
        vendor = self.vendor.copy({"buyer_id": self.other_buyer.id})
        for values in ({"user_id": self.other_buyer.id}, {"partner_id": vendor.id}):
            self.rpc(self.buyer, order, "write", values)
        self.assertEqual(self._buyers(DAY), [self.buyer.id])
        self.assertEqual(self._layers(DAY), self.expected)
        self.assertEqual(self.receipt.value, 150)

    def test_cost_of_the_product(self):
        """K03: today's cost changes neither age nor value of what was bought."""
        self._rate(1)
        self.product.standard_price = 0.01
        self.assertEqual(self._layers(DAY), self.expected)
        self.assertEqual(self.receipt.value, 150)

    def test_value_by_hand_is_accountings(self):
        """K03: the warehouse doesn't value old receipts, accounting does."""
        self._rate(1)
        values = {"move_id": self.receipt.id, "value": 1.0}
        Value = self.env["product.value"]
        self._refused(self.warehouse_head, Value, "create", [values])
        self._refused(self.warehouse_head, self.receipt, "write", {"value_manual": 1})
        kept = Value.create(values | {"value": 140})
        self._refused(self.warehouse_head, kept, "write", {"value": 1.0})
        self._refused(self.warehouse_head, kept, "unlink")
        self.warehouse_head.group_ids += self.env.ref("account.group_account_user")
        self.rpc(self.warehouse_head, Value, "create", [values | {"value": 130}])
        self.assertEqual(self.receipt.value, 130)

    def test_nothing_is_refused_before_deducting(self):
        """K03: without a rate all of it is the host's business."""
        line = self.receipt.purchase_line_id
        self.rpc(self.buyer, line, "write", {"price_unit": 12})
        self.assertEqual(self.receipt.value, 120)
        self.rpc(self.worker, self.quant, "write", {"owner_id": self.vendor.id})
        self.assertEqual(self.quant.owner_id, self.vendor)
        self.rpc(self.worker, self.quant, "write", {"quantity": 3})
        self.assertEqual(self.quant.quantity, 3)
        details = self.receipt.move_line_ids
        self.rpc(self.worker, details, "write", {"quantity_product_uom": 4})
        self.assertEqual(details.quantity_product_uom, 4)
        value = {"move_id": self.receipt.id, "value": 90.0}
        self.rpc(self.warehouse_head, self.env["product.value"], "create", [value])
        self.assertEqual(self.receipt.value, 90)
        template = self.product.product_tmpl_id
        template.is_storable = False
        self.assertFalse(template.is_storable)
        self.rpc(self.both, self.receipt, "write", {"company_id": self.elsewhere.id})
        self.assertEqual(self.receipt.company_id, self.elsewhere)
