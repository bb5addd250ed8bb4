from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from ..guard import as_server, is_server

STATES = [
    ("draft", "Draft"),
    ("issued", "Issued"),
    ("returned", "Signed Copy Back"),
    ("received", "With Accounting"),
    ("void", "Void"),
]
#: What was frozen with the number.
CONTENT_FIELDS = {
    "address",
    "company_id",
    "contact",
    "line_ids",
    "partner_id",
    "phone",
    "picking_id",
    "settlement_kind",
}
#: Who brings the goods: may be somebody else until accounting has the copy.
TRANSPORT_FIELDS = {"driver_id", "forwarder_id", "forwarder_phone", "plate"}


class DeliverySlip(models.Model):
    """The slip that goods travel with (出货单), in four parts (A13).

    draft → issued, with its number, which is drawn last → the customer-signed copy is
    back → accounting has it; or void, with a reason. What was issued is never changed
    and never deleted. A delivery has one slip that isn't void.
    """

    _name = "delivery.slip"
    _description = "Delivery Slip"
    _inherit = [
        "step.mixin",
        "mail.thread",
        "mail.activity.mixin",
        "finite.mixin",
    ]
    _order = "id desc"
    _rec_names_search = ["number", "picking_id.name", "partner_id.name"]
    _check_company_auto = True

    number = fields.Char(
        readonly=True,
        copy=False,
        tracking=True,
        help="Drawn last, without gaps per company, never used again.",
    )
    state = fields.Selection(
        STATES,
        string="Status",
        required=True,
        readonly=True,
        default="draft",
        copy=False,
        tracking=True,
        index=True,
    )
    picking_id = fields.Many2one(
        "stock.picking",
        string="Delivery",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="picking_id.company_id", store=True, index=True, precompute=True
    )
    kind = fields.Selection(
        [
            ("delivery", "Delivery"),
            ("free", "Free Issue"),
            ("goods_in", "Goods In"),
        ],
        compute="_compute_from_picking",
        store=True,
        precompute=True,
        help="Free issues and goods that come in are signed by a manager, too.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Salesperson",
        compute="_compute_from_picking",
        store=True,
        precompute=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    sales_channel_id = fields.Many2one(
        "sales.channel",
        compute="_compute_from_picking",
        store=True,
        precompute=True,
        ondelete="restrict",
    )
    currency_id = fields.Many2one(
        "res.currency",
        compute="_compute_from_picking",
        store=True,
        precompute=True,
        ondelete="restrict",
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        compute="_compute_from_picking",
        store=True,
        precompute=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    recipient_id = fields.Many2one(
        "res.partner",
        string="Delivered To",
        compute="_compute_from_picking",
        store=True,
        precompute=True,
        ondelete="restrict",
    )
    contact = fields.Char(
        compute="_compute_address", store=True, readonly=False, precompute=True
    )
    phone = fields.Char(
        compute="_compute_address", store=True, readonly=False, precompute=True
    )
    address = fields.Char(
        compute="_compute_address", store=True, readonly=False, precompute=True
    )
    line_ids = fields.One2many("delivery.slip.line", "slip_id", string="Goods")
    amount_total = fields.Monetary(
        string="Total", compute="_compute_amount_total", store=True
    )
    issued_at = fields.Datetime(string="Issued On", readonly=True, copy=False)
    issued_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="restrict"
    )
    void_reason = fields.Text(readonly=True, copy=False, tracking=True)
    signature_ids = fields.One2many(
        "delivery.slip.signature", "slip_id", string="Signatures"
    )
    signatures_missing = fields.Char(compute="_compute_signatures_missing")

    # --- on site ----------------------------------------------------------------------

    site_counted_with = fields.Char(
        string="Counted With",
        copy=False,
        tracking=True,
        help="Who of the customer counted the goods together with us on site.",
    )
    site_signed_on = fields.Date(string="Signed on Site On", copy=False, tracking=True)
    damage_checked_on = fields.Date(copy=False, tracking=True)
    damage_note = fields.Text(
        string="Damage",
        copy=False,
        tracking=True,
        help="What the check for damage after installation found; empty = nothing.",
    )

    # --- the copy that the customer signed --------------------------------------------

    copy_file = fields.Binary(string="Signed Copy", attachment=True, copy=False)
    copy_file_name = fields.Char(copy=False)
    copy_back_on = fields.Date(readonly=True, copy=False, tracking=True)
    copy_due_on = fields.Date(
        string="Due at Accounting",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="The next working day after the signed copy came back.",
    )
    copy_received_at = fields.Datetime(
        string="With Accounting Since", readonly=True, copy=False
    )
    copy_received_by_id = fields.Many2one(
        "res.users",
        string="Received By",
        readonly=True,
        copy=False,
        ondelete="restrict",
    )
    is_copy_late = fields.Boolean(
        string="Late at Accounting",
        readonly=True,
        copy=False,
        help="The signed copy came to accounting later than it was due; it stays late.",
    )

    _number_uniq = models.UniqueIndex(
        "(company_id, number) WHERE number IS NOT NULL",
        "A slip number is used once.",
    )
    _picking_uniq = models.UniqueIndex(
        "(picking_id) WHERE state <> 'void'",
        "A delivery has one valid slip: void it to make another one.",
    )

    # --- computes ---------------------------------------------------------------------

    @api.depends("number", "picking_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for slip in self:
            slip.display_name = slip.number or self.env._(
                "Slip of %s", slip.sudo().picking_id.name or ""
            )

    @api.depends("picking_id")
    def _compute_from_picking(self):
        # Who makes slips needn't read orders; what is printed is theirs to know.
        for slip in self:
            picking = slip.sudo().picking_id
            orders = picking._get_dispatch_orders()
            order = orders[:1]
            slip.kind = slip._get_kind()
            slip.user_id = order.user_id
            slip.sales_channel_id = picking._get_channels(orders)[:1]
            slip.currency_id = slip._get_ordered_currency()
            slip.partner_id = picking.partner_id.commercial_partner_id
            slip.recipient_id = picking.partner_id

    def _get_ordered_currency(self):
        """Return the currency in which the order says its prices."""
        picking = self.sudo().picking_id  # as above
        order = picking._get_dispatch_orders()[:1]
        return order.currency_id or picking.company_id.currency_id

    def _get_kind(self):
        """Return what the delivery is as it stands: free is what anything belongs to that
        no confirmed order asks for (A13)."""
        self.ensure_one()
        # Whether there is an order decides, whoever may read it.
        picking = self.sudo().picking_id
        if picking.picking_type_code == "incoming":
            return "goods_in"
        moves = picking._get_slip_moves() or picking._get_leaving_moves()
        if moves and all(move._is_ordered() for move in moves):
            return "delivery"
        return "free"

    @api.depends("picking_id")
    def _compute_address(self):
        for slip in self:
            partner = slip.sudo().picking_id.partner_id
            company = partner.commercial_partner_id
            contacts = company.child_ids.filtered(lambda p: p.type == "contact")
            person = partner if partner != company else contacts[:1]
            slip.contact = person.name or (not company.is_company and company.name)
            slip.phone = partner.phone or person.phone or company.phone
            address = partner._display_address(without_company=True) if partner else ""
            slip.address = ", ".join(filter(None, map(str.strip, address.split("\n"))))

    @api.depends("line_ids.amount")
    def _compute_amount_total(self):
        for slip in self:
            slip.amount_total = sum(slip.line_ids.mapped("amount"))

    @api.depends("kind", "signature_ids.role")
    @api.depends_context("lang")
    def _compute_signatures_missing(self):
        roles = self.env["delivery.slip.signature"]._fields["role"]
        labels = dict(roles._description_selection(self.env))
        for slip in self:
            slip.signatures_missing = ", ".join(
                labels[role] for role in slip._get_missing_roles()
            )

    def _get_missing_roles(self):
        """Return the roles that haven't signed yet (A13)."""
        self.ensure_one()
        needed = ["warehouse", "clerk", "handler"]
        if self.kind != "delivery":
            needed.append("manager")
        signed = set(self.signature_ids.mapped("role"))
        return [role for role in needed if role not in signed]

    # --- guards -----------------------------------------------------------------------

    @api.model
    def _get_server_fields(self):
        return super()._get_server_fields() | {"signature_ids"}

    @api.model_create_multi
    def create(self, vals_list):
        # What is void by now makes room for another one.
        self.flush_model(["state"])
        slips = super().create(vals_list)
        for slip in slips.filtered(lambda slip: not slip.line_ids):
            slip._take_over()
        return slips

    def write(self, vals):
        if not is_server(self):
            content = CONTENT_FIELDS & vals.keys()
            # Lines that are there have guards of their own: what was signed for is
            # recorded on them.
            if all(
                command[0] == Command.UPDATE for command in vals.get("line_ids", ())
            ):
                content -= {"line_ids"}
            if content:
                self._check_is_draft()
            if (TRANSPORT_FIELDS | {"copy_file", "copy_file_name"}) & vals.keys():
                self._check_is_open()
            self._check_not_emptied(vals)
        return super().write(vals)

    def _check_not_emptied(self, vals):
        """Raise UserError where what an issued slip says of its way is taken off (A14)."""
        emptied = {
            name
            for name in TRANSPORT_FIELDS & vals.keys()
            if not self._is_said(vals[name])
        }
        for slip in self.filtered(lambda slip: slip.state != "draft"):
            names = [name for name in emptied if self._is_said(slip[name])]
            if names:
                labels = [self._fields[n]._description_string(self.env) for n in names]
                raise UserError(
                    self.env._(
                        "%(slip)s is issued: name another one instead of none (%(fields)s).",
                        slip=slip.display_name,
                        fields=", ".join(sorted(labels)),
                    )
                )

    @api.model
    def _is_said(self, value):
        """Tell whether a value says something: blanks don't."""
        return bool(value.strip() if isinstance(value, str) else value)

    @api.constrains("site_signed_on", "damage_checked_on")
    def _check_days(self):
        for slip in self:
            today = slip.company_id._get_business_date()
            if any(
                day and day > today
                for day in (slip.site_signed_on, slip.damage_checked_on)
            ):
                raise UserError(self.env._("That day is still to come."))

    def _check_is_draft(self):
        """Raise UserError where the content is frozen (A13)."""
        for slip in self.filtered(lambda slip: slip.state != "draft"):
            raise UserError(
                self.env._(
                    "%s is issued: void it with a reason and make another one.",
                    slip.display_name,
                )
            )

    def _check_is_open(self):
        """Raise UserError for what accounting has, or is void."""
        for slip in self.filtered(lambda slip: slip.state in ("received", "void")):
            raise UserError(
                self.env._("%s can't be changed any more.", slip.display_name)
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_if_never_issued(self):
        if any(slip.number or slip.state != "draft" for slip in self):
            raise AccessError(
                self.env._("Slips stay on record: void them with a reason.")
            )

    def _take_over(self):
        """Take the goods over from the delivery, as they are taken from stock."""
        self._check_is_draft()
        slip = as_server(self)
        moved = self.recipient_id != self.sudo().picking_id.partner_id
        slip._compute_from_picking()
        if moved:
            # Somebody else gets the goods now: contact and address are of others.
            slip._compute_address()
        self.line_ids.unlink()
        # As what is printed: names and prices, from orders one may not read.
        moves = self.sudo().picking_id._get_slip_moves()
        as_server(self.env["delivery.slip.line"]).create(
            [
                self.env["delivery.slip.line"]._prepare_from_move(self, move)
                for move in moves
            ]
        )

    def action_take_over(self):
        """Take the goods over again, when the delivery has changed (A13)."""
        self.check_access("write")
        for slip in self:
            slip._take_over()
        return True
