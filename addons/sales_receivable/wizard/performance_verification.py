from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

# Differences that are listed one by one; all are counted.
LISTED = 200
# Rules that take their value times their rate off.
TAKEN_OFF = ("K01", "K03", "A04", "A20")


class PerformanceVerification(models.TransientModel):
    """Computes a closed period again from what was kept with it (X07).

    Each figure from its inputs, what was booked before from the earlier periods, every
    person's totals from their lines, and the hash over all lines. Shows equality or the
    differences, and what later periods have corrected of the month since.
    """

    _name = "performance.verification"
    _description = "Verification of a Closed Period"

    period_id = fields.Many2one(
        "performance.period",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    currency_id = fields.Many2one(related="period_id.currency_id")
    entry_count = fields.Integer(string="Lines Verified", readonly=True)
    amount = fields.Monetary(string="Total of All Lines", readonly=True)
    hash_expected = fields.Char(string="Hash at Closing", readonly=True)
    hash_found = fields.Char(string="Hash Now", readonly=True)
    difference_count = fields.Integer(string="Lines That Differ", readonly=True)
    is_equal = fields.Boolean(readonly=True)
    line_ids = fields.One2many(
        "performance.verification.line", "verification_id", readonly=True
    )
    later_count = fields.Integer(string="Corrected Later", readonly=True)
    later_amount = fields.Monetary(string="Corrected by Later Periods", readonly=True)

    @api.model
    def _verify(self, period):
        """Return the verification of a closed period.

        :raise AccessError: for anybody but finance and company managers
        :raise UserError: the period isn't closed
        """
        if not any(
            map(
                self.env.user.has_group,
                (
                    "sales_receivable.group_finance",
                    "sales_receivable.group_company_manager",
                ),
            )
        ):
            raise AccessError(
                self.env._("Finance and company managers verify periods.")
            )
        period.check_access("read")
        if period.state != "closed":
            raise UserError(self.env._("Only what is closed can be verified."))
        entries = self.env["performance.entry"]
        [(count, amount)] = entries._read_group(
            [("period_id", "=", period.id)], [], ["__count", "amount:sum"]
        )
        digest = entries._get_hash(period)
        differences = self.env.execute_query_dict(self._get_differences_sql(period))
        [(later_count, later_amount)] = entries._read_group(
            [
                ("company_id", "=", period.company_id.id),
                ("period_id.date_start", ">", period.date_start),
                ("slice", "=", f"{period.date_start:%Y-%m}"),
            ],
            [],
            ["__count", "amount:sum"],
        )
        total = differences[0]["total"] if differences else 0
        # Nobody makes one by hand: it says what was found, after the check above.
        found = self.sudo().create(
            {
                "period_id": period.id,
                "entry_count": count,
                "amount": amount,
                "hash_expected": period.run_hash,
                "hash_found": digest,
                "difference_count": total,
                "is_equal": not total and digest == period.run_hash,
                "later_count": later_count,
                "later_amount": later_amount,
                "line_ids": [
                    Command.create(
                        {
                            "check": row["check"],
                            "entry_id": row["entry_id"],
                            "beneficiary_id": row["beneficiary_id"],
                            "expected": row["expected"],
                            "found": row["found"],
                        }
                    )
                    for row in differences
                ],
            }
        )
        return found.with_env(self.env)

    @api.model
    def _get_differences_sql(self, period):
        """Return the query of what doesn't add up, and of how much that is in all."""
        return SQL(
            """
            SELECT difference.*, COUNT(*) OVER () AS total
              FROM (%(checks)s) difference
             WHERE expected IS DISTINCT FROM found
             ORDER BY 1, entry_id, beneficiary_id
             LIMIT %(listed)s
            """,
            checks=SQL(" UNION ALL ").join(
                [
                    self._get_inputs_check_sql(period),
                    self._get_booked_check_sql(period),
                    *self._get_totals_checks_sql(period),
                ]
            ),
            listed=LISTED,
            to_flush=[
                self.env["performance.entry"]._fields[name]
                for name in ("target", "posted", "amount", "inputs")
            ],
        )

    @api.model
    def _get_inputs_check_sql(self, period):
        """Return each line's target beside what its inputs come to."""
        return SQL(
            """
            SELECT 'inputs' AS check, entry.id AS entry_id, entry.beneficiary_id,
                   again.amount AS expected, entry.target AS found
              FROM performance_entry entry
        CROSS JOIN LATERAL (
                SELECT SUM(%(formula)s) AS amount
                  FROM JSONB_ARRAY_ELEMENTS(COALESCE(
                           entry.inputs -> 'parts',
                           JSONB_BUILD_ARRAY(entry.inputs))) part) again
             WHERE entry.period_id = %(period)s
            """,
            formula=self._get_formula_sql(period.currency_id.decimal_places),
            period=period.id,
        )

    @api.model
    def _get_formula_sql(self, digits):
        """Return what a part of the inputs comes to, by rule: value times rate; of
        commission and interest a person's part of what had accrued, rounded so that
        months and persons add up to the whole.

        :param int digits: decimals of the company's currency
        """

        def number(name):
            return SQL("(part ->> %s)::numeric", name)

        def rounded(*factors):
            return SQL("ROUND(%s, %s)", SQL(" * ").join(factors), digits)

        def person(amount):
            before = SQL("%s / 100", number("percent_before"))
            upto = SQL("(%s + %s) / 100", number("percent_before"), number("percent"))
            return SQL(
                "(%s - %s)",
                rounded(number(amount), upto),
                rounded(number(amount), before),
            )

        return SQL(
            """CASE WHEN entry.inputs ? 'is_gone' THEN 0
                    WHEN entry.source_model = 'crm.team' THEN %(due)s - %(booked)s
                    WHEN entry.rule = 'K02' THEN %(accrued)s - %(before)s
                    WHEN entry.rule = 'R08' THEN -%(interest)s
                    WHEN entry.rule = ANY(%(taken_off)s) THEN -%(value)s
                    ELSE %(value)s END""",
            due=number("due"),
            booked=number("booked"),
            accrued=person("accrued"),
            before=person("accrued_before"),
            interest=person("interest"),
            taken_off=list(TAKEN_OFF),
            value=rounded(number("value"), number("rate"), SQL("0.01")),
        )

    @api.model
    def _get_booked_check_sql(self, period):
        """Return each line's amount beside its target less what earlier periods booked
        for the same source, month and person."""
        return SQL(
            """
            SELECT 'booked' AS check, entry.id, entry.beneficiary_id,
                   entry.target - COALESCE(SUM(earlier.amount), 0), entry.amount
              FROM performance_entry entry
         LEFT JOIN (performance_entry earlier
                    JOIN performance_period period ON period.id = earlier.period_id
                         AND period.date_start < %(month)s)
                ON earlier.company_id = entry.company_id
               AND earlier.rule = entry.rule
               AND earlier.source_model = entry.source_model
               AND earlier.source_id = entry.source_id
               AND earlier.slice = entry.slice
               AND earlier.beneficiary_id = entry.beneficiary_id
             WHERE entry.period_id = %(period)s
             GROUP BY entry.id
            """,
            month=period.date_start,
            period=period.id,
        )

    @api.model
    def _get_totals_checks_sql(self, period):
        """Return each person's totals beside the sums of their lines."""
        totals = self.env["performance.statement"]._get_totals_sql()
        return [
            SQL(
                """
                SELECT %(name)s AS check, NULL::int,
                       COALESCE(line.beneficiary_id, statement.beneficiary_id),
                       COALESCE(line.total, 0), COALESCE(statement.%(column)s, 0)
                  FROM (SELECT beneficiary_id, %(total)s AS total
                          FROM performance_entry WHERE period_id = %(period)s
                         GROUP BY 1) line
             FULL JOIN (SELECT * FROM performance_statement
                         WHERE period_id = %(period)s) statement
                    ON statement.beneficiary_id = line.beneficiary_id
                """,
                name=name,
                column=SQL.identifier(name),
                total=total,
                period=period.id,
            )
            for name, total in totals.items()
        ]

    def action_view_later(self):
        """Open what later periods have corrected of this month."""
        self.ensure_one()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "sales_receivable.performance_entry_action"
            ),
            "domain": [
                ("company_id", "=", self.period_id.company_id.id),
                ("period_id.date_start", ">", self.period_id.date_start),
                ("slice", "=", f"{self.period_id.date_start:%Y-%m}"),
            ],
            "context": {},
        }

    def action_print(self):
        """Print the verification."""
        return self.env.ref(
            "sales_receivable.performance_verification_report"
        ).report_action(self)


class PerformanceVerificationLine(models.TransientModel):
    """Something that doesn't add up (X07)."""

    _name = "performance.verification.line"
    _description = "Difference Found by a Verification"

    verification_id = fields.Many2one(
        "performance.verification", required=True, ondelete="cascade"
    )
    check = fields.Char(string="Check Kind", required=True)
    check_name = fields.Char(string="What", compute="_compute_check_name")
    entry_id = fields.Many2one("performance.entry", string="Line")
    beneficiary_id = fields.Many2one("res.users", string="Person")
    currency_id = fields.Many2one(related="verification_id.currency_id")
    expected = fields.Monetary(string="Computed Again")
    found = fields.Monetary(string="Booked")

    @api.depends("check")
    @api.depends_context("lang")
    def _compute_check_name(self):
        statement = self.env["performance.statement"]._fields
        for line in self:
            if line.check == "inputs":
                line.check_name = self.env._("Figure from its inputs")
            elif line.check == "booked":
                line.check_name = self.env._("Target less what was booked before")
            else:
                line.check_name = self.env._(
                    "Total: %(name)s",
                    name=statement[line.check]._description_string(self.env),
                )
