from odoo import fields, models


class FreightQuoteEquipment(models.Model):
    """How many containers of which size and type a freight quote is for."""

    _name = "freight.quote.equipment"
    _description = "Equipment of a Freight Quote"
    _inherit = ["server.field.mixin"]
    _check_company_auto = True

    order_id = fields.Many2one(
        "sale.order", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="order_id.company_id", store=True, index=True)
    equipment_type_id = fields.Many2one(
        "freight.equipment.type",
        string="Size/Type",
        required=True,
        ondelete="restrict",
    )
    quantity = fields.Integer(required=True, default=1)

    _quantity_check = models.Constraint(
        "CHECK(quantity > 0)", "A quote asks for at least one container of a type."
    )
    _type_uniq = models.Constraint(
        "unique(order_id, equipment_type_id)",
        "A quote lists each size and type once.",
    )
