from odoo import api, fields, models
from odoo.exceptions import UserError

from ..guard import as_server, is_server
from ..tools.workbook import Column, Table, Workbook


class CommissionPayroll(models.Model):
    """Commission forms handed over to payroll together; the file can be had again (K02)."""

    _name = "commission.payroll"
    _description = "Commission Payroll File"
    _inherit = ["sales.xlsx.mixin", "server.field.mixin"]
    _order = "id desc"
    _rec_name = "date"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="restrict"
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(required=True, readonly=True)
    user_id = fields.Many2one("res.users", string="Handed Over By", readonly=True)
    statement_ids = fields.One2many(
        "commission.statement", "payroll_id", string="Forms", readonly=True
    )
    amount = fields.Monetary(string="Total", compute="_compute_amount")

    @api.depends("statement_ids.payable_amount")
    def _compute_amount(self):
        for payroll in self:
            payroll.amount = sum(payroll.statement_ids.mapped("payable_amount"))

    @api.model
    def _get_server_fields(self):
        return super()._get_server_fields() | {"statement_ids"}

    @api.model_create_multi
    def create(self, vals_list):
        if not is_server(self):
            raise UserError(self.env._("Files are made by handing over forms."))
        return super().create(vals_list)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("What was handed over stays on record."))

    @api.model
    def _make(self, company):
        # Nobody has the right to make one by hand; the forms' step has checked it all.
        return (
            as_server(self.sudo())
            .create(
                {
                    "company_id": company.id,
                    "date": company._get_business_date(),
                    "user_id": self.env.uid,
                }
            )
            .sudo(False)
        )

    def _get_xlsx(self):
        self.ensure_one()
        book = Workbook(self.currency_id.decimal_places)
        columns = [
            Column(self.env._("Person")),
            Column(self.env._("Month"), width=18),
            Column(self.env._("Commission"), "money", total=True),
            Column(self.env._("Overdue Interest"), "money", total=True),
            Column(self.env._("Carried Forward"), "money", total=True),
            Column(self.env._("Payable"), "money", sum_of=3),
        ]
        rows = (
            [
                form.beneficiary_id.name,
                form.period_id.display_name,
                form.commission_amount,
                form.interest_amount,
                form.carried_amount,
                None,
            ]
            for form in self.statement_ids
        )
        name = self.env._("Commission for payroll %s", self.date)
        notes = [f"{self.company_id.name} · {self.currency_id.name}"]
        book.write_table(
            self.env._("Payroll"),
            Table(name, notes, columns, rows, self.env._("Total")),
        )
        return name, book.getvalue()
