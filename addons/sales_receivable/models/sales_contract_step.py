from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..guard import as_server
from .sales_contract_signature import MARKS

KEEPERS = (
    "sales_receivable.group_legal",
    "sales_receivable.group_finance",
    "sales_receivable.group_company_manager",
)
# What a step starts from and where it leads.
STEPS = {
    "submit": (("draft", "submitted"), "submitted"),
    "approve": (("submitted",), "approved"),
    "reopen": (("submitted", "approved"), "draft"),
    "validate": (("approved",), "valid"),
    "perform": (("valid",), "performing"),
    "close": (("valid", "performing"), "closed"),
    "cancel": (("draft", "submitted", "approved", "valid", "performing"), "cancelled"),
}


class SalesContract(models.Model):
    """The steps of a contract (A09): the only way its status changes."""

    _name = "sales.contract"
    _inherit = "sales.contract"

    # --- application and approval -----------------------------------------------------

    def action_submit(self):
        """Freeze the terms and ask for every approval that is missing (A09).

        With none missing the contract is ready to be signed.

        :raise UserError: nothing to agree on, or nobody can approve
        """
        for contract in self:
            contract._start_step("submit")
            if contract.state == "draft":
                contract._end_step(
                    "submit",
                    **contract._freeze_terms(),
                    submitted_at=fields.Datetime.now(),
                    submitted_by_id=self.env.uid,
                )
            if contract._get_authority_errors():
                contract.action_authority_request()
            else:
                contract._approve()
        return True

    def _approve(self):
        """Go on to signing, once nothing stands against the frozen terms."""
        self._start_step("approve")
        if self.company_id.contract_number_at == "approval":
            self._draw_number()
        self._end_step("approve", approved_at=fields.Datetime.now())

    def _authority_closed(self, request):
        result = super()._authority_closed(request)
        if self.state == "submitted":
            if request.state == "approved" and not self._get_authority_errors():
                self._approve()
            elif request.state in ("refused", "withdrawn"):
                self._withdraw_authority()
                if self.state == "submitted":
                    self._reopen()
        return result

    def action_reopen(self):
        """Make an application of it again: withdraw what was asked, thaw the terms.

        :raise UserError: somebody has signed already
        """
        for contract in self:
            contract._start_step("reopen")
            contract._withdraw_authority()
            if contract.state != "draft":
                contract._reopen()
        return True

    def _reopen(self):
        self._end_step(
            "reopen",
            terms=False,
            terms_digest=False,
            submitted_at=False,
            submitted_by_id=False,
            approved_at=False,
        )

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

    def _get_step_reasons(self, step, reason=None):
        """Return ``{record.id: [why the step isn't possible now, in words]}``."""
        labels = dict(self._fields["state"]._description_selection(self.env))
        reasons = {contract.id: [] for contract in self}
        for contract in self:
            if contract.state not in STEPS[step][0]:
                reasons[contract.id].append(
                    self.env._(
                        "%(contract)s is: %(state)s.",
                        contract=contract.display_name,
                        state=labels[contract.state],
                    )
                )
            elif checker := getattr(contract, f"_get_{step}_reasons", None):
                reasons[contract.id] += checker(reason)
        return reasons

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
        if not (reason or "").strip():
            return [self.env._("Give a reason.")]
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

    # --- taking a step ----------------------------------------------------------------

    def _start_step(self, step, reason=None):
        """Check right and reasons, then take the row against everybody else."""
        self.ensure_one()
        self._check_recorder()
        if reasons := self._get_step_reasons(step, reason)[self.id]:
            raise UserError("\n".join(reasons))
        self._take_row(STEPS[step][0])

    def _take_row(self, states):
        self.flush_recordset()
        rows = self.env.execute_query(
            SQL(
                """UPDATE sales_contract SET write_date = NOW() AT TIME ZONE 'UTC'
                    WHERE id = %s AND state = ANY(%s) RETURNING id""",
                self.id,
                list(states),
            )
        )
        if not rows:
            raise UserError(self.env._("Somebody else was faster; reload the page."))

    def _end_step(self, step, reason=None, **values):
        as_server(self).write({"state": STEPS[step][1], **values})
        if reason:
            self.message_post(body=self.env._("Reason: %s", reason))
