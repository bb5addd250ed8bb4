from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import AuthorityCase


@tagged("post_install", "-at_install")
class TestOrderBudget(AuthorityCase):
    """Cost budget before, actual cost after, margin of orders (A19), and its measure."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.goods = cls.new_product(
            "Lamp", 100.0, type="consu", is_storable=True, standard_price=60.0
        )
        kinds = cls.env["sale.budget.kind"].search([])
        cls.goods_kind = kinds.filtered(lambda kind: kind.code == "goods")
        cls.freight = cls.env.ref("sales_receivable.sale_budget_kind_freight")
        cls.accountant = cls.new_user(
            "accountant", groups="account.group_account_manager"
        )
        cls.warehouse = cls.env["stock.warehouse"].search(
            [("company_id", "=", cls.company.id)], limit=1
        )

    def order(self, price=100.0, quantity=10, **values):
        return self.new_order(
            product=self.goods, price=price, quantity=quantity, **values
        )

    def budget(self, order, amount, kind=None, user=None):
        return (
            self.env["sale.order.budget"]
            .with_user(user or self.project_manager)
            .create(
                {
                    "order_id": order.id,
                    "kind_id": (kind or self.freight).id,
                    "estimated": amount,
                }
            )
        )

    # --- measure ----------------------------------------------------------------------

    def test_margin_is_measured_on_our_own_cost(self):
        """A01: cost in % of the price, discounts and other costs included; a new cost
        after the approval asks nobody again, a lower price does"""
        self.order(price=1.0).action_confirm()  # no limit, no rule
        self.set_mode("A01", "block")
        self.new_limit("cost_share", "salesperson", 70.0)
        self.new_limit("cost_share", "vice_president", 100.0)
        self.assertFalse(self.order().authority_blocked)  # 60 %
        order = self.order(price=80.0)  # 75 %
        for attempt in (
            order.action_confirm,
            order.action_quotation_send,
            lambda: order.write({"state": "sent"}),
            lambda: order.copy().action_confirm(),
        ):
            with self.assert_refused("A01 .*margin.*vice president"):
                attempt()
        fact = order.sudo()._get_authority_facts()[order.id][-1]
        self.assertEqual((fact["measure"], fact["value"]), ("cost_share", 75.0))
        # Figures of cost are not for the salesperson, nor for credit control.
        self.assertIn("the margin is too small", str(order.authority_banner))
        self.assertNotIn("600", str(order.authority_banner))
        control = self.new_user(
            "control", groups=f"sales_receivable.group_credit_control,{self.all_leads}"
        )
        seen = order.with_user(control).authority_banner
        self.assertNotIn("600", str(seen))
        self.assertIn(
            "600", str(order.with_user(self.project_manager).authority_banner)
        )
        request = self.ask(order)
        self.assertNotIn("600", request.with_user(self.salesperson).sentence)
        self.assertIn("600", request.with_user(self.vice_president).sentence)
        request.with_user(self.vice_president).action_approve()
        self.goods.standard_price = 79.0
        self.assertFalse(order.authority_blocked)
        self.budget(order, 50.0)
        self.assertTrue(order.authority_blocked)
        order.sudo().budget_ids.unlink()
        self.assertFalse(order.authority_blocked)
        order.order_line.price_unit = 79.0
        with self.assert_refused("A01"):
            order.action_confirm()

    all_leads = "sales_team.group_sale_salesman_all_leads"

    def test_margin_of_what_has_no_cost_or_price(self):
        """A01: goods without cost count at their price, services at nothing; what is
        given away is beyond all limits but the highest level's; returns earn nothing"""
        self.new_limit("cost_share", "vice_president", 90.0)

        def share(*lines, **values):
            order = self.order(
                order_line=[
                    Command.create(
                        {
                            "product_id": product.id,
                            "product_uom_qty": quantity,
                            "price_unit": price,
                        }
                    )
                    for product, quantity, price in lines
                ],
                **values,
            )
            facts = order.sudo()._get_authority_facts().get(order.id, ())
            return [
                round(fact["value"], 2)
                for fact in facts
                if fact["measure"] == "cost_share"
            ]

        unknown = self.new_product("Unknown", 10.0, type="consu")
        service = self.new_product("Advice", 10.0, type="service")
        self.assertEqual(share((unknown, 1, 100.0)), [100.0])
        self.assertEqual(share((unknown, 1, 100.0), (self.goods, 1, 100.0)), [80.0])
        self.assertEqual(share((service, 1, 100.0)), [])
        self.assertEqual(share((self.goods, 1, 0.0)), [1e9])
        self.assertEqual(share((self.goods, 2, 100.0), (service, 1, -50.0)), [80.0])
        self.assertEqual(share((self.goods, 2, 100.0), (self.goods, -1, 0.0)), [60.0])
        euro = self.env["res.currency"].create({"name": "XQX", "symbol": "X"})
        pricelist = self.env["product.pricelist"].create(
            {"name": "Unrated", "currency_id": euro.id}
        )
        self.assertEqual(
            share((self.goods, 1, 100.0), pricelist_id=pricelist.id), [float("inf")]
        )

    def test_retention_money_costs(self):
        """A10: what waiting for it costs is in the price, as a cost of the order"""
        self.company.retention_cost_percent = 12.0
        term = self.env["account.payment.term"].create(
            {
                "name": "95 + 5 after a year",
                "line_ids": [
                    Command.create({"value_amount": 95.0, "nb_days": 0}),
                    Command.create(
                        {
                            "value_amount": 5.0,
                            "event": "delivery",
                            "event_months": 12,
                            "nb_days": 0,
                        }
                    ),
                ],
            }
        )
        order = self.order(payment_term_id=term.id)
        figure = order.sudo()._get_cost_figures()[order.sudo()]
        self.assertAlmostEqual(figure["retention"], 6.0)
        self.assertEqual(figure["goods"], 600.0)

    # --- budget -----------------------------------------------------------------------

    def test_order_needs_a_budget(self):
        """A19: from the amount on, before it is confirmed, by no way round; older
        orders are spared"""
        self.company.budget_amount_from = 500.0
        self.order().action_confirm()  # the rule is off
        self.set_mode("A19", "block")
        small, order = self.order(quantity=4), self.order()
        small.action_confirm()
        self.assertFalse(order.authority_blocked, "it may be quoted")
        for attempt in (
            order.action_confirm,
            lambda: order.write({"state": "sale"}),
            lambda: order.with_context(budget_ids=1).action_confirm(),
            lambda: order.copy().action_confirm(),
            lambda: self.order(state="sale"),
        ):
            with self.assert_refused("A19 .*no cost budget"):
                attempt()
        self.assertFalse(order._has_to_be_signed())
        order.with_user(self.project_manager).action_view_budget()
        self.assertEqual(order.sudo().budget_ids.mapped("is_automatic"), [True, True])
        for nothing in (None, 0.0):
            if nothing is not None:
                self.budget(order, nothing).note = " "
            with self.assert_refused("no cost budget"):
                order.action_confirm()
        order.sudo().budget_ids.filtered(
            lambda row: not row.is_automatic
        ).note = "Collected by the customer"
        order.action_confirm()

    def test_budget_is_frozen_and_compared(self):
        """A19: with the cost of the confirmation; actual from deliveries, bills and
        entries; margin before, after and difference"""
        order = self.order()
        row = self.budget(order, 50.0)
        with self.assertRaises(AccessError):  # the system estimates goods
            self.budget(order, 1.0, kind=self.goods_kind)
        with self.assertRaises(AccessError):
            row.order_id = self.order()
        manager = order.with_user(self.project_manager)
        self.assertEqual(manager.cost_before, 650.0)
        self.goods.standard_price = 61.0
        order.action_confirm()
        self.assertEqual(order.order_line.sudo().frozen_cost, 61.0)
        self.goods.standard_price = 70.0
        self.env.invalidate_all()
        self.assertEqual(
            (manager.revenue_before, manager.cost_before, manager.margin_before),
            (1000.0, 660.0, 340.0),
        )
        for attempt in (
            lambda: setattr(row, "estimated", 1.0),
            row.unlink,
            lambda: self.budget(order, 9.0, kind=self.freight.copy()),
        ):
            with self.assert_refused("is frozen"):
                attempt()
        for name in ("budget_revenue", "budget_rate", "budget_frozen_at"):
            with self.assertRaises(AccessError):
                order.write({name: False})
        with self.assertRaises(AccessError):
            order.order_line.write({"frozen_cost": 1.0})
        # Delivered at the cost of that day, nine of them.
        self.env["stock.quant"]._update_available_quantity(
            self.goods, self.warehouse.lot_stock_id, 20
        )
        picking = order.sudo().picking_ids
        picking.move_ids.write({"quantity": 9, "picked": True})
        picking.with_context(skip_backorder=True)._action_done()
        goods = order.sudo().budget_ids.filtered(lambda r: r.kind_id == self.goods_kind)
        self.assertEqual((goods.before, goods.actual), (610.0, 630.0))
        invoice = order.sudo()._create_invoices()
        invoice.action_post()
        self._bill(80.0, order)
        self._bill(999.0, order, post=False)
        self.env.invalidate_all()
        self.assertEqual((row.actual, row.difference), (80.0, 30.0))
        invoiced = invoice.amount_untaxed
        self.assertEqual((manager.revenue_after, manager.cost_after), (invoiced, 710.0))
        self.assertEqual(manager.margin_difference, invoiced - 710.0 - 340.0)
        line = self.env["sale.margin.report"].browse(order.id)
        for user in (self.project_manager, self.accountant):
            seen = line.with_user(user)
            self.assertEqual(
                (seen.margin_before, seen.margin_after), (340.0, invoiced - 710.0)
            )
        with self.assertRaises(ValidationError):
            self._bill(1.0, order, kind=False)

    def _bill(self, amount, order, kind=True, post=True):
        bill = self.env["account.move"].create(
            {
                "move_type": "in_invoice",
                "partner_id": self.customer.id,
                "invoice_date": fields.Date.today(),
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Truck",
                            "price_unit": amount,
                            "tax_ids": False,
                            "budget_order_id": order.id,
                            "budget_kind_id": kind and self.freight.id,
                        }
                    )
                ],
            }
        )
        if post:
            bill.action_post()
        return bill

    def test_costs_aren_t_made_smaller_by_hand(self):
        """A19: neither by an invoice to the customer as a cost, nor by the value of
        what has left"""
        order = self.order()
        order.action_confirm()
        picking = order.sudo().picking_ids
        picking.move_ids.write({"quantity": 10, "picked": True})
        picking.button_validate()
        invoice = order.sudo()._create_invoices()
        kind = self.env["sale.budget.kind"].search([("code", "=", False)], limit=1)
        with self.assertRaises(ValidationError):
            invoice.invoice_line_ids.write(
                {"budget_order_id": order.id, "budget_kind_id": kind.id}
            )
        clerk = self.new_user("clerk", groups="stock.group_stock_user")
        self.env.cr.precommit.data.clear()  # another transaction
        self.set_mode("A19", "block")
        with self.assert_refused("corrected by stock managers"):
            picking.move_ids.with_user(clerk).value = 1.0

    def test_costs_are_for_managers_and_accounting(self):
        """A19: the salesperson only where the company says so; by no field of the order"""
        order = self.order()
        row = self.budget(order, 50.0)
        order.action_confirm()
        report = self.env["sale.margin.report"].search([("order_id", "=", order.id)])
        own = row.with_user(self.salesperson)
        for read in (
            lambda: own.estimated,
            lambda: report.with_user(self.salesperson).margin_before,
            lambda: report.with_user(self.colleague).margin_before,
            lambda: order.order_line.frozen_cost,
        ):
            self.env.invalidate_all()
            with self.assertRaises(AccessError):
                read()
        self.assertFalse(order.shows_budget)
        self.assertFalse(order.margin_before or order.cost_before)
        self.assertFalse(order.budget_ids)
        with self.assertRaises(UserError):
            self.budget(self.order(), 5.0, user=self.salesperson)
        for user in (self.project_manager, self.accountant):
            self.assertTrue(order.with_user(user).shows_budget)
            self.assertEqual(row.with_user(user).estimated, 50.0)
        self.company.budget_for_salespeople = True
        self.env.invalidate_all()
        self.assertEqual(own.estimated, 50.0)
        self.assertTrue(order.margin_before)
        self.budget(self.order(), 5.0, user=self.salesperson)

    def test_list_of_margins_costs_the_same_for_any_number(self):
        """A19: the queries of the screens don't grow with the orders"""
        orders = self.env["sale.order"]
        for __ in range(4):
            order = self.order()
            self.budget(order, 5.0)
            order.action_confirm()
            orders |= order
        counts = []
        for some in (orders[:1], orders):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some.sudo().mapped("margin_difference")
            some.sudo().budget_ids.mapped("difference")
            self.env["sale.margin.report"].browse(some.ids).mapped("margin_after")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
