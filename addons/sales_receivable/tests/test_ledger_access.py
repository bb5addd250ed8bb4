from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, JsonRpcException, freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from .common_stock_age import StockAgeCommon

# What each role may do with the models of ageing, stock age and ledger: letters of
# create, read, update, delete; "others" are all roles without a line. A change here is a
# change of who may what, to be reviewed as such.
NOTHING, READ, ALL = "", "r", "crud"
CONFIGURED = {
    "administrator": ALL,
    "finance": READ,
    "company_manager": READ,
    "others": NOTHING,
}
MATRIX = {
    "receivable.ageing.bucket": {"administrator": ALL, "others": READ},
    "receivable.ageing.report": {"others": READ},
    "receivable.ageing.wizard": {"others": ALL},
    "stock.age.bucket": {"administrator": ALL, "others": READ},
    "stock.age.snapshot": {"finance": ALL, "company_manager": ALL, "others": READ},
    "stock.age.line": {"others": READ},
    "stock.age.wizard": {"finance": ALL, "company_manager": ALL, "others": NOTHING},
    "performance.rate": {
        "administrator": ALL,
        "finance": READ,
        "company_manager": READ,
        "others": NOTHING,
    },
    "performance.rate.month": {
        "administrator": ALL,
        "finance": READ,
        "company_manager": READ,
        "others": NOTHING,
    },
    "performance.reassignment": {
        "company_manager": ALL,
        "finance": READ,
        "others": NOTHING,
    },
    "performance.adjustment": {
        "finance": ALL,
        "company_manager": "ru",
        "others": NOTHING,
    },
    "performance.verification": {
        "finance": READ,
        "company_manager": READ,
        "others": NOTHING,
    },
    "performance.verification.line": {
        "finance": READ,
        "company_manager": READ,
        "others": NOTHING,
    },
    "performance.period": {"finance": ALL, "company_manager": "ru", "others": READ},
    "performance.run.line": {"others": READ},
    "performance.entry": {"others": READ},
    "performance.statement": {"others": READ},
    "scorecard.definition": {"administrator": ALL, "others": READ},
    "scorecard.definition.line": {"administrator": ALL, "others": READ},
    "scorecard": {"others": READ},
    "scorecard.line": {"others": READ},
    "scorecard.consequence": CONFIGURED,
    "commission.plan": CONFIGURED,
    "commission.plan.line": CONFIGURED,
    # Salespeople, too: their managers are among them, the model's guard decides.
    "commission.share": {"finance": ALL, "company_manager": ALL, "others": READ},
    "commission.exception": {"others": READ},
    "commission.statement": {"finance": "ru", "company_manager": "ru", "others": READ},
    "commission.payroll": {
        "finance": READ,
        "company_manager": READ,
        "others": NOTHING,
    },
    "scorecard.proposal": {"company_manager": "ru", "others": READ},
    # Sales administrators plan, too.
    "sales.target": {"company_manager": ALL, "others": READ},
    "sales.target.report": {"others": READ},
    "sales.capability.report": {"others": READ},
    "stock.count": {"finance": ALL, "others": READ},
    "stock.count.line": {"others": READ},
    "stock.count.account": {"others": READ},
    # Managers report their people: the record rule says who these are.
    "sales.violation": {"company_manager": "cru", "others": "cr"},
}
OPERATIONS = {"c": "create", "r": "read", "u": "write", "d": "unlink"}
# Figures of persons: who sees the buyer's row, and a row of the other buyer.
PERSONAL = ("stock.age.line", "performance.run.line", "performance.statement")
SEES = {
    "buyer": (True, False),
    "other_buyer": (False, True),
    "line_manager": (True, False),
    "team_leader": (True, False),
    "finance": (True, True),
    "company_manager": (True, True),
    "credit_control": (False, False),
    "administrator": (False, False),
    "stranger": (False, False),
    "foreign_finance": (False, False),
}


