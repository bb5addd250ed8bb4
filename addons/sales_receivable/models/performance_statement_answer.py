from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..guard import as_server
from ..tools.words import to_readable

FINANCE = "sales_receivable.group_finance"


class PerformanceStatement(models.Model):
    """What the person concerned says to their figures, before they are approved (K10)."""

    _name = "performance.statement"
    _inherit = ["performance.statement", "reason.mixin"]

    answer = fields.Selection(
        [
            ("acknowledged", "Acknowledged"),
            ("disputed", "Disputed"),
            ("settled", "Dispute Settled"),
        ],
        readonly=True,
    )
    answered_at = fields.Datetime(readonly=True)
    objection = fields.Text(readonly=True)
    settlement = fields.Text(readonly=True, help="What finance says to the objection.")
    settled_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    is_answerable = fields.Boolean(compute="_compute_is_answerable")
    is_settleable = fields.Boolean(compute="_compute_is_answerable")

    @api.depends("beneficiary_id", "period_id.state", "answer")
    @api.depends_context("uid")
    def _compute_is_answerable(self):
        finance = self.env.user.has_group(FINANCE)
        for statement in self:
            mine = statement.beneficiary_id == self.env.user
            open_ = statement.state in ("computed", "reviewed")
            statement.is_answerable = mine and open_
            statement.is_settleable = (
                finance and not mine and open_ and statement.answer == "disputed"
            )

    def action_acknowledge(self):
        """Agree with one's own figures (K10).

        :raise AccessError: somebody else's
        :raise UserError: they are approved or booked already
        """
        for statement in self:
            statement._answer(answer="acknowledged", objection=False)
        return True

    def action_dispute(self, reason=None):
        """Object to one's own figures, with the reason (K10); without one, ask for it.

        :raise AccessError: somebody else's
        :raise UserError: they are approved or booked already
        """
        if reason is None:
            return self._open_reason("dispute", self.env._("What Is Wrong"))
        for statement in self:
            statement._answer(
                answer="disputed", objection=statement._check_words(reason)
            )
            statement._tell_finance()
        return True

    def action_settle(self, reason=None):
        """Answer an objection; figures are put right where they come from (K10).

        :raise AccessError: by anybody but finance, or on one's own statement
        :raise UserError: nothing is in dispute
        """
        if reason is None:
            return self._open_reason("settle", self.env._("Answer to the Objection"))
        for statement in self:
            if not statement.is_settleable:
                if (
                    statement.beneficiary_id != self.env.user
                    and self.env.user.has_group(FINANCE)
                ):
                    raise UserError(self.env._("Nothing is in dispute."))
                raise AccessError(
                    self.env._("Finance answers objections, nobody their own.")
                )
            statement._take_answer(
                answer="settled",
                settlement=statement._check_words(reason),
                settled_by_id=self.env.uid,
            )
        return True

    def _answer(self, **values):
        self.ensure_one()
        if self.beneficiary_id != self.env.user:
            raise AccessError(self.env._("Everybody answers for their own figures."))
        if not self.is_answerable:
            raise UserError(self.env._("These figures are approved already."))
        self._take_answer(
            answered_at=fields.Datetime.now(),
            settlement=False,
            settled_by_id=False,
            **values,
        )

    def _take_answer(self, **values):
        self.period_id._claim(self.company_id)
        # The row is the period's; who may answer has been checked.
        as_server(self.sudo()).write(values)

    @api.model
    def _check_words(self, reason):
        if not to_readable(reason):
            raise UserError(self.env._("Say it in words."))
        return reason

    @api.model
    def _get_reasoned_steps(self):
        return super()._get_reasoned_steps() | {"dispute", "settle"}

    def _tell_finance(self):
        """Note the objection where the people who review the period see it."""
        # The person may not write on the period; the note says only that there is one.
        self.period_id.sudo().message_post(
            body=self.env._(
                "%(person)s disputes the figures.", person=self.beneficiary_id.name
            ),
            author_id=self.env.user.partner_id.id,
        )

    @api.model
    def _get_answer_reasons(self, period, wait=True):
        """Return what stands against approving or closing a period: objections without
        an answer, and people who may still answer.

        :param bool wait: whether to wait for who hasn't answered yet
        """
        # Who approves sees them all; who only asks why learns names, no figures.
        statements = self.sudo().search([("period_id", "=", period.id)])
        disputed = statements.filtered(lambda s: s.answer == "disputed")
        reasons = [
            self.env._(
                "%(person)s disputes the figures: finance answers first.",
                person=statement.beneficiary_id.name,
            )
            for statement in disputed
        ]
        until = period._get_answer_deadline()
        silent = statements.filtered(
            lambda s: not s.answer and s.beneficiary_id.active
        ).beneficiary_id
        if wait and silent and until and fields.Datetime.now() < until:
            reasons.append(
                self.env._(
                    "%(people)s may still answer, until %(moment)s.",
                    people=", ".join(silent.mapped("name")),
                    moment=fields.Datetime.to_string(
                        fields.Datetime.context_timestamp(period, until)
                    ),
                )
            )
        return reasons
