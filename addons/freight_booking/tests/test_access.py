from lxml import etree
from odoo.exceptions import AccessError
from odoo.tests import new_test_user

from .common import SALESMAN, FreightCase

#: Model: role → letters of read, write, create, delete. What is not listed is denied.
MATRIX = {
    "freight.location": {"*": "r", "administrator": "rwcd"},
    "freight.carrier": {"*": "r", "administrator": "rwcd"},
    "freight.equipment.type": {"*": "r", "administrator": "rwcd"},
    "freight.charge.type": {"*": "r", "administrator": "rwcd"},
    "freight.tariff": {"commercial": "rwcd", "settlement": "r", "manager": "r"},
    "freight.tariff.line": {"commercial": "rwcd", "settlement": "r", "manager": "r"},
    "freight.quote.equipment": {
        "*": "r",
        "employee": "",
        "administrator": "",
        "commercial": "rwcd",
        "salesman": "rwcd",
    },
    "freight.booking": {
        "*": "r",
        "commercial": "rwcd",
        "operator": "rwcd",
        "settlement": "rw",
    },
    "freight.booking.equipment": {
        "*": "r",
        "employee": "",
        "administrator": "",
        "commercial": "rwcd",
        "operator": "rwcd",
    },
    "freight.cutoff": {
        "*": "r",
        "employee": "",
        "administrator": "",
        "operator": "rwcd",
        "documents": "rw",
    },
    "freight.container": {"*": "r", "operator": "rwcd", "customs": "rw"},
    "freight.container.number": {
        "*": "r",
        "employee": "",
        "administrator": "",
        "salesman": "",
    },
    "freight.seal": {
        "*": "r",
        "employee": "",
        "administrator": "",
        "operator": "rwcd",
        "customs": "rwc",
    },
    "freight.event": {
        "*": "r",
        "employee": "",
        "administrator": "",
        "operator": "rwc",
        "customs": "rwc",
        "documents": "rwc",
    },
    "freight.charge": {"commercial": "rwcd", "settlement": "rwcd", "manager": "r"},
    "freight.bill": {"*": "r", "documents": "rwcd", "settlement": "rw"},
}
OPERATIONS = {"r": "read", "w": "write", "c": "create", "d": "unlink"}


class TestAccess(FreightCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.roles = {
            **cls.users,
            "salesman": cls.salesperson,
            "manager": cls.new_user(
                "manager", "sales_receivable.group_company_manager"
            ),
            "administrator": cls.new_user("administrator"),
            "employee": cls.new_user("employee", "base.group_user"),
        }
        cls.booking = cls.new_booking(user_id=False)
        cls.booking.partner_id = cls.env["res.partner"].create({"name": "Nobody's"})

    def test_matrix(self):
        """F00: role × model × operation is what the table of roles says."""
        for model, rights in MATRIX.items():
            for role, user in self.roles.items():
                expected = rights.get(role, rights.get("*", ""))
                for letter, operation in OPERATIONS.items():
                    with self.subTest(model=model, role=role, operation=operation):
                        self.assertEqual(
                            self.env[model].with_user(user).has_access(operation),
                            letter in expected,
                        )

    def test_portal_and_public_see_nothing(self):
        """F00: customers get nothing before their portal is built."""
        portal = new_test_user(
            self.env, login="freight_portal", groups="base.group_portal"
        )
        for model in MATRIX:
            self.assertFalse(
                self.env[model].with_user(portal).has_access("read"), model
            )

    def test_salespeople_read_their_own_bookings_only(self):
        """F00: own booking, own quote's; the contact's salesperson proves nothing."""
        Booking = self.env["freight.booking"].with_user(self.salesperson)
        own = self.new_booking()
        others = self.new_booking(user_id=False)  # of a customer of one's own
        order = self.env["sale.order"].create(
            {"partner_id": self.booking.partner_id.id, "user_id": self.salesperson.id}
        )
        own_quote = self.new_booking(
            user_id=False, partner_id=self.booking.partner_id.id, order_id=order.id
        )
        found = Booking.search([])
        self.assertLessEqual(own | own_quote, found)
        self.assertFalse((self.booking | others) & found)
        with self.assertRaises(AccessError):
            self.booking.with_user(self.salesperson).read(["name"])

    def test_parts_follow_their_booking(self):
        """F00: containers, events, bills of a hidden booking are hidden too."""
        self.load(self.booking)
        self.new_bill(self.booking)
        for model, domain in (
            ("freight.container", []),
            ("freight.seal", []),
            ("freight.event", []),
            ("freight.cutoff", []),
            ("freight.bill", []),
            ("freight.booking.equipment", []),
        ):
            everything = self.env[model].with_user(self.operator).search(domain)
            self.assertTrue(everything, model)
            self.assertFalse(
                self.env[model].with_user(self.salesperson).search(domain), model
            )

    def test_employees_without_a_role_see_no_booking(self):
        """F00: an employee reads a bill only while it waits for them."""
        self.load(self.booking)
        self.new_bill(self.booking)
        for role in ("employee", "administrator"):
            for model in ("freight.booking", "freight.container", "freight.bill"):
                self.assertFalse(
                    self.env[model].with_user(self.roles[role]).search([]), model
                )

    def test_other_company_is_invisible(self):
        """F00: every role stays within its companies."""
        other = self.env["res.company"].create({"name": "Other"})
        foreign = new_test_user(
            self.env,
            login="freight_foreign",
            groups=f"freight_booking.group_operator,{SALESMAN}_all_leads",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        self.load(self.booking)
        self.new_bill(self.booking)
        for model in (
            "freight.booking",
            "freight.container",
            "freight.seal",
            "freight.event",
            "freight.cutoff",
            "freight.bill",
            "freight.booking.equipment",
        ):
            records = self.env[model].with_user(foreign)
            records = records.with_context(allowed_company_ids=other.ids)
            self.assertFalse(records.search([]), model)

    def test_operators_see_no_prices(self):
        """F00: charges are commercial's and settlement's."""
        fields = self.env["freight.booking"].with_user(self.operator).fields_get()
        self.assertFalse({"charge_ids", "sell_amount", "margin"} & fields.keys())

    def test_forms_offer_no_field_that_is_refused(self):
        """F00: terms are commercial's, the originals documents'; others read them."""
        for model, owner, names in (
            (
                "freight.booking",
                self.commercial,
                ("settlement", "freight_payment_term_code"),
            ),
            (
                "freight.bill",
                self.documents,
                ("originals_printed", "originals_surrendered"),
            ),
        ):
            for user in (owner, self.settlement):
                arch = self.env[model].with_user(user).get_view(view_type="form")
                form = etree.fromstring(arch["arch"])
                for name in names:
                    with self.subTest(model, user=user.login, field=name):
                        nodes = form.xpath(f"//field[@name='{name}']")
                        self.assertEqual(len(nodes), 1)
                        readonly = nodes[0].get("readonly") == "1"
                        self.assertEqual(readonly, user != owner)
