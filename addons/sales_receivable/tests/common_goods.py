from odoo.fields import Command

from .common import AuthorityCase


class GoodsCase(AuthorityCase):
    """Ten pumps in stock at a list price of 500 and a cost of 300, a warehouse clerk."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clerk = cls.new_user("clerk", groups="stock.group_stock_user")
        cls.pump = cls.new_product(
            "Pump", 500.0, type="consu", is_storable=True, standard_price=300.0
        )
        cls.warehouse = cls.env["stock.warehouse"].search(
            [("company_id", "=", cls.company.id)], limit=1
        )
        cls.stock = cls.warehouse.lot_stock_id
        cls.customers = cls.env.ref("stock.stock_location_customers")
        cls.fill(cls.pump, 10)

    @classmethod
    def fill(cls, product, quantity, lot=None):
        cls.env["stock.quant"]._update_available_quantity(
            product, cls.stock, quantity, lot_id=lot
        )

    @classmethod
    def new_slip(cls, model, quantity=1, product=None, user=None, **values):
        line = {"product_id": (product or cls.pump).id, "quantity": quantity}
        return (
            cls.env[model]
            .with_user(user or cls.salesperson)
            .create(
                {
                    "partner_id": cls.customer.id,
                    "reason": "To try it",
                    "line_ids": [Command.create(line)],
                    **values,
                }
            )
        )

    def count(self, product=None, place=None):
        return self.env["stock.quant"]._get_available_quantity(
            product or self.pump, place or self.stock
        )

    def transfer(self, source, destination, quantity=1, partner=None, **values):
        """Return a transfer of pumps that is ready to be validated."""
        kind = (
            self.warehouse.out_type_id
            if destination == self.customers
            else self.warehouse.int_type_id
        )
        picking = (
            self.env["stock.picking"]
            .with_user(self.clerk)
            .create(
                {
                    "picking_type_id": kind.id,
                    "partner_id": partner and partner.id,
                    "location_id": source.id,
                    "location_dest_id": destination.id,
                    "move_ids": [
                        Command.create(
                            {
                                "product_id": self.pump.id,
                                "product_uom_qty": quantity,
                                "location_id": source.id,
                                "location_dest_id": destination.id,
                                **values,
                            }
                        )
                    ],
                }
            )
        )
        picking.action_confirm()
        picking.move_ids.quantity = quantity
        picking.move_ids.picked = True
        return picking
