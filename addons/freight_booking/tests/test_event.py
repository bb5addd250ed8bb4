import psycopg2
from odoo.exceptions import AccessError, UserError
from odoo.tools import mute_logger

from .common import FreightCase


class TestEvent(FreightCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.block_all()
        cls.booking = cls.new_booking()
        cls.receive_shipping_order(cls.booking)
        cls.fill_containers(cls.booking)

    def new_event(self, context=None, **values):
        return (
            self.env["freight.event"]
            .with_user(self.operator)
            .with_context(**context or {})
            .create(
                {
                    "booking_id": self.booking.id,
                    "container_id": self.booking.container_ids.id,
                    "event_type": "EQUIPMENT",
                    "code": "LOAD",
                    "classifier": "EST",
                    "event_at": "2026-11-25 00:00:00",
                    **values,
                }
            )
        )

    def test_estimates_never_advance_a_state(self):
        """X03: planned and estimated events inform only."""
        self.new_event(classifier="EST")
        self.new_event(classifier="PLN", code="GTOT")
        self.assertEqual(self.booking.container_ids.state, "planned")
        self.assertEqual(self.booking.headline, "shipping_order")

    @mute_logger("odoo.sql_db")
    def test_event_is_recorded_once(self):
        """X03: an event ID is unique in a company."""
        self.new_event(event_id="957e4966-dad0-4111-9f8f-fb7216c43907")
        with self.assertRaises(psycopg2.IntegrityError), self.cr.savepoint():
            self.new_event(event_id="957e4966-dad0-4111-9f8f-fb7216c43907")

    def test_log_is_append_only(self):
        """X03: events are retracted, never changed or deleted, superuser included."""
        event = self.new_event()
        for attempt in (
            lambda: event.write({"classifier": "ACT"}),
            lambda: event.sudo().write({"event_at": "2020-01-01 00:00:00"}),
            lambda: event.with_context(freight_log=True).write({"retracted": True}),
            lambda: event.sudo().unlink(),
            lambda: event.action_retract(" "),
        ):
            with self.assertRaises(UserError):
                attempt()
        event.action_retract("wrong container")
        self.assertTrue(event.retracted)

    def test_hand_made_event_undoes_nothing(self):
        """X03: only a step's own event takes the step back."""
        self.booking.with_user(self.operator).action_pick_up()
        for forged in ({"milestone": "picked_up"}, {"source": "own"}):
            with self.assertRaises(AccessError):
                self.new_event(classifier="ACT", **forged)
        keys = {"default_milestone": "picked_up", "default_source": "own"}
        event = self.new_event(context=keys, classifier="ACT")
        self.assertEqual(event.source, "manual")
        self.assertFalse(event.milestone)
        event.action_retract("test")
        self.assertEqual(self.booking.container_ids.state, "picked_up")

    def test_no_default_key_makes_an_event_a_steps_own(self):
        """X03: what a context gives by default neither undoes nor hides anything."""
        self.booking.with_user(self.operator).action_pick_up()
        event = (
            self.env["freight.event"]
            .with_user(self.operator)
            .with_context(
                default_milestone="picked_up",
                default_source="own",
                default_retracted=True,
                freight_log=True,
            )
            .create(
                {
                    "booking_id": self.booking.id,
                    "container_id": self.booking.container_ids.id,
                    "event_type": "EQUIPMENT",
                    "code": "GTOT",
                    "classifier": "ACT",
                    "event_at": "2026-11-25 00:00:00",
                }
            )
        )
        self.assertFalse(event.milestone)
        self.assertFalse(event.retracted)
        self.assertEqual(event.source, "manual")
        event.action_retract("test")
        self.assertEqual(self.booking.container_ids.state, "picked_up")

    def test_no_default_key_reaches_the_event_of_a_step(self):
        """X03: a step's own event says what the step says, not the caller's context."""
        operator = self.booking.with_user(self.operator)
        operator.with_context(
            default_milestone="on_board",
            default_retracted=True,
            default_retracted_reason="x",
            default_classifier="EST",
            default_source="manual",
        ).action_pick_up()
        event = self.booking.event_ids.filtered("container_id")
        self.assertEqual(
            (event.milestone, event.classifier, event.source, event.retracted),
            ("picked_up", "ACT", "own", False),
        )

    def test_retraction_takes_the_last_step_back(self):
        """F09: retracting a milestone undoes it, the last one first."""
        operator = self.booking.with_user(self.operator)
        operator.action_pick_up()
        operator.action_return_laden()
        out, back = operator.event_ids.filtered("container_id").sorted("id")
        with self.assertRaisesRegex(UserError, "further on"):
            out.action_retract("wrong day")
        back.action_retract("wrong box")
        self.assertEqual(operator.container_ids.state, "picked_up")
        self.assertFalse(operator.container_ids.laden_at)
        operator.action_return_laden()
        self.assertEqual(operator.container_ids.state, "laden")

    def test_shipping_order_is_not_retracted_under_a_picked_up_container(self):
        """F07: the S/O stays while its container is out."""
        operator = self.booking.with_user(self.operator)
        event = operator.event_ids.filtered(lambda e: e.code == "CONF")
        operator.action_pick_up()
        with self.assertRaisesRegex(UserError, "no S/O, no pick-up"):
            event.action_retract("mistake")
