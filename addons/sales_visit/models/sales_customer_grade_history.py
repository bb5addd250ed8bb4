from odoo import api, fields, models


class SalesCustomerGradeHistory(models.Model):
    """Who changed a customer's grade when, from what to what and why (V17).

    Append-only: rows come from :meth:`sales.customer.file._log_grades` and stay.
    """

    _name = "sales.customer.grade.history"
    _inherit = ["sales.visit.append.only.mixin", "sales.visit.server.field.mixin"]
    _description = "Customer Grade History"
    _order = "date desc, id desc"
    _rec_name = "file_id"

    file_id = fields.Many2one(
        "sales.customer.file",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        related="file_id.company_id", store=True, index=True, precompute=True
    )
    partner_id = fields.Many2one(related="file_id.partner_id")
    date = fields.Datetime(required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users",
        string="Changed By",
        required=True,
        readonly=True,
        ondelete="restrict",
    )
    from_grade_id = fields.Many2one(
        "sales.customer.grade", string="From", readonly=True, ondelete="restrict"
    )
    to_grade_id = fields.Many2one(
        "sales.customer.grade", string="To", readonly=True, ondelete="restrict"
    )
    reason = fields.Text(required=True, readonly=True)

    @api.model
    def _get_append_only_message(self):
        return self.env._(
            "The history of grades is written by changing a grade, and by nothing else."
        )
