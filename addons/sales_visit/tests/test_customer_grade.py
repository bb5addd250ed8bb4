from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger
from psycopg2.errors import ForeignKeyViolation, UniqueViolation

from .common import VisitCase


@tagged("post_install", "-at_install")
class TestCustomerGrade(VisitCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.special, cls.a, cls.b, cls.c = cls.env["sales.customer.grade"].create(
            [
                {"name": f"Test {name}", "priority": priority}
                for name, priority in zip("SABC", "3210", strict=True)
            ]
        )
        cls.file = cls._new_file(cls.partner)

    @classmethod
    def _new_file(cls, partner, user=None, **values):
        return cls.env["sales.customer.file"].create(
            {
                "company_id": cls.company.id,
                "partner_id": partner.id,
                "user_id": (user or cls.salesperson).id,
                **values,
            }
        )

    def _new_lead(self, user=None, **values):
        return (
            self.env["crm.lead"]
            .with_user(user or self.salesperson)
            .create(
                {
                    "name": "Lead",
                    "type": "opportunity",
                    "company_id": self.company.id,
                    "partner_id": self.partner.id,
                    **values,
                }
            )
        )

    def test_grades_come_with_the_addon(self):
        """V17: special, A, B and C stand for the priorities 3 to 0."""
        grades = [
            self.env.ref(f"sales_visit.sales_customer_grade_{name}")
            for name in ("special", "a", "b", "c")
        ]
        self.assertEqual([grade.priority for grade in grades], ["3", "2", "1", "0"])

    def test_change_keeps_who_when_what_and_why(self):
        """V17: each change of a grade is in the history with its reason."""
        file = self.file.with_user(self.salesperson)
        with freeze_time("2026-11-26 08:00:00"):
            file.change_grade(self.a.id, "Large orders")
        with freeze_time("2026-12-26 08:00:00"):
            file.with_user(self.leader).change_grade(self.b.id, "Orders fell")
        newest, oldest = file.history_ids
        self.assertEqual(oldest.user_id, self.salesperson)
        self.assertEqual(str(oldest.date), "2026-11-26 08:00:00")
        self.assertFalse(oldest.from_grade_id)
        self.assertEqual(oldest.to_grade_id, self.a)
        self.assertEqual(oldest.reason, "Large orders")
        self.assertEqual(newest.user_id, self.leader)
        self.assertEqual(newest.from_grade_id, self.a)
        self.assertEqual(newest.to_grade_id, self.b)

    def test_change_needs_a_reason(self):
        """V17: no grade without a reason."""
        for reason in ("", "  ", None):
            with self.assertRaises(UserError):
                self.file.change_grade(self.a.id, reason)

    def test_same_grade_is_no_change(self):
        """V17: the history holds changes only."""
        self.file.change_grade(self.a.id, "First")
        self.file.change_grade(self.a.id, "Again")
        self.assertEqual(len(self.file.history_ids), 1)

    def test_grade_cannot_be_written(self):
        """V17: write, sudo, import and context keys don't get past the history."""
        for file in (
            self.file.with_user(self.salesperson),
            self.file.sudo(),
            self.file.with_context(sales_visit_pass=True),
        ):
            with self.assertRaises(UserError):
                file.grade_id = self.a
        result = self.file.load([".id", "grade_id/.id"], [[self.file.id, self.a.id]])
        self.assertFalse(result["ids"])
        self.assertFalse(self.file.grade_id)

    def test_grade_of_a_new_file_is_in_the_history(self):
        """V17: a file created, or imported, with a grade begins its history with it."""
        file = self._new_file(self._new_partner("B"), grade_id=self.a.id)
        self.assertEqual(file.history_ids.to_grade_id, self.a)

    def test_wizard_changes_the_grade(self):
        """V17: the button asks for grade and reason."""
        action = self.file.with_user(self.salesperson).action_change_grade()
        with Form.from_action(self.env(user=self.salesperson), action) as form:
            form.grade_id = self.a
            form.reason = "Large orders"
        form.record.action_apply()
        self.assertEqual(self.file.grade_id, self.a)

    def test_history_is_append_only(self):
        """V17: nobody writes, deletes or invents history, not under sudo either."""
        self.file.change_grade(self.a.id, "First")
        history = self.file.history_ids
        manager_history = history.with_user(self.company_manager)
        for record in (history, history.sudo(), manager_history):
            with self.assertRaises(UserError):
                record.write({"reason": "Other"})
            with self.assertRaises(UserError):
                record.unlink()
            with self.assertRaises(UserError):
                record.create(
                    {
                        "file_id": self.file.id,
                        "date": "2020-01-01",
                        "user_id": self.env.uid,
                        "reason": "Invented",
                    }
                )
        with mute_logger("odoo.sql_db"), self.assertRaises(ForeignKeyViolation):
            self.file.unlink()

    def test_only_those_who_may_write_the_file_change_it(self):
        """V17: somebody else's salesperson can't grade the customer."""
        with self.assertRaises(AccessError):
            self.file.with_user(self.stranger).change_grade(self.a.id, "Mine")

    def test_grade_reaches_open_leads_with_its_priority(self):
        """V17: the grade drives the priority of the customer's open leads, all of them."""
        contact = self._new_partner(
            "Ms. A", is_company=False, parent_id=self.partner.id
        )
        mine = self._new_lead()
        theirs = self._new_lead(self.colleague, partner_id=contact.id)
        lost = self._new_lead()
        lost.action_set_lost()
        other = self._new_lead(partner_id=self._new_partner("B").id)
        self.file.with_user(self.salesperson).change_grade(self.a.id, "Large orders")
        self.assertEqual((mine | theirs).mapped("priority"), ["2", "2"])
        self.assertEqual((mine | theirs).customer_grade_id, self.a)
        self.assertEqual((lost | other).mapped("priority"), ["0", "0"])
        self.file.change_grade(False, "Not graded any more")
        self.assertFalse(mine.customer_grade_id)
        self.assertEqual(mine.priority, "2")

    def test_new_lead_takes_the_customers_grade(self):
        """V17: a lead of a graded customer starts with his priority."""
        self.file.change_grade(self.special.id, "VIP")
        lead = self._new_lead()
        self.assertEqual(lead.customer_grade_id, self.special)
        self.assertEqual(lead.priority, "3")
        self.assertEqual(self._new_lead(priority="1").priority, "3")
        unknown = self._new_lead(partner_id=False)
        self.assertFalse(unknown.customer_grade_id)
        unknown.partner_id = self.partner
        self.assertEqual(unknown.priority, "3")

    def test_priority_of_a_graded_lead_is_the_grades(self):
        """V17: the grade drives the priority: nobody sets another past it."""
        self.file.change_grade(self.a.id, "Large orders")
        lead = self._new_lead()
        free = self._new_lead(partner_id=self._new_partner("B").id)
        with self.assertRaisesRegex(UserError, "Test A"):
            lead.priority = "0"
        with self.assertRaisesRegex(UserError, "Test A"):
            (free | lead).sudo().write({"priority": "3"})
        lead.write({"partner_id": self.partner.id, "priority": "0"})
        self.assertEqual(lead.priority, "2")
        self.a.priority = "1"
        lead.priority = "2"  # what it had may stay
        lead.priority = "1"
        free.priority = "3"
        self.assertEqual(free.priority, "3")

    def test_grade_of_a_lead_without_customer_becomes_the_customers_first(self):
        """V17: what was judged on the lead isn't lost when the customer is known."""
        lead = self._new_lead(partner_id=False, customer_grade_id=self.b.id)
        self.assertEqual(lead.priority, "1")
        partner = self._new_partner("New")
        lead.partner_id = partner
        file = self.env["sales.customer.file"].search([("partner_id", "=", partner.id)])
        self.assertEqual(file.grade_id, self.b)
        self.assertIn("Lead", file.history_ids.reason)
        self.assertEqual(file.user_id, self.salesperson)

    def test_lead_cannot_contradict_its_customer(self):
        """V17: the grade of a graded customer changes with a reason only."""
        self.file.change_grade(self.a.id, "First")
        lead = self._new_lead()
        for grade in (self.c, self.c.browse()):
            with self.assertRaises(UserError):
                lead.customer_grade_id = grade
        with self.assertRaises(UserError):
            self._new_lead(customer_grade_id=self.c.id)
        self.assertEqual(self.file.grade_id, self.a)

    def test_grade_does_not_move_to_another_customer(self):
        """V17: a lead that changes its customer leaves the old one's grade behind."""
        self.file.change_grade(self.a.id, "First")
        lead = self._new_lead()
        other = self._new_partner("Other")
        lead.partner_id = other
        self.assertFalse(lead.customer_grade_id)
        file = self.env["sales.customer.file"].search([("partner_id", "=", other.id)])
        self.assertFalse(file.grade_id)

    def test_change_from_the_lead_opens_the_customers_file(self):
        """V17: the lead's button changes the customer's grade."""
        lead = self._new_lead()
        with Form.from_action(
            self.env(user=self.salesperson), lead.action_change_grade()
        ) as form:
            form.grade_id = self.b
            form.reason = "From the lead"
        form.record.action_apply()
        self.assertEqual(self.file.grade_id, self.b)
        self.assertEqual(lead.priority, "1")

    def test_one_file_per_company_and_customer(self):
        """V17: the database itself holds one file of a customer in a company."""
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(UniqueViolation),
            self.cr.savepoint(),
        ):
            self._new_file(self.partner)
        elsewhere = self._new_file(
            self.partner, self.foreigner, company_id=self.other_company.id
        )
        self.assertTrue(elsewhere)
        contact = self._new_partner(
            "Ms. A", is_company=False, parent_id=self._new_partner("B").id
        )
        with self.assertRaises(ValidationError):
            self._new_file(contact)

    def test_files_come_in_one_batch(self):
        """V17: many customers at once; contacts share their company's file."""
        partners = self.env["res.partner"].create(
            [{"name": f"P{i}", "is_company": True} for i in range(3)]
        )
        contact = self._new_partner("C", is_company=False, parent_id=partners[0].id)
        owners = dict.fromkeys(partners | contact | self.partner, self.salesperson)
        files = self.env["sales.customer.file"]
        found = files._get_or_create(self.company, owners)
        self.assertEqual(len(found), 4)
        self.assertEqual(found[self.partner], self.file)
        self.assertEqual(files._get_or_create(self.company, owners), found)

    def test_new_file_belongs_to_the_hosts_salesperson(self):
        """V25: whoever the contact names as salesperson owns the file."""
        partner = self._new_partner("B", user_id=self.colleague.id)
        files = self.env["sales.customer.file"]
        found = files._get_or_create(self.company, {partner: self.salesperson})
        self.assertEqual(found[partner].user_id, self.colleague)

    def _merge(self, source, target):
        wizard = self.env["base.partner.merge.automatic.wizard"].create(
            {
                "partner_ids": [Command.set((source | target).ids)],
                "dst_partner_id": target.id,
            }
        )
        wizard.action_merge()

    def test_merging_partners_merges_their_files(self):
        """V17: the host deletes the second file with its history; ours survives."""
        other = self._new_partner("Customer A again")
        other_file = self._new_file(other, self.colleague)
        other_file.change_grade(self.b.id, "Theirs")
        visit = self._new_visit(partner_id=other.id)
        self._merge(other, self.partner)
        self.assertFalse(other_file.exists())
        self.assertEqual(self.file.user_id, self.salesperson)
        self.assertEqual(self.file.grade_id, self.b)
        self.assertEqual(
            sorted(self.file.history_ids.mapped("reason")),
            ["Customers merged", "Theirs"],
        )
        visit.invalidate_recordset()
        self.assertEqual(visit.commercial_partner_id, self.partner)

    def test_merging_into_a_partner_without_file_moves_it(self):
        """V17: the file goes along when only the merged contact had one."""
        target = self._new_partner("Target")
        source = self._new_partner("Source")
        file = self._new_file(source)
        another = self._new_file(self._new_partner("Third"))
        self._merge(source | another.partner_id, target)
        left = (file | another).exists()
        self.assertEqual(len(left), 1)
        left.invalidate_recordset()
        self.assertEqual(left.partner_id, target)

    def test_visit_shows_and_freezes_the_grade(self):
        """V17: a visit shows the grade of today; its report keeps that of its day."""
        self.file.change_grade(self.a.id, "First")
        visit = self._reported_visit()
        self.assertEqual(visit.customer_grade_id, self.a)
        self.file.change_grade(self.b.id, "Less")
        visit.invalidate_recordset()
        self.assertEqual(visit.customer_grade_id, self.b)
        self.assertEqual(visit.report_grade_id, self.a)

    def test_lead_grades_no_customer_of_others(self):
        """V17: a lead of one's own on his customer is no way round his file."""
        other = self._new_partner("Theirs")
        theirs = self._new_file(other, self.stranger)
        with self.assertRefused("who grades it"):
            self._new_lead(partner_id=other.id, customer_grade_id=self.special.id)
        lead = self._new_lead(partner_id=other.id)
        with self.assertRefused("who grades it"):
            lead.customer_grade_id = self.special
        graded = self._new_lead(partner_id=False, customer_grade_id=self.special.id)
        with self.assertRefused("who grades it"):
            graded.partner_id = other
        self.assertFalse(theirs.grade_id)
        self.assertFalse(theirs.history_ids)
