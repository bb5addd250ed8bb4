from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.misc import format_date, formatLang

RULES = [
    ("sale", "Sales"),
    ("collection", "Collections"),
    ("K01", "Receivables not collected"),
    ("K02", "Commission"),
    ("K03", "Stock older than allowed"),
    ("K04", "Overstock sold"),
    ("R08", "Interest on overdue"),
    ("A04", "Unauthorised credit"),
    ("A20", "Lent goods lost"),
    ("manual", "Adjustment"),
]

# Over the column ``text`` of ``line``.
HASH = SQL(
    """ENCODE(SHA256(CONVERT_TO(COALESCE(
           STRING_AGG(line.text, E'\\n' ORDER BY line.text COLLATE "C"), ''),
           'UTF8')), 'hex')"""
)
# Columns that run lines and entries share, in the order in which they are copied.
COLUMNS = (
    "period_id",
    "company_id",
    "currency_id",
    "rule",
    "source_model",
    "source_id",
    "source_name",
    "slice",
    "beneficiary_id",
    "beneficiary_login",
    "target",
    "posted",
    "amount",
    "inputs",
)


class PerformanceLineMixin(models.AbstractModel):
    """One figure of the performance ledger: who, by which rule, for what, how much.

    ``amount`` is what this period adds: the target of the slice as known now less what
    closed periods have posted for it. Amounts are in company currency; negative ones
    are taken off. The beneficiary is a user, because the documents that name people
    (orders, invoices, purchases) name users, and an archived user remains one.
    """

    _name = "performance.line.mixin"
    _description = "Performance Ledger Line"
    _order = "period_id desc, beneficiary_id, rule, slice, id"
    _rec_name = "source_name"

    period_id = fields.Many2one(
        "performance.period", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, ondelete="restrict"
    )
    currency_id = fields.Many2one("res.currency", required=True, ondelete="restrict")
    rule = fields.Selection(RULES, required=True)
    source_model = fields.Char(required=True)
    source_id = fields.Many2oneReference(
        model_field="source_model", required=True, string="Source ID", aggregator=None
    )
    source_name = fields.Char(string="Source", required=True)
    slice = fields.Char(
        required=True, string="Concerns", help="Part of the source, e.g. its month."
    )
    beneficiary_id = fields.Many2one(
        "res.users", string="Person", index=True, ondelete="restrict"
    )
    beneficiary_login = fields.Char(
        string="Login", help="Of the person, as it was when the figure was computed."
    )
    target = fields.Monetary(
        help="What this slice comes to with all that is known now.", aggregator=None
    )
    posted = fields.Monetary(
        string="Booked Before",
        help="Already booked by closed periods.",
        aggregator=None,
    )
    amount = fields.Monetary(required=True)
    inputs = fields.Json(readonly=True)
    product_name = fields.Char(string="Product", compute="_compute_product_name")
    explanation = fields.Text(compute="_compute_explanation")

    @api.depends("inputs")
    def _compute_product_name(self):
        for line in self:
            line.product_name = (line.inputs or {}).get("product")

    @api.depends("inputs", "amount", "posted", "rule")
    @api.depends_context("lang")
    def _compute_explanation(self):
        for line in self:
            if (line.inputs or {}).get("is_gone"):
                text = line._explain_nothing_due()
            else:
                text = getattr(line, f"_explain_{line.rule}".lower())()
            if text and line.posted:
                text = self.env._(
                    "%(sentence)s; %(posted)s booked before, difference %(amount)s",
                    sentence=text,
                    posted=line._format_money(line.posted),
                    amount=line._format_money(line.amount),
                )
            line.explanation = text

    def _explain_nothing_due(self):
        """Return the sentence behind what was booked and isn't due any more."""
        return self.env._(
            "Nothing is due any more for %(month)s on %(document)s",
            month=self.slice,
            document=self.source_name,
        )

    def _explain_k03(self):
        """Return the sentence behind a stock age deduction (K03)."""
        self.ensure_one()
        inputs = self.inputs or {}
        values = {
            "amount": self._format_money(-self.target),
            "rate": formatLang(self.env, inputs.get("rate", 0), digits=2),
            "value": self._format_money(inputs.get("value", 0)),
            "month_end": format_date(self.env, inputs.get("month_end")),
            "receipt": format_date(self.env, inputs.get("receipt_date")),
            "product": inputs.get("product") or "-",
            "order": inputs.get("purchase") or self.source_name,
            "age": inputs.get("age_days", 0),
        }
        return self.env._(
            "%(amount)s off = %(rate)s %% of %(value)s of %(product)s still in stock on"
            " %(month_end)s, received %(receipt)s on %(order)s, age %(age)s days",
            **values,
        )

    def _format_money(self, amount):
        text = formatLang(self.env, amount, digits=self.currency_id.decimal_places)
        return f"{text} {self.currency_id.name or ''}".strip()

    def action_open_source(self):
        """Open the document that the figure comes from."""
        self.ensure_one()
        source = self.env[self.source_model].browse(self.source_id)
        if source._name == "stock.move":
            source = source.purchase_line_id.order_id or source.picking_id or source
        elif source._name == "account.move.line":
            source = source.move_id
        return {
            "type": "ir.actions.act_window",
            "res_model": source._name,
            "res_id": source.id,
            "view_mode": "form",
        }

    @api.model
    def _get_hash(self, period):
        """Return the SHA-256 over a period's lines: over the people's digests, in the
        order of their logins."""
        [(digest,)] = self.env.execute_query(
            SQL(
                """
                SELECT %(hash)s
                  FROM (SELECT CONCAT_WS('|', login, digest) AS text
                          FROM (%(digests)s) digested) line
                """,
                hash=HASH,
                digests=self._get_digests_sql(period),
            )
        )
        return digest

    @api.model
    def _get_digests_sql(self, period):
        """Return the query of ``beneficiary_id``, ``login`` and ``digest``: the SHA-256 over the
        person's lines, business values in a fixed order, no ids and no timestamps, so
        that equal results have equal digests."""
        return SQL(
            """
            SELECT beneficiary_id, MIN(beneficiary_login) AS login, %(hash)s AS digest
              FROM (SELECT beneficiary_id, beneficiary_login,
                           CONCAT_WS('|', rule, source_model, source_name, slice,
                               TRIM_SCALE(target), TRIM_SCALE(posted), TRIM_SCALE(amount),
                               inputs) AS text
                      FROM %(table)s WHERE period_id = %(period)s) line
             GROUP BY beneficiary_id
            """,
            hash=HASH,
            table=SQL.identifier(self._table),
            period=period.id,
            to_flush=[self._fields[name] for name in COLUMNS],
        )
