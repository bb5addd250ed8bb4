from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from .common import VISIT_DAY, VisitCase


@tagged("post_install", "-at_install")
@freeze_time(VISIT_DAY)
class TestNeed(VisitCase):
    def _new_lead(self, **values):
        return (
            self.env["crm.lead"]
            .with_user(self.salesperson)
            .create(
                {
                    "name": "Lead",
                    "type": "opportunity",
                    "company_id": self.company.id,
                    "user_id": self.salesperson.id,
                    **values,
                }
            )
        )

    def _need(self, user=None, **values):
        return (
            self.env["sales.need"]
            .with_user(user or self.salesperson)
            .create({"kind": "problem", "text": "Too little room", **values})
        )

    def test_confirmed_in_the_customers_words(self):
        """V21: not without them; with them, by whom and on which day."""
        need = self._need(lead_id=self._new_lead().id)
        with self.assertRefused("V21"):
            need.action_confirm()
        need.words = "  "
        with self.assertRefused("V21"):
            need.action_confirm()
        need.words = "We sit on each other's laps"
        need.action_confirm()
        self.assertEqual(need.confirmed_on, VISIT_DAY.date())
        self.assertEqual(need.confirmed_by_id, self.salesperson)

    def test_confirmed_need_stays(self):
        """V21: neither the words nor the need change, for nobody."""
        need = self._need(lead_id=self._new_lead().id, words="Yes, that's it")
        need.action_confirm()
        for vals in ({"words": "No"}, {"text": "Other"}, {"kind": "payoff"}):
            with self.subTest(vals), self.assertRefused("V21"):
                need.sudo().write(vals)
        with self.assertRefused("V21"):
            need.unlink()
        with self.assertRefused("V21"):
            need.action_confirm()

    def test_confirmation_is_no_field(self):
        """V21: RPC, import and defaults confirm nothing."""
        lead = self._new_lead()
        need = self._need(lead_id=lead.id)
        for vals in ({"is_confirmed": True}, {"confirmed_on": "2026-01-01"}):
            with self.subTest(vals), self.assertRaises(AccessError):
                need.write(vals)
            with self.subTest(vals), self.assertRaises(AccessError):
                self._need(lead_id=lead.id, **vals)

    def test_import_confirms_nothing(self):
        """V21: a file brings needs in, unconfirmed, on leads that one may see."""
        needs = self.env["sales.need"].with_user(self.salesperson)
        lead = self._new_lead()
        columns = ["lead_id/.id", "kind", "text", "words"]
        row = [str(lead.id), "Problem", "Too little room", "Too little"]
        for column, value in (
            ("is_confirmed", "True"),
            ("confirmed_on", "2026-01-01"),
            ("confirmed_by_id/.id", str(self.leader.id)),
        ):
            with self.subTest(column):
                result = needs.load([*columns, column], [[*row, value]])
                self.assertFalse(result["ids"])
        loaded = needs.browse(needs.load(columns, [row])["ids"])
        self.assertFalse(loaded.is_confirmed)
        loaded.action_confirm()
        columns = [".id", "words"]
        self.assertFalse(needs.load(columns, [[str(loaded.id), "Else"]])["ids"])
        forged = needs.with_context(default_is_confirmed=True).create(
            {"lead_id": lead.id, "kind": "problem", "text": "Noise"}
        )
        self.assertFalse(forged.is_confirmed)
        self.assertFalse(loaded.copy().is_confirmed)

    def test_known_at_the_next_visit_and_in_the_brief(self):
        """V21: found at a visit or on a lead, it is the customer's; nobody asks twice."""
        lead = self._new_lead(partner_id=self.partner.id)
        on_lead = self._need(lead_id=lead.id)
        visit = self._go(self._new_visit(lead_id=lead.id))
        found = self._need(visit_id=visit.id, text="Moving in May", words="In May")
        self.assertEqual(found.lead_id, lead)
        following = self._new_visit()
        self.assertEqual(following.earlier_need_ids, on_lead | found)
        self.assertEqual(visit.earlier_need_ids, on_lead)
        self.assertNotIn("Moving in May", following.brief)
        found.action_confirm()
        following.invalidate_recordset()
        self.assertIn("Moving in May", following.brief)
        self.assertNotIn("Too little room", following.brief)

    def test_reported_needs_stay_but_can_be_confirmed(self):
        """V21: the report's lock keeps what was found; the customer may confirm later."""
        visit = self._go(self._new_visit())
        need = self._need(visit_id=visit.id)
        self._submit(visit, VISIT_DAY)
        with self.assertRefused("V10"):
            need.text = "Other"
        with self.assertRefused("V10"):
            need.unlink()
        with self.assertRefused("V10"):
            self._need(visit_id=visit.id)
        need.words = "So it is"
        need.action_confirm()

    def test_not_in_the_report_or_lead_of_somebody_else(self):
        """V21: nobody fills in for a stranger."""
        visit = self._go(self._new_visit())
        for vals in ({"visit_id": visit.id}, {"lead_id": self._new_lead().id}):
            with self.subTest(vals), self.assertRaises(UserError):
                self._need(self.stranger, **vals)

    def test_needs_follow_merged_leads(self):
        """V21: needs of both leads are the merged one's, confirmed or not."""
        first = self._new_lead(probability=90)
        second = self._new_lead(probability=5)
        need = self._need(lead_id=second.id, words="Yes")
        need.action_confirm()
        self.assertEqual((first | second).merge_opportunity(), need.lead_id)
