from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .scorecard_definition_line import SHARES


class PerformancePeriod(models.Model):
    """The scorecards of the month, with the period's run (K06)."""

    _name = "performance.period"
    _inherit = "performance.period"

    def _make_scorecards(self):
        """Write a card for every salesperson and sales team that a definition is in
        force for; without definitions there are none.

        A salesperson is who belongs to a sales team or has figures in the month. A
        team's figures are those of its members together: their amounts and numbers
        against as many targets, their shares against the same target.
        """
        self.ensure_one()
        definitions = self.env["scorecard.definition"]._get_in_force(
            self.company_id, self.date_end
        )
        definitions = definitions.filtered("line_ids")
        if not definitions:
            return
        spans = self._get_scorecard_spans(definitions)
        self.env.execute_query(self._get_scorecards_sql(definitions, spans))
        self.env.execute_query(self._get_scores_sql())
        self.env["scorecard"].invalidate_model()
        self.env["scorecard.line"].invalidate_model()

    def _get_scorecard_spans(self, definitions):
        """Return ``{(measure, variant): (first day, last day)}`` of what is measured.

        :raise UserError: for a measure that can't be told (any more)
        """
        known = dict(self.env["scorecard.definition.line"]._get_measures())
        spans = {}
        for line in definitions.line_ids:
            if line.measure not in known:
                raise UserError(
                    self.env._(
                        "%(definition)s measures what can't be told here any more: add a"
                        " version without it.",
                        definition=line.definition_id.display_name,
                    )
                )
            variant, first, last = self._get_scorecard_span(line)
            spans[line.measure, variant] = (first, last)
        return spans

    def _get_scorecards_sql(self, definitions, spans):
        """Return the statement that writes cards and lines, all but the scores."""
        facts = SQL(" UNION ALL ").join(
            SQL(
                """SELECT %s AS measure, %s AS variant, fact.user_id,
                          fact.amount::numeric, fact.base::numeric, fact.count::bigint
                     FROM (%s) fact""",
                measure,
                variant,
                getattr(self, f"_get_{measure}_facts_sql")(first, last, variant),
            )
            for (measure, variant), (first, last) in spans.items()
        )
        return SQL(
            """
            WITH fact AS MATERIALIZED (%(facts)s),
            span (measure, variant, first, last) AS (VALUES %(spans)s),
            member AS (%(members)s),
            person AS (
                SELECT seller.id AS user_id, member.team_id
                  FROM res_users seller
             LEFT JOIN member ON member.user_id = seller.id
                 WHERE NOT seller.share
                   AND (member.user_id IS NOT NULL
                        OR seller.id IN (SELECT user_id FROM fact))
            ),
            subject AS (
                SELECT FALSE AS is_team, user_id, team_id, 1 AS members FROM person
                 UNION ALL
                SELECT TRUE, NULL, team_id, COUNT(*) FROM person
                 WHERE team_id IS NOT NULL GROUP BY team_id
            ),
            card AS (
                INSERT INTO scorecard (
                    period_id, company_id, currency_id, date, definition_id, is_team,
                    user_id, team_id, member_count, is_measured)
                SELECT %(period)s, %(company)s, %(currency)s, %(date)s,
                       COALESCE(own.id, general.id), subject.is_team, subject.user_id,
                       subject.team_id, subject.members, FALSE
                  FROM subject
             LEFT JOIN scorecard_definition own
                    ON own.id = ANY(%(definitions)s) AND own.team_id = subject.team_id
             LEFT JOIN scorecard_definition general
                    ON general.id = ANY(%(definitions)s) AND general.team_id IS NULL
                 WHERE COALESCE(own.id, general.id) IS NOT NULL
                 ORDER BY subject.is_team, subject.user_id, subject.team_id
                RETURNING id, definition_id, is_team, user_id, team_id, member_count
            ),
            figure AS (
                SELECT card.id AS card_id, fact.measure, fact.variant,
                       SUM(fact.amount) AS amount, SUM(fact.base) AS base,
                       SUM(fact.count) AS count
                  FROM card
                  JOIN person ON CASE WHEN card.is_team THEN person.team_id = card.team_id
                                      ELSE person.user_id = card.user_id END
                  JOIN fact ON fact.user_id = person.user_id
                 GROUP BY 1, 2, 3
            )
            INSERT INTO scorecard_line (
                scorecard_id, company_id, currency_id, period_id, date, is_team, user_id,
                team_id, sequence, measure, weight, target, actual, is_measured, ratio,
                points, inputs)
            SELECT card.id, %(company)s, %(currency)s, %(period)s, %(date)s, card.is_team,
                   card.user_id, card.team_id, line.sequence, line.measure, line.weight,
                   aim.target, COALESCE(told.actual, 0), told.actual IS NOT NULL,
                   ROUND(100 * reached.ratio, 2),
                   ROUND(line.weight * reached.ratio, 2),
                   JSONB_BUILD_OBJECT(
                       'amount', TRIM_SCALE(COALESCE(figure.amount, 0)),
                       'base', TRIM_SCALE(figure.base),
                       'count', COALESCE(figure.count, 0),
                       'from', span.first, 'to', span.last,
                       'target', TRIM_SCALE(line.target),
                       'members', card.member_count,
                       'scoring', line.scoring, 'cap', definition.cap)
              FROM card
              JOIN scorecard_definition definition ON definition.id = card.definition_id
              JOIN scorecard_definition_line line ON line.definition_id = definition.id
              JOIN span ON span.measure = line.measure
                       AND span.variant IN (0, definition.retention_months)
         LEFT JOIN figure ON figure.card_id = card.id
                         AND figure.measure = line.measure
                         AND figure.variant = span.variant
        CROSS JOIN LATERAL (
                SELECT CASE WHEN line.measure = ANY(%(shares)s)
                            THEN ROUND(100 * figure.amount / NULLIF(figure.base, 0), 2)
                            ELSE COALESCE(figure.amount, 0) END AS actual) told
        CROSS JOIN LATERAL (
                SELECT CASE WHEN line.measure = ANY(%(shares)s) THEN line.target
                            ELSE line.target * card.member_count END AS target) aim
        CROSS JOIN LATERAL (
                SELECT CASE WHEN line.scoring = 'threshold'
                            THEN COALESCE((told.actual >= aim.target)::int, 0)
                            ELSE LEAST(GREATEST(COALESCE(told.actual, 0) / aim.target, 0),
                                       definition.cap::numeric / 100) END AS ratio) reached
             ORDER BY card.id, line.sequence, line.id
            """,
            facts=facts,
            spans=SQL(", ").join(
                SQL("(%s, %s, %s::date, %s::date)", *key, *days)
                for key, days in spans.items()
            ),
            members=self._get_members_sql(),
            period=self.id,
            company=self.company_id.id,
            currency=self.company_id.currency_id.id,
            date=self.date_start,
            definitions=definitions.ids,
            shares=list(SHARES),
            to_flush=[
                field
                for model in ("scorecard.definition", "scorecard.definition.line")
                for field in self.env[model]._fields.values()
                if field.store and field.column_type
            ],
        )

    def _get_members_sql(self):
        """Return the query of the company's salespeople and their team."""
        return SQL(
            """
            SELECT DISTINCT ON (belongs.user_id) belongs.user_id,
                   belongs.crm_team_id AS team_id
              FROM crm_team_member belongs
              JOIN crm_team team ON team.id = belongs.crm_team_id
              JOIN res_company_users_rel employed
                ON employed.user_id = belongs.user_id AND employed.cid = %(company)s
             WHERE belongs.active AND team.active
               AND COALESCE(team.company_id, %(company)s) = %(company)s
             ORDER BY belongs.user_id, team.company_id NULLS LAST, belongs.id
            """,
            company=self.company_id.id,
            to_flush=[
                self.env["crm.team.member"]._fields["active"],
                self.env["crm.team.member"]._fields["crm_team_id"],
                self.env["crm.team"]._fields["company_id"],
                self.env["crm.team"]._fields["active"],
                self.env["res.users"]._fields["company_ids"],
            ],
        )

    def _get_scores_sql(self):
        """Return the statement that sums the points up, over what was measured."""
        return SQL(
            """
            UPDATE scorecard
               SET score = total.score, is_measured = total.score IS NOT NULL
              FROM (SELECT scorecard_id,
                           ROUND(100 * SUM(points) FILTER (WHERE is_measured)
                                 / SUM(weight) FILTER (WHERE is_measured), 2) AS score
                      FROM scorecard_line WHERE period_id = %(period)s
                     GROUP BY scorecard_id) total
             WHERE scorecard.id = total.scorecard_id
            RETURNING scorecard.id
            """,
            period=self.id,
        )
