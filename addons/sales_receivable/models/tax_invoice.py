from odoo import api, fields, models
from odoo.exceptions import UserError

STATES = [
    ("draft", "Application"),
    ("submitted", "In Approval"),
    ("approved", "To Issue"),
    ("issued", "Issued"),
    ("handed", "Handed Over"),
    ("void", "Void"),
]
#: What the states of a paper that is issued are.
IN_HAND = ("issued", "handed")
#: What is approved: open in the application only.
AGREED_FIELDS = {"company_id", "currency_id", "kind_id", "line_ids", "partner_id"}
#: What the paper says: open until it is issued.
PAPER_FIELDS = {"date", "number"}
#: What the signed receipt says: recorded when the paper is handed over.
RECEIPT_FIELDS = {"received_by", "received_on", "receipt", "receipt_name"}


class TaxInvoice(models.Model):
    """A tax invoice (发票) over posted invoices of a customer (A12).

    application → in approval → to issue → issued → handed over; void with a reason,
    never deleted. It is a paper of its own, not a journal entry: how much is collected
    gates this paper, never the receivable.
    """

    _name = "tax.invoice"
    _description = "Tax Invoice"
    _inherit = ["step.mixin", "mail.thread", "mail.activity.mixin", "finite.mixin"]
    _order = "id desc"
    _rec_names_search = ["number", "partner_id.name"]
    _check_company_auto = True

    _locked_fields = {
        "submitted": AGREED_FIELDS,
        "approved": AGREED_FIELDS,
        "issued": AGREED_FIELDS | PAPER_FIELDS,
        "handed": AGREED_FIELDS | PAPER_FIELDS | RECEIPT_FIELDS,
        "void": AGREED_FIELDS | PAPER_FIELDS | RECEIPT_FIELDS,
    }

    number = fields.Char(
        copy=False,
        tracking=True,
        help="As printed on it; once per company and kind, also when void.",
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
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.company,
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    kind_id = fields.Many2one(
        "tax.invoice.kind",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        default=lambda self: self.env["tax.invoice.kind"].search(
            self.env["tax.invoice.kind"]._check_company_domain(self.env.company),
            limit=1,
        ),
    )
    user_id = fields.Many2one(
        "res.users",
        string="Salesperson",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        tracking=True,
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        ondelete="restrict",
        default=lambda self: self.env.company.currency_id,
        help="Of its invoices.",
    )
    line_ids = fields.One2many(
        "tax.invoice.line", "tax_invoice_id", string="Invoices", copy=False
    )
    invoice_ids = fields.Many2many(
        "account.move", compute="_compute_invoice_ids", search="_search_invoice_ids"
    )
    amount_total = fields.Monetary(
        string="Amount", compute="_compute_amount_total", store=True, tracking=True
    )
    collected_share = fields.Float(
        string="Collected", compute="_compute_collected", compute_sudo=True
    )
    needed_share = fields.Float(
        string="To Be Collected", compute="_compute_collected", compute_sudo=True
    )
    date = fields.Date(string="Issued On", copy=False, tracking=True)
    document = fields.Binary(string="Paper", attachment=True, copy=False)
    document_name = fields.Char(copy=False)
    issued_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="restrict"
    )
    received_by = fields.Char(
        copy=False, help="Who signed the receipt (发票验收单) for the customer."
    )
    received_on = fields.Date(copy=False)
    receipt = fields.Binary(string="Signed Receipt", attachment=True, copy=False)
    receipt_name = fields.Char(copy=False)
    void_reason = fields.Text(readonly=True, copy=False)
    voided_at = fields.Datetime(string="Void Since", readonly=True, copy=False)
    voided_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="restrict"
    )

    _number_uniq = models.UniqueIndex(
        "(company_id, kind_id, number) WHERE number <> ''",
        "There is a tax invoice of this kind with this number already.",
    )

    # --- computes ---------------------------------------------------------------------

    @api.depends("number", "partner_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for record in self:
            record.display_name = record.number or self.env._(
                "Tax invoice for %s", record.partner_id.name or ""
            )

    @api.depends("line_ids.move_id")
    def _compute_invoice_ids(self):
        for record in self:
            record.invoice_ids = record.line_ids.move_id

    @api.model
    def _search_invoice_ids(self, operator, value):
        return [("line_ids.move_id", operator, value)]

    @api.depends("line_ids.amount")
    def _compute_amount_total(self):
        for record in self:
            record.amount_total = sum(record.line_ids.mapped("amount"))

    @api.depends("line_ids.amount", "kind_id", "company_id")
    def _compute_collected(self):
        shares = self._get_collected_shares()
        needed = self._get_needed_shares()
        for record in self:
            moves = record.line_ids.move_id._origin
            # An application that isn't saved yet names what one may not read, too.
            known = moves <= record.line_ids._get_known_moves()
            record.collected_share = shares[record.id] if known else 0.0
            record.needed_share = needed[record.id]

    def _get_list_rows(self):
        """Return the rows of the printed list and the workbook."""
        states = dict(self._fields["state"]._description_selection(self.env))
        # Who may read the tax invoice may know the numbers of its invoices.
        return [
            [
                record.number,
                record.kind_id.name,
                record.partner_id.display_name,
                ", ".join(record.sudo().line_ids.move_id.mapped("display_name")),
                record.date,
                record.amount_total,
                round(record.collected_share * 100.0, 2),
                states[record.state],
                record.authority_approval,
                record.received_by,
                record.received_on,
                record.void_reason,
            ]
            for record in self
        ]

    @api.onchange("partner_id")
    def _onchange_partner_id(self):
        customer = self.partner_id.commercial_partner_id
        self.line_ids = self.line_ids.filtered(
            lambda line: line.move_id.commercial_partner_id == customer
        )

    # --- guards -----------------------------------------------------------------------

    @api.constrains("partner_id", "company_id", "currency_id")
    def _check_lines(self):
        self.line_ids._check_invoice()

    @api.constrains("date", "received_on")
    def _check_dates(self):
        for record in self:
            today = record.company_id._get_business_date()
            if any(day and day > today for day in (record.date, record.received_on)):
                raise UserError(self.env._("That day is still to come."))

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._strip_number(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._strip_number(vals))

    @api.model
    def _strip_number(self, vals):
        """A number with blanks around it is the same number."""
        if isinstance(vals.get("number"), str):
            return vals | {"number": vals["number"].strip()}
        return vals

    def _get_locked_fields(self):
        locked = super()._get_locked_fields()
        if self.document and self.state in (*IN_HAND, "void"):
            return locked | {"document", "document_name"}
        return locked

    @api.ondelete(at_uninstall=False)
    def _unlink_applications_only(self):
        if any(record.state != "draft" for record in self):
            raise UserError(
                self.env._("A tax invoice stays on record: void it with a reason.")
            )
