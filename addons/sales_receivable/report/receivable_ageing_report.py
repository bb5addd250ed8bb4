from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.misc import format_date

from ..models.account_move_line import OPEN_ITEM_FIELDS

BASES = [("due", "Due date"), ("invoice", "Invoice date")]
ITEM_TYPES = [
    ("invoice", "Invoice"),
    ("refund", "Credit Note"),
    ("payment", "Payment"),
    ("entry", "Journal Entry"),
]
# The same journal item has other figures as of another day, and the cache has to know.
AS_OF = {"readonly": True, "depends_context": ("as_of", "ageing_base")}


class ReceivableAgeingReport(models.Model):
    """Receivable items open as of a day, each in its bucket (R03).

    The context says which day (``as_of``, default today in the user's time zone) and
    whether age counts from the due or the invoice date (``ageing_base``). The id is
    the journal item's.
    """

    _name = "receivable.ageing.report"
    _description = "Receivable Ageing"
    _auto = False
    _order = "days_overdue desc, id"
    _rec_name = "move_id"
    _depends = {**OPEN_ITEM_FIELDS, "receivable.ageing.bucket": ["day_from"]}

    move_id = fields.Many2one("account.move", string="Entry", **AS_OF)
    item_type = fields.Selection(ITEM_TYPES, string="Type", **AS_OF)
    company_id = fields.Many2one("res.company", **AS_OF)
    company_currency_id = fields.Many2one("res.currency", **AS_OF)
    currency_id = fields.Many2one("res.currency", **AS_OF)
    partner_id = fields.Many2one("res.partner", string="Contact", **AS_OF)
    commercial_partner_id = fields.Many2one("res.partner", string="Customer", **AS_OF)
    user_id = fields.Many2one("res.users", string="Salesperson", **AS_OF)
    team_id = fields.Many2one("crm.team", string="Sales Team", **AS_OF)
    date = fields.Date(string="Accounting Date", **AS_OF)
    date_invoice = fields.Date(string="Invoice Date", **AS_OF)
    date_due = fields.Date(string="Due Date", **AS_OF)
    days_overdue = fields.Integer(
        aggregator="max",
        help="Days from the due (or invoice) date to the report's day; below zero: not due yet.",
        **AS_OF,
    )
    bucket_id = fields.Many2one(
        "receivable.ageing.bucket", group_expand="_expand_buckets", **AS_OF
    )
    residual = fields.Monetary(
        string="Open Amount", currency_field="company_currency_id", **AS_OF
    )
    residual_currency = fields.Monetary(
        string="Open in Document Currency", currency_field="currency_id", **AS_OF
    )

    @property
    def _table_query(self):
        base = "date_invoice" if self._get_base() == "invoice" else "date_due"
        return SQL(
            """
            SELECT item.*, %(as_of)s - item.%(base)s AS days_overdue, span.bucket_id
              FROM (%(items)s) item
         LEFT JOIN (%(spans)s) span
                ON span.company_id = item.company_id
               AND %(as_of)s - item.%(base)s BETWEEN span.low AND span.high
            """,
            as_of=self._get_as_of(),
            base=SQL.identifier(base),
            items=self.env["account.move.line"]._get_open_items_sql(
                self._get_as_of(), self.env.companies.ids
            ),
            spans=self.env["receivable.ageing.bucket"]._get_ranges_sql(),
        )

    @api.model
    def _expand_buckets(self, buckets, domain):
        """Show every bucket in force, also when nothing is in it."""
        for company in self.env.companies:
            buckets |= buckets._get_buckets(company)
        return buckets.sorted()

    @api.model
    def _get_title(self):
        return self.env._(
            "Ageing as of %(date)s",
            date=format_date(self.env, self._get_as_of()),
        )

    @api.model
    def action_open_today(self):
        """Open the report as of today, with the day in its title."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_receivable.receivable_ageing_report_action"
        )
        return action | {"display_name": self._get_title()}

    @api.model
    def _get_as_of(self):
        """Return the day of the report: the context's, else today for the user."""
        as_of = fields.Date.to_date(self.env.context.get("as_of"))
        return as_of or fields.Date.context_today(self)

    @api.model
    def _get_base(self):
        base = self.env.context.get("ageing_base")
        return base if base in dict(BASES) else "due"

    def action_open_entry(self):
        """Open the entry behind an item, by the host's own access rules."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.move",
            "res_id": self.move_id.id,
            "view_mode": "form",
            "name": self.move_id.sudo().name,  # the row itself shows this name
        }

    def action_choose_day(self):
        """Open the choice of day and base, starting from the ones on screen."""
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "sales_receivable.receivable_ageing_wizard_action"
            ),
            "context": {
                "default_as_of": fields.Date.to_string(self._get_as_of()),
                "default_base": self._get_base(),
                # So that a pivot stays a pivot.
                "view_type": self.env.context.get("view_type"),
            },
        }

    @api.model
    def _get_customer_tables(self):
        """Return the ageing by customer, one table per company, for print and xlsx.

        :return: dicts with ``company``, ``buckets`` (in order) and ``rows`` of
            ``(customer, amounts per bucket, total)``, in company currency, ordered by
            what is open, largest first
        :rtype: list[dict]
        """
        groups = self._read_group(
            [("company_id", "in", self.env.companies.ids)],
            ["company_id", "commercial_partner_id", "bucket_id"],
            ["residual:sum"],
        )
        amounts = {}
        for company, customer, bucket, residual in groups:
            amounts.setdefault(company, {}).setdefault(customer, {})[bucket] = residual
        tables = []
        for company, customers in amounts.items():
            buckets = self.env["receivable.ageing.bucket"]._get_buckets(company)
            rows = [
                (customer, [spread.get(bucket, 0.0) for bucket in buckets])
                for customer, spread in customers.items()
            ]
            rows = [
                (customer, spread, company.currency_id.round(sum(spread)))
                for customer, spread in rows
            ]
            rows.sort(key=lambda row: (-row[2], row[0].display_name or ""))
            tables.append({"company": company, "buckets": buckets, "rows": rows})
        return tables
