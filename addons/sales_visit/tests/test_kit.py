from odoo.tests import Form, freeze_time, tagged

from .common import VISIT_DAY, VisitCase


@tagged("post_install", "-at_install")
@freeze_time(VISIT_DAY)
class TestKit(VisitCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.badge, cls.pen, cls.samples = cls.env["sales.visit.kit.item"].create(
            [
                {"name": "Test badge"},
                {"name": "Test pen"},
                {"name": "Test samples", "is_required": False},
            ]
        )
        cls.visit_type.kit_item_ids = cls.badge | cls.pen | cls.samples

    def test_off_until_switched_on(self):
        """V07: without a row, nobody looks into the bag."""
        visit = self._new_visit()
        visit.action_start()
        self.assertEqual(visit.state, "in_progress")

    def test_required_items_hold_up_the_start(self):
        """V07: each that is missing is named; what isn't required isn't missed."""
        self._set_mode("V07", "block")
        visit = self._new_visit()
        visit.packed_item_ids = self.badge
        with self.assertRefused("Test pen"):
            visit.action_start()
        visit.action_plan()
        visit.action_confirm()
        self.assertIn("Test pen", visit.step_reasons)
        self.assertNotIn("Test badge", visit.step_reasons)
        self.assertNotIn("Test samples", visit.step_reasons)
        self.assertTrue(visit.is_step_blocked)
        visit.packed_item_ids |= self.pen
        visit.action_start()
        self.assertEqual(visit.state, "in_progress")

    def test_warning_lets_go_and_is_logged(self):
        """V07: where it only warns, the log says what was missing."""
        self._set_mode("V07", "warn")
        self.visit_type.needs_appointment = False
        visit = self._new_visit()
        self.assertIn("Test badge", visit.step_reasons, "it can just begin")
        self.assertFalse(visit.is_step_blocked)
        visit.action_start()
        self.assertIn("Test badge", visit.message_ids[0].body)

    def test_everything_with_one_press(self):
        """V07: also for several visits of different types at once."""
        self._set_mode("V07", "block")
        other = self.visit_type.create({"name": "Other", "kit_item_ids": self.pen.ids})
        visits = self._new_visit() | self._new_visit(visit_type_id=other.id)
        visits.action_pack_all()
        self.assertEqual(visits[0].packed_item_ids, self.visit_type.kit_item_ids)
        self.assertEqual(visits[1].packed_item_ids, self.pen)
        visits.action_start()

    def test_only_who_leaves_packs(self):
        """V07: nobody packs for a call or a visitor."""
        self._set_mode("V07", "block")
        for values in ({"channel": "phone"}, {"direction": "in"}):
            visit = self._new_visit(**values)
            with self.subTest(values):
                self.assertFalse(visit.kit_item_ids)
                visit.action_start()

    def test_ticks_stay_once_begun(self):
        """V07: what was packed is a fact from the start on, and isn't copied."""
        visit = self._new_visit()
        visit.packed_item_ids = self.badge
        visit.action_start()
        with self.assertRefused("begun"):
            visit.packed_item_ids = self.pen
        with self.assertRefused("begun"):
            visit.action_pack_all()
        self.assertFalse(visit.copy().packed_item_ids)

    def test_type_is_settled_by_the_start(self):
        """V07: nobody starts as another type and changes back; tried with write, with
        the manager, in a report that is due and in one reopened (V05, V11)."""
        self._set_mode("V07", "block")
        cold = self.visit_type.create({"name": "Cold"})
        visit = self._new_visit()
        with self.assertRefused("Test badge"):
            visit.action_start()
        visit.visit_type_id = cold
        visit.action_start()
        for user in (self.salesperson, self.leader):
            with self.subTest(user.login), self.assertRefused("begun"):
                visit.with_user(user).visit_type_id = self.visit_type
        visit.action_finish()
        with self.assertRefused("begun"):
            visit.visit_type_id = self.visit_type
        self._submit(visit, VISIT_DAY)
        visit.with_user(self.leader).reopen_report("Wrong type")
        with self.assertRefused("begun"):
            visit.visit_type_id = self.visit_type
        self.assertEqual(visit.visit_type_id, cold)

    def test_types_that_come_with_the_addon_have_their_kit(self):
        """V07: badge, price list, cards and the rest, for visits we make."""
        kit = self.env.ref("sales_visit.sales_visit_type_regular").kit_item_ids
        self.assertIn(self.env.ref("sales_visit.sales_visit_kit_item_badge"), kit)
        self.assertEqual(len(kit), 10)

    def test_form(self):
        """V07: ticking works from the form."""
        with Form(self._new_visit()) as form:
            form.packed_item_ids.add(self.badge)
        self.assertEqual(form.record.packed_item_ids, self.badge)

    def test_says_beforehand_what_it_would_touch(self):
        """V07: visits not yet begun whose type has a required kit."""
        free = self.visit_type.create({"name": "Free"})
        self._new_visit()
        self._new_visit(visit_type_id=free.id)
        self._new_visit(channel="phone")
        self._new_visit().action_start()
        row = self._set_mode("V07", "block")
        self.assertEqual(row.touched_count, 1)
