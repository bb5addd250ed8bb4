import json

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import Form, new_test_user, tagged

from .test_tax_invoice import SCAN, TaxInvoiceCase

REPORT = {
    "accepted_by": "Wang",
    "result": "passed",
    "acceptance": SCAN,
}


class InstallationCase(TaxInvoiceCase):
    """Orders with goods to install, and who approves the work."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.instalments = cls.env["account.payment.term"].create(
            {
                "name": "30 % with signing",
                "line_ids": [
                    Command.create(
                        {
                            "value": "percent",
                            "value_amount": 30,
                            "event": "signing",
                            "nb_days": 3,
                        }
                    ),
                    Command.create(
                        {"value": "percent", "value_amount": 70, "nb_days": 30}
                    ),
                ],
            }
        )
        cls.service.needs_installation = True
        cls.limit = cls.new_limit(
            "installation", "project_manager", 1.0, document="installation.order"
        )
        today = cls.company._get_business_date()
        cls.report = {**REPORT, "accepted_on": today}
        cls.fitter = cls.new_user("fitter", groups="base.group_user")

    def sell(self, **values):
        order = self.new_order(
            product=self.service,
            price=100.0,
            payment_term_id=self.instalments.id,
            **values,
        )
        order.sudo().action_confirm()
        return order

    def work(self, order=None, **values):
        order = order or self.sell()
        return (
            self.env["installation.order"]
            .with_user(self.salesperson)
            .create(
                {
                    "order_id": order.id,
                    "planned_date": "2026-01-15 01:00:00",
                    "worker_ids": self.fitter.ids,
                    "line_ids": [
                        Command.create(
                            {
                                "name": "Fit the frame",
                                "quantity": 10,
                                "order_line_id": order.order_line[:1].id,
                            }
                        )
                    ],
                    **values,
                }
            )
        )

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

    def allow_work(self, work):
        work.action_submit()
        request = work.sudo().authority_request_ids.filtered(
            lambda request: request.state == "waiting"
        )
        self.assertEqual(request.approver_id, self.project_manager)
        request.with_user(self.project_manager).action_approve()
        return work


@tagged("post_install", "-at_install")
class TestInstallation(InstallationCase):
    """Work orders, the first instalment before them, acceptance before the tax invoice
    (A24)."""

    # --- approval and the first instalment --------------------------------------------

    def test_approved_and_only_after_the_first_instalment(self):
        """A24: the sales manager approves, the first instalment is there: then, and not
        before either, the work begins; accepted with the customer's report it ends."""
        self.set_mode("A24", "block")
        order = self.sell()
        work = self.work(order)
        self.assertRegex(work.name, r"^PG\d{4}-\d{4,}$")
        work.action_submit()
        self.assertEqual(work.state, "submitted")
        with self.assert_refused("is: In Approval. It waits for "):
            work.action_begin()
        work.sudo().authority_request_ids.with_user(
            self.project_manager
        ).action_approve()
        self.assertEqual(work.state, "approved")
        with self.assert_refused("A24.*300.00.*first instalment.*payment"):
            work.action_begin()
        payment = self.pay_ahead(order, 299.99)
        with self.assert_refused("0.01.*first instalment"):
            work.action_begin()
        payment.action_cancel()
        self.pay_ahead(order, 300.0)
        work.action_begin()
        work.action_finish()
        with self.assert_refused("Missing: .*Signed Report"):
            work.action_accept()
        work.write({**self.report, "result": "failed", "defects": "crooked"})
        with self.assert_refused("hasn't accepted it"):
            work.action_accept()
        work.action_rework()
        self.assertEqual((work.state, work.result), ("begun", False))
        work.action_finish()
        work.write({**self.report, "result": "defects"})
        with self.assert_refused("which defects"):
            work.action_accept()
        work.write({"defects": "a scratch"})
        work.action_accept()
        self.assertEqual(work.state, "accepted")

    def test_money_taken_back_before_work_begins(self):
        """A24: approved while the instalment was there, held up when it is gone."""
        self.set_mode("A24", "block")
        order = self.sell()
        payment = self.pay_ahead(order, 300.0)
        work = self.allow_work(self.work(order))
        payment.action_cancel()
        with self.assert_refused("A24.*first instalment"):
            work.action_begin()

    def test_nobody_named(self):
        """A24: in force without anybody named to approve, no work begins."""
        self.set_mode("A24", "block")
        self.limit.date_to = "2020-01-02"
        order = self.sell()
        self.pay_ahead(order, 300.0)
        work = self.work(order)
        work.action_submit()
        with self.assert_refused("nobody is named.*administrator"):
            work.action_begin()

    def test_off_nothing_is_asked(self):
        """A24: off, work begins without approval and money; older ones are spared."""
        work = self.work()
        work.action_submit()
        work.action_begin()
        self.assertEqual(work.state, "begun")
        earlier = self.work()
        earlier.action_submit()
        tomorrow = fields.Date.add(self.company._get_business_date(), days=1)
        self.set_mode("A24", "block", date_from=tomorrow)
        earlier.action_begin()

    def test_an_approval_is_for_these_works(self):
        """A24: another work, kind or address asks again; a change of the plan doesn't."""
        self.set_mode("A24", "block")
        order = self.sell()
        self.pay_ahead(order, 300.0)
        work = self.allow_work(self.work(order))
        work.planned_date = "2026-01-16 01:00:00"
        work.action_reopen()
        work.line_ids.name = "Fit two frames"
        work.action_submit()
        self.assertEqual(work.state, "submitted")

    def test_unconfirmed_orders(self):
        """A24: no work for a quotation, nor without people."""
        order = self.new_order(product=self.service, price=100.0)
        work = self.work(order, worker_ids=[Command.clear()])
        work.action_submit()
        with self.assert_refused("Missing: People.*isn't confirmed"):
            work.action_begin()

    # --- guards -----------------------------------------------------------------------

    def test_no_way_round(self):
        """A24: no write, RPC, create, default, copy or context key passes a step or
        changes what was approved; who is sent only reads."""
        self.set_mode("A24", "block")
        work = self.work()
        Model = work.browse()
        for vals in (
            {"state": "begun"},
            {"approved_at": "2026-01-01"},
            {"name": "PG1"},
        ):
            for attempt in (
                lambda vals=vals: work.write(vals),
                lambda vals=vals: call_kw(
                    Model, "write", [work.ids, json.loads(json.dumps(vals))], {}
                ),
                lambda vals=vals: self.work(**vals),
                lambda vals=vals: work.with_context(sales_server=True).write(vals),
            ):
                with self.assertRaises(AccessError):
                    attempt()
        order = self.sell()
        forged = Model.with_context(default_state="accepted").create(
            {"order_id": order.id}
        )
        self.assertEqual(forged.state, "draft")
        loaded = Model.load(["order_id/.id", "state"], [[str(order.id), "accepted"]])
        self.assertFalse(loaded["ids"])
        with self.assertRaises(UserError):
            work.write(self.report)
        work.action_submit()
        self.assertEqual(work.copy().state, "draft")
        for attempt in (
            lambda: work.write({"kind": "continuation"}),
            lambda: work.line_ids.write({"name": "More"}),
            work.line_ids.unlink,
            lambda: work.write({"order_id": order.id}),
            work.sudo().unlink,
            lambda: work.action_cancel(" "),
        ):
            with self.assertRaises(UserError):
                attempt()
        self.assertEqual(work.with_user(self.fitter).worker_ids.ids, self.fitter.ids)
        portal = new_test_user(self.env, "work_portal", groups="base.group_portal")
        for user in (self.fitter, portal):
            with self.assertRaises(AccessError):
                work.with_user(user).action_begin()
        reason = self.env["step.reason"].with_user(self.salesperson)
        with self.assertRaises(UserError):
            reason.create(
                {
                    "res_model": "res.users",
                    "res_ids": self.salesperson.ids,
                    "step": "cancel",
                    "reason": "x",
                }
            ).action_confirm()
        reason.with_context(**work.action_open_cancel()["context"]).create(
            {"reason": "customer moved"}
        ).action_confirm()
        self.assertEqual(work.state, "cancelled")

    # --- acceptance before the tax invoice --------------------------------------------

    def test_acceptance_before_the_tax_invoice(self):
        """A24: what is installed is accepted before its tax invoice is issued, also
        where nobody has made a work order yet; orders without installation are free."""
        order = self.sell()
        order.order_line.sudo().qty_delivered = 10
        move = order.sudo()._create_invoices()
        move.action_post()
        record = self.apply(move)
        record.action_submit()
        self.set_mode("A24", "block")
        with self.assert_refused("A24.*no acceptance report.*salesperson"):
            self.issue(record)
        work = self.work(order)
        self.env["business.rule.mode"].search([]).unlink()
        for step in ("submit", "begin", "finish"):
            getattr(work, f"action_{step}")()
        self.set_mode("A24", "block")
        with self.assert_refused("no acceptance report"):
            self.issue(record)
        work.write(self.report)
        work.action_accept()
        self.issue(record)
        free = self.apply(self.bill())
        free.action_submit()
        self.issue(free, "24442000000012345679")

    # --- screens ----------------------------------------------------------------------

    def test_from_the_order(self):
        """A24: made from the order with its goods as works; a second one continues;
        work order and acceptance report are one print; the form takes what is typed."""
        order = self.sell()
        action = order.action_create_installation()
        work = self.env["installation.order"].browse(action["res_id"])
        self.assertEqual(work.line_ids.mapped("quantity"), [10.0])
        self.assertEqual((work.kind, order.installation_count), ("installation", 1))
        again = order.action_create_installation()["res_id"]
        self.assertEqual(work.browse(again).kind, "continuation")
        html = self.env["ir.actions.report"]._render_qweb_html(
            "sales_receivable.installation_order_document", work.ids
        )[0]
        self.assertIn("派工单", html.decode())
        self.assertIn("验收报告", html.decode())
        with Form(work.with_user(self.salesperson)) as form:
            form.planned_date = "2026-01-15 01:00:00"
            with form.line_ids.new() as line:
                line.name = "Clean up"
        self.assertEqual(len(work.line_ids), 2)
        domain = order.action_view_installations()["domain"]
        self.assertEqual(len(work.search(domain)), 2)
