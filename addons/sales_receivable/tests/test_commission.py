from datetime import date, timedelta
from random import Random

from odoo.exceptions import UserError, ValidationError
from odoo.tests import freeze_time, tagged

from .common_commission import CommissionCommon

SELLER, OTHER = "Ms Seller", "Ms Other Seller"


@tagged("post_install", "-at_install")
@freeze_time("2027-05-05 09:00:00")
class TestCommission(CommissionCommon):
    """Commission accrues on what is collected, line by line."""

    def test_order_half_paid_paid_bounced_and_refunded(self):
        """K02: an order of 10 000 at 3 %, in a table.

        =========  =================================  ==========  ==================
        month      what happens                       commission  because
        =========  =================================  ==========  ==================
        October    4 000 paid on the 10th                 120.00  3 % of 4 000
        November   6 000 paid on the 5th                  180.00  3 % of 6 000
        December   the 6 000 bounce                      -180.00  November's given back
        January    6 000 paid again on the 20th           180.00  3 % of 6 000
        February   1 000 refunded in money on the 3rd     -30.00  3 % of -1 000
        =========  =================================  ==========  ==================
        """
        self._plan(3)
        invoice = self._bill(self._order((self.press, 10000)))
        self._pay(invoice, 4000, "2026-10-10")
        october = self._close("2026-10-01")
        self.assertEqual(self._commission(october), [(SELLER, "2026-10", 120)])
        payment = self._pay(invoice, 6000, "2026-11-05")
        november = self._close("2026-11-01")
        self.assertEqual(self._commission(november), [(SELLER, "2026-11", 180)])
        self._bounce(invoice, payment)
        december = self._close("2026-12-01")
        self.assertEqual(self._commission(december), [(SELLER, "2026-11", -180)])
        self._pay(invoice, 6000, "2027-01-20")
        january = self._close("2027-01-01")
        self.assertEqual(self._commission(january), [(SELLER, "2027-01", 180)])
        refund = invoice._reverse_moves([{"invoice_date": date(2027, 2, 1)}])
        refund.invoice_line_ids.price_unit = 1000
        refund.action_post()
        self._pay(refund, 1000, "2027-02-03")
        february = self._close("2027-02-01")
        self.assertEqual(self._commission(february), [(SELLER, "2027-02", -30)])
        entries = (october + november + december + january + february).entry_ids
        self.assertEqual(sum(entries.mapped("amount")), 270)

    def test_explanation_names_all_inputs(self):
        """K02: one sentence says share, rate, money, goods, invoice, contract, plan."""
        self._plan(3)
        order = self._order((self.press, 1000))
        invoice = self._bill(order)
        self._pay(invoice, 400, "2026-10-10")
        line = self._compute("2026-10-01").run_line_ids
        self.assertEqual(
            line.explanation,
            "100 % share of 3 % of 400.00 USD collected on Press of "
            f"{invoice.name} until 10/10/2026, contract {order.contract_id.number}; plan"
            " Standard",
        )
        self.assertEqual(line.action_open_source()["res_model"], "account.move")

    def test_nothing_accrues_without_a_plan(self):
        """K02: installing changes nothing; sold isn't collected."""
        invoice = self._bill(self._order((self.press, 1000)))
        self._pay(invoice, 400, "2026-10-10")
        period = self._compute("2026-10-01")
        self.assertFalse(period.run_line_ids)
        self._reopen("2026-10-01")
        self._plan(3)
        self._bill(self._order((self.press, 5000)))
        self.assertEqual(
            self._commission(self._compute("2026-10-01")), [(SELLER, "2026-10", 12)]
        )

    def test_months_before_the_cut_over_are_not_paid(self):
        """K02: the first period pays its own month, not the years before."""
        self._plan(3)
        invoice = self._bill(self._order((self.press, 1000)))
        self._pay(invoice, 400, "2026-10-10")
        self._pay(invoice, 600, "2026-11-10")
        self.assertEqual(
            self._commission(self._compute("2026-11-01")), [(SELLER, "2026-11", 18)]
        )

    def test_first_line_that_fits_counts(self):
        """K02: a category with those below it, then everything else."""
        self._plan(
            lines=[
                {"category_id": self.machines.id, "rate": 5, "sequence": 1},
                {"rate": 1, "sequence": 2},
            ]
        )
        invoice = self._bill(self._order((self.press, 600), (self.bolt, 400)))
        self._pay(invoice, 500, "2026-10-10")
        lines = self._compute("2026-10-01").run_line_ids
        amounts = {line.product_name: line.amount for line in lines}
        self.assertEqual(amounts, {"Press": 15, "Bolt": 2})

    def test_margin_over_the_frozen_cost_decides(self):
        """K02: 40 % margin earns the higher rate; goods without cost have none, and a
        later cost changes nothing."""
        self._plan(
            lines=[
                {"min_margin": 40, "rate": 5, "sequence": 1},
                {"rate": 1, "sequence": 2},
            ]
        )
        cheap = self._product("Cheap", self.machines, cost=60)
        dear = self._product("Dear", self.machines, cost=61)
        invoice = self._bill(self._order((cheap, 100), (dear, 100), (self.press, 100)))
        cheap.standard_price = 99
        self._pay(invoice, 300, "2026-10-10")
        lines = self._compute("2026-10-01").run_line_ids
        amounts = {line.product_name: line.amount for line in lines}
        self.assertEqual(amounts, {"Cheap": 5, "Dear": 1, "Press": 1})

    def test_tax_counts_only_where_the_plan_says_so(self):
        """K02: 10 % of what comes in without its tax, or with it."""
        plan = self._plan(10)
        tax = self.env["account.tax"].create({"name": "VAT 13 %", "amount": 13})
        order = self._order((self.press, 1000))
        order.order_line.tax_ids = tax
        invoice = self._bill(order)
        self._pay(invoice, 565, "2026-10-10")  # half of 1130
        for basis, amount in (("untaxed", 50), ("taxed", 56.5)):
            plan.basis = basis
            period = self._compute("2026-10-01")
            self.assertEqual(self._commission(period), [(SELLER, "2026-10", amount)])
            self._reopen("2026-10-01")

    def test_team_plan_goes_first(self):
        """K02: a team's own plan, the company's for the others."""
        self._plan(3)
        self._plan(7, team_id=self.team.id)
        north = self._order((self.press, 100), team_id=self.team.id)
        other = self._order((self.press, 100), team_id=False)
        for order in (north, other):
            self._pay(self._bill(order), 100, "2026-10-10")
        amounts = [
            amount for *_rest, amount in self._lines(self._compute("2026-10-01"))
        ]
        self.assertEqual(sorted(amounts), [3, 7])

    def test_rate_of_the_month_of_the_collection_counts(self):
        """K02: a new version pays what comes in from its month on; what is booked keeps
        its rate when the product moves to another category."""
        self._plan(lines=[{"category_id": self.machines.id, "rate": 3}, {"rate": 1}])
        invoice = self._bill(self._order((self.press, 1000)))
        self._pay(invoice, 500, "2026-10-10")
        self._close("2026-10-01")
        self.press.categ_id = self.bolt.categ_id
        self._plan(2, date_from="2026-11-15")
        self._pay(invoice, 500, "2026-11-10")
        self.assertEqual(
            self._commission(self._compute("2026-11-01")), [(SELLER, "2026-11", 10)]
        )

    def test_write_off_bears_no_commission(self):
        """K02: of a payment with a write-off only the money counts."""
        self._plan(10)
        invoice = self._bill(self._order((self.press, 1000)))
        self._pay_with_write_off(invoice, 900, "2026-10-10")
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(
            self._commission(self._compute("2026-10-01")), [(SELLER, "2026-10", 90)]
        )

    def test_money_in_transit_counts_by_the_plan(self):
        """K02: else it counts for the day of the payment, once the bank shows it."""
        plan = self._plan(10)
        invoice = self._bill(self._order((self.press, 1000)))
        payment = self._pay(invoice, 1000, "2026-10-30")
        self.assertEqual(
            self._commission(self._compute("2026-10-01")), [(SELLER, "2026-10", 100)]
        )
        self._reopen("2026-10-01")
        plan.in_transit = False
        self.assertEqual(self._commission(self._close("2026-10-01")), [])
        outstanding = payment.move_id.line_ids.filtered(
            lambda line: line.account_id == payment.outstanding_account_id
        )
        self._bank_line(1000, "2026-11-03", outstanding)
        self.assertEqual(
            self._commission(self._compute("2026-11-01")), [(SELLER, "2026-10", 100)]
        )

    def test_foreign_currency_pays_on_what_the_money_was_worth(self):
        """K02: 50 of 100 at 1.60 are 80, the rest at 1.60 another 80: 10 % of 160."""
        self._plan(10, contract_required=False)
        invoice = self._sell(100, "2026-10-01", currency_id=self.usd.id)
        self._pay(invoice, 50, "2026-10-20")
        self._pay(invoice, 50, "2026-10-21")
        self.assertEqual(
            self._commission(self._compute("2026-10-01")), [(SELLER, "2026-10", 16)]
        )

    def test_without_a_valid_contract_nothing_accrues(self):
        """K02: signed later, cancelled, or none at all; the list says which and why."""
        self._plan(10)
        late = self._order((self.press, 100), signed="2026-10-11")
        ended = self._order((self.press, 200))
        none = self._order((self.press, 300), signed=None)
        self._sign(ended, "2026-09-01", state="cancelled")
        for order in (late, ended, none):
            self._pay(self._bill(order), order.amount_total, "2026-10-10")
        loose = self._sell(400, "2026-10-01")
        self._pay(loose, 400, "2026-10-10")
        period = self._compute("2026-10-01")
        self.assertEqual(self._commission(period), [])
        listed = self.env["commission.exception"].search(
            [("period_id", "=", period.id)]
        )
        self.assertEqual(
            sorted((row.amount, row.reason, row.user_id) for row in listed),
            [
                (100, "no_contract", self.seller),
                (200, "no_contract", self.seller),
                (300, "no_contract", self.seller),
                (400, "no_order", self.seller),
            ],
        )
        self._sign(late, "2026-10-10")
        period = self._compute("2026-10-01")
        self.assertEqual(self._commission(period), [(SELLER, "2026-10", 10)])

    def test_cancelled_contract_gives_back(self):
        """K02: what accrued under a contract that is cancelled is taken back in the next
        open month."""
        self._plan(10)
        order = self._order((self.press, 100))
        self._pay(self._bill(order), 100, "2026-10-10")
        self._close("2026-10-01")
        self._sign(order, "2026-09-01", state="cancelled")
        november = self._compute("2026-11-01")
        self.assertEqual(self._commission(november), [(SELLER, "2026-10", -10)])
        self.assertIn("Nothing is due any more", november.run_line_ids.explanation)

    def test_exceptions_say_which_plan_is_missing(self):
        """K02: no plan in that month, no line that fits, nobody to pay."""
        self._plan(10, date_from="2026-11-01", contract_required=False)
        self._plan(
            team_id=self.team.id,
            contract_required=False,
            lines=[{"category_id": self.machines.id, "rate": 5}],
        )
        nobody = self.env["res.users"]
        invoices = [
            self._sell(100, "2026-10-01", team_id=False),
            self._sell(200, "2026-10-01", team_id=self.team.id),
        ]
        for invoice in invoices:
            self._pay(invoice, invoice.amount_total, "2026-10-10")
        period = self._close("2026-10-01")
        reasons = self.env["commission.exception"].search(
            [("period_id", "=", period.id)]
        )
        self.assertEqual(
            sorted(reasons.mapped(lambda row: (row.amount, row.reason))),
            [(100, "no_plan"), (200, "no_line")],
        )
        orphan = self._sell(300, "2026-11-01", user=nobody, team_id=False)
        self._pay(orphan, 300, "2026-11-10")
        period = self._compute("2026-11-01")
        reasons = self.env["commission.exception"].search(
            [("period_id", "=", period.id)]
        )
        self.assertEqual([(r.amount, r.reason) for r in reasons], [(300, "no_person")])

    def test_fully_collected_is_exactly_the_rate(self):
        """K02: whatever the lines, shares and partial payments, everything paid comes to
        the rate of each line, to the cent; persons add up to the line."""
        random = Random(2)  # noqa: S311 (no secret hangs on it)
        self._plan(3.33, contract_required=False)
        orders = {}
        for _case in range(4):
            items = [
                (
                    random.choice((self.press, self.bolt)),
                    random.randrange(1, 99999) / 100,
                )
                for _line in range(random.randrange(1, 5))
            ]
            order = self._order(*items)
            people = (self.seller, self.other_seller)
            cut = random.randrange(1, 99) + 0.37
            for person, percent in zip(people, (cut, 100 - cut), strict=True):
                self._share(order, person, percent)
            invoice = self._bill(order)
            orders[invoice] = order
            day = date(2026, 10, 1)
            while invoice.amount_residual:
                part = min(
                    max(round(invoice.amount_total * random.random() / 2, 2), 0.01),
                    invoice.amount_residual,
                )
                day += timedelta(random.randrange(1, 6))
                self._pay(invoice, part, min(day, date(2026, 12, 31)))
        for month in ("2026-10-01", "2026-11-01", "2026-12-01"):
            self._close(month)
        for invoice in orders:
            for line in invoice.invoice_line_ids:
                entries = self.env["performance.entry"].search(
                    [("source_model", "=", line._name), ("source_id", "=", line.id)]
                )
                wanted = self.company.currency_id.round(line.price_subtotal * 0.0333)
                self.assertAlmostEqual(sum(entries.mapped("amount")), wanted, places=6)

    def _share(self, document, user, percent):
        name = "order_id" if document._name == "sale.order" else "move_id"
        return (
            self.env["commission.share"]
            .with_user(self.company_manager)
            .create({name: document.id, "user_id": user.id, "percent": percent})
        )

    def test_persons_share_by_percent(self):
        """K02: 60/30 of 3 % of 1 000; nobody gets the rest."""
        self._plan(3)
        order = self._order((self.press, 1000))
        self._share(order, self.seller, 60)
        self._share(order, self.other_seller, 30)
        self._pay(self._bill(order), 1000, "2026-10-10")
        self.assertEqual(
            self._commission(self._compute("2026-10-01")),
            [(OTHER, "2026-10", 9), (SELLER, "2026-10", 18)],
        )

    def test_companies_keep_apart(self):
        """K02: another company's plan pays nothing here."""
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self._plan(3, company_id=other.id)
        self._pay(self._bill(self._order((self.press, 1000))), 1000, "2026-10-10")
        self.assertFalse(self._compute("2026-10-01").run_line_ids)

    def test_plan_of_a_closed_month_can_not_change(self):
        """K02: neither the plan nor its lines, by nobody; nor slipped in afterwards."""
        plan = self._plan(3)
        self._pay(self._bill(self._order((self.press, 1000))), 1000, "2026-10-10")
        self._close("2026-10-01")
        for user in (self.administrator, self.env.user):
            plans = plan.with_user(user)
            for change in (
                lambda plans=plans: plans.write({"basis": "taxed"}),
                lambda plans=plans: plans.line_ids.write({"rate": 50}),
                lambda plans=plans: plans.write({"line_ids": [(0, 0, {"rate": 9})]}),
                lambda plans=plans: plans.line_ids.unlink(),
                lambda plans=plans: plans.unlink(),
            ):
                with self.assertRaises(UserError):
                    change()
        with self.assertRaises(UserError):
            self._plan(9, date_from="2026-10-31", team_id=self.team.id)
        later = self._plan(9, date_from="2026-11-20")
        self.assertEqual(later.date_from, date(2026, 11, 1))
        with self.assertRaises(ValidationError):
            later.with_user(self.administrator).date_from = "2026-10-20"

    def test_query_count_does_not_grow(self):
        """K02: as many queries for one invoice as for many."""
        self._plan(3)
        self._pay(self._bill(self._order((self.press, 100))), 100, "2026-10-10")

        def count():
            self._compute("2026-10-01")
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self._compute("2026-10-01")
            return self.env.cr.sql_log_count - before

        one = count()
        for _index in range(4):
            order = self._order((self.press, 100), (self.bolt, 50))
            self._pay(self._bill(order), 150, "2026-10-10")
        self.assertEqual(count(), one)
        self.assertEqual(len(self._period("2026-10-01").run_line_ids), 9)

    # --- departments ------------------------------------------------------------------

    def test_department_gets_a_share_of_its_year(self):
        """K02: 1 % of what the team's year comes to, 2 % of all of it from 5 000 on.

        ========  =========================  ======  =======================
        month     collected by the team       year    leader
        ========  =========================  ======  =======================
        November  3 000                       3 000    30.00 = 1 % of 3 000
        December  3 000                       6 000    90.00 = 2 % of 6 000 - 30
        (bounced) November's 3 000 come back  3 000   -90.00 = 1 % of 3 000 - 120
        ========  =========================  ======  =======================
        """
        self.team.user_id = self.other_seller
        self.team.member_ids = self.seller
        self._rate("collection")
        self._plan(
            kind="department",
            team_id=self.team.id,
            lines=[{"rate": 1}, {"rate": 2, "result_from": 5000}],
        )
        first = self._sell(3000, "2027-01-01")
        payment = self._pay(first, 3000, "2027-01-10")
        january = self._close("2027-01-01")
        self.assertEqual(self._commission(january), [(OTHER, "2027-01", 30)])
        self.assertIn(
            "3,000.00 USD that 2027 comes to for North",
            january.entry_ids[1].explanation + january.entry_ids[0].explanation,
        )
        self._pay(self._sell(3000, "2027-02-01"), 3000, "2027-02-10")
        february = self._close("2027-02-01")
        self.assertEqual(self._commission(february), [(OTHER, "2027-02", 90)])
        self._bounce(first, payment)
        march = self._compute("2027-03-01")
        self.assertEqual(self._commission(march), [(OTHER, "2027-03", -90)])

    # --- interest ---------------------------------------------------------------------

    def test_interest_is_offset_where_the_plan_says_so(self):
        """R08: 0.1 % a day after 5 days of grace, shared as the commission is.

        1 000 due 1 October, paid on the 27th: 7 to 26 October, 20 days × 1.00.
        """
        plan = self._plan(3)
        self._rate("R08", 0.1, threshold_days=5)
        order = self._order((self.press, 1000))
        self._share(order, self.seller, 75)
        self._share(order, self.other_seller, 25)
        invoice = self._bill(order)
        self._pay(invoice, 1000, "2026-10-27")
        self.assertEqual(self._commission(self._compute("2026-10-01"), "R08"), [])
        self._reopen("2026-10-01")
        plan.offset_interest = True
        period = self._compute("2026-10-01")
        self.assertEqual(
            self._commission(period, "R08"),
            [(OTHER, "2026-10", -5), (SELLER, "2026-10", -15)],
        )
        line = period.run_line_ids.filtered(
            lambda row: (row.rule, row.amount) == ("R08", -15)
        )
        self.assertEqual(
            line.explanation,
            "75 % share of 20.00 USD interest: 0.1 % a day on what was open of"
            f" {invoice.name}, due 10/01/2026, for 25 days in 2026-10 (5 days of grace),"
            " 0.00 USD at its end",
        )

    def test_back_dated_payment_gives_interest_back(self):
        """R08: as a difference of its month in the next open period."""
        self._plan(3, offset_interest=True)
        self._rate("R08", 0.1, threshold_days=0)
        invoice = self._bill(self._order((self.press, 1000)))
        self._close("2026-10-01")
        self._pay(invoice, 1000, "2026-10-12")
        november = self._compute("2026-11-01")
        self.assertEqual(self._commission(november, "R08"), [(SELLER, "2026-10", 20)])
