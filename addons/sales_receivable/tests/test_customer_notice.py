from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2.errors import UniqueViolation

from .common_credit import CreditCase

STOREMAN = "stock.group_stock_user"


class NoticeCase(CreditCase):
    """Deliveries of a salesperson's orders, which a storeman sends."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.storeman = cls.new_user("storeman", groups=STOREMAN)
        cls.customer.write({"email": "buyer@example.com", "lang": "en_US"})
        cls.company.dispatch_needs_check = False
        stock = cls.env["stock.warehouse"].search(
            [("company_id", "=", cls.company.id)], limit=1
        )
        cls.env["stock.quant"]._update_available_quantity(
            cls.goods, stock.lot_stock_id, 100
        )

    def sell(self, **values):
        order = self.new_order(product=self.goods, price=10.0, **values).sudo()
        order.action_confirm()
        return order.picking_ids

    def notice(self, kind, picking=None, user=None, **values):
        picking = picking or self.sell()
        return (
            self.env["customer.notice"]
            .with_user(user or self.salesperson)
            .create({"kind": kind, "picking_id": picking.id, **values})
        )

    def validate(self, picking):
        picking = picking.with_user(self.storeman)
        picking.move_ids.quantity = 10
        picking.move_ids.picked = True
        return picking.button_validate()

    def list_due(self):
        with self.enter_registry_test_mode():
            self.env.ref(
                "sales_receivable.ir_cron_customer_notice"
            ).sudo().method_direct_trigger()
        self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestCustomerNotice(NoticeCase):
    """What customers are told about deliveries, by when, and what they answer (A25)."""

    # --- held up ----------------------------------------------------------------------

    def test_no_delivery_before_the_arrival_is_told(self):
        """A25: on block, goods leave once the customer knows when they arrive; no other
        notice stands in, and no other way leads past it."""
        picking = self.sell()
        self.set_mode("A25", "block")
        refused = "A25.*doesn't know when it arrives.*salesperson"
        with self.assert_refused(refused):
            self.validate(picking)
        self.notice("ready", picking).action_record_call()
        told = self.notice("arrival", picking)
        for attempt in (
            lambda: self.validate(picking),
            lambda: self.validate(
                picking.with_context(skip_backorder=True, notice_is_told=True)
            ),
            lambda: (
                picking.move_ids.write({"quantity": 10, "picked": True})
                and picking.move_ids._action_done()
            ),
        ):
            with self.assert_refused(refused):
                attempt()
        with self.assert_refused("Missing: Arrives On"):
            told.action_record_call()
        told.arrival_at = fields.Datetime.now() + timedelta(days=1)
        told.action_record_call()
        self.assertEqual((told.way, told.sent_by_id), ("phone", self.salesperson))
        self.validate(picking)
        self.assertEqual(picking.state, "done")

    def test_site_ready_for_installations(self):
        """A25: where it is installed, the customer has said that there are power and
        space; asked alone isn't enough, and a no is none."""
        self.set_mode("A25", "block")
        self.goods.needs_installation = True
        picking = self.sell()
        self.notice(
            "arrival", picking, arrival_at=fields.Datetime.now()
        ).action_record_call()
        site = self.notice("site", picking)
        refused = "A25.*site is ready"
        site.action_record_call()
        with self.assert_refused(refused):
            self.validate(picking)
        with self.assert_refused("Missing: Answered By, Power on Site, Space on Site"):
            site.action_answer()
        site.write({"answered_by": "Wang", "has_power": "yes", "has_space": "no"})
        with self.assert_refused(refused):
            self.validate(picking)
        site.has_space = "yes"
        site.action_answer()
        self.validate(picking)

    def test_off_warned_and_spared(self):
        """A25: off or warning nothing is held up, nor are deliveries of older orders;
        what belongs to no order neither."""
        self.validate(self.sell())
        older = self.sell()
        self.set_mode("A25", "warn")
        self.validate(self.sell())
        today = self.company._get_business_date()
        self.set_mode("A25", "block", date_from=today + timedelta(days=1))
        self.validate(older)
        self.assertEqual(older.state, "done")

    # --- told and answered ------------------------------------------------------------

    def test_late_with_apology_and_remedy(self):
        """A25: no late notice without its remedy; the mail is in the customer's
        language, says sorry and the remedy, and sending it is the telling."""
        self.env["res.lang"]._activate_lang("zh_CN")
        template = self.env.ref("sales_receivable.mail_template_notice_late")
        template.with_context(lang="zh_CN").subject = "交货延迟"
        self.customer.lang = "zh_CN"
        late = self.notice("late")
        for attempt in (late.action_send, late.action_record_call):
            with self.assert_refused("Missing: Remedy"):
                attempt()
        late.remedy = "5 % off the next order"
        action = late.action_send()
        composer = (
            self.env["mail.compose.message"]
            .with_user(self.salesperson)
            .with_context(**action["context"])
            .create({})
        )
        composer._action_send_mail()
        self.assertEqual((late.state, late.way), ("sent", "mail"))
        message = late.sudo().message_ids.filtered(lambda m: m.partner_ids)
        self.assertEqual(message.partner_ids, self.customer)
        self.assertEqual(message.subject, "交货延迟")
        self.assertIn("5 % off the next order", message.body)
        with self.assert_refused("knows already"):
            late.action_record_call()

    def test_every_template_says_what_it_is_about(self):
        """A25: each kind has its mail; the late one apologises."""
        moment = fields.Datetime.to_datetime("2026-12-24 04:00:00")
        for kind, text in (
            ("ready", "ready for delivery"),
            ("arrival", "12/24/26"),
            ("site", "power"),
            ("late", "sorry"),
            ("receipt", "received"),
        ):
            notice = self.notice(kind, arrival_at=moment, remedy="A discount")
            template = self.env.ref(f"sales_receivable.mail_template_notice_{kind}")
            values = template._generate_template(
                notice.ids, ["body_html", "subject", "partner_to"]
            )[notice.id]
            with self.subTest(kind=kind):
                self.assertIn(text, str(values["body_html"]))
                self.assertIn(
                    notice.sudo().picking_id.name,
                    values["subject"]
                    + str(values["body_html"])
                    + notice.order_id.name
                    + notice.display_name,
                )
                self.assertEqual(values["partner_ids"], self.customer.ids)

    def test_receipt_confirmed(self):
        """A25: who received it and when; then it stays as it is."""
        receipt = self.notice("receipt")
        with self.assert_refused("Missing: Answered By, Answered On"):
            receipt.action_answer()
        receipt.write({"answered_by": "Li", "answered_at": "2026-01-20 08:00:00"})
        receipt.action_answer()
        self.assertEqual(receipt.state, "answered")
        with self.assert_refused("stays as it is"):
            receipt.answered_by = "Wang"

    def test_no_way_round(self):
        """A25: status, way and who told are written by no write, create, import,
        default or copy; what was told stays; nothing is deleted."""
        notice = self.notice("arrival", arrival_at="2099-01-20 08:00:00")
        for vals in ({"state": "sent"}, {"way": "mail"}, {"sent_at": "2026-01-01"}):
            for attempt in (
                lambda vals=vals: notice.write(vals),
                lambda vals=vals: notice.with_context(sales_server=True).write(vals),
                lambda vals=vals: self.notice("ready", **vals),
            ):
                with self.assertRaises(AccessError):
                    attempt()
        picking = self.sell()
        forged = self.notice(
            "arrival", picking, arrival_at="2099-01-20 08:00:00"
        ).with_context(default_state="sent")
        self.assertEqual(forged.state, "due")
        Model = notice.with_context(default_state="sent").browse()
        made = Model.create({"kind": "late", "picking_id": picking.id})
        self.assertEqual(made.state, "due")
        loaded = Model.load(
            ["kind", "picking_id/.id", "state"],
            [["Goods ready", str(picking.id), "Told"]],
        )
        self.assertFalse(loaded["ids"])
        notice.action_record_call()
        with self.assertRaises(UserError):
            notice.arrival_at = "2099-01-21 08:00:00"
        with self.assertRaises(AccessError):
            notice.unlink()
        portal = new_test_user(self.env, "notice_portal", groups="base.group_portal")
        with self.assertRaises(AccessError):
            notice.with_user(portal).action_answer()
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation):
            self.notice("arrival", notice.sudo().picking_id)

    # --- listed by the job ------------------------------------------------------------

    def test_due_notices_are_listed_once(self):
        """A25: the job lists what is due by the company's hours, once per delivery and
        kind however often it runs; off it does nothing, older deliveries are spared."""
        Notice = self.env["customer.notice"]
        old = self.sell()
        self.list_due()
        self.assertFalse(Notice.search([("picking_id", "=", old.id)]))
        tomorrow = fields.Date.add(self.company._get_business_date(), days=1)
        rule = self.set_mode("A25", "warn", date_from=tomorrow)
        self.list_due()
        self.assertFalse(Notice.search([("picking_id", "=", old.id)]))
        rule.date_from = fields.Date.subtract(tomorrow, days=2)
        self.company.write({"notice_arrival_hours": 10, "notice_late_hours": 3})
        picking = self.sell()
        planned = fields.Datetime.now() + timedelta(days=3)
        picking.scheduled_date = planned
        for _run in range(2):
            self.list_due()
        notices = Notice.search([("picking_id", "=", picking.id)])
        self.assertEqual(sorted(notices.mapped("kind")), ["arrival", "ready"])
        arrival = notices.filtered(lambda notice: notice.kind == "arrival")
        self.assertEqual(arrival.due_at, picking.scheduled_date - timedelta(hours=10))
        self.assertEqual(arrival.user_id, self.salesperson)
        self.assertFalse(arrival.is_overdue)
        # The day moves, and is missed.
        picking.scheduled_date = fields.Datetime.now() + timedelta(hours=1)
        picking.sale_id.commitment_date = fields.Datetime.now() - timedelta(hours=5)
        self.list_due()
        self.assertTrue(arrival.is_overdue)
        overdue = Notice.search([("is_overdue", "=", True)])
        self.assertIn(arrival, overdue)
        late = overdue.filtered(lambda notice: notice.kind == "late")
        self.assertEqual(
            late.due_at, picking.sale_id.commitment_date + timedelta(hours=3)
        )
        # Gone without being told.
        self.validate(picking)
        self.list_due()
        self.assertEqual((arrival.state, late.state), ("missed", "missed"))
        receipt = Notice.search(
            [("picking_id", "=", picking.id), ("kind", "=", "receipt")]
        )
        self.assertEqual(receipt.state, "due")
        self.assertEqual(len(Notice.search([("picking_id", "=", picking.id)])), 4)

    def test_the_site_is_asked_where_something_is_installed(self):
        """A25: for goods to install, and for orders with a work order."""
        self.set_mode("A25", "warn")
        self.goods.needs_installation = True
        picking = self.sell()
        self.list_due()
        kinds = self.env["customer.notice"].search([("picking_id", "=", picking.id)])
        self.assertIn("site", kinds.mapped("kind"))

    def test_form(self):
        """A25: a notice by hand, about an order without delivery too; smart buttons."""
        picking = self.sell()
        with Form(
            self.env["customer.notice"]
            .with_user(self.salesperson)
            .with_context(default_order_id=picking.sale_id.id)
        ) as form:
            form.kind = "arrival"
            form.arrival_at = "2099-01-20 08:00:00"
        notice = form.record
        self.assertEqual(notice.partner_id, self.customer)
        self.assertEqual(notice.company_id, self.company)
        self.assertEqual(picking.sale_id.notice_count, 1)
        domain = picking.sale_id.action_view_notices()["domain"]
        self.assertEqual(notice.search(domain), notice)
        self.notice("ready", picking)
        self.assertEqual(picking.notice_count, 1)
