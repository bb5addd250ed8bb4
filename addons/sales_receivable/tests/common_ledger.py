from odoo import fields
from odoo.tests import new_test_user

from .common_receivable import ReceivableCommon


class LedgerCommon(ReceivableCommon):
    """Invoices of two salespeople, and periods of their company's ledger."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for group in (
            "sales_team.group_sale_manager",
            "sales_receivable.group_administrator",
            "sales_receivable.group_finance",
        ):
            cls.env.user.group_ids += cls.env.ref(group)
        for name, groups in (
            ("seller", "sales_team.group_sale_salesman"),
            ("other_seller", "sales_team.group_sale_salesman"),
            ("finance", "sales_receivable.group_finance"),
            ("company_manager", "sales_receivable.group_company_manager"),
            ("administrator", "sales_receivable.group_administrator"),
        ):
            user = new_test_user(
                cls.env,
                login=f"ledger_{name}",
                name=f"Ms {name.replace('_', ' ').title()}",
                groups=f"base.group_user,{groups}",
                company_id=cls.company.id,
            )
            setattr(cls, name, user)
        cls.company.sudo().performance_answer_days = 0
        cls.team = cls.env["crm.team"].create({"name": "North"})

    @classmethod
    def _sell(cls, amount, day, user=None, **values):
        """Post an invoice of a salesperson (default: the seller)."""
        user = cls.seller if user is None else user
        return cls._invoice(amount, day, invoice_user_id=user.id, **values)

    @classmethod
    def _rate(cls, rule, rate=100, date_from="2020-01-01", **values):
        return cls.env["performance.rate"].create(
            {
                "company_id": cls.company.id,
                "rule": rule,
                "rate": rate,
                "date_from": date_from,
                **values,
            }
        )

    @classmethod
    def _period(cls, day):
        """Return the period of a day's month, created if need be."""
        first = fields.Date.to_date(day).replace(day=1)
        Period = cls.env["performance.period"]
        domain = [("company_id", "=", cls.company.id), ("date_start", "=", first)]
        return Period.search(domain) or Period.create(
            {"company_id": cls.company.id, "date_start": first}
        )

    def _compute(self, day):
        """Compute a month; return its period."""
        period = self._period(day)
        period.with_user(self.finance).action_compute()
        return period

    def _reopen(self, day):
        """Put a computed month back to open: what it was computed by may change again."""
        self._period(day).with_user(self.finance).action_reopen()

    def _close(self, day):
        """Take a month through all its steps by the people whose steps they are."""
        period = self._compute(day)
        period.with_user(self.finance).action_review()
        period.with_user(self.company_manager).action_approve()
        period.with_user(self.finance).action_close()
        # X07: whatever a test closes can be computed again from its inputs.
        found = (
            self.env["performance.verification"].with_user(self.finance)._verify(period)
        )
        differences = found.line_ids.mapped(
            lambda line: (line.check, line.expected, line.found)
        )
        self.assertTrue(found.is_equal, differences)
        return period

    def _lines(self, period, rule=None):
        """Return ``[(person, source, month, amount)]`` of a period's lines, sorted."""
        return sorted(
            (line.beneficiary_id.name, line.source_name, line.slice, line.amount)
            for line in period._get_lines()
            if rule in (None, line.rule)
        )
