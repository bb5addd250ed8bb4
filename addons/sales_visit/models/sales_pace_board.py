from dateutil.relativedelta import relativedelta
from odoo import fields, models
from odoo.fields import Domain

VERIFIED = ("verified", False)


class SalesPace(models.Model):
    """Beside the pace, what a manager has to look after in that month: the team board.
    Each number opens the list behind it."""

    _name = "sales.pace"
    _inherit = ["sales.pace"]

    late_reports = fields.Integer(
        compute="_compute_board",
        compute_sudo=True,
        help="Reports of visits of that month that came late, or haven't come in time (V10).",
    )
    unverified_visits = fields.Integer(
        compute="_compute_board",
        compute_sudo=True,
        help="Visits of that month of which we don't know that they were at the customer's (V08).",
    )
    waiting_plans = fields.Integer(
        string="Plans Waiting",
        compute="_compute_board",
        compute_sudo=True,
        help="Plans of weeks that begin in that month, asked for and not decided (V03).",
    )

    def _compute_board(self):
        counts = {
            name: self._count_by_month(model, day, domain)
            for name, (model, day, domain) in self._get_board().items()
        }
        for row in self:
            key = (row.company_id, row.user_id, row.month)
            for name, count in counts.items():
                row[name] = count.get(key, 0)

    def _get_board(self):
        """Return ``{figure: (model, day that says the month, domain)}``."""
        return {
            "late_reports": (
                "sales.visit",
                "visit_day",
                Domain("is_report_late", "=", True)
                | Domain("is_report_overdue", "=", True),
            ),
            "unverified_visits": (
                "sales.visit",
                "visit_day",
                Domain("checkin_status", "not in", VERIFIED)
                | Domain("checkout_status", "not in", VERIFIED),
            ),
            "waiting_plans": (
                "sales.plan",
                "date_start",
                Domain("approval_state", "=", "submitted"),
            ),
        }

    def _count_by_month(self, model, day, domain):
        """Return ``{(company, user, first of the month): count}``, in one query."""
        months = self.mapped("month")
        if not months:
            return {}
        domain &= (
            Domain("company_id", "in", self.company_id.ids)
            & Domain("user_id", "in", self.user_id.ids)
            & Domain(day, ">=", min(months))
            & Domain(day, "<", max(months) + relativedelta(months=1))
        )
        return {
            (company, user, month): count
            for company, user, month, count in self.env[model]._read_group(
                domain, ["company_id", "user_id", f"{day}:month"], ["__count"]
            )
        }

    def action_view_late_reports(self):
        """Open the visits whose reports are or were late."""
        return self._view_board(
            "late_reports", "sales_visit.sales_visit_action_team_late"
        )

    def action_view_unverified_visits(self):
        """Open the visits whose presence isn't verified."""
        return self._view_board(
            "unverified_visits", "sales_visit.sales_visit_action_team_presence"
        )

    def action_view_waiting_plans(self):
        """Open the plans that wait."""
        return self._view_board("waiting_plans", "sales_visit.sales_plan_action_team")

    def _view_board(self, figure, xmlid):
        self.ensure_one()
        _model, day, domain = self._get_board()[figure]
        domain &= (
            Domain("company_id", "=", self.company_id.id)
            & Domain("user_id", "=", self.user_id.id)
            & Domain(day, ">=", self.month)
            & Domain(day, "<", self.month + relativedelta(months=1))
        )
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        return action | {
            "name": self._fields[figure]._description_string(self.env),
            "domain": list(domain),
            "context": {},
        }
