from odoo import Command, fields, models

from ..guard import as_server

BELONGING_FIELDS = {"parent_id", "is_company", "child_ids", "commercial_partner_id"}


class ResPartner(models.Model):
    """The host's contact says whose customer somebody is who has no file, and which
    company somebody belongs to. Where the rule blocks, neither takes a customer from
    somebody else (V25); nowhere does it make a new customer of an old one (V01)."""

    _name = "res.partner"
    _inherit = ["res.partner"]

    # Out of everybody's reach: the server notes it.
    visit_former_company_id = fields.Many2one(
        "res.partner",
        string="Former Company",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        groups=fields.NO_ACCESS,
    )

    def write(self, vals):
        if not (BELONGING_FIELDS | {"user_id"}) & vals.keys():
            return super().write(vals)
        # The host puts contacts under a company as superuser.
        children = [
            child_id
            for command in vals.get("child_ids") or ()
            for child_id in (command[2] if command[0] == Command.SET else [command[1]])
        ]
        touched = self | self.browse(child for child in children if child).exists()
        # Hidden companies and users count; only names of owners leave, in a refusal.
        customers = {
            partner: partner.sudo().commercial_partner_id for partner in touched
        }
        owners = {} if self.env.su else touched._get_owners_by_company()
        result = super().write(vals)
        for company, before in owners.items():
            touched._check_not_taken(company, before)
        touched._follow_company(customers)
        return result

    def _get_owners_by_company(self):
        """Return ``{company: {partner: (customer, owner)}}``, under sudo, of the companies
        in which the rule blocks: to whom each belongs, and whose that customer is."""
        modes = self.env["sales.visit.rule.mode"]
        return {
            company: self._get_belonging(company)
            for company in modes._get_blocking_companies("V25")
        }

    def _get_belonging(self, company):
        customers = self.sudo().commercial_partner_id
        owners = self.env["sales.customer.file"]._get_owners(company, customers)
        nobody = self.env["res.users"].sudo()
        return {
            partner: (customer, owners.get(customer, nobody))
            for partner in self
            for customer in partner.sudo().commercial_partner_id
        }

    def _check_not_taken(self, company, before):
        """Refuse what took a customer, or somebody of his, from his owner (V25).

        :raise AccessError: unless the user manages that owner
        """
        after = self._get_belonging(company)
        self.env["sales.customer.file"]._check_manages(
            company,
            {
                customer: owner
                for partner, (customer, owner) in before.items()
                if owner and after[partner] != (customer, owner)
            },
        )

    def _follow_company(self, customers):
        """Note which company contacts have left, and let the visits of those who have
        joined one count as that company's (V01).

        :param dict customers: ``{partner: commercial partner}`` from before
        """
        joined = self.browse()
        for partner in self.sudo():
            before = customers[partner.with_env(self.env)]
            if partner.commercial_partner_id == before:
                continue
            if before == partner:
                joined |= partner
            else:
                partner.visit_former_company_id = before
        if not joined:
            return
        # Whoever keeps contacts need not see their visits.
        visits = self.env["sales.visit"].sudo()
        found = visits.search([("commercial_partner_id", "in", joined.ids)])
        for customer, own in found.grouped("commercial_partner_id").items():
            company = customer.commercial_partner_id
            as_server(own).write({"commercial_partner_id": company.id})
