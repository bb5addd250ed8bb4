import re

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_list
from stdnum import iso6346
from stdnum.exceptions import ValidationError as NumberError

from .freight_booking_steps import CUSTOMS, OPERATOR
from .freight_event import RETRACTION

STATES = [
    ("planned", "Planned"),
    ("picked_up", "Picked Up"),
    ("laden", "Returned Laden"),
    ("on_board", "On Board"),
    ("empty_returned", "Returned Empty"),
    ("cancelled", "Cancelled"),
]
STEPS = [state for state, _label in STATES[:-1]]
#: Event code and emptiness (DCSA) that record that a state was reached.
MILESTONES = {
    "picked_up": ("GTOT", "EMPTY"),
    "laden": ("GTIN", "LADEN"),
    "on_board": ("LOAD", "LADEN"),
    "empty_returned": ("GTIN", "EMPTY"),
}
#: Owner code, category U, J or Z, serial number and check digit.
CONTAINER_NUMBER = re.compile(r"[A-Z]{3}[UJZ][0-9]{7}")
SEPARATORS = re.compile(r"[\s./_-]+")


class FreightContainer(models.Model):
    """One container on a booking, from the plan to its empty return (F07, F10)."""

    _name = "freight.container"
    _description = "Container"
    _inherit = ["freight.guard.mixin"]
    _order = "booking_id desc, sequence, id"
    _check_company_auto = True
    _rec_name = "number"
    _rec_names_search = ["number", "booking_id.name"]

    booking_id = fields.Many2one(
        "freight.booking", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="booking_id.company_id", store=True, index=True, precompute=True
    )
    partner_id = fields.Many2one(related="booking_id.partner_id")
    sequence = fields.Integer(default=10)
    equipment_type_id = fields.Many2one(
        "freight.equipment.type",
        string="Size/Type",
        required=True,
        ondelete="restrict",
        index=True,
    )
    number = fields.Char(string="Container No.", copy=False, index="trigram")
    number_issue = fields.Char(
        compute="_compute_number_issue", help="Why the number can't be right."
    )
    is_shipper_owned = fields.Boolean(
        string="Shipper-Owned",
        copy=False,
        help="The shipper's own box, whose number need not follow ISO 6346.",
    )
    is_consolidated = fields.Boolean(
        compute="_compute_is_consolidated",
        store=True,
        precompute=True,
        help="Shared by several bookings (LCL): its number may appear on each.",
    )
    seal_ids = fields.One2many("freight.seal", "container_id", string="Seals")
    seal_number = fields.Char(
        string="Seal No.",
        compute="_compute_seal_number",
        compute_sudo=True,
        inverse="_inverse_seal_number",
        help="The seal now on the container. A new one after pick-up breaks the old.",
    )
    tare_weight = fields.Float(string="Tare (kg)", digits="Stock Weight")
    vgm_weight = fields.Float(string="VGM (kg)", digits="Stock Weight", copy=False)
    vgm_method = fields.Selection(
        [("SM1", "SM1: weighed laden"), ("SM2", "SM2: parts added up")],
        string="VGM Method",
        copy=False,
    )
    driver_name = fields.Char(string="Driver", copy=False)
    driver_phone = fields.Char(copy=False)
    truck_plate = fields.Char(string="Plate", copy=False)
    factory_eta = fields.Datetime(string="At Factory", copy=False)
    state = fields.Selection(
        STATES, required=True, default="planned", copy=False, index=True
    )
    customs_state = fields.Selection(
        [("pending", "To Declare"), ("declared", "Declared"), ("released", "Released")],
        string="Customs",
        required=True,
        default="pending",
        copy=False,
    )
    picked_up_at = fields.Datetime(copy=False)
    laden_at = fields.Datetime(string="Returned Laden At", copy=False)
    on_board_at = fields.Datetime(copy=False)
    empty_returned_at = fields.Datetime(string="Returned Empty At", copy=False)
    bill_ids = fields.Many2many("freight.bill", string="Bills of Lading", copy=False)

    # A box is in one place at a time; after its empty return it comes back to us.
    _number_active_uniq = models.UniqueIndex(
        "(company_id, number) WHERE number IS NOT NULL AND NOT is_consolidated"
        " AND state NOT IN ('empty_returned', 'cancelled')",
        "This container number is on an active booking already.",
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------
    @api.depends("number", "equipment_type_id", "booking_id.name")
    def _compute_display_name(self):
        for container in self:
            container.display_name = container.number or self.env._(
                "%(kind)s of %(booking)s",
                kind=container.equipment_type_id.name or "",
                booking=container.booking_id.name or "",
            )

    @api.depends("number", "is_shipper_owned")
    def _compute_number_issue(self):
        for container in self:
            container.number_issue = container.number and self._get_number_issue(
                self._clean_number(container.number), container.is_shipper_owned
            )

    @api.depends("booking_id.cargo_movement")
    def _compute_is_consolidated(self):
        for container in self:
            container.is_consolidated = container.booking_id.cargo_movement == "LCL"

    @api.depends("seal_ids.number", "seal_ids.state")
    def _compute_seal_number(self):
        for container in self:
            container.seal_number = container._get_seal().number

    def _inverse_seal_number(self):
        for container in self:
            container._put_seal(container.seal_number)

    def _get_seal(self):
        """Return the unbroken seal on the container, empty if there is none."""
        return self.seal_ids.filtered(lambda seal: seal.state == "intact")[-1:]

    def _put_seal(self, number):
        """Seal the container; before pick-up the number is only corrected (F10)."""
        self.ensure_one()
        Seal = self.env["freight.seal"]
        number = Seal._clean_number(number)
        current = self._get_seal()
        if number == current.number or (not number and not current):
            return
        if self.state == "planned":
            current.unlink()
        elif not number:
            raise UserError(
                self.env._(
                    "The seal of %(container)s can be broken and replaced, not erased.",
                    container=self.display_name,
                )
            )
        else:
            current.action_break()
        if number:
            Seal.create({"container_id": self.id, "number": number})

    @api.model
    def _clean_number(self, number):
        """Return a typed or pasted number without separators, in capitals."""
        return SEPARATORS.sub("", number or "").upper() or False

    @api.model
    def _get_number_issue(self, number, is_shipper_owned=False):
        """Return why a cleaned number is not one of ISO 6346, or False (F10).

        The pattern goes first: the library takes digits in the owner code and fails on
        letters outside ASCII.
        """
        if is_shipper_owned:
            return False
        if not (number.isascii() and CONTAINER_NUMBER.fullmatch(number)):
            return self.env._(
                "“%(number)s” is no container number: three letters, U, J or Z, and seven digits (ISO 6346).",
                number=number,
            )
        try:
            iso6346.validate(number)
        except NumberError:
            return self.env._(
                "“%(number)s” is mistyped: its check digit should be %(digit)s (ISO 6346).",
                number=number,
                digit=iso6346.calc_check_digit(number[:-1]),
            )
        return False

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------
    @api.constrains("number", "is_shipper_owned", "booking_id")
    def _check_number(self):
        """Refuse a number against ISO 6346 where F10 blocks."""
        self.filtered("number_issue")._check_reasons("numbered")

    def _check_numbers_free(self, wanted):
        """Name the booking that a number is on; between two at once the index decides.

        :param wanted: list of (booking, number) about to be written
        """
        wanted = [
            (booking, number)
            for booking, number in wanted
            if number and booking.cargo_movement != "LCL"
        ]
        if not wanted:
            return
        # The other booking may be one that the user can't see.
        others = self.sudo().search(
            Domain("number", "in", [number for _booking, number in wanted])
            & Domain("is_consolidated", "=", False)
            & Domain("state", "not in", ("empty_returned", "cancelled"))
            & Domain("id", "not in", self.ids)
        )
        taken = {(other.company_id, other.number): other for other in others}
        for booking, number in wanted:
            other = taken.get((booking.company_id, number))
            if other:
                raise ValidationError(
                    self.env._(
                        "Container %(number)s is active on %(booking)s: a box is in one place at a time.",
                        number=number,
                        booking=other.booking_id.name,
                    )
                )

    # ------------------------------------------------------------------
    # Guard
    # ------------------------------------------------------------------
    def _get_guarded_booking(self):
        return self.booking_id

    def _get_next_step(self):
        self.ensure_one()
        following = dict(zip(STEPS, STEPS[1:], strict=False))
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
                        "operator, with the right number or marked shipper-owned"
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
                        self.env._("operator, when the carrier's S/O is here"),
                    )
                )
            sentence = excess.get((booking, container.equipment_type_id))
            if sentence:
                who = self.env._("carrier, by confirming more")
                reasons.append(self._make_reason("F07", sentence, who))
            if not container.number:
                reasons.append(
                    self._make_reason(
                        "F10",
                        self.env._("the container number is missing."),
                        self.env._("operator"),
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
                    self.env._("operator"),
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
                        self.env._("operator"),
                    )
                )
        return result

    def _get_out(self):
        """Return the containers that left the depot."""
        return self.filtered(lambda c: c.state not in ("planned", "cancelled"))

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------
    @api.model_create_multi
    def create(self, vals_list):
        """Create planned containers; a later state given at creation is then taken."""
        vals_list = [self._clean_vals(vals) for vals in vals_list]
        Booking = self.env["freight.booking"]
        self._check_numbers_free(
            [
                (Booking.browse(vals.get("booking_id")), vals.get("number"))
                for vals in vals_list
            ]
        )
        steps = [
            (vals.pop("state", None), vals.pop("customs_state", None))
            for vals in vals_list
        ]
        containers = super().create(vals_list)
        containers.filtered("is_shipper_owned")._log_shipper_owned()
        for container, (state, customs) in zip(containers, steps, strict=True):
            if state and state != "planned":
                container.write({"state": state})
            if customs and customs != "pending":
                container.write({"customs_state": customs})
        return containers

    def write(self, vals):
        """Write plain values, then take the steps that a new state means."""
        plain = self._clean_vals(vals)
        plain.pop("state", None)
        plain.pop("customs_state", None)
        if plain.get("number"):
            self._check_numbers_free(
                [(container.booking_id, plain["number"]) for container in self]
            )
        if plain.get("is_shipper_owned"):
            self._log_shipper_owned()
        result = super().write(plain) if plain else True
        if {"booking_id", "number", "equipment_type_id"} & plain.keys():
            self._get_out()._check_reasons("picked_up")
        if vals.get("state"):
            moving = self._take_steps(vals["state"])
            super(FreightContainer, moving).write({"state": vals["state"]})
            moving._after_step(vals["state"])
        if vals.get("customs_state"):
            moving = self.filtered(lambda c: c.customs_state != vals["customs_state"])
            moving._check_step(vals["customs_state"])
            super(FreightContainer, moving).write(
                {"customs_state": vals["customs_state"]}
            )
            moving._log_customs(vals["customs_state"])
        return result

    @api.model
    def _clean_vals(self, vals):
        """Return a copy of values with numbers as they are stored."""
        vals = dict(vals)
        if "number" in vals:
            vals["number"] = self._clean_number(vals["number"])
        if "seal_number" in vals:
            vals["seal_number"] = self.env["freight.seal"]._clean_number(
                vals["seal_number"]
            )
        return vals

    @api.ondelete(at_uninstall=False)
    def _unlink_except_out(self):
        if self._get_out():
            raise UserError(
                self.env._("A container that was picked up can't be deleted.")
            )

    def _take_steps(self, state):
        """Check every step between now and a state; return the records that move.

        :raise UserError: if a step is refused, or the state lies behind; only the
            retraction of its event takes a container back
        """
        moving = self.filtered(lambda c: c.state != state)
        if self.env.context.get("freight_retraction") is RETRACTION:
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
        if not milestone or self.env.context.get("freight_retraction") is RETRACTION:
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
        self.with_context(freight_retraction=RETRACTION).write(
            {"state": before, f"{state}_at": False}
        )

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

    def _log_shipper_owned(self):
        for booking, containers in self.grouped("booking_id").items():
            # Marking the exception must leave a trace whoever marks it.
            booking.sudo()._message_log(
                body=self.env._(
                    "Marked as shipper-owned, so without ISO 6346 check: %(containers)s",
                    containers=format_list(self.env, containers.mapped("display_name")),
                )
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
