import json
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.service.model import call_kw
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tests.common import JsonRpcException

from .common import AuthorityCase, AuthorityMixinCase

PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
    "+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
REFUSED = r"A02 Price floor.*8\.10.*9\.00.*Vice President: vice president"


class TestGates(AuthorityCase):
    """Every way past the approval is tried here."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_mode("A02", "block")
        cls.order = cls.new_order()

    def assert_refused(self, message=REFUSED):
        return super().assert_refused(message)

    def rpc(self, record, method, *args, **kwargs):
        """Call as the external API does: public methods, JSON arguments only."""
        model = self.env[record._name].with_user(self.salesperson)
        arguments = json.loads(json.dumps(args))
        return call_kw(model, method, [record.ids, *arguments], kwargs)

    # --- defaults and signs -----------------------------------------------------------

    def test_electronic_document(self):
        """A16: no electronic document of what isn't printed, either."""
        with self.assert_refused("A02"):
            self.order._get_edi_builders()
        self.approve(self.order)
        self.order._get_edi_builders()

    def test_age_by_default_key(self):
        """A16: no key of a context makes a new quotation an old one."""
        order = self.new_order()
        vals = order.copy_data()[0]
        old = {"default_authority_since": "2000-01-01 00:00:00"}
        model = self.env["sale.order"].with_user(self.salesperson)
        (order_id,) = call_kw(model, "create", [[vals]], {"context": old})
        with self.assert_refused():
            model.browse(order_id).action_confirm()

    def test_line_by_default_key(self):
        """A16: a line that reaches a confirmed order by a context is seen, too."""
        order = self.new_order(price=9.5)
        order.action_confirm()
        vals = {
            "product_id": order.order_line.product_id.id,
            "product_uom_qty": 5,
            "price_unit": 1.0,
        }
        lines = self.env["sale.order.line"].with_user(self.salesperson)
        context = {"default_order_id": order.id}
        with self.assertRaises(UserError):
            call_kw(lines, "create", [[vals]], {"context": context})

    def test_given_away_below_zero(self):
        """A02: a negative price or a discount above 100 % is far below any floor."""
        for values in ({"price_unit": -0.01}, {"discount": 150.0}):
            order = self.new_order(price=9.5)
            order.order_line.write(values)
            with self.assertRaisesRegex(UserError, "A02 Price floor"):
                order.action_confirm()
        confirmed = self.new_order(price=9.5)
        confirmed.action_confirm()
        with self.assertRaises(UserError):
            self.rpc(confirmed.order_line, "write", {"price_unit": -0.01})

    # --- confirm and send -------------------------------------------------------------

    def test_confirm(self):
        """A16: the button, alone and in a batch."""
        fine = self.new_order(price=9.5)
        with self.assert_refused():
            self.order.action_confirm()
        with self.assert_refused():
            (fine | self.order).action_confirm()
        self.assertEqual(self.order.state, "draft")

    def test_send(self):
        """A16: the dialog, the mark as sent, and the mail that marks as sent."""
        with self.assert_refused():
            self.order.action_quotation_send()
        with self.assert_refused():
            self.order.action_quotation_sent()
        with self.assert_refused():
            self.order.with_context(mark_so_as_sent=True).message_post(body="Hello")
        self.approve(self.order)
        self.order.action_quotation_sent()
        self.assertEqual(self.order.state, "sent")
        self.assertTrue(self.order.action_quotation_send())

    def test_rpc_write_of_state(self):
        """A16: state written by RPC, also together with the lines that break the floor."""
        for state in ("sent", "sale"):
            with self.assert_refused():
                self.rpc(self.order, "write", {"state": state})
        fine = self.new_order(price=9.5)
        line = [Command.update(fine.order_line.id, {"price_unit": 8.1})]
        with self.assert_refused():
            self.rpc(fine, "write", {"state": "sale", "order_line": line})
        self.rpc(fine, "write", {"state": "sent"})
        with self.assert_refused():
            self.rpc(fine, "write", {"state": "sale", "order_line": line})

    def test_rpc_private_methods(self):
        """A16: no helper of the engine can be called from outside."""
        for method in ("_action_confirm", "_validate_order", "_close", "_decide"):
            with self.assertRaises(AccessError):
                self.rpc(self.order, method)

    def test_context_keys(self):
        """A16: no context key opens a gate."""
        context = {
            "authority_engine": True,
            "authority_post_processing": True,
            "send_email": False,
            "tracking_disable": True,
            "import_file": True,
            "install_mode": True,
            "mail_activity_automation_skip": True,
        }
        for action in ("action_confirm", "action_quotation_sent"):
            with self.assert_refused():
                self.rpc(self.order, action, context=context)
        with self.assert_refused():
            self.rpc(self.order, "write", {"state": "sale"}, context=context)
        self.rpc(self.order, "action_authority_request", context=context)
        self.assertTrue(self.order.sudo().activity_ids)

    def test_create_confirmed(self):
        """A16: created in a state that needs the approval."""
        for state in ("sent", "sale"):
            with self.assert_refused():
                self.new_order(state=state)

    def test_import_confirmed(self):
        """A16: imported in a state that needs the approval."""
        names = [
            "partner_id/.id",
            "state",
            "order_line/product_id/.id",
            "order_line/product_uom_qty",
            "order_line/price_unit",
        ]
        row = [str(self.customer.id), "sale", str(self.bracket.id), "10", "8.1"]
        result = self.env["sale.order"].with_user(self.salesperson).load(names, [row])
        self.assertFalse(result["ids"])
        self.assertIn("A02", result["messages"][0]["message"])
        row[-1] = "9.1"
        result = self.env["sale.order"].with_user(self.salesperson).load(names, [row])
        self.assertTrue(result["ids"], result["messages"])

    def test_duplicate(self):
        """A16: an approval doesn't travel with a copy."""
        self.approve(self.order)
        copy = self.order.copy()
        self.assertFalse(copy.sudo().authority_request_ids)
        with self.assert_refused():
            copy.action_confirm()

    def test_forged_totals(self):
        """A16: stored prices can be written by RPC; figures don't come from them."""
        self.rpc(self.order.order_line, "write", {"price_reduce_taxexcl": 100.0})
        for document, name in (
            (self.order.order_line, "price_subtotal"),
            (self.order, "amount_untaxed"),
        ):
            with self.assertRaises(AccessError):
                self.rpc(document, "write", {name: 1000.0})
        with self.assert_refused():
            self.order.action_confirm()

    def test_back_dating(self):
        """A16: an order date from before the floor doesn't help."""
        self.floor.date_from = "2026-01-01"
        self.rpc(self.order, "write", {"date_order": "2021-05-05 10:00:00"})
        with self.assert_refused():
            self.order.action_confirm()

    def test_forged_engine_fields(self):
        """A16: what the engine keeps on the order can't be written or created."""
        for values in (
            {"authority_since": "2001-01-01 00:00:00"},
            {"authority_author_id": self.vice_president.id},
        ):
            with self.assertRaises(AccessError):
                self.rpc(self.order, "write", values)
            with self.assertRaises(AccessError):
                self.new_order(**values)

    def test_another_company(self):
        """A16: a visit to a company without the rule ends at the way back."""
        other = self.env["res.company"].create({"name": "Other"})
        self.salesperson.company_ids |= other
        order = self.new_order(company_id=other.id)
        self.assertFalse(order.authority_state)
        order.action_confirm()
        with self.assert_refused("already confirmed"), self.env.cr.savepoint():
            order.sudo().write(
                {"company_id": self.company.id, "warehouse_id": self.warehouse().id}
            )

    def warehouse(self):
        return self.env["stock.warehouse"].search(
            [("company_id", "=", self.company.id)], limit=1
        )

    def test_invoice(self):
        """A16: neither an invoice nor a down payment of what waits."""
        with self.assert_refused():
            self.order.sudo()._create_invoices()
        wizard = self.env["sale.advance.payment.inv"].create(
            {
                "sale_order_ids": self.order.ids,
                "advance_payment_method": "percentage",
                "amount": 100,
            }
        )
        with self.assert_refused():
            wizard.create_invoices()
        self.assertFalse(self.order.invoice_ids)

    # --- after confirmation -----------------------------------------------------------

    def test_edit_after_confirmation(self):
        """A16: a confirmed order isn't made worse, locked, unlocked or not."""
        order = self.new_order(price=9.5)
        order.action_confirm()
        order.action_lock()
        order.action_unlock()
        with self.assert_refused("already confirmed.*A02"):
            order.order_line.price_unit = 8.1
        with self.assert_refused("already confirmed"):
            order.write(
                {"order_line": [Command.update(order.order_line.id, {"discount": 20})]}
            )
        with self.assert_refused("already confirmed"):
            self.env["sale.order.line"].with_user(self.salesperson).create(
                {
                    "order_id": order.id,
                    "product_id": self.bracket.id,
                    "price_unit": 1.0,
                }
            )
        order.order_line.price_unit = 9.2
        order.order_line.product_uom_qty = 20

    def test_empty_line_filled_after_confirmation(self):
        """A16: a line without quantity isn't measured, until it gets one."""
        order = self.new_order(quantity=0)
        order.action_confirm()
        with self.assert_refused("already confirmed"):
            order.order_line.write({"product_uom_qty": 10, "price_unit": 8.1})

    def test_approved_order_after_confirmation(self):
        """A16: what was approved stays possible, more of it doesn't."""
        self.approve(self.order)
        self.order.action_confirm()
        self.order.order_line.price_unit = 8.2
        with self.assert_refused("already confirmed"):
            self.order.order_line.product_uom_qty = 500
        with self.assert_refused("already confirmed"):
            self.order.order_line.price_unit = 8.0

    def test_back_to_quotation(self):
        """A16: cancelled and set back, it is a quotation like any other."""
        order = self.new_order(price=9.5)
        order.action_confirm()
        order._action_cancel()
        order.action_draft()
        order.order_line.price_unit = 8.1
        with self.assert_refused():
            order.action_confirm()

    def test_moved_line(self):
        """A16: a cheap line isn't moved onto a confirmed order."""
        order = self.new_order(price=9.5)
        order.action_confirm()
        with self.assert_refused("stays with its order"):
            self.order.order_line.order_id = order

    def test_cancelled_quotation(self):
        """A16: cancelling a quotation shows its prices to nobody, and mails them to
        nobody."""
        self.order.action_cancel()
        for action in ("action_quotation_send", "action_quotation_sent"):
            with self.assert_refused(".*"):
                self.rpc(self.order, action)
        report = self.env["ir.actions.report"].with_user(self.salesperson)
        for render in ("_render_qweb_pdf", "_render_qweb_html", "_render_qweb_text"):
            with self.assert_refused():
                getattr(report, render)("sale.report_saleorder", self.order.ids)
        fine = self.new_order(price=9.5)
        fine.action_cancel()
        self.assertTrue(report._render_qweb_html("sale.report_saleorder", fine.ids)[0])

    # --- modes ------------------------------------------------------------------------

    def test_off_refuses_nothing(self):
        """X01: without a mode nothing is computed, shown or refused."""
        self.env["business.rule.mode"].search([]).unlink()
        order = self.new_order()
        with patch.object(
            self.env.registry["sale.order"], "_get_authority_facts"
        ) as facts:
            self.assertFalse(order.authority_state)
            self.assertFalse(order.authority_banner)
            order.order_line.price_unit = 1.0
            order.action_quotation_sent()
            order.action_confirm()
        facts.assert_not_called()

    def test_warn_shows_and_refuses_nothing(self):
        """X01: a warning has a banner, and everything goes through."""
        self.env["business.rule.mode"].search([]).mode = "warn"
        order = self.new_order()
        self.assertEqual(order.authority_state, "open")
        self.assertIn("a warning only", order.authority_banner)
        order.action_quotation_sent()
        order.action_confirm()
        order.order_line.price_unit = 1.0
        self.assertEqual(order.state, "sale")

    def test_relaxed_today_is_relaxed_for_all(self):
        """X01: switching a rule off frees older documents as well."""
        self.set_mode("A02", "off", self.company._get_business_date())
        self.order.action_confirm()
        self.assertEqual(self.order.state, "sale")

    def grandfathered(self):
        self.order.flush_recordset()
        self.env.cr.execute(
            "UPDATE sale_order SET create_date = '2019-06-01' WHERE id = %s",
            [self.order.id],
        )
        self.order.invalidate_recordset()
        return self.order

    def test_older_documents_are_spared(self):
        """A16: a document older than the rule goes its way."""
        order = self.grandfathered()
        self.assertFalse(order.authority_state)
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_being_old_is_no_loophole(self):
        """A16: an old document counts as new once it got worse."""
        order = self.grandfathered()
        order.order_line.price_unit = 8.3
        self.assertFalse(order.authority_state, "better is fine")
        order.order_line.price_unit = 7.9
        self.assertEqual(order.authority_state, "open")
        with self.assert_refused("A02"):
            order.action_confirm()

    def test_old_confirmed_documents_do_not_get_worse(self):
        """A16: neither does an old confirmed order hide a new price."""
        order = self.grandfathered()
        order.action_confirm()
        order.order_line.price_unit = 8.2
        with self.assert_refused("already confirmed"):
            order.order_line.price_unit = 7.0

    # --- prints -----------------------------------------------------------------------

    def test_prints(self):
        """A16: neither PDF nor HTML nor text leave before the approval."""
        report = self.env["ir.actions.report"].with_user(self.salesperson)
        renders = ("_render_qweb_pdf", "_render_qweb_html", "_render_qweb_text")
        for render in renders:
            with self.assert_refused():
                getattr(report, render)("sale.report_saleorder", self.order.ids)
        with self.assert_refused():
            report._render_qweb_html(
                "sale.action_report_pro_forma_invoice", self.order.ids
            )
        self.approve(self.order)
        self.assertTrue(
            report._render_qweb_html("sale.report_saleorder", self.order.ids)[0]
        )


