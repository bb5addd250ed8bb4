from odoo import fields, models


class AuthorityDecision(models.TransientModel):
    """Asks for the reason of a decision."""

    _name = "authority.decision"
    _description = "Decide on Approval Requests"

    request_ids = fields.Many2many("authority.request", required=True, readonly=True)
    decision = fields.Selection(
        [("approved", "Approve"), ("refused", "Refuse")], required=True
    )
    reason = fields.Text()

    def action_decide(self):
        """Approve or refuse the requests with the reason given.

        The right to read the documents may end with the decision: then the inbox is
        opened, since the document can't be shown any more.
        """
        self.ensure_one()
        if self.decision == "approved":
            self.request_ids.action_approve(self.reason)
        else:
            self.request_ids.action_refuse(self.reason)
        # Only where to go next is read from the requests just decided.
        for model, requests in self.request_ids.sudo().grouped("res_model").items():
            documents = self.env[model].browse(requests.mapped("res_id"))
            if not documents.has_access("read"):
                inbox = "sales_receivable.authority_request_action_inbox"
                action = self.env["ir.actions.act_window"]._for_xml_id(inbox)
                return action | {"target": "main"}
        return {"type": "ir.actions.act_window_close"}
