from odoo import api, models

MEASURE = "product_selection"


class AuthoritySelection(models.AbstractModel):
    """A document that brings products to somebody: the selection (选型) of some products
    is verified first (A05).

    A figure of 1 for the matrix, product by product: another product is asked about anew.
    """

    _name = "authority.selection"
    _description = "Document with Products to Be Selected"
    _inherit = ["authority.mixin"]

    def _get_selected_products(self):
        """Return the ``product.product`` that the document brings to somebody."""
        raise NotImplementedError

    def _get_authority_measures(self):
        return super()._get_authority_measures() | {MEASURE: "A05"}

    def _get_authority_facts(self):
        facts = super()._get_authority_facts()
        Rule = self.env["authority.rule"]
        document = self._get_authority_document()
        for company, records in self.grouped("company_id").items():
            on = company._get_business_date()
            if MEASURE not in Rule._get_controlled_measures(company.id, document, on):
                continue
            for record in records:
                for product in record._get_selected_products().sorted("id"):
                    if product.needs_selection:
                        self._add_authority_fact(
                            facts,
                            record,
                            {
                                "rule": "A05",
                                "measure": MEASURE,
                                "value": 1,
                                "key": f"product {product.id}",
                                "figures": {"product": product.display_name},
                            },
                        )
        return facts

    @api.model
    def _describe_authority_fact(self, fact):
        figures = fact.get("figures")
        if fact["measure"] == MEASURE and figures:
            return self.env._(
                "selection of “%s” to be verified and signed", figures["product"]
            )
        return super()._describe_authority_fact(fact)