@tagged("post_install", "-at_install")
class TestPortal(AuthorityMixinCase, HttpCase):
    """A customer neither sees nor signs what waits for approval (A16)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_authority()
        cls.set_mode("A02", "block")
        cls.portal_user = new_test_user(
            cls.env, login="test_portal_customer", groups="base.group_portal"
        )
        cls.customer = cls.portal_user.partner_id
        cls.order = cls.new_order(require_signature=True, require_payment=False)
        cls.order._portal_ensure_token()

    def url(self, suffix="", **query):
        return self.order.sudo().get_portal_url(
            suffix=suffix, query_string="".join(f"&{k}={v}" for k, v in query.items())
        )

    def test_page_and_prints(self):
        """A16: by token or logged in; page, HTML, PDF and text."""
        for login in (None, "test_portal_customer"):
            self.authenticate(login, login)
            for query in ({}, *({"report_type": t} for t in ("html", "pdf", "text"))):
                page = self.url_open(self.url(**query))
                self.assertNotIn(self.bracket.name, page.text)
        self.approve(self.order)
        page = self.url_open(self.url())
        self.assertIn(self.bracket.name, page.text)

    def test_cancelled_quotation_is_not_shown(self):
        """A16: nor on the portal, by token, print or RPC."""
        self.order.action_cancel()
        for login in (None, "test_portal_customer"):
            self.authenticate(login, login)
            for query in ({}, *({"report_type": t} for t in ("html", "pdf", "text"))):
                page = self.url_open(self.url(**query))
                self.assertNotIn(self.bracket.name, page.text)
        mine = self.env["sale.order"].with_user(self.portal_user)
        self.assertFalse(mine.search([]))
        with self.assertRaises(AccessError):
            mine.browse(self.order.id).read(["amount_total"])

    def sign(self):
        return self.make_jsonrpc_request(
            self.url("/accept"),
            {"name": "Customer", "signature": PIXEL},
        )

    def test_signature(self):
        """A16: the signature route refuses, then accepts."""
        self.assertIn("error", self.sign())
        self.assertEqual(self.order.state, "draft")
        self.assertFalse(self.order.sudo().signature)
        self.approve(self.order)
        self.assertNotIn("error", self.sign())
        self.order.invalidate_recordset()
        self.assertEqual(self.order.state, "sale")

    def test_payment_route(self):
        """A16: no transaction is made for it."""
        with self.assertRaises(JsonRpcException):
            self.make_jsonrpc_request(self.url("/transaction"), {})

    def test_rpc_read(self):
        """A16: a portal user reads no unapproved quotation and no line of it by RPC."""
        Order = self.env["sale.order"].with_user(self.portal_user)
        Line = self.env["sale.order.line"].with_user(self.portal_user)
        approved = self.new_order(price=9.5)
        self.assertEqual(Order.search([]), approved.with_user(self.portal_user))
        self.assertEqual(Line.search([]), approved.order_line)
        with self.assertRaises(AccessError):
            Order.browse(self.order.id).read(["amount_total"])
        with self.assertRaises(AccessError):
            Line.browse(self.order.order_line.id).read(["price_unit"])
        self.approve(self.order)
        self.env.invalidate_all()
        self.assertTrue(Order.browse(self.order.id).read(["amount_total"]))
        self.assertEqual(len(Order.search([])), 2)
        with self.assertRaises(AccessError):
            Order.browse(self.order.id).read(["authority_banner"])
