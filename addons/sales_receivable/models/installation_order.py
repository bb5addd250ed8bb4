from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

STATES = [
    ("draft", "Application"),
    ("submitted", "In Approval"),
    ("approved", "To Begin"),
    ("begun", "Begun"),
    ("done", "Done"),
    ("accepted", "Accepted"),
    ("cancelled", "Cancelled"),
]
#: What is approved: open in the application only.
AGREED_FIELDS = {"address_id", "kind", "line_ids", "order_id"}
#: Who goes there and when: may change until the work is done.
PLAN_FIELDS = {"worker_ids", "planned_date"}
#: The acceptance report: recorded once the work is done.
ACCEPTANCE_FIELDS = {
    "acceptance",
    "acceptance_name",
    "accepted_by",
    "accepted_on",
    "defects",
    "result",
}


class InstallationOrder(models.Model):
    """A work order (派工单) to install what an order sold, or to continue work (接续).

    application → in approval → to begin → begun → done → accepted. The acceptance
    report (验收报告) is a part of it: who accepted for the customer, when and how (A24).
    """

    _name = "installation.order"
    _description = "Installation Work Order"
    _inherit = ["step.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "planned_date desc, id desc"
    _rec_names_search = ["name", "order_id.name", "order_id.partner_id.name"]
    _check_company_auto = True
    _locked_fields = {
        "draft": ACCEPTANCE_FIELDS,
        "submitted": AGREED_FIELDS | ACCEPTANCE_FIELDS,
        "approved": AGREED_FIELDS | ACCEPTANCE_FIELDS,
        "begun": AGREED_FIELDS | ACCEPTANCE_FIELDS,
        "done": AGREED_FIELDS | PLAN_FIELDS,
        "accepted": AGREED_FIELDS | PLAN_FIELDS | ACCEPTANCE_FIELDS,
        "cancelled": AGREED_FIELDS | PLAN_FIELDS | ACCEPTANCE_FIELDS,
    }

    name = fields.Char(string="Number", readonly=True, copy=False)
    kind = fields.Selection(
        [("installation", "Installation"), ("continuation", "Continuation")],
        required=True,
        default="installation",
        tracking=True,
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
    order_id = fields.Many2one(
        "sale.order",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('state', '!=', 'cancel')]",
    )
    company_id = fields.Many2one(
        related="order_id.company_id", store=True, index=True, precompute=True
    )
    partner_id = fields.Many2one(
        related="order_id.partner_id", string="Customer", store=True, precompute=True
    )
    address_id = fields.Many2one(
        "res.partner",
        compute="_compute_address_id",
        store=True,
        readonly=False,
        precompute=True,
        ondelete="restrict",
        check_company=True,
    )
    user_id = fields.Many2one(
        "res.users",
        string="Salesperson",
        compute="_compute_user_id",
        store=True,
        readonly=False,
        precompute=True,
        index=True,
        ondelete="restrict",
        domain="[('share', '=', False)]",
        tracking=True,
    )
    planned_date = fields.Datetime(string="Planned For", tracking=True)
    worker_ids = fields.Many2many(
        "res.users",
        string="People",
        domain="[('share', '=', False)]",
        check_company=True,
        help="Who is sent; they read the work order.",
    )
    line_ids = fields.One2many(
        "installation.order.line", "installation_id", string="Works", copy=True
    )
    begun_at = fields.Datetime(string="Begun On", readonly=True, copy=False)
    done_at = fields.Datetime(string="Done On", readonly=True, copy=False)

    accepted_on = fields.Date(copy=False)
    accepted_by = fields.Char(
        copy=False, help="Who signed the acceptance report for the customer."
    )
    result = fields.Selection(
        [
            ("passed", "Passed"),
            ("defects", "Passed with defects"),
            ("failed", "Not accepted"),
        ],
        copy=False,
        tracking=True,
    )
    defects = fields.Text(copy=False)
    acceptance = fields.Binary(string="Signed Report", attachment=True, copy=False)
    acceptance_name = fields.Char(copy=False)

    # --- computes ---------------------------------------------------------------------

    @api.depends("name", "kind")
    @api.depends_context("lang")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for record in self:
            record.display_name = f"{kinds.get(record.kind, '')} {record.name or ''}"

    @api.depends("order_id")
    def _compute_address_id(self):
        for record in self:
            order = record.order_id
            record.address_id = order.partner_shipping_id or order.partner_id

    @api.depends("order_id")
    def _compute_user_id(self):
        for record in self:
            record.user_id = record.order_id.user_id or self.env.user

    # --- guards -----------------------------------------------------------------------

    @api.constrains("order_id")
    def _check_order(self):
        # Who may not read an order doesn't hold it up with work, nor learns its
        # amounts; constraints run with all rights.
        self.order_id.sudo(False).check_access("read")
        self.line_ids._check_order_line()

    @api.constrains("accepted_on")
    def _check_accepted_on(self):
        for record in self.filtered("accepted_on"):
            if record.accepted_on > record.company_id._get_business_date():
                raise ValidationError(self.env._("That day is still to come."))

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records._draw_numbers()
        return records

    @api.ondelete(at_uninstall=False)
    def _unlink_applications_only(self):
        if any(record.state != "draft" for record in self):
            raise UserError(
                self.env._("A work order stays on record once it was applied for.")
            )
