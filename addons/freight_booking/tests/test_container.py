import threading

import psycopg2
from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.sql_db import db_connect
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from .common import FreightCase

WRONG = {
    "CSQU3054384": "check digit should be 3",
    "CSQ03054383": "no container number",
    "C1QU3054383": "no container number",
    "CSQX3054383": "no container number",
    "CSQU305438": "no container number",
    "ÇSQU3054383": "no container number",
    "CSQU３054383": "no container number",
}


class TestContainer(FreightCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.block_all()
        cls.booking = cls.new_booking(2)
        cls.receive_shipping_order(cls.booking)
        cls.first, cls.second = cls.booking.container_ids

    def test_number_follows_iso_6346(self):
        """F10: owner code, category, serial and check digit are verified."""
        for number, message in WRONG.items():
            with self.assertRaisesRegex(UserError, message):
                self.first.number = number
        self.first.number = "csqu 305438-3"
        self.assertEqual(self.first.number, "CSQU3054383")

    def test_published_example_with_wrong_digit_is_refused(self):
        """F10: the standard's own example APNR7744962 is no container number."""
        with self.assertRaises(UserError):
            self.first.number = "APNR7744962"

    def test_shipper_owned_box_is_a_marked_exception(self):
        """F10: a shipper-owned box may have any number, and the log says so."""
        self.first.write({"number": "ACME BOX 7", "is_shipper_owned": True})
        self.assertEqual(self.first.number, "ACMEBOX7")
        self.assertIn(
            "ACMEBOX7", self.booking.message_ids[0].body + (self.first.number)
        )
        self.assertIn("shipper-owned", self.booking.message_ids[0].body)
        with self.assertRaises(UserError):
            self.first.is_shipper_owned = False

    def test_number_is_checked_at_create_and_import(self):
        """F10: no way in for a mistyped number."""
        Container = self.env["freight.container"].with_user(self.operator)
        with self.assertRaises(UserError):
            Container.create(
                {
                    "booking_id": self.booking.id,
                    "equipment_type_id": self.high_cube.id,
                    "number": "CSQU3054384",
                }
            )
        result = Container.load(
            ["booking_id/.id", "equipment_type_id/.id", "number"],
            [[str(self.booking.id), str(self.high_cube.id), "CSQU3054384"]],
        )
        self.assertFalse(result["ids"])
        self.assertIn("F10", result["messages"][0]["message"])

    def test_pick_up_needs_number_and_seal(self):
        """F10: a container leaves with number and seal."""
        mine = self.first.with_user(self.operator)
        with self.assertRaisesRegex(UserError, "container number is missing"):
            mine.action_pick_up()
        mine.number = self.new_number()
        with self.assertRaisesRegex(UserError, "no unbroken seal"):
            mine.action_pick_up()
        mine.write({"seal_number": "CN 7001", "state": "picked_up"})
        self.assertEqual(mine.state, "picked_up")
        self.assertEqual(mine.seal_number, "CN7001")

    def test_loading_needs_the_verified_gross_mass(self):
        """F10: on board only with VGM and its method."""
        self.fill_containers(self.booking)
        self.first.vgm_method = False
        containers = self.booking.container_ids.with_user(self.operator)
        containers.action_pick_up()
        containers.action_return_laden()
        with self.assertRaisesRegex(UserError, "VGM"):
            containers.action_on_board()

    def test_broken_seal_stays_broken_and_is_never_reused(self):
        """F10: a replaced seal is history, its number is used up."""
        self.fill_containers(self.booking)
        mine = self.booking.container_ids.with_user(self.operator)
        mine.action_pick_up()
        old = mine[0].seal_ids
        mine[0].seal_number = "NEW1"
        self.assertEqual(old.state, "broken")
        self.assertEqual(mine[0].seal_number, "NEW1")
        for attempt in (
            lambda: old.write({"state": "intact"}),
            lambda: old.write({"number": "X"}),
            lambda: old.sudo().write({"container_id": mine[1].id}),
            old.unlink,
            lambda: mine[0].write({"seal_number": False}),
        ):
            with self.assertRaises(UserError):
                attempt()
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.IntegrityError),
            self.cr.savepoint(),
        ):
            mine[1].seal_number = old.number
            self.env.flush_all()

    def assert_used_up(self, number):
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.IntegrityError),
            self.cr.savepoint(),
        ):
            self.second.seal_number = number
            self.env.flush_all()

    def test_seal_number_is_used_once_however_it_is_given(self):
        """F10: not again by another carrier, source or spelling of the number."""
        self.fill_containers(self.booking)
        mine = self.first.with_user(self.operator)
        mine.seal_number = "YT0488342"
        mine.action_pick_up()
        mine.seal_number = "YT0488343"
        for spelling in (
            "YT-0488342",
            "yt 0488342.",
            "YT0488342\u200b",
            "\uff39\uff340488342",
            "Y/T_0488342",
        ):
            with self.subTest(spelling):
                self.assert_used_up(spelling)
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.IntegrityError),
            self.cr.savepoint(),
        ):
            self.env["freight.seal"].with_user(self.operator).create(
                {
                    "container_id": self.second.id,
                    "number": "YT0488342",
                    "source": "SHI",
                }
            )
        self.booking.carrier_id = self.env.ref("freight_booking.carrier_mscu")
        self.assert_used_up("YT0488342")
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.IntegrityError),
            self.cr.savepoint(),
        ):
            mine.seal_number = "YT0488342"
            self.env.flush_all()
        self.assertEqual(mine.seal_number, "YT0488343")

    def test_state_of_the_context_is_no_state_of_the_seal(self):
        """F10: a default meant for the container makes no seal fail, nor break."""
        Container = self.env["freight.container"].with_user(self.operator)
        for state in ("picked_up", "broken"):
            container = Container.with_context(default_state=state).create(
                {
                    "booking_id": self.booking.id,
                    "equipment_type_id": self.high_cube.id,
                    "seal_number": f"DEFAULT{state}",
                }
            )
            self.assertEqual(container.state, "planned")
            self.assertEqual(container.seal_ids.state, "intact")

    def test_broken_seal_outlives_its_planned_container(self):
        """F10: deleting container or booking does not free a seal that was broken."""
        mine = self.first.with_user(self.operator)
        mine.seal_number = "S100"
        mine.seal_ids.action_break()
        with self.assertRaisesRegex(UserError, "Seal S100 was used"):
            mine.unlink()
        with self.assertRaisesRegex(UserError, "Seal S100 was used"):
            mine.sudo().unlink()
        with self.assertRaisesRegex(UserError, "Seal S100 was used"):
            mine.seal_ids.sudo().unlink()
        self.assert_used_up("S100")

    def test_draft_booking_is_not_deleted_with_a_broken_seal(self):
        """F10: the cascade of a deleted booking frees no seal either."""
        draft = self.new_booking()
        container = self.env["freight.container"].create(
            {
                "booking_id": draft.id,
                "equipment_type_id": self.high_cube.id,
                "seal_number": "S101",
            }
        )
        container.seal_ids.action_break()
        with self.assertRaisesRegex(UserError, "Seal S101 was used"):
            draft.with_user(self.commercial).unlink()
        with self.assertRaisesRegex(UserError, "Seal S101 was used"):
            self.booking.copy().write({"container_ids": [(2, container.id)]})
        unused = self.new_booking()
        self.env["freight.container"].create(
            {
                "booking_id": unused.id,
                "equipment_type_id": self.high_cube.id,
                "seal_number": "S102",
            }
        )
        unused.with_user(self.commercial).unlink()
        self.second.seal_number = "S102"
        self.assertEqual(self.second.seal_number, "S102", "never used, so free again")

    def test_seal_of_a_retracted_pick_up_stays_used(self):
        """F10: a seal that left with its container was used, whatever is retracted."""
        self.fill_containers(self.booking)
        mine = self.first.with_user(self.operator)
        old = mine.seal_ids
        mine.action_pick_up()
        self.booking.event_ids.filtered(
            lambda e: e.milestone == "picked_up" and e.container_id == self.first
        ).with_user(self.operator).action_retract("wrong box")
        self.assertEqual(mine.state, "planned")
        with self.assertRaisesRegex(UserError, "not erased"):
            mine.seal_number = False
        with self.assertRaisesRegex(UserError, "was used"):
            mine.unlink()
        mine.seal_number = "NEW2"
        self.assertEqual(old.state, "broken")
        self.assert_used_up(old.number)

    def test_seal_must_be_whole_to_load(self):
        """F10: a container whose seal broke is sealed anew before loading."""
        self.fill_containers(self.booking)
        mine = self.booking.container_ids.with_user(self.operator)
        mine.action_pick_up()
        mine.action_return_laden()
        mine[0].seal_ids.action_break()
        with self.assertRaisesRegex(UserError, "no unbroken seal"):
            mine[0].action_on_board()

    def test_number_is_unique_while_active(self):
        """F10: a box is on one active booking; after its empty return it is free."""
        self.fill_containers(self.booking)
        number = self.first.number
        other = self.new_booking()
        vals = {
            "booking_id": other.id,
            "equipment_type_id": self.high_cube.id,
            "number": number.lower(),
        }
        with self.assertRaisesRegex(ValidationError, self.booking.name):
            self.env["freight.container"].create(vals)
        mine = self.booking.container_ids.with_user(self.operator)
        mine.action_pick_up()
        mine.action_return_laden()
        mine.action_on_board()
        mine.action_return_empty()
        self.assertEqual(self.booking.headline, "on_board")
        self.assertTrue(self.env["freight.container"].create(vals))

    def test_consolidated_container_is_shared(self):
        """F10: LCL bookings name the same box, until one turns into FCL."""
        number = self.new_number()
        bookings = self.new_booking(cargo_movement="LCL") | self.new_booking(
            cargo_movement="LCL"
        )
        self.env["freight.container"].create(
            [
                {
                    "booking_id": booking.id,
                    "equipment_type_id": self.high_cube.id,
                    "number": number,
                }
                for booking in bookings
            ]
        )
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.IntegrityError),
            self.cr.savepoint(),
        ):
            bookings.write({"cargo_movement": "FCL"})
            self.env.flush_all()

    def test_box_out_on_its_own_is_not_shared_too(self):
        """F10: a number active on an FCL booking is on no LCL booking, nor vice versa."""
        number = self.new_number()
        self.first.number = number
        shared = self.new_booking(cargo_movement="LCL")
        own = self.new_booking()
        Container = self.env["freight.container"].with_user(self.operator)

        def get_values(booking, number):
            return {
                "booking_id": booking.id,
                "equipment_type_id": self.high_cube.id,
                "number": number,
            }

        taken = Container.create(get_values(shared, self.new_number()))
        free = Container.create(get_values(shared, self.new_number()))
        both = self.new_number()

        def turn_into(movement):
            own.cargo_movement = movement
            Container.create(get_values(own, number))
            own.cargo_movement = "FCL"

        for position, attempt in enumerate(
            (
                lambda: Container.create(get_values(shared, number)),
                lambda: free.write({"number": number}),
                lambda: free.sudo().write({"number": number}),
                lambda: Container.create(get_values(own, taken.number)),
                lambda: Container.create(
                    [get_values(shared, both), get_values(own, both)]
                ),
                lambda: (
                    self.booking.write({"cargo_movement": "LCL"})
                    and Container.create(get_values(own, number))
                ),
                lambda: turn_into("LCL"),
                lambda: self.first.write({"number": taken.number}),
            ),
            1,
        ):
            with (
                self.subTest(attempt=position),
                self.assertRaisesRegex(ValidationError, "in one place at a time"),
                self.cr.savepoint(),
            ):
                attempt()
        other = self.new_booking(cargo_movement="LCL")
        self.assertTrue(Container.create(get_values(other, taken.number)))
        with (
            self.assertRaisesRegex(ValidationError, "in one place at a time"),
            self.cr.savepoint(),
        ):
            other.cargo_movement = "FCL"

    def test_weights_are_numbers_that_can_be_weighed(self):
        """F10: a VGM that is no number or below nothing is no verified mass."""
        mine = self.first.with_user(self.operator)
        for value in (float("nan"), float("inf"), "NaN"):
            with self.subTest(value), self.assertRaisesRegex(UserError, "VGM"):
                mine.write({"vgm_weight": value, "vgm_method": "SM1"})
        for name, label in (("vgm_weight", "VGM"), ("tare_weight", "Tare")):
            for value in (1e308, 1000001.0, 10**30, "1e308", -1e308):
                with self.subTest(value), self.assertRaisesRegex(UserError, label):
                    mine.write({name: value})
            with self.assertRaisesRegex(UserError, label):
                self.env["freight.container"].with_context(
                    **{f"default_{name}": 1e308}
                ).create(
                    {
                        "booking_id": self.booking.id,
                        "equipment_type_id": self.high_cube.id,
                    }
                )
            mine.write({name: 99999.5})
            self.env.flush_all()
        for name in ("vgm_weight", "tare_weight"):
            with (
                self.subTest(name),
                mute_logger("odoo.sql_db"),
                self.assertRaises(psycopg2.IntegrityError),
                self.cr.savepoint(),
            ):
                mine.write({name: -1.0})
                self.env.flush_all()

    @mute_logger("odoo.sql_db")
    def test_container_has_one_unbroken_seal(self):
        """F10: a second seal needs the first one broken, whichever way it comes."""
        self.fill_containers(self.booking)
        Seal = self.env["freight.seal"].with_user(self.customs)
        first = self.first.seal_ids
        vals = {"container_id": self.first.id, "number": "CUS1", "source": "CUS"}
        for attempt in (
            lambda: Seal.create(vals),
            lambda: Seal.sudo().create(vals),
            lambda: self.first.with_user(self.operator).write(
                {"seal_ids": [Command.create({"number": "CUS1"})]}
            ),
        ):
            with self.assertRaises(psycopg2.IntegrityError), self.cr.savepoint():
                attempt()
                self.env.flush_all()
        self.assertEqual(self.first.seal_ids, first)
        first.with_user(self.customs).action_break()
        Seal.create(vals)
        self.assertEqual(self.first.seal_number, "CUS1")
        self.first.with_user(self.operator).action_pick_up()
        self.first.with_user(self.operator).seal_number = "CAR2"
        self.assertEqual(
            self.first.seal_ids.mapped("state"), ["broken", "broken", "intact"]
        )

    def test_unnumbered_containers_are_told_apart(self):
        """X01: an error about the second of two boxes says so."""
        self.assertEqual(
            [c.display_name.split(" of ")[0][-5:] for c in self.booking.container_ids],
            ["no. 1", "no. 2"],
        )
        self.first.number = self.new_number()
        self.assertEqual(self.first.display_name, self.first.number)
        self.assertIn("no. 2 of", self.second.display_name)

    def test_states_go_forward(self):
        """F10: only a retracted event takes a container back."""
        self.load(booking := self.new_booking())
        with self.assertRaisesRegex(UserError, "can't go back"):
            booking.container_ids.with_user(self.operator).state = "planned"


