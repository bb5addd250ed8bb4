from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, new_test_user

from .common import AuthorityCase

OPERATIONS = ("read", "write", "create", "unlink")
R, RW, RWC, ALL, NONE = "r", "rw", "rwc", "rwcu", ""
# What each role may do with each model at all; records are tested below.
MATRIX = {
    "business.rule": dict.fromkeys(("sales", "manager", "finance", "admin"), R),
    "business.rule.mode": {"sales": R, "manager": R, "finance": R, "admin": ALL},
    "authority.level": {"sales": R, "manager": R, "finance": R, "admin": ALL},
    "authority.assignment": {
        "sales": NONE,
        "manager": R,
        "finance": NONE,
        "admin": ALL,
    },
    "authority.substitute": dict.fromkeys(
        ("sales", "manager", "finance", "admin"), ALL
    ),
    "authority.rule": {"sales": NONE, "manager": R, "finance": NONE, "admin": ALL},
    "authority.reviewer": {
        "sales": NONE,
        "manager": R,
        "finance": NONE,
        "admin": ALL,
    },
    "authority.request": dict.fromkeys(("sales", "manager", "finance", "admin"), R),
    "authority.step": dict.fromkeys(("sales", "manager", "finance", "admin"), R),
    "product.price.floor": {"sales": R, "manager": R, "finance": NONE, "admin": ALL},
}


class TestAuthorityAccess(AuthorityCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_mode("A02", "block")
        cls.roles = {
            "sales": cls.colleague,
            "manager": cls.new_user(
                "company_manager", groups="sales_receivable.group_company_manager"
            ),
            "finance": cls.new_user("finance", groups="sales_receivable.group_finance"),
            "admin": cls.new_user(
                "rules_admin", groups="sales_receivable.group_administrator"
            ),
        }
        cls.portal = new_test_user(
            cls.env, login="test_portal", groups="base.group_portal"
        )
        cls.order = cls.new_order()
        cls.request = cls.ask(cls.order)

    def test_matrix(self):
        """A01 A17: roles × models × operations."""
        for model, roles in MATRIX.items():
            for role, expected in roles.items():
                records = self.env[model].with_user(self.roles[role])
                allowed = "".join(
                    operation[0]
                    for operation in OPERATIONS
                    if records.has_access(operation)
                )
                with self.subTest(model=model, role=role):
                    self.assertEqual(allowed, expected)

    def test_portal_has_nothing(self):
        """A16: customers reach none of the models."""
        for model in MATRIX:
            records = self.env[model].with_user(self.portal)
            for operation in OPERATIONS:
                with self.subTest(model=model, operation=operation):
                    self.assertFalse(records.has_access(operation))

    def test_who_sees_a_request(self):
        """A17: who asked, who may decide, company managers; nobody else."""
        seen = {
            self.salesperson: True,
            self.vice_president: True,
            self.general_manager: True,
            self.roles["manager"]: True,
            self.project_manager: False,
            self.colleague: False,
            self.roles["finance"]: False,
            self.roles["admin"]: False,
        }
        for user, expected in seen.items():
            with self.subTest(user=user.name):
                for records in (self.request, self.request.step_ids):
                    record = records.with_user(user)
                    self.assertEqual(record.has_access("read"), expected)
                    self.assertEqual(bool(record.search([])), expected)

    def test_who_decided_still_sees_the_request(self):
        """A17: one's own decisions stay in sight, the document doesn't."""
        self.request.with_user(self.general_manager).action_approve()
        self.env.invalidate_all()
        self.assertTrue(self.request.with_user(self.general_manager).has_access("read"))
        self.assertFalse(self.request.with_user(self.vice_president).has_access("read"))
        self.assertFalse(self.order.with_user(self.general_manager).has_access("read"))

    def test_other_company(self):
        """A01: configuration and requests of another company stay out of sight."""
        other = self.env["res.company"].create({"name": "Other"})
        insider = self.new_user(
            "insider",
            "general_manager",
            groups="sales_receivable.group_company_manager,"
            "sales_receivable.group_administrator",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        for record in (
            self.request,
            self.request.step_ids,
            self.limit,
            self.floor,
            self.env["authority.assignment"].search([], limit=1),
            self.env["business.rule.mode"].search([], limit=1),
        ):
            with self.subTest(model=record._name):
                self.assertFalse(record.with_user(insider).has_access("read"))

    def test_accountants_keep_their_view(self):
        """A01: the right of approvers restricts nobody whom the host lets read all."""
        accountant = self.new_user("accountant", groups="account.group_account_invoice")
        self.assertIn(self.order, self.order.with_user(accountant).search([]))

    def test_salesperson_needs_no_configuration_rights(self):
        """X01: banner and questions work without reading levels' assignments."""
        order = self.new_order().with_user(self.salesperson)
        with self.assertRaises(AccessError):
            self.limit.with_user(self.salesperson).read(["limit"])
        self.assertIn("vice president", order.authority_banner)
        self.assertTrue(order.authority_can_ask)
        order.action_authority_request()
        self.assertTrue(order.authority_can_withdraw)
        self.assertFalse(order.authority_can_decide)
        seen = order.with_user(self.vice_president)
        self.assertTrue(seen.authority_can_decide)
        self.assertFalse(seen.authority_can_withdraw)

    def test_reading_is_not_asking(self):
        """A17: who may only read a document doesn't ask or withdraw for it."""
        reader = self.order.with_user(self.vice_president)
        self.assertTrue(reader.has_access("read"))
        for method in ("action_authority_request", "action_authority_withdraw"):
            with self.assertRaises(AccessError):
                getattr(reader, method)()

    def test_buttons_of_the_document(self):
        """A17: approve and refuse from the document, through the dialog."""
        action = self.order.with_user(self.vice_president).action_authority_refuse()
        wizard = (
            self.env["authority.decision"]
            .with_user(self.vice_president)
            .with_context(**action["context"])
            .create({})
        )
        self.assertEqual(wizard.request_ids, self.request)
        with self.assertRaises(UserError):
            wizard.action_decide()
        wizard.reason = "Too cheap"
        after = wizard.action_decide()
        self.assertEqual(self.request.state, "refused")
        self.assertEqual(
            after["res_model"], "authority.request", "the order is out of reach"
        )
        with self.assert_refused("Nothing here waits"):
            self.order.with_user(self.vice_president).action_authority_approve()

    def test_salesperson_opens_the_invoice_of_an_own_order(self):
        """F00: the form counts payments for those only who may read them."""
        order = self.new_order(price=9.5)
        order.action_confirm()
        order.sudo().order_line.qty_delivered = 10
        invoice = order.with_user(self.salesperson)._create_invoices()
        invoice.sudo().action_post()
        self.env["account.payment.register"].sudo().with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({})._create_payments()
        self.env.invalidate_all()
        with Form(invoice.with_user(self.salesperson)) as form:
            self.assertEqual(form.partner_id, self.customer)
