from odoo import api, fields, models
from odoo.fields import Domain


class SalesCrossConsent(models.Model):
    """A manager's consent that a salesperson visits a customer of somebody else (V25).

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

    @api.depends("company_id", "partner_id")
    def _compute_owner_id(self):
        files = self.env["sales.customer.file"]
        for company, consents in self.grouped("company_id").items():
            file_by_partner = files._get_files(company, consents.partner_id)
            for consent in consents:
                file = file_by_partner.get(consent.partner_id.commercial_partner_id)
                consent.owner_id = file and file.user_id

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

    def _get_approval_subject(self):
        return self.owner_id or super()._get_approval_subject()

    @api.model
    def _get_consents(self, company, partners, users):
        """Return the approved consents of salespeople with customers, under sudo."""
        # Whether a visit has the consent doesn't depend on who may see it.
        return self.sudo().search(
            Domain("company_id", "=", company.id)
            & Domain("approval_state", "=", "approved")
            & Domain(
                "partner_id.commercial_partner_id",
                "in",
                partners.commercial_partner_id.ids,
            )
            & Domain("user_id", "in", users.ids)
        )
