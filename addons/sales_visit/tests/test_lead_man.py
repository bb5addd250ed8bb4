from itertools import product

from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from .common import VISIT_DAY, VisitCase


@tagged("post_install", "-at_install")
class TestLeadMan(VisitCase):
    def _new_lead(self, money="unknown", authority="unknown", need="unknown", **values):
        return (
            self.env["crm.lead"]
            .with_user(self.salesperson)
            .create(
                {
                    "name": "Lead",
                    "type": "opportunity",
                    "company_id": self.company.id,
                    "man_money": money,
                    "man_authority": authority,
                    "man_need": need,
                    **values,
                }
            )
        )

    def test_level_is_the_number_of_yes(self):
        """V19: over all 27 combinations; unknown never counts as no."""
        for answers in product(("yes", "no", "unknown"), repeat=3):
            yes = answers.count("yes")
            expected = {3: "qualified", 2: "potential", 1: "nurture"}.get(
                yes, "invalid"
            )
            if not yes and "unknown" in answers:
                expected = False
            with self.subTest(answers):
                self.assertEqual(self._new_lead(*answers).man_level, expected)

    def test_level_follows_the_answers(self):
        """V19: answering moves the level."""
        lead = self._new_lead()
        self.assertFalse(lead.man_level)
        lead.write({"man_need": "yes", "man_need_note": "Asked for a quotation"})
        self.assertEqual(lead.man_level, "nurture")
        lead.man_money = "yes"
        self.assertEqual(lead.man_level, "potential")
        lead.man_authority = "yes"
        self.assertEqual(lead.man_level, "qualified")

    def test_meaning_of_one_yes_is_the_companys(self):
        """V19: one yes is what the settings say; leads answered before stay."""
        before = self._new_lead("yes")
        self.assertEqual(before.man_level, "nurture")
        self.company.man_one_yes_level = "potential"
        self.assertEqual(self._new_lead("yes").man_level, "potential")
        self.assertEqual(before.man_level, "nurture")
        before.man_need = "no"
        self.assertEqual(before.man_level, "potential")

    def test_invalid_is_closed_as_lost_with_that_reason(self):
        """V19: no yes at all: closed as lost, the reason says why."""
        lead = self._new_lead("no", "no", "no")
        self.assertTrue(lead.active, "nothing closes by itself")
        lead.action_man_invalid()
        self.assertEqual(lead.won_status, "lost")
        self.assertEqual(
            lead.lost_reason_id, self.env.ref("sales_visit.crm_lost_reason_invalid")
        )

    def test_reason_invalid_is_for_invalid_leads(self):
        """V19: tried: the host's own way to lose a lead, write and import."""
        lead = self._new_lead("yes", "yes", "yes")
        reason = self.env.ref("sales_visit.crm_lost_reason_invalid")
        with self.assertRefused("V19"):
            lead.action_set_lost(lost_reason_id=reason.id)
        with self.assertRefused("V19"):
            lead.write({"lost_reason_id": reason.id, "active": False})
        row = [str(lead.id), str(reason.id)]
        self.assertFalse(lead.load([".id", "lost_reason_id/.id"], [row])["ids"])
        other = self.env["crm.lost.reason"].create({"name": "Too dear"})
        lead.action_set_lost(lost_reason_id=other.id)
        self.assertEqual(lead.lost_reason_id, other)

    def test_answers_of_an_invalid_lead_stay(self):
        """V19: until it is restored."""
        lead = self._new_lead("no", "no", "no")
        lead.action_man_invalid()
        with self.assertRefused("V19"):
            lead.man_need = "yes"
        lead.action_unarchive()
        lead.man_need = "yes"

    def test_only_invalid_leads_are_closed_so(self):
        """V19: an open answer or a single yes keeps the lead; the batch too."""
        invalid = self._new_lead("no", "no", "no")
        for answers in (("no", "no", "unknown"), ("yes", "no", "no"), ()):
            lead = self._new_lead(*answers)
            with self.subTest(answers), self.assertRaises(UserError):
                (invalid | lead).action_man_invalid()
        self.assertTrue(invalid.active)

    def test_yes_needs_its_evidence_where_the_company_blocks(self):
        """V19: a yes without saying how we know is refused, however it comes."""
        open_before = self._backdate(self._new_lead("yes"), "2026-01-01 00:00:00")
        self._set_mode("V19", "block", "2026-02-01")
        for vals in ({"money": "yes"}, {"need": "yes", "man_need_note": "  "}):
            with self.subTest(vals), self.assertRefused("V19"):
                self._new_lead(**vals)
        lead = self._new_lead("yes", man_money_note="Balance sheet")
        with self.assertRefused("Authority"):
            lead.man_authority = "yes"
        with self.assertRefused("Money"):
            lead.man_money_note = False
        lead.write({"man_authority": "no", "man_need": "unknown"})
        open_before.man_need = "yes"  # older than the rule

    def test_yes_without_evidence_is_warned_about(self):
        """V19: taken, and the form says what is missing; off, it says nothing."""
        self.assertFalse(self._new_lead("yes").man_evidence_lack)
        row = self._set_mode("V19", "warn")
        lead = self._new_lead("yes", need="yes", man_need_note="Asked for a quotation")
        self.assertIn("Money", lead.man_evidence_lack)
        self.assertNotIn("Need", lead.man_evidence_lack)
        self.assertGreaterEqual(row.touched_count, 1)

    def test_answers_are_tracked(self):
        """V19: the log shows how the judgement changed."""
        lead = self._new_lead().with_context(tracking_disable=False)
        self.env.flush_all()
        self.cr.precommit.run()
        lead.man_money = "yes"
        self.env.flush_all()
        self.cr.precommit.run()
        values = lead.message_ids.sudo().tracking_value_ids.mapped("new_value_char")
        self.assertIn("Yes", values)
        self.assertIn("Nurture", values)

    def test_merging_leads_keeps_answers_and_visits(self):
        """V19: of each answer the first known one, with its evidence; visits follow."""
        first = self._new_lead("yes", man_money_note="Balance sheet", probability=90)
        second = self._new_lead("no", need="yes", man_need_note="Moving", probability=5)
        visit = self._go(self._new_visit(lead_id=second.id))
        self._submit(visit, VISIT_DAY)
        merged = (first | second).merge_opportunity()
        self.assertEqual(merged, first)
        self.assertEqual(merged.man_money, "yes")
        self.assertEqual(merged.man_money_note, "Balance sheet")
        self.assertEqual(merged.man_need, "yes")
        self.assertEqual(merged.man_need_note, "Moving")
        self.assertEqual(merged.man_authority, "unknown")
        self.assertEqual(merged.man_level, "potential")
        self.assertEqual(visit.lead_id, merged)
        self.assertEqual(merged.visit_count, 1)

    def test_merging_leads_of_graded_customers(self):
        """V17: merging never stumbles over grades; the customer's wins."""
        a, b = self.env["sales.customer.grade"].create(
            [{"name": "Test A", "priority": "2"}, {"name": "Test B", "priority": "1"}]
        )
        files = self.env["sales.customer.file"]
        file = files.create(
            {
                "company_id": self.company.id,
                "partner_id": self.partner.id,
                "user_id": self.salesperson.id,
                "grade_id": a.id,
            }
        )
        head = self._new_lead(customer_grade_id=b.id, probability=90)
        tail = self._new_lead(partner_id=self.partner.id, probability=5)
        merged = (head | tail).merge_opportunity()
        self.assertEqual(merged.customer_grade_id, a)
        self.assertEqual(file.grade_id, a)
        loose = self._new_lead(customer_grade_id=b.id) | self._new_lead()
        self.assertEqual(loose.merge_opportunity().customer_grade_id, b)

    def test_other_apps_can_still_write_leads(self):
        """V17: a user of the sales app without our groups works on graded leads."""
        seller = new_test_user(
            self.env,
            "v_seller",
            groups="sales_team.group_sale_salesman_all_leads",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        lead = self._new_lead("yes")
        lead.with_user(seller).write({"partner_id": self.partner.id, "man_need": "yes"})
        self.assertEqual(lead.man_level, "potential")
        values = lead.with_user(seller).read()[0]
        self.assertEqual(values["man_level"], "potential")
        self.assertNotIn("visit_ids", values)
