from odoo.addons.sale.controllers.portal import CustomerPortal
from odoo.exceptions import AccessError
from odoo.http import request


class ApprovedOrdersPortal(CustomerPortal):
    """Customers don't see, sign or pay a quotation that waits for approval (A16)."""

    def _document_check_access(self, model_name, document_id, access_token=None):
        document = super()._document_check_access(
            model_name, document_id, access_token=access_token
        )
        if (
            model_name == "sale.order"
            and request.env.user.share
            and document.authority_blocked
        ):
            raise AccessError(request.env._("This quotation isn't ready yet."))
        return document
