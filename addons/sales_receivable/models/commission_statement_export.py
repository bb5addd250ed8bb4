from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..tools.workbook import Column, Table, Workbook


class CommissionStatement(models.Model):
    """Commission forms as payables and as workbooks (K02, K11)."""

    _name = "commission.statement"
    _inherit = "commission.statement"

    def action_export(self):
        """Hand over approved forms of closed months, once: as vendor bills of the people
        or with one payroll file, as the company has it (K02).

        :raise UserError: what isn't approved, closed or payable, or a missing product
        """
        for form in self:
            form._start_step("export")
        bills = self.filtered(lambda f: f.company_id.commission_handover == "bill")
        for form in bills:
            form._end_step(
                "export",
                bill_id=form._make_bill().id,
                exported_at=fields.Datetime.now(),
            )
        rest = self - bills
        payrolls = self.env["commission.payroll"]
        for company, forms in rest.grouped("company_id").items():
            payroll = payrolls._make(company)
            payrolls |= payroll
            for form in forms:
                form._end_step(
                    "export", payroll_id=payroll.id, exported_at=fields.Datetime.now()
                )
        # Whoever hands over may have no right on others' activities.
        self.sudo().activity_unlink(["sales_receivable.mail_activity_type_commission"])
        if len(payrolls) == 1 and not bills:
            return payrolls.action_xlsx()
        return True

    def _make_bill(self):
        """Return the draft bill of what is payable to the person."""
        self.ensure_one()
        company = self.company_id
        product = company.commission_product_id
        if not product:
            raise UserError(
                self.env._(
                    "Set the product for commission of %s in the settings first.",
                    company.name,
                )
            )
        # Finance hands over what is approved, and needn't be an accountant for it.
        return (
            self.env["account.move"]
            .sudo()
            .with_company(company)
            .create(
                {
                    "move_type": "in_invoice",
                    "company_id": company.id,
                    "partner_id": self.beneficiary_id.partner_id.id,
                    "currency_id": company.currency_id.id,
                    "invoice_date": company._get_business_date(),
                    "ref": self.display_name,
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "product_id": product.id,
                                "name": self.display_name,
                                "quantity": 1.0,
                                "price_unit": self.payable_amount,
                                "tax_ids": [Command.clear()],
                            }
                        )
                    ],
                }
            )
        )

    # --- forms ------------------------------------------------------------------------

    def _get_notes(self):
        state = dict(self._fields["state"]._description_selection(self.env))[self.state]
        return [f"{self.company_id.name} · {self.currency_id.name}", state]

    def _get_totals(self):
        """Return label and amount of what makes up the payable amount."""
        names = ("commission_amount", "interest_amount", "amount", "carried_amount")
        return [
            (self._fields[name]._description_string(self.env), self[name])
            for name in (*names, "payable_amount")
        ]

    def _get_xlsx(self):
        self.ensure_one()
        book = Workbook(self.currency_id.decimal_places)
        lines = self._get_lines()
        rules = dict(lines._fields["rule"]._description_selection(self.env))
        columns = [
            Column(self.env._("Rule"), width=20),
            Column(self.env._("Source"), width=20),
            Column(self.env._("Concerns"), width=10),
            Column(self.env._("Explanation"), width=80),
            Column(self.env._("Amount"), "money", total=True),
        ]
        rows = (
            [
                rules[line.rule],
                line.source_name,
                line.slice,
                line.explanation,
                line.amount,
            ]
            for line in lines
        )
        table = Table(
            self.display_name, self._get_notes(), columns, rows, self.env._("Total")
        )
        book.write_table(self.env._("Lines"), table)
        columns = [
            Column(self.env._("Summary"), width=30),
            Column(self.env._("Amount"), "money"),
        ]
        rows = ([label, amount] for label, amount in self._get_totals())
        book.write_table(
            self.env._("Summary"),
            Table(self.display_name, self._get_notes(), columns, rows, ""),
        )
        return self.display_name, book.getvalue()
