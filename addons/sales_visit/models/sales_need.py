from odoo import api, fields, models
from odoo.exceptions import UserError

from ..guard import as_server, is_server

KINDS = [
    ("situation", "Situation"),
    ("problem", "Problem"),
    ("implication", "Implication"),
    ("payoff", "Need-payoff"),
    ("criterion", "Decision criterion"),
]


class SalesNeed(models.Model):
    """A need of a customer, or a criterion he decides by, confirmed in his own words and
    from then on as it is (V21)."""

    _name = "sales.need"
    _inherit = ["sales.visit.owned.mixin", "sales.visit.server.field.mixin"]
    _description = "Customer Need"
    _order = "commercial_partner_id, kind, id"
    _rec_name = "text"
    _check_company_auto = True

    lead_id = fields.Many2one(
        "crm.lead",
        compute="_compute_lead_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        ondelete="cascade",
        check_company=True,
    )
    visit_id = fields.Many2one(
        "sales.visit",
        string="Found At",
        index="btree_not_null",
        ondelete="cascade",
        check_company=True,
    )
    commercial_partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        compute="_compute_commercial_partner_id",
        store=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        compute="_compute_company_id",
        default=None,
        required=False,
        store=True,
        precompute=True,
    )
    kind = fields.Selection(KINDS, required=True, default="situation")
    text = fields.Char(string="Need", required=True)
    words = fields.Char(
        string="In the Customer's Words", help="How the customer confirmed it."
    )
    is_confirmed = fields.Boolean(string="Confirmed", readonly=True, copy=False)
    confirmed_on = fields.Date(readonly=True, copy=False)
    confirmed_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="restrict"
    )

    _check_origin = models.Constraint(
        "CHECK(lead_id IS NOT NULL OR visit_id IS NOT NULL)",
        "A need belongs to a lead or was found at a visit.",
    )

    @api.depends("visit_id")
    def _compute_lead_id(self):
        for need in self:
            need.lead_id = need.lead_id or need.visit_id.lead_id

    @api.depends("lead_id.partner_id", "visit_id.commercial_partner_id")
    def _compute_commercial_partner_id(self):
        for need in self:
            need.commercial_partner_id = (
                need.visit_id.commercial_partner_id
                or need.lead_id.partner_id.commercial_partner_id
            )

    @api.depends("lead_id", "visit_id")
    def _compute_company_id(self):
        for need in self:
            need.company_id = (
                need.visit_id.company_id or need.lead_id.company_id or self.env.company
            )

    @api.model_create_multi
    def create(self, vals_list):
        needs = super().create(vals_list)
        needs._check_origin_writable()
        return needs

    def write(self, vals):
        if not is_server(self):
            self._check_server_fields(vals.keys())
            self._check_unconfirmed()
            if {"lead_id", "visit_id", "kind", "text"} & vals.keys():
                self._check_visit_open()
        result = super().write(vals)
        if not is_server(self) and {"lead_id", "visit_id"} & vals.keys():
            self._check_origin_writable()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_only_unconfirmed(self):
        self._check_unconfirmed()
        self._check_visit_open()

    def action_confirm(self):
        """Note that the customer has confirmed the needs in his words, today (V21).

        :raise UserError: without his words, or when it has been confirmed
        """
        self._check_unconfirmed()
        for need in self:
            if not (need.words or "").strip():
                raise UserError(
                    self.env._(
                        "“%(need)s”: write down how the customer said it. (V21)",
                        need=need.text,
                    )
                )
        as_server(self).write(
            {
                "is_confirmed": True,
                "confirmed_on": fields.Date.context_today(self),
                "confirmed_by_id": self.env.uid,
            }
        )
        return True

    def _check_unconfirmed(self):
        for need in self.filtered("is_confirmed"):
            raise UserError(
                self.env._(
                    "“%(need)s” has been confirmed by the customer: it stays as it is. (V21)",
                    need=need.text,
                )
            )

    def _check_visit_open(self):
        """Refuse to change what was found once it has been reported (V10)."""
        # Whether the report is locked doesn't depend on who may see it.
        for visit in self.visit_id.sudo()._filter_locked():
            raise UserError(visit._get_locked_message())

    def _check_origin_writable(self):
        """Refuse needs in the lead or the report of somebody else, or a locked one."""
        self.lead_id.check_access("read")
        self.visit_id.check_access("write")
        self._check_visit_open()
