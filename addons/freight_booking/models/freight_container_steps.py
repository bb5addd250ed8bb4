from itertools import pairwise

from odoo import fields, models
from odoo.addons.sales_receivable.guard import as_server, is_server
from odoo.exceptions import UserError

from .freight_container import STATES
from .freight_guard_mixin import CUSTOMS, OPERATOR

STEPS = [state for state, _label in STATES if state != "cancelled"]
#: Event code and emptiness (DCSA) that record that a state was reached.
MILESTONES = {
    "picked_up": ("GTOT", "EMPTY"),
    "laden": ("GTIN", "LADEN"),
    "on_board": ("LOAD", "LADEN"),
    "empty_returned": ("GTIN", "EMPTY"),
}


class FreightContainerSteps(models.Model):
    """The steps of a container and their guards (F07, F10)."""

    _name = "freight.container"
    _inherit = "freight.container"

    def _get_guarded_booking(self):
        return self.booking_id

    def _get_next_step(self):
        self.ensure_one()
        following = dict(pairwise(STEPS))
        return following.get(self.state, False)

    def _get_step_roles(self):
        return {
            **dict.fromkeys(STEPS[1:], (OPERATOR,)),
            "declared": (CUSTOMS,),
            "released": (CUSTOMS,),
        }

    def _get_step_reasons(self, step):
        result = super()._get_step_reasons(step)
        check = {
            "numbered": self._get_numbered_reasons,
            "picked_up": self._get_picked_up_reasons,
            "laden": self._get_seal_reasons,
            "on_board": self._get_on_board_reasons,
        }.get(step)
        if check:
            for record_id, reasons in check().items():
                result[record_id] += reasons
        return result

    def _get_numbered_reasons(self):
        return {
            container.id: [
                self._make_reason(
                    "F10",
                    container.number_issue,
                    self.env._(
                        "the operator corrects it, or marks the box as shipper-owned"
                    ),
                )
            ]
            for container in self
            if container.number_issue
        }

    def _get_picked_up_reasons(self):
        """No S/O, no pick-up; not more than confirmed (F07); number and seal (F10)."""
        result = self._get_seal_reasons()
        numbered = self._get_numbered_reasons()
        excess = self.booking_id._get_excess_equipment(self)
        for container in self:
            reasons = []
            booking = container.booking_id
            if not (booking.shipping_order_at and booking.carrier_booking_reference):
                reasons.append(
                    self._make_reason(
                        "F07",
                        self.env._(
                            "%(booking)s has no shipping order: no S/O, no pick-up.",
                            booking=booking.name,
                        ),
                        self.env._(
                            "the operator records the S/O when the carrier has sent it"
                        ),
                    )
                )
            sentence = excess.get((booking, container.equipment_type_id))
            if sentence:
                who = self.env._("the carrier has to confirm more")
                reasons.append(self._make_reason("F07", sentence, who))
            if not container.number:
                reasons.append(
                    self._make_reason(
                        "F10",
                        self.env._("the container number is missing."),
                        self.env._("the operator enters it"),
                    )
                )
            result[container.id] = (
                reasons + numbered.get(container.id, []) + result[container.id]
            )
        return result

    def _get_seal_reasons(self):
        return {
            container.id: []
            if container._get_seal()
            else [
                self._make_reason(
                    "F10",
                    self.env._("no unbroken seal is recorded."),
                    self.env._("the operator enters the seal's number"),
                )
            ]
            for container in self
        }

    def _get_on_board_reasons(self):
        """A loaded container is sealed and has its verified gross mass (F10)."""
        result = self._get_seal_reasons()
        for container in self:
            if not (container.vgm_weight > 0 and container.vgm_method):
                result[container.id].append(
                    self._make_reason(
                        "F10",
                        self.env._(
                            "the verified gross mass (VGM) or its method is missing."
                        ),
                        self.env._("the operator enters weight and method"),
                    )
                )
        return result

    def _get_out(self):
        """Return the containers that left the depot."""
        return self.filtered(lambda c: c.state not in ("planned", "cancelled"))

    def _get_used(self):
        """Return the containers that are out, or were until a pick-up was retracted."""
        # The log is the same for everybody; only which containers it names is used.
        events = (
            self.env["freight.event"]
            .sudo()
            .search([("container_id", "in", self.ids), ("milestone", "!=", False)])
        )
        return self._get_out() | (events.container_id.with_env(self.env) & self)

    # ------------------------------------------------------------------
    # Steps
    # ------------------------------------------------------------------
    def _take_steps(self, state):
        """Check every step between now and a state; return the records that move.

        :raise UserError: if a step is refused, or the state lies behind; only the
            retraction of its event takes a container back
        """
        moving = self.filtered(lambda c: c.state != state)
        if is_server(self):
            return moving
        if state == "cancelled":
            if moving._get_out():
                raise UserError(
                    self.env._("A container that was picked up can't be cancelled.")
                )
            return moving
        target = STEPS.index(state)
        for container in moving:
            if container.state == "cancelled" or STEPS.index(container.state) > target:
                raise UserError(
                    self.env._(
                        "%(container)s can't go back: retract the event that was wrong.",
                        container=container.display_name,
                    )
                )
        for position, step in enumerate(STEPS[1 : target + 1]):
            moving.filtered(
                lambda c, at=position: STEPS.index(c.state) <= at
            )._check_step(step)
        return moving

    def _after_step(self, state):
        """Stamp a milestone and record its event, unless it is being retracted."""
        milestone = MILESTONES.get(state)
        if not milestone or is_server(self):
            return
        stamp = f"{state}_at"
        self.filtered(lambda c: not c[stamp]).write({stamp: fields.Datetime.now()})
        code, emptiness = milestone
        self.env["freight.event"]._log(
            [
                {
                    "booking_id": container.booking_id.id,
                    "container_id": container.id,
                    "event_type": "EQUIPMENT",
                    "code": code,
                    "empty_indicator": emptiness,
                    "event_at": container[stamp],
                    "location_id": container.booking_id.pol_id.id,
                    "milestone": state,
                }
                for container in self
            ]
        )
        if state == "laden":
            self.booking_id._meet_yard_cutoff()

    def _undo_step(self, state):
        """Go back before a step, because its event is retracted.

        :raise UserError: if a later step stands on it or the bill was released
        """
        self.ensure_one()
        if self.state != state:
            raise UserError(
                self.env._(
                    "%(container)s is further on: retract the later event first.",
                    container=self.display_name,
                )
            )
        # The bill may be out of this user's sight and still depends on the container.
        if "released" in self.sudo().bill_ids.mapped("state"):
            raise UserError(
                self.env._(
                    "The bill of lading of %(container)s is released already.",
                    container=self.display_name,
                )
            )
        before = STEPS[STEPS.index(state) - 1]
        as_server(self).write({"state": before, f"{state}_at": False})

    def _log_customs(self, state):
        self.env["freight.event"]._log(
            [
                {
                    "booking_id": container.booking_id.id,
                    "container_id": container.id,
                    "event_type": "SHIPMENT",
                    "code": "SUBM" if state == "declared" else "RELS",
                    "document_type": "CUS",
                    "event_at": fields.Datetime.now(),
                    "location_id": container.booking_id.pol_id.id,
                }
                for container in self
                if state != "pending"
            ]
        )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------
    def action_pick_up(self):
        """Pick these containers up empty (F07, F10); again changes nothing."""
        return self._advance("picked_up")

    def action_return_laden(self):
        """Return these containers stuffed and sealed."""
        return self._advance("laden")

    def action_on_board(self):
        """Record that these containers were loaded."""
        return self._advance("on_board")

    def action_return_empty(self):
        """Record the empty return: the number is free for another booking."""
        return self._advance("empty_returned")

    def _advance(self, state):
        behind = self.filtered(
            lambda c: c.state in STEPS and STEPS.index(c.state) < STEPS.index(state)
        )
        behind.write({"state": state})
        return True

    def action_declare(self):
        """Record the customs declaration."""
        self.write({"customs_state": "declared"})
        return True

    def action_customs_release(self):
        """Record the release by customs."""
        self.write({"customs_state": "released"})
        return True
