from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, new_test_user

from .common import AuthorityCase

ADMINISTRATOR = "sales_receivable.group_administrator"


@freeze_time("2026-11-22 12:00:00")
class TestAuthorityMatrix(AuthorityCase):
    """The matrix screen: what is typed into a cell starts a version (A01)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.administrator = new_test_user(
            cls.env, "test_matrix_admin", groups=f"{ADMINISTRATOR},base.group_user"
        )
        cls.rules = cls.env["authority.rule"].with_user(cls.administrator)
        cls.team = cls.env["crm.team"].create({"name": "North"})
        cls.vice_rank = cls.levels["vice_president"]

    def cell(self, measure="floor_gap_percent", level=None, **scope):
        matrix = self.rules.get_matrix(**scope)
        row = next(row for row in matrix["rows"] if row["measure"] == measure)
        level = level or self.vice_rank
        return next(c for c in row["cells"] if c["level_id"] == level.id)

    def address(self, measure="floor_gap_percent", **scope):
        return {
            "document": "sale.order",
            "measure": measure,
            "level_id": self.vice_rank.id,
            **scope,
        }

    def set(self, limit, *measure, on=False, **scope):
        self.rules.set_limit(self.address(*measure, **scope), limit, on)

    def versions(self, **domain):
        terms = [(name, "=", value) for name, value in domain.items()]
        found = (
            self.env["authority.rule"]
            .with_context(active_test=False)
            .search(
                [("measure", "=", "floor_gap_percent"), *terms], order="date_from, id"
            )
        )
        return found.mapped(lambda r: (str(r.date_from), str(r.date_to or ""), r.limit))

    def test_shows_measures_levels_and_limits(self):
        """A01: every measure of the document, every level, in order."""
        matrix = self.rules.get_matrix()
        self.assertEqual(
            [level["name"] for level in matrix["levels"]],
            self.env["authority.level"].search([]).mapped("name"),
        )
        self.assertEqual(self.cell()["limit"], 20.0)
        self.assertIsNone(self.cell(level=self.levels["general_manager"])["limit"])
        self.assertIsNone(self.cell("order_amount")["limit"])
        self.assertEqual(matrix["rows"][0]["mode"], "off")
        self.assertTrue(matrix["can_edit"])

    def test_change_starts_a_version(self):
        """A01: the old one ends the day before and can be read."""
        self.set(15.0)
        self.assertEqual(
            self.versions(),
            [("2020-01-01", "2026-11-21", 20.0), ("2026-11-22", "", 15.0)],
        )
        self.assertEqual(self.cell(on="2026-11-21")["limit"], 20.0)
        self.assertFalse(self.rules.get_matrix(on="2026-11-21")["can_edit"])
        history = self.rules.action_open_history(self.address())
        found = self.rules.with_context(**history["context"])
        self.assertEqual(found.search_count(history["domain"]), 2)

    def test_second_change_of_the_day_replaces_the_first(self):
        """A01: nobody has decided by it yet."""
        self.set(15.0)
        self.set(12.0)
        self.assertEqual(self.cell()["limit"], 12.0)
        self.assertEqual(len(self.versions()), 2)

    def test_same_limit_changes_nothing(self):
        """A01: leaving a cell isn't a version."""
        self.set(20.0)
        self.assertEqual(self.versions(), [("2020-01-01", "", 20.0)])

    def test_day_to_come(self):
        """A01: until then the present limit counts; a change before it keeps it."""
        self.set(10.0, on="2027-01-01")
        self.assertEqual(self.cell()["limit"], 20.0)
        self.assertEqual(self.cell(on="2027-01-01")["limit"], 10.0)
        self.set(18.0)
        self.assertEqual(self.cell()["limit"], 18.0)
        self.assertEqual(self.cell(on="2027-01-01")["limit"], 10.0)
        self.assertEqual(
            self.versions(),
            [
                ("2020-01-01", "2026-11-21", 20.0),
                ("2026-11-22", "2026-12-31", 18.0),
                ("2027-01-01", "", 10.0),
            ],
        )

    def test_new_limit_before_a_future_one(self):
        """A01: it ends where that begins."""
        self.set(1000.0, "order_amount", on="2027-01-01")
        self.set(500.0, "order_amount")
        self.assertEqual(self.cell("order_amount")["limit"], 500.0)
        self.assertEqual(self.cell("order_amount", on="2027-01-01")["limit"], 1000.0)

    def test_days_that_have_passed_stay(self):
        """A01: nobody rewrites what people decided by."""
        with self.assert_refused("stay as they were"):
            self.set(15.0, on="2026-11-21")
        self.assertEqual(self.versions(), [("2020-01-01", "", 20.0)])

    def test_taken_away(self):
        """A01: from today the level has no limit; a limit of today vanishes."""
        self.set(None)
        self.assertIsNone(self.cell()["limit"])
        self.assertEqual(self.versions(), [("2020-01-01", "2026-11-21", 20.0)])
        self.set(5.0)
        self.set(None)
        self.assertIsNone(self.cell()["limit"])

    def test_team_inherits_and_replaces(self):
        """A01: a team's row replaces the company's for that team only."""
        scope = {"team_id": self.team.id}
        self.assertTrue(self.cell(**scope)["inherited"])
        self.set(30.0, **scope)
        cell = self.cell(**scope)
        self.assertEqual((cell["limit"], cell["inherited"]), (30.0, False))
        self.assertEqual(self.cell()["limit"], 20.0)

    def test_only_administrators_type(self):
        """A01: others can't by RPC either; salespeople can't read limits."""
        manager = self.new_user(
            "matrix_manager", groups="sales_receivable.group_company_manager"
        )
        rules = self.rules.with_user(manager)
        self.assertFalse(rules.get_matrix()["can_edit"])
        arguments = (self.address(), 99.0)
        with self.assertRaises(AccessError):
            rules.set_limit(*arguments)
        for call in ("get_matrix", "set_limit"):
            with self.subTest(call=call), self.assertRaises(AccessError):
                getattr(self.rules.with_user(self.salesperson), call)(
                    *(arguments if call == "set_limit" else ())
                )

    def test_no_number_is_no_limit(self):
        """A01: "not a number" would never be exceeded."""
        with self.assertRaises(UserError):
            self.set(float("nan"))

    def test_company_of_somebody_else(self):
        """A01: a company one doesn't work in is neither shown nor written."""
        other = self.env["res.company"].create({"name": "Other"})
        for call in (
            lambda: self.set(15.0, company_id=other.id),
            lambda: self.rules.get_matrix(company_id=other.id),
            lambda: self.rules.action_open_history(self.address(company_id=other.id)),
        ):
            with self.assertRaises(AccessError):
                call()
        self.assertEqual(self.versions(), [("2020-01-01", "", 20.0)])

    def test_documents_without_limits(self):
        """A01: the name of any other model is a sentence, not an error."""
        for call in (
            lambda: self.rules.get_matrix("res.users"),
            lambda: self.rules.set_limit(self.address(document="res.users"), 1.0),
        ):
            with self.assert_refused("don't control"):
                call()

    def test_tries_a_document(self):
        """X01: what an order would need by these limits, whatever is switched on."""
        order = self.new_order()
        self.administrator.group_ids += self.env.ref(
            "sales_team.group_sale_salesman_all_leads"
        )
        rules = self.rules
        found = rules.explain_document("sale.order", order.name)
        self.assertEqual(len(found["needs"]), 1)
        self.assertIn("vice president", found["needs"][0]["release"])
        self.set(5.0)
        found = rules.explain_document("sale.order", order.name)
        self.assertEqual(
            found["needs"][0]["level"], self.levels["general_manager"].name
        )
        with self.assert_refused("was found"):
            rules.explain_document("sale.order", "nothing of that name")
        with self.assert_refused("don't control"):
            rules.explain_document("res.users", "admin")

    def test_switch_shows_what_it_touches(self):
        """X01: before it is saved; older documents are spared, and cancelled ones."""
        below, fine, cancelled = (self.new_order(p) for p in (8.0, 9.5, 8.0))
        cancelled.action_cancel()
        rule = self.env["business.rule"].search([("code", "=", "A02")])
        row = self.env["business.rule.mode"].new(
            {
                "rule_id": rule.id,
                "company_id": self.company.id,
                "mode": "block",
                "date_from": "2026-11-22",
            }
        )
        before = row.touched_count
        self.assertGreaterEqual(before, 1)
        touched = self.env["sale.order"]._find_touched(
            "A02", self.company, row.date_from
        )
        self.assertIn(below, touched)
        self.assertFalse((fine | cancelled) & touched)
        row.date_from = "2100-01-01"
        self.assertEqual(row.touched_count, 0)
        row.date_from, row.mode = "2026-11-22", "off"
        self.assertEqual(row.touched_count, 0)
