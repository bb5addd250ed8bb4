from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class CustomerLicence(models.Model):
    """A licence of a customer on file, with its document and expiry (A09)."""

    _name = "customer.licence"
    _description = "Licence of a Customer"
    _inherit = ["server.field.mixin", "mail.thread"]
    _order = "partner_id, kind_id, date_to desc, id desc"
    _check_company_auto = True

    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        tracking=True,
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.company,
    )
    kind_id = fields.Many2one(
        "customer.licence.kind",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        tracking=True,
    )
    number = fields.Char(tracking=True)
    date_to = fields.Date(
        string="Valid Until",
        tracking=True,
        help="Last day; empty = until further notice.",
    )
    document = fields.Binary(required=True, attachment=True)
    document_name = fields.Char(tracking=True)
    active = fields.Boolean(default=True)

    @api.depends("kind_id", "partner_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for licence in self:
            licence.display_name = (
                f"{licence.kind_id.name or ''} – {licence.partner_id.name or ''}"
            )

    def write(self, vals):
        """A licence proves one customer, for good: another one has another."""
        for name in ("partner_id", "company_id"):
            if name in vals and any(own[name].id != vals[name] for own in self):
                raise UserError(
                    self.env._(
                        "A licence stays with its customer: archive it, and file"
                        " another one for the other customer."
                    )
                )
        return super().write(vals)

    @api.model
    def _get_missing(self, partner, company):
        """Return the kinds needed for contracts that a customer has none of in force.

        :param partner: contact of the customer; its company's licences count
        """
        # Whether a licence is on file is said to everybody who makes a contract.
        kinds = self.env["customer.licence.kind"].sudo()
        needed = kinds.search(
            Domain("is_required", "=", True)
            & Domain("company_id", "in", [False, company.id])
        )
        today = company._get_business_date()
        present = self.sudo().search(
            Domain("partner_id", "child_of", partner.commercial_partner_id.id)
            & Domain("company_id", "=", company.id)
            & Domain("kind_id", "in", needed.ids)
            & (Domain("date_to", "=", False) | Domain("date_to", ">=", today))
        )
        return needed - present.kind_id
