from odoo import models
from odoo.exceptions import UserError

from ..guard import as_server
from .sales_contract_signature import MARKS

KEEPERS = (
    "sales_receivable.group_legal",
    "sales_receivable.group_finance",
    "sales_receivable.group_company_manager",
)


class SalesContract(models.Model):
    """The steps of a contract (A09): the only way its status changes."""

    _name = "sales.contract"
    _inherit = "sales.contract"

    _steps = {
        "submit": (("draft", "submitted"), "submitted"),
        "approve": (("submitted",), "approved"),
        "reopen": (("submitted", "approved"), "draft"),
        "validate": (("approved",), "valid"),
        "perform": (("valid",), "performing"),
        "close": (("valid", "performing"), "closed"),
        "cancel": (
            ("draft", "submitted", "approved", "valid", "performing"),
            "cancelled",
        ),
    }
    _frozen_fields = ("terms", "terms_digest")

    # --- application and approval -----------------------------------------------------

    def _prepare_submission(self):
        return super()._prepare_submission() | self._freeze_terms()

    def _prepare_approval(self):
        if self.company_id.contract_number_at == "approval":
            self._draw_number()
        return super()._prepare_approval()

    # --- validity, performance, end ---------------------------------------------------

    def action_validate(self):
        """Make a signed contract valid; its number is drawn last (A09).

        :raise UserError: with everything that is missing
        """
        for contract in self:
            contract._start_step("validate")
            contract._draw_number()
            contract._end_step(
                "validate", date_signed=max(contract.signature_ids.mapped("date"))
            )
            # Due dates follow the signing, whoever makes the contract valid.
            contract.sudo().order_ids._update_instalments()
            contract._send_copy()
        return True

    def _draw_number(self):
        """Draw the next number of the company, once; it is never given back.

        Two at once: the sequence's row decides, the host tries the later one again.
        """
        self.ensure_one()
        if self.number:
            return
        # Who may take the step needn't read sequences.
        sequence = self.env["ir.sequence"].sudo().with_company(self.company_id)
        number = sequence.next_by_code("sales.contract")
        if not number:
            raise UserError(self.env._("There is no sequence for contract numbers."))
        as_server(self).number = number

    def _send_copy(self):
        """Let the purchaser know, who reads the contract from now on (A09)."""
        if not self.purchaser_id:
            return
        # Whoever makes it valid may have no right on activities of others.
        self.sudo().activity_schedule(
            "sales_receivable.mail_activity_type_contract",
            date_deadline=self.company_id._get_business_date(),
            summary=self.env._("Copy of contract %s", self.number),
            user_id=self.purchaser_id.id,
        )

    def _start_performing(self):
        """Note that something was delivered or invoiced."""
        for contract in self.filtered(lambda c: c.state == "valid"):
            contract._end_step("perform")

    def action_close(self, reason=None):
        """Close what is delivered, invoiced and collected (A09).

        With something left, legal, finance or a company manager close with a reason.
        """
        for contract in self:
            contract._start_step("close", reason=reason)
            contract._end_step("close", reason=reason)
        return True

    def action_cancel(self, reason):
        """Cancel with a reason; the number, if drawn, is not used again (A09).

        What is valid is cancelled by legal, finance or a company manager.
        """
        for contract in self:
            contract._start_step("cancel", reason=reason)
            contract._withdraw_authority()
            contract._end_step("cancel", reason=reason)
        return True

    # --- what a step needs ------------------------------------------------------------

    def _get_submit_reasons(self, reason):
        # Only whether there is anything to agree on.
        if any(order._get_document_lines() for order in self.sudo().order_ids):
            return []
        return [self.env._("No order with lines: link a quotation to the contract.")]

    def _get_reopen_reasons(self, reason):
        if not self.signature_ids:
            return []
        return [self.env._("Somebody has signed: cancel the contract instead.")]

    def _get_validate_reasons(self, reason):
        given = {(mark.party, mark.kind) for mark in self.signature_ids}
        marks = self.env["sales.contract.signature"]
        missing = [
            self.env._("Missing: %s", marks._describe_mark(*mark))
            for mark in MARKS
            if mark not in given
        ]
        licences = self.env["customer.licence"]._get_missing(
            self.partner_id, self.company_id
        )
        return missing + [
            self.env._("Not on file or expired: %s", kind.name) for kind in licences
        ]

    def _get_close_reasons(self, reason):
        left = self._get_left_over()
        if not left:
            return []
        if not any(map(self.env.user.has_group, KEEPERS)):
            return [
                *left,
                self.env._("Legal, finance or a company manager can close it anyway."),
            ]
        if not (reason or "").strip():
            return [*left, self.env._("Give a reason to close it anyway.")]
        return []

    def _get_cancel_reasons(self, reason):
        if lacking := self._get_lack_of_reason(reason):
            return lacking
        if self.state in ("valid", "performing") and not any(
            map(self.env.user.has_group, KEEPERS)
        ):
            return [
                self.env._(
                    "A valid contract is cancelled by legal, finance or a company"
                    " manager."
                )
            ]
        return []