class LedgerRolesCase:
    """One user per role, and a computed month with a row for each of two buyers."""

    @classmethod
    def set_up_roles(cls):
        cls._rate(1)
        for buyer in (cls.buyer, cls.other_buyer):
            cls._purchase(10, 15.0, "2025-01-10", buyer=buyer)
        cls.period = cls._period("2026-10-01")
        cls.period.sudo().action_compute()
        cls.users = {
            name: getattr(cls, name)
            for name in (
                "buyer",
                "other_buyer",
                "finance",
                "company_manager",
                "administrator",
            )
        }
        cls.users["credit_control"] = cls._new_user(
            "credit_control", "sales_receivable.group_credit_control"
        )
        for name in ("line_manager", "team_leader", "stranger"):
            cls.users[name] = cls._new_user(name, "base.group_user")
        cls.users["portal"] = new_test_user(
            cls.env, login="age_portal", groups="base.group_portal"
        )
        elsewhere = cls.env["res.company"].create({"name": "Elsewhere"})
        cls.users["foreign_finance"] = cls._new_user(
            "foreign_finance", "sales_receivable.group_finance"
        )
        cls.users["foreign_finance"].write(
            {"company_ids": [Command.set(elsewhere.ids)], "company_id": elsewhere.id}
        )
        boss = cls.env["hr.employee"].create(
            {"name": "boss", "user_id": cls.users["line_manager"].id}
        )
        cls.env["hr.employee"].create(
            {"name": "buyer", "user_id": cls.buyer.id, "parent_id": boss.id}
        )
        cls.env["crm.team"].create(
            {
                "name": "Purchasers",
                "user_id": cls.users["team_leader"].id,
                "company_id": cls.company.id,
                "member_ids": [Command.set(cls.buyer.ids)],
            }
        )
        cls.env.flush_all()


@tagged("post_install", "-at_install")
@freeze_time("2026-12-05 09:00:00")
class TestLedgerAccess(LedgerRolesCase, StockAgeCommon):
    """access.md for the models of ageing, stock age and ledger."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_roles()

    def _as(self, role, model):
        user = self.users[role]
        return (
            self.env[model]
            .with_user(user)
            .with_context(allowed_company_ids=user.company_ids.ids)
        )

    def test_matrix(self):
        """K10: role × model × operation, as the table says."""
        for model, roles in MATRIX.items():
            for role, user in self.users.items():
                expected = roles.get(role.removeprefix("foreign_"), roles["others"])
                if role == "portal":
                    expected = NOTHING
                records = self.env[model].with_user(user)
                found = "".join(
                    letter
                    for letter, operation in OPERATIONS.items()
                    if records.has_access(operation)
                )
                with self.subTest(model=model, role=role):
                    self.assertEqual(found, expected)

    def test_everybody_sees_their_own_figures(self):
        """K10: oneself, one's managers, finance and the company manager; nobody else."""
        for model in PERSONAL:
            person = "buyer_id" if model == "stock.age.line" else "beneficiary_id"
            rows = self.env[model].search([("company_id", "=", self.company.id)])
            own = rows.filtered(lambda row, f=person: row[f] == self.buyer)
            others = rows.filtered(lambda row, f=person: row[f] == self.other_buyer)
            self.assertTrue(own and others)
            for role, expected in SEES.items():
                with self.subTest(model=model, role=role):
                    seen = self._as(role, model).search([])
                    self.assertEqual((own in seen, others in seen), expected)

    def test_entries_follow_the_same_rule(self):
        """K10: what is booked is seen by whom it was seen before."""
        self.period.with_user(self.finance).action_review()
        self.period.with_user(self.company_manager).action_approve()
        self.period.with_user(self.finance).action_close()
        entries = self.period.entry_ids
        own = entries.filtered(lambda entry: entry.beneficiary_id == self.buyer)
        for role, (sees_own, sees_other) in SEES.items():
            with self.subTest(role=role):
                seen = self._as(role, "performance.entry")
                self.assertEqual(
                    seen.search([]) & entries,
                    (own if sees_own else own.browse())
                    | (entries - own if sees_other else own.browse()),
                )

    def test_totals_of_a_period_are_of_what_one_sees(self):
        """K10: a purchaser's period shows no total of the others."""
        for role, amount in (("finance", -3.0), ("buyer", -1.5), ("stranger", 0)):
            period = self.period.with_user(self.users[role])
            self.assertEqual(period.amount, amount, role)
            snapshot = self.period.snapshot_id.with_user(self.users[role])
            self.assertEqual(snapshot.value, -100 * amount, role)

    def test_statements_and_run_lines_are_not_made_by_hand(self):
        """K10: not even by the superuser, where a statement is concerned."""
        statement = self.period.statement_ids[0].sudo()
        for call in (
            lambda: statement.write({"amount": 0}),
            statement.unlink,
            lambda: statement.create({"amount": 0}),
        ):
            with self.assertRaises(UserError):
                call()
        line = self.period.run_line_ids[0].with_user(self.finance)
        for call in (
            lambda: line.write({"amount": 0}),
            line.unlink,
            lambda: line.create({"amount": 0}),
        ):
            with self.assertRaises(AccessError):
                call()


