import io

import openpyxl
from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged

from .common_scorecard import ScorecardCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-12-05 09:00:00")
class TestScorecard(ScorecardCommon):
    """Scorecards: what is measured, what it is worth, and who sees it."""

    # --- definitions ------------------------------------------------------------------

    def test_no_scorecard_before_a_definition_is_saved(self):
        """K06: installing changes nothing; without a definition there are no cards."""
        self._sell(1000, "2026-10-05")
        self._compute()
        self.assertFalse(self.env["scorecard"].search([]))

    def test_a_new_definition_starts_from_the_usual_one(self):
        """K06: 40 % of 100 000, 30 % at 90 %, 20 % at 80 %, 10 % for 3."""
        definition = Form(self.env["scorecard.definition"]).save()
        self.assertEqual(
            [(line.measure, line.weight, line.target) for line in definition.line_ids],
            [
                ("sales", 40, 100_000),
                ("collection", 30, 90),
                ("retention", 20, 80),
                ("new_customers", 10, 3),
            ],
        )

    def test_a_measure_comes_with_its_usual_goal(self):
        """K06: three deals a month; typing another goal is all it takes."""
        with Form(self.env["scorecard.definition"]) as form:
            for _measure in range(4):
                form.line_ids.remove(0)
            with form.line_ids.new() as line:
                line.measure = "deals"
                line.weight = 100
                self.assertEqual(line.target, 3)
            with form.line_ids.edit(0) as line:
                line.target = 5
        self.assertEqual(form.record.line_ids.target, 5)

    def test_weights_come_to_100(self):
        """K06: by the definition, by a line alone, by deleting one."""
        with self.assertRaises(ValidationError):
            self._define([("sales", 60, 1)])
        definition = self._define([("sales", 60, 1), ("deals", 40, 3)])
        first, second = definition.line_ids
        for attempt in (
            lambda: first.write({"weight": 50}),
            first.unlink,
            lambda: first.copy({"measure": "retention"}),
            lambda: definition.write({"line_ids": [Command.delete(first.id)]}),
        ):
            with self.assertRaises(ValidationError), self.env.cr.savepoint():
                attempt()
        definition.line_ids = [
            Command.update(first.id, {"weight": 30}),
            Command.update(second.id, {"weight": 70}),
        ]
        self.assertEqual(definition.weight, 100)

    def test_a_version_of_a_closed_month_stays(self):
        """K06: neither changed nor deleted nor slipped in, nor its lines."""
        definition = self._define([("sales", 60, 1000), ("deals", 40, 3)])
        self._close()
        line = definition.line_ids[0]
        for attempt in (
            lambda: definition.write({"cap": 200}),
            definition.unlink,
            lambda: line.write({"target": 1}),
            line.unlink,
            lambda: line.create(
                {
                    "definition_id": definition.id,
                    "measure": "retention",
                    "weight": 1,
                    "target": 1,
                }
            ),
            lambda: definition.line_ids.write({"target": 1}),
        ):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                attempt()
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self._define([("deals", 100, 3)], date_from="2026-10-01")
        self._define([("deals", 100, 3)], date_from="2026-11-01")

    def test_no_number_that_is_none(self):
        """K06: a target must compare."""
        with self.assertRaises(UserError):
            self._define([("sales", 100, float("nan"))])

    # --- measures ---------------------------------------------------------------------

    def test_sales_of_the_month(self):
        """K06: invoiced without tax less credit notes; half the target, half the weight."""
        self._define([("sales", 40, 1000), ("deals", 60, 1)])
        self._sell(700, "2026-10-01")
        self._sell(200, "2026-10-31", move_type="out_refund")
        self._sell(9000, "2026-11-01")
        self._sell(9000, "2026-10-05", self.other_seller)
        self._compute()
        line = self._line("sales")
        self.assertEqual((line.actual, line.ratio, line.points), (500, 50, 20))
        self.assertEqual(self._card().score, 20)
        self.assertEqual(
            line.explanation,
            "500.00 USD invoiced on 2 documents of 10/01/2026 – 10/31/2026. 50.00 % of"
            " the goal 1,000.00 (at most 150 %) × 40.00 = 20.00 points.",
        )

    def test_more_than_the_cap_counts_for_nothing(self):
        """K06: a measure is worth so much at most, and never less than nothing."""
        self._define([("sales", 100, 1000)], cap=120)
        self._sell(5000, "2026-10-05")
        self._sell(100, "2026-10-05", self.other_seller, move_type="out_refund")
        self._compute()
        self.assertEqual(self._card().score, 120)
        self.assertEqual(self._card(self.other_seller).score, 0)
        self.assertEqual(
            self._line("sales", self._card(self.other_seller)).actual, -100
        )

    def test_all_or_nothing(self):
        """K06: a measure by threshold gives all its weight at the target."""
        self._define([("sales", 40, 1000, "threshold"), ("deals", 60, 1)])
        self._sell(999, "2026-10-05")
        self._sell(1000, "2026-10-05", self.other_seller)
        self._compute()
        self.assertEqual(self._card().score, 0)
        self.assertEqual(self._card(self.other_seller).score, 40)

    def test_collection_of_what_fell_due(self):
        """K06: by the month's end, in money; credited isn't due, an entry isn't money."""
        self._define([("collection", 100, 90)])
        paid = self._sell(600, "2026-09-01", due="2026-10-31")
        self._pay(paid, 300, "2026-09-15")
        self._pay(paid, 150, "2026-10-31")
        self._pay(paid, 150, "2026-11-01")
        credited = self._sell(400, "2026-10-01")
        self._credit(credited, 400, "2026-10-02")
        self._settle_by_entry(self._sell(400, "2026-10-01"), 400, "2026-10-02")
        self._sell(5000, "2026-10-01", due="2026-11-01")
        self._compute()
        line = self._line("collection")
        self.assertEqual((line.inputs["amount"], line.inputs["base"]), (450, 1000))
        self.assertEqual((line.actual, line.points), (45, 50))
        self.assertIn(
            "450.00 USD collected by 10/31/2026 of 1,000.00", line.explanation
        )

    def test_what_nothing_is_due_for_leaves_its_weight(self):
        """K06: a share of nothing isn't missed; the others have its weight."""
        self._define([("sales", 40, 1000), ("collection", 60, 90)])
        self._sell(500, "2026-10-05", due="2026-12-05")
        self._compute()
        line = self._line("collection")
        self.assertEqual((line.is_measured, line.points), (False, 0))
        self.assertEqual(self._card().score, 50)

    def test_customers_retained(self):
        """K06: who bought in the three months before and again in these three, by
        whomever; the last salesperson before answers for the customer."""
        self._define([("retention", 100, 80)])
        kept, lost, late, moved = (self._customer(name) for name in "abcd")
        for customer, day, user in (
            (kept, "2026-05-01", self.seller),
            (kept, "2026-10-31", self.other_seller),
            (lost, "2026-07-31", self.seller),
            (late, "2026-08-01", self.seller),
            (moved, "2026-05-05", self.other_seller),
            (moved, "2026-06-05", self.seller),
            (moved, "2026-08-01", self.seller),
        ):
            self._sell(10, day, user, partner_id=customer.id)
        self._compute()
        line = self._line("retention")
        self.assertEqual((line.inputs["amount"], line.inputs["base"]), (2, 3))
        self.assertEqual(line.actual, 66.67)
        self.assertIn("2 of 3 customers of 05/01/2026 – 07/31/2026", line.explanation)
        self.assertFalse(
            self._line("retention", self._card(self.other_seller)).is_measured
        )

    def test_retention_window_is_configuration(self):
        """K06: over one month: September's customers in October."""
        self._define([("retention", 100, 80)], retention_months=1)
        self._sell(10, "2026-09-30")
        self._sell(10, "2026-10-01")
        self._compute()
        self.assertEqual(self._line("retention").actual, 100)

    def test_new_customers_by_their_first_order_ever(self):
        """K06: of the company as a whole; days are the company's."""
        self.company.resource_calendar_id.tz = "Asia/Shanghai"
        self._define([("new_customers", 50, 3), ("deals", 50, 3)])
        new, old, late = (self._customer(name) for name in "abc")
        branch = self.env["res.partner"].create({"name": "b2", "parent_id": old.id})
        self._order(old, "2026-09-30 12:00:00")
        self._order(branch, "2026-10-05 12:00:00")
        self._order(new, "2026-09-30 16:00:00")
        self._order(new, "2026-10-06 12:00:00", self.other_seller)
        self._order(late, "2026-10-31 16:00:00")
        self._compute()
        self.assertEqual(self._line("new_customers").actual, 1)
        self.assertEqual(self._line("deals").actual, 2)
        other = self._card(self.other_seller)
        self.assertEqual(self._line("new_customers", other).actual, 0)
        self.assertEqual(self._line("deals", other).actual, 1)

    def test_cancelled_orders_are_no_deals(self):
        """K06: a deal is an order that stands."""
        self._define([("deals", 50, 3), ("new_customers", 50, 1)])
        order = self._order(self.customer, "2026-10-05 12:00:00")
        order._action_cancel()
        self._compute()
        self.assertEqual(self._card().score, 0)

    def test_qualified_leads_where_crm_is(self):
        """K06: leads that became opportunities in the month, where there are any."""
        measures = dict(self.env["scorecard.definition.line"]._get_measures())
        if "crm.lead" not in self.env:
            self.assertNotIn("leads", measures)
            with self.assertRaises(ValidationError):
                self._define([("leads", 100, 20)])
            return
        self._define([("leads", 100, 20)])
        leads = self.env["crm.lead"].create(
            [
                {"name": "Lead", "type": kind, "user_id": self.seller.id}
                for kind in ("lead", "opportunity", "opportunity")
            ]
        )
        leads.company_id = self.company
        leads[1].date_conversion = "2026-10-05 12:00:00"
        self._compute()
        self.assertEqual(self._line("leads").actual, 1)

    # --- teams, versions, runs --------------------------------------------------------

    def test_a_team_is_its_members_together(self):
        """K06: two members, twice the target; shares against the same one."""
        self._define([("sales", 50, 1000), ("collection", 50, 100)])
        self._pay(self._sell(600, "2026-10-05"), 600, "2026-10-06")
        self._sell(1800, "2026-10-05", self.other_seller)
        self._compute()
        card = self.env["scorecard"].search([("is_team", "=", True)])
        self.assertEqual((card.team_id, card.member_count), (self.team, 2))
        sales = self._line("sales", card)
        self.assertEqual((sales.target, sales.actual, sales.ratio), (2000, 2400, 120))
        collection = self._line("collection", card)
        self.assertEqual((collection.target, collection.actual), (100, 25))
        self.assertEqual(card.score, 72.5)

    def test_who_sells_without_a_team_has_a_card(self):
        """K06: figures make a salesperson, too; the company's definition counts."""
        self._define([("sales", 100, 1000)])
        self._sell(500, "2026-10-05", self.company_manager)
        self._compute()
        card = self._card(self.company_manager)
        self.assertEqual((card.score, card.team_id.id), (50, False))
        self.assertFalse(self._card(self.finance))

    def test_a_team_s_own_definition_comes_first(self):
        """K06: and the newest version that has begun."""
        self._define([("sales", 100, 1)], date_from="2026-01-01")
        self._define([("sales", 100, 2)], date_from="2026-10-31")
        self._define([("sales", 100, 4)], date_from="2026-11-01")
        self._define([("sales", 100, 8)], date_from="2026-02-01", team_id=self.team.id)
        self._sell(500, "2026-10-05", self.company_manager)
        self._compute()
        self.assertEqual(self._line("sales").target, 8)
        self.assertEqual(
            self._line("sales", self._card(self.company_manager)).target, 2
        )

    def test_a_version_without_measures_ends_the_cards(self):
        """K06: how to stop."""
        self._define([("sales", 100, 1)])
        self._define(date_from="2026-10-01", line_ids=[])
        self._compute()
        self.assertFalse(self.env["scorecard"].search([]))

    def test_computed_again_and_reopened(self):
        """K06: the next run replaces the cards, reopening drops them."""
        self._define([("sales", 100, 1000)])
        self._sell(500, "2026-10-05")
        self._compute()
        self._sell(500, "2026-10-06")
        self._compute()
        self.assertEqual(self._card().score, 100)
        self.assertEqual(len(self._card().line_ids), 1)
        self.period.with_user(self.finance).action_reopen()
        self.assertFalse(self.env["scorecard"].search([]))

    def test_cards_of_a_closed_month_stay(self):
        """K06: whatever is invoiced, who changes team, or who tries by hand."""
        self._define([("sales", 100, 1000)])
        self._sell(500, "2026-10-05")
        self._close()
        self._sell(500, "2026-10-06")
        self.team.member_ids = [Command.unlink(self.seller.id)]
        card = self._card()
        self.assertEqual((card.score, card.team_id), (50, self.team))
        for record in (card.sudo(), card.line_ids.sudo()):
            for attempt in (
                lambda r=record: r.write({"user_id": 1}),
                record.unlink,
                lambda r=record: r.create({"user_id": 1}),
            ):
                with self.assertRaises(UserError):
                    attempt()

    def test_cards_of_a_closed_month_are_verified(self):
        """X07: points from their inputs and scores from their points; what somebody
        changed behind the system shows."""
        self._define(
            [("sales", 50, 1000), ("collection", 30, 90), ("deals", 20, 1, "threshold")]
        )
        self._pay(self._sell(1600, "2026-10-05"), 700, "2026-10-06")
        self._sell(300, "2026-10-05", self.other_seller, due="2026-12-31")
        self._order(self.customer, "2026-10-05 12:00:00")
        self._close()
        verify = self.env["performance.verification"].with_user(self.finance)._verify
        self.assertTrue(verify(self.period).is_equal)
        self.env.cr.execute(
            "UPDATE scorecard_line SET points = points + 1 WHERE id = %s",
            [self._line("sales").id],
        )
        found = verify(self.period)
        self.assertEqual(
            [(line.check, line.beneficiary_id) for line in found.line_ids],
            [("points", self.seller), ("score", self.seller)],
        )
        self.assertEqual(found.line_ids[0].found - found.line_ids[0].expected, 1)
        self.assertIn("Scorecard", found.line_ids[0].check_name)

    def test_other_companies_count_for_nothing(self):
        """K06: neither their invoices nor their definitions."""
        other = self.setup_other_company()["company"]
        self._define([("sales", 100, 1000)])
        self.env["scorecard.definition"].create(
            {"company_id": other.id, "date_from": "2026-02-01"}
        )
        self.seller.company_ids += other
        for move in self._sell(500, "2026-10-05") + self._sell(70, "2026-10-05"):
            self.env.cr.execute(
                "UPDATE account_move SET company_id = %s WHERE id = %s",
                [other.id if move.amount_total == 500 else self.company.id, move.id],
            )
        self._compute()
        self.assertEqual(self._line("sales").actual, 70)

    def test_queries_do_not_grow_with_people(self):
        """K06: the same number of statements for 2 and for 12 people."""
        self._define()
        self.env.flush_all()

        def count():
            start = self.env.cr.sql_log_count
            self.period._delete_lines("scorecard")
            self.period._make_scorecards()
            self.env.flush_all()
            return self.env.cr.sql_log_count - start

        count()
        few = count()
        for number in range(10):
            user = self._user(f"more_{number}", "sales_team.group_sale_salesman")
            self.team.member_ids = [Command.link(user.id)]
        self.env.flush_all()
        count()
        self.assertEqual(count(), few)
        self.assertEqual(
            len(self.env["scorecard"].search([("is_team", "=", False)])), 12
        )

    # --- who sees what ----------------------------------------------------------------

    def test_everybody_sees_their_own_card(self):
        """K06: a person their own, the leader the team's, finance all, others none."""
        self._define([("sales", 100, 1000)])
        self._compute()
        cards = self.env["scorecard"].search([("company_id", "=", self.company.id)])
        self.assertEqual(len(cards), 3)
        for user, expected in (
            (self.seller, self._card()),
            (self.other_seller, self._card(self.other_seller)),
            (self.leader, cards),
            (self.finance, cards),
            (self.company_manager, cards),
            (self.administrator, cards.browse()),
        ):
            seen = cards.with_user(user).search([])
            self.assertEqual(seen, expected, user.login)
            lines = self.env["scorecard.line"].with_user(user).search([])
            self.assertEqual(lines, expected.line_ids, user.login)
        with self.assertRaises(AccessError):
            self._card(self.other_seller).with_user(self.seller).read(["score"])

    def test_my_team_by_line_manager(self):
        """K06: the line manager sees the person's card, not the team's."""
        Employee = self.env["hr.employee"].sudo()
        boss = Employee.create({"name": "boss", "user_id": self.administrator.id})
        Employee.create(
            {"name": "seller", "user_id": self.seller.id, "parent_id": boss.id}
        )
        self._define([("sales", 100, 1000)])
        self._compute()
        seen = self.env["scorecard"].with_user(self.administrator).search([])
        self.assertEqual(seen, self._card())

    # --- forms ------------------------------------------------------------------------

    def test_workbook_with_a_chart(self):
        """K11: the card and its months, each with a chart."""
        self._define([("sales", 60, 1000), ("collection", 40, 90)])
        self._sell(500, "2026-10-05", due="2026-12-31")
        self._compute()
        name, content = self._card().with_user(self.seller)._get_xlsx()
        self.assertEqual(name, "Ms Seller · October 2026")
        book = openpyxl.load_workbook(io.BytesIO(content))
        card, months = book.worksheets
        self.assertEqual((len(card._charts), len(months._charts)), (1, 1))
        book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
        rows = list(book.worksheets[0].values)
        self.assertEqual(rows[6][:6], ("Sales", 60, 1000, 500, 50, 30))
        self.assertEqual(rows[7][:5], ("Collection rate", 40, 90, None, None))
        self.assertEqual(list(book.worksheets[1].values)[-2][1], 50)

    def test_print_in_the_reader_s_language(self):
        """K11: the form names measures and sentences as the screen does."""
        self._define([("sales", 100, 1000)])
        self._sell(500, "2026-10-05")
        self._compute()
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env["ir.module.module"].search(
            [("name", "=", "sales_receivable")]
        )._update_translations(["zh_CN"])
        self.seller.lang = "zh_CN"
        card = self._card()
        for lang, word in (("en_US", "Measure"), ("zh_CN", "指标")):
            html, _kind = (
                self.env["ir.actions.report"]
                .with_user(self.seller)
                .with_context(lang=lang)
                ._render_qweb_html("sales_receivable.scorecard_document", card.ids)
            )
            self.assertIn(word, html.decode())
            self.assertIn("Ms Seller", html.decode())
