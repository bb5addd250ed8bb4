from odoo import models

from ..authority import exceeds


class StockMove(models.Model):
    """Which goods leave to customers, whatever is written on their movement (A11, A13,
    A21, A25)."""

    _name = "stock.move"
    _inherit = "stock.move"

    def _is_leaving(self):
        """Tell whether any of the goods go to a customer; details may say other places
        than the movement. What is taken out for an order, or by a delivery, goes to a
        customer wherever it is said to come from and to go; so does what a transfer of
        any kind takes to a vendor it never came from."""
        self.ensure_one()
        is_sold = self._is_sold()
        return any(self._is_leaving_by(entry, is_sold) for entry in self._get_entries())

    def _is_leaving_by(self, entry, is_sold):
        """Tell whether goods leave by the movement itself, or by one of its details."""
        source, place = entry.location_id, entry.location_dest_id
        is_back = source._is_with_customers()
        if place._is_with_customers():
            return is_sold or not is_back
        if is_sold:
            return place._is_no_stock() and not (is_back and self._is_back())
        return (
            place.usage == "supplier"
            and source._is_stock()
            # Only where they came from is asked, whoever may read purchases.
            and not self.sudo()._is_back_to_vendor()
        )

    def _get_entries(self):
        return (self, *self.move_line_ids)

    def _is_sold(self):
        """Tell whether these goods are for an order, or on a delivery. Marks can be
        forged: what is called a scrap or a vendor's goods has to look like it."""
        self.ensure_one()
        if not (self.sale_line_id or self.picking_code == "outgoing"):
            return False
        # Only what it is is asked, whoever may read scraps and purchases.
        goods = self.sudo()
        return not (goods._is_scrapped() or goods._is_back_to_vendor())

    def _is_scrapped(self):
        """Tell whether these are the goods of a scrap, which go nowhere."""
        scrap = self.scrap_id
        if not scrap or self.sale_line_id:
            return False
        place = scrap.scrap_location_id
        is_part = "bom_line_id" in self._fields and self.bom_line_id
        return (
            place.usage == "inventory"
            and all(entry.location_dest_id == place for entry in self._get_entries())
            and (
                bool(is_part)
                or (
                    self.product_id == scrap.product_id
                    and not exceeds(
                        self._get_taken(scrap.product_uom_id), scrap.scrap_qty
                    )
                )
            )
        )

    def _is_back(self):
        """Tell whether these goods come back from a customer: what had left."""
        left = self.origin_returned_move_id
        return (
            left.state == "done"
            and left.product_id == self.product_id
            and left.location_dest_id._is_with_customers()
        )

    def _is_back_to_vendor(self):
        """Tell whether these goods go back to the vendor they came from, by their receipt
        or their purchase: to that vendor, and no more than came."""
        if any(e.location_dest_id.usage != "supplier" for e in self._get_entries()):
            return False
        bought = self.purchase_line_id
        if receipt := self.origin_returned_move_id:
            related = receipt | receipt.returned_move_ids
            vendor = receipt.picking_id.partner_id or receipt.partner_id
        else:
            related = bought.move_ids
            vendor = bought.order_id.partner_id
        related = related.filtered(
            lambda move: (
                move.product_id == self.product_id
                and move.state != "cancel"
                and (move.state == "done" or move.picking_id == self.picking_id)
            )
        )
        receipts = related.filtered(
            lambda move: move.state == "done" and move.location_id.usage == "supplier"
        )
        came = sum(move._get_quantity_taken() for move in receipts)
        went = sum(
            move._get_quantity_taken()
            for move in related - self
            if move.location_dest_id.usage == "supplier"
        )
        partner = self.picking_id.partner_id or self.partner_id
        return (
            partner.commercial_partner_id == vendor.commercial_partner_id
            # What was bought for an order goes back as that only.
            and self.sale_line_id <= receipts.sale_line_id
            and not exceeds(self._get_quantity_taken(), came - went)
        )
