from odoo.addons.sale.controllers.portal import CustomerPortal
from odoo.exceptions import AccessError
from odoo.http import request


class ProjectQuotationPortal(CustomerPortal):
    """Customers don't see a quotation that isn't for them yet (V18)."""

    def _document_check_access(self, model_name, document_id, access_token=None):
        document = super()._document_check_access(
            model_name, document_id, access_token=access_token
        )
        if (
            model_name == "sale.order"
            and request.env.user.share
            and document._filter_project_blocked()
        ):
            raise AccessError(request.env._("This quotation isn't ready yet."))
        return document
