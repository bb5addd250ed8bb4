from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..guard import as_server, has_changes

# What the visitor attests.
ATTESTED_FIELDS = {"entry_id", "reason"}


class SalesRotaReturn(models.Model):
    """A turn given back, because the visitor was no customer (V12).

    The salesperson asks, the visitor attests it at reception, the director approves.
    """

    _name = "sales.rota.return"
    _inherit = ["sales.approval.mixin"]
    _description = "Turn Given Back"
    _order = "id desc"
    _check_company_auto = True

    entry_id = fields.Many2one(
        "sales.reception.entry",
        string="Visitor",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('routed_to_id', '=', uid), ('rota_line_id', '!=', False)]",
    )
    user_id = fields.Many2one(
        related="entry_id.routed_to_id",
        string="Salesperson",
        store=True,
        precompute=True,
        index=True,
    )
    reason = fields.Text(required=True)
    attested_by_id = fields.Many2one(
        "res.users",
        string="Attested Before",
        readonly=True,
        copy=False,
        ondelete="restrict",
        help="Before whom at reception the visitor attested that he is no customer.",
    )
    attested_at = fields.Datetime(readonly=True, copy=False)

    _check_reason = models.Constraint(
        "CHECK(trim(reason) != '')", "Say why the turn is to be given back. (V12)"
    )
    _entry_uniq = models.Constraint(
        "unique(entry_id)", "A turn is given back once at most."
    )

    @api.depends("entry_id", "user_id")
    def _compute_display_name(self):
        for document in self:
            document.display_name = " · ".join(
                filter(
                    None,
                    (document.entry_id.sudo().name, document.user_id.sudo().name),
                )
            )

    def write(self, vals):
        """Let what a visitor attested lapse with what he attested it about (V12)."""
        said = {name: vals[name] for name in ATTESTED_FIELDS & vals.keys()}
        lapsed = self.filtered(
            lambda document: document.attested_by_id and has_changes(document, said)
        )
        result = super().write(vals)
        if lapsed:
            # Nobody but reception notes an attestation; that it lapses follows.
            as_server(lapsed.sudo()).write(
                {"attested_by_id": False, "attested_at": False}
            )
        return result

    def _get_approval_detail(self):
        self.ensure_one()
        return self.reason

    def action_attest(self):
        """Note at reception that the visitor attests it (V12).

        :raise AccessError: for anyone but reception, and for who gains the turn
        """
        if not self.env.user.has_group("sales_visit.group_reception"):
            raise AccessError(
                self.env._("Only reception notes what a visitor attests. (V12)")
            )
        self.check_access("read")
        for document in self:
            if document.user_id == self.env.user:
                raise AccessError(
                    self.env._("Nobody attests for his or her own turn. (V12)")
                )
            document._check_approval_state("draft")
        # Reception may read what it attests, no more.
        as_server(self.sudo()).write(
            {"attested_by_id": self.env.uid, "attested_at": fields.Datetime.now()}
        )
        return True

    def action_request(self):
        """Ask the director for the turn back.

        :raise AccessError: for anyone but the salesperson whose turn it was
        :raise UserError: before the visitor has attested it, or when no turn was spent
        """
        for document in self:
            if document.user_id != self.env.user:
                raise AccessError(
                    self.env._(
                        "Only %(user)s can ask for the turn back.",
                        user=document.user_id.sudo().name,
                    )
                )
            if not document.entry_id.sudo().rota_line_id:
                raise UserError(
                    self.env._(
                        "%(visitor)s didn't come by the rota: no turn was spent. (V12)",
                        visitor=document.entry_id.sudo().name,
                    )
                )
            if not document.attested_by_id:
                raise UserError(
                    self.env._(
                        "The visitor attests at reception first that he is no customer. (V12)"
                    )
                )
        return super().action_request()

    def _get_approvers(self, requester=None):
        # The director decides, not the line manager.
        managers = self.env["res.users"]
        return {
            document: managers._get_company_managers(document.company_id)
            - (requester or document.requested_by_id)
            - document.user_id
            for document in self
        }

    def _after_approval(self):
        for document in self.sudo():  # the director decides, he isn't at reception
            document.entry_id.rota_line_id._count_turn(-1)
            as_server(document.entry_id).write({"state": "returned"})
