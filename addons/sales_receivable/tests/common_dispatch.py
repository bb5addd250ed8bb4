from odoo.fields import Command

from .common import AuthorityCase, AuthorityMixinCase


class DispatchMixinCase(AuthorityMixinCase):
    """Goods in stock, a warehouse clerk, orders paid by a switch instead of the bank."""

    @classmethod
    def set_up_dispatch(cls):
        cls.warehouse = cls.new_user("warehouse", groups="stock.group_stock_user")
        cls.clerk = cls.new_user("clerk", groups="stock.group_stock_user")
        cls.customer.write({"phone": "0871 1234", "street": "1 Long Road"})
        cls.prefecture, cls.direct = (
            cls.env.ref(f"sales_receivable.sales_channel_{name}")
            for name in ("prefecture", "direct")
        )
        cls.prefecture.is_prepaid = True
        stores = cls.env["stock.warehouse"].search(
            [("company_id", "=", cls.company.id)], limit=1
        )
        cls.stock = stores.lot_stock_id
        cls.out_type = stores.out_type_id
        cls.to_customer = cls.env.ref("stock.stock_location_customers")
        cls.goods = cls.new_product("Shelf", 100.0, type="consu", is_storable=True)
        cls.env["stock.quant"]._update_available_quantity(cls.goods, cls.stock, 1000)
        cls.terms = cls.env["account.payment.term"].create(
            {
                "name": "30 % with signing, the rest later",
                "line_ids": [
                    Command.create(
                        {"value_amount": 30, "event": "signing", "nb_days": 3}
                    ),
                    Command.create(
                        {"value_amount": 70, "event": "delivery", "nb_days": 30}
                    ),
                ],
            }
        )

    @classmethod
    def new_delivery(cls, quantity=10, confirm=True, **values):
        """Confirm an order and return its delivery, as the warehouse sees it."""
        order = cls.new_order(
            product=cls.goods, price=100.0, quantity=quantity, **values
        )
        order.action_confirm()
        return order.sudo().picking_ids.with_user(cls.warehouse)

    @classmethod
    def new_manual_delivery(cls, quantity=1, **values):
        """Make a delivery without an order, as the warehouse can."""
        picking = (
            cls.env["stock.picking"]
            .with_user(cls.warehouse)
            .create(
                {
                    "partner_id": cls.customer.id,
                    "picking_type_id": cls.out_type.id,
                    "location_id": cls.stock.id,
                    "location_dest_id": cls.to_customer.id,
                    "move_ids": [
                        Command.create(
                            {
                                "product_id": cls.goods.id,
                                "product_uom_qty": quantity,
                                "location_id": cls.stock.id,
                                "location_dest_id": cls.to_customer.id,
                            }
                        )
                    ],
                    **values,
                }
            )
        )
        picking.action_confirm()
        picking.action_assign()
        return picking

    def pay(self, order, amount):
        """Let money be there: how it is found is tested with the collected share."""
        shares = {order.id: {"amount": amount, "share": amount / order.amount_total}}
        self.patch(
            type(self.env["sale.order"]),
            "_get_collected_share",
            lambda orders, *args, **kwargs: {
                i: shares.get(i, {"amount": 0.0, "share": 0.0}) for i in orders.ids
            },
        )

    def sign(self, slip):
        slip.with_user(self.warehouse).action_sign_warehouse()
        slip.with_user(self.clerk).action_sign_clerk()
        slip.with_user(self.salesperson).action_sign_handler()
        return slip

    def check(self, picking):
        picking.action_dispatch_check()
        return picking


class DispatchCase(DispatchMixinCase, AuthorityCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_dispatch()
