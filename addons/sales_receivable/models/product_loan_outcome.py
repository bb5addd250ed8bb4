from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from ..guard import as_server


class ProductLoanOutcome(models.Model):
    """What became of lent goods: back, charged at the original price where somebody is
    to blame, or written off (A20). Recorded by the loan's steps, and never changed.

    ``beneficiary_id`` is the user whose performance a charged loss concerns.
    """

    _name = "product.loan.outcome"
    _description = "Outcome of a Product Loan"
    _inherit = ["server.field.mixin"]
    _order = "id desc"
    _rec_name = "line_id"

    line_id = fields.Many2one(
        "product.loan.line",
        string="Product",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    loan_id = fields.Many2one(
        related="line_id.slip_id", string="Loan", store=True, index=True
    )
    company_id = fields.Many2one(related="line_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(related="loan_id.partner_id", string="Customer")
    currency_id = fields.Many2one(related="company_id.currency_id")
    kind = fields.Selection(
        [
            ("returned", "Returned"),
            ("charged", "Lost or damaged, personal reasons"),
            ("written_off", "Lost or damaged, other reasons"),
        ],
        required=True,
        readonly=True,
    )
    state = fields.Selection(
        [("waiting", "In Approval"), ("done", "Done"), ("refused", "Refused")],
        string="Status",
        required=True,
        readonly=True,
        default="waiting",
    )
    quantity = fields.Float(required=True, readonly=True, digits="Product Unit")
    amount = fields.Monetary(
        string="Original Price",
        readonly=True,
        help="Of the lost goods, as frozen when the loan was applied for.",
    )
    reason = fields.Text(readonly=True)
    move_id = fields.Many2one(
        "stock.move", string="Movement", readonly=True, ondelete="restrict"
    )
    beneficiary_id = fields.Many2one(
        "res.users",
        string="Charged To",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    invoice_id = fields.Many2one(
        "account.move",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        groups="account.group_account_invoice,account.group_account_readonly",
    )
    settled_at = fields.Datetime(string="Settled On", readonly=True)
    settled_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("What became of a loan stays on record."))

    def _carry_out(self):
        """Move the goods, and charge them where somebody is to blame (A20)."""
        self.ensure_one()
        loan = self.loan_id
        company = loan.company_id
        product = self.line_id.product_id.with_company(company)
        place = (
            loan.warehouse_id.lot_stock_id
            if self.kind == "returned"
            else product.property_stock_inventory
        )
        move = self.line_id._move(self.quantity, company._get_loan_location(), place)
        values = {"state": "done", "move_id": move.id}
        if self.kind == "charged" and loan.partner_id:
            # Who records the loss needn't write invoices: a draft for accounting.
            invoices = self.env["account.move"].sudo().with_company(company)
            values["invoice_id"] = invoices.create(self._prepare_invoice()).id
        # Outcomes are written by the steps of a loan only, by whoever may take them.
        as_server(self.sudo()).write(values)
        loan._close_if_settled()

    def _prepare_invoice(self):
        loan = self.loan_id
        return {
            "move_type": "out_invoice",
            "partner_id": loan.partner_id.id,
            "company_id": loan.company_id.id,
            "currency_id": loan.currency_id.id,
            "invoice_user_id": loan.user_id.id,
            "invoice_origin": loan.name,
            "invoice_line_ids": [
                Command.create(
                    {
                        "product_id": self.line_id.product_id.id,
                        "quantity": self.quantity,
                        "price_unit": self.line_id.unit_value,
                    }
                )
            ],
        }

    def action_settle(self):
        """Record that a colleague has paid for the loss, or had it deducted (A20).

        :raise AccessError: by anybody but finance
        """
        if not self.env.user.has_group("sales_receivable.group_finance"):
            raise AccessError(self.env._("Finance settles what colleagues owe."))
        for outcome in self:
            if outcome.kind != "charged" or outcome.settled_at or outcome.partner_id:
                raise UserError(self.env._("There is nothing to settle."))
            # Outcomes are written by their steps only; finance was checked.
            as_server(outcome.sudo()).write(
                {"settled_at": fields.Datetime.now(), "settled_by_id": self.env.uid}
            )
        return True
