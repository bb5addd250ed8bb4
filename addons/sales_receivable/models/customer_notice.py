from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from ..guard import as_server, is_server

KINDS = [
    ("ready", "Goods ready"),
    ("arrival", "Exact arrival"),
    ("site", "Site ready asked"),
    ("late", "Late delivery"),
    ("receipt", "Receipt confirmed"),
]
#: What was told: stays as it was once the customer knows.
TOLD_FIELDS = {"arrival_at", "kind", "order_id", "partner_id", "picking_id", "remedy"}
ANSWER_FIELDS = {"answer", "answered_at", "answered_by", "has_power", "has_space"}
#: What has to be there before the customer is told.
NEEDED = {"arrival": ("arrival_at",), "late": ("remedy",)}
#: What the customer's answer consists of.
ANSWERS = {
    "site": ("answered_by", "has_power", "has_space"),
    "receipt": ("answered_by", "answered_at"),
}
#: What the customer knows.
TOLD = ("sent", "answered")
YES_NO = [("yes", "Yes"), ("no", "No")]


class CustomerNotice(models.Model):
    """What a customer is told or asked about a delivery (通知), by when, and the answer.

    due → told → answered; not told until the goods had left: missed; an arrival that is
    told again: replaced. One per delivery and kind, besides those (A25).
    """

    _name = "customer.notice"
    _description = "Notice to a Customer"
    _inherit = ["server.field.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "due_at, id"
    _rec_names_search = ["order_id.name", "picking_id.name", "partner_id.name"]
    _check_company_auto = True

    kind = fields.Selection(KINDS, required=True, default="ready", tracking=True)
    state = fields.Selection(
        [
            ("due", "Due"),
            ("sent", "Told"),
            ("answered", "Answered"),
            ("missed", "Missed"),
            ("replaced", "Replaced"),
        ],
        string="Status",
        required=True,
        readonly=True,
        default="due",
        copy=False,
        tracking=True,
        index=True,
    )
    picking_id = fields.Many2one(
        "stock.picking",
        string="Delivery",
        index="btree_not_null",
        ondelete="cascade",
        check_company=True,
    )
    order_id = fields.Many2one(
        "sale.order",
        compute="_compute_order_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        ondelete="cascade",
        check_company=True,
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        compute="_compute_partner_id",
        store=True,
        readonly=False,
        precompute=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        "res.company",
        compute="_compute_company",
        store=True,
        precompute=True,
        index=True,
    )
    user_id = fields.Many2one(
        "res.users",
        string="Salesperson",
        compute="_compute_company",
        store=True,
        readonly=False,
        precompute=True,
        index=True,
        ondelete="restrict",
        domain="[('share', '=', False)]",
    )
    due_at = fields.Datetime(
        string="Due By", required=True, default=fields.Datetime.now
    )
    is_overdue = fields.Boolean(
        string="Overdue", compute="_compute_is_overdue", search="_search_is_overdue"
    )
    arrival_at = fields.Datetime(
        string="Arrives On", tracking=True, help="The exact time that is told."
    )
    remedy = fields.Text(
        help="What the customer is offered for the late delivery.", tracking=True
    )
    has_power = fields.Selection(YES_NO, string="Power on Site", tracking=True)
    has_space = fields.Selection(YES_NO, string="Space on Site", tracking=True)
    answer = fields.Text(string="Customer's Answer")
    answered_by = fields.Char(help="Who answered, or confirmed the receipt.")
    answered_at = fields.Datetime(string="Answered On", tracking=True)
    way = fields.Selection(
        [("mail", "Mail"), ("phone", "Phone")],
        string="Told By",
        readonly=True,
        copy=False,
    )
    sent_at = fields.Datetime(string="Told On", readonly=True, copy=False)
    sent_by_id = fields.Many2one(
        "res.users",
        string="Told By Whom",
        readonly=True,
        copy=False,
        ondelete="restrict",
    )

    planned_for = fields.Datetime(
        readonly=True,
        copy=False,
        help="When the delivery was planned for as the customer was told.",
    )

    told_recipient_id = fields.Many2one(
        "res.partner",
        readonly=True,
        copy=False,
        ondelete="restrict",
        help="Who was to get the goods as the customer was told.",
    )

    _picking_kind_uniq = models.UniqueIndex(
        "(picking_id, kind) WHERE picking_id IS NOT NULL AND state <> 'replaced'",
        "There is such a notice about this delivery already.",
    )
    _check_about = models.Constraint(
        "CHECK(picking_id IS NOT NULL OR order_id IS NOT NULL)",
        "A notice is about an order or a delivery.",
    )

    # --- computes ---------------------------------------------------------------------

    @api.depends("kind", "picking_id", "order_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for notice in self:
            # Who reads the notice may know what it is about.
            about = notice.sudo().picking_id.name or notice.sudo().order_id.name or ""
            notice.display_name = f"{kinds.get(notice.kind, '')} {about}".strip()

    @api.depends("picking_id")
    def _compute_order_id(self):
        for notice in self:
            # Sales may see what is delivered to their customers.
            if picking := notice.sudo().picking_id:
                notice.order_id = picking.sale_id

    @api.depends("picking_id", "order_id")
    def _compute_partner_id(self):
        for notice in self:
            about = notice.sudo()  # as above
            notice.partner_id = about.picking_id.partner_id or about.order_id.partner_id

    @api.depends("picking_id", "order_id")
    def _compute_company(self):
        for notice in self:
            order, picking = notice.sudo().order_id, notice.sudo().picking_id
            notice.company_id = picking.company_id or order.company_id
            notice.user_id = order.user_id or picking.user_id

    @api.depends("state", "due_at")
    def _compute_is_overdue(self):
        now = fields.Datetime.now()
        for notice in self:
            notice.is_overdue = notice.state == "due" and notice.due_at < now

    @api.model
    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [("state", "=", "due"), ("due_at", "<", fields.Datetime.now())]

    # --- guards -----------------------------------------------------------------------

    @api.constrains("picking_id", "order_id", "partner_id")
    def _check_order(self):
        # Who may not read an order doesn't take its notices away from those whose it
        # is; constraints run with all rights.
        self.order_id.sudo(False).check_access("read")
        # Only whether they belong together is said.
        for notice in self.sudo():
            order, picking = notice.order_id, notice.picking_id
            customers = (
                order.partner_id | order.partner_shipping_id | picking.partner_id
            ).commercial_partner_id
            if customers and notice.partner_id.commercial_partner_id not in customers:
                raise ValidationError(
                    self.env._("A notice is for the customer of its delivery.")
                )
            if picking and picking.sale_id and order != picking.sale_id:
                raise ValidationError(
                    self.env._("The delivery isn't of the notice's order.")
                )

    @api.model_create_multi
    def create(self, vals_list):
        # Another notice replaces an arrival that can't be any more; the database keeps
        # two that count apart.
        told = self.sudo().search(
            self._domain_told_arrivals()
            & Domain(
                "picking_id",
                "in",
                [
                    vals["picking_id"]
                    for vals in vals_list
                    if vals.get("picking_id") and vals.get("kind") == "arrival"
                ],
            )
        )
        told._replace_outdated()
        return super().create(vals_list)

    def write(self, vals):
        if not is_server(self):
            for notice in self:
                locked = set()
                if notice.state != "due":
                    locked |= TOLD_FIELDS
                if notice.state in ("answered", "missed", "replaced"):
                    locked |= ANSWER_FIELDS
                if locked & vals.keys():
                    raise UserError(
                        self.env._(
                            "%s: what was told and answered stays as it is.",
                            notice.display_name,
                        )
                    )
        return super().write(vals)

    def _check_recorder(self):
        self.check_access("write")
        if self.env.user.share:
            raise AccessError(self.env._("This is kept by employees."))

    # --- told -------------------------------------------------------------------------

    def _check_needed(self, names):
        """Raise UserError for what is missing in the notice."""
        missing = [
            self._fields[name]._description_string(self.env)
            for name in names
            if not (str(self[name]).strip() if self[name] else "")
        ]
        if missing:
            raise UserError(
                self.env._(
                    "%(notice)s. Missing: %(fields)s",
                    notice=self.display_name,
                    fields=", ".join(missing),
                )
            )

    def _mark_told(self, way):
        for notice in self:
            notice._check_recorder()
            if notice.state != "due":
                raise UserError(
                    self.env._("%s: the customer knows already.", notice.display_name)
                )
            notice._check_needed(NEEDED.get(notice.kind, ()))
            notice._check_arrival()
            as_server(notice).write(
                {
                    "state": "sent",
                    "way": way,
                    # Who tells needn't read deliveries.
                    "planned_for": notice.sudo().picking_id.scheduled_date,
                    "told_recipient_id": notice.sudo().picking_id.partner_id.id,
                    "sent_at": fields.Datetime.now(),
                    "sent_by_id": self.env.uid,
                }
            )
        return True

    def _check_arrival(self):
        """Raise UserError for an arrival on a day that is over."""
        get_day = self.company_id._get_business_date
        if self.kind == "arrival" and get_day(self.arrival_at) < get_day():
            raise UserError(self.env._("%s: that day is over.", self.display_name))

    @api.model
    def _domain_told_arrivals(self):
        return Domain("kind", "=", "arrival") & Domain("state", "in", TOLD)

    def _is_outdated(self):
        """Tell whether the customer, who was told an arrival, doesn't know it any more:
        the delivery is planned for another day or recipient now, or the day that was
        told is over."""
        self.ensure_one()
        # Who sells needn't read deliveries.
        told = self.sudo()
        if told.told_recipient_id not in (
            told.told_recipient_id.browse(),
            told.picking_id.partner_id,
        ):
            return True
        planned = told.picking_id.scheduled_date
        if not (self.sent_at and self.arrival_at):
            return True
        get_day = self.company_id._get_business_date
        is_moved = (
            self.planned_for
            and planned
            and get_day(self.planned_for) != get_day(planned)
        )
        return bool(is_moved) or get_day(self.arrival_at) < get_day()

    def _replace_outdated(self):
        """Close told arrivals of deliveries that haven't left and move (A25)."""
        outdated = self.filtered(
            lambda notice: (
                notice.picking_id.state not in ("done", "cancel")
                and notice._is_outdated()
            )
        )
        as_server(outdated).write({"state": "replaced"})
        outdated.flush_recordset(["state"])

    def action_record_call(self):
        """Note that the customer was told by phone (A25).

        :raise UserError: without the arrival's time, or the remedy of a late delivery
        """
        return self._mark_told("phone")

    def action_send(self):
        """Open the mail to the customer, in the customer's language (A25)."""
        self.ensure_one()
        self._check_recorder()
        self._check_needed(NEEDED.get(self.kind, ()))
        template = self.env.ref(
            f"sales_receivable.mail_template_notice_{self.kind}",
            raise_if_not_found=False,
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": "mail.compose.message",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_model": self._name,
                "default_res_ids": self.ids,
                "default_template_id": template.id if template else False,
                "default_composition_mode": "comment",
                "notice_is_told": True,
            },
        }

    def message_post(self, **kwargs):
        """Note that the customer was told when the mail to them is sent.

        The key of the context opens nothing: whoever may send it may record a call.
        """
        message = super().message_post(**kwargs)
        if self.env.context.get("notice_is_told") and (
            self.partner_id & message.partner_ids
        ):
            self.filtered(lambda notice: notice.state == "due")._mark_told("mail")
        return message

    def action_answer(self):
        """Note the customer's answer: power and space on site, or who confirmed the
        receipt and when (A25).

        What is asked may be answered unasked; what is told is told first.

        :raise UserError: it isn't there
        """
        for notice in self:
            notice._check_recorder()
            if notice.state not in ("due", "sent"):
                raise UserError(
                    self.env._("%s was answered or missed.", notice.display_name)
                )
            if notice.state == "due" and notice.kind not in ANSWERS:
                raise UserError(
                    self.env._("%s: tell the customer first.", notice.display_name)
                )
            notice._check_needed(ANSWERS.get(notice.kind, ("answer",)))
            as_server(notice).write(
                {
                    "state": "answered",
                    "answered_at": notice.answered_at or fields.Datetime.now(),
                }
            )
        return True
