from odoo import api, fields, models

LEDGER_FIELDS = ("ordered", "delivered", "invoiced", "collected", "open_amount")


class SalesContract(models.Model):
    """How far a contract is performed, as the ledger says (合同台账, A09)."""

    _name = "sales.contract"
    _inherit = "sales.contract"

    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    order_count = fields.Integer(compute="_compute_order_count", compute_sudo=True)
    ordered = fields.Monetary(
        compute="_compute_ledger", currency_field="company_currency_id"
    )
    delivered = fields.Monetary(
        compute="_compute_ledger", currency_field="company_currency_id"
    )
    invoiced = fields.Monetary(
        compute="_compute_ledger", currency_field="company_currency_id"
    )
    collected = fields.Monetary(
        compute="_compute_ledger", currency_field="company_currency_id"
    )
    open_amount = fields.Monetary(
        string="Not Collected",
        compute="_compute_ledger",
        currency_field="company_currency_id",
    )

    @api.depends("order_ids")
    def _compute_order_count(self):
        for contract in self:
            contract.order_count = len(contract.order_ids)

    @api.depends("order_ids", "state")
    def _compute_ledger(self):
        # Who may read the contract may know how far it is; one query for all.
        rows = self.env["sales.contract.ledger"].sudo().browse(self.ids)
        rows.invalidate_recordset()  # the cache doesn't know what it is made of
        figures = {row["id"]: row for row in rows.read(LEDGER_FIELDS)}
        for contract in self:
            row = figures.get(contract.id, {})
            for name in LEDGER_FIELDS:
                contract[name] = row.get(name, 0.0)

    def _get_left_over(self):
        """Return in words what is still to be delivered, invoiced or collected."""
        self.ensure_one()
        currency = self.company_currency_id
        sentences = {
            self.env._("Not delivered: %s"): self.ordered - self.delivered,
            self.env._("Not invoiced: %s"): self.ordered - self.invoiced,
            self.env._("Not collected: %s"): self.open_amount,
        }
        format_named = self.env["sale.order"]._format_named
        return [
            sentence % format_named(amount, currency.name)
            for sentence, amount in sentences.items()
            if currency.compare_amounts(amount, 0.0) > 0
        ]

    def action_open_close(self):
        """Open the dialog that closes, with a reason where something is left."""
        return self._open_end("close", self.env._("Close"))

    def action_open_cancel(self):
        """Open the dialog that asks for the reason of a cancellation."""
        return self._open_end("cancel", self.env._("Cancel"))

    def _open_end(self, end, name):
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "sales.contract.end",
            "view_mode": "form",
            "target": "new",
            "context": {"default_contract_ids": self.ids, "default_end": end},
        }

    def action_open_sign(self):
        """Open the form that records a signature or stamp."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Signature or Stamp"),
            "res_model": "sales.contract.signature",
            "view_mode": "form",
            "target": "new",
            "context": {"default_contract_id": self.id},
        }

    def action_view_orders(self):
        """Open the orders of the contract."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "sale.order",
            "view_mode": "list,form",
            "domain": [("contract_id", "=", self.id)],
            "name": self.env._("Orders"),
            "context": {"create": False},
        }

    def action_view_ledger(self):
        """Open the contract's line of the ledger."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_receivable.sales_contract_ledger_action"
        )
        return action | {"domain": [("id", "in", self.ids)], "context": {}}
