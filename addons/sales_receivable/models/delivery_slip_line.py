from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import float_compare

from ..guard import is_server

WHOLE = 100.0


class DeliverySlipLine(models.Model):
    """Goods on a delivery slip, with the codes captured on them (A13)."""

    _name = "delivery.slip.line"
    _description = "Goods on a Delivery Slip"
    _inherit = ["server.field.mixin", "finite.mixin"]
    _order = "slip_id, id"
    _rec_name = "description"
    _check_company_auto = True

    slip_id = fields.Many2one(
        "delivery.slip",
        readonly=True,
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    company_id = fields.Many2one(related="slip_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="slip_id.currency_id")
    move_id = fields.Many2one(
        "stock.move", readonly=True, index=True, ondelete="set null"
    )
    product_id = fields.Many2one(
        "product.product", required=True, readonly=True, ondelete="restrict"
    )
    description = fields.Char(readonly=True, required=True)
    lots = fields.Char(readonly=True, string="Lots/Serial Numbers")
    quantity = fields.Float(readonly=True, digits="Product Unit", required=True)
    uom_id = fields.Many2one(
        "uom.uom", string="Unit", required=True, readonly=True, ondelete="restrict"
    )
    price = fields.Float(
        readonly=True, string="Unit Price, with Tax", digits="Product Price"
    )
    amount = fields.Monetary(compute="_compute_amount", store=True)
    secondary_code = fields.Char(help="Our own code on the goods.")
    box_code = fields.Char(help="The codes of the boxes.")
    quantity_signed = fields.Float(
        string="Signed For",
        digits="Product Unit",
        help="What the customer signed for; less is what the driver brought back.",
    )
    quantity_back = fields.Float(
        string="Back in Stock",
        compute="_compute_quantity_back",
        compute_sudo=True,
        digits="Product Unit",
        help="What has been returned to the warehouse with the slip's returns.",
    )

    _check_quantities = models.Constraint(
        "CHECK(quantity >= 0 AND quantity_signed BETWEEN 0 AND quantity)",
        "Nobody signs for less than nothing, or more than was on the slip.",
    )

    @api.depends("quantity", "price")
    def _compute_amount(self):
        for line in self:
            amount = line.quantity * line.price
            line.amount = line.currency_id.round(amount) if line.currency_id else amount

    @api.depends("slip_id.return_ids.state")
    def _compute_quantity_back(self):
        for line in self:
            line.quantity_back = line._get_back()

    def _get_back(self):
        """Return what has come back into our own stock from outside, in the line's unit:
        a return that goes anywhere else brings nothing back (A14)."""
        self.ensure_one()
        moves = self.slip_id.return_ids.move_ids.filtered(
            lambda move: (
                move.state == "done"
                and move.origin_returned_move_id == self.move_id
                and move.product_id == self.product_id
            )
        )
        return sum(
            entry.product_uom_id._compute_quantity(entry.quantity, self.uom_id)
            for entry in moves.move_line_ids
            if entry.location_id._is_outside()
            and not entry.location_dest_id._is_outside()
        )

    @api.model
    def _prepare_from_move(self, slip, move):
        """Return the values of the line for what a movement takes along.

        :param move: under sudo
        """
        return {
            "slip_id": slip.id,
            "move_id": move.id,
            "product_id": move.product_id.id,
            "description": move.product_id.display_name,
            "lots": self._describe_lots(move),
            "quantity": self._get_taken_quantity(move),
            "quantity_signed": self._get_taken_quantity(move),
            "uom_id": move.product_uom.id,
            "price": self._get_ordered_price(move),
        }

    @api.model
    def _get_ordered_price(self, move):
        """Return what a unit of the movement costs, with tax, by the order that asks for
        these goods; nothing where none does.

        :param move: under sudo
        """
        ordered = move.sale_line_id
        if not (ordered.product_uom_qty and move._is_ordered()):
            return 0.0
        per_unit = ordered.price_total / ordered.product_uom_qty
        return ordered.product_uom_id._compute_price(per_unit, move.product_uom)

    @api.model
    def _get_taken(self, move):
        """Return the details of a movement that leave: what isn't picked while other
        details are stays here, as the host has it."""
        entries = move.move_line_ids.filtered("quantity")
        return entries.filtered("picked") or entries

    @api.model
    def _get_taken_quantity(self, move):
        """Return how much of a movement leaves, in its unit."""
        return sum(
            entry.product_uom_id._compute_quantity(entry.quantity, move.product_uom)
            for entry in self._get_taken(move)
        )

    @api.model
    def _describe_lots(self, move):
        """Return the lots and serial numbers that a movement takes along, as printed."""
        taken = self._get_taken(move)
        # What comes in has names first and lots once it is there.
        names = {line.lot_id.name or line.lot_name for line in taken}
        return ", ".join(sorted(filter(None, names)))

    def _get_difference(self):
        """Return what was neither signed for nor came back to the warehouse."""
        self.ensure_one()
        return self.uom_id.round(
            self.quantity - self.quantity_signed - self.quantity_back
        )

    def _get_unreturned(self):
        """Return what is neither signed for nor on its way back, in the line's unit."""
        self.ensure_one()
        # Returns are the warehouse's; here only the quantity counts.
        moves = self.sudo().slip_id.return_ids.move_ids.filtered(
            lambda move: (
                move.state != "cancel" and move.origin_returned_move_id == self.move_id
            )
        )
        coming = sum(
            move.product_uom._compute_quantity(
                move.quantity if move.state == "done" else move.product_uom_qty,
                self.uom_id,
            )
            for move in moves
        )
        return self.uom_id.round(self.quantity - self.quantity_signed - coming)

    def _needs_price(self):
        """Tell whether these goods are ordered, and not as a gift."""
        self.ensure_one()
        # As printed: who makes slips needn't read orders.
        move = self.sudo().move_id
        return move._is_ordered() and move.sale_line_id.discount < WHOLE

    def _has_ordered_price(self):
        """Tell whether the price is still the one that the order asks for (A13)."""
        self.ensure_one()
        digits = self.env["decimal.precision"].precision_get("Product Price")
        asked = self._get_ordered_price(self.sudo().move_id)
        return not float_compare(self.price, asked, precision_digits=digits)

    # --- guards -----------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not is_server(self):
            raise AccessError(
                self.env._("Goods are taken over from the delivery, not typed.")
            )
        return super().create(vals_list)

    def write(self, vals):
        """Of what is issued, only what the customer signed for is recorded."""
        if not is_server(self):
            if vals.keys() - {"quantity_signed"}:
                self.slip_id._check_is_draft()
            self.slip_id._check_is_open()
            if any(slip._is_cash_in() for slip in self.slip_id):
                raise UserError(
                    self.env._(
                        "The driver has handed in the cash for what was signed for: it"
                        " stays as it is."
                    )
                )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_with_drafts(self):
        self.slip_id._check_is_draft()
