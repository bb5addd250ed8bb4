import json
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.service.model import call_kw
from odoo.tests import Form, new_test_user

from .common_contract import ContractCase


class TestContract(ContractCase):
    """From the application to the end, and every way past a step."""

    def rpc(self, records, method, *args, user=None, **kwargs):
        model = self.env[records._name].with_user(user or self.salesperson)
        arguments = json.loads(json.dumps(args))
        ids = [records.ids] if records else []
        return call_kw(model, method, [*ids, *arguments], kwargs)

    # --- the way it goes ----------------------------------------------------------------

    def test_from_application_to_validity(self):
        """A09: applied for, signed and stamped by both, valid with the next number."""
        purchaser = self.new_user("purchaser", groups="base.group_user")
        contract = self.new_contract(self.order, purchaser_id=purchaser.id)
        self.assertFalse(contract.with_user(purchaser).has_access("read"))
        contract.action_submit()
        self.assertEqual(contract.state, "approved")
        self.assertFalse(contract.number)
        with self.assert_refused("our signature.*our stamp.*customer's stamp"):
            contract.action_validate()
        self.sign(contract)
        contract.action_validate()
        self.assertEqual(contract.state, "valid")
        self.assertRegex(contract.number, r"^HT\d{4}-\d{4,}$")
        self.assertEqual(contract.date_signed, fields.Date.to_date("2026-01-05"))
        self.env.invalidate_all()
        self.assertTrue(contract.with_user(purchaser).has_access("read"))
        self.assertFalse(contract.with_user(purchaser).has_access("write"))
        self.assertIn(purchaser, contract.sudo().activity_ids.user_id)

    def test_each_mark_is_needed(self):
        """A09: without any one of the four marks no contract is valid."""
        for missing in (
            ("ours", "signature"),
            ("ours", "stamp"),
            ("customer", "signature"),
            ("customer", "stamp"),
        ):
            contract = self.new_contract()
            contract.action_submit()
            for party in ("ours", "customer"):
                for kind in ("signature", "stamp"):
                    if (party, kind) != missing:
                        self.mark(contract, party, kind)
            with self.subTest(missing=missing), self.assert_refused("Missing: "):
                contract.action_validate()

    def test_licences_on_file(self):
        """A09: the customer's licence is on file and not expired; its contacts' and its
        company's count, those of other customers don't."""
        contract = self.new_contract(self.order)
        contract.action_submit()
        self.sign(contract)
        yesterday = self.company._get_business_date() - timedelta(days=1)
        for values in (
            {"date_to": yesterday},
            {"active": False},
        ):
            with self.subTest(values=values), self.assert_refused("Business licence"):
                self.licence.write({"date_to": False, "active": True} | values)
                contract.action_validate()
        self.licence.write({"date_to": False, "active": True})
        contract.action_validate()
        self.assertEqual(contract.state, "valid")

    def test_order_of_stamps(self):
        """A09: whose stamp comes first is configuration; the keeper of a seal uses it."""
        self.company.contract_stamp_order = "customer_first"
        contract = self.new_contract(self.order)
        contract.action_submit()
        with self.assert_refused("comes first"):
            self.mark(contract, "ours", "stamp")
        self.mark(contract, "customer", "stamp")
        self.seal.keeper_ids = self.legal
        with self.assert_refused("legal"):
            self.mark(contract, "ours", "stamp")
        self.mark(contract.with_user(self.legal), "ours", "stamp")
        for values in ({"seal_id": False}, {"date": "2999-01-01"}):
            other = self.new_contract()
            other.action_submit()
            self.mark(other, "customer", "stamp")
            with self.assertRaises(ValidationError):
                self.mark(other.with_user(self.legal), "ours", "stamp", **values)

    def test_signing_is_append_only(self):
        """A09: what is recorded stays, also under sudo; only what waits is signed."""
        contract = self.new_contract(self.order)
        with self.assert_refused("not waiting"):
            self.mark(contract, "ours", "signature")
        contract.action_submit()
        mark = self.mark(contract, "ours", "signature")
        for attempt in (
            lambda: mark.write({"person": "X"}),
            lambda: mark.sudo().write({"date": "2026-01-01"}),
            lambda: mark.sudo().unlink(),
            lambda: contract.write({"signature_ids": [Command.clear()]}),
        ):
            with self.assertRaises(AccessError):
                attempt()
        with self.assert_refused("signed: cancel"):
            contract.action_reopen()
        with self.assertRaises(AccessError):
            self.mark(contract.with_user(self.colleague), "ours", "stamp")

    # --- approval -----------------------------------------------------------------------

    def test_approval_by_the_matrix(self):
        """A09 A01: beyond the limit the contract waits; approved it can be signed,
        refused and withdrawn it is an application again."""
        self.set_mode("A09", "block")
        for level, limit in (("vice_president", 500), ("general_manager", 5000)):
            self.new_limit("contract_amount", level, limit, document="sales.contract")
        contract = self.new_contract(self.order)
        contract.action_submit()
        self.assertEqual(contract.state, "submitted")
        request = contract.sudo().authority_request_ids
        self.assertEqual(request.approver_id, self.general_manager)
        with self.assertRaises(UserError):
            self.order.write({"contract_id": False})
        with self.assert_refused("A09 Contract.*general manager"):
            self.env["ir.actions.report"]._check_authority_to_print(
                "sales_receivable.sales_contract_document", contract.ids
            )
        request.with_user(self.general_manager).action_refuse("too cheap")
        self.assertEqual(contract.state, "draft")
        self.assertFalse(contract.terms_digest)
        contract.action_submit()
        contract.action_authority_withdraw()
        self.assertEqual(contract.state, "draft")
        contract.action_submit()
        waiting = contract.sudo().authority_request_ids.filtered(
            lambda r: r.state == "waiting"
        )
        waiting.with_user(self.general_manager).action_approve()
        self.assertEqual(contract.state, "approved")

    def test_approval_is_for_these_terms(self):
        """A09 A16: an approval of other terms, also of a larger amount, is none."""
        self.set_mode("A09", "block")
        self.new_limit(
            "contract_amount", "general_manager", 5000, document="sales.contract"
        )
        contract = self.new_contract(self.order)
        contract.action_submit()
        self.order.order_line.price_unit = 9.5  # asked are the terms applied for
        contract.sudo().authority_request_ids.with_user(
            self.general_manager
        ).action_approve()
        self.assertEqual(contract.terms["orders"][0]["lines"][0]["price"], 10.0)
        self.assertEqual(contract.amount_total, 1000.0)
        contract.action_reopen()
        self.assertEqual(contract.amount_total, 950.0)
        contract.promises = "training for ten people"
        contract.action_submit()
        self.assertEqual(contract.state, "submitted")

    def test_promises_are_measured(self):
        """A01: what promises cost finds its own level."""
        self.set_mode("A01", "block")
        self.new_limit(
            "promised_value", "project_manager", 100, document="sales.contract"
        )
        contract = self.new_contract(self.order, promised_value=80)
        contract.action_submit()
        request = contract.sudo().authority_request_ids
        self.assertEqual(request.approver_id, self.project_manager)
        self.assertIn("promises that cost", request.sentence)

    def test_rules_off_ask_nobody(self):
        """X01: with the rules off, a contract needs nobody and no order a contract."""
        self.new_limit(
            "contract_amount", "vice_president", 1, document="sales.contract"
        )
        contract = self.new_contract(self.order)
        contract.action_submit()
        self.assertEqual(contract.state, "approved")
        self.new_order(price=10.0).action_confirm()

    # --- frozen -------------------------------------------------------------------------

    def test_agreed_stays_agreed(self):
        """A09: from the application on nobody changes what was agreed, by no way."""
        contract = self.new_contract(self.order)
        contract.action_submit()
        other = self.new_order(price=10.0)
        for values in (
            {"promises": "a car"},
            {"promised_value": 1.0},
            {"partner_id": self.salesperson.partner_id.id},
            {"clause_ids": [Command.clear()]},
            {"order_ids": [Command.link(other.id)]},
            {"order_ids": [Command.unlink(self.order.id)]},
        ):
            with self.subTest(values=values), self.assert_refused("no longer"):
                self.rpc(contract, "write", values)
        for attempt in (
            lambda: self.order.write({"contract_id": False}),
            lambda: other.write({"contract_id": contract.id}),
            self.order.sudo().unlink,
            lambda: other.create({**other.copy_data()[0], "contract_id": contract.id}),
            lambda: other.with_context(default_contract_id=contract.id).copy(),
            contract.unlink,
        ):
            with self.assert_refused("no longer|stays on record"):
                attempt()

    def test_status_is_the_server_s(self):
        """A09: status, number, digest and amounts are nobody's to write, create, import
        or give by default."""
        contract = self.new_contract(self.order)
        for values in (
            {"state": "valid"},
            {"number": "HT2026-0001"},
            {"terms_digest": "x"},
            {"amount_total": 1.0},
            {"date_signed": "2026-01-01"},
            {"authority_since": "2000-01-01 00:00:00"},
        ):
            for attempt in (
                lambda v=values: self.rpc(contract, "write", v),
                lambda v=values: self.rpc(
                    self.env["sales.contract"],
                    "create",
                    [{"partner_id": self.customer.id, **v}],
                ),
                lambda v=values: contract.sudo().write(v),
            ):
                with self.subTest(values=values), self.assertRaises(AccessError):
                    attempt()
        result = contract.load([".id", "state"], [[str(contract.id), "Valid"]])
        self.assertTrue(result["messages"])
        defaults = {"default_state": "valid", "default_number": "X"}
        made = contract.with_context(**defaults, sales_server=True).copy()
        self.assertEqual(made.state, "draft")
        self.assertFalse(made.number)
        self.assertFalse(made.order_ids)
        for method in ("_end_step", "_draw_number", "_approve", "_reopen"):
            with self.assertRaises(AccessError):
                self.rpc(contract, method)

    def test_one_customer_company_and_currency(self):
        """A09: orders of others don't come under a contract."""
        contract = self.new_contract(self.order)
        stranger = self.env["res.partner"].create({"name": "Stranger"})
        other = self.new_order(price=10.0, partner_id=stranger.id)
        with self.assertRaises(ValidationError):
            other.contract_id = contract
        with self.assertRaises(ValidationError):
            self.order.partner_id = stranger

    # --- end ----------------------------------------------------------------------------

    def test_cancelled_with_a_reason(self):
        """A09: a reason is needed; the number is never used again; what is valid is
        cancelled by legal, finance or a company manager."""
        contract = self.make_valid(self.new_contract(self.order))
        with self.assert_refused("reason"):
            contract.with_user(self.legal).action_cancel("  ")
        with self.assert_refused("legal, finance"):
            contract.action_cancel("changed my mind")
        contract.with_user(self.legal).action_cancel("customer withdrew")
        self.assertEqual(contract.state, "cancelled")
        self.assertIn("customer withdrew", contract.message_ids[:1].body)
        self.order.contract_id = False
        following = self.make_valid(self.new_contract(self.order))
        numbers = [int(c.number[-4:]) for c in (contract, following)]
        self.assertEqual(numbers[1], numbers[0] + 1)
        with self.assert_refused("stays on record"):
            contract.sudo().unlink()

    def test_number_at_approval(self):
        """A09: by configuration the number comes with the approval, and stays."""
        self.company.contract_number_at = "approval"
        contract = self.new_contract(self.order)
        contract.action_submit()
        number = contract.number
        self.assertTrue(number)
        contract.action_reopen()
        contract.action_submit()
        self.assertEqual(contract.number, number)

    def test_closed(self):
        """A09: closed when nothing is left, else with a reason by who may."""
        contract = self.make_valid(self.new_contract(self.order))
        self.order.action_confirm()
        with self.assert_refused("Not delivered: 1,000.00"):
            contract.action_close()
        with self.assert_refused("Not delivered.*reason"):
            contract.with_user(self.legal).action_close()
        wizard = Form.from_action(
            self.env(user=self.legal),
            contract.with_user(self.legal).action_open_close(),
        )
        wizard.reason = "the rest is waived"
        wizard.save().action_end()
        self.assertEqual(contract.state, "closed")

    # --- no order without a contract ----------------------------------------------------

    def test_order_needs_a_valid_contract(self):
        """A09: block: quoted, sent and printed without one, but not confirmed."""
        self.set_mode("A09", "block")
        order = self.new_order(price=10.0)
        order.action_quotation_sent()
        self.assertFalse(order.authority_blocked)
        with self.assert_refused("A09 Contract — no contract — .*salesperson"):
            order.action_confirm()
        for attempt in (
            lambda: self.rpc(order, "write", {"state": "sale"}),
            lambda: order.create({**order.copy_data()[0], "state": "sale"}),
        ):
            with self.assert_refused("A09 Contract"):
                attempt()
        self.assertFalse(order._has_to_be_signed())
        contract = self.new_contract(order)
        with self.assert_refused("isn't valid: Application"):
            order.action_confirm()
        self.make_valid(contract)
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_paid_without_contract(self):
        """A09 A16: money is booked, the quotation stays unconfirmed."""
        self.set_mode("A09", "block")
        order = self.new_order(price=10.0)
        self.assertEqual(order._filter_unconfirmable(), order)
        with self.assert_refused("no contract"):
            order.with_context(
                sales_server=True, authority_engine=True
            ).action_confirm()

    def test_small_and_old_orders_need_none(self):
        """A09: below the company's amount, and older than the rule: no contract."""
        self.company.contract_amount_from = 500.0
        self.set_mode("A09", "block")
        self.new_order(price=10.0, quantity=49).action_confirm()
        order = self.new_order(price=10.0, quantity=50)
        with self.assert_refused("no contract"):
            order.action_confirm()
        self.env["business.rule.mode"].search([]).unlink()
        self.set_mode("A09", "block", date_from=fields.Date.today() + timedelta(days=1))
        order.action_confirm()

    def test_channel_decides(self):
        """A09: a channel asks for a contract whatever the amount, or for none; naming a
        milder one on the order doesn't help."""
        strict, mild = self.env["sales.channel"].create(
            [
                {"name": "Strict", "contract_need": "always"},
                {"name": "Mild", "contract_need": "never"},
            ]
        )
        self.company.contract_amount_from = 500.0
        self.set_mode("A09", "block")
        order = self.new_order(price=10.0, quantity=1, sales_channel_id=strict.id)
        with self.assert_refused("no contract"):
            order.action_confirm()
        self.customer.sales_channel_id = strict
        order.sales_channel_id = mild
        with self.assert_refused("no contract"):
            order.action_confirm()
        self.customer.sales_channel_id = mild
        order.order_line.product_uom_qty = 1000
        order.action_confirm()

    # --- who ----------------------------------------------------------------------------

    def test_who_reads_and_writes(self):
        """A09: salesperson own, manager the team's, legal and finance all; nobody of
        another company, no customer."""
        contract = self.new_contract(self.order)
        finance = self.new_user("finance", groups="sales_receivable.group_finance")
        other = self.env["res.company"].create({"name": "Other"})
        stranger = self.new_user(
            "stranger",
            groups="sales_receivable.group_legal",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        portal = new_test_user(
            self.env, login="test_portal_c", groups="base.group_portal"
        )
        self.env.invalidate_all()
        for user, read, write in (
            (self.salesperson, True, True),
            (self.colleague, False, False),
            (self.project_manager, True, True),
            (self.legal, True, True),
            (finance, True, True),
            (stranger, False, False),
            (portal, False, False),
        ):
            mine = contract.with_user(user)
            with self.subTest(user=user.name):
                self.assertEqual(mine.has_access("read"), read)
                self.assertEqual(mine.has_access("write"), write)
        # Legal and an approver read the whole form without any right on orders.
        contract.sudo().purchaser_id = self.new_user("buyer", groups="base.group_user")
        self.make_valid(contract)
        self.assertFalse(self.order.with_user(self.legal).has_access("read"))
        for user in (self.legal, finance, contract.sudo().purchaser_id):
            self.env.invalidate_all()
            form = Form(contract.with_user(user))
            self.assertIn("Bracket 40×40", form.agreed_lines)
            self.assertEqual(contract.with_user(user).order_count, 1)
        with self.assertRaises(AccessError):
            contract.with_user(self.colleague).action_reopen()
        with self.assertRaises(AccessError):
            contract.with_user(stranger).action_cancel("mine now")
        with self.assertRaises(AccessError):
            self.rpc(self.order, "read", ["contract_id"], user=portal)

    def test_form(self):
        """A09: a salesperson makes a contract of a quotation and applies."""
        action = self.order.action_create_contract()
        contract = self.env["sales.contract"].browse(action["res_id"])
        self.assertEqual(contract.partner_id, self.customer)
        with Form(contract.with_user(self.salesperson)) as form:
            form.promises = "training"
        self.assertEqual(self.order.contract_id, contract)
        with self.assert_refused("contract already"):
            self.order.action_create_contract()

    # --- print --------------------------------------------------------------------------

    def test_contract_is_handed_over_by_managers(self):
        """A09: whose contract it is doesn't change by the salesperson's own hand."""
        contract = self.new_contract(self.order)
        contract.user_id = self.colleague
        contract.sudo().user_id = self.salesperson
        contract.action_submit()
        for vals in ({"user_id": self.colleague.id}, {"team_id": False}):
            with self.assertRaises(AccessError):
                contract.with_user(self.salesperson).write(vals)
        contract.with_user(self.project_manager).user_id = self.colleague

    def test_a_licence_proves_one_customer(self):
        """A09: a licence on file isn't moved to another customer."""
        other = self.env["res.partner"].create({"name": "Without Licence"})
        mine = self.licence.with_user(self.salesperson)
        with self.assert_refused("stays with its customer"):
            mine.partner_id = other
        missing = self.licence._get_missing(other, self.company)
        self.assertEqual(missing, self.kind)
        self.set_mode("A09", "block")
        seller = self.new_user(
            "seller",
            groups="sales_team.group_sale_salesman,base.group_partner_manager",
        )
        self.new_order(partner_id=other.id)
        with self.assertRaises(AccessError):
            other.with_user(seller).parent_id = self.customer

    def test_print(self):
        """A09: ten clauses in both languages, the lines agreed, the total in capitals."""
        self.env["res.lang"]._activate_lang("zh_CN")
        cny = self.env.ref("base.CNY")
        cny.active = True
        self.env["res.currency.rate"].create({"currency_id": cny.id, "rate": 7.0})
        clauses = self.env["sales.contract.clause"].search([])
        clauses[0].with_context(lang="zh_CN").write(
            {"name": "标的", "text": "甲方购买"}
        )
        pricelist = self.env["product.pricelist"].create(
            {"name": "CNY", "currency_id": cny.id}
        )
        order = self.new_order(price=10.05, quantity=100, pricelist_id=pricelist.id)
        contract = self.new_contract(order, promises="Training for ten people")
        text = self.print_text(contract)
        self.assertIn("Draft, not for signature", text)
        contract.action_submit()
        order.order_line.price_unit = 1.0  # what was agreed is printed
        clauses[1].text = "Something else"
        self.sign(contract)
        contract.action_validate()
        text = self.print_text(contract)
        for part in (
            contract.number,
            "壹仟零伍元整",
            "标的",
            "甲方购买",
            "Goods and price",
            "The goods meet the manufacturer",
            "Training for ten people",
            "Somebody, Director",
            "Contract seal",
            "Bracket 40×40",
        ):
            with self.subTest(part=part):
                self.assertIn(part, text)
        self.assertNotIn("Draft", text)
        self.assertNotIn("Something else", text)
        self.assertEqual(len(contract.terms["clauses"]), 10)

    def print_text(self, contract):
        html = self.env["ir.actions.report"]._render_qweb_html(
            "sales_receivable.sales_contract_document", contract.ids
        )[0]
        return html.decode()
