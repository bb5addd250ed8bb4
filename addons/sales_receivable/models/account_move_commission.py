from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class AccountMove(models.Model):
    """Who gets the commission of an invoice, frozen when it is posted (K02)."""

    _name = "account.move"
    _inherit = "account.move"

    commission_share_ids = fields.One2many(
        "commission.share",
        "move_id",
        string="Commission",
        copy=False,
        groups="base.group_user",
    )

    def _post(self, soft=True):
        self._check_commission_bills()
        posted = super()._post(soft)
        documents = posted.filtered(lambda m: m.is_sale_document(include_receipts=True))
        Plan = self.env["commission.plan"]
        if documents and Plan._is_in_use(documents.company_id):
            self.env["commission.share"]._freeze(SQL("%s", documents.ids))
        return posted

    def button_cancel(self):
        """Cancel; a bill of commission stays, since its form is handed over (K02)."""
        self._refuse_commission_bills()
        return super().button_cancel()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_commission_bill(self):
        self._refuse_commission_bills()

    def _get_commission_forms(self):
        """Return the forms that these are the bills of."""
        # Who works on bills needn't read commission; names and sums stay in here.
        forms = self.env["commission.statement"].sudo()
        bills = self.filtered(lambda move: move.move_type == "in_invoice")
        return forms.search([("bill_id", "in", bills.ids)]) if bills else forms

    def _check_commission_bills(self):
        """Refuse to post a bill that isn't what was approved (K02)."""
        for form in self._get_commission_forms():
            bill = form.bill_id
            currency = form.currency_id
            if (
                bill.currency_id != currency
                or bill.commercial_partner_id
                != form.beneficiary_id.partner_id.commercial_partner_id
                or currency.compare_amounts(bill.amount_total, form.payable_amount)
            ):
                raise UserError(
                    self.env._(
                        "%(bill)s isn't what was approved as commission (K02): put amount,"
                        " currency and vendor back to what the form says.",
                        bill=bill.display_name,
                    )
                )

    def _refuse_commission_bills(self):
        if forms := self._get_commission_forms():
            raise UserError(
                self.env._(
                    "%(bill)s pays an approved commission form (K02): it stays. Credit it"
                    " where it is wrong.",
                    bill=forms[0].bill_id.display_name,
                )
            )
