from datetime import datetime
from itertools import permutations
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import BaseCase, freeze_time, tagged

from ..route import Stop, get_distance, get_length, order_stops
from .common import VisitCase

HOME = (23.0, 113.0)


@tagged("post_install", "-at_install")
class TestRouteOrder(BaseCase):
    """V04: the order of stops, as a function of places and times."""

    def _keys(self, stops, **ends):
        return [stop.key for stop in order_stops(stops, **ends)]

    def test_distance(self):
        """V04: a degree of latitude is 111 km; unknown places are no way."""
        self.assertAlmostEqual(get_distance((0, 0), (1, 0)), 111.2, delta=0.1)
        self.assertAlmostEqual(get_distance(HOME, (23.1291, 113.2644)), 30.6, delta=0.5)
        self.assertEqual(get_distance(None, HOME), 0)

    def test_nearest_way(self):
        """V04: along the line, not back and forth."""
        stops = [Stop(key, None, (23 + key / 10, 113)) for key in (3, 1, 4, 2)]
        self.assertEqual(self._keys(stops, start=HOME), [1, 2, 3, 4])
        self.assertEqual(self._keys(stops, start=(24, 113), end=HOME), [4, 3, 2, 1])

    def test_round_trip_is_no_longer_than_any_other_order(self):
        """V04: for a handful of stops the best order is found."""
        points = [
            (23.1, 113.3),
            (23.4, 113.1),
            (23.2, 113.0),
            (22.9, 113.4),
            (23.3, 113.5),
        ]
        stops = [Stop(key, None, point) for key, point in enumerate(points)]
        best = min(get_length(order, HOME, HOME) for order in permutations(stops))
        found = get_length(order_stops(stops, HOME, HOME), HOME, HOME)
        self.assertAlmostEqual(found, best)

    def test_appointments_keep_their_order(self):
        """V04: the rest goes between them where it costs least."""
        far = Stop("far", 1, (23.5, 113))
        near = Stop("near", 2, (23.1, 113))
        between = Stop("between", None, (23.3, 113))
        self.assertEqual(
            self._keys([between, near, far], start=HOME, end=HOME),
            ["between", "far", "near"],
        )
        self.assertEqual(
            self._keys([between, near, far], start=(24, 113), end=HOME),
            ["far", "between", "near"],
        )

    def test_unknown_places_come_last(self):
        """V04: in the order given; nothing is lost."""
        stops = [Stop(1), Stop(2), Stop(3, None, HOME), Stop(4, 1)]
        self.assertEqual(self._keys(stops, start=HOME), [3, 4, 1, 2])
        self.assertEqual(self._keys([]), [])


@tagged("post_install", "-at_install")
@freeze_time("2026-11-25 10:00:00")
class TestRoute(VisitCase):
    """V04: the day's visits in order, by hand and by the job of the evening before."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.partner_id.write(
            {"partner_latitude": HOME[0], "partner_longitude": HOME[1]}
        )

    def _planned(self, north, hour, **values):
        partner = self._new_partner(
            f"N{north}", partner_latitude=23 + north, partner_longitude=113
        )
        visit = self._new_visit(
            partner_id=partner.id,
            planned_start=datetime(2026, 11, 26, hour, 0),
            **values,
        )
        visit.action_plan()
        return visit

    def _order(self, visits):
        return [
            visit.id
            for visit in visits.sorted("route_sequence")
            if visit.route_sequence
        ]

    def test_button_orders_the_whole_day(self):
        """V04: from the company and back; confirmed visits in the order of their times."""
        far, near, middle = (
            self._planned(north, hour) for north, hour in ((0.5, 1), (0.1, 3), (0.3, 5))
        )
        other_day = self._planned(0.2, 2)
        other_day.planned_start = datetime(2026, 11, 27, 2, 0)
        self.salesperson.route_end_id = far.partner_id
        near.action_order_route()
        visits = far | near | middle
        self.assertEqual(self._order(visits), [near.id, middle.id, far.id])
        self.assertFalse(other_day.route_sequence)
        far.action_confirm()
        near.action_confirm()
        near.action_order_route()
        self.assertEqual(self._order(far | near), [far.id, near.id])

    def test_job_orders_the_next_day_once(self):
        """V04: the evening before; a route changed afterwards stays."""
        far, near = self._planned(0.5, 1), self._planned(0.1, 3)
        self.salesperson.route_end_id = far.partner_id
        cron = self.env.ref("sales_visit.ir_cron_order_routes")
        for moment, ordered in (
            ("2026-11-25 06:00:00", False),
            ("2026-11-25 12:00:00", True),
        ):
            self.env.flush_all()
            with freeze_time(moment), self.enter_registry_test_mode():
                cron.method_direct_trigger()
            self.env.invalidate_all()
            self.assertEqual(bool(near.route_sequence), ordered)
        self.assertEqual(self._order(far | near), [near.id, far.id])
        far.route_sequence, near.route_sequence = 1, 2
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(self._order(far | near), [far.id, near.id])

    def test_job_killed_half_way_goes_on(self):
        """V04: what one run has ordered, the next leaves; nothing is left out."""
        visits = self._planned(0.1, 1) | self._planned(0.2, 3) | self._planned(0.3, 5)
        cron = self.env.ref("sales_visit.ir_cron_order_routes")

        def run():
            self.env.flush_all()
            with freeze_time("2026-11-25 12:00:00"), self.enter_registry_test_mode():
                cron.method_direct_trigger()
            self.env.invalidate_all()

        with self._killed_in_second_batch("sales.visit", "_order_routes"):
            run()
        done = visits.filtered("route_ordered_at")
        self.assertEqual(len(done), 2)
        with patch.object(type(visits), "_order_routes", autospec=True) as order:
            run()
            run()
        order.assert_called_once()
        self.assertEqual(order.call_args.args[0].ids, (visits - done).ids)

    def test_maps(self):
        """V04: by coordinates, else by address; configurable."""
        visit = self._planned(0.1, 3)
        self.assertIn("position=113.0,23.1", visit.map_url)
        self.partner.write({"street": "1 Main Road", "city": "Guangzhou"})
        by_address = self._new_visit()
        self.assertIn("1%20Main%20Road", by_address.map_url)
        self.env["ir.config_parameter"].set_param(
            "sales_visit.map_url", "https://map.example.com/{latitude}/{longitude}"
        )
        visit.invalidate_recordset()
        self.assertEqual(visit.map_url, "https://map.example.com/23.1/113.0")
        url = (visit | self._planned(0.5, 1)).action_view_route()["url"]
        self.assertIn("origin=23.0,113.0", url)

    def test_one_orders_ones_own(self):
        """V04: nobody else's day; one's start is one's own to choose."""
        visit = self._planned(0.1, 3)
        for user in (self.colleague, self.other_leader):
            with self.subTest(user.login), self.assertRaises(AccessError):
                visit.with_user(user).action_order_route()
        salesperson = self.salesperson.with_user(self.salesperson)
        salesperson.route_start_id = self.partner
        with self.assertRaises(AccessError):
            self.colleague.with_user(self.salesperson).route_start_id = self.partner

    def test_constant_queries(self):
        """V04: 12 stops take the queries of 3."""

        def count(number, day):
            visits = self.env["sales.visit"].union(
                *(self._planned(i / 10, 1) for i in range(1, number + 1))
            )
            visits.write({"planned_start": datetime(2026, 12, day, 2, 0)})
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            visits.action_order_route()
            self.env.flush_all()
            return self.cr.sql_log_count - before

        count(2, 1)
        few = count(3, 8)
        self.assertLessEqual(count(12, 15), few)
