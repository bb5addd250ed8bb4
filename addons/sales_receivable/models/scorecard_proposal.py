from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import format_date, formatLang


class ScorecardProposal(models.Model):
    """What a person's scorecards propose: a change of pay or a review (K07).

    Closing a month proposes, from figures that don't change any more; a company manager
    decides. Nothing happens by itself, also not after an approval.
    """

    _name = "scorecard.proposal"
    _description = "Scorecard Proposal"
    _inherit = ["manager.decision.mixin"]
    _order = "date desc, user_id, id"
    _rec_name = "effect"

    period_id = fields.Many2one(
        "performance.period",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    date = fields.Date(string="Month", required=True, readonly=True)
    scorecard_id = fields.Many2one(
        "scorecard", required=True, readonly=True, ondelete="restrict"
    )
    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True)
    consequence_id = fields.Many2one(
        "scorecard.consequence", required=True, readonly=True, ondelete="restrict"
    )
    effect = fields.Selection(
        selection=lambda self: (
            self.env["scorecard.consequence"]
            ._fields["effect"]
            ._description_selection(self.env)
        ),
        required=True,
        readonly=True,
    )
    percent = fields.Float(
        string="Change of Pay (%)", digits=(16, 2), readonly=True, aggregator=None
    )
    score = fields.Float(
        string="Score (%)", digits=(16, 2), readonly=True, aggregator="avg"
    )
    inputs = fields.Json(readonly=True)
    explanation = fields.Text(compute="_compute_explanation")

    _once = models.Constraint(
        "unique(user_id, consequence_id, period_id)",
        "A consequence is proposed once per person and month.",
    )

    # Refusing is all that this does, so there is no super to call.
    @api.model_create_multi
    def create(self, vals_list):  # pylint: disable=method-required-super
        raise UserError(self.env._("Proposals are made by closing a period."))

    @api.depends("effect", "user_id", "date")
    @api.depends_context("lang")
    def _compute_display_name(self):
        effects = dict(self._fields["effect"]._description_selection(self.env))
        for proposal in self:
            # Names of people are no secret to who reads the proposal.
            who = proposal.sudo().user_id.name
            proposal.display_name = f"{who}: {effects.get(proposal.effect, '')}"

    @api.depends("inputs", "effect", "percent")
    @api.depends_context("lang")
    def _compute_explanation(self):
        for proposal in self:
            proposal.explanation = (
                f"{proposal._explain_scores()} {proposal._explain_condition()}"
            )

    def _explain_scores(self):
        """Return the months' scores, one by one."""
        months = ", ".join(
            f"{format_date(self.env, month['month'], date_format='yyyy-MM')}"
            f" {self._format(month['score'])} %"
            for month in (self.inputs or {}).get("scores", ())
        )
        return self.env._(
            "Mean score %(score)s %% (%(months)s).",
            score=self._format(self.score),
            months=months,
        )

    def _explain_condition(self):
        """Return why the scores propose this."""
        inputs = self.inputs or {}
        values = {
            "threshold": self._format(inputs.get("threshold", 0)),
            "rank": inputs.get("rank"),
            "people": inputs.get("people"),
            "count": inputs.get("months"),
        }
        condition = inputs.get("condition")
        if condition == "above":
            return self.env._("Above %(threshold)s %%.", **values)
        if condition == "below":
            return self.env._("Below %(threshold)s %%.", **values)
        if condition == "missed":
            return self.env._(
                "Below %(threshold)s %% in %(count)s months running.", **values
            )
        if condition == "top":
            return self.env._(
                "Number %(rank)s of %(people)s: among the best %(threshold)s %%.",
                **values,
            )
        return self.env._("Reviewed every %(count)s months.", **values)

    def _format(self, number):
        return formatLang(self.env, number, digits=2)
