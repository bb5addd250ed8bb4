from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import new_test_user

from ..guard import as_server
from . import test_authority_access, test_ledger_access
from .common import SALESMAN, AuthorityCase

#: The smallest picture there is.
PICTURE = b"R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
RIGHTS = {"c": "create", "r": "read", "w": "write", "d": "unlink"}
#: Who isn't made by the common set-up, with the groups they have.
GROUPS = {
    "colleague": SALESMAN,
    "stranger": SALESMAN,
    "foreigner": SALESMAN,
    "leader": SALESMAN,
    "line_manager": SALESMAN,
    "legal": "sales_receivable.group_legal",
    "finance": "sales_receivable.group_finance",
    "credit_control": "sales_receivable.group_credit_control",
    "company_manager": "sales_receivable.group_company_manager",
    "administrator": "sales_receivable.group_administrator",
    "purchaser": "purchase.group_purchase_user",
    "warehouse": "stock.group_stock_user",
    "accountant": "account.group_account_invoice",
    "employee": "base.group_user",
    "keeper": "sales_receivable.group_paper_keeper",
    "portal": "base.group_portal",
}
ROLES = ("salesperson", *(name for name in GROUPS if name not in ("stranger",)))


def owned(rights, **others):
    """Rights on what is the salesperson's, a stranger's of another team, and another
    company's, by role; those who aren't named have none."""
    return {
        "salesperson": (rights, "", ""),
        "leader": (rights, "", ""),
        "line_manager": (rights, "", ""),
        "foreigner": ("", "", rights),
        **others,
    }


def shared(rights, **others):
    """Rights on what everybody of the company has in common; of another company only
    its own people."""
    users = {role: (rights, rights, "") for role in ROLES if role != "portal"}
    return users | {"foreigner": ("", "", rights)} | others


def everywhere(rights, **others):
    """Rights on what belongs to no company."""
    users = {role: (rights,) * 3 for role in ROLES if role != "portal"}
    return users | others


