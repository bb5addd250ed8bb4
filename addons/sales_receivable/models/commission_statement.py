from odoo import api, fields, models
from odoo.exceptions import UserError

from ..guard import is_server

STATES = [
    ("draft", "To Review"),
    ("reviewed", "Reviewed by Finance"),
    ("confirmed", "Confirmed by Vice President"),
    ("approved", "Approved"),
    ("exported", "Handed Over"),
]
#: Rules whose figures a commission form adds up.
RULES = ("K02", "R08")


class CommissionStatement(models.Model):
    """What one person gets for a month: the commission form (K02, 提成单).

    to review → reviewed → confirmed → approved → handed over. Made by computing the
    period, and made again by each further computation until it is approved; with the
    approval its figures are frozen, and the period can't be computed or reopened before
    the approval is taken back with a reason. Once the month is closed it is handed over,
    once, as vendor bill or with a payroll file.

    What comes to less than nothing isn't claimed back, but carried to the next form.
    """

    _name = "commission.statement"
    _description = "Commission Form"
    _inherit = [
        "mail.thread",
        "mail.activity.mixin",
        "reason.mixin",
        "sales.xlsx.mixin",
        "server.field.mixin",
    ]
    _order = "period_id desc, beneficiary_id, id"
    _rec_names_search = ["beneficiary_id.name"]
    _mail_post_access = "read"

    period_id = fields.Many2one(
        "performance.period",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    period_state = fields.Selection(related="period_id.state", string="Month's Status")
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="restrict"
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    beneficiary_id = fields.Many2one(
        "res.users",
        string="Person",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
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
    commission_amount = fields.Monetary(string="Commission", readonly=True)
    interest_amount = fields.Monetary(string="Overdue Interest", readonly=True)
    amount = fields.Monetary(
        string="Of the Month", readonly=True, help="Commission less overdue interest."
    )
    carried_amount = fields.Monetary(
        string="Carried Forward",
        readonly=True,
        help="What the form before came to below nothing.",
    )
    payable_amount = fields.Monetary(string="Payable", readonly=True, tracking=True)
    line_count = fields.Integer(string="Lines", readonly=True, aggregator=None)
    digest = fields.Char(
        readonly=True,
        copy=False,
        help="SHA-256 over the lines: equal lines, equal digest.",
    )
    run_line_ids = fields.Many2many(
        "performance.run.line", string="Open Figures", compute="_compute_lines"
    )
    entry_ids = fields.Many2many(
        "performance.entry", string="Booked Figures", compute="_compute_lines"
    )
    reviewed_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    reviewed_at = fields.Datetime(readonly=True, copy=False)
    confirmed_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    confirmed_at = fields.Datetime(readonly=True, copy=False)
    approved_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    approved_at = fields.Datetime(readonly=True, copy=False)
    exported_at = fields.Datetime(string="Handed Over On", readonly=True, copy=False)
    bill_id = fields.Many2one(
        "account.move",
        string="Vendor Bill",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    payroll_id = fields.Many2one(
        "commission.payroll",
        string="Payroll File",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    blocking_reasons = fields.Text(compute="_compute_blocking_reasons")

    _person_uniq = models.Constraint(
        "unique(period_id, beneficiary_id)", "A person has one form per month."
    )
    _bill_uniq = models.UniqueIndex(
        "(bill_id) WHERE bill_id IS NOT NULL", "A bill is for one form."
    )
    _handed_over_once = models.Constraint(
        "CHECK (num_nonnulls(bill_id, payroll_id) <= 1)", "A form is handed over once."
    )

    @api.depends("period_id", "beneficiary_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for form in self:
            form.display_name = self.env._(
                "Commission of %(person)s, %(month)s",
                # Whose form one may read, one may know the name of.
                person=form.beneficiary_id.sudo().name or "",
                month=form.period_id.display_name or "",
            )

    @api.depends_context("uid")  # everybody's lines are those they may see
    @api.depends("period_id", "beneficiary_id", "digest", "period_state")
    def _compute_lines(self):
        for form in self:
            lines = form._get_lines()
            closed = lines._name == "performance.entry"
            form.entry_ids = lines if closed else False
            form.run_line_ids = False if closed else lines

    def _get_lines(self):
        """Return the lines of the form that the user may read: of the run, then, once
        the month is closed, its entries."""
        self.ensure_one()
        closed = self.period_id.state == "closed"
        model = "performance.entry" if closed else "performance.run.line"
        return self.env[model].search(
            self._get_lines_domain(), order="rule, source_name, slice, id"
        )

    def _get_lines_domain(self):
        return [
            ("period_id", "=", self.period_id.id),
            ("beneficiary_id", "=", self.beneficiary_id.id),
            ("rule", "in", RULES),
        ]

    def action_view_lines(self):
        """Open the lines behind the form."""
        self.ensure_one()
        return self.period_id._get_lines_action(self._get_lines_domain()[1:])

    def action_view_bill(self):
        """Open the vendor bill."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.move",
            "res_id": self.bill_id.id,
            "view_mode": "form",
        }

    # --- guards -----------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not is_server(self):
            raise UserError(self.env._("Forms are made by computing a period."))
        return super().create(vals_list)

    @api.ondelete(at_uninstall=False)
    def _unlink_by_computing(self):
        if not is_server(self):
            raise UserError(self.env._("Forms are made by computing a period."))
