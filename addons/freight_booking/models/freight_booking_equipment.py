from odoo import api, fields, models


class FreightBookingEquipment(models.Model):
    """Containers of one size and type: asked of the carrier, confirmed by it."""

    _name = "freight.booking.equipment"
    _description = "Equipment of a Booking"
    _inherit = ["server.field.mixin"]
    _check_company_auto = True

    booking_id = fields.Many2one(
        "freight.booking", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="booking_id.company_id", store=True, index=True, precompute=True
    )
    equipment_type_id = fields.Many2one(
        "freight.equipment.type",
        string="Size/Type",
        required=True,
        ondelete="restrict",
    )
    quantity = fields.Integer(string="Requested Quantity", required=True, default=1)
    confirmed_quantity = fields.Integer(
        copy=False,
        help="What the carrier's shipping order grants; no more may be picked up.",
    )

    _quantity_check = models.Constraint(
        "CHECK(quantity > 0 AND confirmed_quantity >= 0)",
        "Counts of containers are positive.",
    )
    _type_uniq = models.Constraint(
        "unique(booking_id, equipment_type_id)",
        "A booking lists each size and type once.",
    )

    def write(self, vals):
        bookings = self.booking_id
        result = super().write(vals)
        if {"confirmed_quantity", "equipment_type_id", "booking_id"} & vals.keys():
            (bookings | self.booking_id)._recheck_picked_up()
        return result

    def unlink(self):
        bookings = self.booking_id
        result = super().unlink()
        bookings._recheck_picked_up()
        return result

    @api.depends("equipment_type_id", "quantity")
    def _compute_display_name(self):
        for row in self:
            row.display_name = f"{row.quantity} × {row.equipment_type_id.name or ''}"
