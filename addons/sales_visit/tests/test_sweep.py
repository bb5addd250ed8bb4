from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, tagged

from .common import VISIT_DAY, VisitCase


@tagged("post_install", "-at_install")
@freeze_time(VISIT_DAY)
class TestSweep(VisitCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.building = cls.env["sales.building"].create(
            {"name": "Tower", "street": "1 Road", "company_id": cls.company.id}
        )

    def _sweep(self, lines, user=None):
        user = user or self.salesperson
        action = self.building.with_user(user).action_sweep()
        wizard = (
            self.env["sales.sweep.wizard"]
            .with_user(user)
            .with_context(**action["context"])
            .create({"line_ids": [Command.create(line) for line in lines]})
        )
        return self.env["sales.visit"].search(wizard.action_apply()["domain"])

    def _own(self, partner, user, **values):
        return self.env["sales.customer.file"].create(
            {
                "partner_id": partner.id,
                "user_id": user.id,
                "company_id": self.company.id,
                **values,
            }
        )

    def test_ten_visits_in_one_grid(self):
        """V23: customers, files and visits whose reports are owed, at once."""
        lines = [
            {
                "name": f"Tenant {i}",
                "floor": f"{i}F",
                "outcome_id": self.outcome.id,
                "note": "Left a card",
            }
            for i in range(10)
        ]
        visits = self._sweep(lines).sorted("id")
        self.assertEqual(set(visits.mapped("state")), {"to_report"})
        self.assertEqual(visits.user_id, self.salesperson)
        self.assertEqual(visits.mapped("partner_id.name"), [x["name"] for x in lines])
        self.assertEqual(visits[3].summary, "Left a card")
        self.assertEqual(visits[3].outcome_id, self.outcome)
        self.assertEqual(visits[0].objective, "Tower")
        self.assertTrue(visits[0].report_due)
        files = self.building.file_ids
        self.assertEqual(len(files), 10)
        self.assertEqual(files.user_id, self.salesperson)
        self.assertIn("3F · Tenant 3", self.building.occupants)
        visits.with_user(self.salesperson).action_submit_report()

    def test_known_customers_are_found(self):
        """V23: by name, whatever its case; wildcards are letters; none twice."""
        percent = self._new_partner("100% Tea")
        visits = self._sweep(
            [{"name": "customer A"}, {"name": " New Co "}, {"name": "new co"}]
        )
        partners = visits.sorted("id").partner_id
        self.assertEqual(partners[0], self.partner)
        self.assertEqual(len(partners), 2)
        self.assertEqual(self._sweep([{"name": "100% tea"}]).partner_id, percent)
        self.assertNotEqual(self._sweep([{"name": "1%"}]).partner_id, percent)

    def test_says_whose_customer_it_is(self):
        """V23: who of ours is there, floor by floor, also customers of colleagues."""
        self._own(self.partner, self.stranger, building_id=self.building.id, floor="9F")
        building = self.building.with_user(self.salesperson)
        self.assertIn("9F · Customer A", building.occupants)
        self.assertIn(self.stranger.name, building.occupants)
        context = building.action_sweep()["context"]
        wizard = Form(
            self.env["sales.sweep.wizard"]
            .with_user(self.salesperson)
            .with_context(**context)
        )
        with wizard.line_ids.new() as line:
            line.name = "customer a"
            self.assertIn(self.stranger.name, line.known_as)
            line.name = "Nobody we know"
            self.assertFalse(line.known_as)

    def test_rules_of_visits_hold(self):
        """V25: a customer of somebody else isn't called on, nor is anything created."""
        self._set_mode("V25", "block")
        self._own(self.partner, self.stranger)
        before = self.env["sales.visit"].search_count([])
        with self.assertRefused("V25"):
            self._sweep([{"name": "Tenant"}, {"name": "Customer A"}])
        self.assertEqual(self.env["sales.visit"].search_count([]), before)

    def test_file_of_somebody_else_stays(self):
        """V23: its building isn't overwritten by who passes."""
        file = self._own(self.partner, self.stranger)
        self._sweep([{"name": "Customer A", "floor": "2F"}])
        self.assertFalse(file.building_id)

    def test_nothing_entered(self):
        """V23: an empty grid creates nothing."""
        with self.assertRaises(UserError):
            self._sweep([])

    def test_buildings_are_corrected_by_who_entered_them(self):
        """V23: and by managers; everybody may read and use them."""
        building = self.building.with_user(self.salesperson)
        self.assertEqual(building.name, "Tower")
        for values in ({"name": "Other"}, {"active": False}):
            with self.subTest(values), self.assertRaises(AccessError):
                building.write(values)
        own = building.create({"name": "Own", "company_id": self.company.id})
        own.name = "Mine"
        own.with_user(self.leader).name = "Corrected"
