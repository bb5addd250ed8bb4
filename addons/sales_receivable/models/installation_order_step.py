from odoo import fields, models

from ..guard import as_server

#: Who calls off work that has begun, where it needs approval.
ENDERS = ("sales_team.group_sale_manager", "sales_receivable.group_company_manager")


class InstallationOrder(models.Model):
    """The steps of a work order (A24): the only way its status changes."""

    _name = "installation.order"
    _inherit = "installation.order"

    _steps = {
        "submit": (("draft", "submitted"), "submitted"),
        "approve": (("submitted",), "approved"),
        "reopen": (("submitted", "approved"), "draft"),
        "begin": (("approved",), "begun"),
        "finish": (("begun",), "done"),
        "rework": (("done",), "begun"),
        "accept": (("done",), "accepted"),
        "cancel": (("draft", "submitted", "approved", "begun"), "cancelled"),
    }

    def _draw_numbers(self):
        """Draw the numbers of new work orders, of their company."""
        # Who may make a work order needn't read sequences.
        sequence = self.env["ir.sequence"].sudo()
        for record in self:
            as_server(record).name = sequence.with_company(
                record.company_id
            ).next_by_code("installation.order")

    def action_begin(self):
        """Let the work begin: approved, with the first instalment there (A24).

        :raise UserError: with what stands against it and who can help
        """
        for record in self:
            record._start_step("begin")
            # The money is read now: it may have been taken back since the approval.
            record._check_authority("begin")
            record._end_step("begin", begun_at=fields.Datetime.now())
        return True

    def action_finish(self):
        """Note that the work is done and waits for the customer's acceptance."""
        for record in self:
            record._start_step("finish")
            record._end_step("finish", done_at=fields.Datetime.now())
        return True

    def action_rework(self):
        """Go on working at what the customer hasn't accepted."""
        for record in self:
            record._start_step("rework")
            defects = record.defects
            record._end_step(
                "rework",
                reason=defects,
                done_at=False,
                result=False,
                defects=False,
                accepted_on=False,
                accepted_by=False,
            )
        return True

    def action_accept(self):
        """Close the work with the acceptance report (验收报告) that is on it (A24)."""
        for record in self:
            record._start_step("accept")
            record._end_step("accept")
            # Whoever chases the paper, it is there now.
            record.sudo().order_id._end_chasing()
        return True

    def action_cancel(self, reason):
        """Cancel with a reason what isn't done yet."""
        for record in self:
            record._start_step("cancel", reason=reason)
            record._withdraw_authority()
            record._end_step("cancel", reason=reason)
        return True

    def action_open_cancel(self):
        """Open the dialog that asks for the reason."""
        return self._open_reason("cancel", self.env._("Cancel"))

    # --- what a step needs ------------------------------------------------------------

    def _get_submit_reasons(self, reason):
        return self._get_missing(("address_id", "planned_date", "line_ids"))

    def _get_begin_reasons(self, reason):
        reasons = self._get_missing(("worker_ids",))
        # Only whether it is confirmed is said.
        if self.sudo().order_id.state != "sale":
            reasons.append(self.env._("The order isn't confirmed."))
        return reasons

    def _get_accept_reasons(self, reason):
        reasons = self._get_missing(
            ("accepted_on", "accepted_by", "result", "acceptance")
        )
        begun = self.company_id._get_business_date(self.begun_at)
        if self.accepted_on and self.accepted_on < begun:
            reasons.append(self.env._("It can't be accepted before the work began."))
        if self.result == "failed":
            reasons.append(self.env._("The customer hasn't accepted it: rework it."))
        if self.result == "defects" and not (self.defects or "").strip():
            reasons.append(self.env._("Say which defects there are."))
        return reasons

    def _get_cancel_reasons(self, reason):
        reasons = self._get_lack_of_reason(reason)
        # What the customer refuses doesn't disappear.
        if (
            self.begun_at
            and "A24" in self._get_authority_modes()[self.id]
            and not any(map(self.env.user.has_group, ENDERS))
        ):
            reasons.append(
                self.env._("Work that has begun is called off by who directs sales.")
            )
        return reasons
