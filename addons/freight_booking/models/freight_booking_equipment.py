from odoo import api, fields, models

from .freight_guard_mixin import will_change

#: What the carrier confirmed: how many, of what, for which booking.
CONFIRMED_FIELDS = ("confirmed_quantity", "equipment_type_id", "booking_id")


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

    @api.model
    def _get_step_fields(self):
        return super()._get_step_fields() | {"confirmed_quantity"}

    @api.model_create_multi
    def create(self, vals_list):
        """Take what the carrier confirmed from operators only (F07)."""
        rows = super().create(vals_list)
        rows.filtered("confirmed_quantity")._check_confirmation_role()
        return rows

    def _check_confirmation_role(self):
        """Raise AccessError unless the user's role records shipping orders (F07)."""
        if self:
            self.booking_id._check_step_role("shipping_order")

    def write(self, vals):
        """Keep what the carrier confirmed, of what and for whom, to operators (F07)."""
        changed = self.filtered(
            lambda row: will_change(
                row,
                vals,
                CONFIRMED_FIELDS if row.confirmed_quantity else CONFIRMED_FIELDS[:1],
            )
        )
        changed._check_confirmation_role()
        bookings = self.booking_id
        result = super().write(vals)
        if {"confirmed_quantity", "equipment_type_id", "booking_id"} & vals.keys():
            (bookings | self.booking_id)._recheck_picked_up()
        return result

    def unlink(self):
        self.filtered("confirmed_quantity")._check_confirmation_role()
        bookings = self.booking_id
        result = super().unlink()
        bookings._recheck_picked_up()
        return result

    @api.depends("equipment_type_id", "quantity")
    def _compute_display_name(self):
        for row in self:
            row.display_name = f"{row.quantity} × {row.equipment_type_id.name or ''}"
