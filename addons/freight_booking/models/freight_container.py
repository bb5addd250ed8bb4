import re

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_list
from stdnum import iso6346
from stdnum.exceptions import ValidationError as NumberError

STATES = [
    ("planned", "Planned"),
    ("picked_up", "Picked Up"),
    ("laden", "Returned Laden"),
    ("on_board", "On Board"),
    ("empty_returned", "Returned Empty"),
    ("cancelled", "Cancelled"),
]
#: Owner code, category U, J or Z, serial number and check digit.
CONTAINER_NUMBER = re.compile(r"[A-Z]{3}[UJZ][0-9]{7}")
#: What no container weighs, in kg: a mistyped figure, or one that breaks the books.
MAX_WEIGHT = 1e6
WEIGHTS = ("tare_weight", "vgm_weight")
#: What a bill of lading says about a container.
BILL_CONTENT = {"number", "seal_number", "equipment_type_id", "booking_id"}
SEPARATORS = re.compile(r"[\s./_-]+")


class FreightContainer(models.Model):
    """One container on a booking, from the plan to its empty return (F07, F10)."""

    _name = "freight.container"
    _description = "Container"
    _inherit = ["freight.guard.mixin", "finite.mixin"]
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
        compute="_compute_equipment_type_id",
        store=True,
        readonly=False,
        precompute=True,
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
        STATES,
        string="Status",
        required=True,
        default="planned",
        copy=False,
        index=True,
    )
    customs_state = fields.Selection(
        [("pending", "To Declare"), ("declared", "Declared"), ("released", "Cleared")],
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
    _weights_positive = models.Constraint(
        "CHECK(tare_weight >= 0 AND vgm_weight >= 0)",
        "The tare and the VGM of a container can't be negative.",
    )
    _weights_possible = models.Constraint(
        f"CHECK(tare_weight <= {MAX_WEIGHT:.0f} AND vgm_weight <= {MAX_WEIGHT:.0f})",
        "No container weighs more than a thousand tonnes.",
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------
    @api.depends(
        "number",
        "equipment_type_id",
        "booking_id.name",
        "booking_id.container_ids.equipment_type_id",
    )
    def _compute_display_name(self):
        """Name a container without a number by what it is the how-manieth of."""
        for container in self:
            siblings = container.booking_id.container_ids.filtered(
                lambda c, kind=container.equipment_type_id: c.equipment_type_id == kind
            )
            if container.number:
                container.display_name = container.number
            elif container in siblings and len(siblings) > 1:
                container.display_name = self.env._(
                    "%(kind)s no. %(position)s of %(booking)s",
                    kind=container.equipment_type_id.name,
                    position=siblings.ids.index(container.id) + 1
                    if container.id
                    else len(siblings),
                    booking=container.booking_id.name,
                )
            else:
                container.display_name = self.env._(
                    "%(kind)s of %(booking)s",
                    kind=container.equipment_type_id.name or "",
                    booking=container.booking_id.name or "",
                )

    @api.depends("booking_id")
    def _compute_equipment_type_id(self):
        """Propose the size/type of the row above; most bookings have one."""
        for container in self.filtered(lambda c: not c.equipment_type_id):
            others = container.booking_id.container_ids - container
            container.equipment_type_id = others[-1:].equipment_type_id

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
        used = self._get_used()
        for container in self:
            container._put_seal(container.seal_number, container in used)

    def _get_seal(self):
        """Return the unbroken seal on the container, empty if there is none."""
        return self.seal_ids.filtered(lambda seal: seal.state == "intact")[-1:]

    def _put_seal(self, number, used):
        """Seal the container; before it ever left the number is only corrected (F10)."""
        self.ensure_one()
        Seal = self.env["freight.seal"]
        number = Seal._clean_number(number)
        current = self._get_seal()
        if number == current.number or (not number and not current):
            return
        if not used:
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

    @api.constrains("booking_id")
    def _check_bills(self):
        """Keep a container with the booking of its bill of lading (F18)."""
        for container in self:
            # The bill may be out of this user's sight and still names the container.
            if container.sudo().bill_ids.booking_id - container.booking_id:
                raise ValidationError(
                    self.env._(
                        "%(container)s is on a bill of lading; take it off there first.",
                        container=container.display_name,
                    )
                )

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
                self._refuse_number(number, other.booking_id)

    def _check_one_place(self):
        """Refuse boxes that are shared and on a booking of their own at once (F10).

        Judged as written, by any way that makes a number active or a box shared.
        """
        # The other booking may be one that the user can't see.
        boxes = self.sudo().filtered(
            lambda box: box.number and box.state not in ("empty_returned", "cancelled")
        )
        self.env["freight.container.number"]._claim(
            [(box.company_id.id, box.number) for box in boxes]
        )
        active = boxes.search(
            Domain("number", "in", boxes.mapped("number"))
            & Domain("state", "not in", ("empty_returned", "cancelled"))
        )
        for (_company, number), boxes in active.grouped(
            lambda box: (box.company_id, box.number)
        ).items():
            shared = boxes.filtered("is_consolidated")
            if shared and shared != boxes and self & boxes:
                other = (boxes - self) or (boxes - shared)
                self._refuse_number(number, other[0].booking_id)

    def _refuse_number(self, number, booking):
        raise ValidationError(
            self.env._(
                "Container %(number)s is active on %(booking)s: a box is in one place at a time.",
                number=number,
                booking=booking.name,
            )
        )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------
    @api.model
    def _get_step_fields(self):
        return super()._get_step_fields() | {
            "state",
            "customs_state",
            "picked_up_at",
            "laden_at",
            "on_board_at",
            "empty_returned_at",
        }

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
        containers._check_one_place()
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
        if BILL_CONTENT & plain.keys():
            self._touch_bills()
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
        if {"number", "booking_id", "state"} & vals.keys():
            self._check_one_place()
        return result

    @api.model
    def _check_finite(self, vals):
        """Refuse weights too large to be rounded, before the host fails on them (F10)."""
        result = super()._check_finite(vals)
        for name in WEIGHTS:
            try:
                weight = abs(float(vals.get(name) or 0.0))
            except ValueError:  # a word: the host says so
                continue
            if weight > MAX_WEIGHT:
                raise UserError(
                    self.env._(
                        "%(field)s: no container weighs %(weight)s kg.",
                        field=self._fields[name]._description_string(self.env),
                        weight=f"{weight:g}",
                    )
                )
        return result

    @api.model
    def _clean_vals(self, vals):
        """Return a copy of values with numbers as they are stored."""
        if "bill_ids" in vals:
            raise UserError(
                self.env._("A container is put on a bill of lading from that bill.")
            )
        vals = dict(vals)
        if "number" in vals:
            vals["number"] = self._clean_number(vals["number"])
        if "seal_number" in vals:
            vals["seal_number"] = self.env["freight.seal"]._clean_number(
                vals["seal_number"]
            )
        return vals

    def unlink(self):
        """Delete planned containers with the seals that they never used (F10)."""
        self.check_access("unlink")
        # A seal goes with its container; one that was used refuses for everybody.
        self.sudo().seal_ids.unlink()
        return super().unlink()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_out(self):
        if self._get_used():
            raise UserError(
                self.env._("A container that was picked up can't be deleted.")
            )

    def _touch_bills(self):
        """Take back the approval of bills that name these containers (F15).

        :raise UserError: if such a bill is released
        """
        # The operator who corrects a number need not have the documents' rights.
        bills = self.sudo().bill_ids
        bills._check_not_released()
        bills.filtered(lambda bill: bill.state == "approved")._write_state("draft")

    def _log_shipper_owned(self):
        for booking, containers in self.grouped("booking_id").items():
            # Marking the exception must leave a trace whoever marks it.
            booking.sudo()._message_log(
                body=self.env._(
                    "Marked as shipper-owned, so without ISO 6346 check: %(containers)s",
                    containers=format_list(self.env, containers.mapped("display_name")),
                )
            )
