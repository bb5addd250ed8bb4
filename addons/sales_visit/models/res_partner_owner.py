from odoo import Command, api, fields, models

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

    @api.model_create_multi
    def create(self, vals_list):
        return self._get_children(vals_list)._belong_anew(
            lambda: super(ResPartner, self).create(vals_list)
        )

    def write(self, vals):
        if "active" in vals and not vals["active"]:
            self._check_not_removed()
        if not (BELONGING_FIELDS | {"user_id"}) & vals.keys():
            return super().write(vals)
        return (self | self._get_children([vals]))._belong_anew(
            lambda: super(ResPartner, self).write(vals)
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_only_own_customers(self):
        self._check_not_removed()

    def _check_not_removed(self):
        """Refuse to remove customers of others (V25).

        :raise AccessError: unless the user manages their owners
        """
        for company, owned in self._get_owners_by_company().items():
            self.env["sales.customer.file"]._check_manages(
                company, {customer: owner for customer, owner in owned.values()}
            )

    @api.model
    def _get_children(self, vals_list):
        """Return the contacts that values put under a company: the host does that as
        superuser."""
        ids = set()
        for vals in vals_list:
            for command in vals.get("child_ids") or ():
                match command:
                    case (Command.SET, _, child_ids):
                        ids |= {*child_ids}
                    case (_, int(child_id), *_):
                        ids.add(child_id)
        return self.browse(child for child in ids if child).exists()

    def _belong_anew(self, change):
        """Let a change to these contacts happen, unless it takes them from somebody.

        :param change: what creates or writes, without arguments
        :return: what ``change`` returns
        :raise AccessError: where the rule blocks
        """
        if not self:
            return change()
        # Hidden companies and users count; only names of owners leave, in a refusal.
        customers = {partner: partner.sudo().commercial_partner_id for partner in self}
        owners = self._get_owners_by_company()
        result = change()
        for company, before in owners.items():
            self._check_not_taken(company, before)
        self._follow_company(customers)
        return result

    def _get_owners_by_company(self):
        """Return ``{company: {partner: (customer, owner)}}``, under sudo, of the companies
        in which the rule blocks: to whom each belongs, and whose that customer is.
        Nothing for who visits nobody: he takes no customer."""
        user = self.env.user
        if self.env.su or not user.has_group("sales_visit.group_user"):
            return {}
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
                if owner and after[partner][1] != owner
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
            elif not partner.visit_former_company_id:
                partner.visit_former_company_id = before
        if not joined:
            return
        # Whoever keeps contacts need not see their visits.
        visits = self.env["sales.visit"].sudo()
        found = visits.search([("commercial_partner_id", "in", joined.ids)])
        for customer, own in found.grouped("commercial_partner_id").items():
            company = customer.commercial_partner_id
            as_server(own).write({"commercial_partner_id": company.id})
