from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2.errors import UniqueViolation

from .test_customer_notice import NoticeCase

REFUSED = "A25.*doesn't know when it arrives"


@tagged("post_install", "-at_install")
class TestCustomerNoticeTold(NoticeCase):
    """An arrival is told, to the customer, for the day that is planned (A25)."""

    def tell(self, picking, days=1):
        notice = self.notice(
            "arrival", picking, arrival_at=fields.Datetime.now() + timedelta(days=days)
        )
        notice.action_record_call()
        return notice

    def test_an_answer_tells_nothing(self):
        """A25: what wasn't told isn't answered, and blanks are no remedy; what is asked
        may be answered unasked."""
        self.set_mode("A25", "block")
        picking = self.sell()
        arrival = self.notice("arrival", picking, answer="x")
        with self.assert_refused("tell the customer first"):
            arrival.action_answer()
        arrival.arrival_at = fields.Datetime.now() + timedelta(days=1)
        with self.assert_refused("tell the customer first"):
            arrival.action_answer()
        late = self.notice("late", picking, answer="ok", remedy="  ")
        with self.assert_refused("tell the customer first"):
            late.action_answer()
        with self.assert_refused("Missing: Remedy"):
            late.action_record_call()
        with self.assert_refused(REFUSED):
            self.validate(picking)
        arrival.action_record_call()
        arrival.action_answer()
        self.assertEqual(arrival.state, "answered")
        self.validate(picking)

    def test_told_to_who_gets_it(self):
        """A25: who gets the goods since somebody else was told doesn't know it"""
        self.set_mode("A25", "block")
        picking = self.sell()
        self.tell(picking)
        own = picking.partner_id
        picking.partner_id = own.copy({"name": "Somebody Else"})
        with self.assert_refused(REFUSED):
            self.validate(picking)
        picking.partner_id = own
        self.validate(picking)

    def test_a_day_that_is_over_is_not_told(self):
        """A25: nor does one that was told stay so when it is over or the delivery has
        moved; another notice replaces it, by hand or by the job."""
        self.set_mode("A25", "block")
        picking = self.sell()
        past = self.notice("arrival", picking, arrival_at="2001-01-01 08:00:00")
        with self.assert_refused("that day is over"):
            past.action_record_call()
        past.arrival_at = fields.Datetime.now() + timedelta(days=1)
        past.action_record_call()
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation):
            self.notice("arrival", picking)
        picking.move_ids.date += timedelta(days=7)
        self.assertTrue(past._is_outdated())
        with self.assert_refused(REFUSED):
            self.validate(picking)
        again = self.tell(picking, days=9)
        self.assertEqual(past.state, "replaced")
        with self.assert_refused("stays as it is"):
            past.answer = "x"
        with self.assert_refused("answered or missed"):
            past.action_answer()
        picking.move_ids.date += timedelta(days=1)
        for _run in range(2):
            self.list_due()
        self.assertEqual(again.state, "replaced")
        listed = picking.notice_ids.filtered(
            lambda notice: notice.kind == "arrival" and notice.state == "due"
        )
        self.assertEqual(len(listed), 1)
        listed.with_user(self.salesperson).arrival_at = (
            fields.Datetime.now() + timedelta(days=10)
        )
        listed.with_user(self.salesperson).action_record_call()
        self.validate(picking)
        self.assertEqual(picking.state, "done")
        self.list_due()
        self.assertEqual(listed.state, "sent")

    def test_for_the_customer_of_the_delivery(self):
        """A25: somebody else who is told isn't the customer."""
        picking = self.sell()
        with self.assertRaises(ValidationError):
            self.notice("arrival", picking, partner_id=self.colleague.partner_id.id)
        notice = self.notice("arrival", picking)
        with self.assertRaises(ValidationError):
            notice.partner_id = self.colleague.partner_id

    def test_not_about_orders_of_others(self):
        """A25: who may not read an order takes none of its notices."""
        picking = self.sell()
        with self.assertRaises(AccessError):
            self.notice(
                "arrival", picking, user=self.colleague, user_id=self.colleague.id
            )
        self.notice("arrival", picking, user=self.storeman)
