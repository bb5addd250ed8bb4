from odoo import api, fields, models
from odoo.exceptions import UserError


class SalesHandoverWizard(models.TransientModel):
    """Hand customers over to another salesperson, with what is open about them (V25)."""

    _name = "sales.handover.wizard"
    _description = "Hand-over of Customers"

    file_ids = fields.Many2many(
        "sales.customer.file", string="Customers", required=True
    )
    company_id = fields.Many2one("res.company", compute="_compute_company_id")
    user_id = fields.Many2one(
        "res.users",
        string="New Owner",
        required=True,
        domain=lambda self: (
            f"[('all_group_ids', 'in', {self.env.ref('sales_visit.group_user').ids}), ('company_ids', '=', company_id)]"
        ),
    )
    reason = fields.Text(required=True)

    @api.depends("file_ids")
    def _compute_company_id(self):
        for wizard in self:
            wizard.company_id = wizard.file_ids.company_id[:1]

    def action_apply(self):
        """Hand the customers over.

        :raise UserError: without a reason
        :raise AccessError: for customers that the user may not hand over
        """
        self.ensure_one()
        if not (self.reason or "").strip():
            raise UserError(self.env._("Give a reason."))
        self.file_ids._hand_over(self.user_id, self.reason.strip())
        return True
