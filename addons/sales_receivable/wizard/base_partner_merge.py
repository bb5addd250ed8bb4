from odoo import models
from odoo.exceptions import AccessError


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        """Let only credit control join customers of whom one has a limit (R02).

        :raise AccessError: naming them
        """
        partners = self.env["res.partner"].browse(partner_ids) | (
            dst_partner or self.env["res.partner"]
        )
        companies = partners._get_debtor_companies("R02")
        # Whether they have limits is asked of everybody who merges, not how much.
        limited = partners.sudo().commercial_partner_id._filter_limited(companies)
        if limited and len(partners.sudo().commercial_partner_id) > 1:
            raise AccessError(
                self.env._(
                    "%s has a credit limit: merging is for credit control (R02).",
                    limited[:1].display_name,
                )
            )
        return super()._merge(partner_ids, dst_partner, extra_checks)
