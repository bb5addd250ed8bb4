from odoo import api, fields, models
from odoo.exceptions import UserError

from ..guard import as_server, is_server

RESULTS = [
    ("planned", "Planned"),
    ("done", "Done"),
    ("off_plan", "Off Plan"),
    ("skipped", "Skipped"),
]


class SalesPlanLine(models.Model):
    """A visit on a plan, as it was when approval was asked for, and what came of it (V03).

    Plans make their lines; people only say why a visit was skipped.
    """

    _name = "sales.plan.line"
    _inherit = ["sales.visit.server.field.mixin"]
    _description = "Line of a Sales Plan"
    _order = "plan_id, planned_start, id"
    _rec_name = "visit_id"

    plan_id = fields.Many2one(
        "sales.plan",
        string="Week Plan",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    visit_id = fields.Many2one(
        "sales.visit", required=True, readonly=True, index=True, ondelete="restrict"
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        readonly=True,
        ondelete="restrict",
    )
    planned_start = fields.Datetime(readonly=True)
    objective = fields.Char(readonly=True)
    result = fields.Selection(RESULTS, required=True, readonly=True)
    current_result = fields.Selection(
        RESULTS, string="What Came of It", compute="_compute_current_result"
    )
    visit_state = fields.Selection(related="visit_id.state", string="Visit Status")
    reason = fields.Text(help="Why the visit was skipped.")

    # What was asked for with one customer may take place off the plan with another.
    _visit_uniq = models.Constraint(
        "unique(plan_id, visit_id, result)", "A visit is on a plan once."
    )

    @api.depends(
        "result",
        "visit_id.state",
        "visit_id.visit_day",
        "visit_id.user_id",
        "visit_id.commercial_partner_id",
    )
    def _compute_current_result(self):
        for line in self:
            line.current_result = line._get_result()

    def write(self, vals):
        if not is_server(self):
            self._check_server_fields(vals.keys())
            self.plan_id._check_not_reported()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_with_draft(self):
        for line in self:
            if line.plan_id.approval_state != "draft":
                raise UserError(
                    self.env._(
                        "%(plan)s has been asked for and stays as it is.",
                        plan=line.plan_id.display_name,
                    )
                )

    @api.model
    def _add(self, visits_by_plan, result):
        """Create the lines of visits, with what the visits say now.

        :param visits_by_plan: ``{plan: visits}``
        :param str result: ``planned`` or ``off_plan``
        """
        # The plan's step has been checked; nobody creates lines by hand.
        as_server(self.sudo()).create(
            [
                {
                    "plan_id": plan.id,
                    "visit_id": visit.id,
                    "partner_id": visit.commercial_partner_id.id,
                    "planned_start": visit.planned_start or visit.actual_start,
                    "objective": visit.objective,
                    "result": result,
                }
                for plan, visits in visits_by_plan.items()
                for visit in visits
            ]
        )

    def _get_result(self):
        """Return how the visit stands: ``done`` when it began in the week, ``skipped``
        when it was cancelled, missed, begun in another week or became somebody else's,
        else ``planned``; as the report has frozen it, once it is in."""
        self.ensure_one()
        # Whoever sees the plan sees what came of it.
        visit = self.sudo().visit_id
        if self.plan_id.report_submitted_at or self.result == "off_plan":
            return self.result
        if not self._is_as_asked():
            return "skipped"
        if self.plan_id._has_in_week(visit):
            return "done"
        if visit.visit_day or visit.state in ("cancelled", "missed"):
            return "skipped"
        return "planned"

    def _is_as_asked(self):
        """Tell whether the visit still has the customer and the salesperson that approval
        was asked for with."""
        self.ensure_one()
        # Whoever sees the plan sees what came of it.
        visit = self.sudo().visit_id
        return (
            self.partner_id == visit.commercial_partner_id
            and self.plan_id.user_id == visit.user_id
        )

    def _get_reason(self):
        """Return why the visit was skipped: as said here, or when it was cancelled."""
        self.ensure_one()
        return (self.reason or self.sudo().visit_id.cancel_reason or "").strip()
