from odoo import api, fields, models


class InstallationOrderLine(models.Model):
    """What is to be done at the customer's (A24)."""

    _name = "installation.order.line"
    _description = "Works of an Installation"
    _inherit = ["finite.mixin", "server.field.mixin"]
    _order = "installation_id, sequence, id"

    installation_id = fields.Many2one(
        "installation.order", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="installation_id.company_id", store=True, index=True, precompute=True
    )
    sequence = fields.Integer(default=10)
    name = fields.Char(string="Work", required=True)
    quantity = fields.Float(default=1.0)
    note = fields.Char()

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.installation_id._check_locked({"line_ids"})
        return lines

    def write(self, vals):
        self.installation_id._check_locked({"line_ids"})
        result = super().write(vals)
        self.installation_id._check_locked({"line_ids"})
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_from_applications(self):
        self.installation_id._check_locked({"line_ids"})
