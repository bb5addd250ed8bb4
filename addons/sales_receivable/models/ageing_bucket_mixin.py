from odoo import api, fields, models
from odoo.tools import SQL


class AgeingBucketMixin(models.AbstractModel):
    """A span of days. A bucket reaches up to the day before the next one starts and
    the lowest one takes everything below it, so that nothing falls between two.

    Buckets without a company serve every company that has none of its own.
    """

    _name = "ageing.bucket.mixin"
    _description = "Ageing Bucket"
    _order = "company_id, day_from, id"

    name = fields.Char(required=True, translate=True)
    company_id = fields.Many2one(
        "res.company",
        index=True,
        ondelete="cascade",
        help="Empty: for every company without buckets of its own.",
    )
    day_from = fields.Integer(
        string="From Day",
        help="First day of the bucket. The lowest bucket takes all lower values too.",
    )
    day_to = fields.Integer(
        string="To Day",
        compute="_compute_day_to",
        help="The day before the next bucket starts; 0 for the last one.",
    )

    @api.depends("day_from", "company_id")
    def _compute_day_to(self):
        starts = {}
        for bucket in self.search(self._get_range_domain(), order="day_from"):
            starts.setdefault(bucket.company_id.id, []).append(bucket.day_from)
        for bucket in self:
            higher = [
                start
                for start in starts.get(bucket.company_id.id, ())
                if start > bucket.day_from
            ]
            bucket.day_to = higher[0] - 1 if higher else 0

    @api.model
    def _get_range_domain(self):
        """Return the domain of the buckets that are spans of days."""
        return []

    @api.model
    def _get_buckets(self, company):
        """Return the buckets in force for a company, lowest first."""
        domain = self._get_range_domain()
        own = self.search([*domain, ("company_id", "=", company.id)], order="day_from")
        return own or self.search(
            [*domain, ("company_id", "=", False)], order="day_from"
        )

    @api.model
    def _get_ranges_sql(self):
        """Return the query of spans in force: ``company_id``, ``bucket_id``, ``low``
        and ``high`` (both inclusive), without gaps for every company."""
        # What a day's bucket is depends on the item's company, not on who looks.
        spans = self.sudo()._search(self._get_range_domain())
        spans = spans.select(
            SQL.identifier(self._table, "id"),
            SQL.identifier(self._table, "company_id"),
            SQL.identifier(self._table, "day_from"),
        )
        return SQL(
            """
            WITH span AS (%(spans)s)
            SELECT company.id AS company_id, span.id AS bucket_id,
                   CASE WHEN LAG(span.id) OVER upward IS NULL THEN -2147483648
                        ELSE span.day_from END AS low,
                   COALESCE(LEAD(span.day_from) OVER upward - 1, 2147483647) AS high
              FROM res_company company
              JOIN span
                ON span.company_id = company.id
                OR span.company_id IS NULL AND NOT EXISTS (
                    SELECT 1 FROM span own WHERE own.company_id = company.id)
            WINDOW upward AS (PARTITION BY company.id ORDER BY span.day_from)
            """,
            spans=spans,
            to_flush=[self._fields["day_from"], self._fields["company_id"]],
        )
