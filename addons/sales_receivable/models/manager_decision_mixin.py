from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..guard import as_server, is_server

MANAGER = "sales_receivable.group_company_manager"


class ManagerDecisionMixin(models.AbstractModel):
    """Something proposed about a person that a company manager decides, once (K07).

    Neither the person concerned nor who proposed it decides, and never without a reason.
    What was proposed doesn't change any more, and nothing is deleted.
    """

    _name = "manager.decision.mixin"
    _description = "Decided by the Company Manager"
    _inherit = ["server.field.mixin"]

    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.company,
    )
    user_id = fields.Many2one(
        "res.users", string="Person", required=True, index=True, ondelete="restrict"
    )
    proposed_by_id = fields.Many2one(
        "res.users",
        readonly=True,
        required=True,
        ondelete="restrict",
        default=lambda self: self.env.uid,
    )
    state = fields.Selection(
        [("proposed", "Proposed"), ("approved", "Approved"), ("refused", "Refused")],
        required=True,
        readonly=True,
        default="proposed",
        copy=False,
    )
    reason = fields.Text(string="Reason for the Decision", copy=False)
    decided_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="restrict"
    )
    decided_at = fields.Datetime(readonly=True, copy=False)

    @api.model_create_multi
    def create(self, vals_list):
        if any(vals.get("reason") for vals in vals_list):
            raise UserError(self.env._("A decision is taken after the proposal."))
        return super().create(vals_list)

    def write(self, vals):
        if not is_server(self):
            self._check_decidable()
            if vals.keys() - {"reason"}:
                raise UserError(self.env._("What was proposed stays as it is."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("The log of proposals stays."))

    def action_approve(self):
        """Approve, with the reason noted.

        :raise AccessError: for anyone but company managers
        :raise UserError: one's own, without reason, or decided already
        """
        return self._decide("approved")

    def action_refuse(self):
        """Refuse, with the reason noted; raises as approving does."""
        return self._decide("refused")

    def _decide(self, state):
        self.check_access("write")
        self._check_decidable()
        for record in self:
            if not (record.reason or "").strip():
                raise UserError(self.env._("Give a reason."))
            record._take()
            as_server(record).write(
                {
                    "state": state,
                    "decided_by_id": self.env.uid,
                    "decided_at": fields.Datetime.now(),
                }
            )
        return True

    def _check_decidable(self):
        """Raise for who may not decide about these records, or not any more."""
        if not self.env.user.has_group(MANAGER):
            raise AccessError(self.env._("Company managers decide this."))
        for record in self:
            if self.env.user in record.user_id | record.proposed_by_id:
                raise UserError(
                    self.env._(
                        "%(record)s: who is concerned or proposed it doesn't decide.",
                        record=record.display_name,
                    )
                )
            if record.state != "proposed":
                raise UserError(
                    self.env._(
                        "%(record)s is decided already.", record=record.display_name
                    )
                )

    def _take(self):
        """Take the row against everybody else: of two decisions one counts."""
        self.flush_recordset()
        rows = self.env.execute_query(
            SQL(
                """UPDATE %s SET write_date = NOW() AT TIME ZONE 'UTC'
                    WHERE id = %s AND state = 'proposed' RETURNING id""",
                SQL.identifier(self._table),
                self.id,
            )
        )
        if not rows:
            raise UserError(self.env._("Somebody else was faster; reload the page."))
