from odoo import api, models


class SalesContract(models.Model):
    """Trials and technical agreements come before the contract (A05)."""

    _name = "sales.contract"
    _inherit = "sales.contract"

    @api.model
    def _get_reason_rules(self):
        return super()._get_reason_rules() | {"A05"}

    def _get_own_reasons(self):
        reasons = super()._get_own_reasons()
        for company, contracts in self.grouped("company_id").items():
            missing = self.env["product.trial"]._get_missing(
                company,
                {
                    contract: (
                        contract.partner_id,
                        contract.order_ids.order_line.product_id,
                    )
                    for contract in contracts
                },
            )
            for contract, own in missing.items():
                reasons.setdefault(contract.id, []).extend(own)
        return reasons

    def _get_submit_reasons(self, reason):
        return super()._get_submit_reasons(reason) + self._get_trial_reasons()

    def _get_validate_reasons(self, reason):
        return super()._get_validate_reasons(reason) + self._get_trial_reasons()

    def _get_trial_reasons(self):
        """Return rule, what is missing and who can help, where the rule blocks (A05)."""
        self.ensure_one()
        names = self._get_authority_rule_names(["A05"])
        return [
            self._describe_reason(names, reason)
            for reason in self._get_held_reasons()[self.id]
            if reason["rule"] == "A05" and reason["mode"] == "block"
        ]
