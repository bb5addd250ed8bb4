from odoo import api, models
from odoo.exceptions import AccessError

PRICE_LIST = "specific_property_product_pricelist"
#: Terms of a customer that rules go by: field → the rules.
KEPT_TERMS = {
    "sales_channel_id": ("A09", "A11", "A12", "A13", "A14", "A15"),
    PRICE_LIST: ("A03",),
}
#: By which they change: themselves, and by joining a company, which shares its own.
TOUCHING = {*KEPT_TERMS, "property_product_pricelist", "parent_id", "is_company"}
KEEPERS = (
    "sales_receivable.group_credit_control",
    "sales_receivable.group_company_manager",
    "sales_receivable.group_administrator",
    "sales_team.group_sale_manager",
)


class ResPartner(models.Model):
    """Which channel a customer belongs to and which price list it has is no word of who
    sells to it, where a rule that goes by them blocks (A03, A15)."""

    _name = "res.partner"
    _inherit = "res.partner"

    @api.model_create_multi
    def create(self, vals_list):
        partners = super().create(vals_list)
        for company in self._get_terms_companies()[PRICE_LIST]:
            for partner in partners.sudo().with_company(company):
                if partner[PRICE_LIST] and partner.commercial_partner_id == partner:
                    partner._refuse_terms(PRICE_LIST)
        return partners

    def write(self, vals):
        if TOUCHING.isdisjoint(vals):
            return super().write(vals)
        # Contacts are common to all companies, also to those one doesn't work in.
        before = [
            (partner, name, partner[name], partner.commercial_partner_id == partner)
            for name, companies in self._get_terms_companies().items()
            for company in companies
            for partner in self.sudo().with_company(company)
        ]
        result = super().write(vals)
        for partner, name, term, was_own in before:
            own = partner.commercial_partner_id == partner
            if name == PRICE_LIST and own and not was_own and partner[name]:
                # Who leaves a company takes no prices of it along.
                super(ResPartner, partner).write({name: False})
            elif partner[name] == term or (name == PRICE_LIST and not own):
                continue
            elif term or name == PRICE_LIST:
                partner._refuse_terms(name)
        return result

    @api.model
    def _get_terms_companies(self):
        """Return per term the companies in which the user mustn't change it."""
        Company = self.env["res.company"]
        user = self.env.user
        if user._is_superuser() or any(map(user.has_group, KEEPERS)):
            return dict.fromkeys(KEPT_TERMS, Company)
        Mode = self.env["business.rule.mode"]
        return {
            name: Mode._get_blocking_companies(*codes)
            for name, codes in KEPT_TERMS.items()
        }

    def _refuse_terms(self, name):
        raise AccessError(
            self.env._(
                "%(term)s of %(customer)s decides what its orders have to meet: it is"
                " changed by sales administrators, credit control or company managers.",
                term=self._fields[name]._description_string(self.env)
                if name != PRICE_LIST
                else self.env._("The price list"),
                customer=self.display_name,
            )
        )
