from datetime import datetime, timedelta

from odoo import Command
from odoo.tests import freeze_time, tagged

from .common import VISIT_DAY, VisitCase

LATER = VISIT_DAY + timedelta(hours=3)


@tagged("post_install", "-at_install")
class TestNewCustomer(VisitCase):
    def _order(self, confirmed_at, partner=None, **values):
        product = self.env["product.product"].create({"name": "Part"})
        order = self.env["sale.order"].create(
            {
                "partner_id": (partner or self.partner).id,
                "company_id": self.company.id,
                "order_line": [Command.create({"product_id": product.id})],
                **values,
            }
        )
        with freeze_time(confirmed_at):
            order.action_confirm()
        return order

    def test_first_visit_is_new_and_the_second_is_not(self):
        """V01: a customer is new once."""
        first = self._submit(self._go(self._new_visit()), LATER)
        self.assertTrue(first.is_new_customer)
        second = self._go(self._new_visit(), VISIT_DAY + timedelta(days=1))
        self._submit(second, LATER + timedelta(days=1))
        self.assertFalse(second.is_new_customer)

    def test_contact_that_joined_a_company_meanwhile(self):
        """V10: the report of a visit to a person who joined a company goes through, and
        the company's file knows of it."""
        person = self._new_partner("Person", is_company=False)
        visit = self._go(self._new_visit(partner_id=person.id))
        person.parent_id = self.partner
        self._submit(visit, LATER)
        self.assertEqual(visit.state, "reported")
        files = self.env["sales.customer.file"]._get_files(self.company, self.partner)
        self.assertEqual(files[self.partner].last_visit, visit.actual_start)

    def test_contact_of_an_old_customer_is_not_new(self):
        """V01: whose contact joined an old customer before the report, left it before,
        or had been visited before he joined: the customer counts once and isn't new."""
        self._submit(self._go(self._new_visit()), LATER)
        person = self._new_partner("Person", is_company=False)
        visit = self._go(
            self._new_visit(partner_id=person.id), VISIT_DAY + timedelta(days=1)
        )
        person.parent_id = self.partner
        self._submit(visit, LATER + timedelta(days=1))
        self.assertFalse(visit.is_new_customer)
        self.assertEqual(visit.commercial_partner_id, self.partner)
        self.assertEqual(self._count_done(), 1)
        left = self._go(
            self._new_visit(partner_id=person.id), VISIT_DAY + timedelta(days=2)
        )
        person.parent_id = False
        self._submit(left, LATER + timedelta(days=2))
        self.assertFalse(left.is_new_customer)
        self.assertEqual(left.commercial_partner_id, self.partner)

    def test_contact_taken_out_for_a_visit(self):
        """V01: tried: out of the old customer, visited, reported, and back again."""
        self._submit(self._go(self._new_visit()), LATER)
        person = self._new_partner(
            "Person", is_company=False, parent_id=self.partner.id
        )
        person.parent_id = False
        visit = self._go(
            self._new_visit(partner_id=person.id), VISIT_DAY + timedelta(days=1)
        )
        self._submit(visit, LATER + timedelta(days=1))
        self.assertFalse(visit.is_new_customer)
        self.assertEqual(self._count_done(), 2)
        person.parent_id = self.partner
        self.assertEqual(visit.commercial_partner_id, self.partner)
        self.assertEqual(self._count_done(), 1)
        other = self._new_partner("Empty")
        for parent in (other, self.env["res.partner"]):
            person.parent_id = parent
        visit = self._go(
            self._new_visit(partner_id=person.id), VISIT_DAY + timedelta(days=2)
        )
        self._submit(visit, LATER + timedelta(days=2))
        self.assertFalse(visit.is_new_customer, "by way of another company")
        for model in (self.env["res.partner"], self.env["sale.order"]):
            self.assertFalse(
                {"visit_former_company_id", "visit_confirmed_at"}
                & model.with_user(self.salesperson).fields_get().keys()
            )

    def _count_done(self):
        pace = self.env["sales.visit"]._get_pace(
            self.company, self.salesperson, VISIT_DAY.date()
        )
        return pace[self.salesperson]["done"]

    def test_order_date_is_no_evidence(self):
        """V01: tried: the date of a confirmed order moved behind the visit."""
        order = self._order(VISIT_DAY - timedelta(days=2))
        order.date_order = VISIT_DAY + timedelta(days=3)
        visit = self._submit(self._go(self._new_visit()), LATER)
        self.assertFalse(visit.is_new_customer)

    def test_order_cancelled_for_a_visit(self):
        """V01: tried: cancelled before the visit, to be confirmed again."""
        self._order(VISIT_DAY - timedelta(days=2))._action_cancel()
        visit = self._submit(self._go(self._new_visit()), LATER)
        self.assertFalse(visit.is_new_customer)

    def test_contact_visited_before_he_joined(self):
        """V01: his company knows us through him."""
        person = self._new_partner("Person", is_company=False)
        self._submit(self._go(self._new_visit(partner_id=person.id)), LATER)
        person.parent_id = self.partner
        visit = self._go(self._new_visit(), VISIT_DAY + timedelta(days=1))
        self._submit(visit, LATER + timedelta(days=1))
        self.assertFalse(visit.is_new_customer)

    def test_order_of_submission_does_not_matter(self):
        """V01: the earlier visit is the new one even when it is reported last."""
        first = self._go(self._new_visit())
        second = self._go(self._new_visit(), VISIT_DAY + timedelta(hours=1))
        self._submit(second, LATER)
        self._submit(first, LATER)
        self.assertTrue(first.is_new_customer)
        self.assertFalse(second.is_new_customer)

    def test_visits_submitted_together_are_new_once(self):
        """V01: one batch with two visits at a customer counts him once."""
        visits = self._go(self._new_visit()) | self._go(self._new_visit())
        self._submit(visits, LATER)
        self.assertEqual(visits.mapped("is_new_customer"), [True, False])

    def test_contacts_of_one_company_are_one_customer(self):
        """V01: it's the commercial partner that is new."""
        contact = self._new_partner(
            "Ms. A", is_company=False, parent_id=self.partner.id
        )
        self._submit(self._go(self._new_visit()), LATER)
        visit = self._go(
            self._new_visit(partner_id=contact.id), VISIT_DAY + timedelta(days=1)
        )
        self._submit(visit, LATER + timedelta(days=1))
        self.assertEqual(visit.commercial_partner_id, self.partner)
        self.assertFalse(visit.is_new_customer)

    def test_confirmed_order_makes_an_old_customer(self):
        """V01: who has ordered before the visit isn't new; a quotation changes nothing."""
        quotation = self.env["sale.order"].create(
            {"partner_id": self.partner.id, "company_id": self.company.id}
        )
        self.assertEqual(quotation.state, "draft")
        first = self._submit(self._go(self._new_visit()), LATER)
        self.assertTrue(first.is_new_customer)
        buyer = self._new_partner("Buyer")
        self._order(VISIT_DAY - timedelta(days=1), buyer)
        visit = self._submit(self._go(self._new_visit(partner_id=buyer.id)), LATER)
        self.assertFalse(visit.is_new_customer)

    def test_order_placed_at_the_visit_does_not_count_against_it(self):
        """V01: winning the order at the first visit leaves the customer new."""
        visit = self._go(self._new_visit())
        self._order(VISIT_DAY + timedelta(minutes=20))
        self._submit(visit, LATER)
        self.assertTrue(visit.is_new_customer)

    def test_other_company_does_not_count(self):
        """V01: each company has its own new customers."""
        foreign = self._go(self._new_visit(self.foreigner))
        self._submit(foreign, LATER)
        visit = self._go(self._new_visit(), VISIT_DAY + timedelta(days=1))
        self._submit(visit, LATER + timedelta(days=1))
        self.assertTrue(visit.is_new_customer)

    def test_phone_calls_and_cancelled_visits_are_no_visits(self):
        """V01: only a visit in person that took place makes a customer known."""
        self._submit(self._go(self._new_visit(channel="phone")), LATER)
        self._new_visit().cancel_visit("No")
        visit = self._go(self._new_visit(), VISIT_DAY + timedelta(days=1))
        self._submit(visit, LATER + timedelta(days=1))
        self.assertTrue(visit.is_new_customer)

    def test_frozen_once_decided(self):
        """V01: neither an order found later nor submitting again changes it."""
        visit = self._submit(self._go(self._new_visit()), LATER)
        self._order(VISIT_DAY - timedelta(days=5))
        visit.with_user(self.leader).reopen_report("More")
        visit.action_submit_report()
        self.assertTrue(visit.is_new_customer)

    def test_customer_file_follows_the_report(self):
        """V02: the file comes with the first visit; last visit and next date with each
        report."""
        visit = self._go(self._new_visit())
        files = self.env["sales.customer.file"]
        mine = [("partner_id", "=", self.partner.id)]
        self.assertFalse(files.search(mine).last_visit)
        visit.next_visit_date = "2026-12-20"
        self._submit(visit, LATER)
        file = files.search(mine)
        self.assertEqual(file.user_id, self.salesperson)
        self.assertEqual(file.last_visit, VISIT_DAY)
        self.assertEqual(str(file.next_due), "2026-12-20")
        # A report of an earlier visit that comes in later doesn't turn the clock back.
        earlier = self._go(self._new_visit(), datetime(2026, 11, 20, 6))
        self._submit(earlier, LATER)
        self.assertEqual(file.last_visit, VISIT_DAY)
        self.assertEqual(len(files.search(mine)), 1)
