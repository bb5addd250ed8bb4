from contextlib import nullcontext

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from .common import SALESMAN
from .common_credit import TODAY, CreditCase


@tagged("post_install", "-at_install")
class TestCredit(CreditCase):
    """What customers stand for, and who gives them credit (A04, R02)."""

    def exposure(self, partner=None, **kwargs):
        partner = partner or self.customer
        self.env.flush_all()
        return partner._get_credit_exposure(self.company, **kwargs)[partner.id]

    def assert_exposure(self, **parts):
        found = self.exposure()
        expected = dict.fromkeys(("receivable", "delivered", "ordered", "unapplied"), 0)
        expected |= parts
        for name, amount in expected.items():
            self.assertAlmostEqual(found[name], amount, msg=name)
        self.assertAlmostEqual(
            found["total"], sum(expected.values()) - 2 * expected["unapplied"]
        )

    # --- exposure ---------------------------------------------------------------------

    def test_exposure_follows_goods_from_order_to_payment(self):
        """R02: ordered, delivered, invoiced and paid goods count once, where they are"""
        order = self.new_order(product=self.goods, price=10.0).sudo()
        self.new_order(product=self.goods, price=10.0).sudo().action_cancel()
        self.assert_exposure()
        order.action_confirm()
        self.assert_exposure(ordered=100)
        self.deliver(order, 4)
        self.assert_exposure(ordered=60, delivered=40)
        draft = order._create_invoices()
        self.assert_exposure(ordered=60, delivered=40)
        draft.invoice_date = TODAY
        draft.action_post()
        self.assert_exposure(ordered=60, receivable=40)
        self.deliver(order, 5, backorder=False)
        # The tenth never comes.
        self.assert_exposure(delivered=50, receivable=40)
        self._pay(draft, 25, TODAY)
        self.assert_exposure(delivered=50, receivable=15)
        self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_id": self.customer.id,
                "amount": 30,
                "date": TODAY,
            }
        ).action_post()
        self.assert_exposure(delivered=50, receivable=15, unapplied=30)
        invoice = self.invoice(order)
        self.assert_exposure(receivable=65, unapplied=30)
        refund = invoice._reverse_moves([{"invoice_date": TODAY}])
        refund.action_post()
        self.assertEqual(order.order_line.qty_invoiced, 4)
        # What is credited for goods that stay is invoiced again.
        self.assert_exposure(receivable=15, delivered=50, unapplied=30)

    def test_returned_goods_are_not_delivered(self):
        """R02: goods that came back for a credit are owed no more"""
        order = self.new_order(product=self.goods, price=10.0).sudo()
        order.action_confirm()
        picking = self.deliver(order, 10)
        wizard = (
            self.env["stock.return.picking"]
            .with_context(active_id=picking.id, active_model="stock.picking")
            .create({})
        )
        wizard.product_return_moves.quantity = 3
        back = self.env["stock.picking"].browse(
            wizard.action_create_returns()["res_id"]
        )
        self.assert_exposure(delivered=100)
        back.move_ids.write({"quantity": 3, "picked": True})
        back.button_validate()
        self.assertEqual(order.order_line.qty_delivered, 7)
        self.assert_exposure(delivered=70)

    def test_exposure_of_services_taxes_down_payments_and_currencies(self):
        """R02: with tax, down payments once, foreign orders at today's rate"""
        tax = self.company_data["default_tax_sale"].copy(
            {"name": "Ten", "amount": 10, "price_include_override": "tax_excluded"}
        )
        order = self.new_order(product=self.service, price=10.0).sudo()
        order.order_line.tax_ids = tax
        order.action_confirm()
        self.assert_exposure(ordered=110)
        self.env["sale.advance.payment.inv"].with_context(
            active_model="sale.order", active_ids=order.ids
        ).create(
            {"advance_payment_method": "fixed", "fixed_amount": 33}
        ).create_invoices()
        down = order.invoice_ids
        down.invoice_date = TODAY
        down.action_post()
        self.assert_exposure(ordered=77, receivable=33)
        self._pay(down, 33, TODAY)
        self.assert_exposure(ordered=77)
        self.invoice(order)
        self.assert_exposure(receivable=77)
        # Units of another size, and a price list in foreign money at 0.625 for 1.
        foreign = self.env["product.pricelist"].create(
            {"name": "Foreign", "currency_id": self.usd.id}
        )
        dozens = self.new_order(
            product=self.goods, price=12.0, quantity=2, pricelist_id=foreign.id
        ).sudo()
        dozens.order_line.product_uom_id = self.env.ref("uom.product_uom_dozen")
        dozens.order_line.price_unit = 12.0
        dozens.action_confirm()
        rate = self.usd.rate
        self.assert_exposure(receivable=77, ordered=24 / rate)
        self.deliver(dozens, 12)
        self.assert_exposure(receivable=77, ordered=12 / rate, delivered=12 / rate)
        invoice = self.invoice(dozens)
        self.assertEqual(invoice.amount_total, 12)
        owed = 77 + sum(self._item(invoice).mapped("balance"))
        self.assert_exposure(receivable=owed, ordered=12 / rate)
        # Who is invoiced owes, whoever orders; other companies don't count.
        other = self.env["res.partner"].create({"name": "Payer"})
        paid_by = self.new_order(
            product=self.service, price=1.0, partner_invoice_id=other.id
        ).sudo()
        paid_by.action_confirm()
        self.assertAlmostEqual(self.exposure(other)["total"], 10)
        self.assertAlmostEqual(
            self.exposure(other, orders=paid_by)["orders"][paid_by.id], 10
        )
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        self.assertFalse(other._get_credit_exposure(elsewhere)[other.id]["total"])
        # A currency without a rate isn't taken one to one.
        self.usd.rate_ids.unlink()
        self.assertEqual(self.exposure()["unknown"], {self.usd.name})

    def test_exposure_believes_no_marks_and_links(self):
        """R02: a line isn't paid for by being called a down payment, nor invoiced by a
        link to something else"""
        order = self.new_order(product=self.service, price=10.0).sudo()
        order.action_confirm()
        order.order_line.is_downpayment = True
        self.assert_exposure(ordered=100)
        self.assertEqual(order._get_owed(), 100)
        order.order_line.is_downpayment = False
        small = self.new_order(product=self.service, price=0.1).sudo()
        small.action_confirm()
        invoice = self.invoice(small)
        self.assert_exposure(ordered=100, receivable=1)
        link = [Command.link(order.order_line.id)]
        invoice.invoice_line_ids.sale_line_ids = link
        # The link is of neither now: nothing is won by it.
        self.assert_exposure(ordered=101, receivable=1)
        self.assertEqual(order._get_owed(), 100)
        other = self._invoice(100, TODAY)
        invoice.invoice_line_ids.sale_line_ids = [Command.unlink(order.order_line.id)]
        other.invoice_line_ids.sale_line_ids = link
        self.assert_exposure(ordered=100, receivable=101)

    def test_exposure_of_many_takes_as_many_queries_as_of_one(self):
        """R02: set-based"""
        customers = self.env["res.partner"].create(
            [{"name": f"Customer {number}"} for number in range(12)]
        )
        for customer in customers:
            self._invoice(7, TODAY, partner_id=customer.id)
            order = self.new_order(
                product=self.service, price=1.0, partner_id=customer.id
            )
            order.sudo().action_confirm()
        self.env.flush_all()
        customers[0]._get_credit_exposure(self.company)
        self.env.invalidate_all()
        with self.assertQueryCount(5):
            customers[0]._get_credit_exposure(self.company)
        self.env.invalidate_all()
        with self.assertQueryCount(5):
            found = customers._get_credit_exposure(self.company)
        self.assertEqual({round(row["total"], 2) for row in found.values()}, {17.0})

    # --- credit sales and arrears -----------------------------------------------------

    def test_credit_sale_needs_approval(self):
        """A04: terms to pay later need the general manager, in every way"""
        order = self.new_order(product=self.service, price=10.0)
        order.payment_term_id = self.net_30
        order.action_confirm()  # no rule is in force
        self.assertFalse(order.credit_unauthorised_id)
        self.set_mode("A04", "block")
        with self.assert_refused("already confirmed.*60 days to pay"):
            order.payment_term_id = self.net_30.copy(
                {
                    "name": "Net 60",
                    "line_ids": [
                        Command.clear(),
                        Command.create(
                            {"value": "percent", "value_amount": 100, "nb_days": 60}
                        ),
                    ],
                }
            )
        cash = self.new_order(product=self.service, price=10.0)
        self.assertFalse(cash.authority_blocked)
        late = self.new_order(product=self.service, price=10.0)
        late.payment_term_id = self.net_30
        who = "General Manager: general manager"
        with self.assert_refused(f"A04 .*30 days to pay.*{who}"):
            late.action_confirm()
        for state in ("sent", "sale"):
            with self.assert_refused("credit sale of 100.00"):
                late.write({"state": state})
        with self.assert_refused("A04"):
            late.action_quotation_send()
        copied = late.copy({"payment_term_id": self.net_30.id})
        with self.assert_refused("A04"):
            copied.action_confirm()
        self.approve(late, self.general_manager)
        late.order_line.product_uom_qty = 9
        late.action_confirm()
        # A larger credit than approved asks again.
        with self.assert_refused("credit sale of 110.00"):
            late.order_line.product_uom_qty = 11

    def test_customer_of_an_approval(self):
        """A04: credit approved for one customer is for nobody else"""
        self.set_mode("A04", "block")
        order = self.new_order(product=self.service, price=10.0)
        order.payment_term_id = self.net_30
        self.approve(order, self.general_manager)
        self.assertFalse(order.authority_blocked)
        order.partner_id = self.env["res.partner"].create({"name": "Somebody else"})
        order.payment_term_id = self.net_30
        self.assertTrue(order.authority_blocked)

    def test_terms_to_the_end_of_the_month_count_their_longest(self):
        """A04: credit days don't depend on the day on which the order is looked at"""
        term = self.net_30.copy()
        line = term.line_ids
        order = self.new_order(product=self.service, payment_term_id=term.id)
        for delay, days in (
            ("days_after", 30),
            ("days_after_end_of_month", 60),
            ("days_after_end_of_next_month", 91),
        ):
            line.delay_type = delay
            self.assertEqual(order._get_credit_days(), days)

    def test_arrears(self):
        """A04: a customer past due beyond the days of grace needs the general manager"""
        self.set_mode("A04", "block")
        due = fields.Date.subtract(TODAY, days=5)
        invoice = self._invoice(80, fields.Date.subtract(TODAY, days=40), due=due)
        order = self.new_order(product=self.service, price=10.0)
        with self.assert_refused("A04 .* the customer is in arrears"):
            order.action_confirm()
        self.company.arrears_grace_days = 5
        self.env.invalidate_all()
        self.assertFalse(order.authority_blocked)
        self.company.arrears_grace_days = 4
        self.env.invalidate_all()
        self.assertTrue(order.authority_blocked)
        # Money that isn't applied yet has arrived all the same.
        self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_id": self.customer.id,
                "amount": 80,
                "date": TODAY,
            }
        ).action_post()
        self.env.invalidate_all()
        self.assertFalse(order.authority_blocked)
        self.assertEqual(invoice.payment_state, "not_paid")
        order.action_confirm()

    def test_unauthorised_credit_sale_is_kept(self):
        """A04: where the rule only warns, amount and salesperson are kept"""
        mode = self.set_mode("A04", "warn")
        order = self.new_order(product=self.service, price=10.0)
        order.payment_term_id = self.net_30
        order.action_confirm()
        self.assertEqual(order.sudo().credit_unauthorised_id, self.salesperson)
        self.assertEqual(order.sudo().credit_unauthorised_amount, 100)
        for vals in (
            {"credit_unauthorised_amount": 0},
            {"credit_unauthorised_id": self.colleague.id},
        ):
            with self.assertRaises(AccessError):
                order.write(vals)
        self.assertFalse(order.copy().sudo().credit_unauthorised_id)
        order.sudo()._action_cancel()
        order.action_draft()
        self.approve(order, self.general_manager)
        order.action_confirm()
        self.assertFalse(order.sudo().credit_unauthorised_id)
        self.assertFalse(order.sudo().credit_unauthorised_amount)
        mode.mode = "off"

    # --- limits -----------------------------------------------------------------------

    def test_credit_limit_holds_orders(self):
        """R02: the order that exceeds the limit is held, together with all before it"""
        self.customer.credit_limit = 150
        first, second, third = (
            self.new_order(product=self.service, price=10.0) for _ in range(3)
        )
        self.set_mode("R02", "block")
        first.action_confirm()
        who = "General Manager: general manager"
        with self.assert_refused(f"R02 .*limit doesn't suffice.*{who}"):
            second.action_confirm()
        with self.assert_refused("R02"):
            second.write({"state": "sale"})
        second.order_line.product_uom_qty = 5
        second.action_confirm()
        with self.assert_refused("already confirmed.*R02"):
            second.order_line.product_uom_qty = 6
        # Two at once see each other.
        second.sudo()._action_cancel()
        second.action_draft()
        third.order_line.product_uom_qty = 4
        with self.assert_refused("R02"):
            (second + third).action_confirm()
        third.action_confirm()
        self.assertTrue(second.authority_blocked)
        self.approve(second, self.general_manager)
        second.action_confirm()
        counter = self.env["credit.counter"].search(
            [("partner_id", "=", self.customer.id)]
        )
        self.assertEqual(len(counter), 1)
        self.assertGreater(counter.value, 2)
        # Without a limit there is nothing to exceed, as in the host.
        self.customer.with_user(self.control).credit_limit = 0
        self.assertFalse(
            self.new_order(product=self.service, price=1e5).authority_blocked
        )

    def test_older_orders_are_spared(self):
        """R02: a quotation from before the rule is confirmed until it gets worse"""
        self.customer.credit_limit = 50
        old = self.new_order(product=self.service, price=10.0)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE sale_order SET create_date = '2025-06-01' WHERE id = %s", [old.id]
        )
        self.env.invalidate_all()
        mode = self.set_mode("R02", "block", date_from="2026-01-01")
        self.assertFalse(old.authority_blocked)
        self.assertEqual(mode.touched_count, 0)
        mode.date_from = "2025-01-01"
        self.assertEqual(mode.touched_count, 1)
        mode.date_from = "2026-01-01"
        old.order_line.product_uom_qty = 11
        self.assertTrue(old.authority_blocked)

    def test_figures_are_for_credit_control_and_who_decides(self):
        """R02: the salesperson reads which rule, not what the customer owes to others"""
        self.customer.credit_limit = 50
        self._invoice(43.21, "2026-01-01")
        self.set_mode("R02", "block")
        self.set_mode("A04", "block")
        order = self.new_order(product=self.service, price=10.0)
        request = self.ask(order)
        figures = ("43.21", "143.21", "93.21", "50.00")
        for user, knows in ((self.salesperson, False), (self.general_manager, True)):
            self.env.invalidate_all()
            texts = [
                str(order.with_user(user).authority_banner),
                request.with_user(user).sentence,
                request.step_ids.with_user(user).sentence,
            ]
            for text in texts:
                self.assertEqual(any(figure in text for figure in figures), knows, text)
            with self.assertRaises(AccessError):
                request.with_user(user).read(["facts"])
            with self.assertRaises(AccessError):
                request.step_ids.with_user(user).read(["facts"])
            with self.assertRaises(AccessError):
                self.customer.with_user(user).read(["credit_exposure"])
        request.with_user(self.general_manager).action_approve()
        order.action_confirm()
        self.assertNotIn("43.21", "".join(order.message_ids.mapped("body")))
        self.env.invalidate_all()
        own = self.customer.with_user(self.control)
        self.assertAlmostEqual(own.credit_exposure, 143.21)
        self.assertAlmostEqual(own.credit_overdue, 43.21)

    def test_who_sets_limits(self):
        """R02: with the rule on, credit control and finance only, by no way round"""
        partner = self.env["res.partner"].create(
            {"name": "Limited", "is_company": True}
        )
        asked = partner.with_user(self.clerk)
        asked.credit_limit = 10  # as the host lets it
        mode = self.set_mode("R02", "warn")
        address = self.env["res.partner"].create(
            {"name": "At", "parent_id": partner.id}
        )
        attempts = (
            lambda: asked.write({"credit_limit": 20}),
            lambda: asked.write({"use_partner_credit_limit": False}),
            lambda: asked.sudo().write({"credit_limit": 20}),
            lambda: asked.create({"name": "New", "credit_limit": 20}),
            lambda: asked.with_context(default_credit_limit=20).create({"name": "New"}),
            lambda: address.with_user(self.clerk).write({"credit_limit": 20}),
            lambda: (
                self.env["ir.default"]
                .with_user(self.clerk)
                .sudo()
                .set("res.partner", "credit_limit", 20, company_id=self.company.id)
            ),
        )
        for number, attempt in enumerate(attempts):
            with self.subTest(number), self.assertRaises(AccessError):
                attempt()
        imported = asked.load(["name", "credit_limit"], [["New", "20"]])
        self.assertFalse(imported["ids"])
        self.assertIn("R02", imported["messages"][0]["message"])
        administrator = self.new_user("admin", groups="base.group_system")
        settings = self.env["res.config.settings"].with_user(administrator)
        with self.assertRaises(AccessError):
            settings.create({"account_default_credit_limit": 20}).execute()
        settings.create({}).execute()  # nothing changed
        self.assertEqual(partner.credit_limit, 10)
        # Ordinary work goes on, and addresses follow their company.
        asked.name = "Limited Co."
        child = asked.create({"name": "Contact", "parent_id": partner.id})
        self.assertEqual(child.sudo().credit_limit, 10)
        with Form(asked) as form:
            form.name = "Limited Company"
        partner.with_user(self.control).credit_limit = 30
        self.assertEqual(partner.credit_limit, 30)
        mode.mode = "off"
        asked.credit_limit = 40

    def test_nobody_else_s_limit_helps(self):
        """R02: who orders stands under the own limit, whoever of no limit is invoiced;
        all of them together"""
        self.customer.credit_limit = 150
        self.set_mode("R02", "block")
        shells = self.env["res.partner"].create([{"name": "One"}, {"name": "Two"}])
        first, second = (
            self.new_order(
                product=self.service, price=10.0, partner_invoice_id=shell.id
            )
            for shell in shells
        )
        first.action_confirm()
        with self.assert_refused("R02"):
            second.action_confirm()
        second.partner_invoice_id = shells[0]
        with self.assert_refused("R02"):
            second.action_confirm()
        # Who has a limit of its own pays for it.
        shells[1].with_user(self.control).credit_limit = 100
        second.partner_invoice_id = shells[1]
        second.action_confirm()
        for values in (
            {"partner_invoice_id": shells[0].id},
            {"partner_id": shells[0].id, "partner_invoice_id": shells[1].id},
        ):
            with self.assert_refused("is (already )?confirmed"):
                second.write(values)
        for values in (
            {"partner_invoice_id": self.control.partner_id.id},
            {"partner_id": self.control.partner_id.id},
        ):
            with self.assert_refused("is confirmed for its customer"):
                first.write(values)

    def test_customers_keep_their_company_while_limits_hold(self):
        """R02: nobody but credit control moves a customer under another limit, for a
        moment or for good"""
        seller = self.new_user("mover", groups=f"{SALESMAN},base.group_partner_manager")
        self.customer.write({"is_company": True, "credit_limit": 50})
        rich = self.env["res.partner"].create(
            {"name": "Rich", "is_company": True, "credit_limit": 5e5}
        )
        named = self.env["res.partner"].create({"name": "On a quotation"})
        self.new_order(product=self.service, partner_id=named.id)
        free = self.env["res.partner"].create({"name": "Free", "is_company": True})
        self.set_mode("R02", "block")
        away = {"is_company": False, "parent_id": rich.id}
        for partner in (self.customer, named):
            mine = partner.with_user(seller)
            for number, attempt in enumerate(
                (
                    lambda mine=mine: mine.write(dict(away)),
                    lambda mine=mine: mine.sudo().write(dict(away)),
                    lambda mine=mine: mine.create(
                        {
                            "name": "Shell",
                            "is_company": True,
                            "child_ids": [
                                Command.link(mine.id),
                                Command.update(mine.id, {"is_company": False}),
                            ],
                        }
                    ),
                    lambda mine=mine: mine.write({"commercial_partner_id": rich.id}),
                )
            ):
                with self.subTest(number), self.assertRaises(AccessError):
                    attempt()
        with self.assertRaises(AccessError):
            self._merge(self.customer + rich, rich, seller)
        for command in ((5,), (3, named.id), (4, named.id)):
            with self.assertRaises(AccessError) if command[0] == 4 else nullcontext():
                rich.with_user(seller).write({"child_ids": [command]})
        # Who stands nowhere comes and goes, and takes no limit along.
        mine = free.with_user(seller)
        mine.write(dict(away))
        self.assertEqual(free.commercial_partner_id, rich)
        self.assertEqual(free.credit_limit, 5e5)
        mine.write({"is_company": True, "parent_id": False})
        self.assertEqual(free.credit_limit, 0)
        self.customer.with_user(self.control).write(dict(away))
        self.assertEqual(self.customer.commercial_partner_id, rich)

    def _merge(self, partners, into, user):
        wizard = self.env["base.partner.merge.automatic.wizard"].with_user(user)
        wizard._merge(partners.ids, into)

    def test_an_order_for_less_than_nothing_is_no_credit(self):
        """R02: what a negative quotation takes off counts when goods have come back"""
        order = self.new_order(product=self.goods, price=10.0).sudo()
        order.action_confirm()
        negative = self.new_order(product=self.service, price=10.0, quantity=-50).sudo()
        negative.action_confirm()
        self.assert_exposure(ordered=100)
        negative.order_line.qty_delivered = -50
        self.assertAlmostEqual(self.exposure()["total"], 100)
        # A discount on an order of its own goods is taken off.
        order.order_line = [
            Command.create(
                {
                    "product_id": self.service.id,
                    "product_uom_qty": 1,
                    "price_unit": -20,
                }
            )
        ]
        self.assertAlmostEqual(self.exposure()["total"], 80)

    def test_delivered_goods_are_owed_when_their_order_is_cancelled(self):
        """R02: what is with the customer counts until it is back or invoiced"""
        order = self.new_order(product=self.goods, price=10.0).sudo()
        order.action_confirm()
        self.deliver(order, 4)
        order._action_cancel()
        self.assert_exposure(delivered=40)
        order.action_draft()
        self.assert_exposure(delivered=40)
        order.order_line.qty_delivered = 0
        self.assert_exposure(delivered=40)

    def test_what_has_left_comes_back_by_a_return(self):
        """R02: no edit of the finished delivery, or of the order's line, takes it back"""
        order = self.new_order(product=self.goods, price=10.0).sudo()
        order.action_confirm()
        picking = self.deliver(order, 10)
        move = picking.move_ids
        stock = picking.location_id
        attempts = (
            lambda: move.write({"state": "cancel"}),
            lambda: move.write({"location_dest_id": stock.id}),
            lambda: move.write({"quantity": 1}),
            lambda: move.write({"sale_line_id": False}),
            lambda: move.move_line_ids.write({"quantity": 1}),
            lambda: picking.write({"location_dest_id": stock.id}),
        )
        seller = self.new_user("date", groups=f"{SALESMAN},stock.group_stock_user")
        self.set_mode("R02", "block")
        for number, attempt in enumerate(attempts):
            with self.subTest(number), self.assert_refused("has left"):
                attempt()
        self.assert_exposure(delivered=100)
        self.set_mode("A18", "block")
        with self.assert_refused("corrected by stock managers"):
            move.with_user(seller).date = "2026-01-01 00:00:00"
        wizard = (
            self.env["stock.return.picking"]
            .with_context(active_id=picking.id, active_model="stock.picking")
            .create({})
        )
        wizard.product_return_moves.quantity = 3
        back = self.env["stock.picking"].browse(
            wizard.action_create_returns()["res_id"]
        )
        back.move_ids.write({"quantity": 3, "picked": True})
        back.button_validate()
        self.assert_exposure(delivered=70)
        with self.assert_refused("has left"):
            back.move_ids.quantity = 9

    def test_salesperson_reads_no_counter(self):
        """R02: who commits how much is for credit control"""
        self.env["credit.counter"]._count(self.company, self.customer)
        seller = self.new_user("seller", groups=SALESMAN)
        with self.assertRaises(AccessError):
            self.env["credit.counter"].with_user(seller).search([])
        counter = self.env["credit.counter"].with_user(self.control).search([])
        self.assertEqual(counter.partner_id, self.customer)
        with self.assertRaises(AccessError):
            counter.value = 0
