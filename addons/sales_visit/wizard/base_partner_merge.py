from odoo import api, models


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
        for company_files in files.grouped("company_id").values():
            kept = company_files.filtered(lambda file: file.partner_id == dst_partner)
            company_files._merge_into(kept or company_files[:1])
        # Two proposals for what becomes one customer would break the rule of one.
        locations = self.env["sales.partner.location"].sudo()
        locations._merge_customers(src_partners | dst_partner)
        self.env.flush_all()
        return super()._update_foreign_keys(src_partners, dst_partner)
