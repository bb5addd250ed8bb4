from odoo import fields, models


class SalesContractEnd(models.TransientModel):
    """Asks for the reason of closing or cancelling contracts."""

    _name = "sales.contract.end"
    _description = "Close or Cancel Contracts"

    contract_ids = fields.Many2many("sales.contract", required=True, readonly=True)
    end = fields.Selection([("close", "Close"), ("cancel", "Cancel")], required=True)
    left_over = fields.Text(compute="_compute_left_over")
    reason = fields.Text()

    def _compute_left_over(self):
        for wizard in self:
            wizard.left_over = "\n".join(
                line
                for contract in wizard.contract_ids
                for line in contract._get_left_over()
            )

    def action_end(self):
        """Close or cancel with the reason given."""
        self.ensure_one()
        if self.end == "close":
            self.contract_ids.action_close(self.reason)
        else:
            self.contract_ids.action_cancel(self.reason)
        return {"type": "ir.actions.act_window_close"}
