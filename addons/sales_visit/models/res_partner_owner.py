from odoo import Command, models

OWNER_FIELDS = {
    "user_id",
    "parent_id",
    "is_company",
    "child_ids",
    "commercial_partner_id",
}


class ResPartner(models.Model):
    """The host's contact says whose customer somebody is who has no file, and which
    company somebody belongs to: where the rule blocks, neither takes a customer from
    somebody else (V25)."""

    _name = "res.partner"
    _inherit = ["res.partner"]

    def write(self, vals):
        if self.env.su or not OWNER_FIELDS & vals.keys():
            return super().write(vals)
        modes = self.env["sales.visit.rule.mode"]
        # The host puts contacts under a company as superuser.
        children = [
            child_id
            for command in vals.get("child_ids") or ()
            for child_id in (command[2] if command[0] == Command.SET else [command[1]])
        ]
        touched = self | self.browse(child for child in children if child).exists()
        before = {
            company: touched._get_own_by(company)
            for company in modes._get_blocking_companies("V25")
        }
        result = super().write(vals)
        files = self.env["sales.customer.file"]
        for company, owners in before.items():
            after = touched._get_own_by(company)
            files._check_manages(
                company,
                {
                    partner.commercial_partner_id: owner
                    for partner, (customer, owner) in owners.items()
                    if after[partner] != (customer, owner) and owner
                },
            )
        return result

    def _get_own_by(self, company):
        """Return ``{partner: (customer, owner)}``, both under sudo: which customer each
        belongs to, and whose that one is."""
        # Hidden companies and users count; only the names of owners leave, in a refusal.
        customers = self.sudo().commercial_partner_id
        owners = self.env["sales.customer.file"]._get_owners(company, customers)
        nobody = self.env["res.users"].sudo()
        return {
            partner: (customer, owners.get(customer, nobody))
            for partner in self
            for customer in partner.sudo().commercial_partner_id
        }
