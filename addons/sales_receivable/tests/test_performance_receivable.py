import json
from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.service.model import call_kw
from odoo.tests import freeze_time, tagged

from .common_ledger import LedgerCommon

SCHEDULE = {4: 10, 5: 15, 6: 25, 7: 20, 8: 30}

# An invoice of 1,000.00 of March 15, unpaid for seven months, then half paid, mostly
# recovered, and the rest credited. What a month takes off or gives back is in the
# month's own closing; "booked" is what all closings so far come to.
#
#  month   | paid or |    open |  month | rate |  write- |   given |  booked
#          | credited|         | of age |      |    down |    back |  so far
STORY = """
  2026-03 |         | 1000.00 |      1 |    0 |    0.00 |    0.00 |    0.00
  2026-04 |         | 1000.00 |      2 |    0 |    0.00 |    0.00 |    0.00
  2026-05 |         | 1000.00 |      3 |    0 |    0.00 |    0.00 |    0.00
  2026-06 |         | 1000.00 |      4 |   10 |  100.00 |    0.00 |  100.00
  2026-07 |         | 1000.00 |      5 |   15 |  150.00 |    0.00 |  250.00
  2026-08 |         | 1000.00 |      6 |   25 |  250.00 |    0.00 |  500.00
  2026-09 |         | 1000.00 |      7 |   20 |  200.00 |    0.00 |  700.00
  2026-10 | pay 500 |  500.00 |      8 |   30 |  150.00 |  350.00 |  500.00
  2026-11 | pay 400 |  100.00 |      9 |    0 |    0.00 |  400.00 |  100.00
  2026-12 | refund  |    0.00 |     10 |    0 |    0.00 |  100.00 |    0.00
"""


