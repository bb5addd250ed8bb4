from odoo import api, models
from odoo.tools import SQL

from ..models.scorecard_definition_line import SHARES


class PerformanceVerification(models.TransientModel):
    """Verifies the scorecards of a closed period, too (K06, X07)."""

    _name = "performance.verification"
    _inherit = "performance.verification"

    @api.model
    def _get_totals_checks_sql(self, period):
        return [
            *super()._get_totals_checks_sql(period),
            self._get_points_check_sql(period),
            self._get_scores_check_sql(period),
        ]

    @api.model
    def _get_points_check_sql(self, period):
        """Return each scorecard line's points beside what its inputs come to."""
        return SQL(
            """
            SELECT 'points' AS check, NULL::int, line.user_id,
                   ROUND(line.weight * CASE
                       WHEN kept.actual IS NULL THEN 0
                       WHEN kept.scoring <> 'threshold'
                       THEN GREATEST(0, LEAST(kept.actual / kept.goal, kept.cap))
                       WHEN kept.actual >= kept.goal THEN 1
                       ELSE 0 END, 2), line.points
              FROM scorecard_line line
        CROSS JOIN LATERAL (
                SELECT (line.inputs ->> 'amount')::numeric AS amount,
                       (line.inputs ->> 'base')::numeric AS base,
                       (line.inputs ->> 'target')::numeric AS target,
                       (line.inputs ->> 'members')::int AS members,
                       (line.inputs ->> 'cap')::numeric AS cap,
                       line.inputs ->> 'scoring' AS scoring,
                       line.measure = ANY(%(shares)s) AS is_share) input
        CROSS JOIN LATERAL (
                SELECT input.scoring, input.cap / 100 AS cap,
                       CASE WHEN input.is_share
                            THEN ROUND(100 * input.amount / NULLIF(input.base, 0), 2)
                            ELSE input.amount END AS actual,
                       CASE WHEN input.is_share THEN input.target
                            ELSE input.target * input.members END AS goal) kept
             WHERE line.period_id = %(period)s
            """,
            shares=list(SHARES),
            period=period.id,
        )

    @api.model
    def _get_scores_check_sql(self, period):
        """Return each scorecard's score beside its points over what was measured."""
        return SQL(
            """
            SELECT 'score' AS check, NULL::int, card.user_id,
                   COALESCE(ROUND(100 * SUM(line.points) / SUM(line.weight), 2), 0),
                   COALESCE(card.score, 0)
              FROM scorecard card
         LEFT JOIN scorecard_line line
                ON line.scorecard_id = card.id AND line.is_measured
             WHERE card.period_id = %(period)s
             GROUP BY card.id
            """,
            period=period.id,
        )


class PerformanceVerificationLine(models.TransientModel):
    _name = "performance.verification.line"
    _inherit = "performance.verification.line"

    @api.depends("check")
    @api.depends_context("lang")
    def _compute_check_name(self):
        names = {
            "points": self.env._("Scorecard: points from their inputs"),
            "score": self.env._("Scorecard: score from its points"),
        }
        ours = self.filtered(lambda line: line.check in names)
        for line in ours:
            line.check_name = names[line.check]
        return super(PerformanceVerificationLine, self - ours)._compute_check_name()
