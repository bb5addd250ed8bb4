from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .test_tax_invoice import TaxInvoiceCase


@tagged("post_install", "-at_install")
class TestTaxInvoiceShare(TaxInvoiceCase):
    """The share collected and the share needed are nobody's choice (A12)."""

    def invoice(self, **values):
        order = self.new_order(product=self.service, price=100.0, **values)
        order.sudo().action_confirm()
        order.order_line.sudo().qty_delivered = 10
        move = order.sudo()._create_invoices()
        move.action_post()
        return order, move

    def pay_ahead(self, order, amount):
        payment = self.env["account.payment"].create(
            {
                "partner_id": self.customer.id,
                "amount": amount,
                "journal_id": self.company_data["default_journal_bank"].id,
                "order_allocation_ids": [
                    Command.create({"order_id": order.id, "amount": amount})
                ],
            }
        )
        payment.action_post()
        return payment

    def share(self, record):
        record.invalidate_recordset(["collected_share", "needed_share"])
        return record.collected_share

    # --- collected --------------------------------------------------------------------

    def test_an_order_cut_down_is_no_more_collected(self):
        """A12: the order's share divides by no less than its posted invoices ask for,
        whoever makes the order smaller or cancels it, and however."""
        self.set_mode("A12", "block")
        order, move = self.invoice()
        record = self.allow(self.apply(move))
        self.pay_ahead(order, 1.0)
        self.assertAlmostEqual(self.share(record), 0.001)
        order.order_line.product_uom_qty = 0.01
        self.assertAlmostEqual(self.share(record), 0.001)
        order.order_line = [
            Command.create({"product_id": self.service.id, "price_unit": -0.9})
        ]
        self.assertAlmostEqual(self.share(record), 0.001)
        with self.assert_refused("A12.*0.1 % collected"):
            self.issue(record)
        order.action_cancel()
        self.assertEqual(self.share(record), 0.0)
        order.action_draft()
        order.order_line.product_uom_qty = 0
        self.assertEqual(self.share(record), 0.0)
        with self.assert_refused("A12.*0 % collected"):
            self.issue(record)

    def test_an_order_in_another_currency_is_no_more_collected(self):
        """A12: nor is it where the same numbers become another currency's, or money in
        another currency is given another rate."""
        self.set_mode("A12", "block")
        self.set_mode("A02", "block")
        order, move = self.invoice()
        record = self.apply(move)
        self.pay_ahead(order, 100.0)
        self.assertAlmostEqual(self.share(record), 0.1)
        with self.assertRaises(AccessError):
            order.write({"currency_rate": 1000.0})
        with self.assertRaises(UserError):
            order.write({"currency_id": self.usd.id})
        self.assertAlmostEqual(self.share(record), 0.1)

    def test_a_part_for_an_order_is_not_the_whole_invoice(self):
        """A12: a paid order stands for its own part of an invoice only."""
        order, __ = self.invoice()
        self.pay_ahead(order, 1000.0)
        move = self.bill(900.0)
        other = self.env["sale.order"].browse(order.id).copy().sudo()
        other.order_line.write({"product_uom_qty": 1, "price_unit": 100.0})
        other.action_confirm()
        self.pay_ahead(other, 100.0)
        other.order_line.qty_delivered = 1
        mixed = other._create_invoices()
        mixed.invoice_line_ids = [
            Command.create({"name": "Else", "price_unit": 900.0, "tax_ids": []})
        ]
        mixed.action_post()
        self.assertAlmostEqual(self.share(self.apply(mixed)), 0.1)
        self.assertEqual(self.share(self.apply(move)), 0.0)

    # --- needed -----------------------------------------------------------------------

    def test_needed_stays_what_was_approved(self):
        """A12: tags, team and channel changed after the approval ask again where they
        let less be collected; the approver is told the share; more is free."""
        self.set_mode("A12", "block")
        tag, strict = self.env["crm.tag"].create([{"name": "Easy"}, {"name": "Hard"}])
        Condition = self.env["tax.invoice.condition"]
        for row, percent in ((tag, 0), (strict, 80)):
            Condition.create(
                {
                    "company_id": self.company.id,
                    "tag_id": row.id,
                    "percent": percent,
                }
            )
        order, move = self.invoice()
        self.pay_ahead(order, 800.0)
        record = self.allow(self.apply(move))
        self.assertIn(
            "once 60 % are collected",
            str(record.sudo().authority_request_ids.mapped("facts")),
        )
        order.tag_ids = tag
        self.assertEqual(record.sudo()._get_needed_shares()[record.id], 0.0)
        with self.assert_refused("A12.*once 0 % are collected"):
            self.issue(record)
        order.tag_ids = strict
        self.issue(record)
        self.assertEqual(record.state, "issued")

    def test_the_stricter_channel_counts(self):
        """A12: an order in another channel than its customer needs what either does."""
        easy = self.env.ref("sales_receivable.sales_channel_prefecture")
        self.env["tax.invoice.condition"].create(
            {"company_id": self.company.id, "channel_id": easy.id, "percent": 0}
        )
        own = self.env["sales.channel"].search([("id", "!=", easy.id)], limit=1)
        order, move = self.invoice()
        record = self.apply(move)
        self.customer.with_company(self.company).sales_channel_id = own
        order.sudo().sales_channel_id = easy
        self.assertEqual(record.needed_share, 0.6)

    # --- the right to the invoice -----------------------------------------------------

    def test_applying_takes_the_right_to_read_the_invoice(self):
        """A12: over an invoice that one may not read nobody applies, by create, nested,
        default, write or import, and it stays free for whose it is."""
        move, mine = self.bill(), self.bill()
        mine.invoice_user_id = self.colleague
        with self.assertRaises(AccessError):
            move.with_user(self.colleague).read(["amount_total"])
        own = {"user_id": self.colleague.id}
        record = self.apply(mine, user=self.colleague, **own)
        Line = self.env["tax.invoice.line"].with_user(self.colleague)
        nested = [Command.create({"move_id": move.id, "amount": 1.0})]
        for attempt in (
            lambda: self.apply(move, user=self.colleague, **own),
            lambda: record.write({"line_ids": nested}),
            lambda: Line.create({"tax_invoice_id": record.id, "move_id": move.id}),
            lambda: Line.with_context(default_move_id=move.id).create(
                {"tax_invoice_id": record.id, "amount": 1.0}
            ),
            lambda: record.line_ids.write({"move_id": move.id}),
            move.with_user(self.colleague).action_create_tax_invoice,
        ):
            with self.assertRaises(AccessError):
                attempt()
        loaded = record.browse().load(
            ["partner_id/.id", "kind_id/.id", "line_ids/move_id/.id"],
            [[str(move.partner_id.id), str(self.kind.id), str(move.id)]],
        )
        self.assertFalse(loaded["ids"])
        self.assertEqual(self.apply(move).amount_total, 1000.0)

    def test_a_form_shows_no_amounts_of_others(self):
        """A12: what isn't saved yet says nothing about an invoice one may not read;
        who may read the tax invoice reads its amounts."""
        move = self.bill()
        self._pay(move, 700.0, "2026-01-10")
        names = ("move_id", "amount", "move_total", "move_collected")

        def type_line(user):
            return (
                self.env["tax.invoice.line"]
                .with_user(user)
                .onchange(
                    {"move_id": move.id}, ["move_id"], {name: {} for name in names}
                )["value"]
            )

        def type_whole(user):
            values = {
                "partner_id": move.partner_id.id,
                "line_ids": [Command.create({"move_id": move.id, "amount": 5.0})],
            }
            spec = {"collected_share": {}, "line_ids": {"fields": {"move_id": {}}}}
            return (
                self.env["tax.invoice"]
                .with_user(user)
                .onchange(values, ["line_ids"], spec)["value"]
                .get("collected_share", 0.0)
            )

        typed = type_line(self.salesperson)
        self.assertEqual(
            [typed[name] for name in names[1:]],
            [1000.0, 1000.0, 700.0],
        )
        self.assertAlmostEqual(type_whole(self.salesperson), 0.7)
        self.assertFalse(any(type_line(self.colleague).get(name) for name in names[1:]))
        self.assertEqual(type_whole(self.colleague), 0.0)
        record = self.apply(move).with_user(self.finance_president)
        self.assertEqual(record.line_ids.move_collected, 700.0)
        self.assertAlmostEqual(record.collected_share, 0.7)
