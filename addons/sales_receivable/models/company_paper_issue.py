import base64

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..guard import as_server, is_server
from ..tools.watermark import NotMarkable, mark_pages
from ..tools.words import to_readable, wrap
from .company_paper import KEEPER

#: Of what is written on a copy: more couldn't be read.
LENGTH = 80
#: Of a line on a page, and its largest letters (pt) with which it fits across.
COLUMNS = 56
FONT = 20
#: What is written takes a third of a page (px), of which the lines take a part each.
THIRD = 430
LINE = 36


class CompanyPaperIssue(models.Model):
    """A copy of a company paper, issued for a purpose (证件领用登记, A23).

    Append-only: numbers have no gaps, nothing is changed or deleted; only that the copy
    came back is added. The purpose stands on every page of the copy.
    """

    _name = "company.paper.issue"
    _description = "Copy of a Company Paper"
    _inherit = ["server.field.mixin", "finite.mixin"]
    _order = "id desc"
    _rec_name = "number"
    _check_company_auto = True

    number = fields.Char(
        readonly=True, copy=False, help="Drawn last, without gaps, never used again."
    )
    paper_id = fields.Many2one(
        "company.paper",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="paper_id.company_id", store=True, index=True, precompute=True
    )
    date = fields.Date(
        string="Issued On", readonly=True, copy=False, help="The company's day."
    )
    user_id = fields.Many2one(
        "res.users",
        string="Taken By",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
    )
    recipient = fields.Char(
        string="For Whom", required=True, help="Who gets the copy in the end."
    )
    purpose = fields.Char(
        required=True, size=LENGTH, help="Is written on every page of the copy."
    )
    copies = fields.Integer(required=True, default=1)
    document = fields.Binary(string="Copy", attachment=True, readonly=True, copy=False)
    document_name = fields.Char(readonly=True, copy=False)
    date_returned = fields.Date(string="Returned On", readonly=True, copy=False)
    returned_to_id = fields.Many2one(
        "res.users",
        readonly=True,
        copy=False,
        ondelete="restrict",
    )
    create_uid = fields.Many2one("res.users", string="Issued By")

    _number_uniq = models.UniqueIndex(
        "(company_id, number) WHERE number IS NOT NULL",
        "A number of the register is used once.",
    )
    _check_copies = models.Constraint("CHECK(copies > 0)", "At least one copy.")

    @api.constrains("purpose", "recipient")
    def _check_words(self):
        for issue in self:
            if not to_readable(issue.purpose) or not to_readable(issue.recipient):
                raise ValidationError(
                    self.env._("Say what the copy is for, and for whom.")
                )
            if len(issue.recipient) > LENGTH:
                raise ValidationError(
                    self.env._("Say in %s letters for whom the copy is.", LENGTH)
                )

    @api.model_create_multi
    def create(self, vals_list):
        """Issue copies: enter them, write the purpose on them (A23).

        :raise AccessError: by anybody but a keeper
        """
        self._check_keeper()
        issues = super().create(vals_list)
        for issue in issues:
            issue.paper_id._check_issuable()
            # Nobody writes in the register; the system completes what it has let in.
            entry = as_server(issue.sudo())
            entry.date = issue.company_id._get_business_date()
            number = issue._draw_number()
            entry.write(
                {
                    "number": number,
                    "document": base64.b64encode(issue._make_copy(number)),
                    "document_name": f"{number}.pdf",
                }
            )
        return issues

    def write(self, vals):
        if not is_server(self):
            raise AccessError(self.env._("Entries of the register can't be changed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise AccessError(self.env._("Entries of the register stay on record."))

    @api.model
    def _check_keeper(self):
        if not self.env.su and not self.env.user.has_group(KEEPER):
            raise AccessError(self.env._("Copies are issued by keepers of the papers."))

    def _draw_number(self):
        # Keepers needn't read sequences.
        sequence = self.env["ir.sequence"].sudo().with_company(self.company_id)
        number = sequence.next_by_code("company.paper.issue")
        if not number:
            raise UserError(self.env._("There is no sequence for the register."))
        return number

    def _make_copy(self, number):
        """Return the PDF of the paper with purpose, number, person and day on it."""
        self.ensure_one()
        try:
            return mark_pages(*self.paper_id._get_original(), self._draw_mark(number))
        except NotMarkable as error:
            raise UserError(
                self.env._(
                    "Nothing can be written on the original of “%s”: file it without a"
                    " password, as PDF or image.",
                    self.paper_id.name,
                )
            ) from error

    def _draw_mark(self, number):
        """Return the PDF of the words that are laid over every page.

        Drawn as the host prints, with its fonts in the file: a reader without Chinese
        fonts would show nothing.
        """
        # Keepers needn't read reports.
        Report = self.env["ir.actions.report"].sudo()
        if Report.get_wkhtmltopdf_state() != "ok":
            raise UserError(
                self.env._("No purpose can be written here: Wkhtmltopdf is missing.")
            )
        day = fields.Date.to_string(self.date)
        lines = [
            *wrap(self.env._("For %s only", to_readable(self.purpose)), COLUMNS),
            *wrap(f"{number} · {to_readable(self.recipient)} · {day}", COLUMNS),
        ]
        padding = max(0, THIRD - LINE * len(lines))
        html = self.env["ir.qweb"]._render(
            "sales_receivable.company_paper_mark",
            {
                "lines": lines,
                "font": FONT,
                # They rise to the right.
                "above": padding - padding // 4,
                "below": padding // 4,
            },
        )
        edges = ("top", "bottom", "left", "right")
        return Report._run_wkhtmltopdf(
            [str(html)],
            specific_paperformat_args={f"data-report-margin-{e}": 0 for e in edges},
        )

    def action_return(self):
        """Note that the copies came back (A23).

        :raise AccessError: by anybody but a keeper
        """
        self.check_access("read")
        self._check_keeper()
        for issue in self.filtered(lambda issue: not issue.date_returned):
            as_server(issue.sudo()).write(  # keepers may not write, but add this
                {
                    "date_returned": issue.company_id._get_business_date(),
                    "returned_to_id": self.env.uid,
                }
            )
        return True
