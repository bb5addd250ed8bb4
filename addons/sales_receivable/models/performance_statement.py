from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..guard import is_server

# What each total adds up: rules of the ledger's lines. Performance, money collected and
# commission are never added to each other.
TOTALS = {
    "amount": ("sale", "K01", "K03", "K04", "A04", "A20", "manual"),
    "collected": ("collection",),
    "commission": ("K02", "R08"),
    "sold": ("sale",),
    "written_down": ("K01",),
    "recovered": ("K01",),
    "stock_age": ("K03",),
    "bonus": ("K04",),
    "charged": ("A04", "A20"),
    "adjusted": ("manual",),
}
# As people read them: from the year before to the year so far, then the money.
FIGURES = (
    "opening",
    "sold",
    "written_down",
    "recovered",
    "stock_age",
    "bonus",
    "charged",
    "adjusted",
    "amount",
    "closing",
    "collected",
    "commission",
)
# Totals of one rule by the sign of its lines.
SIGNS = {"written_down": "<", "recovered": ">"}


class PerformanceStatement(models.Model):
    """What one person's period comes to; written with the run, replaced by the next.

    ``amount`` is the performance (业绩): sales less what is written down or charged, plus
    bonuses. What was collected and the commission on it are totals of their own.
    """

    _name = "performance.statement"
    _description = "Performance Statement"
    _inherit = ["sales.xlsx.mixin"]
    _order = "period_id desc, amount, id"
    _rec_name = "beneficiary_id"

    period_id = fields.Many2one(
        "performance.period", required=True, index=True, ondelete="restrict"
    )
    period_start = fields.Date(
        related="period_id.date_start", store=True, string="Month"
    )
    state = fields.Selection(related="period_id.state")
    company_id = fields.Many2one("res.company", required=True, index=True)
    currency_id = fields.Many2one("res.currency", required=True)
    beneficiary_id = fields.Many2one(
        "res.users", string="Person", index=True, ondelete="restrict"
    )
    amount = fields.Monetary(
        string="Performance",
        required=True,
        help="Sales, write-downs and what they give back, stock, bonuses, charges and"
        " adjustments.",
    )
    opening = fields.Monetary(
        string="Year before This Month",
        help="Performance booked by this year's closed months.",
    )
    closing = fields.Monetary(
        string="Year with This Month", help="Performance of the year so far."
    )
    sold = fields.Monetary(string="Sales")
    written_down = fields.Monetary(help="Receivables not collected, taken off.")
    recovered = fields.Monetary(help="Written down before, given back.")
    stock_age = fields.Monetary(string="Old Stock")
    bonus = fields.Monetary(string="Overstock Bonus")
    charged = fields.Monetary(
        string="Charges", help="Unauthorised credit and lent goods lost."
    )
    adjusted = fields.Monetary(string="Adjustments")
    collected = fields.Monetary()
    commission = fields.Monetary(help="Commission less interest offset.")
    line_count = fields.Integer(string="Lines", required=True)
    digest = fields.Char(
        string="Hash",
        readonly=True,
        help="SHA-256 over the person's lines: figures that haven't changed keep it.",
    )

    _person_uniq = models.UniqueIndex(
        "(period_id, (COALESCE(beneficiary_id, 0)))",
        "A person has one statement per period.",
    )

    # Refusing is all that these do, so there is no super to call.
    @api.model_create_multi
    def create(self, vals_list):  # pylint: disable=method-required-super
        raise UserError(self.env._("Statements are made by computing a period."))

    def write(self, vals):
        if not is_server(self):
            raise UserError(self.env._("Statements are made by computing a period."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Statements are made by computing a period."))

    @api.depends("period_id", "beneficiary_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for statement in self:
            person = statement.beneficiary_id.name or self.env._("Nobody")
            statement.display_name = f"{person}, {statement.period_id.display_name}"

    def action_view_lines(self):
        """Open the lines behind the total that the context names (``total``), default
        behind all of them."""
        self.ensure_one()
        return self.period_id._get_lines_action(
            self._get_person_domain()
            & self._get_total_domain(self.env.context.get("total"))
        )

    @api.model
    def _get_total_domain(self, total):
        """Return the domain of the lines that a total adds up."""
        if total not in TOTALS:
            return Domain.TRUE
        domain = Domain("rule", "in", TOTALS[total])
        if total in SIGNS:
            domain &= Domain("amount", SIGNS[total], 0)
        return domain

    @api.model
    def _get_totals_sql(self):
        """Return by field the totals of lines or entries, in company currency."""
        return {
            name: SQL(
                "COALESCE(SUM(amount) FILTER (WHERE rule = ANY(%s) AND %s), 0)",
                list(rules),
                SQL("amount %s 0", SQL(SIGNS[name])) if name in SIGNS else SQL("TRUE"),
            )
            for name, rules in TOTALS.items()
        }

    def _get_lines(self):
        """Return the lines of this person that the user may read."""
        self.ensure_one()
        return self.period_id._get_lines(self._get_person_domain())

    def _get_person_domain(self):
        return Domain("beneficiary_id", "=", self.beneficiary_id.id)

    def _get_figures(self):
        """Return the statement's figures in reading order, for the print."""
        self.ensure_one()
        return [
            {
                "label": self._fields[name]._description_string(self.env),
                "amount": self[name],
                "is_total": name in ("amount", "closing"),
            }
            for name in FIGURES
        ]

    def _get_xlsx(self):
        self.ensure_one()
        book = self.period_id._get_workbook()
        self.period_id._write_lines(book, self._get_person_domain())
        return self.display_name, book.getvalue()
