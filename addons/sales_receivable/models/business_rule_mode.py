from datetime import datetime

from odoo import api, fields, models, tools

MODES = [("off", "Off"), ("warn", "Warn"), ("block", "Block")]
STRICTNESS = [mode for mode, __ in MODES]
WALKS = [("direct", "Straight to who may decide"), ("each", "Level by level")]


class BusinessRuleMode(models.Model):
    """Since when a rule is off, warns or blocks in a company.

    Rows are dated: the newest row that starts on or before a document's date decides
    for that document, and never more strictly than today's row. So a document older than
    the first row is grandfathered, and a rule without any row, as after installation,
    is off.
    """

    _name = "business.rule.mode"
    _description = "Business Rule Mode"
    _inherit = ["cached.rows.mixin"]
    _order = "rule_id, company_id, date_from desc"
    _rec_name = "rule_id"

    rule_id = fields.Many2one(
        "business.rule", required=True, index=True, ondelete="cascade"
    )
    code = fields.Char(related="rule_id.code", string="Rule ID")
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="cascade",
        default=lambda self: self.env.company,
    )
    mode = fields.Selection(MODES, required=True, default="warn")
    date_from = fields.Date(
        string="Effective From",
        required=True,
        default=fields.Date.context_today,
        help="Documents created before this day are not touched by this row.",
    )
    walk = fields.Selection(
        WALKS,
        string="Approval",
        required=True,
        default="direct",
        help="Asked is the first person who may decide alone, or each line manager up to"
        " that person, one after the other. Today's line counts for all documents.",
    )
    touched_count = fields.Integer(
        string="Open Documents",
        compute="_compute_touched_count",
        help="Open documents of that day or later that exceed a limit of this rule.",
    )

    _rule_company_date_uniq = models.Constraint(
        "unique(rule_id, company_id, date_from)",
        "A rule has one mode per company and day.",
    )

    @api.depends("rule_id", "company_id", "mode", "date_from")
    def _compute_touched_count(self):
        self.touched_count = 0
        strict = self.filtered(lambda row: row.mode != "off" and row.date_from)
        # The documents are measured once per rule and company, however many its rows.
        for (rule, company), rows in strict.grouped(
            lambda row: (row.rule_id, row.company_id)
        ).items():
            days = rows._get_touched_days(rule.code, company)
            for row in rows:
                row.touched_count = sum(day >= row.date_from for day in days)

    def _get_touched_days(self, code, company):
        """Return the days of the open documents that these rows touch (X01)."""
        since = min(self.mapped("date_from"))
        # Whoever switches rules need not see documents: only numbers leave.
        return [
            company._get_business_date(document._get_authority_date())
            for model in self._get_authority_documents()
            for document in self.env[model].sudo()._find_touched(code, company, since)
        ]

    @api.model
    def _get_authority_documents(self):
        """Return the names of the models that have approvals by authority."""
        mixin = self.env.registry["authority.mixin"]
        return [
            name
            for name, model in self.env.registry.items()
            if issubclass(model, mixin) and not model._abstract
        ]

    @api.model
    def _get_mode(self, code, company, on=None):
        """Return the mode of a rule for a document of a company.

        The newest row that starts on or before the document's day decides, but never
        more strictly than the row of today: a rule tightened today spares older
        documents, a rule relaxed today is relaxed for all of them.

        :param str code: rule ID, e.g. ``"A02"``
        :param company: ``res.company`` record of the document
        :param on: date (or UTC datetime) of the document; a document without a date
            yet, i.e. one being created now, takes today. Days are the company's
        :return: ``"off"``, ``"warn"`` or ``"block"``
        :rtype: str
        """
        rows = self._get_timeline(company.id).get(code)
        if not rows:
            return "off"
        today = company._get_business_date()
        if isinstance(on, datetime):
            on = company._get_business_date(on)
        return min(
            self._find_mode(rows, min(on or today, today)),
            self._find_mode(rows, today),
            key=STRICTNESS.index,
        )

    @api.model
    def _get_since(self, code, company):
        """Return the day since which a rule has been on without a break, for work that
        it starts by itself; ``None`` if it is off today."""
        today = company._get_business_date().isoformat()
        since = None
        for day, mode, _walk in self._get_timeline(company.id).get(code, ()):
            if day > today:
                continue
            if mode == "off":
                break
            since = day
        return fields.Date.to_date(since)

    @api.model
    def _get_blocking_companies(self, *codes):
        """Return the companies in which one of these rules blocks today, also those that
        the user doesn't work in: contacts, for instance, are common to all."""
        pairs = self._get_blocking_pairs()
        # Which rules are in force is no secret.
        companies = self.env["res.company"].sudo()
        companies = companies.browse({own for code, own in pairs if code in codes})
        return companies.filtered(
            lambda company: any(
                self._get_mode(code, company) == "block" for code in codes
            )
        )

    @api.model
    @tools.ormcache()
    def _get_blocking_pairs(self):
        """Return ``{(rule ID, company id)}`` of what blocks at any time."""
        # Asked for everybody; only IDs leave this method.
        rows = self.sudo().search([("mode", "=", "block")])
        return frozenset((row.rule_id.code, row.company_id.id) for row in rows)

    @api.model
    def _get_walk(self, code, company):
        """Return how the approvals of a rule are asked for today (A01).

        :param str code: rule ID
        :param company: ``res.company`` record of the document
        :return: ``"direct"`` (the first sufficient person) or ``"each"`` (each line
            manager up to that person in turn)
        """
        rows = self._get_timeline(company.id).get(code, ())
        return self._find_row(rows, company._get_business_date())[1]

    @api.model
    def _find_mode(self, rows, on):
        return self._find_row(rows, on)[0]

    @api.model
    def _find_row(self, rows, on):
        day = on.isoformat()
        return next((row[1:] for row in rows if row[0] <= day), ("off", "direct"))

    @api.model
    @tools.ormcache("company_id")
    def _get_timeline(self, company_id):
        """Return ``{rule ID: ((ISO date, mode, walk), …)}`` of a company, newest first."""
        timeline = {}
        # Modes steer what everybody may do, whatever records they may read.
        for row in self.sudo().search(
            [("company_id", "=", company_id)], order="date_from desc"
        ):
            timeline.setdefault(row.rule_id.code, []).append(
                (row.date_from.isoformat(), row.mode, row.walk)
            )
        return {code: tuple(rows) for code, rows in timeline.items()}

    @api.model
    def _get_blocking_codes(self):
        """Return the IDs of the rules that block anywhere at any time."""
        return frozenset(code for code, _company in self._get_blocking_pairs())
