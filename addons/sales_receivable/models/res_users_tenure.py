from dateutil.relativedelta import relativedelta
from odoo import models


class ResUsers(models.Model):
    """How long somebody has been with a company, in years and nothing else (A05)."""

    _name = "res.users"
    _inherit = "res.users"

    def _get_tenure_gaps(self, company, on):
        """Return ``{user.id: years}`` that people lack of the tenure of a company.

        Who is no employee of the company, or since when isn't known, counts as new.

        :param date on: day in the company's time zone
        """
        needed = company.tenure_years
        # Contracts are for personnel; only the years that are missing leave.
        employees = self.env["hr.employee"].sudo()
        employees = employees.search(
            [("user_id", "in", self.ids), ("company_id", "=", company.id)]
        )
        gaps = dict.fromkeys(self.ids, needed)
        for employee in employees:
            since = employee._get_first_version_date()
            if since:
                until = since + relativedelta(months=round(needed * 12))
                gap = max(0.0, round((until - on).days / 365.25, 2))
                gaps[employee.user_id.id] = min(gap, needed)
        return gaps