EVERYTHING = ("crwd", "crwd", "")
#: Own loans, those of one's people, and all of the company for who keeps them.
BORROWED = {
    "salesperson": ("crwd", "", ""),
    "line_manager": ("crwd", "", ""),
    "foreigner": ("", "", "crwd"),
    **dict.fromkeys(("warehouse", "finance", "company_manager"), EVERYTHING),
}
READ = ("r", "r", "")
SELLERS = ("salesperson", "colleague", "leader", "line_manager", "foreigner")
KEPT = dict.fromkeys(("finance", "company_manager"), READ)
GIVEN = owned("crwd", warehouse=EVERYTHING, **KEPT)
NOTICED = owned("crwd", purchaser=EVERYTHING, warehouse=READ, **KEPT)
OF_ALL = {role: ("rw", "rw", "") for role in ("legal", "finance", "company_manager")}
INSTALLATION = owned(
    "crwd",
    **dict.fromkeys(("finance", "company_manager", "warehouse", "accountant"), READ),
)
SLIPS = {
    **dict.fromkeys(("salesperson", "leader", "line_manager"), ("crwd", "", "")),
    **dict.fromkeys(("warehouse", "accountant"), EVERYTHING),
    **dict.fromkeys(("finance", "company_manager"), ("rw", "rw", "")),
    "foreigner": ("", "", "crwd"),
}
# Access rows and record rules of orders, contracts and deliveries; guards that stand
# elsewhere refuse more. A change here is a change of who may what (access.md).
TABLE = {
    "sales.contract": owned("crwd", **OF_ALL),
    "sales.contract.signature": owned(
        "cr", legal=("cr", "cr", ""), finance=READ, company_manager=("cr", "cr", "")
    ),
    "sales.contract.seal": shared("r", administrator=EVERYTHING),
    "sales.contract.clause": shared("r", administrator=EVERYTHING),
    "customer.licence.kind": shared("r", administrator=EVERYTHING),
    "customer.licence": owned(
        "crw",
        **dict.fromkeys(("legal", "finance", "credit_control"), ("crw", "crw", "")),
        company_manager=READ,
    ),
    "sales.certification": {
        "salesperson": ("r", "", ""),
        "line_manager": ("r", "", ""),
        "foreigner": ("", "", "r"),
        "company_manager": ("crw", "crw", ""),
        "administrator": ("crw", "crw", ""),
    },
    "product.trial": owned("crwd", legal=READ, company_manager=("crw", "crw", "")),
    "production.notice": NOTICED,
    "production.notice.line": NOTICED,
    "product.loan": BORROWED,
    "product.loan.line": BORROWED,
    "product.loan.outcome": {
        role: tuple("r" if cell else "" for cell in cells)
        for role, cells in BORROWED.items()
    },
    "free.goods.slip": GIVEN,
    "free.goods.slip.line": GIVEN,
    "free.goods.use": {
        role: tuple("r" if cell else "" for cell in cells)
        for role, cells in GIVEN.items()
    },
    "delivery.slip": SLIPS,
    "delivery.slip.line": SLIPS,
    "delivery.slip.signature": {
        role: tuple("r" if right else "" for right in rights)
        for role, rights in SLIPS.items()
    },
    "driver.settlement": {
        **dict.fromkeys(("finance", "accountant"), EVERYTHING),
        **dict.fromkeys(("warehouse", "company_manager"), READ),
    },
    "sales.settlement.method": shared("r", administrator=EVERYTHING),
    "sales.chain.kind": everywhere("r", administrator=("crwd",) * 3),
    "sales.chain.need": shared("r", administrator=EVERYTHING),
    "sales.chain.paper": owned(
        "cr",
        company_manager=("crw", "crw", ""),
        **dict.fromkeys(("legal", "finance", "accountant"), ("cr", "cr", "")),
    ),
    "sales.chain.chase": {"company_manager": READ},
    "company.paper": shared("r", keeper=EVERYTHING),
    # The salesperson has taken the copy.
    "company.paper.issue": {
        "salesperson": ("r", "", ""),
        "foreigner": ("", "", "r"),
        "keeper": ("cr", "cr", ""),
        "company_manager": READ,
    },
    "sale.price.reason": shared("r", administrator=EVERYTHING),
    "sale.budget.kind": everywhere("r", administrator=("crwd",) * 3),
    # Salespeople only where the company says so.
    "sale.order.budget": {
        **dict.fromkeys(("leader", "line_manager"), ("crwd", "", "")),
        **dict.fromkeys(("accountant", "company_manager"), EVERYTHING),
        "finance": READ,
    },
    "sales.channel": everywhere("r", administrator=("crwd",) * 3),
    "sale.order.allocation": {"finance": ("r",) * 3, "accountant": ("crwd",) * 3},
    "credit.counter": {"finance": READ, "credit_control": READ},
    "tax.invoice": owned(
        "crwd", finance=("rw", "rw", ""), accountant=EVERYTHING, company_manager=READ
    ),
    "tax.invoice.line": everywhere(
        "r", **dict.fromkeys([*SELLERS, "accountant"], ("crwd",) * 3)
    ),
    "installation.order": INSTALLATION,
    "installation.order.line": INSTALLATION,
    "customer.notice": owned("crw", warehouse=("crw", "crw", ""), company_manager=READ),
    "tax.invoice.kind": shared("r", administrator=EVERYTHING),
    "tax.invoice.condition": shared("r", administrator=EVERYTHING),
}
#: Walked through by other tests: model → where.
ELSEWHERE = {
    **dict.fromkeys(test_authority_access.MATRIX, test_authority_access),
    **dict.fromkeys(test_ledger_access.MATRIX, test_ledger_access),
    # Rows as those of the contracts that one may read.
    "sales.contract.ledger": "test_contract_ledger",
    # Rows as those of the budgets.
    "sale.margin.report": "test_order_budget",
}


