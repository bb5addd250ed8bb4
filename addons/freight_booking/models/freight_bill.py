from odoo import api, fields, models
from odoo.addons.sales_receivable.guard import as_server, is_server
from odoo.exceptions import UserError, ValidationError

#: What the bill says; an edit resets its approval, and after release nothing changes.
CONTENT_FIELDS = (
    "name",
    "kind",
    "booking_id",
    "container_ids",
    "release_method",
    "shipper_id",
    "consignee_id",
    "notify_id",
    "cargo_description",
)
#: Where the printed originals are; decides a telex release (F18).
ORIGINALS = ("originals_printed", "originals_surrendered")


class FreightBill(models.Model):
    """A bill of lading over some containers of a booking: draft, approved, released."""

    _name = "freight.bill"
    _description = "Bill of Lading"
    _inherit = ["mail.thread", "mail.activity.mixin", "freight.guard.mixin"]
    _order = "id desc"
    _check_company_auto = True
    _rec_names_search = ["name", "booking_id.name"]

    name = fields.Char(
        string="B/L Number",
        required=True,
        copy=False,
        index="trigram",
        default=lambda self: self.env._("New"),
        tracking=True,
    )
    kind = fields.Selection(
        [("house", "House"), ("master", "Master")],
        required=True,
        default="house",
        tracking=True,
    )
    booking_id = fields.Many2one(
        "freight.booking", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        related="booking_id.company_id", store=True, index=True, precompute=True
    )
    partner_id = fields.Many2one(
        related="booking_id.partner_id", store=True, string="Customer"
    )
    carrier_id = fields.Many2one(related="booking_id.carrier_id")
    vessel_name = fields.Char(related="booking_id.vessel_name")
    voyage = fields.Char(related="booking_id.voyage")
    container_ids = fields.Many2many(
        "freight.container",
        string="Containers",
        copy=False,
        check_company=True,
        domain="[('booking_id', '=', booking_id), ('state', '!=', 'cancelled')]",
    )
    shipper_id = fields.Many2one("res.partner", check_company=True)
    consignee_id = fields.Many2one("res.partner", check_company=True)
    notify_id = fields.Many2one(
        "res.partner", string="Notify Party", check_company=True
    )
    cargo_description = fields.Text()
    release_method = fields.Selection(
        [
            ("original", "Original"),
            ("telex", "Telex Release"),
            ("waybill", "Sea Waybill"),
        ],
        required=True,
        default="original",
        tracking=True,
    )
    originals_printed = fields.Boolean(tracking=True, copy=False)
    originals_surrendered = fields.Boolean(tracking=True, copy=False)
    state = fields.Selection(
        [("draft", "Draft"), ("approved", "Approved"), ("released", "Released")],
        string="Status",
        required=True,
        default="draft",
        copy=False,
        index=True,
        tracking=True,
    )
    approved_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    approved_at = fields.Datetime(readonly=True, copy=False)
    released_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    released_at = fields.Datetime(readonly=True, copy=False)
    on_board = fields.Boolean(
        compute="_compute_on_board",
        store=True,
        help="Every container on this bill is on board.",
    )
    charge_ids = fields.One2many(
        "freight.charge",
        "bill_id",
        string="Charges",
        groups="freight_booking.group_commercial,freight_booking.group_settlement",
    )

    _name_uniq = models.Constraint(
        "unique(company_id, kind, name)", "This number is on another bill of lading."
    )

    @api.depends("container_ids.state")
    def _compute_on_board(self):
        for bill in self:
            states = set(bill.container_ids.mapped("state"))
            bill.on_board = bool(states) and states <= {"on_board", "empty_returned"}

    @api.constrains("booking_id", "container_ids")
    def _check_containers(self):
        for bill in self:
            if bill.container_ids.booking_id - bill.booking_id:
                raise ValidationError(
                    self.env._("A bill of lading covers containers of its own booking.")
                )

    # ------------------------------------------------------------------
    # Guard
    # ------------------------------------------------------------------
    def _get_guarded_booking(self):
        return self.booking_id

    def _get_next_step(self):
        self.ensure_one()
        return {"draft": "approved", "approved": "released"}.get(self.state, False)

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------
    @api.model
    def _get_step_fields(self):
        return super()._get_step_fields() | {"state"}

    @api.model
    def _get_kept_fields(self):
        """Return what stays as it was once the bill is released."""
        return {*CONTENT_FIELDS, *ORIGINALS}

    @api.model_create_multi
    def create(self, vals_list):
        """Number house bills; a state given at creation is then taken as a step."""
        vals_list = [dict(vals) for vals in vals_list]
        states = []
        for vals in vals_list:
            states.append(vals.pop("state", "draft"))
            if not vals.get("name") or vals["name"] == self.env._("New"):
                if vals.get("kind", "house") == "master":
                    raise UserError(
                        self.env._("A master bill has the number the carrier gave it.")
                    )
                vals["name"] = self.env["ir.sequence"].next_by_code("freight.bill")
        bills = super().create(vals_list)
        for bill, state in zip(bills, states, strict=True):
            if state != "draft":
                bill._move_to(state)
        return bills

    def write(self, vals):
        """Write content, which resets an approval, then take the step of a new state."""
        if is_server(self):
            return super().write(vals)
        plain = {key: value for key, value in vals.items() if key != "state"}
        if any(
            name in plain and bill[name] != plain[name]
            for name in ORIGINALS
            for bill in self
        ):
            # Where the originals are decides a telex release: not the releaser's word.
            self._check_step_role("approved")
        edited = self.browse()
        if self._get_kept_fields() & plain.keys():
            self._check_not_released()
        if set(CONTENT_FIELDS) & plain.keys():
            edited = self.filtered(lambda bill: bill.state == "approved")
        result = super().write(plain)
        edited._write_state("draft")
        if vals.get("state"):
            self._move_to(vals["state"])
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_released(self):
        self._check_not_released()

    def _check_not_released(self):
        released = self.filtered(lambda bill: bill.state == "released")
        if released:
            raise UserError(
                self.env._(
                    "Bill of lading %(bill)s is released: it is out of our hands.",
                    bill=released[0].name,
                )
            )

    def _move_to(self, state):
        """Take the step to a state, guarded by role and rules."""
        moving = self.filtered(lambda bill: bill.state != state)
        moving._check_not_released()
        if not moving:
            return
        if state == "draft":
            moving._check_step_role("approved")
        else:
            moving._check_step(state)
        moving._write_state(state)

    def _write_state(self, state):
        """Write a state whose guards were passed, its stamps and its event."""
        vals = {"state": state}
        if state == "draft":
            vals.update(approved_by_id=False, approved_at=False)
        else:
            vals.update(
                {f"{state}_by_id": self.env.uid, f"{state}_at": fields.Datetime.now()}
            )
        as_server(self).write(vals)
        if state != "draft":
            for bill in self:
                bill.booking_id._log_milestone(
                    "SHIPMENT",
                    "APPR" if state == "approved" else "ISSU",
                    document_type="TRD",
                )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------
    def action_approve(self):
        """Approve the content of draft bills."""
        self.filtered(lambda bill: bill.state == "draft").write({"state": "approved"})
        return True

    def action_release(self):
        """Release bills to the customer, if F18 allows; again changes nothing."""
        self.filtered(lambda bill: bill.state != "released").write(
            {"state": "released"}
        )
        return True

    def action_reset(self):
        """Take the approval of bills back."""
        self.filtered(lambda bill: bill.state == "approved").write({"state": "draft"})
        return True

    def action_view_booking(self):
        """Return the booking of this bill."""
        self.ensure_one()
        return self.booking_id._get_records_action()
