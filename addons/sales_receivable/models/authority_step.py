from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..authority import ENGINE, ENGINE_KEY

KINDS = [
    ("asked", "Asked"),
    ("approved", "Approved"),
    ("refused", "Refused"),
    ("withdrawn", "Withdrawn"),
    ("superseded", "Superseded"),
    ("escalated", "Escalated"),
]


class AuthorityStep(models.Model):
    """Append-only log of what was asked and decided (A17).

    A step holds the facts and the versions of the limits it was taken on. It is written
    by the engine only and never changed or deleted, by nobody, also not under sudo.
    """

    _name = "authority.step"
    _description = "Approval Log"
    _inherit = ["authority.facts.mixin"]
    _order = "id desc"
    _rec_name = "res_name"

    request_id = fields.Many2one(
        "authority.request",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    res_id = fields.Many2oneReference(
        string="Document ID", model_field="res_model", required=True, readonly=True
    )
    res_name = fields.Char(string="Document", readonly=True)
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="restrict"
    )
    kind = fields.Selection(KINDS, required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users", string="By", required=True, readonly=True, ondelete="restrict"
    )
    approver_id = fields.Many2one(
        "res.users",
        string="Person Asked",
        readonly=True,
        ondelete="restrict",
        help="Somebody of the same level or a substitute may have decided instead.",
    )
    level_id = fields.Many2one("authority.level", readonly=True, ondelete="restrict")
    reviewer_id = fields.Many2one(
        "authority.reviewer", string="Function", readonly=True, ondelete="restrict"
    )
    reason = fields.Text(readonly=True)
    rules = fields.Json(string="Limits in Force", readonly=True)
    create_date = fields.Datetime(string="At")

    _document_idx = models.Index("(res_model, res_id)")

    def _get_request(self):
        return self.request_id

    @api.model_create_multi
    def create(self, vals_list):
        if self.env.context.get(ENGINE_KEY) is not ENGINE:
            raise AccessError(self.env._("Only approvals write the approval log."))
        return super().create(vals_list)

    def write(self, vals):  # pylint: disable=method-required-super  # never written
        raise AccessError(self.env._("The approval log can't be changed."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise AccessError(self.env._("The approval log can't be deleted."))
