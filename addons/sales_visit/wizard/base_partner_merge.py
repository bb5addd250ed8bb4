from odoo import api, models
from odoo.exceptions import UserError


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        """Merge customer files first: the host would delete the one that breaks the rule
        of one file per company and customer, with its grade history."""
        # Whoever may merge contacts need not be allowed to see their files.
        files = (
            self.env["sales.customer.file"]
            .sudo()
            .search([("partner_id", "in", (src_partners | dst_partner).ids)])
        )
        head = dst_partner.sudo().commercial_partner_id
        if head != dst_partner and files:
            raise UserError(
                self.env._(
                    "%(customer)s has a customer file: merge it into %(company)s, not into one of its contacts.",
                    customer=files[0].partner_id.display_name,
                    company=head.display_name,
                )
            )
        by_company = files.grouped("company_id")
        # Where the rule blocks, who owns without a file counts as well.
        blocking = self.env["sales.visit.rule.mode"]._get_blocking_companies("V25")
        for company in blocking.union(*by_company):
            self._check_owners(
                company,
                by_company.get(company, files.browse()),
                src_partners,
                dst_partner,
            )
        if blocking and head == dst_partner:
            self._keep_salesperson(src_partners, dst_partner)
        for company_files in by_company.values():
            kept = company_files.filtered(lambda file: file.partner_id == dst_partner)
            company_files._merge_into(kept or company_files[:1])
        # Two proposals for what becomes one customer would break the rule of one.
        locations = self.env["sales.partner.location"].sudo()
        locations._merge_customers(src_partners | dst_partner)
        self.env.flush_all()
        return super()._update_foreign_keys(src_partners, dst_partner)

    def _check_owners(self, company, files, src_partners, dst_partner):
        """Refuse to make one customer out of customers of several salespeople, whose
        visits the one who is left would read (V25).

        :param files: files of the company under sudo
        :raise AccessError: unless the user manages the others
        """
        if self.env.su:
            return
        partners = src_partners | dst_partner
        model = self.env["sales.customer.file"]
        owners = model._get_owners(company, partners)
        nobody = self.env["res.users"].sudo()
        dealing = {
            partner: owners.get(partner.commercial_partner_id, nobody)
            for partner in partners
        }
        for partner, users in model._get_dealing(
            company, partners - files.partner_id
        ).items():
            # Without a file, whoever visits a customer, too.
            dealing[partner] |= users
        owning = self.env["res.users"].union(*dealing.values())
        # A contact of a company becomes that company's, whose ever it is.
        moved = dst_partner.commercial_partner_id != dst_partner
        if len(owning) > 1 or (moved and len(set(dealing.values())) > 1):
            model._check_manages(company, dealing)

    def _keep_salesperson(self, src_partners, dst_partner):
        """Leave a customer whose he is: the host drops the salesperson of those who are
        merged, and nobody's customer is anybody's to take (V25)."""
        # Only who it is, is taken over, whoever merges.
        salespeople = src_partners.sudo().user_id
        if len(salespeople) == 1 and not dst_partner.sudo().user_id:
            dst_partner.sudo().user_id = salespeople
