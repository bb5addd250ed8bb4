from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import BaseCase, freeze_time, tagged

from ..geo import get_distance
from .common import VISIT_DAY, VisitCase

HERE = (31.2304, 121.4737)
LATER = VISIT_DAY + timedelta(minutes=30)


@tagged("post_install", "-at_install")
class TestDistance(BaseCase):
    def test_known_distances(self):
        """V08: against known figures, over the date line and at the poles."""
        for points, metres in (
            ((*HERE, *HERE), 0),
            ((0, 0, 0, 1), 111_195),
            ((0, 179.5, 0, -179.5), 111_195),
            ((90, 0, 90, 180), 0),
            ((0, 0, 0, 180), 20_015_115),
            ((31.2304, 121.4737, 39.9042, 116.4074), 1_067_311),
        ):
            with self.subTest(points):
                found = get_distance(*points)
                self.assertAlmostEqual(found, metres, delta=metres * 0.001 + 1)


@tagged("post_install", "-at_install")
@freeze_time(VISIT_DAY)
class TestPresence(VisitCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner.write({"partner_latitude": HERE[0], "partner_longitude": HERE[1]})

    def _started(self, **values):
        visit = self._new_visit(**values)
        visit.action_start()
        return visit

    def test_near_far_and_between(self):
        """V08: within the radius, its accuracy in favour; a wild one isn't worth more."""
        degree = 111_195
        for metres, accuracy, status in (
            (0, 5, "verified"),
            (495, 0, "verified"),
            (600, 0, "too_far"),
            (600, 150, "verified"),
            (600, 501, "inaccurate"),
            (890, 100_000, "inaccurate"),
            (1_050, 100_000, "too_far"),
        ):
            visit = self._started()
            found = visit.record_presence(HERE[0] + metres / degree, HERE[1], accuracy)
            with self.subTest(metres=metres, accuracy=accuracy):
                self.assertEqual(found, status)
                self.assertEqual(visit.checkin_status, status)
                self.assertAlmostEqual(visit.checkin_distance, metres, delta=2)

    def test_radius_is_the_companys(self):
        """V08: another radius, another result."""
        self.company.visit_radius = 100
        visit = self._started()
        self.assertEqual(visit.record_presence(HERE[0] + 0.003, HERE[1], 0), "too_far")

    def test_accuracy_is_the_companys(self):
        """V08: another limit, another result; none at all verifies whatever is near."""
        for limit, status in ((100, "inaccurate"), (0, "verified")):
            self.company.visit_accuracy = limit
            with self.subTest(limit):
                self.assertEqual(self._started().record_presence(*HERE, 101), status)

    def test_nonsense_gets_a_sentence(self):
        """V08: tried with words, lists, the endless, the negative and the immense."""
        visit = self._started()
        for accuracy in (
            "abc",
            [5],
            {},
            None,
            -1,
            1e12,
            1e308,
            float("inf"),
            float("nan"),
        ):
            with self.subTest(accuracy), self.assertRefused("metres"):
                visit.record_presence(*HERE, accuracy)
        self.assertEqual(visit.record_presence(float("nan"), 0, 5), "no_signal")

    def test_own_coordinates_verify_nothing(self):
        """V08: tried by moving the customer, by creating him where one is, and by
        writing who did it; a colleague and the manager vouch, and so does an approval."""
        partner = self.partner.with_user(self.salesperson)
        partner.write({"partner_latitude": 10, "partner_longitude": 10})
        visit = self._started()
        self.assertEqual(visit.record_presence(10, 10, 5), "own_target")
        proposal = visit.sudo().location_ids.with_user(self.leader)
        self.assertEqual(proposal.approval_state, "submitted")
        with self.assertRaises(AccessError):
            partner.write({"visit_located_by_id": self.colleague.id})
        self.assertNotIn("visit_located_by_id", partner.fields_get())
        created = partner.create(
            {"name": "New", "partner_latitude": 10, "partner_longitude": 10}
        )
        found = self._started(partner_id=created.id).record_presence(10, 10, 5)
        self.assertEqual(found, "own_target")
        hidden = partner.with_context(
            default_partner_latitude=10, default_partner_longitude=10
        ).create({"name": "By context"})
        found = self._started(partner_id=hidden.id).record_presence(10, 10, 5)
        self.assertEqual(found, "own_target")
        self.assertEqual(self._started().record_presence(*HERE, 5), "too_far")
        proposal.action_approve()
        self.assertEqual(self._started().record_presence(10, 10, 5), "verified")
        created.with_user(self.colleague).partner_latitude = 10.0001
        found = self._started(partner_id=created.id).record_presence(10, 10, 5)
        self.assertEqual(found, "verified")

    def test_ordinary_failures(self):
        """V08: not allowed, no signal, nonsense, customer without coordinates."""
        for args, status in (
            ((False, False, 0, "refused"), "refused"),
            ((False, False, 0, "no_signal"), "no_signal"),
            ((False, False, 0, "verified"), "no_signal"),
            ((True, True, 0), "no_signal"),
            ((99, 0, 0), "no_signal"),
        ):
            with self.subTest(args):
                self.assertEqual(self._started().record_presence(*args), status)
        visit = self._started(partner_id=self._new_partner("Nowhere").id)
        self.assertEqual(visit.record_presence(*HERE, 5), "no_target")
        self.assertAlmostEqual(visit.checkin_latitude, HERE[0])

    def test_never_blocks(self):
        """V08: without any position the visit goes on, and is found as unverified."""
        visit = self._started()
        self.assertEqual(visit.checkin_status, "unverified")
        visit.action_finish()
        self._submit(visit, VISIT_DAY)
        self.assertEqual(visit.state, "reported")
        self.assertEqual(visit.checkout_status, "unverified")

    def test_arrival_and_departure(self):
        """V08: each has its own position."""
        visit = self._started()
        self.assertTrue(visit.expects_presence())
        self.assertFalse(visit.with_user(self.leader).expects_presence())
        visit.record_presence(*HERE, 5)
        self.assertFalse(visit.expects_presence())
        with freeze_time(LATER):
            visit.action_finish()
            self.assertTrue(visit.expects_presence())
            self.assertEqual(visit.record_presence(0, 0, 5), "too_far")
        self.assertEqual(visit.checkin_status, "verified")

    def test_once_and_at_once(self):
        """V08: no second try, none hours later, none before."""
        visit = self._new_visit()
        with self.assertRefused("V08"):
            visit.record_presence(*HERE, 5)
        visit.action_start()
        visit.record_presence(0, 0, 5)
        with self.assertRefused("V08"):
            visit.record_presence(*HERE, 5)
        late = self._started()
        with freeze_time(VISIT_DAY + timedelta(minutes=11)), self.assertRefused("V08"):
            late.record_presence(*HERE, 5)

    def test_only_the_salesperson(self):
        """V08: neither a manager nor a stranger says where somebody is."""
        visit = self._started()
        for user in (self.leader, self.stranger):
            with self.subTest(user.login), self.assertRaises(AccessError):
                visit.with_user(user).record_presence(*HERE, 5)

    def test_status_is_no_field(self):
        """V08: nobody writes or creates a verified visit."""
        visit = self._started()
        for vals in ({"checkin_status": "verified"}, {"checkin_latitude": HERE[0]}):
            with self.subTest(vals), self.assertRaises(AccessError):
                visit.write(vals)
            with self.subTest(vals), self.assertRaises(UserError):
                self._new_visit(**vals)

    def test_only_where_we_go(self):
        """V08: calls and visitors have no position."""
        for values in ({"channel": "phone"}, {"direction": "in"}):
            visit = self._started(**values)
            with self.subTest(values), self.assertRefused("V08"):
                visit.record_presence(*HERE, 5)
            self.assertFalse(visit.checkin_status)

    def _purge(self, at):
        with self.enter_registry_test_mode(), freeze_time(at):
            self.env.ref("sales_visit.ir_cron_purge_presence").method_direct_trigger()
        self.env.invalidate_all()

    def test_coordinates_are_erased_in_time(self):
        """V08: after the days the company says; the result stays, and once is enough."""
        visit = self._started()
        visit.record_presence(*HERE, 5)
        visit.action_finish()
        self._submit(visit, VISIT_DAY)
        self._purge(VISIT_DAY + timedelta(days=89))
        self.assertTrue(visit.checkin_latitude)
        day = VISIT_DAY + timedelta(days=91)
        self._purge(day)
        self.assertFalse(visit.checkin_latitude)
        self.assertFalse(visit.checkin_longitude)
        self.assertEqual(visit.checkin_status, "verified")
        self.assertEqual(visit.presence_purged_at, day)
        self._purge(day + timedelta(days=1))
        self.assertEqual(visit.presence_purged_at, day)

    def test_visit_that_nobody_finished_is_erased_too(self):
        """V08: after the same days; where it ends later, once more."""
        visit = self._started()
        visit.record_presence(*HERE, 5)
        day = VISIT_DAY + timedelta(days=91)
        self._purge(day)
        self.assertFalse(visit.checkin_latitude)
        with freeze_time(day):
            visit.action_finish()
            visit.record_presence(*HERE, 5)
        self.assertFalse(visit.presence_purged_at)
        self._purge(day + timedelta(days=1))
        self.assertFalse(visit.checkout_latitude)
        self.assertTrue(visit.presence_purged_at)