@tagged("post_install", "-at_install")
class TestContainerRace(TransactionCase):
    """Two real transactions: leaving a cursor's block commits, the clean-up removes."""

    def setUp(self):
        super().setUp()
        self.connection = db_connect(self.env.cr.dbname)
        with self.connection.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            bookings = env["freight.booking"].create(
                [{"partner_id": env.company.partner_id.id}] * 2
            )
            self.booking_ids = bookings.ids
            self.type_id = env.ref("freight_booking.equipment_type_45g1").id
        self.addCleanup(self.remove)

    def remove(self):
        with self.connection.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            bookings = env["freight.booking"].browse(self.booking_ids)
            bookings.container_ids.unlink()
            bookings.unlink()
            # Rows that the server keeps for good: not those of other data.
            env["freight.container.number"].search(
                [("number", "=like", "CSQU30543%")]
            ).unlink()

    def add(self, cr, booking_id, number="CSQU3054383"):
        env = api.Environment(cr, SUPERUSER_ID, {})
        env["freight.container"].create(
            {
                "booking_id": booking_id,
                "equipment_type_id": self.type_id,
                "number": number,
            }
        )
        env.flush_all()

    def add_at_once(self, position, number, outcomes):
        """Add a box to the other booking on a cursor of its own, as the host would:
        what the database could not serialize is tried again."""
        for _attempt in range(2):
            with self.connection.cursor() as cr:
                try:
                    self.add(cr, self.booking_ids[position], number)
                    outcomes.append("taken")
                    return
                except psycopg2.errors.SerializationFailure:
                    cr.rollback()
                    outcomes.append("again")
                except ValidationError as error:
                    cr.rollback()
                    outcomes.append(str(error))
                    return

    @mute_logger("odoo.sql_db")
    def test_box_of_ones_own_and_shared_one_at_once(self):
        """F10: of an FCL and an LCL booking of a box at once, one is refused."""
        with self.connection.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            env["freight.booking"].browse(self.booking_ids[1]).cargo_movement = "LCL"
        for first, number in (
            (0, "CSQU3054383"),  # nobody ever had it
            (1, "CSQU3054402"),
            (0, self.free_again("CSQU3054399")),
        ):
            with self.subTest(first=first, number=number):
                outcomes = []
                thread = threading.Thread(
                    target=self.add_at_once, args=(1 - first, number, outcomes)
                )
                with self.connection.cursor() as cr:
                    self.add(cr, self.booking_ids[first], number)
                    thread.start()
                    thread.join(timeout=1)
                    self.assertTrue(thread.is_alive(), "the second waits")
                thread.join(timeout=30)
                self.assertEqual(outcomes[0], "again")
                self.assertIn("in one place at a time", outcomes[1])
                self.assertEqual(len(outcomes), 2)

    def free_again(self, number):
        """Have a box once and give it back; return its number."""
        with self.connection.cursor() as cr:
            self.add(cr, self.booking_ids[0], number)
            env = api.Environment(cr, SUPERUSER_ID, {})
            env["freight.container"].search([("number", "=", number)]).unlink()
        return number

    @mute_logger("odoo.sql_db")
    def test_two_shared_bookings_take_a_box_at_once(self):
        """F10: two LCL bookings of one box both pass, the second when tried again."""
        with self.connection.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            env["freight.booking"].browse(self.booking_ids).cargo_movement = "LCL"
        outcomes = []
        thread = threading.Thread(
            target=self.add_at_once, args=(1, "CSQU3054383", outcomes)
        )
        with self.connection.cursor() as cr:
            self.add(cr, self.booking_ids[0])
            thread.start()
            thread.join(timeout=1)
        thread.join(timeout=30)
        self.assertEqual(outcomes[-1], "taken")

    @mute_logger("odoo.sql_db")
    def test_two_bookings_take_the_same_container_at_once(self):
        """F10: of two simultaneous bookings of a box the database takes one."""
        outcomes = []

        def second():
            with self.connection.cursor() as cr:
                try:
                    self.add(cr, self.booking_ids[1])
                    outcomes.append("taken")
                except (psycopg2.errors.UniqueViolation, ValidationError) as error:
                    cr.rollback()
                    outcomes.append(type(error).__name__)

        with self.connection.cursor() as cr:
            self.add(cr, self.booking_ids[0])
            thread = threading.Thread(target=second)
            thread.start()
            thread.join(timeout=1)
            self.assertTrue(thread.is_alive(), "the second waits for the first")
        thread.join(timeout=30)
        self.assertEqual(outcomes, ["UniqueViolation"])
