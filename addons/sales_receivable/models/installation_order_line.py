from odoo import api, fields, models
from odoo.exceptions import ValidationError


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
    order_line_id = fields.Many2one(
        "sale.order.line",
        string="Goods",
        index="btree_not_null",
        ondelete="set null",
        help="What of the order is installed: where it needs an installation, a tax"
        " invoice waits until as much as it is about is accepted.",
    )

    @api.constrains("order_line_id", "installation_id")
    def _check_order_line(self):
        for line in self.filtered("order_line_id"):
            if line.order_line_id.order_id != line.installation_id.order_id:
                raise ValidationError(
                    self.env._("“%s” isn't of the order.", line.name or "")
                )

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
