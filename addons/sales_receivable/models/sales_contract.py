from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..guard import is_server

STATES = [
    ("draft", "Application"),
    ("submitted", "In Approval"),
    ("approved", "To Sign"),
    ("valid", "Valid"),
    ("performing", "Performing"),
    ("closed", "Closed"),
    ("cancelled", "Cancelled"),
]
#: What was agreed: open in the application only.
AGREED_FIELDS = {
    "clause_ids",
    "company_id",
    "order_ids",
    "partner_id",
    "promised_value",
    "promises",
}


class SalesContract(models.Model):
    """A contract over one or more orders of a customer (A09).

    application → in approval → to sign → valid → performing → closed. With the
    application the terms of its orders, the promises and the clauses are frozen, with a
    digest: they, and not the orders of the day, are approved, printed and compared with.
    """

    _name = "sales.contract"
    _description = "Sales Contract"
    _inherit = [
        "step.mixin",
        "mail.thread",
        "mail.activity.mixin",
        "finite.mixin",
    ]
    _order = "id desc"
    _rec_names_search = ["number", "partner_id.name"]
    _check_company_auto = True

    number = fields.Char(
        readonly=True,
        copy=False,
        tracking=True,
        help="Drawn last, without gaps, never used again.",
    )
    state = fields.Selection(
        STATES,
        string="Status",
        required=True,
        readonly=True,
        default="draft",
        copy=False,
        tracking=True,
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.company,
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    user_id = fields.Many2one(
        "res.users",
        string="Salesperson",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        tracking=True,
    )
    team_id = fields.Many2one(
        "crm.team",
        string="Sales Team",
        index=True,
        check_company=True,
        compute="_compute_team_id",
        store=True,
        readonly=False,
    )
    purchaser_id = fields.Many2one(
        "res.users",
        index="btree_not_null",
        ondelete="restrict",
        domain="[('share', '=', False)]",
        compute="_compute_purchaser_id",
        store=True,
        readonly=False,
        help="Gets a copy as soon as the contract is valid.",
    )
    order_ids = fields.One2many("sale.order", "contract_id", string="Orders")
    currency_id = fields.Many2one(
        "res.currency", compute="_compute_amounts", store=True, ondelete="restrict"
    )
    amount_untaxed = fields.Monetary(compute="_compute_amounts", store=True)
    amount_total = fields.Monetary(
        string="Total", compute="_compute_amounts", store=True, tracking=True
    )
    promises = fields.Text(
        help="What the customer is promised besides the goods: training, service …"
        " What isn't written here isn't agreed.",
    )
    promised_value = fields.Monetary(
        help="What keeping the promises costs.", tracking=True
    )
    clause_ids = fields.Many2many(
        "sales.contract.clause",
        string="Clauses",
        default=lambda self: self.env["sales.contract.clause"].search(
            self.env["sales.contract.clause"]._check_company_domain(self.env.company)
        ),
        check_company=True,
    )
    terms = fields.Json(readonly=True, copy=False, groups="base.group_user")
    terms_digest = fields.Char(
        string="Digest",
        readonly=True,
        copy=False,
        help="SHA-256 over what was agreed: the same terms, the same digest.",
    )
    date_signed = fields.Date(
        string="Signed On",
        readonly=True,
        copy=False,
        help="Day of the last signature or stamp.",
    )
    signature_ids = fields.One2many(
        "sales.contract.signature", "contract_id", string="Signatures and Stamps"
    )
    blocking_reasons = fields.Text(
        string="Missing", compute="_compute_blocking_reasons"
    )

    _number_uniq = models.UniqueIndex(
        "(company_id, number) WHERE number IS NOT NULL",
        "A contract number is used once.",
    )

    # --- computes ---------------------------------------------------------------------

    @api.depends("number", "partner_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for contract in self:
            customer = contract.partner_id.name
            contract.display_name = contract.number or (
                self.env._("Contract with %s", customer)
                if customer
                else self.env._("New Contract")
            )

    @api.depends("user_id", "company_id")
    def _compute_team_id(self):
        for contract in self:
            team = contract.user_id.sale_team_id
            contract.team_id = (
                team
                if not team.company_id or team.company_id == contract.company_id
                else False
            )

    @api.depends("company_id")
    def _compute_purchaser_id(self):
        for contract in self:
            contract.purchaser_id = contract.company_id.contract_purchaser_id

    @api.depends(
        "terms",
        "company_id",
        "order_ids.currency_id",
        "order_ids.amount_untaxed",
        "order_ids.amount_total",
    )
    def _compute_amounts(self):
        for contract in self:
            orders = (contract.terms or {}).get("orders")
            if orders:
                contract.currency_id = contract.terms["currency_id"]
                contract.amount_untaxed = sum(o["amount_untaxed"] for o in orders)
                contract.amount_total = sum(o["amount_total"] for o in orders)
                continue
            contract.currency_id = (
                contract.order_ids[:1].currency_id or contract.company_id.currency_id
            )
            contract.amount_untaxed = sum(contract.order_ids.mapped("amount_untaxed"))
            contract.amount_total = sum(contract.order_ids.mapped("amount_total"))

    @api.depends(
        "state",
        "partner_id",
        "order_ids",
        "signature_ids.kind",
        "signature_ids.party",
    )
    @api.depends_context("uid", "lang")
    def _compute_blocking_reasons(self):
        following = {"draft": "submit", "approved": "validate"}
        reasons = defaultdict(list)
        for state, contracts in self.filtered("id").grouped("state").items():
            if step := following.get(state):
                reasons |= contracts._get_step_reasons(step)
        for contract in self:
            contract.blocking_reasons = "\n".join(reasons.get(contract.id, ()))

    # --- constraints ------------------------------------------------------------------

    @api.constrains("order_ids", "partner_id", "company_id")
    def _check_orders(self):
        """One customer, one company and one currency per contract."""
        # Only whether they belong together is said.
        for contract in self.sudo():
            orders = contract.order_ids
            customer = contract.partner_id.commercial_partner_id
            if (
                orders.partner_id.commercial_partner_id - customer
                or orders.company_id - contract.company_id
                or len(orders.currency_id) > 1
            ):
                raise ValidationError(
                    self.env._(
                        "The orders of a contract are of its customer and company, in"
                        " one currency."
                    )
                )

    @api.constrains("promised_value")
    def _check_promised_value(self):
        if any(contract.promised_value < 0 for contract in self):
            raise ValidationError(self.env._("Promises can't cost less than nothing."))

    # --- guards -----------------------------------------------------------------------

    def write(self, vals):
        if AGREED_FIELDS & vals.keys() and not is_server(self):
            self._check_is_application()
        if {"user_id", "team_id"} & vals.keys():
            self._check_hands_over()
        return super().write(vals)

    def _check_hands_over(self):
        """Let managers of the salesperson, and company managers, give a contract that
        was applied for to somebody else (A09)."""
        user = self.env.user
        if user._is_superuser() or user.has_group(
            "sales_receivable.group_company_manager"
        ):
            return
        for contract in self.filtered(lambda c: c.state != "draft").sudo():
            person = contract.user_id
            managers = (
                person.employee_ids.parent_id.user_id
                | person.crm_team_member_ids.crm_team_id.user_id
                | contract.team_id.user_id
            )
            if user not in managers - person:
                raise AccessError(
                    self.env._(
                        "%(contract)s is given to somebody else by a manager of"
                        " %(person)s.",
                        contract=contract.display_name,
                        person=person.name,
                    )
                )

    def _check_is_application(self):
        """Raise UserError where the terms are agreed already (A09).

        Cancelled contracts only let their orders go.
        """
        for contract in self.filtered(lambda c: c.state != "draft"):
            raise UserError(
                self.env._(
                    "%(contract)s is no longer an application: what was agreed stays"
                    " as it is. Withdraw it, or cancel it and make a new one.",
                    # Whose order names it may know its name.
                    contract=contract.sudo().display_name,
                )
            )

    @api.model
    def _get_server_fields(self):
        return super()._get_server_fields() | {"signature_ids"}

    @api.ondelete(at_uninstall=False)
    def _unlink_if_never_numbered(self):
        if any(contract.number or contract.state != "draft" for contract in self):
            raise UserError(
                self.env._(
                    "A contract stays on record once it was applied for: cancel it."
                )
            )

    def copy_data(self, default=None):
        """A copy is an application with no orders: an order has one contract."""
        default = {"order_ids": [], **(default or {})}
        return super().copy_data(default)

    # --- authority --------------------------------------------------------------------

    def _get_authority_party(self):
        """An approval is for this customer and exactly these terms."""
        # Empty while the application is open: it is asked with frozen terms only.
        return [self.partner_id.commercial_partner_id.id, self.terms_digest or ""]

    def _get_authority_people(self):
        # Whose orders they are decides, whoever may read them.
        sellers = self.sudo().order_ids.user_id
        return super()._get_authority_people() | self.user_id | sellers

    def _get_authority_involved(self):
        """What the orders ask for is what the contract says."""
        orders = self.sudo().order_ids
        return (
            super()
            ._get_authority_involved()
            .union(*(order._get_authority_involved() for order in orders))
        )

    def _get_authority_team(self):
        people = self._get_authority_people()
        team = self.team_id
        return team if people <= (team.member_ids | team.user_id) else team.browse()

    def _is_authority_settled(self):
        return self.state not in ("draft", "submitted")

    def _filter_authority_gated(self, action):
        contracts = super()._filter_authority_gated(action)
        return contracts.filtered(lambda c: not c._is_authority_settled())

    @api.model
    def _domain_authority_candidates(self):
        return super()._domain_authority_candidates() & fields.Domain(
            "state", "in", ("draft", "submitted")
        )

    def _get_authority_summary(self):
        return super()._get_authority_summary() | {
            contract.id: {
                "partner": contract.partner_id,
                "currency": contract.currency_id,
                "amount": contract.amount_untaxed,
                "cost": None,
            }
            for contract in self
        }
