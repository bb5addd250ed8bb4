from dateutil.relativedelta import relativedelta
from odoo import models
from odoo.tools import SQL


class PerformancePeriod(models.Model):
    """What closing a month proposes by the scorecards (K07)."""

    _name = "performance.period"
    _inherit = "performance.period"

    def _make_proposals(self):
        """Propose, per consequence in one statement, what the scores say; once."""
        self.ensure_one()
        consequences = self.env["scorecard.consequence"].search(
            [("company_id", "=", self.company_id.id)]
        )
        for consequence in consequences:
            if consequence._is_due(self):
                self.env.execute_query(self._get_proposals_sql(consequence))
        self.env["scorecard.proposal"].invalidate_model()

    def _get_proposals_sql(self, consequence):
        first = self.date_start - relativedelta(months=consequence.months - 1)
        threshold = SQL("%s::numeric", str(consequence.threshold))
        return SQL(
            """
            WITH told AS (
                SELECT card.user_id, ROUND(AVG(card.score), 2) AS score,
                       COUNT(*) FILTER (WHERE card.score < %(threshold)s) AS missed,
                       MAX(card.id) FILTER (WHERE card.period_id = %(period)s) AS card_id,
                       JSONB_AGG(JSONB_BUILD_OBJECT(
                           'month', card.date, 'score', TRIM_SCALE(card.score))
                           ORDER BY card.date) AS scores
                  FROM scorecard card
                 WHERE card.company_id = %(company)s AND NOT card.is_team
                   AND card.is_measured
                   AND card.date BETWEEN %(first)s AND %(date)s
                 GROUP BY card.user_id
                HAVING BOOL_OR(card.period_id = %(period)s)
            ),
            ranked AS (
                SELECT told.*, RANK() OVER (ORDER BY score DESC) AS rank,
                       COUNT(*) OVER () AS people
                  FROM told
            )
            INSERT INTO scorecard_proposal (
                company_id, period_id, date, scorecard_id, user_id, team_id,
                consequence_id, effect, percent, score, inputs, state, proposed_by_id,
                create_uid, create_date, write_uid, write_date)
            SELECT %(company)s, %(period)s, %(date)s, told.card_id, told.user_id,
                   card.team_id, %(consequence)s, %(effect)s, %(percent)s, told.score,
                   JSONB_BUILD_OBJECT(
                       'condition', %(condition)s::text, 'months', %(months)s,
                       'threshold', TRIM_SCALE(%(threshold)s), 'scores', told.scores,
                       'rank', told.rank, 'people', told.people),
                   'proposed', %(uid)s,
                   %(uid)s, NOW() AT TIME ZONE 'UTC', %(uid)s, NOW() AT TIME ZONE 'UTC'
              FROM ranked told
              JOIN scorecard card ON card.id = told.card_id
             WHERE %(met)s
             ORDER BY told.user_id
            RETURNING id
            """,
            company=self.company_id.id,
            period=self.id,
            date=self.date_start,
            first=first,
            threshold=threshold,
            consequence=consequence.id,
            condition=consequence.condition,
            effect=consequence.effect,
            percent=consequence.percent if consequence.effect == "pay" else 0,
            months=consequence.months,
            uid=self.env.uid,
            met=self._get_condition_sql(consequence, first, threshold),
        )

    def _get_condition_sql(self, consequence, first, threshold):
        """Return whose scores (``told``) meet the consequence's condition."""
        if consequence.condition == "above":
            return SQL("told.score > %s", threshold)
        if consequence.condition == "below":
            return SQL("told.score < %s", threshold)
        if consequence.condition == "top":
            return SQL("told.rank <= CEIL(told.people * %s / 100)", threshold)
        if consequence.condition == "missed":
            return SQL(
                """told.missed = %s AND NOT EXISTS (
                       SELECT FROM scorecard_proposal earlier
                        WHERE earlier.user_id = told.user_id
                          AND earlier.consequence_id = %s AND earlier.date >= %s)""",
                consequence.months,
                consequence.id,
                first,
            )
        return SQL("TRUE")