class TestOrderAccess(AuthorityCase):
    """The table of roles for orders, contracts and deliveries (access.md)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.elsewhere = cls.env["res.company"].create({"name": "Elsewhere"})
        cls.people = {"salesperson": cls.salesperson}
        for name, groups in GROUPS.items():
            company = cls.elsewhere if name == "foreigner" else cls.company
            cls.people[name] = new_test_user(
                cls.env,
                login=f"access_{name}",
                groups=groups,
                company_id=company.id,
                company_ids=[Command.set(company.ids)],
            )
        boss = cls.env["hr.employee"].create(
            {"name": "boss", "user_id": cls.people["line_manager"].id}
        )
        cls.employees[cls.salesperson].parent_id = boss
        for leader, member in (
            ("leader", cls.salesperson),
            ("colleague", cls.people["stranger"]),
        ):
            cls.env["crm.team"].create(
                {
                    "name": f"Team of {leader}",
                    "user_id": cls.people[leader].id if leader == "leader" else False,
                    "company_id": cls.company.id,
                    "member_ids": [Command.set(member.ids)],
                }
            )

    @classmethod
    def make_slip(cls, make, made, owner):
        company = owner.company_id
        env = cls.env(context={"allowed_company_ids": company.ids})
        product = env["product.product"].create({"name": "Goods"})
        picking = env["stock.picking"].create(
            {
                "picking_type_id": env["stock.picking.type"]
                .search(
                    [("code", "=", "outgoing"), ("company_id", "=", company.id)],
                    limit=1,
                )
                .id
            }
        )
        slip = make("delivery.slip", picking_id=picking.id)
        made["delivery.slip"].sudo()._write({"user_id": owner.id})
        made["delivery.slip"].invalidate_recordset()
        make(
            "delivery.slip.line",
            slip_id=slip,
            product_id=product.id,
            description="Goods",
            quantity=1,
            uom_id=product.uom_id.id,
        )
        make(
            "delivery.slip.signature",
            slip_id=slip,
            role="clerk",
            user_id=owner.id,
            signed_at="2026-01-05 00:00:00",
        )
        make("driver.settlement", driver_id=cls.customer.id, company_id=company.id)

    @classmethod
    def new_records(cls, owner):
        """Return ``{model: record}``, one of each model of the table, of a user."""
        company = owner.company_id
        env = cls.env(context={"allowed_company_ids": company.ids})
        made = {}

        def make(model, **vals):
            made[model] = as_server(env[model]).create(vals)
            return made[model].id

        own = {"company_id": company.id}
        kind = make("customer.licence.kind", name="Kind", **own)
        buyer = env["res.partner"].create({"name": "Buyer", "user_id": owner.id})
        make(
            "customer.licence",
            partner_id=buyer.id,
            kind_id=kind,
            document=b"bGljZW5jZQ==",
            **own,
        )
        seal = make("sales.contract.seal", name="Seal", **own)
        make("sales.contract.clause", name="Clause", text="Text", **own)
        contract = make(
            "sales.contract", partner_id=cls.customer.id, user_id=owner.id, **own
        )
        made["sales.contract"].sudo()._write({"state": "approved"})
        made["sales.contract"].invalidate_recordset()
        make(
            "sales.contract.signature",
            contract_id=contract,
            party="ours",
            kind="stamp",
            seal_id=seal,
            person="Somebody",
        )
        product = cls.env["product.product"].create({"name": "Goods"})
        make("sales.certification", user_id=owner.id, **own)
        make(
            "product.trial",
            partner_id=cls.customer.id,
            product_id=product.id,
            user_id=owner.id,
            **own,
        )
        slip = make("production.notice", user_id=owner.id, **own)
        make("production.notice.line", slip_id=slip, product_id=product.id)
        goods = {"product_id": product.id}
        slip = make(
            "product.loan",
            partner_id=cls.customer.id,
            user_id=owner.id,
            date_due="2030-01-01",
            **own,
        )
        line = make("product.loan.line", slip_id=slip, **goods)
        make("product.loan.outcome", line_id=line, kind="returned", quantity=1)
        slip = make(
            "free.goods.slip", partner_id=cls.customer.id, user_id=owner.id, **own
        )
        line = make("free.goods.slip.line", slip_id=slip, **goods)
        move = env["stock.move"].create(
            {
                **goods,
                **own,
                "location_id": cls.env.ref("stock.stock_location_customers").id,
                "location_dest_id": cls.env.ref("stock.stock_location_customers").id,
            }
        )
        make("free.goods.use", line_id=line, move_id=move.id, quantity=1)
        cls.make_slip(make, made, owner)
        make("sales.settlement.method", name="Method", **own)
        make("sales.channel", name="Channel")
        order = env["sale.order"].create(
            {"partner_id": cls.customer.id, "user_id": owner.id, **own}
        )
        cls.make_papers(make, order)
        env["credit.counter"]._count(company, cls.customer)
        made["credit.counter"] = env["credit.counter"].search(
            [("company_id", "=", company.id)], limit=1
        )
        # Needs a chart of accounts: access rows only, its company's rule stands aside.
        made["sale.order.allocation"] = env["sale.order.allocation"]
        tax_kind = make("tax.invoice.kind", name="Kind", **own)
        make("tax.invoice.condition", **own)
        make(
            "tax.invoice",
            partner_id=cls.customer.id,
            user_id=owner.id,
            kind_id=tax_kind,
            **own,
        )
        made["tax.invoice.line"] = env["tax.invoice.line"]
        work = make("installation.order", order_id=order.id, user_id=owner.id)
        make("installation.order.line", installation_id=work, name="Work")
        make("customer.notice", kind="site", order_id=order.id)
        return made

    @classmethod
    def make_papers(cls, make, order):
        """Make what belongs to an order's papers, prices and costs."""
        own = {"company_id": order.company_id.id}
        paper = make("sales.chain.kind", name="Paper")
        make("sales.chain.need", kind_id=paper, **own)
        make(
            "sales.chain.paper", order_id=order.id, kind_id=paper, document=b"cGFwZXI="
        )
        make("sales.chain.chase", order_id=order.id, kind_id=paper)
        make(
            "sale.price.reason",
            name="Reason",
            condition="late",
            limit_percent=5,
            **own,
        )
        licence = make("company.paper", name="Licence", document=PICTURE, **own)
        # Printing is another test's.
        with patch.object(
            type(cls.env["company.paper.issue"]), "_make_copy", lambda *_: b""
        ):
            make(
                "company.paper.issue",
                paper_id=licence,
                user_id=order.user_id.id,
                recipient="Somebody",
                purpose="Test",
            )
        cost = make("sale.budget.kind", name="Cost")
        make("sale.order.budget", order_id=order.id, kind_id=cost)

    def get_rights(self, user, record):
        """What access rows and record rules allow, in the order of "crwd"."""
        record = record.with_user(user).with_context(
            allowed_company_ids=user.company_ids.ids
        )
        return "".join(
            letter for letter, right in RIGHTS.items() if record.has_access(right)
        )

    def test_table(self):
        """A09, A11: who may do what with own, other teams' and other companies'."""
        kept = [
            self.new_records(owner)
            for owner in (
                self.salesperson,
                self.people["stranger"],
                self.people["foreigner"],
            )
        ]
        self.env.flush_all()
        self.assertEqual(set(kept[0]), set(TABLE))
        for model, cells in TABLE.items():
            for role in ROLES:
                user = self.people[role]
                found = tuple(self.get_rights(user, own[model]) for own in kept)
                with self.subTest(model=model, role=role):
                    self.assertEqual(found, cells.get(role, ("", "", "")))

    def test_no_model_is_missing(self):
        """A16: every model of the addon is in a table of access, or is its own user's
        for the time of a dialog."""
        models = {
            name
            for name in self.env.registry
            if self.env[name]._original_module == "sales_receivable"
            and not self.env[name]._abstract
            and not self.env[name]._transient
        }
        missing = models - set(TABLE) - set(ELSEWHERE)
        self.assertFalse(missing)
        self.assertFalse(set(TABLE) & set(ELSEWHERE))