@tagged("post_install", "-at_install")
class TestLedgerRpc(LedgerRolesCase, StockAgeCommon, HttpCase):
    """The same, from outside."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with freeze_time("2026-11-05 09:00:00"):
            cls.set_up_roles()

    def _refused(self, user, *args, **kwargs):
        with mute_logger("odoo.http"), self.assertRaises(JsonRpcException) as refusal:
            self._call(user, *args, **kwargs)
        return str(refusal.exception)

    def _call(self, user, model, method, *args, **kwargs):
        self.authenticate(user.login, user.login)
        return self.make_jsonrpc_request(
            f"/web/dataset/call_kw/{model}/{method}",
            {"model": model, "method": method, "args": args, "kwargs": kwargs},
        )

    def test_no_shortcut_by_rpc(self):
        """K10: state, entries and token can't be sent."""
        period = self.period.id
        calls = [
            ("performance.period", "write", [period], {"state": "closed"}),
            ("performance.period", "_end_step", [period], "close"),
            ("performance.entry", "create", {"amount": 1}),
            ("performance.entry", "_book", period),
            (
                "stock.age.snapshot",
                "write",
                [self.period.snapshot_id.id],
                {"date": "2020-01-01"},
            ),
        ]
        for model, method, *args in calls:
            with self.subTest(model=model, method=method):
                token = {"performance_step": True}
                self._refused(self.finance, model, method, *args, context=token)
        self.env.invalidate_all()
        self.assertEqual(self.period.state, "computed")
        self.assertFalse(self.period.entry_ids)

    def test_steps_by_rpc_ask_for_the_group(self):
        """K10: a purchaser computes nothing, finance does."""
        step = ("performance.period", "action_compute", [self.period.id])
        self.assertIn("AccessError", self._refused(self.buyer, *step))
        self._call(self.finance, *step)

    def test_workbooks_are_sent_to_their_readers_only(self):
        """K11: the download follows access rights; unknown models are not found."""
        self.authenticate(self.finance.login, self.finance.login)
        url = f"/sales_receivable/xlsx/performance.period/{self.period.id}"
        response = self.url_open(url)
        self.assertEqual(response.status_code, 200)
        self.assertTrue(response.content.startswith(b"PK"))
        self.assertIn("attachment", response.headers["Content-Disposition"])
        for path in ("res.partner/1", "no.such.model/1", "performance.period/999999"):
            response = self.url_open(f"/sales_receivable/xlsx/{path}")
            self.assertEqual(response.status_code, 404, path)
        portal = self.users["portal"]
        self.authenticate(portal.login, portal.login)
        self.assertEqual(self.url_open(url).status_code, 403)
