from odoo import fields, models

from .tax_invoice import IN_HAND

ISSUERS = ("account.group_account_invoice", "sales_receivable.group_finance")


class TaxInvoice(models.Model):
    """The steps of a tax invoice (A12): the only way its status changes."""

    _name = "tax.invoice"
    _inherit = "tax.invoice"

    _steps = {
        "submit": (("draft", "submitted"), "submitted"),
        "approve": (("submitted",), "approved"),
        "reopen": (("submitted", "approved"), "draft"),
        "issue": (("approved",), "issued"),
        "hand_over": (("issued",), "handed"),
        "void": (("submitted", "approved", "issued", "handed"), "void"),
    }

    def action_issue(self):
        """Issue what is approved, once enough is collected (A12).

        :raise UserError: with what stands against it and who can help
        """
        for record in self:
            record._start_step("issue")
            # What was paid is read now: money may have been taken back since.
            record._check_authority("issue")
            record._end_step(
                "issue",
                date=record.date or record.company_id._get_business_date(),
                issued_by_id=self.env.uid,
            )
            # Whoever chases the paper, it is there now.
            record.sudo()._get_orders()._end_chasing()
        return True

    def action_hand_over(self):
        """Note that the customer has it, against a signed receipt (发票验收单).

        :raise UserError: without who received it, the day and the scan
        """
        for record in self:
            record._start_step("hand_over")
            record._end_step("hand_over")
        return True

    def action_void(self, reason):
        """Void it with a reason; its number is not used again (A12)."""
        for record in self:
            record._start_step("void", reason=reason)
            record._withdraw_authority()
            record._end_step(
                "void",
                reason=reason,
                void_reason=reason,
                voided_at=fields.Datetime.now(),
                voided_by_id=self.env.uid,
            )
        return True

    def _get_orders(self):
        """Return the orders that its invoices are for."""
        return self.line_ids.move_id.invoice_line_ids.sale_line_ids.order_id

    # --- what a step needs ------------------------------------------------------------

    def _get_submit_reasons(self, reason):
        return self._get_line_reasons()

    def _get_line_reasons(self):
        """Return what has become of its invoices since they were put on it."""
        # Credit notes and cancellations count, whoever may read them.
        moves = self.sudo().line_ids.move_id
        if not moves:
            return [self.env._("It has no invoices.")]
        return [
            self.env._("%s is not posted.", move.display_name)
            for move in moves
            if move.state != "posted"
        ] + moves._get_tax_overinvoiced()

    def _get_issue_reasons(self, reason):
        reasons = self._get_issuer_reasons() + self._get_line_reasons()
        if not self.number:
            reasons.append(self.env._("Enter the number of the tax invoice."))
        applied = self.company_id._get_business_date(self.submitted_at)
        # Without the rule, older papers are put on record with their own day.
        if (
            self.date
            and self.date < applied
            and "A12" in self._get_authority_modes()[self.id]
        ):
            reasons.append(self.env._("It is dated before it was applied for."))
        return reasons

    def _get_hand_over_reasons(self, reason):
        reasons = self._get_missing(("received_by", "received_on", "receipt"))
        if self.received_on and self.date and self.received_on < self.date:
            reasons.append(self.env._("It can't be received before it was issued."))
        return reasons

    def _get_void_reasons(self, reason):
        reasons = self._get_lack_of_reason(reason)
        if self.state in IN_HAND:
            reasons += self._get_issuer_reasons()
        return reasons

    def _get_issuer_reasons(self):
        if any(map(self.env.user.has_group, ISSUERS)):
            return []
        return [self.env._("Tax invoices are issued and voided by accounting.")]

    def action_open_void(self):
        """Open the dialog that asks for the reason."""
        return self._open_reason("void", self.env._("Void"))
