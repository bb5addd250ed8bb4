from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import VISIT_DAY, VisitCase


@tagged("post_install", "-at_install")
class TestServerFields(VisitCase):
    """What steps write and computes find isn't anybody else's to fill in."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_partner = cls._new_partner("Customer B")
        cls.lead_values = {"name": "Lead", "user_id": cls.salesperson.id}
        cls.visit_values = {"partner_id": cls.partner.id, "planned_start": VISIT_DAY}

    def _forgeries(self):
        """(model, values that are fine, field, value that nobody may give)"""
        file_values = {
            "partner_id": self.other_partner.id,
            "user_id": self.salesperson.id,
            "company_id": self.company.id,
        }
        customer = self.other_partner.id
        return (
            ("crm.lead", self.lead_values, "man_level", "qualified"),
            ("sales.visit", self.visit_values, "commercial_partner_id", customer),
            ("sales.visit", self.visit_values, "duration", 8.0),
            ("sales.customer.file", file_values, "last_visit", VISIT_DAY),
        )

    def test_nobody_writes_them(self):
        """V10, V19: write refuses and names the field, under sudo too."""
        for model, values, name, value in self._forgeries():
            records = self.env[model].with_user(self.salesperson)
            record = records.create(values)
            label = records._fields[name]._description_string(self.env)
            for attempt in (record, record.sudo(), record.with_user(self.leader)):
                with self.subTest(name), self.assertRefused(label):
                    attempt.write({name: value})
            record.sudo().unlink()

    def test_nobody_creates_them(self):
        """V10, V19: create refuses, for one in a batch as well."""
        for model, values, name, value in self._forgeries():
            for records in (self.env[model], self.env[model].sudo()):
                with self.subTest(name), self.assertRaises(UserError):
                    records.create([values, values | {name: value}])

    def test_emptiness_is_no_value_either(self):
        """V10: what a form sends along empty hinders no compute."""
        visit = self._new_visit(commercial_partner_id=False, actual_stop=False)
        self.assertEqual(visit.commercial_partner_id, self.partner)

    def test_import_refuses_them(self):
        """V19: a column of a file is no way in."""
        leads = self.env["crm.lead"].with_user(self.salesperson)
        result = leads.load(["name", "man_level"], [["Imported", "qualified"]])
        self.assertFalse(result["ids"])
        self.assertIn("MAN Level", result["messages"][0]["message"])

    def test_no_default_fills_them(self):
        """V10, V19: neither a context's nor a user's default."""
        for model, values, name, value in self._forgeries():
            records = self.env[model].with_user(self.salesperson)
            expected = records.create(values)
            found = expected[name]
            expected.sudo().unlink()
            with self.subTest(name):
                forged = records.with_context(**{f"default_{name}": value})
                record = forged.create(values)
                self.assertEqual(record[name], found)
                self.assertNotIn(name, forged.default_get([name]))
                record.sudo().unlink()
                self.env["ir.default"].set(model, name, str(value), user_id=True)
                self.assertNotIn(name, records.default_get([name]))
        self.env["ir.default"].set("sales.visit", "state", "reported", user_id=True)
        self.assertEqual(
            self.env["sales.visit"].create(self.visit_values).state, "draft"
        )

    def test_lines_of_a_parent_are_no_way_in(self):
        """V10: commands of a lead meet the visit's own guard."""
        lead = self.env["crm.lead"].with_user(self.salesperson).create(self.lead_values)
        visit = self._new_visit(lead_id=lead.id)
        for name, value in (("state", "reported"), ("duration", 8.0)):
            line = self.visit_values | {name: value}
            with self.subTest(name), self.assertRaises(UserError):
                lead.write({"visit_ids": [Command.create(line)]})
            with self.subTest(name), self.assertRaises(UserError):
                lead.write({"visit_ids": [Command.update(visit.id, {name: value})]})
            with self.subTest(name), self.assertRaises(UserError):
                lead.create(self.lead_values | {"visit_ids": [Command.create(line)]})

    def test_what_they_follow_from_still_fills_them(self):
        """V10, V19: computes and steps aren't hindered."""
        lead = (
            self.env["crm.lead"]
            .with_user(self.salesperson)
            .create(
                self.lead_values
                | {"man_money": "yes", "man_authority": "yes", "man_need": "yes"}
            )
        )
        self.assertEqual(lead.man_level, "qualified")
        lead.man_need = "no"
        self.assertEqual(lead.man_level, "potential")
        visit = self._reported_visit()
        self.assertEqual(visit.commercial_partner_id, self.partner)
        self.assertEqual(visit.duration, 0.5)
        file = self.env["sales.customer.file"].search(
            [("partner_id", "=", self.partner.id)]
        )
        self.assertEqual(file.last_visit, VISIT_DAY)
