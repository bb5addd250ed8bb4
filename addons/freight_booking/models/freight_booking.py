from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.sales_receivable.guard import is_server
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from stdnum import imo

from .freight_guard_mixin import COMMERCIAL, OPERATOR, will_change

HEADLINES = [
    ("draft", "Draft"),
    ("booked", "Booked"),
    ("shipping_order", "S/O Received"),
    ("picked_up", "Picked Up"),
    ("laden", "Returned Laden"),
    ("on_board", "On Board"),
    ("released", "B/L Released"),
    ("cancelled", "Cancelled"),
]
EQUIPMENT_STATES = [
    ("none", "No S/O"),
    ("shipping_order", "S/O Received"),
    ("picked_up", "Picked Up"),
    ("laden", "Returned Laden"),
    ("on_board", "On Board"),
]
SETTLEMENTS = [
    ("prepaid", "Before Release"),
    ("monthly", "Monthly Terms"),
    ("collect", "Freight Collect"),
]
PLACE_TYPES = [
    ("CY", "Container Yard (CY)"),
    ("SD", "Store Door (SD)"),
    ("CFS", "Container Freight Station (CFS)"),
]
CARGO_MOVEMENTS = [
    ("FCL", "Full Container (FCL)"),
    ("LCL", "Less than Container (LCL)"),
]
PAYMENT_TERMS = [("PRE", "Prepaid"), ("COL", "Collect")]


