from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL

from ..guard import as_server
from ..tools.words import to_readable

FINANCE = "sales_receivable.group_finance"
COMPANY_MANAGER = "sales_receivable.group_company_manager"


class PerformanceAdjustment(models.Model):
    """An amount given or taken off by hand, approved by somebody else (K10).

    Finance applies; the company manager approves, never one's own application nor one
    that concerns oneself. Approved, it stays for good: a wrong one is put right by
    another.
    """

    _name = "performance.adjustment"
    _description = "Performance Adjustment"
    _inherit = [
        "mail.thread",
        "mail.activity.mixin",
        "server.field.mixin",
        "finite.mixin",
        "reason.mixin",
    ]
    _order = "date desc, id desc"
    _rec_name = "reason"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    beneficiary_id = fields.Many2one(
        "res.users",
        string="Person",
        required=True,
        index=True,
        ondelete="restrict",
        tracking=True,
        domain="[('share', '=', False)]",
    )
    date = fields.Date(
        string="Month",
        required=True,
        tracking=True,
        default=fields.Date.context_today,
        help="Any day of the month that it counts in.",
    )
    amount = fields.Monetary(
        required=True, tracking=True, help="Given; negative: taken off."
    )
    reason = fields.Char(required=True, tracking=True)
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("submitted", "Submitted"),
            ("approved", "Approved"),
            ("refused", "Refused"),
        ],
        string="Status",
        required=True,
        readonly=True,
        default="draft",
        copy=False,
        tracking=True,
    )
    submitted_by_id = fields.Many2one(
        "res.users",
        readonly=True,
        copy=False,
        ondelete="restrict",
    )
    decided_by_id = fields.Many2one(
        "res.users",
        readonly=True,
        copy=False,
        ondelete="restrict",
    )
    decided_at = fields.Datetime(readonly=True, copy=False)
    author_ids = fields.Many2many(
        "res.users",
        "performance_adjustment_author_rel",
        string="Entered By",
        readonly=True,
        copy=False,
        help="Everybody who entered or changed it; none of them decides.",
    )

    _something = models.Constraint(
        "CHECK (amount <> 0)", "An adjustment gives or takes off something."
    )

    @api.constrains("beneficiary_id", "company_id")
    def _check_person(self):
        for record in self:
            # Who is whose colleague is no secret; who has left may still be adjusted.
            person = record.beneficiary_id.sudo()
            if person.share or record.company_id not in person.company_ids:
                raise ValidationError(
                    self.env._("Figures go to a colleague of the same company.")
                )

    @api.model
    def _get_step_fields(self):
        return super()._get_step_fields() | {"state"}

    @api.model
    def _get_reasoned_steps(self):
        return super()._get_reasoned_steps() | {"refuse"}

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        as_server(records).author_ids = self.env.user
        return records

    def write(self, vals):
        if vals.keys() & {"company_id", "beneficiary_id", "date", "amount", "reason"}:
            self._check_draft()
            as_server(self).author_ids |= self.env.user
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_draft(self):
        self._check_draft()

    def _check_draft(self):
        if any(record.state != "draft" for record in self):
            raise UserError(
                self.env._(
                    "What has been submitted stays as it is; take it back first."
                )
            )

    def action_submit(self):
        """Ask for approval (K10).

        :raise UserError: no reason in words, or the month is closed
        """
        self.check_access("write")
        for record in self:
            record._check_open(("draft",))
            if not to_readable(record.reason):
                raise UserError(self.env._("Say in words what it is for."))
            record._check_counts()
            record._move_on("submitted", submitted_by_id=self.env.uid)
        return True

    def action_withdraw(self):
        """Take back what isn't decided, or try again what was refused."""
        self.check_access("write")
        for record in self:
            record._check_open(("submitted", "refused"))
            record._move_on(
                "draft", submitted_by_id=False, decided_by_id=False, decided_at=False
            )
        return True

    def action_approve(self):
        """Approve; the next computation of its month counts it (K10).

        :raise AccessError: by anybody but a company manager, for oneself, or by who
            entered or submitted it
        :raise UserError: the month is closed
        """
        self._decide("approved")
        return True

    def action_refuse(self, reason=None):
        """Refuse with a reason; without one, ask for it (K10)."""
        if reason is None:
            return self._open_reason("refuse", self.env._("Refuse"))
        if not to_readable(reason):
            raise UserError(self.env._("Say it in words."))
        self._decide("refused")
        for record in self:
            record.message_post(body=self.env._("Refused: %s", reason))
        return True

    def _decide(self, state):
        if not self.env.user.has_group(COMPANY_MANAGER):
            raise AccessError(self.env._("The company manager decides adjustments."))
        self.check_access("write")
        for record in self:
            record._check_open(("submitted",))
            concerned = (
                record.author_ids | record.submitted_by_id | record.beneficiary_id
            )
            if self.env.user in concerned:
                raise AccessError(
                    self.env._(
                        "Somebody else decides: you entered it, or it concerns you."
                    )
                )
            record._move_on(
                state, decided_by_id=self.env.uid, decided_at=fields.Datetime.now()
            )

    def _check_counts(self):
        """Refuse a month before the cut-over: nothing of it is ever booked."""
        [(cut_over,)] = self.env["performance.period"]._read_group(
            [("company_id", "=", self.company_id.id)], [], ["date_start:min"]
        )
        if cut_over and self.date < cut_over:
            raise UserError(
                self.env._(
                    "The ledger begins on %(date)s: choose a later month.",
                    date=fields.Date.to_string(cut_over),
                )
            )

    def _check_open(self, states):
        """Check state and month, and take the row against everybody else."""
        self.ensure_one()
        last = self.env["performance.period"]._get_last_days(self.company_id)
        if last.get(self.company_id) and self.date <= last[self.company_id]:
            raise UserError(
                self.env._(
                    "Periods are closed up to %(date)s. Choose a later month.",
                    date=fields.Date.to_string(last[self.company_id]),
                )
            )
        self.flush_recordset()
        rows = self.env.execute_query(
            SQL(
                """UPDATE performance_adjustment SET write_date = write_date
                    WHERE id = %s AND state = ANY(%s) RETURNING id""",
                self.id,
                list(states),
            )
        )
        if not rows:
            labels = dict(self._fields["state"]._description_selection(self.env))
            raise UserError(
                self.env._("It is already: %(state)s.", state=labels[self.state])
            )

    def _move_on(self, state, **values):
        as_server(self).write({"state": state, **values})

    @api.model
    def _get_targets_sql(self, period):
        """Return the targets of the adjustments approved for a period's months."""
        return SQL(
            """
            SELECT 'performance.adjustment' AS source_model, id AS source_id,
                   reason AS source_name, TO_CHAR(date, 'YYYY-MM') AS slice,
                   beneficiary_id, ROUND(amount, %(digits)s) AS amount,
                   JSONB_BUILD_OBJECT('date', date, 'rate', 100,
                                      'value', TRIM_SCALE(amount)) AS inputs
              FROM performance_adjustment
             WHERE company_id = %(company)s AND state = 'approved'
               AND date BETWEEN %(cut_over)s AND %(until)s
            """,
            digits=period.company_id.currency_id.decimal_places,
            company=period.company_id.id,
            cut_over=period._get_cut_over(),
            until=period.date_end,
            to_flush=[self._fields["state"], self._fields["amount"]],
        )
