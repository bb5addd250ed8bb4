from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..guard import is_server

ROLES = [
    ("warehouse", "Warehouse"),
    ("clerk", "Clerk"),
    ("handler", "Handler"),
    ("manager", "Manager"),
]
#: Who may sign in a role; a clerk or handler is any employee who keeps slips.
GROUPS = {
    "warehouse": ("stock.group_stock_user",),
    "manager": (
        "stock.group_stock_manager",
        "sales_team.group_sale_manager",
        "sales_receivable.group_company_manager",
    ),
}


class DeliverySlipSignature(models.Model):
    """Who signed a slip, in which role: each for themselves, all different (A13).

    Append-only; made by ``delivery.slip.action_sign_<role>`` and nothing else.
    """

    _name = "delivery.slip.signature"
    _description = "Signature on a Delivery Slip"
    _order = "id"
    _rec_name = "user_id"

    slip_id = fields.Many2one(
        "delivery.slip",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(related="slip_id.company_id", store=True, index=True)
    role = fields.Selection(ROLES, required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users",
        string="Signed By",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    signed_at = fields.Datetime(string="Signed On", required=True, readonly=True)

    _role_uniq = models.Constraint(
        "unique(slip_id, role)", "Somebody has signed in this role already."
    )
    _user_uniq = models.Constraint(
        "unique(slip_id, user_id)",
        "Each signature on a slip is of another person, and you have signed it already.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        if not is_server(self):
            raise AccessError(self.env._("A slip is signed by who presses the button."))
        return super().create(vals_list)

    def write(self, vals):  # pylint: disable=method-required-super  # never written
        raise AccessError(self.env._("Signatures can't be changed."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise AccessError(self.env._("Signatures stay on record."))
