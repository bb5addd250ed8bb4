from .common import FreightCase

LIST = [
    "name",
    "partner_id",
    "next_cutoff_at",
    "cutoff_urgency",
    "headline",
    "container_count",
]
FORM = ["track", "guard_banner", "debit_note_count", "bill_count", "container_count"]


class TestQueries(FreightCase):
    """X05: screens need the same number of queries for few and for many records."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.block_all()

    def count(self, model, ids, names, user=None):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        self.env[model].browse(ids).with_user(user or self.operator).read(names)
        return self.cr.sql_log_count - before

    def new_loaded(self, quantity):
        booking = self.new_booking(quantity)
        self.load(booking)
        self.new_charge(booking)
        self.new_bill(booking).with_user(self.documents).action_approve()
        self.new_debit_note(booking)
        return booking

    def test_booking_list_is_constant(self):
        """X05: thirty bookings in a list cost what three do."""
        bookings = [self.new_loaded(1).id for _ in range(6)]
        self.count("freight.booking", bookings[:2], LIST)
        few = self.count("freight.booking", bookings[:2], LIST)
        many = self.count("freight.booking", bookings, LIST)
        self.assertEqual(few, many)

    def test_booking_form_is_constant_in_its_containers(self):
        """X05: the track bar of ten containers costs what one's does."""
        small, large = self.new_loaded(1), self.new_loaded(8)
        self.count("freight.booking", small.ids, FORM)
        few = self.count("freight.booking", small.ids, FORM)
        many = self.count("freight.booking", large.ids, FORM)
        self.assertLessEqual(many, few)

    def test_container_list_is_constant(self):
        """X05: the container list costs the same for many."""
        large = self.new_loaded(8).container_ids.ids
        names = ["number", "seal_number", "number_issue", "state", "partner_id"]
        self.count("freight.container", large[:2], names)
        few = self.count("freight.container", large[:2], names)
        many = self.count("freight.container", large, names)
        self.assertEqual(few, many)

    def test_bill_list_is_constant(self):
        """X05: unpaid amounts of many bills cost what two do."""
        bills = [self.new_loaded(1).bill_ids.id for _ in range(6)]
        names = ["name", "on_board", "unpaid_amount", "state", "guard_banner"]
        self.count("freight.bill", bills[:2], names, self.settlement)
        few = self.count("freight.bill", bills[:2], names, self.settlement)
        many = self.count("freight.bill", bills, names, self.settlement)
        self.assertEqual(few, many)
