import psycopg2
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form
from odoo.tools import mute_logger

from .common import FreightCase


class TestBooking(FreightCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.block_all()
        cls.booking = cls.new_booking(2)

    def test_booking_goes_from_draft_to_on_board(self):
        """F07: booked, S/O, picked up, returned laden, on board; events say when."""
        booking = self.booking.with_user(self.operator)
        self.assertEqual(booking.headline, "draft")
        booking.action_confirm_booking()
        self.assertEqual(booking.headline, "booked")
        self.fill_shipping_order(self.booking)
        booking.action_receive_shipping_order()
        self.assertEqual(booking.headline, "shipping_order")
        self.assertEqual(booking.container_count, 2)
        self.fill_containers(self.booking)
        booking.action_pick_up()
        self.assertEqual(booking.headline, "picked_up")
        booking.action_return_laden()
        self.assertEqual(booking.headline, "laden")
        self.assertTrue(
            booking.cutoff_ids.filtered(lambda c: c.code == "FCO").met,
            "the yard cut-off was met by the return",
        )
        booking.action_on_board()
        self.assertEqual(booking.headline, "on_board")
        codes = booking.event_ids.sorted("id").mapped("code")
        self.assertEqual(
            codes, ["REQS", "CONF", *["GTOT"] * 2, *["GTIN"] * 2, *["LOAD"] * 2]
        )
        self.assertEqual(set(booking.event_ids.mapped("classifier")), {"ACT"})

    def test_repeated_steps_change_nothing(self):
        """F07: the same step again writes no second event."""
        self.load(self.booking)
        count = len(self.booking.event_ids)
        self.booking.with_user(self.operator).action_receive_shipping_order()
        self.booking.container_ids.with_user(self.operator).action_on_board()
        self.booking.container_ids.with_user(self.operator).action_pick_up()
        self.assertEqual(len(self.booking.event_ids), count)

    def test_no_shipping_order_no_pick_up(self):
        """F07: without S/O no container is picked up, by whichever way."""
        booking = self.booking.with_user(self.operator)
        booking.action_confirm_booking()
        container = self.env["freight.container"].create(
            {
                "booking_id": booking.id,
                "equipment_type_id": self.high_cube.id,
                "number": self.new_number(),
                "seal_number": "S1",
            }
        )
        mine = container.with_user(self.operator)
        attempts = [
            mine.action_pick_up,
            booking.action_pick_up,
            lambda: mine.write({"state": "picked_up"}),
            lambda: mine.write({"state": "on_board"}),
            lambda: booking.write(
                {"container_ids": [Command.update(mine.id, {"state": "picked_up"})]}
            ),
            lambda: mine.with_context(freight_retraction=True, install_mode=True).write(
                {"state": "picked_up"}
            ),
            lambda: container.sudo().write({"state": "picked_up"}),
            lambda: mine.create(
                {
                    "booking_id": booking.id,
                    "equipment_type_id": self.high_cube.id,
                    "number": self.new_number(),
                    "seal_number": "S2",
                    "state": "picked_up",
                }
            ),
        ]
        for attempt in attempts:
            with self.assertRaisesRegex(UserError, "no S/O, no pick-up"):
                attempt()
        self.assertEqual(container.state, "planned")

    def test_pick_up_is_refused_at_import(self):
        """F07: the host's import meets the same guard."""
        self.booking.with_user(self.operator).action_confirm_booking()
        result = (
            self.env["freight.container"]
            .with_user(self.operator)
            .load(
                [
                    "booking_id/.id",
                    "equipment_type_id/.id",
                    "number",
                    "seal_number",
                    "state",
                ],
                [
                    [
                        str(self.booking.id),
                        str(self.high_cube.id),
                        self.new_number(),
                        "S3",
                        "picked_up",
                    ]
                ],
            )
        )
        self.assertFalse(result["ids"])
        self.assertIn("no S/O, no pick-up", result["messages"][0]["message"])

    def test_shipping_order_must_be_complete(self):
        """F07: an S/O has number, vessel, cut-offs, equipment; cargo is ready."""
        booking = self.booking.with_user(self.operator)
        booking.action_confirm_booking()
        booking.cargo_ready_date = False
        for attempt in (
            booking.action_receive_shipping_order,
            lambda: booking.write({"shipping_order_at": "2026-11-21 00:00:00"}),
            lambda: booking.create(
                {
                    "partner_id": self.customer.id,
                    "carrier_id": self.carrier.id,
                    "pol_id": self.pol.id,
                    "pod_id": self.pod.id,
                    "commodity": "toys",
                    "cargo_movement": "LCL",
                    "commercial_state": "booked",
                    "shipping_order_at": "2026-11-21 00:00:00",
                }
            ),
        ):
            with self.assertRaises(UserError) as caught:
                attempt()
            for word in ("S/O number", "vessel and voyage", "cut-offs", "cargo-ready"):
                self.assertIn(word, str(caught.exception))

    def test_shipping_order_answers_a_booking(self):
        """F07: a draft has nothing to be answered."""
        self.fill_shipping_order(self.booking)
        with self.assertRaisesRegex(UserError, "is not booked"):
            self.booking.with_user(self.operator).action_receive_shipping_order()

    def test_no_more_than_confirmed_is_picked_up(self):
        """F07: count picked up ≤ count confirmed."""
        self.receive_shipping_order(self.booking)
        extra = self.booking.container_ids[0].copy()
        self.fill_containers(self.booking)
        self.booking.with_user(self.operator).container_ids[:2].action_pick_up()
        with self.assertRaisesRegex(UserError, "the carrier confirmed 2"):
            extra.with_user(self.operator).action_pick_up()

    def test_what_allowed_the_pick_up_stays(self):
        """F07: S/O, confirmed equipment and numbers stay while containers are out."""
        self.load(self.booking)
        booking = self.booking.with_user(self.operator)
        other = self.new_booking()
        for attempt in (
            lambda: booking.write({"carrier_booking_reference": False}),
            lambda: booking.write({"shipping_order_at": False}),
            lambda: booking.equipment_ids.write({"confirmed_quantity": 1}),
            booking.equipment_ids.unlink,
            lambda: booking.container_ids[0].write({"number": False}),
            lambda: booking.container_ids[0].write({"booking_id": other.id}),
            lambda: booking.container_ids[0].write(
                {"equipment_type_id": self.dry20.id}
            ),
            lambda: booking.write({"commercial_state": "cancelled"}),
            booking.action_cancel,
            booking.container_ids.unlink,
            booking.unlink,
        ):
            with self.assertRaises(UserError):
                attempt()

    def test_rule_cannot_be_dodged_in_another_company(self):
        """F07: a booking stays in its company, whose modes count."""
        other = self.env["res.company"].create({"name": "Other"})
        with self.assertRaisesRegex(UserError, "stays in its company"):
            self.booking.write({"company_id": other.id})

    def test_less_than_container_does_not_hide_excess(self):
        """F07: turning a booking into LCL and back does not pick up more."""
        self.receive_shipping_order(self.booking)
        self.booking.container_ids[0].copy()
        self.fill_containers(self.booking)
        self.booking.cargo_movement = "LCL"
        self.booking.with_user(self.operator).action_pick_up()
        with self.assertRaisesRegex(UserError, "the carrier confirmed 2"):
            self.booking.cargo_movement = "FCL"

    def test_steps_belong_to_roles(self):
        """F07: only the operator takes the operator's steps, also by RPC."""
        with self.assertRaises(AccessError):
            self.booking.with_user(self.settlement).write(
                {"commercial_state": "booked"}
            )
        self.receive_shipping_order(self.booking)
        self.fill_containers(self.booking)
        with self.assertRaises(AccessError):
            self.booking.container_ids.with_user(self.customs).write(
                {"state": "picked_up"}
            )
        with self.assertRaises(AccessError):
            self.booking.container_ids.with_user(self.operator).write(
                {"customs_state": "released"}
            )

    def test_customs_takes_what_has_left_the_depot(self):
        """F12: one button declares what is out, not boxes that wait at the depot."""
        customs = self.booking.with_user(self.customs)
        self.receive_shipping_order(self.booking)
        self.fill_containers(self.booking)
        with self.assertRaisesRegex(UserError, "No container of this booking"):
            customs.action_declare()
        out, waiting = self.booking.container_ids
        out.with_user(self.operator).action_pick_up()
        customs.action_declare()
        self.assertEqual(out.customs_state, "declared")
        self.assertEqual(waiting.customs_state, "pending")
        customs.action_customs_release()
        self.assertEqual(out.customs_state, "released")
        self.assertEqual(self.booking.customs_state, "none")
        with self.assertRaisesRegex(UserError, "No container of this booking"):
            customs.action_customs_release()

    def test_new_rows_are_filled_in_as_usual(self):
        """F07: the operator who opens a booking operates it; rows take the type above."""
        Booking = self.env["freight.booking"]
        vals = {"partner_id": self.customer.id}
        mine = Booking.with_user(self.operator).create(vals)
        self.assertEqual(mine.operator_id, self.operator)
        theirs = Booking.with_user(self.commercial).create(vals)
        self.assertFalse(theirs.operator_id)
        with Form(mine) as form:
            with form.container_ids.new() as row:
                self.assertFalse(row.equipment_type_id)
                row.equipment_type_id = self.dry20
            with form.container_ids.new() as row:
                self.assertEqual(row.equipment_type_id, self.dry20)
                row.equipment_type_id = self.high_cube
            with form.container_ids.new() as row:
                self.assertEqual(row.equipment_type_id, self.high_cube)
        self.assertEqual(
            mine.container_ids.equipment_type_id, self.dry20 | self.high_cube
        )

    def test_no_default_key_takes_a_step(self):
        """F07, F10, F18: what a context gives by default takes no step."""
        vals = self.booking.copy_data()[0]
        keys = {
            "default_commercial_state": "booked",
            "default_shipping_order_at": "2026-01-01 00:00:00",
            "default_settlement": "monthly",
        }
        booking = self.env["freight.booking"].with_context(**keys).create(vals)
        self.assertEqual(booking.commercial_state, "draft")
        self.assertFalse(booking.shipping_order_at)
        self.assertEqual(booking.settlement, "prepaid")
        container = (
            self.env["freight.container"]
            .with_context(default_state="on_board")
            .create(
                {
                    "booking_id": booking.id,
                    "number": self.new_number(),
                    "equipment_type_id": self.booking.equipment_ids.equipment_type_id.id,
                }
            )
        )
        self.assertEqual(container.state, "planned")
        bill = (
            self.env["freight.bill"]
            .with_context(default_state="released", default_on_board=True)
            .create({"booking_id": booking.id})
        )
        self.assertEqual(bill.state, "draft")

    def test_duplicate_starts_anew(self):
        """F07: a copy has no S/O, no containers, no events."""
        self.load(self.booking)
        copy = self.booking.copy()
        self.assertEqual(copy.headline, "draft")
        self.assertFalse(copy.container_ids | copy.container_ids)
        self.assertFalse(copy.carrier_booking_reference or copy.shipping_order_at)
        self.assertEqual(copy.equipment_ids.mapped("confirmed_quantity"), [0])
        self.assertFalse(copy.event_ids)

    def test_what_the_carrier_confirmed_is_the_operators(self):
        """F07: nobody else writes or takes back an S/O, its number or its equipment."""
        self.receive_shipping_order(self.booking)
        row = self.booking.equipment_ids
        event = self.booking.event_ids.filtered(
            lambda event: event.milestone == "shipping_order"
        )
        Booking, Row = (
            self.env["freight.booking"],
            self.env["freight.booking.equipment"],
        )
        base = {"partner_id": self.customer.id}
        new_row = {
            "booking_id": self.booking.id,
            "equipment_type_id": self.dry20.id,
            "confirmed_quantity": 1,
        }
        update = {"equipment_ids": [Command.update(row.id, {"confirmed_quantity": 9})]}
        for user, attempt in (
            (self.settlement, lambda b: b.write({"shipping_order_at": False})),
            (self.commercial, lambda b: b.write({"shipping_order_at": False})),
            (self.documents, lambda b: event.with_env(b.env).action_retract("x")),
            (self.settlement, lambda b: b.write({"carrier_booking_reference": "X"})),
            (self.commercial, lambda b: b.write({"carrier_booking_reference": False})),
            (
                self.commercial,
                lambda b: b.create({**base, "carrier_booking_reference": "X"}),
            ),
            (self.commercial, lambda b: b.write(update)),
            (
                self.commercial,
                lambda b: row.with_env(b.env).write({"confirmed_quantity": 99}),
            ),
            (
                self.commercial,
                lambda b: row.with_env(b.env).write(
                    {"equipment_type_id": self.dry20.id}
                ),
            ),
            (self.commercial, lambda b: row.with_env(b.env).unlink()),
            (self.commercial, lambda b: Row.with_env(b.env).create(new_row)),
        ):
            with (
                self.subTest(user.name),
                self.assertRaises(AccessError),
                self.cr.savepoint(),
            ):
                attempt(self.booking.with_user(user))
                self.env.flush_all()
        self.env.invalidate_all()
        defaulted = (
            Row.with_user(self.commercial)
            .with_context(default_confirmed_quantity=9)
            .create({**new_row, "confirmed_quantity": 0})
        )
        self.assertFalse(defaulted.confirmed_quantity)
        defaulted.quantity = 3
        row.with_user(self.commercial).write(
            {"confirmed_quantity": row.confirmed_quantity, "quantity": 2}
        )
        self.booking.with_user(self.settlement).write(
            {"carrier_booking_reference": self.booking.carrier_booking_reference}
        )
        operator = self.booking.with_user(self.operator)
        operator.write(update)
        operator.write({"shipping_order_at": False})
        operator.write({"carrier_booking_reference": "COSU1"})
        self.assertTrue(
            Booking.with_user(self.operator).create(
                {**base, "carrier_booking_reference": "COSU2"}
            )
        )

    def test_no_default_agrees_on_terms(self):
        """F18: neither a context nor one's own default makes a booking monthly."""
        Booking = self.env["freight.booking"].with_user(self.operator)
        vals = {"partner_id": self.customer.id}
        booking = Booking.with_context(default_settlement="monthly").create(vals)
        self.assertEqual(booking.settlement, "prepaid")
        self.env["ir.default"].with_user(self.operator).set(
            "freight.booking", "settlement", "monthly", user_id=True
        )
        self.assertEqual(Booking.create(vals).settlement, "prepaid")

    def test_settlement_terms_need_a_role(self):
        """F18: operators don't decide when we are paid."""
        for vals in (
            {"settlement": "monthly"},
            {"freight_payment_term_code": "COL", "settlement": "collect"},
        ):
            with self.assertRaises(AccessError):
                self.booking.with_user(self.operator).write(vals)
            with self.assertRaises(AccessError):
                self.booking.with_user(self.operator).copy(vals)
        self.booking.with_user(self.commercial).settlement = "monthly"
        with self.assertRaisesRegex(ValidationError, "collect too"):
            self.booking.with_user(self.commercial).settlement = "collect"

    @mute_logger("odoo.sql_db")
    def test_database_keeps_one_booking_per_quote(self):
        """F06: the database refuses a second live booking of a quote."""
        order = self.env["sale.order"].create({"partner_id": self.customer.id})
        self.new_booking(order_id=order.id)
        with self.assertRaises(psycopg2.IntegrityError), self.cr.savepoint():
            self.new_booking(order_id=order.id)

    def test_cutoff_keeps_its_zone_across_midnight(self):
        """F11: 23:30 in China is 15:30 UTC, and is shown as 23:30."""
        self.booking.cutoff_ids = [
            Command.create({"code": "CUS", "deadline": "2026-11-27 15:30:00"})
        ]
        cutoff = self.booking.cutoff_ids
        self.assertEqual(cutoff.tz, "Asia/Shanghai")
        self.assertIn("27 Nov 23:30", cutoff.deadline_local)
        self.assertEqual(self.booking.next_cutoff_at, cutoff.deadline)
        cutoff.met = True
        self.assertFalse(self.booking.next_cutoff_at)

    def test_track_says_why(self):
        """X01: the dot that can't be taken says the rule and who can help."""
        self.booking.with_user(self.operator).action_confirm_booking()
        tracks = self.booking.with_user(self.operator).track
        dot = tracks[1]["dots"][0]
        self.assertEqual(dot["state"], "blocked")
        self.assertIn("F07", dot["text"])
        self.assertIn("S/O number", dot["text"])
        self.assertIn("Freight Operator", dot["text"], "who can")
        self.assertIn("F07", self.booking.guard_banner)
        self.load(new := self.new_booking())
        self.assertFalse(new.guard_banner)
        states = [dot["state"] for dot in new.track[1]["dots"]]
        self.assertEqual(states, ["done"] * 4)

    def test_every_dot_says_who_or_when(self):
        """X01: a dot that was taken has its time, one to come has its person."""
        self.load(booking := self.new_booking())
        self.new_charge(booking, customer_confirmed=False)
        for track in booking.with_user(self.operator).track:
            for dot in track["dots"]:
                with self.subTest(track["label"], dot=dot["label"]):
                    self.assertTrue(dot["details"])
                    self.assertIn(dot["label"], dot["text"])
                    word = r"\d\d:\d\d" if dot["state"] == "done" else "to be done by"
                    self.assertRegex(dot["details"][0], word)

    def test_banner_is_red_when_it_is_too_late_only(self):
        """X01: what is still to be done is a hint until its cut-off has passed."""
        self.receive_shipping_order(self.booking)
        banner = self.booking.with_user(self.operator).guard_banner
        self.assertIn("alert-warning", banner)
        self.assertIn("the operator enters it", banner)
        self.booking.cutoff_ids[0].deadline = "2026-01-01 00:00:00"
        self.env.invalidate_all()
        banner = self.booking.with_user(self.operator).guard_banner
        self.assertIn("alert-danger", banner)
        self.assertIn("A cut-off has passed", banner)

    def test_banner_sums_up_the_containers(self):
        """X01: the booking says once what its containers lack for the next step."""
        self.receive_shipping_order(self.booking)
        banner = self.booking.with_user(self.operator).guard_banner
        self.assertEqual(banner.count("the container number is missing"), 1)
        self.assertEqual(banner.count("no unbroken seal"), 1)

    def test_imo_number_is_checked(self):
        """F06: a vessel's IMO number carries its own check."""
        self.booking.vessel_imo = "9321483"
        for wrong in ("9321484", "９321483"):
            with self.assertRaises(ValidationError):
                self.booking.vessel_imo = wrong
