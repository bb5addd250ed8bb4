from odoo import fields, models


class SalesCustomerHandover(models.Model):
    """One line of a customer's history of owners (V25). Read only: files append to it."""

    _name = "sales.customer.handover"
    _inherit = ["sales.visit.server.field.mixin"]
    _description = "Hand-over of a Customer"
    _order = "date desc, id desc"
    _rec_name = "to_user_id"

    file_id = fields.Many2one(
        "sales.customer.file",
        string="Customer",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="file_id.company_id", store=True)
    date = fields.Datetime(required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users", string="By", required=True, readonly=True, ondelete="restrict"
    )
    from_user_id = fields.Many2one(
        "res.users", string="From", readonly=True, ondelete="restrict"
    )
    to_user_id = fields.Many2one(
        "res.users", string="To", readonly=True, ondelete="restrict"
    )
    reason = fields.Text(readonly=True)
