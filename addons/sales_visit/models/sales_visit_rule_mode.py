from odoo import api, fields, models, tools
from odoo.fields import Domain
from pytz import timezone, utc

from .crm_lead import MAN_EVIDENCE, MAN_FIELDS
from .sales_visit import BEFORE_START

RULES = [
    ("V03", "V03 · Visiting without an approved plan of the week"),
    ("V05", "V05 · Appointment confirmed before the visit"),
    ("V07", "V07 · Kit packed before the visit"),
    ("V09", "V09 · Reason for a visit longer than planned"),
    ("V11", "V11 · Required answers in the visit report"),
    ("V14", "V14 · Quotation for an order placed at the visit"),
    ("V18", "V18 · Quotation confirmed by the sales head before it is sent"),
    ("V19", "V19 · Evidence of each yes about a lead"),
    ("V25", "V25 · Visiting or following a customer of somebody else"),
]
MODES = [("off", "Off"), ("warn", "Warn"), ("block", "Block")]
GO_OUT = [("direction", "=", "out"), ("channel", "=", "in_person")]
STRICTNESS = [mode for mode, __ in MODES]


class SalesVisitRuleMode(models.Model):
    """Since when a rule of this addon is off, warns or blocks in a company.

    Rows are dated: the newest row that starts on or before a document's day decides for
    that document, and never more strictly than today's row. So a document older than the
    first row is grandfathered, and a rule without any row, as after installation, is off.
    """

    _name = "sales.visit.rule.mode"
    _description = "Rule in Force"
    _order = "rule, company_id, date_from desc"
    _rec_name = "rule"

    rule = fields.Selection(RULES, required=True, default=RULES[0][0])
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
    touched_count = fields.Integer(
        string="Open Documents",
        compute="_compute_touched_count",
        help="How many documents that are open now the row touches: those created since its day that the rule looks at.",
    )

    _rule_company_date_uniq = models.Constraint(
        "unique(rule, company_id, date_from)",
        "A rule has one mode per company and day.",
    )

    @api.depends("rule", "company_id", "mode", "date_from")
    def _compute_touched_count(self):
        for row in self:
            row.touched_count = row._count_touched()

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        self.env.registry.clear_cache()
        return records

    def write(self, vals):
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result

    @api.model
    def _get_mode(self, rule, company, moment=None):
        """Return the mode in which a rule treats a document of a company.

        :param str rule: rule ID, e.g. ``"V11"``
        :param company: ``res.company`` of the document
        :param datetime moment: when the document was created, naive, UTC; one that is
            being created takes now. Days are those of the company's calendar, which no
            user's time zone moves
        :return: ``"off"``, ``"warn"`` or ``"block"``
        :rtype: str
        """
        rows = self._get_timeline(company.id).get(rule)
        if not rows:
            return "off"
        now = fields.Datetime.now()
        return min(
            self._find_mode(rows, company, min(moment or now, now)),
            self._find_mode(rows, company, now),
            key=STRICTNESS.index,
        )

    @api.model
    def _get_blocking_companies(self, rule):
        """Return the companies, under sudo, in which a rule blocks today."""
        # Which rules are in force is no secret of a company.
        companies = self.sudo().search([("rule", "=", rule)]).company_id
        return companies.filtered(lambda c: self._get_mode(rule, c) == "block")

    @api.model
    def _find_mode(self, rows, company, moment):
        local = utc.localize(moment).astimezone(timezone(self._get_zone(company)))
        day = local.date().isoformat()
        return next((mode for date_from, mode in rows if date_from <= day), "off")

    @api.model
    def _get_zone(self, company):
        # Which zone a company works in is no secret from its salespeople.
        return company.sudo().resource_calendar_id.tz or "UTC"

    @api.model
    def _get_today(self, company):
        """Return the day that it is in a company, by its calendar's clock."""
        now = utc.localize(fields.Datetime.now())
        return now.astimezone(timezone(self._get_zone(company))).date()

    @api.model
    @tools.ormcache("company_id")
    def _get_timeline(self, company_id):
        """Return ``{rule ID: ((ISO date, mode), …)}`` of a company, newest first."""
        timeline = {}
        # Modes steer what everybody may do, whatever records they may read.
        for row in self.sudo().search(
            [("company_id", "=", company_id)], order="date_from desc"
        ):
            timeline.setdefault(row.rule, []).append(
                (row.date_from.isoformat(), row.mode)
            )
        return {rule: tuple(rows) for rule, rows in timeline.items()}

    def _count_touched(self):
        """Return how many open documents this row touches."""
        self.ensure_one()
        if not (self.rule and self.company_id and self.date_from) or self.mode == "off":
            return 0
        begin = self.env["sales.deadline.rule"]._get_moment(
            self.date_from, 0, self._get_zone(self.company_id)
        )
        domain = Domain("company_id", "=", self.company_id.id)
        domain &= Domain("create_date", ">=", begin)
        return getattr(self, f"_count_{self.rule.lower()}")(domain)

    # One method a rule: how many open documents, among those of ``domain``, it looks at.
    # Whoever administers rules need not see documents: under sudo, only numbers leave.

    @api.model
    def _count_v03(self, domain):
        domain &= Domain("state", "in", BEFORE_START)
        visits = self.env["sales.visit"].sudo().search(domain)
        return len(visits - visits._filter_approved())

    @api.model
    def _count_v11(self, domain):
        domain &= Domain("state", "in", {*BEFORE_START, "in_progress", "to_report"})
        domain &= Domain("visit_type_id.required_section_ids", "!=", False)
        return self.env["sales.visit"].sudo().search_count(domain)

    @api.model
    def _count_v05(self, domain):
        domain &= Domain("state", "in", BEFORE_START) & Domain(GO_OUT)
        domain &= Domain("visit_type_id.needs_appointment", "=", True)
        return self.env["sales.visit"].sudo().search_count(domain)

    @api.model
    def _count_v07(self, domain):
        domain &= Domain("state", "in", BEFORE_START) & Domain(GO_OUT)
        domain &= Domain("visit_type_id.kit_item_ids.is_required", "=", True)
        return self.env["sales.visit"].sudo().search_count(domain)

    @api.model
    def _count_v09(self, domain):
        domain &= Domain("state", "=", "to_report")
        domain &= Domain("overrun_minutes", ">", 0)
        domain &= Domain("overrun_reason", "in", (False, ""))
        return self.env["sales.visit"].sudo().search_count(domain)

    @api.model
    def _count_v14(self, domain):
        domain &= Domain("state", "in", ("in_progress", "to_report"))
        domain &= Domain("outcome_id.is_order", "=", True)
        visits = self.env["sales.visit"].sudo().search(domain)
        return len(visits._filter_unhandled())

    @api.model
    def _count_v18(self, domain):
        domain &= Domain("state", "=", "draft")
        domain &= Domain("opportunity_id.outline_ids", "!=", False)
        outlines = (
            self.env["sale.order"].sudo().search(domain).opportunity_id.outline_ids
        )
        undelivered = outlines.browse(o.id for o in outlines._get_undelivered())
        domain &= Domain("opportunity_id.outline_ids", "in", undelivered.ids)
        return self.env["sale.order"].sudo().search_count(domain)

    @api.model
    def _count_v19(self, domain):
        domain &= Domain("won_status", "=", "pending")
        domain &= Domain.OR(
            Domain(answer, "=", "yes") & Domain(note, "in", (False, ""))
            for answer, note in zip(MAN_FIELDS, MAN_EVIDENCE, strict=True)
        )
        return self.env["crm.lead"].sudo().search_count(domain)

    @api.model
    def _count_v25(self, domain):
        before_start = Domain("state", "in", BEFORE_START)
        visits = self.env["sales.visit"].sudo().search(domain & before_start)
        followed = Domain("won_status", "=", "pending")
        followed &= Domain("user_id", "!=", False) & Domain("partner_id", "!=", False)
        leads = self.env["crm.lead"].sudo().search(domain & followed)
        return len(visits._get_foreign_owners()) + len(leads._get_foreign_owners())
