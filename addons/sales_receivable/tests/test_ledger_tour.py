from dateutil.relativedelta import relativedelta
from odoo import Command, fields
from odoo.tests import HttpCase, tagged

from .common_stock_age import StockAgeCommon


@tagged("post_install", "-at_install")
class TestLedgerTour(StockAgeCommon, HttpCase):
    """Finance's way through ageing, stock age and a month's deduction."""

    def test_finance_computes_a_month_in_the_browser(self):
        """R03, K03, K10: by clicking, from the app icon to the line that explains."""
        today = fields.Date.today()
        self.env["account.chart.template"].try_loading(
            "generic_coa", self.company, install_demo=False
        )
        customer = self.env["res.partner"].create({"name": "Tour Customer"})
        due = today - relativedelta(days=40)
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": customer.id,
                "invoice_date": due,
                "invoice_date_due": due,
                "invoice_payment_term_id": False,
                "invoice_line_ids": [
                    Command.create(
                        {"name": "goods", "price_unit": 250.0, "tax_ids": []}
                    )
                ],
            }
        )
        invoice.action_post()
        month_end = today.replace(day=1) - relativedelta(days=1)
        self._purchase(
            1000, 15.0, month_end - relativedelta(days=400), buyer=self.buyer
        )
        self._rate(1)
        self.start_tour("/odoo", "sales_receivable_ledger", login=self.finance.login)
        period = self.env["performance.period"].search(
            [("company_id", "=", self.company.id)]
        )
        self.assertEqual((period.state, period.date_end), ("computed", month_end))
        self.assertEqual(period.run_line_ids.amount, -150)

    def test_a_month_is_closed_in_the_browser(self):
        """K10, X07: finance computes and reviews, the person concerned agrees, the
        company manager approves, finance closes and verifies."""
        self.company.performance_answer_days = 3
        month_end = fields.Date.today().replace(day=1) - relativedelta(days=1)
        self._purchase(
            1000, 15.0, month_end - relativedelta(days=400), buyer=self.buyer
        )
        self._rate(1)
        period = self._period(month_end)
        for part, user in (
            ("review", self.finance),
            ("answer", self.buyer),
            ("approve", self.company_manager),
            ("close", self.finance),
        ):
            self.start_tour(
                "/odoo", f"sales_receivable_closing_{part}", login=user.login
            )
        self.assertEqual(period.state, "closed")
        self.assertEqual(period.entry_ids.amount, -150)
        self.assertEqual(period.statement_ids.answer, "acknowledged")