class FreightBooking(models.Model):
    """A booking with a carrier, from request to released bill of lading.

    Commercial, equipment, customs, documents and money run in parallel, each with its
    own state; the headline is computed from them. Field names follow the carriers'
    common booking interface (DCSA) where it has one.
    """

    _name = "freight.booking"
    _description = "Freight Booking"
    _inherit = ["mail.thread", "mail.activity.mixin", "freight.guard.mixin"]
    _order = "id desc"
    _check_company_auto = True
    _rec_names_search = ["name", "carrier_booking_reference"]

    name = fields.Char(
        string="Booking",
        required=True,
        copy=False,
        index="trigram",
        default=lambda self: self.env._("New"),
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    order_id = fields.Many2one(
        "sale.order",
        string="Quote",
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    split_from_id = fields.Many2one(
        "freight.booking", copy=False, index="btree_not_null", check_company=True
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        tracking=True,
        check_company=True,
    )
    user_id = fields.Many2one("res.users", string="Salesperson", index=True)
    operator_id = fields.Many2one(
        "res.users",
        index=True,
        tracking=True,
        default=lambda self: self._default_operator_id(),
    )

    # What is asked of the carrier
    carrier_id = fields.Many2one("freight.carrier", index=True, tracking=True)
    carrier_booking_request_reference = fields.Char(
        string="Booking Request", copy=False, help="Our reference of the request."
    )
    carrier_booking_reference = fields.Char(
        string="S/O Number",
        copy=False,
        tracking=True,
        index="btree_not_null",
        help="The carrier's booking reference: the number of its shipping order.",
    )
    service_contract_reference = fields.Char(string="Service Contract")
    receipt_type = fields.Selection(
        PLACE_TYPES, string="Receipt at Origin", required=True, default="CY"
    )
    delivery_type = fields.Selection(
        PLACE_TYPES, string="Delivery at Destination", required=True, default="CY"
    )
    cargo_movement = fields.Selection(CARGO_MOVEMENTS, required=True, default="FCL")
    freight_payment_term_code = fields.Selection(
        PAYMENT_TERMS, string="Freight", required=True, default="PRE", tracking=True
    )
    incoterm_id = fields.Many2one("account.incoterms")
    commodity = fields.Char()
    cargo_ready_date = fields.Date()
    equipment_ids = fields.One2many(
        "freight.booking.equipment", "booking_id", copy=True
    )

    # Route and vessel
    receipt_id = fields.Many2one("freight.location", string="Place of Receipt")
    pol_id = fields.Many2one("freight.location", string="Port of Loading", index=True)
    pod_id = fields.Many2one("freight.location", string="Port of Discharge", index=True)
    delivery_id = fields.Many2one("freight.location", string="Place of Delivery")
    vessel_name = fields.Char(string="Vessel", copy=False, tracking=True)
    vessel_imo = fields.Char(string="IMO Number", size=7, copy=False)
    voyage = fields.Char(copy=False, tracking=True)
    etd = fields.Date(string="Planned Departure", copy=False, tracking=True)
    eta = fields.Date(string="Planned Arrival", copy=False, tracking=True)
    cutoff_ids = fields.One2many("freight.cutoff", "booking_id", string="Cut-offs")
    next_cutoff_at = fields.Datetime(
        string="Next Cut-off", compute="_compute_next_cutoff_at", store=True, index=True
    )
    cutoff_urgency = fields.Selection(
        [("late", "Late"), ("today", "Urgent"), ("soon", "Soon"), ("later", "Later")],
        compute="_compute_cutoff_urgency",
    )

    # Tracks
    commercial_state = fields.Selection(
        [("draft", "Draft"), ("booked", "Booked"), ("cancelled", "Cancelled")],
        required=True,
        default="draft",
        copy=False,
        tracking=True,
    )
    shipping_order_at = fields.Datetime(
        string="S/O Received On", copy=False, tracking=True
    )
    equipment_state = fields.Selection(
        EQUIPMENT_STATES, compute="_compute_equipment_state", store=True
    )
    customs_state = fields.Selection(
        [("none", "To Declare"), ("declared", "Declared"), ("released", "Cleared")],
        compute="_compute_customs_state",
        store=True,
    )
    documents_state = fields.Selection(
        [
            ("none", "No B/L"),
            ("draft", "Draft"),
            ("approved", "Approved"),
            ("released", "Released"),
        ],
        compute="_compute_documents_state",
        store=True,
    )
    money_state = fields.Selection(
        [("none", "No Charges"), ("open", "To Bill"), ("billed", "Billed")],
        compute="_compute_money_state",
        compute_sudo=True,
        store=True,
    )
    headline = fields.Selection(
        HEADLINES,
        string="Status",
        compute="_compute_headline",
        store=True,
        index=True,
        group_expand="_group_expand_headline",
    )

    # Parts
    container_ids = fields.One2many("freight.container", "booking_id")
    container_count = fields.Integer(compute="_compute_container_count")
    bill_ids = fields.One2many("freight.bill", "booking_id", string="Bills of Lading")
    bill_count = fields.Integer(compute="_compute_bill_count")
    event_ids = fields.One2many("freight.event", "booking_id", string="Events")
    charge_ids = fields.One2many(
        "freight.charge",
        "booking_id",
        string="Charges",
        groups="freight_booking.group_commercial,freight_booking.group_settlement",
    )
    settlement = fields.Selection(
        SETTLEMENTS,
        required=True,
        default="prepaid",
        tracking=True,
        help="When our charges are paid; decides when a bill of lading is released.",
    )

    _name_uniq = models.Constraint(
        "unique(name, company_id)", "A booking has a number of its own."
    )
    _order_uniq = models.UniqueIndex(
        "(order_id) WHERE split_from_id IS NULL AND commercial_state != 'cancelled'",
        "This quote has its booking already.",
    )

    @api.model
    def _default_operator_id(self):
        """Propose whoever opens the booking, if they operate bookings."""
        return self.env.user.has_group(OPERATOR) and self.env.user

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------
    @api.depends("cutoff_ids.deadline", "cutoff_ids.met")
    def _compute_next_cutoff_at(self):
        for booking in self:
            deadlines = booking.cutoff_ids.filtered(lambda c: not c.met)
            booking.next_cutoff_at = min(deadlines.mapped("deadline"), default=False)

    @api.depends("next_cutoff_at", "headline")
    def _compute_cutoff_urgency(self):
        now = fields.Datetime.now()
        for booking in self:
            at = booking.next_cutoff_at
            if not at or booking.headline in ("on_board", "released", "cancelled"):
                booking.cutoff_urgency = False
                continue
            company = booking.company_id
            left = at - now
            if left < timedelta(0):
                booking.cutoff_urgency = "late"
            elif left < timedelta(hours=company.freight_cutoff_urgent_hours):
                booking.cutoff_urgency = "today"
            elif left < timedelta(hours=company.freight_cutoff_soon_hours):
                booking.cutoff_urgency = "soon"
            else:
                booking.cutoff_urgency = "later"

    @api.depends("shipping_order_at", "container_ids.state")
    def _compute_equipment_state(self):
        order = [state for state, _label in EQUIPMENT_STATES]
        for booking in self:
            state = "shipping_order" if booking.shipping_order_at else "none"
            # The slowest container decides; one returned empty has been on board.
            reached = [
                "on_board" if container.state == "empty_returned" else container.state
                for container in booking.container_ids
                if container.state != "cancelled"
            ]
            if reached and "planned" not in reached:
                state = min(reached, key=order.index)
            booking.equipment_state = state

    @api.depends("container_ids.state", "container_ids.customs_state")
    def _compute_customs_state(self):
        for booking in self:
            states = {
                container.customs_state
                for container in booking.container_ids
                if container.state != "cancelled"
            }
            if not states or "pending" in states:
                booking.customs_state = "none"
            else:
                booking.customs_state = (
                    "released" if states == {"released"} else "declared"
                )

    @api.depends("bill_ids.state")
    def _compute_documents_state(self):
        for booking in self:
            states = set(booking.bill_ids.mapped("state"))
            booking.documents_state = next(
                (
                    state
                    for state in ("draft", "approved", "released")
                    if state in states
                ),
                "none",
            )

    @api.depends("charge_ids.side", "charge_ids.payer", "charge_ids.is_billed")
    def _compute_money_state(self):
        for booking in self:
            charges = booking.charge_ids.filtered("is_receivable")
            if not charges:
                booking.money_state = "none"
            else:
                billed = all(charges.mapped("is_billed"))
                booking.money_state = "billed" if billed else "open"

    @api.depends("commercial_state", "equipment_state", "documents_state")
    def _compute_headline(self):
        for booking in self:
            if booking.commercial_state != "booked":
                booking.headline = booking.commercial_state
            elif booking.documents_state == "released":
                booking.headline = "released"
            elif booking.equipment_state == "none":
                booking.headline = "booked"
            else:
                booking.headline = booking.equipment_state

    @api.model
    def _group_expand_headline(self, states, domain):
        return [state for state, _label in HEADLINES if state != "cancelled"]

    @api.depends("container_ids")
    def _compute_container_count(self):
        for booking in self:
            booking.container_count = len(booking.container_ids)

    @api.depends("bill_ids")
    def _compute_bill_count(self):
        for booking in self:
            booking.bill_count = len(booking.bill_ids)

    # ------------------------------------------------------------------
    # Constraints and CRUD
    # ------------------------------------------------------------------
    @api.constrains("vessel_imo")
    def _check_vessel_imo(self):
        for booking in self:
            if booking.vessel_imo and not (
                booking.vessel_imo.isascii() and imo.is_valid(booking.vessel_imo)
            ):
                raise ValidationError(
                    self.env._(
                        "“%(number)s” is no IMO ship number: seven digits, the last one checks the others.",
                        number=booking.vessel_imo,
                    )
                )

    @api.constrains("settlement", "freight_payment_term_code")
    def _check_settlement(self):
        for booking in self:
            collect = booking.freight_payment_term_code == "COL"
            if booking.settlement == "collect" and not collect:
                raise ValidationError(
                    self.env._(
                        "Settlement “Freight Collect” needs the carrier's freight to be collect too."
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        """Number new bookings; facts given at creation pass the same guards."""
        vals_list = [dict(vals) for vals in vals_list]
        facts = []
        for vals in vals_list:
            facts.append(
                {key: vals.pop(key) for key in self._fact_fields if key in vals}
            )
            if not vals.get("name") or vals["name"] == self.env._("New"):
                company_id = vals.get("company_id") or self.env.company.id
                vals["name"] = (
                    self.env["ir.sequence"]
                    .with_company(company_id)
                    .next_by_code("freight.booking")
                )
            vals.setdefault("carrier_booking_request_reference", vals["name"])
        bookings = super().create(vals_list)
        # Judged as created: a user's own default is no value of the call.
        if any(booking.settlement != "prepaid" for booking in bookings):
            self._check_settlement_role()
        if any(bookings.mapped("carrier_booking_reference")):
            self._check_step_role("shipping_order")
        for booking, fact in zip(bookings, facts, strict=True):
            if any(fact.values()):
                booking.write(fact)
        return bookings

    def write(self, vals):
        """Write plain values first, then take the steps that the facts mean.

        So a step is guarded the same however its fact is written (F07).
        """
        if is_server(self):
            return super().write(vals)
        if "company_id" in vals:
            self._check_company_kept(vals["company_id"])
        if any(booking._has_other_terms(vals) for booking in self):
            self._check_settlement_role()
        reference = ("carrier_booking_reference",)
        if any(will_change(booking, vals, reference) for booking in self):
            self._check_step_role("shipping_order")
        facts = {key: vals[key] for key in self._fact_fields if key in vals}
        plain = {key: value for key, value in vals.items() if key not in facts}
        result = super().write(plain)
        if "cargo_movement" in vals:
            self.container_ids._check_one_place()
        if facts:
            self._write_facts(facts)
        if self._pick_up_fields & vals.keys():
            self._recheck_picked_up()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_started(self):
        if any(booking.commercial_state == "booked" for booking in self):
            raise UserError(
                self.env._("A booking that was made is cancelled, not deleted.")
            )

    def unlink(self):
        """Delete bookings with containers that never left (F10)."""
        self.check_access("unlink")
        # Commercial staff delete a draft without rights on its containers; those that
        # left, or whose seal was used, refuse for everybody.
        self.sudo().container_ids.unlink()
        return super().unlink()

    def _check_company_kept(self, company_id):
        if any(booking.company_id.id != company_id for booking in self):
            raise UserError(self.env._("A booking stays in its company."))

    def _has_other_terms(self, vals):
        """Tell whether values would change when we get paid, or whose standing counts.

        The customer of a draft is still being entered; afterwards it decides whether
        monthly terms release a bill (F18).
        """
        self.ensure_one()
        return any(
            name in vals and self[name] != vals[name]
            for name in ("settlement", "freight_payment_term_code")
        ) or (
            self.commercial_state != "draft"
            and vals.get("partner_id", self.partner_id.id) != self.partner_id.id
        )

    def _check_settlement_role(self):
        """Raise AccessError unless the user may agree when we get paid (F18).

        Not those who release the bill: they would release it by their own word.
        """
        if not self.env.su and not self.env.user.has_group(COMMERCIAL):
            raise AccessError(
                self.env._(
                    "Customer and settlement terms are agreed by commercial staff."
                )
            )

    # ------------------------------------------------------------------
    # Quote
    # ------------------------------------------------------------------
    @api.model
    def _prepare_from_order(self, order):
        """Return the values of the booking that a confirmed freight quote asks for."""
        return {
            "company_id": order.company_id.id,
            "order_id": order.id,
            "partner_id": order.partner_id.id,
            "user_id": order.user_id.id,
            "carrier_id": order.freight_carrier_id.id,
            "receipt_type": order.freight_receipt_type or "CY",
            "delivery_type": order.freight_delivery_type or "CY",
            "cargo_movement": order.freight_cargo_movement or "FCL",
            "freight_payment_term_code": order.freight_payment_term_code or "PRE",
            "settlement": order.freight_settlement or "prepaid",
            "incoterm_id": order.incoterm.id,
            "commodity": order.freight_commodity,
            "cargo_ready_date": order.freight_cargo_ready_date,
            "receipt_id": order.freight_receipt_id.id,
            "pol_id": order.freight_pol_id.id,
            "pod_id": order.freight_pod_id.id,
            "delivery_id": order.freight_delivery_id.id,
            "etd": order.freight_etd,
            "equipment_ids": [
                Command.create(
                    {
                        "equipment_type_id": row.equipment_type_id.id,
                        "quantity": row.quantity,
                    }
                )
                for row in order.freight_equipment_ids
            ],
        }
