from odoo import api, fields, models
from odoo.exceptions import ValidationError


class SaleOrder(models.Model):
    _name = "sale.order"
    _inherit = ["sale.order"]

    visit_id = fields.Many2one(
        "sales.visit",
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        check_company=True,
        groups="sales_visit.group_user",
        domain="[('commercial_partner_id', 'parent_of', partner_id)]",
        help="Visit at which the customer asked for it (V14).",
    )

    @api.constrains("visit_id", "partner_id")
    def _check_visit_id(self):
        # Whoever writes the order need not see the visit.
        for order in self.sudo().filtered("visit_id"):
            customer = order.visit_id.commercial_partner_id
            if order.partner_id.commercial_partner_id != customer:
                raise ValidationError(
                    self.env._(
                        "%(order)s comes from a visit at %(customer)s: it can't be for another customer. (V14)",
                        order=order.display_name,
                        customer=customer.display_name,
                    )
                )
