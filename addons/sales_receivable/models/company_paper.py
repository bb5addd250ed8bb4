from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools.mimetypes import guess_mimetype

from ..guard import as_server
from ..tools.watermark import NotMarkable, to_pdf

KEEPER = "sales_receivable.group_paper_keeper"
ACTIVITY = "sales_receivable.mail_activity_type_company_paper"


class CompanyPaper(models.Model):
    """A paper of our own company, e.g. the business licence (A23).

    Everybody may know that there is one; the original is its keepers'. Others get
    copies from the register, with their purpose written on them.
    """

    _name = "company.paper"
    _description = "Company Paper"
    _inherit = ["mail.thread", "mail.activity.mixin", "server.field.mixin"]
    _order = "company_id, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True, tracking=True)
    number = fields.Char(tracking=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.company,
    )
    date_from = fields.Date(string="Issued On", tracking=True)
    date_to = fields.Date(
        string="Valid Until",
        tracking=True,
        help="Last day; empty = until further notice.",
    )
    document = fields.Binary(
        string="Original",
        attachment=True,
        copy=False,
        groups=KEEPER,
        help="A PDF or an image.",
    )
    document_name = fields.Char(copy=False, tracking=True, groups=KEEPER)
    user_id = fields.Many2one(
        "res.users",
        string="Kept By",
        required=True,
        ondelete="restrict",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        tracking=True,
        help="Is reminded before it expires.",
    )
    remind_days = fields.Integer(string="Remind Before (days)", default=30)
    reminded_for = fields.Date(readonly=True, copy=False)
    active = fields.Boolean(default=True)
    issue_ids = fields.One2many("company.paper.issue", "paper_id", string="Copies")
    issue_count = fields.Integer(string="Copies Issued", compute="_compute_issue_count")
    is_expired = fields.Boolean(compute="_compute_is_expired")

    _check_remind_days = models.Constraint(
        "CHECK(remind_days >= 0)", "Days can't be negative."
    )
    _check_dates = models.Constraint(
        "CHECK(date_to IS NULL OR date_from IS NULL OR date_to >= date_from)",
        "A paper can't expire before it was issued.",
    )

    @api.depends("issue_ids")
    def _compute_issue_count(self):
        counts = dict(
            self.env["company.paper.issue"]._read_group(
                [("paper_id", "in", self.ids)], ["paper_id"], ["__count"]
            )
        )
        for paper in self:
            paper.issue_count = counts.get(paper, 0)

    @api.depends("date_to", "company_id")
    def _compute_is_expired(self):
        for paper in self:
            company = paper.company_id or self.env.company
            paper.is_expired = bool(
                paper.date_to and paper.date_to < company._get_business_date()
            )

    @api.constrains("document")
    def _check_document(self):
        """Take only what a purpose can be written on."""
        for paper in self:
            data, mimetype = paper._get_original()
            if not data:
                continue
            try:
                to_pdf(data, mimetype)
            except NotMarkable as error:
                raise ValidationError(
                    self.env._("The original of “%s” is no PDF or image.", paper.name)
                ) from error

    def write(self, vals):
        if "company_id" in vals:
            self._check_company_kept(vals["company_id"])
        return super().write(vals)

    def _check_company_kept(self, company_id):
        """Keep papers with copies in their company: the register is numbered by company
        and nothing in it changes (A23)."""
        # Whether there are copies is asked, whoever reads them.
        for paper in self.sudo():
            if paper.issue_ids and paper.company_id.id != company_id:
                raise UserError(
                    self.env._(
                        "Copies of “%s” are in the register of its company: file it anew"
                        " for another one.",
                        paper.name,
                    )
                )

    def _get_original(self):
        """Return the bytes of the original and what kind of file they are."""
        self.ensure_one()
        # Read past the field, which may be asked for its size only. Who gets the bytes
        # is decided by who calls.
        attachment = (
            self.env["ir.attachment"]
            .sudo()
            .search(
                [
                    ("res_model", "=", self._name),
                    ("res_id", "=", self.id),
                    ("res_field", "=", "document"),
                ],
                limit=1,
            )
        )
        data = attachment.raw or b""
        return data, guess_mimetype(data)

    def _check_issuable(self):
        """Raise UserError where no copy can be made of the paper (A23)."""
        for paper in self:
            if not paper._get_original()[0]:
                raise UserError(self.env._("“%s” has no original.", paper.name))
            if paper.is_expired or not paper.active:
                raise UserError(
                    self.env._("“%s” is no longer in force.", paper.display_name)
                )

    def action_view_issues(self):
        """Open the register of this paper's copies."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_receivable.company_paper_issue_action"
        )
        return action | {
            "domain": [("paper_id", "=", self.id)],
            "context": {"default_paper_id": self.id},
        }

    @api.model
    def _cron_remind(self):
        """Remind who keeps a paper that it expires soon; once for each day of expiry."""
        last = self.env.cr.now().date() + timedelta(days=366)
        papers = self.search([("date_to", "!=", False), ("date_to", "<=", last)])
        due = papers.filtered(lambda paper: paper._is_to_remind())
        for done, paper in enumerate(due, start=1):
            paper.activity_schedule(
                ACTIVITY, date_deadline=paper.date_to, user_id=paper.user_id.id
            )
            as_server(paper).reminded_for = paper.date_to
            self.env["ir.cron"]._commit_progress(1, remaining=len(due) - done)

    def _is_to_remind(self):
        self.ensure_one()
        today = self.company_id._get_business_date()
        return (
            self.reminded_for != self.date_to
            and self.date_to - timedelta(days=self.remind_days) <= today
        )
