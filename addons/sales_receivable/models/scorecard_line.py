from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import format_date, formatLang

from .scorecard_definition_line import SHARES


class ScorecardLine(models.Model):
    """One measure of a scorecard, with the figures that it was computed from (K06)."""

    _name = "scorecard.line"
    _description = "Scorecard Line"
    _order = "scorecard_id, sequence, id"
    _rec_name = "measure"

    scorecard_id = fields.Many2one(
        "scorecard", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, index=True)
    currency_id = fields.Many2one("res.currency", required=True)
    period_id = fields.Many2one("performance.period", required=True, index=True)
    date = fields.Date(string="Month", required=True)
    is_team = fields.Boolean(string="Team's")
    user_id = fields.Many2one("res.users", string="Person", ondelete="restrict")
    team_id = fields.Many2one("crm.team", string="Sales Team", ondelete="restrict")
    sequence = fields.Integer()
    measure = fields.Selection(
        selection=lambda self: self.env["scorecard.definition.line"]._get_measures(),
        required=True,
    )
    weight = fields.Float(string="Weight (%)", digits=(16, 2), aggregator=None)
    target = fields.Float(string="Goal", digits=(16, 2), aggregator="avg")
    actual = fields.Float(digits=(16, 2), aggregator="avg")
    is_measured = fields.Boolean(
        string="Measured", help="There was something to measure."
    )
    ratio = fields.Float(
        string="Reached (%)",
        digits=(16, 2),
        aggregator="avg",
        help="Actual over goal, as far as it counts.",
    )
    points = fields.Float(
        digits=(16, 2), aggregator="avg", help="Weight × what was reached."
    )
    inputs = fields.Json(readonly=True)
    explanation = fields.Text(compute="_compute_explanation")

    # Refusing is all that these do, so there is no super to call.
    @api.model_create_multi
    def create(self, vals_list):  # pylint: disable=method-required-super
        raise UserError(self.env._("Scorecards are made by computing a period."))

    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(self.env._("Scorecards are made by computing a period."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Scorecards are made by computing a period."))

    @api.depends("inputs", "points")
    @api.depends_context("lang")
    def _compute_explanation(self):
        for line in self:
            line.explanation = f"{line._explain_fact()} {line._explain_points()}"

    def _explain_fact(self):
        """Return the sentence that says what was counted."""
        self.ensure_one()
        inputs = self.inputs or {}
        values = {
            "amount": self._format_money(inputs.get("amount", 0)),
            "base": self._format_money(inputs.get("base") or 0),
            "number": self._format(inputs.get("amount", 0), 0),
            "of": self._format(inputs.get("base") or 0, 0),
            "count": inputs.get("count", 0),
            "first": format_date(self.env, inputs.get("from")),
            "last": format_date(self.env, inputs.get("to")),
        }
        if self.measure == "sales":
            return self.env._(
                "%(amount)s invoiced on %(count)s documents of %(first)s – %(last)s.",
                **values,
            )
        if self.measure in SHARES and not self.is_measured:
            return self.env._("Nothing to measure.")
        if self.measure == "collection":
            return self.env._(
                "%(amount)s collected by %(last)s of %(base)s that fell due from"
                " %(first)s on.",
                **values,
            )
        if self.measure == "retention":
            return self.env._(
                "%(number)s of %(of)s customers of %(first)s – %(last)s bought again.",
                **values,
            )
        return self.env._("%(number)s from %(first)s to %(last)s.", **values)

    def _explain_points(self):
        """Return the sentence that says what it is worth."""
        self.ensure_one()
        inputs = self.inputs or {}
        if not self.is_measured:
            return self.env._("Its weight is the others'.")
        values = {
            "ratio": self._format(self.ratio),
            "target": self._format(self.target),
            "weight": self._format(self.weight),
            "points": self._format(self.points),
            "cap": self._format(inputs.get("cap", 0), 0),
        }
        if inputs.get("scoring") == "threshold":
            return self.env._(
                "All or nothing at %(target)s: %(points)s of %(weight)s points.",
                **values,
            )
        return self.env._(
            "%(ratio)s %% of the goal %(target)s (at most %(cap)s %%) × %(weight)s ="
            " %(points)s points.",
            **values,
        )

    def _format(self, number, digits=2):
        return formatLang(self.env, number, digits=digits)

    def _format_money(self, amount):
        text = formatLang(self.env, amount, digits=self.currency_id.decimal_places)
        return f"{text} {self.currency_id.name or ''}".strip()