@tagged("post_install", "-at_install")
@freeze_time("2027-01-15 09:00:00")
class TestPerformanceReceivable(LedgerCommon):
    """K01: what isn't collected is written down, and given back once it is."""

    def _schedule(self, months=None, date_from="2020-01-01", **values):
        months = SCHEDULE if months is None else months
        return self._rate(
            "K01",
            0,
            date_from,
            month_ids=[
                Command.create({"month": month, "rate": rate})
                for month, rate in months.items()
            ],
            **values,
        )

    def _amounts(self, period):
        return {line[2]: line[3] for line in self._lines(period, "K01")}

    def _open(self, day):
        return sum(amount for amount, _currency in self._open_items(day).values())

    # ------------------------------------------------------------------
    # Month by month
    # ------------------------------------------------------------------

    def test_story_of_an_invoice_month_by_month(self):
        """K01: the table above, to the cent, month by month."""
        self._schedule()
        invoice = self._sell(1000, "2026-03-15")
        booked = 0.0
        for row in STORY.strip().splitlines():
            month, event, *figures = [cell.strip() for cell in row.split("|")]
            left, age, rate, down, back, so_far = map(float, figures)
            if event.startswith("pay"):
                self._pay(invoice, float(event.split()[1]), f"{month}-10")
            elif event:
                self._credit(invoice, 100, f"{month}-10")
            period = self._close(f"{month}-01")
            amounts = self._amounts(period)
            self.assertEqual(self._open(period.date_end), left, month)
            self.assertEqual(-amounts.pop(month, 0), down, month)
            self.assertAlmostEqual(sum(amounts.values()), back, msg=month)
            booked -= down - back
            self.assertAlmostEqual(-booked, so_far, msg=month)
            line = period.entry_ids.filtered(lambda e, m=month: e.slice == m)
            if rate and line:
                part = line.inputs["parts"][0]
                self.assertEqual((part["month"], part["step"]), (age, rate), month)
        entries = self.env["performance.entry"].search([("rule", "=", "K01")])
        self.assertEqual(entries.beneficiary_id, self.seller)
        self.assertAlmostEqual(sum(entries.mapped("amount")), 0)

    def test_the_sentence_says_what_it_comes_from(self):
        """K01: share, amount still open, document, month of age and base date."""
        self._schedule({5: 25})
        invoice = self._sell(600, "2026-06-03")
        line = self._compute("2026-10-01").run_line_ids
        self.assertEqual(
            line.explanation,
            f"150.00 USD off = 25.00 % of 600.00 USD still open on {invoice.name},"
            " month 5 since 06/03/2026",
        )
        self.assertEqual(line.action_open_source()["res_id"], invoice.id)

    def test_nothing_is_written_down_without_a_schedule(self):
        """K01: neither without a version nor by one without months."""
        self._sell(600, "2026-06-03")
        self.assertFalse(self._compute("2026-10-01").run_line_ids)
        self._reopen("2026-10-01")
        self._schedule({})
        self.assertFalse(self._compute("2026-10-01").run_line_ids)

    def test_month_of_the_base_date_is_the_first(self):
        """K01: from the 4th month on: the last day of March and the first one are both
        in their 4th month at the end of June."""
        self._schedule({4: 10})
        self._sell(100, "2026-03-01")
        self._sell(200, "2026-03-31")
        self.assertEqual(self._amounts(self._close("2026-05-01")), {})
        june = self._compute("2026-06-01")
        self.assertEqual(sorted(june.run_line_ids.mapped("amount")), [-20, -10])

    def test_months_before_the_cut_over_are_not_written_down(self):
        """K01: the first period takes off its own month, not the history."""
        self._schedule()
        self._sell(1000, "2026-03-15")
        self.assertEqual(self._amounts(self._compute("2026-09-01")), {"2026-09": -200})

    def test_a_short_schedule_stops(self):
        """K01: after its last month nothing more is taken off."""
        self._schedule({4: 10})
        self._sell(1000, "2026-03-15")
        self._close("2026-06-01")
        self.assertEqual(self._amounts(self._compute("2026-07-01")), {})

    # ------------------------------------------------------------------
    # Versions
    # ------------------------------------------------------------------

    def test_a_new_schedule_counts_from_its_month_on(self):
        """K01: what has been booked isn't priced again."""
        self._schedule()
        self._sell(1000, "2026-03-15")
        self._close("2026-06-01")
        self._schedule({4: 50, 5: 40}, "2026-07-01")
        self.assertEqual(self._amounts(self._compute("2026-07-01")), {"2026-07": -400})

    def test_versions_together_take_off_no_more_than_all(self):
        """K01: 10 % and 15 % of one schedule, then 90 % of the next: 75 % are left."""
        self._schedule()
        self._sell(1000, "2026-03-15")
        self._close("2026-06-01")
        self._close("2026-07-01")
        self._schedule({6: 90, 7: 10}, "2026-08-01")
        august = self._close("2026-08-01")
        self.assertEqual(self._amounts(august), {"2026-08": -750})
        self.assertEqual(self._amounts(self._compute("2026-09-01")), {})

    def test_roundings_come_to_no_more_than_all(self):
        """K01: five cents in ten parts are five cents."""
        self._schedule(dict.fromkeys(range(1, 11), 10))
        self._sell(0.05, "2026-03-15")
        total = 0
        for month in range(3, 13):
            total += sum(self._amounts(self._close(f"2026-{month:02}-01")).values())
        self.assertAlmostEqual(total, -0.05)

    def test_a_team_has_its_own_schedule(self):
        """K01: the invoice's team goes before the company."""
        self._schedule({4: 10})
        self._schedule({4: 60}, team_id=self.team.id)
        for team in (self.env["crm.team"], self.team):
            self._sell(100, "2026-03-15").team_id = team
        june = self._compute("2026-06-01")
        self.assertEqual(sorted(june.run_line_ids.mapped("amount")), [-60, -10])

    def test_no_schedule_takes_off_more_than_all(self):
        """K01: the months of a version come to 100 % at most, however entered."""
        schedule = self._schedule({4: 60, 5: 40})
        with self.assertRaises(ValidationError):
            schedule.month_ids[0].rate = 61
        with self.assertRaises(ValidationError):
            schedule.month_ids = [Command.create({"month": 9, "rate": 1})]
        with self.assertRaises(UserError):
            schedule.month_ids[0].write({"rate": float("nan")})

    # ------------------------------------------------------------------
    # What months count from
    # ------------------------------------------------------------------

    def test_months_count_from_the_due_date(self):
        """K01: each instalment from its own due date, in one line of the invoice."""
        self._schedule({4: 10, 5: 20}, base="due")
        term = self.env["account.payment.term"].create(
            {
                "name": "Half now",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 50, "nb_days": days}
                    )
                    for days in (0, 31)
                ],
            }
        )
        invoice = self._sell(1000, "2026-03-15")
        invoice.button_draft()
        invoice.invoice_payment_term_id = term
        invoice.action_post()
        due = self._item(invoice).mapped("date_maturity")
        self.assertEqual(sorted(map(str, due)), ["2026-03-15", "2026-04-15"])
        self.assertEqual(self._amounts(self._close("2026-06-01")), {"2026-06": -50})
        july = self._compute("2026-07-01")
        self.assertEqual(self._amounts(july), {"2026-07": -150})
        self.assertEqual(
            july.run_line_ids.explanation,
            f"150.00 USD off = 10.00 % of 500.00 USD still open on {invoice.name},"
            f" month 4 since 04/15/2026 + 20.00 % of 500.00 USD still open on"
            f" {invoice.name}, month 5 since 03/15/2026",
        )

    def _order(self, quantity):
        """Confirm an order of a stocked product, at 100 a piece."""
        product = self.env["product.product"].create(
            {
                "name": "Bracket",
                "type": "consu",
                "is_storable": True,
                "invoice_policy": "delivery",
            }
        )
        line = {"product_id": product.id, "product_uom_qty": quantity}
        line |= {"price_unit": 100, "tax_ids": [Command.clear()]}
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "user_id": self.seller.id,
                "order_line": [Command.create(line)],
            }
        )
        order.action_confirm()
        return order

    def _deliver(self, order, quantity, moment):
        """Deliver a part of an order at a moment (UTC)."""
        move = order.picking_ids.move_ids.filtered(lambda m: m.state != "done")
        move.write({"quantity": quantity, "picked": True})
        done = move._action_done()
        done.filtered(lambda m: m.state == "done").date = fields.Datetime.to_datetime(
            moment
        )

    def _bill(self, order, day):
        invoice = order._create_invoices()
        invoice.invoice_date = fields.Date.to_date(day)
        invoice.action_post()
        return invoice

    def test_months_count_from_the_last_delivery(self):
        """K01: the last delivery of what is invoiced, in the company's time zone;
        without a delivery the invoice date."""
        self._schedule({4: 10}, base="delivery")
        self.company.resource_calendar_id.tz = "Asia/Shanghai"
        undelivered = self._sell(100, "2026-03-15")
        order = self._order(10)
        self._deliver(order, 10, "2026-03-31 20:00:00")  # in Shanghai it is April 1
        invoice = self._bill(order, "2026-05-20")
        june = self._close("2026-06-01")
        self.assertEqual(june.entry_ids.mapped("source_name"), [undelivered.name])
        july = self._compute("2026-07-01")
        self.assertEqual(
            self._lines(july, "K01"),
            [(self.seller.name, invoice.name, "2026-07", -100)],
        )

    def test_a_later_delivery_makes_no_older_invoice_young(self):
        """K01: the rest of the order is another invoice's."""
        self._schedule({4: 10}, base="delivery")
        order = self._order(10)
        self._deliver(order, 6, "2026-03-10 09:00:00")
        first = self._bill(order, "2026-03-12")
        self._deliver(order, 4, "2026-05-10 09:00:00")
        self._bill(order, "2026-05-12")
        self.assertEqual(
            self._lines(self._compute("2026-06-01"), "K01"),
            [(self.seller.name, first.name, "2026-06", -60)],
        )

    # ------------------------------------------------------------------
    # What lowers it
    # ------------------------------------------------------------------

    def test_a_back_dated_payment_gives_back(self):
        """K10: entered after the closing, it lowers the closed months' figures in the
        next period."""
        self._schedule()
        invoice = self._sell(1000, "2026-03-15")
        self._close("2026-06-01")
        self._pay(invoice, 400, "2026-05-20")
        self.assertEqual(
            self._amounts(self._compute("2026-07-01")), {"2026-06": 40, "2026-07": -90}
        )

    def test_a_payment_of_the_next_month_changes_nothing_yet(self):
        """K01: what is open counts at the period's end, whenever it is computed."""
        self._schedule()
        invoice = self._sell(1000, "2026-03-15")
        self._pay(invoice, 1000, "2026-07-01")
        self.assertEqual(self._amounts(self._close("2026-06-01")), {"2026-06": -100})
        self.assertEqual(self._amounts(self._compute("2026-07-01")), {"2026-06": 100})

    def test_a_payment_undone_takes_off_again(self):
        """K10: an undone reconciliation counts as if it had never been."""
        self._schedule()
        invoice = self._sell(1000, "2026-03-15")
        self._pay(invoice, 1000, "2026-06-10")
        self.assertEqual(self._amounts(self._close("2026-06-01")), {})
        self._item(invoice).remove_move_reconcile()
        self.assertEqual(
            self._amounts(self._compute("2026-07-01")),
            {"2026-06": -100, "2026-07": -150},
        )

    def test_money_that_settles_nothing_lowers_nothing(self):
        """K01: it is about the invoice; a credit note counts once it is reconciled."""
        self._schedule()
        invoice = self._sell(1000, "2026-03-15")
        refund = self._invoice(
            300,
            "2026-04-01",
            move_type="out_refund",
            invoice_user_id=self.seller.id,
        )
        self.init_payment(200, post=True, date="2026-04-02", partner=self.customer)
        self.assertEqual(self._amounts(self._compute("2026-06-01")), {"2026-06": -100})
        (self._item(refund) + self._item(invoice)).reconcile()
        self.assertEqual(self._amounts(self._compute("2026-06-01")), {"2026-06": -70})

    def test_foreign_invoices_count_in_company_currency(self):
        """K01: half paid at another rate leaves half of the booked value; paid up in
        its currency, nothing is written down while the difference isn't booked."""
        self._schedule()
        invoice = self._sell(1000, "2026-03-15", currency_id=self.usd.id)  # 2000.00
        self._pay(invoice, 500, "2026-06-10")
        self.assertEqual(self._amounts(self._compute("2026-06-01")), {"2026-06": -100})
        with freeze_time("2026-10-25 09:00:00"):
            self.env["account.journal"].invalidate_model(["accounting_date"])
            self._pay(invoice, 500, "2026-10-20")
        difference = self._item(invoice).matched_credit_ids.exchange_move_id.sorted()
        late = difference.filtered(lambda move: move.date.month == 10)
        self.assertTrue(late)
        self.assertEqual(self._amounts(self._compute("2026-06-01")), {"2026-06": -100})
        for month in range(6, 10):
            self._close(f"2026-{month:02}-01")
        october = self._compute("2026-10-01")
        self.assertEqual(sum(self._amounts(october).values()), 700)

    def test_an_invoice_that_is_none_any_more_gives_back(self):
        """K10: reset to draft, it gives back to whom it was taken from, also when it
        names somebody else by then, and says so."""
        self._schedule()
        invoice = self._sell(1000, "2026-03-15")
        self._close("2026-06-01")
        invoice.button_draft()
        invoice.invoice_user_id = self.other_seller
        july = self._compute("2026-07-01")
        self.assertEqual(
            self._lines(july), [(self.seller.name, invoice.name, "2026-06", 100)]
        )
        self.assertEqual(
            july.run_line_ids.explanation,
            f"Nothing is due any more for 2026-06 on {invoice.name};"
            " -100.00 USD booked before, difference 100.00 USD",
        )
        self._close("2026-07-01")

    def test_an_invoice_of_nobody_is_nobodys(self):
        """K01: without a salesperson nobody's performance is lowered."""
        self._schedule()
        self._sell(1000, "2026-03-15").invoice_user_id = False
        self.assertFalse(self._compute("2026-06-01").run_line_ids)

    # ------------------------------------------------------------------
    # Whose it is
    # ------------------------------------------------------------------

    def test_a_booked_invoice_keeps_its_person(self):
        """K10: also when it names somebody else, or nobody, by then."""
        self._schedule()
        invoices = [self._sell(1000, "2026-03-15") for _index in range(2)]
        self._close("2026-06-01")
        invoices[0].invoice_user_id = self.other_seller
        invoices[1].invoice_user_id = False
        self.assertEqual(
            self._lines(self._close("2026-07-01")),
            sorted(
                (self.seller.name, invoice.name, "2026-07", -150)
                for invoice in invoices
            ),
        )

    def test_a_reassignment_moves_its_months_only(self):
        """K10: what was booked stays with who had it; the months from the reassignment
        on are the heir's."""
        self._schedule()
        invoice = self._sell(1000, "2026-03-15")
        self._close("2026-06-01")
        self.env["performance.reassignment"].with_user(self.company_manager).create(
            {
                "company_id": self.company.id,
                "date_from": "2026-07-01",
                "user_id": self.seller.id,
                "heir_id": self.other_seller.id,
                "reason": "left",
            }
        )
        self.assertEqual(
            self._lines(self._close("2026-07-01")),
            [(self.other_seller.name, invoice.name, "2026-07", -150)],
        )
        self._pay(invoice, 1000, "2026-08-10")
        self.assertEqual(
            self._lines(self._compute("2026-08-01")),
            [
                (self.other_seller.name, invoice.name, "2026-07", 150),
                (self.seller.name, invoice.name, "2026-06", 100),
            ],
        )

    def test_other_companies_count_for_themselves(self):
        """K01: neither invoices nor schedules of another company."""
        other = self.setup_other_company(name="Other Co")["company"]
        self._schedule({4: 10})
        self.env["performance.rate"].create(
            {
                "company_id": other.id,
                "rule": "K01",
                "rate": 0,
                "date_from": "2026-01-01",
                "month_ids": [Command.create({"month": 4, "rate": 90})],
            }
        )
        invoice = self._sell(1000, "2026-03-15")
        june = self._compute("2026-06-01")
        self.assertEqual(june.run_line_ids.mapped("source_name"), [invoice.name])
        self.assertEqual(self._amounts(june), {"2026-06": -100})

    # ------------------------------------------------------------------
    # Again, and how fast
    # ------------------------------------------------------------------

    def test_computing_again_changes_nothing(self):
        """K10: the same lines and the same hash."""
        self._schedule()
        for day in ("2026-03-15", "2026-04-02"):
            self._sell(1000, day)
        self._close("2026-06-01")
        july = self._compute("2026-07-01")
        lines, digest = self._lines(july), july.run_hash
        self._compute("2026-07-01")
        self.assertEqual((self._lines(july), july.run_hash), (lines, digest))
        self.assertEqual(len(lines), 2)

    def test_query_count_does_not_grow_with_invoices(self):
        """K01: as many queries for 20 invoices as for one."""
        self._schedule()
        period = self._period("2026-06-01")

        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            period._clear_run()
            before = self.env.cr.sql_log_count
            period._run_receivable()
            return self.env.cr.sql_log_count - before

        self._sell(1000, "2026-03-15")
        count()  # fills the caches of fields
        one = count()
        for _index in range(19):
            self._sell(1000, "2026-03-15")
        count()
        self.assertEqual(count(), one)
        self.assertEqual(len(period.run_line_ids), 20)

    # ------------------------------------------------------------------
    # Who may
    # ------------------------------------------------------------------

    def _rpc(self, user, records, method, *args):
        ids = [] if method == "create" else [records.ids]
        arguments = [*ids, *json.loads(json.dumps(args))]
        return call_kw(records.with_user(user), method, arguments, {})

    def test_administrators_alone_make_schedules(self):
        """K01: neither who is measured by them nor who computes with them."""
        schedule = self._schedule()
        step = schedule.month_ids[0]
        for user in (self.seller, self.finance, self.company_manager):
            for record, method, *args in (
                (step, "write", {"rate": 0}),
                (step, "unlink"),
                (step, "create", {"rate_id": schedule.id, "month": 20, "rate": 0}),
                (schedule, "write", {"month_ids": [[1, step.id, {"rate": 0}]]}),
                (schedule, "write", {"month_ids": [[2, step.id, 0]]}),
                (schedule, "write", {"base": "due"}),
            ):
                with self.assertRaises(AccessError, msg=f"{user.login} {method}"):
                    self._rpc(user, record, method, *args)
        self._rpc(self.administrator, step, "write", {"rate": 5})
        self.assertEqual(step.rate, 5)
        with self.assertRaises(AccessError):
            step.with_user(self.seller).read(["rate"])

    def test_a_closed_schedule_never_changes(self):
        """K01: no step of a version that a closed month used is changed, removed, added
        or moved in from another version."""
        schedule = self._schedule()
        self._close("2026-06-01")
        later = self._schedule({4: 1}, "2026-07-01")
        step = schedule.month_ids[0]
        for record, method, *args in (
            (step, "write", {"rate": 0}),
            (step, "write", {"month": 30}),
            (step, "write", {"rate_id": later.id, "month": 30}),
            (
                later.month_ids,
                "write",
                {"rate_id": schedule.id, "month": 30, "rate": 0},
            ),
            (step, "unlink"),
            (step, "create", {"rate_id": schedule.id, "month": 20, "rate": 0}),
            (schedule, "write", {"month_ids": [[1, step.id, {"rate": 0}]]}),
            (schedule, "write", {"month_ids": [[5, 0, 0]]}),
            (schedule, "write", {"base": "due"}),
            (schedule, "unlink"),
        ):
            with (
                self.assertRaises(UserError, msg=f"{method} {args}"),
                self.env.cr.savepoint(),
            ):
                self._rpc(self.administrator, record, method, *args)
            self.env.invalidate_all()
        copied = self._rpc(
            self.administrator, later, "copy", {"date_from": "2026-08-01"}
        )
        self.assertEqual(self.env["performance.rate"].browse(copied).month_ids.rate, 1)
        self.assertEqual(
            {line.month: line.rate for line in schedule.month_ids}, SCHEDULE
        )

    def test_an_item_is_as_old_at_every_month_end(self):
        """K01: the month of age of any base date grows by one per month, from one in its
        own month, as calendar months do for who counts them on fingers."""
        self._schedule({5: 100})
        base = fields.Date.to_date("2026-01-28")
        for days in range(8):
            self._sell(10 + days, str(base + timedelta(days=days)))
        may = self._close("2026-05-01")
        self.assertEqual(sorted(may.entry_ids.mapped("target")), [-13, -12, -11, -10])
        june = self._compute("2026-06-01")
        self.assertEqual(
            sorted(june.run_line_ids.mapped("target")), [-17, -16, -15, -14]
        )
