from odoo import api, fields, models
from odoo.addons.sales_receivable.guard import as_server
from odoo.exceptions import UserError
from odoo.tools import format_list

from .freight_guard_mixin import COMMERCIAL, OPERATOR

#: Cut-offs without which a shipping order is not complete: instructions and yard.
NEEDED_CUTOFFS = {"DCO", "FCO"}
#: Equipment state of a booking: the containers that wait there, and their next step.
CONTAINER_STEPS = {
    "shipping_order": ("planned", "picked_up"),
    "picked_up": ("picked_up", "laden"),
    "laden": ("laden", "on_board"),
}


class FreightBookingSteps(models.Model):
    """The steps of a booking and their guards (F07)."""

    _name = "freight.booking"
    _inherit = "freight.booking"

    #: Writing one of these takes a step; they are written apart from all else.
    _fact_fields = ("commercial_state", "shipping_order_at")

    @api.model
    def _get_step_fields(self):
        return super()._get_step_fields() | {
            *self._fact_fields,
            "carrier_booking_reference",
            "settlement",
            "freight_payment_term_code",
        }

    #: What allowed a pick-up; changing it checks the containers that are out again.
    _pick_up_fields = {
        "carrier_booking_reference",
        "shipping_order_at",
        "cargo_movement",
    }

    def _get_guarded_booking(self):
        return self

    def _get_next_step(self):
        self.ensure_one()
        if self.commercial_state == "draft":
            return "booked"
        if self.commercial_state == "booked" and not self.shipping_order_at:
            return "shipping_order"
        return CONTAINER_STEPS.get(self.equipment_state, (False, False))[1]

    def _get_step_roles(self):
        return {
            "booked": (COMMERCIAL, OPERATOR),
            "shipping_order": (OPERATOR,),
            "cancelled": (COMMERCIAL, OPERATOR),
        }

    def _get_step_reasons(self, step):
        result = super()._get_step_reasons(step)
        if step == "shipping_order":
            for booking in self:
                result[booking.id] = booking._get_shipping_order_reasons()
        for state, container_step in CONTAINER_STEPS.values():
            if step == container_step:
                self._add_container_reasons(result, state, step)
        return result

    def _add_container_reasons(self, result, state, step):
        """Add what stands against the step of the containers, each sentence once."""
        containers = self.container_ids.filtered(lambda c: c.state == state)
        for container_id, reasons in containers._get_step_reasons(step).items():
            own = result[containers.browse(container_id).booking_id.id]
            own += [reason for reason in reasons if reason not in own]

    def _get_shipping_order_reasons(self):
        """Return what a shipping order lacks (F07)."""
        self.ensure_one()
        missing = [
            label
            for present, label in (
                (self.carrier_booking_reference, self.env._("S/O number")),
                (self.vessel_name and self.voyage, self.env._("vessel and voyage")),
                (
                    self.cargo_movement == "LCL"
                    or any(self.equipment_ids.mapped("confirmed_quantity")),
                    self.env._("confirmed equipment"),
                ),
                (
                    set(self.cutoff_ids.mapped("code")) >= NEEDED_CUTOFFS,
                    self.env._("SI and CY cut-offs"),
                ),
                (self.cargo_ready_date, self.env._("cargo-ready date")),
            )
            if not present
        ]
        if not missing:
            return []
        return [
            self._make_reason(
                "F07",
                self.env._(
                    "the shipping order lacks: %(missing)s.",
                    missing=format_list(self.env, missing),
                ),
                self.env._("the operator enters it from the carrier's shipping order"),
            )
        ]

    # ------------------------------------------------------------------
    # Facts
    # ------------------------------------------------------------------
    def _write_facts(self, facts):
        """Take the steps meant by facts that were written, in their order."""
        state = facts.get("commercial_state")
        if state:
            self._write_commercial_state(state)
        if "shipping_order_at" in facts:
            self._write_shipping_order_at(facts["shipping_order_at"])

    def _write_commercial_state(self, state):
        moving = self.filtered(lambda booking: booking.commercial_state != state)
        if not moving:
            return
        if state == "booked":
            moving._check_step("booked")
            moving._check_bookable()
        elif state == "cancelled":
            moving._check_step("cancelled")
            moving._check_cancellable()
        else:
            moving._check_step_role("booked")
            if any(booking.shipping_order_at for booking in moving):
                raise UserError(
                    self.env._("A booking with a shipping order can't become a draft.")
                )
        as_server(moving).write({"commercial_state": state})
        if state == "booked":
            moving._log_milestone("SHIPMENT", "REQS", document_type="CBR")
        elif state == "cancelled":
            # The operator who cancels need not have each container's rights.
            moving.sudo().container_ids.write({"state": "cancelled"})

    def _write_shipping_order_at(self, received_at):
        if not received_at:
            if any(self.mapped("shipping_order_at")):
                self._check_step_role("shipping_order")
            return as_server(self).write({"shipping_order_at": False})
        moving = self.filtered(lambda booking: not booking.shipping_order_at)
        unbooked = moving.filtered(lambda booking: booking.commercial_state != "booked")
        if unbooked:
            raise UserError(
                self.env._(
                    "%(booking)s is not booked: a shipping order answers a booking.",
                    booking=unbooked[0].name,
                )
            )
        moving._check_step("shipping_order")
        as_server(moving).write({"shipping_order_at": received_at})
        moving._log_milestone(
            "SHIPMENT",
            "CONF",
            document_type="BKG",
            at=fields.Datetime.to_datetime(received_at),
            milestone="shipping_order",
        )
        moving._create_missing_containers()
        return True

    def _check_bookable(self):
        """Raise UserError where a carrier could not be asked for this booking."""
        for booking in self:
            missing = [
                booking._fields[name]._description_string(self.env)
                for name in ("carrier_id", "pol_id", "pod_id", "commodity")
                if not booking[name]
            ]
            if booking.cargo_movement == "FCL" and not booking.equipment_ids:
                missing.append(self.env._("Equipment"))
            if missing:
                raise UserError(
                    self.env._(
                        "%(booking)s can't be booked without: %(missing)s.",
                        booking=booking.name,
                        missing=format_list(self.env, missing),
                    )
                )

    def _check_cancellable(self):
        """Raise UserError if containers are out already."""
        for booking in self:
            if booking.container_ids._get_out():
                raise UserError(
                    self.env._(
                        "%(booking)s has containers out; it can't be cancelled.",
                        booking=booking.name,
                    )
                )

    def _recheck_picked_up(self):
        """Check again what allowed the pick-up of containers already out (F07)."""
        self.container_ids._get_out()._check_reasons("picked_up")

    def _get_excess_equipment(self, containers):
        """Return where more containers are out, or about to be, than confirmed (F07).

        :param containers: those about to be picked up
        :return: ``{(booking, equipment type): sentence}``
        """
        result = {}
        for booking in self:
            if booking.cargo_movement == "LCL":
                continue
            confirmed = {
                row.equipment_type_id: row.confirmed_quantity
                for row in booking.equipment_ids
            }
            out = booking.container_ids._get_out() | (
                containers & booking.container_ids
            )
            for kind, group in out.grouped("equipment_type_id").items():
                if len(group) > confirmed.get(kind, 0):
                    result[booking, kind] = self.env._(
                        "%(count)s × %(kind)s would be out, the carrier confirmed %(confirmed)s.",
                        count=len(group),
                        kind=kind.name,
                        confirmed=confirmed.get(kind, 0),
                    )
        return result

    def _meet_yard_cutoff(self):
        """Stop the yard cut-off's countdown once every container is back."""
        for booking in self:
            if all(
                container.state in ("laden", "on_board", "cancelled")
                for container in booking.container_ids
            ):
                booking.cutoff_ids.filtered(lambda c: c.code == "FCO").met = True

    def _log_milestone(self, event_type, code, at=None, **values):
        """Record that a milestone of these bookings was reached (an ACT event)."""
        self.env["freight.event"]._log(
            [
                {
                    "booking_id": booking.id,
                    "event_type": event_type,
                    "code": code,
                    "event_at": at or fields.Datetime.now(),
                    "location_id": booking.pol_id.id,
                    **values,
                }
                for booking in self
            ]
        )

    def _create_missing_containers(self):
        """Add empty container rows up to what the carrier confirmed."""
        vals_list = []
        for booking in self:
            for row in booking.equipment_ids:
                present = booking.container_ids.filtered(
                    lambda c, row=row: (
                        c.equipment_type_id == row.equipment_type_id
                        and c.state != "cancelled"
                    )
                )
                vals_list += [
                    {
                        "booking_id": booking.id,
                        "equipment_type_id": row.equipment_type_id.id,
                    }
                ] * (row.confirmed_quantity - len(present))
        return self.env["freight.container"].create(vals_list)

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------
    def action_confirm_booking(self):
        """Ask the carrier: draft bookings become booked."""
        self.write({"commercial_state": "booked"})
        return True

    def action_receive_shipping_order(self):
        """Record that the carrier's shipping order is here, complete (F07)."""
        self.filtered(lambda booking: not booking.shipping_order_at).write(
            {"shipping_order_at": fields.Datetime.now()}
        )
        return True

    def action_pick_up(self):
        """Pick up the planned containers, numbered ones first if some have none."""
        planned = self._get_containers_in("planned")
        return (planned.filtered("number") or planned).action_pick_up()

    def action_return_laden(self):
        """Record the return of every container that is out."""
        return self._get_containers_in("picked_up").action_return_laden()

    def action_on_board(self):
        """Record that every returned container was loaded."""
        return self._get_containers_in("laden").action_on_board()

    def action_declare(self):
        """Record the customs declaration of the containers that are out."""
        return self._get_containers_at_customs("pending").action_declare()

    def action_customs_release(self):
        """Record the customs release of every declared container."""
        return self._get_containers_at_customs("declared").action_customs_release()

    def _get_containers_in(self, state):
        """Return the containers in a state; raise UserError where there is none."""
        return self._require_some(
            self.container_ids.filtered(lambda c: c.state == state)
        )

    def _get_containers_at_customs(self, state):
        """Return the containers out in a customs state; raise UserError without any."""
        return self._require_some(
            self.container_ids._get_out().filtered(lambda c: c.customs_state == state)
        )

    def _require_some(self, containers):
        if not containers:
            raise UserError(self.env._("No container of this booking is at this step."))
        return containers

    def action_cancel(self):
        """Cancel bookings that have no container out."""
        self.write({"commercial_state": "cancelled"})
        return True

    def action_create_bill(self):
        """Return the form of a new house bill for the containers without one."""
        self.ensure_one()
        free = self.container_ids.filtered(
            lambda c: not c.bill_ids and c.state != "cancelled"
        )
        bill = self.env["freight.bill"].create(
            {"booking_id": self.id, "container_ids": [fields.Command.set(free.ids)]}
        )
        return bill._get_records_action()

    def action_view_quote(self):
        """Return the freight quote of this booking."""
        self.ensure_one()
        return self.order_id._get_records_action()

    def action_view_bills(self):
        """Return the bills of lading of this booking."""
        self.ensure_one()
        return self.bill_ids._get_records_action(
            name=self.env._("Bills of Lading"),
            context={"default_booking_id": self.id},
        )
