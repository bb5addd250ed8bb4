from odoo.tests import freeze_time, tagged

from .common import VISIT_DAY, VisitCase

REASON = "customer of v_sales"


@tagged("post_install", "-at_install")
class TestCustomerOwner(VisitCase):
    """V25: a customer is one salesperson's; others visit with a manager's consent."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.salesperson.name = "v_sales"
        cls.file = cls.env["sales.customer.file"].create(
            {
                "partner_id": cls.partner.id,
                "user_id": cls.salesperson.id,
                "company_id": cls.company.id,
            }
        )

    def _consent(self, **values):
        action = self._new_visit(self.stranger).action_ask_consent()
        consents = self.env["sales.cross.consent"].with_user(self.stranger)
        consent = consents.with_context(**action["context"]).create(
            {"reason": "He asked for me", **values}
        )
        consent.action_request()
        consent.with_user(self.leader).action_approve()
        return consent

    def test_arrives_off(self):
        """V25: a company that has chosen nothing gets no new obstacle."""
        visit = self._new_visit(self.stranger)
        self.assertFalse(visit.step_reasons)
        self.assertFalse(visit.needs_consent)
        visit.action_plan()
        self.assertEqual(visit.state, "planned")

    def test_warn_names_owner_and_managers(self):
        """V25: warned on the screen, planned, and noted in the log."""
        self._set_mode("V25", "warn")
        visit = self._new_visit(self.stranger)
        self.assertTrue(visit.needs_consent)
        self.assertIn(REASON, visit.step_reasons)
        self.assertIn(self.line_manager.name, visit.step_reasons)
        visit.action_plan()
        self.assertEqual(visit.state, "planned")
        self.assertIn(REASON, visit.message_ids[0].body)

    def test_block_holds_up_every_step_before_the_visit(self):
        """V25: no way past by leaving out a step."""
        visit, planned = self._new_visit(self.stranger), self._new_visit(self.stranger)
        planned.action_plan()
        self._set_mode("V25", "block")
        for step in (visit.action_plan, visit.action_start, planned.action_confirm):
            with self.assertRefused(REASON):
                step()
        planned.cancel_visit("It's somebody else's")
        self.assertEqual(planned.state, "cancelled")

    def test_one_who_has_the_consent_goes(self):
        """V25: for that customer, salesperson and owner."""
        self._set_mode("V25", "block")
        self._consent()
        visit = self._new_visit(self.stranger)
        self.assertFalse(visit.needs_consent)
        visit.action_plan()
        self.assertEqual(visit.state, "planned")
        with self.assertRefused(REASON):
            self._new_visit(self.colleague).action_plan()
        other = self._new_partner("Customer B")
        self.file.create(
            {
                "partner_id": other.id,
                "user_id": self.salesperson.id,
                "company_id": self.company.id,
            }
        )
        with self.assertRefused(REASON):
            self._new_visit(self.stranger, partner_id=other.id).action_plan()

    def test_consent_holds_for_a_contact_of_the_customer(self):
        """V25: the customer is the company, whomever one meets there."""
        contact = self.env["res.partner"].create(
            {"name": "Buyer", "parent_id": self.partner.id}
        )
        self._set_mode("V25", "block")
        visit = self._new_visit(self.stranger, partner_id=contact.id)
        with self.assertRefused(REASON):
            visit.action_plan()
        self._consent(partner_id=contact.id)
        visit.action_plan()
        self.assertEqual(visit.state, "planned")

    def test_request_alone_is_no_consent(self):
        """V25: neither waiting nor refused."""
        self._set_mode("V25", "block")
        visit = self._new_visit(self.stranger)
        consent = (
            self.env["sales.cross.consent"]
            .with_user(self.stranger)
            .create({"partner_id": self.partner.id, "reason": "He asked for me"})
        )
        for step in (
            lambda: None,
            consent.action_request,
            lambda: consent.with_user(self.leader).refuse("No"),
        ):
            step()
            with self.assertRefused(REASON):
                visit.action_plan()

    def test_consent_ends(self):
        """V25: its last day is the company's; a visit the next day isn't covered."""
        self._set_mode("V25", "block")
        self._consent(date_to="2026-11-26")
        # 26 November 23:30 and 27 November 00:30 in Shanghai
        self._new_visit(
            self.stranger, planned_start="2026-11-26 15:30:00"
        ).action_plan()
        with self.assertRefused(REASON):
            self._new_visit(
                self.stranger, planned_start="2026-11-26 16:30:00"
            ).action_plan()

    def test_a_day_past_opens_no_visit_of_today(self):
        """V25: a visit moved back to when the consent held isn't begun now."""
        self._set_mode("V25", "block")
        self._consent(date_to="2026-11-26")
        visit = self._new_visit(self.stranger, planned_start="2026-11-26 02:00:00")
        visit.action_plan()
        with freeze_time("2026-11-28 02:00:00"):
            with self.assertRefused(REASON):
                visit.action_start()
            visit.planned_start = "2026-11-25 02:00:00"
            with self.assertRefused(REASON):
                visit.action_start()
        with freeze_time("2026-11-26 02:00:00"):
            visit.action_start()
        self.assertEqual(visit.state, "in_progress")

    def test_new_owner_is_asked_anew(self):
        """V25: the consent was that of the former owner's manager."""
        self._set_mode("V25", "block")
        self._consent()
        self.file.user_id = self.colleague
        with self.assertRefused(self.colleague.name):
            self._new_visit(self.stranger).action_plan()
        self._new_visit(self.colleague).action_plan()

    def test_managers_need_no_consent(self):
        """V25: those who would give it, and managers of the company."""
        self._set_mode("V25", "block")
        for user in (self.leader, self.line_manager, self.company_manager):
            visit = self._new_visit(user)
            visit.action_plan()
            self.assertEqual(visit.state, "planned")
        with self.assertRefused(REASON):
            self._new_visit(self.other_leader).action_plan()

    def test_customer_of_nobody_is_free(self):
        """V25: without a file or owner, or when the owner has left."""
        self._set_mode("V25", "block")
        free = self._new_partner("Customer B")
        self._new_visit(self.stranger, partner_id=free.id).action_plan()
        self.salesperson.action_archive()
        visit = self._new_visit(self.stranger)
        visit.action_plan()
        self.assertEqual(visit.state, "planned")

    def test_other_companys_owner_does_not_count(self):
        """V25: each company has its own owner of a customer."""
        self._set_mode("V25", "block", company=self.other_company)
        self._new_visit(self.foreigner).action_plan()
        self._set_mode("V25", "block")
        self.file.create(
            {
                "partner_id": self.partner.id,
                "user_id": self.foreigner.id,
                "company_id": self.other_company.id,
            }
        )
        self._new_visit(self.salesperson).action_plan()

    def test_says_beforehand_how_many_it_would_touch(self):
        """V25: visits that haven't begun, to customers of somebody else."""
        for user in (self.stranger, self.colleague, self.salesperson):
            self._new_visit(user)
        self._go(self._new_visit(self.stranger))
        row = self._set_mode("V25", "block").with_user(self.administrator)
        self.assertEqual(row.touched_count, 2)

    def test_constant_queries(self):
        """V25: looking at many visits takes no query for each."""
        self._set_mode("V25", "warn")

        def count(number):
            partners = self.env["res.partner"].create(
                [{"name": f"P{i}", "is_company": True} for i in range(number)]
            )
            self.file.create(
                [
                    {
                        "partner_id": partner.id,
                        "user_id": self.salesperson.id,
                        "company_id": self.company.id,
                    }
                    for partner in partners
                ]
            )
            visits = self._new_visit(self.stranger).union(
                *(
                    self._new_visit(
                        self.stranger, partner_id=partner.id, planned_start=VISIT_DAY
                    )
                    for partner in partners
                )
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.assertEqual(len(visits.mapped("step_reasons")), number + 1)
            self.assertTrue(all(visits.mapped("needs_consent")))
            return self.cr.sql_log_count - before

        count(2)
        self.assertLessEqual(count(50), count(5))
