from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date


class SalesCrossConsent(models.Model):
    """A manager's consent that a salesperson visits a customer of somebody else, or
    follows a lead of his (V25).

    The managers of the customer's owner decide. It holds for that owner: when the
    customer is handed over, the new owner's managers are asked anew.
    """

    _name = "sales.cross.consent"
    _inherit = ["sales.approval.mixin"]
    _description = "Cross-Follow Consent"
    _order = "id desc"
    _check_company_auto = True

    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    commercial_partner_id = fields.Many2one(
        "res.partner",
        string="Customer's Company",
        compute="_compute_commercial_partner_id",
        store=True,
        precompute=True,
        index=True,
        ondelete="restrict",
        help="Whom the consent is about, whatever becomes of the contact.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Salesperson",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        default=lambda self: self.env.user,
        domain="[('share', '=', False), ('company_ids', '=', company_id)]",
    )
    owner_id = fields.Many2one(
        "res.users",
        compute="_compute_owner_id",
        store=True,
        precompute=True,
        index="btree_not_null",
        ondelete="restrict",
        help="Whose customer it is when the consent is asked for.",
    )
    reason = fields.Text(required=True)
    date_to = fields.Date(
        string="Valid Until", help="Last day of a visit; empty: without end."
    )

    _check_reason = models.Constraint(
        "CHECK(trim(reason) != '')", "Say what the consent is asked for. (V25)"
    )

    @api.depends("partner_id")
    def _compute_commercial_partner_id(self):
        for consent in self:
            consent.commercial_partner_id = consent.partner_id.commercial_partner_id

    @api.depends("company_id", "partner_id")
    def _compute_owner_id(self):
        files = self.env["sales.customer.file"]
        for company, consents in self.grouped("company_id").items():
            owners = files._get_owners(company, consents.commercial_partner_id)
            for consent in consents:
                consent.owner_id = owners.get(consent.commercial_partner_id)

    @api.depends("partner_id", "user_id")
    def _compute_display_name(self):
        for consent in self:
            consent.display_name = " · ".join(
                filter(
                    None,
                    (
                        consent.partner_id.sudo().display_name,
                        consent.user_id.sudo().name,
                    ),
                )
            )

    @api.depends("owner_id")
    def _compute_approver_ids(self):
        return super()._compute_approver_ids()

    def _get_approval_detail(self):
        self.ensure_one()
        if not self.date_to:
            return self.reason
        return self.env._(
            "%(reason)s (until %(day)s)",
            reason=self.reason,
            day=format_date(self.env, self.date_to),
        )

    def _get_approval_subject(self):
        return self.owner_id or super()._get_approval_subject()

    @api.model
    def _ask(self, partner, user, company, reason):
        """Return the action that opens a new request.

        :param partner: the customer, or a contact of his
        :param user: ``res.users`` who wants to deal with him
        :param str reason: what is proposed for one
        """
        return {
            "name": self.env._("Ask for Consent"),
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "view_mode": "form",
            "context": {
                "default_partner_id": partner.commercial_partner_id.id,
                "default_user_id": user.id,
                "default_company_id": company.id,
                "default_reason": reason,
            },
        }

    @api.model
    def _get_lacking(self, company, follows):
        """Return what somebody does with a customer of somebody else without a consent,
        for many at once.

        Managers of the owner, and of the company, need no consent; a customer whose
        owner has left is nobody's.

        :param company: ``res.company`` whose owners count
        :param follows: ``{record: (customer, salesperson, day)}``
        :return: ``{record: (owner under sudo, names of who can consent)}``
        """
        customers = self.env["res.partner"].union(*(f[0] for f in follows.values()))
        owners = self.env["sales.customer.file"]._get_owners(company, customers)
        others = {
            record: (customer, user, day)
            for record, (customer, user, day) in follows.items()
            if owners.get(customer, user) != user
        }
        if not others:
            return {}
        managers = self.env["res.users"].union(*owners.values())
        managers = managers._get_visit_managers(company)
        above = self.env["res.users"]._get_company_managers(company)
        consents = self._get_consents(company, others.values())
        lacking = {}
        for record, (customer, user, day) in others.items():
            owner = owners[customer]
            if user in managers[owner] | above or any(
                consent._covers(customer, user, owner, day) for consent in consents
            ):
                continue
            deciding = managers[owner] or above - owner
            names = ", ".join(deciding.sudo().mapped("name"))
            lacking[record] = (
                owner.sudo(),
                names or self.env._("A company manager"),
            )
        return lacking

    @api.model
    def _get_consents(self, company, follows):
        """Return the approved consents that may cover ``(customer, salesperson, day)``,
        under sudo."""
        customers = self.env["res.partner"].union(*(f[0] for f in follows))
        users = self.env["res.users"].union(*(f[1] for f in follows))
        # Whether somebody has the consent doesn't depend on who may see it.
        return self.sudo().search(
            Domain("company_id", "=", company.id)
            & Domain("approval_state", "=", "approved")
            & Domain("commercial_partner_id", "in", customers.ids)
            & Domain("user_id", "in", users.ids)
        )

    def _covers(self, customer, user, owner, day):
        """Tell whether this is a consent that ``user`` deals with a customer of ``owner``
        on a day."""
        self.ensure_one()
        return (
            self.owner_id == owner
            and self.user_id == user
            and self.commercial_partner_id == customer
            and (not self.date_to or self.date_to >= day)
        )
