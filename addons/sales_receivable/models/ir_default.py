from odoo import api, models


class IrDefault(models.Model):
    """Guards everybody's credit limit: what customers without one of their own have."""

    _name = "ir.default"
    _inherit = "ir.default"

    @api.model_create_multi
    def create(self, vals_list):
        before = self._get_default_credit_limits()
        defaults = super().create(vals_list)
        self._check_default_credit_limits(before)
        return defaults

    def write(self, vals):
        before = self._get_default_credit_limits()
        result = super().write(vals)
        self._check_default_credit_limits(before)
        return result

    def unlink(self):
        before = self._get_default_credit_limits()
        result = super().unlink()
        self._check_default_credit_limits(before)
        return result

    @api.model
    def _get_default_credit_limits(self):
        """Return the limit by default of each company where the user may not set it."""
        Partner = self.env["res.partner"]
        limit = Partner._fields.get("credit_limit")
        return {
            # Companies that the user doesn't see have defaults, too.
            company: limit.get_company_dependent_fallback(Partner.with_company(company))
            for company in self.env["res.company"].sudo().search([])
            if limit and not Partner._may_set_credit_limit(company)
        }

    @api.model
    def _check_default_credit_limits(self, before):
        if before and self._get_default_credit_limits() != before:
            self.env.registry.clear_cache()  # which has just read what is refused
            self.env["res.partner"]._refuse_credit_limit()
