from babel.dates import format_skeleton
from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL
from odoo.tools.misc import babel_locale_parse, format_date, get_lang

from ..guard import as_server, is_server

# What a step starts from, where it leads, and whose step it is.
FINANCE = "sales_receivable.group_finance"
COMPANY_MANAGER = "sales_receivable.group_company_manager"
STEPS = {
    "compute": (("open", "computed", "reviewed"), "computed", (FINANCE,)),
    "review": (("computed",), "reviewed", (FINANCE,)),
    "approve": (("reviewed",), "approved", (COMPANY_MANAGER,)),
    "close": (("approved",), "closed", (FINANCE,)),
    "reopen": (
        ("computed", "reviewed", "approved"),
        "open",
        (FINANCE, COMPANY_MANAGER),
    ),
}


class PerformancePeriod(models.Model):
    """A month of the performance ledger of a company (K10).

    open → computed → reviewed → approved → closed. Computing replaces the run lines and
    is free until the period is approved; closing books them as entries, for good. A
    period is computed only when all earlier ones are closed, so what is booked before
    is certain. The first period is the cut-over: no month before it is deducted.
    """

    _name = "performance.period"
    _description = "Performance Period"
    _inherit = [
        "mail.thread",
        "mail.activity.mixin",
        "sales.xlsx.mixin",
        "server.field.mixin",
    ]
    _order = "date_start desc, company_id"
    _rec_name = "date_start"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date_start = fields.Date(
        string="Month",
        required=True,
        default=lambda self: self._default_date_start(),
        help="Any day of the month; it is kept as the month's first.",
    )
    date_end = fields.Date(
        string="Last Day", compute="_compute_date_end", store=True, precompute=True
    )
    state = fields.Selection(
        [
            ("open", "Open"),
            ("computed", "Computed"),
            ("reviewed", "Reviewed"),
            ("approved", "Approved"),
            ("closed", "Closed"),
        ],
        required=True,
        default="open",
        readonly=True,
        copy=False,
        tracking=True,
    )
    is_opening = fields.Boolean(
        string="Cut-Over",
        compute="_compute_is_opening",
        help="The first period: months before it are not deducted.",
    )
    run_hash = fields.Char(
        string="Hash",
        readonly=True,
        copy=False,
        help="SHA-256 over the lines' business values: equal results, equal hash.",
    )
    computed_at = fields.Datetime(readonly=True, copy=False)
    computed_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    reviewed_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    reviewed_at = fields.Datetime(readonly=True, copy=False)
    approved_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    closed_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    closed_at = fields.Datetime(readonly=True, copy=False)
    snapshot_id = fields.Many2one(
        "stock.age.snapshot",
        string="Stock Age",
        readonly=True,
        copy=False,
        ondelete="restrict",
    )
    run_line_ids = fields.One2many("performance.run.line", "period_id")
    entry_ids = fields.One2many("performance.entry", "period_id")
    statement_ids = fields.One2many("performance.statement", "period_id")
    amount = fields.Monetary(string="Total", compute="_compute_totals")
    line_count = fields.Integer(string="Lines", compute="_compute_totals")
    blocking_reasons = fields.Text(compute="_compute_blocking_reasons")

    _company_month_uniq = models.Constraint(
        "unique(company_id, date_start)", "A company has one period per month."
    )

    @api.model
    def _default_date_start(self):
        last = self.search(
            [("company_id", "=", self.env.company.id)], order="date_start desc", limit=1
        )
        if last:
            return last.date_end + relativedelta(days=1)
        return fields.Date.context_today(self).replace(day=1)

    @api.depends("date_start")
    def _compute_date_end(self):
        for period in self:
            start = period.date_start
            period.date_end = start and start + relativedelta(day=31)

    @api.depends("date_start", "company_id")
    def _compute_is_opening(self):
        first = dict(
            self._read_group(
                [("company_id", "in", self.company_id.ids)],
                ["company_id"],
                ["date_start:min"],
            )
        )
        for period in self:
            period.is_opening = period.date_start == first.get(period.company_id)

    @api.depends_context("lang")
    @api.depends("date_start")
    def _compute_display_name(self):
        locale = babel_locale_parse(get_lang(self.env).code)
        for period in self:
            # The order of month and year is the language's: November 2026, 2026年11月.
            period.display_name = period.date_start and format_skeleton(
                "yMMMM", period.date_start, locale=locale
            )

    @api.depends_context("uid")  # everybody's total is of what they may see
    @api.depends("statement_ids.amount", "statement_ids.line_count")
    def _compute_totals(self):
        totals = {
            period: (amount, count)
            for period, amount, count in self.env["performance.statement"]._read_group(
                [("period_id", "in", self.ids)],
                ["period_id"],
                ["amount:sum", "line_count:sum"],
            )
        }
        for period in self:
            period.amount, period.line_count = totals.get(period, (0.0, 0))

    @api.depends("state", "date_end", "run_line_ids.beneficiary_id")
    @api.depends_context("uid", "lang")
    def _compute_blocking_reasons(self):
        following = {
            "open": "compute",
            "computed": "review",
            "reviewed": "approve",
            "approved": "close",
        }
        for period in self:
            step = following.get(period.state)
            reasons = period._get_blocking_reasons(step) if step and period.id else []
            period.blocking_reasons = "\n".join(reasons)

    @api.constrains("date_start", "company_id")
    def _check_follows(self):
        for period in self:
            others = self.search(
                [("company_id", "=", period.company_id.id), ("id", "!=", period.id)]
            )
            neighbours = {
                period.date_start + relativedelta(months=1),
                period.date_start - relativedelta(months=1),
            }
            if others and not neighbours & set(others.mapped("date_start")):
                raise ValidationError(
                    self.env._("Periods follow each other without a gap.")
                )
            later = others.filtered(lambda p, d=period.date_start: p.date_start > d)
            if any(other.state != "open" for other in later):
                raise ValidationError(
                    self.env._("No period can come before the cut-over.")
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("date_start"):
                vals["date_start"] = fields.Date.to_date(vals["date_start"]).replace(
                    day=1
                )
        return super().create(vals_list)

    def write(self, vals):
        if {"company_id", "date_start"} & vals.keys() and not is_server(self):
            raise UserError(
                self.env._("A period keeps its company and month; delete it instead.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_if_open(self):
        for period in self:
            later = self.search_count(
                [
                    ("company_id", "=", period.company_id.id),
                    ("date_start", ">", period.date_start),
                    ("id", "not in", self.ids),
                ],
                limit=1,
            )
            if period.state != "open" or later:
                raise UserError(
                    self.env._("Only the last period can be deleted, while it is open.")
                )

    @api.model
    def _get_server_fields(self):
        return super()._get_server_fields() | {
            "run_line_ids",
            "entry_ids",
            "statement_ids",
        }

    @api.model
    def _get_step_fields(self):
        return super()._get_step_fields() | {"date_start"}

    @api.model
    def _get_last_days(self, companies, states=("closed",)):
        """Return ``{company: last day of a period in one of these states}``."""
        # Guards ask for administrators, too, who see no periods.
        return dict(
            self.sudo()._read_group(
                [("company_id", "in", companies.ids), ("state", "in", list(states))],
                ["company_id"],
                ["date_end:max"],
            )
        )

    @api.model
    def _claim(self, companies):
        """Take the rows of all periods that aren't closed against steps on them: of two
        transactions, one that takes a step and one that changes what the step stands
        on, the later fails in the database and the host tries it again."""
        self.flush_model(["state"])
        self.env.cr.execute(
            SQL(
                """UPDATE performance_period SET write_date = write_date
                    WHERE company_id = ANY(%s) AND state <> 'closed'""",
                companies.ids,
            )
        )

    # ------------------------------------------------------------------
    # Steps
    # ------------------------------------------------------------------

    def action_compute(self):
        """Compute the run lines, replacing the previous ones (K10).

        :raise UserError: with the reasons, when the step isn't possible now
        :raise AccessError: for anyone but finance
        """
        for period in self:
            period._start_step("compute")
            period._clear_run()
            period._run_rules()
            period._make_statements()
            period._end_step(
                "compute",
                computed_at=fields.Datetime.now(),
                computed_by_id=self.env.uid,
                reviewed_by_id=False,
                reviewed_at=False,
                run_hash=self.env["performance.run.line"]._get_hash(period),
            )
        return True

    def action_review(self):
        """Confirm the computed figures; the month must be over and every line's person
        known (K10)."""
        for period in self:
            period._start_step("review")
            period._end_step(
                "review",
                reviewed_by_id=self.env.uid,
                reviewed_at=fields.Datetime.now(),
            )
            period._tell_people()
        return True

    def action_approve(self):
        """Approve the reviewed figures, by somebody else than the reviewer (K10)."""
        for period in self:
            period._start_step("approve")
            period._set_snapshot_state("frozen")
            period._end_step("approve", approved_by_id=self.env.uid)
        return True

    def action_close(self):
        """Book the approved lines as entries, for good (K10).

        Of two people closing at once one wins: both update the period's row, and the
        host tries the later one again, which then finds the period closed.
        """
        for period in self:
            period._start_step("close")
            entries = self.env["performance.entry"]
            entries._book(period)
            if entries._get_hash(period) != period.run_hash:
                raise UserError(
                    self.env._("The lines aren't the ones approved. Compute again.")
                )
            period._delete_lines("performance_run_line")
            period._make_proposals()
            period._end_step(
                "close", closed_at=fields.Datetime.now(), closed_by_id=self.env.uid
            )
        return True

    def action_reopen(self):
        """Go back to open and drop the run lines; a closed period stays closed (K10)."""
        for period in self:
            period._start_step("reopen")
            period._set_snapshot_state("computed")
            period._clear_run()
            period._delete_statements()
            period._end_step(
                "reopen",
                run_hash=False,
                computed_at=False,
                computed_by_id=False,
                reviewed_by_id=False,
                reviewed_at=False,
                approved_by_id=False,
            )
        return True

    def _get_blocking_reasons(self, step):
        """Return the sentences that say why a step isn't possible now, none if it is.

        Who may take the step is the access check's business, except that nobody
        approves what they reviewed themselves.
        """
        self.ensure_one()
        reasons = []
        labels = dict(self._fields["state"]._description_selection(self.env))
        if self.state not in STEPS[step][0]:
            reasons.append(
                self.env._(
                    "The period is already: %(state)s.", state=labels[self.state]
                )
            )
        if step in ("compute", "review", "approve", "close"):
            earlier = self.search(
                [
                    ("company_id", "=", self.company_id.id),
                    ("date_start", "<", self.date_start),
                    ("state", "!=", "closed"),
                ],
                order="date_start",
            )
            if earlier:
                reasons.append(
                    self.env._(
                        "Close %(period)s first.", period=earlier[0].display_name
                    )
                )
        if step == "review":
            reasons += self._get_review_reasons()
        if step in ("approve", "close"):
            reasons += self.env["performance.statement"]._get_answer_reasons(
                self, wait=step == "approve"
            )
        if step == "approve" and self.reviewed_by_id == self.env.user:
            reasons.append(
                self.env._("You reviewed the period: somebody else approves it.")
            )
        return reasons

    def _get_review_reasons(self):
        reasons = []
        if self.date_end >= self.company_id._get_business_date():
            reasons.append(
                self.env._(
                    "The month isn't over before %(date)s.",
                    date=format_date(self.env, self.date_end + relativedelta(days=1)),
                )
            )
        nobody = self.env["performance.run.line"].search_count(
            [("period_id", "=", self.id), ("beneficiary_id", "=", False)]
        )
        if nobody:
            reasons.append(
                self.env._(
                    "Nobody answers for %(count)s lines: set the vendor's buyer or the "
                    "product's responsible and compute again.",
                    count=nobody,
                )
            )
        return reasons

    def _start_step(self, step):
        """Check right and reasons, then take the row against everybody else."""
        self.ensure_one()
        self.check_access("write")
        sources, _target, groups = STEPS[step]
        if not self.env.su and not any(map(self.env.user.has_group, groups)):
            raise AccessError(
                self.env._(
                    "This step is for: %(groups)s.",
                    groups=", ".join(
                        # The names of groups are no secret to who is refused.
                        self.env.ref(group).sudo().full_name
                        for group in groups
                    ),
                )
            )
        if reasons := self._get_blocking_reasons(step):
            raise UserError("\n".join(reasons))
        self.flush_recordset()
        self.env.cr.execute(
            SQL(
                """UPDATE performance_period SET write_date = NOW() AT TIME ZONE 'UTC'
                    WHERE id = %s AND state = ANY(%s) RETURNING id""",
                self.id,
                list(sources),
            )
        )
        if not self.env.cr.rowcount:
            raise UserError(self.env._("Somebody else was faster; reload the page."))

    def _end_step(self, step, **values):
        as_server(self).write({"state": STEPS[step][1], **values})
