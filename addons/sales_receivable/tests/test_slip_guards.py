import base64

from lxml import etree
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .test_delivery_slip import COPY, SlipCase


@tagged("post_install", "-at_install")
class TestSlipGuards(SlipCase):
    """What a slip says, its money and its signed copy stay (A13, A14)."""

    def test_goes_to_whom_it_says(self):
        """A13: goods leave to the recipient and with the lots on the slip only, and it is
        signed for those; a draft takes them over"""
        self.set_mode("A13", "block")
        self.goods.tracking = "lot"
        lots = self.env["stock.lot"].create(
            [{"name": name, "product_id": self.goods.id} for name in ("L1", "L2")]
        )
        self.env["stock.quant"]._update_available_quantity(
            self.goods, self.stock, 100, lot_id=lots[0]
        )
        self.env["stock.quant"]._update_available_quantity(
            self.goods, self.stock, 100, lot_id=lots[1]
        )
        slip = self.new_slip(issue=False)
        picking = slip.picking_id
        picking.move_line_ids.lot_id = lots[0]
        slip.action_take_over()
        other = self.customer.copy({"name": "Somebody Else", "street": "2 Long Road"})
        branch = self.env["res.partner"].create(
            {"name": "Branch", "parent_id": self.customer.id, "type": "delivery"}
        )
        picking.partner_id = other
        with self.assert_refused("take the goods over"):
            slip.action_issue()
        slip.action_take_over()
        self.assertEqual((slip.partner_id, slip.address), (other, "2 Long Road"))
        picking.partner_id = self.customer
        slip.action_take_over()
        slip.contact = "Ms. Li"
        slip.action_issue()
        with self.assert_refused("isn't what the delivery takes along"):
            picking.partner_id = other
            slip.action_sign_warehouse()
        self.sign(slip)
        for change in (
            lambda: picking.write({"partner_id": other.id}),
            lambda: picking.write({"partner_id": branch.id}),
            lambda: picking.move_line_ids.write({"lot_id": lots[1].id}),
        ):
            with self.assert_refused("isn't what the delivery takes along"):
                change()
                picking.button_validate()
        picking.button_validate()
        self.assertEqual(picking.state, "done")

    def test_no_more_leaves_by_a_finished_delivery(self):
        """A13: its slip says what left: neither more of it, nor details put to it, nor a
        transfer that becomes a delivery afterwards"""
        self.set_mode("A13", "block")
        slip = self.sign(self.new_slip())
        picking = slip.picking_id
        picking.button_validate()
        move = picking.move_ids
        detail = {
            "move_id": move.id,
            "product_id": move.product_id.id,
            "quantity": 3,
            "location_id": move.location_id.id,
            "location_dest_id": move.location_dest_id.id,
        }
        for attempt in (
            lambda: move.write({"quantity": 13}),
            lambda: move.move_line_ids[0].write({"quantity": 13}),
            lambda: (
                self.env["stock.move.line"].with_user(self.warehouse).create(detail)
            ),
        ):
            with self.assert_refused("These goods have left|a slip of its own"):
                attempt()
        shelf = self.env["stock.location"].create(
            {"name": "Shelf", "usage": "internal", "location_id": self.stock.id}
        )
        inside = self.new_delivery()
        inside.location_dest_id = shelf
        inside.button_validate()
        self.assertEqual(inside.state, "done")
        place = {"location_dest_id": self.to_customer.id}
        for attempt in (
            lambda: inside.write(place),
            lambda: inside.move_ids.write(place),
            lambda: inside.move_line_ids.write(place),
        ):
            with self.assert_refused("These goods have left|a slip of its own"):
                attempt()

    def test_blanks_say_nothing(self):
        """A13: blanks are no contact, address or code; A14: nor a plate"""
        self.set_mode("A13", "block")
        self.set_mode("A14", "block")
        self.goods.slip_needs_codes = True
        slip = self.new_slip(issue=False, plate=" ")
        slip.write({"contact": " ", "address": "\u3000"})
        slip.line_ids.write({"secondary_code": " ", "box_code": "B"})
        with self.assert_refused(
            "A13 .*Contact.*Address.*secondary code.*A14 .*Licence Plate"
        ):
            slip.action_issue()

    def test_transport_stays_named(self):
        """A14: after issue another driver or plate is named, never none"""
        agent = self.env["res.partner"].create({"name": "Agent", "phone": "1"})
        slip = self.new_slip(forwarder_id=agent.id)
        for values in (
            {"driver_id": False, "plate": False},
            {"plate": "  "},
            {"forwarder_id": False},
            {"forwarder_phone": ""},
        ):
            with self.assert_refused("name another one instead of none"):
                slip.write(values)
        another = self.driver.copy({"name": "Driver Zhao"})
        slip.driver_id = another
        self.env.flush_all()
        self.env.cr.precommit.run()
        said = slip.sudo().message_ids.tracking_value_ids
        self.assertIn("Driver Zhao", said.mapped("new_value_char"))
        draft = self.new_slip(issue=False)
        draft.driver_id = False
        draft.action_issue()  # the rule is off
        draft.plate = "B2"

    def test_cash_slip_stays_one(self):
        """A14: how it is settled is frozen with the issue, and as the order says"""
        cash = self.env.ref("sales_receivable.settlement_method_cash")
        self.set_mode("A14", "block")
        picking = self.new_delivery(settlement_method_id=cash.id)
        slip = self.new_slip(picking, issue=False)
        self.assertEqual(slip.settlement_kind, "cash")
        slip.settlement_kind = "copy"
        with self.assert_refused("A14 .*settlement in cash, as its order says"):
            slip.action_issue()
        slip.settlement_kind = "cash"
        slip.action_issue()
        for user in (self.warehouse, self.accountant):
            with self.assert_refused("void it with a reason"):
                slip.with_user(user).settlement_kind = "copy"

    def test_what_cash_was_paid_for(self):
        """A14: what was signed for stays once its cash is in; a slip that accounting has
        is open with the driver until then"""
        slip = self.deliver(self.new_slip(settlement_kind="cash"))
        slip.write(COPY)
        slip.action_copy_back()
        book = slip.with_user(self.accountant)
        book.action_receive_copy()
        self.assertFalse(book.settled_on)
        book.cash_amount = 1000.0
        book.action_receive_cash()
        self.assertTrue(book.settled_on)
        slip = self.deliver(self.new_slip(settlement_kind="cash"))
        slip.line_ids.quantity_signed = 1
        book = slip.with_user(self.accountant)
        book.cash_amount = 100.0
        book.action_receive_cash()
        for user in (self.warehouse, self.accountant):
            with self.assert_refused("handed in the cash"):
                slip.with_user(user).line_ids.quantity_signed = 10
            with self.assert_refused("handed in the cash"):
                line = {"quantity_signed": 10}
                slip.with_user(user).line_ids = [(1, slip.line_ids.id, line)]
        open_slip = self.deliver(self.new_slip())
        open_slip.line_ids = [(1, open_slip.line_ids.id, {"quantity_signed": 9})]
        self.assertEqual(open_slip.line_ids.quantity_signed, 9, "as the form says it")
        with self.assert_refused("void it with a reason"):
            open_slip.line_ids = [(1, open_slip.line_ids.id, {"box_code": "B9"})]

    def test_freight_and_days(self):
        """A14: what was paid for the customer isn't lowered by who sells; A13: nobody has
        signed on a day to come"""
        slip = self.deliver(self.new_slip(freight_advanced=500.0))
        for amount in (0, 499):
            with self.assertRaises(AccessError):
                slip.with_user(self.salesperson).freight_advanced = amount
        slip.freight_advanced = 600.0
        slip.with_user(self.accountant).freight_advanced = 550.0
        for name in ("site_signed_on", "damage_checked_on"):
            with self.assert_refused("still to come"):
                slip[name] = "2999-01-01"

    def test_settled_slips_arent_voided(self):
        """A14: neither with its cash, nor out of a closed settlement"""
        cash = self.deliver(self.new_slip(settlement_kind="cash"))
        cash = cash.with_user(self.accountant)
        cash.cash_amount = 1000.0
        cash.action_receive_cash()
        with self.assert_refused("has settled this slip already"):
            cash.action_void("Lost")
        copy = self.deliver(self.new_slip()).with_user(self.accountant)
        copy.write(COPY)
        copy.action_copy_back()
        settlement = self.env["driver.settlement"].with_user(self.accountant)
        settlement = settlement.create({"driver_id": self.driver.id})
        settlement.action_collect_slips()
        settlement.action_close()
        with self.assert_refused("has settled this slip already"):
            copy.action_void("Lost")

    def test_files_change_with_their_document(self):
        """A13: the stored copy isn't swapped, moved, deleted or added past its slip"""
        slip = self.deliver(self.new_slip())
        slip.write(COPY)
        slip.action_copy_back()
        slip.with_user(self.accountant).action_receive_copy()
        files = self.env["ir.attachment"].with_user(self.warehouse)
        place = {"res_model": "delivery.slip", "res_id": slip.id}
        behind = {**place, "res_field": "copy_file"}
        file = files.search([(name, "=", value) for name, value in behind.items()])
        self.assertTrue(file)
        forged = base64.b64encode(b"FORGED")
        plain = files.create({"name": "plain", "datas": forged, **place})
        for attempt in (
            lambda: file.write({"datas": forged}),
            lambda: file.write({"raw": b"FORGED"}),
            lambda: file.write({"res_id": slip.id + 1}),
            lambda: file.write({"res_field": False}),
            file.unlink,
            # as the chatter's button does, for whoever may write the slip
            file.sudo()._delete_and_notify,
            file.with_user(self.env.ref("base.user_admin")).unlink,
            lambda: files.create({"name": "two", "datas": forged, **behind}),
            lambda: plain.write({"res_field": "copy_file"}),
            file.copy,
        ):
            with self.assertRaises(AccessError):
                attempt()
        # Nor as the file of a message that is emptied.
        message = slip.message_post(body="y", message_type="comment")
        message.sudo().attachment_ids = file.sudo()
        with self.assertRaises(AccessError):
            slip._message_update_content(message, body="", attachment_ids=[])
        plain.unlink()  # what isn't behind a field is the host's
        slip.invalidate_recordset()
        self.assertEqual(slip.copy_file, COPY["copy_file"])

    def test_made_from_the_delivery(self):
        """A13: no screen offers a slip of no delivery"""
        slip = self.env["delivery.slip"].with_user(self.warehouse)
        for kind in ("list", "kanban", "form"):
            arch = etree.fromstring(slip.get_view(view_type=kind)["arch"])
            self.assertEqual(arch.get("create"), "0", kind)

    def test_columns_of_the_print(self):
        """A13: an empty cell stays a cell, also on the driver's settlement, which has no
        void slips; one layout, as plain wkhtmltopdf takes it"""
        slip = self.deliver(self.new_slip())
        report = self.env["ir.actions.report"]
        html = report._render_qweb_html(
            "sales_receivable.delivery_slip_report", slip.ids
        )[0].decode()
        row = html.split("<tbody>")[1].split("</tr>")[0]
        self.assertEqual(row.count("<td"), 9)
        self.assertEqual(html.count('class="page"'), 1)
        void = self.new_slip()
        settlement = self.env["driver.settlement"].with_user(self.accountant)
        settlement = settlement.create({"driver_id": self.driver.id})
        settlement.action_collect_slips()
        void.action_void("Spoilt")
        html = report._render_qweb_html(
            "sales_receivable.driver_settlement_report", settlement.ids
        )[0].decode()
        self.assertIn(slip.number, html)
        self.assertNotIn(void.number, html)
        row = html.split(slip.number)[1].split("</tr>")[0]
        self.assertEqual(row.count("<td"), 6)
