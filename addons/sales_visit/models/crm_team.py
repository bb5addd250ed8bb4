from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Domain


class CrmTeam(models.Model):
    """The host's assignment of leads, which goes past no owner and stops at none (V25)."""

    _name = "crm.team"
    _inherit = ["crm.team"]

    def _get_lead_to_assign_domain(self):
        """Leave leads of customers with an owner to people, where the rule blocks."""
        domain = Domain(super()._get_lead_to_assign_domain())
        found = self.env["crm.lead"].search(domain & Domain("partner_id", "!=", False))
        return domain & Domain("id", "not in", found._filter_owned().ids)

    def _allocate_leads_deduplicate(self, leads, duplicates_cache=None):
        """Leave duplicates apart that the rule keeps from being merged."""
        try:
            with self.env.cr.savepoint():
                return super()._allocate_leads_deduplicate(
                    leads, duplicates_cache=duplicates_cache
                )
        except UserError:
            alone = {lead: lead for lead in leads}
            return super()._allocate_leads_deduplicate(leads, duplicates_cache=alone)
