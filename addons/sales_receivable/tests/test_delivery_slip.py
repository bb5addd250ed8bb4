import base64
from datetime import datetime

from freezegun import freeze_time
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from .common_dispatch import DispatchCase

COPY = {"copy_file": base64.b64encode(b"signed"), "copy_file_name": "signed.pdf"}


class SlipCase(DispatchCase):
    """An accountant, a driver, slips."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.accountant = cls.new_user(
            "accountant", groups="account.group_account_invoice"
        )
        cls.env["res.partner"].create({"name": "Ms. Li", "parent_id": cls.customer.id})
        cls.driver = cls.env["res.partner"].create({"name": "Driver Wang"})
        cls.direct.is_prepaid = False

    def new_slip(self, picking=None, issue=True, **values):
        picking = picking or self.new_delivery()
        slip = self.env["delivery.slip"].with_user(self.warehouse)
        slip = slip.create(
            {
                "picking_id": picking.id,
                "driver_id": self.driver.id,
                "plate": "粤A12345",
                **values,
            }
        )
        if issue:
            slip.action_issue()
        return slip

    def deliver(self, slip):
        self.sign(slip)
        slip.picking_id.button_validate()
        return slip


@tagged("post_install", "-at_install")
class TestDeliverySlip(SlipCase):
    """Slips in four parts, signed copies, drivers (A13, A14)."""

    # --- A13 --------------------------------------------------------------------------

    def test_rule_off(self):
        """A13: off, goods leave without a slip, and a slip needn't be complete"""
        self.customer.phone = False
        slip = self.new_slip(driver_id=False, plate=False)
        self.assertEqual(slip.state, "issued")
        picking = self.new_delivery()
        picking.button_validate()
        self.assertEqual(picking.state, "done")

    def test_no_goods_without_a_signed_slip(self):
        """A13: issued and signed by three different people, each for themselves"""
        self.set_mode("A13", "block")
        picking = self.new_delivery()
        slip = picking.slip_ids.browse(picking.action_delivery_slip()["res_id"])
        self.assertEqual(picking.action_delivery_slip()["res_id"], slip.id)
        self.assertEqual(
            (slip.contact, slip.phone, slip.address, slip.amount_total),
            ("Ms. Li", "0871 1234", "1 Long Road", 1000.0),
        )
        with self.assert_refused("A13 .*isn't issued"):
            picking.button_validate()
        slip.action_issue()
        for attempt in (
            picking.button_validate,
            picking.move_ids._action_done,
            lambda: picking.move_ids.write({"state": "done"}),
        ):
            with self.assert_refused("isn't signed yet by: Warehouse, Clerk, Handler"):
                attempt()
        slip.action_sign_warehouse()
        with self.assert_refused("different people"):
            slip.action_sign_clerk()
        with self.assertRaises(AccessError):  # not of the warehouse
            slip.with_user(self.salesperson).action_sign_warehouse()
        forged = {
            "slip_id": slip.id,
            "role": "clerk",
            "user_id": self.clerk.id,
            "signed_at": "2026-01-01 00:00:00",
        }
        mark = slip.signature_ids
        for attempt in (
            lambda: mark.sudo().create(forged),
            lambda: slip.sudo().write({"signature_ids": [(0, 0, forged)]}),
            lambda: mark.sudo().write({"user_id": self.clerk.id}),
            lambda: mark.sudo().unlink(),
            lambda: slip.sudo().write({"state": "received"}),
        ):
            with self.assertRaises(AccessError):
                attempt()
        slip.with_user(self.clerk).action_sign_clerk()
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            slip.with_user(self.salesperson).action_sign_clerk()
        slip.with_user(self.salesperson).action_sign_handler()
        picking.move_ids.quantity = 9
        with self.assert_refused("isn't what the delivery takes along"):
            picking.with_context(skip_backorder=True).button_validate()
        picking.move_ids.quantity = 10
        picking.button_validate()
        self.assertEqual(picking.state, "done")

    def test_mandatory_fields(self):
        """A13: customer, contact, phone, address, items, prices and codes; the banner
        and the refusal say which"""
        self.set_mode("A13", "block")
        self.goods.slip_needs_codes = True
        slip = self.new_slip(issue=False)
        slip.write({"contact": " ", "phone": False, "address": False})
        with self.assert_refused(
            "A13 .*Phone.*Address.*secondary code and box code of “Shelf”"
        ):
            slip.action_issue()
        self.assertFalse(slip.number, "drawn last")
        self.assertIn("missing: Phone", str(slip.authority_banner))
        slip.write({"contact": "Ms. Li", "phone": "1", "address": "Road"})
        slip.line_ids.write({"secondary_code": "S1", "box_code": "B1"})
        slip.action_issue()
        manual = self.new_slip(self.new_manual_delivery(), issue=False)
        self.assertEqual(manual.kind, "free")
        for role in ("warehouse", "clerk", "handler", "manager"):
            self.assertIn(role, manual._get_missing_roles())
        unpriced = self.new_slip(issue=False)
        unpriced.picking_id.sudo().sale_id.order_line.price_unit = 0
        unpriced.action_take_over()
        unpriced.line_ids.write({"secondary_code": "S1", "box_code": "B1"})
        with self.assert_refused("price of “Shelf”"):
            unpriced.action_issue()
        with self.assertRaises(AccessError):  # prices are the order's
            unpriced.line_ids.price = 1

    def test_issued_stays(self):
        """A13: what was issued isn't changed or deleted; void with a reason, another
        number; one valid slip per delivery"""
        slip = self.new_slip()
        for values in (
            {"contact": "Somebody"},
            {"address": "Elsewhere"},
            {"line_ids": [(5,)]},
        ):
            with self.assert_refused("void it with a reason"):
                slip.write(values)
        with self.assert_refused("void it with a reason"):
            slip.line_ids.box_code = "B2"
        for attempt in (
            slip.unlink,
            slip.sudo().unlink,
            lambda: slip.write({"number": "CH1"}),
            lambda: slip.line_ids.write({"quantity": 1}),
            slip.line_ids.copy,
            slip.sudo().line_ids.copy,
        ):
            with self.assertRaises(UserError):
                attempt()
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.new_slip(slip.picking_id)
        with self.assert_refused("Give a reason"):
            slip.action_void(" ")
        slip.action_void("Wrong address")
        self.assertEqual((slip.state, slip.void_reason), ("void", "Wrong address"))
        again = self.new_slip(slip.picking_id)
        numbers = [int(number.number[-5:]) for number in (slip, again)]
        self.assertEqual(numbers[1], numbers[0] + 1)
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        draw = self.env["ir.sequence"]._draw_of_company
        other = [int(draw("delivery.slip", elsewhere)[-5:]) for __ in range(2)]
        self.assertEqual(other, [1, 2], "each company has its own")
        draft = self.new_slip(issue=False)
        for name, value in (("state", "received"), ("number", "CH9")):
            key = {f"default_{name}": value}
            made = draft.with_context(**key).default_get([name])
            self.assertNotEqual(made.get(name), value)
        fresh = self.new_delivery()
        loaded = draft.load(["picking_id/.id", "number"], [[str(fresh.id), "CH9"]])
        self.assertIn("can't be set", loaded["messages"][0]["message"])
        self.assertFalse(fresh.slip_ids)

    def test_signed_copy(self):
        """A13: due at accounting the next working day, late is flagged; accounting
        compares"""
        slip = self.deliver(self.new_slip())
        with self.assert_refused("Attach the copy"):
            slip.action_copy_back()
        slip.write(COPY | {"site_counted_with": "Ms. Li"})
        with freeze_time(datetime(2026, 11, 27, 9)):  # a Friday
            slip.action_copy_back()
        self.assertEqual(str(slip.copy_due_on), "2026-11-30")
        with self.assertRaises(AccessError):
            slip.action_receive_copy()
        slip.line_ids.quantity_signed = 8
        book = slip.with_user(self.accountant)
        with self.assert_refused("10.0 delivered, 8.0 signed for, 0.0 back"):
            book.action_receive_copy()
        slip.line_ids.quantity_signed = 10
        with freeze_time(datetime(2026, 12, 1, 9)):
            book.action_receive_copy()
        self.assertTrue(book.is_copy_late)
        self.assertEqual(book.copy_received_by_id, self.accountant)
        with self.assert_refused("can't be changed any more"):
            slip.line_ids.quantity_signed = 9
        with self.assert_refused("can't be changed any more"):
            slip.copy_file = False
        order = slip.sudo().picking_id.sale_id
        papers = order._get_chain_papers()[order.id]
        kind = self.env.ref("sales_receivable.sales_chain_kind_signed_slip")
        paper = next(paper for paper in papers if paper["kind"] == kind)
        self.assertEqual((paper["state"], paper["record"].id), ("there", slip.id))

    def test_prints(self):
        """A13: four parts, prices on three; the exit pass; the settlement"""
        slip = self.sign(self.new_slip())
        report = self.env["ir.actions.report"]
        html = str(
            report._render_qweb_html("sales_receivable.delivery_slip_report", slip.ids)[
                0
            ],
            "utf-8",
        )
        for part in ("存根联", "客户联", "财务联", "仓库联"):
            self.assertEqual(html.count(part), 1)
        self.assertEqual(html.count("合计 Total"), 3)
        self.assertEqual(html.count("clerk"), 4)
        html = report._render_qweb_html(
            "sales_receivable.delivery_slip_exit_report", slip.ids
        )[0]
        self.assertIn("粤A12345", str(html, "utf-8"))
        self.assertNotIn("不得放行", str(html, "utf-8"))

    # --- A14 --------------------------------------------------------------------------

    def test_transport(self):
        """A14: driver and plate; forwarding agent and phone by channel"""
        self.set_mode("A14", "block")
        slip = self.new_slip(
            self.new_delivery(sales_channel_id=self.prefecture.id),
            issue=False,
            plate=False,
        )
        self.prefecture.needs_forwarder = True
        with self.assert_refused("A14 .*Licence Plate.*Forwarding Agent.*Phone"):
            slip.action_issue()
        agent = self.env["res.partner"].create({"name": "Agent", "phone": "0871 9"})
        slip.write({"plate": "云A1", "forwarder_id": agent.id})
        self.assertEqual(slip.forwarder_phone, "0871 9")
        slip.action_issue()

    def test_cash(self):
        """A14: cash slips are closed by the cash, differences explained, by accounting"""
        slip = self.deliver(self.new_slip(settlement_kind="cash"))
        open_slips = [("settled_on", "=", False), ("driver_id", "=", self.driver.id)]
        self.assertIn(slip, slip.search(open_slips))
        slip.write(COPY | {"cash_amount": 990.0})
        slip.action_copy_back()
        self.assertFalse(slip.settled_on, "the copy doesn't settle cash")
        with self.assertRaises(AccessError):
            slip.action_receive_cash()
        with self.assertRaises(AccessError):
            slip.settled_on = "2026-01-01"
        book = slip.with_user(self.accountant)
        with self.assert_refused(r"10\.00.*is missing: explain it"):
            book.action_receive_cash()
        book.cash_note = "Change given"
        book.action_receive_cash()
        self.assertEqual(book.cash_received_by_id, self.accountant)
        with self.assert_refused("has settled this slip already"):
            book.cash_amount = 5.0

    def test_changed_by_the_driver(self):
        """A14: goes back to the warehouse by the host's return, and is reported"""
        slip = self.deliver(self.new_slip())
        slip.write(COPY)
        slip.line_ids.quantity_signed = 7
        self.assertTrue(slip.is_changed)
        slip.action_copy_back()
        self.assertTrue(slip.settled_on, "the copy settles it")
        returned = slip.picking_id.browse(slip.action_return_goods()["res_id"])
        self.assertEqual(returned.move_ids.product_uom_qty, 3)
        self.assertEqual(slip.return_ids, returned)
        with self.assert_refused("is returned"):
            slip.action_return_goods()
        self.assertIn(
            "brought goods back",
            slip.sudo()
            .activity_ids.filtered(
                lambda activity: activity.user_id == self.salesperson
            )
            .summary,
        )
        book = slip.with_user(self.accountant)
        with self.assert_refused("7.0 signed for, 0.0 back"):
            book.action_receive_copy()
        returned.button_validate()
        self.assertEqual(slip.line_ids.quantity_back, 3)
        book.action_receive_copy()
        self.assertEqual(book.state, "received")

    def test_driver_settlement(self):
        """A14: a batch closed with both names once each slip is settled, and kept"""
        cash = self.deliver(self.new_slip(settlement_kind="cash"))
        copy = self.deliver(self.new_slip())
        Settlement = self.env["driver.settlement"].with_user(self.accountant)
        settlement = Settlement.create({"driver_id": self.driver.id})
        settlement.action_collect_slips()
        self.assertEqual(settlement.slip_ids, cash + copy)
        with self.assert_refused("isn't settled.*isn't settled"):
            settlement.action_close()
        cash.with_user(self.accountant).write({"cash_amount": 1000.0})
        cash.with_user(self.accountant).action_receive_cash()
        copy.write(COPY | {"freight_advanced": 30.0})
        copy.action_copy_back()
        settlement.driver_name = False
        with self.assert_refused("Who signed for the driver"):
            settlement.action_close()
        settlement.driver_name = "Wang"
        settlement.action_close()
        self.assertEqual(settlement.closed_by_id, self.accountant)
        self.assertEqual(settlement.number[:2], "DZ")
        self.assertEqual(settlement._get_cash_totals()[0][1:], (1000.0, 1000.0))
        html = self.env["ir.actions.report"]._render_qweb_html(
            "sales_receivable.driver_settlement_report", settlement.ids
        )[0]
        self.assertIn("Wang", str(html, "utf-8"))
        for attempt in (
            lambda: settlement.write({"driver_name": "Li"}),
            lambda: copy.write({"driver_settlement_id": False}),
            settlement.unlink,
            lambda: settlement.write({"state": "draft"}),
        ):
            with self.assertRaises(UserError):
                attempt()
        late = self.new_slip()
        with self.assert_refused("settled this slip already"):
            late.driver_settlement_id = settlement
        copy.with_user(self.accountant).action_collect_freight()
        with self.assert_refused("has been collected"):
            copy.freight_advanced = 5
