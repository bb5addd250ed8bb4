from odoo import api, fields, models

KINDS = [
    ("step", "Step Taken"),
    ("back", "Taken Back"),
    ("change", "Content Changed"),
]


class SalesProjectRevision(models.Model):
    """One line of a project's history: a step taken or taken back, or what the outline
    said from then on (V18).

    Append-only: rows come from :class:`SalesProjectOutline` and stay.
    """

    _name = "sales.project.revision"
    _inherit = ["sales.visit.append.only.mixin", "sales.visit.server.field.mixin"]
    _description = "Project Revision"
    _order = "id desc"
    _rec_name = "outline_id"

    outline_id = fields.Many2one(
        "sales.project.outline",
        string="Project",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        related="outline_id.company_id", store=True, index=True, precompute=True
    )
    date = fields.Datetime(required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users", string="By", required=True, readonly=True, ondelete="restrict"
    )
    kind = fields.Selection(KINDS, required=True, readonly=True)
    step_id = fields.Many2one(
        "sales.project.step", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    reason = fields.Text(readonly=True)
    quotations = fields.Json(
        readonly=True,
        help="What the sales head confirmed: a digest of each quotation, by its id.",
    )
    summary = fields.Text(readonly=True)
    works_progress = fields.Integer(string="Works (%)", readonly=True)
    payment_progress = fields.Integer(string="Payments (%)", readonly=True)

    @api.model
    def _get_append_only_message(self):
        return self.env._(
            "The revisions of a project are written by its steps, and by nothing else. (V18)"
        )
