from datetime import timedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

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

    # Leads

    def _lead(self, user=None, **values):
        """A lead that somebody else follows, on no customer unless ``values`` say so."""
        return (
            self.env["crm.lead"]
            .with_user(user or self.stranger)
            .create(
                {
                    "name": "Lead",
                    "type": "opportunity",
                    "company_id": self.company.id,
                    "user_id": (user or self.stranger).id,
                    "team_id": False,
                    **values,
                }
            )
        )

    def test_lead_arrives_off_and_warns(self):
        """V25: nothing without a rule in force; then a banner and a note in the log."""
        free = self._lead(partner_id=self.partner.id)
        self.assertFalse(free.owner_warning)
        self._set_mode("V25", "warn")
        lead = self._lead(partner_id=self.partner.id)
        self.assertIn(REASON, lead.owner_warning)
        self.assertIn(self.line_manager.name, lead.owner_warning)
        self.assertIn(REASON, lead.message_ids[0].body)
        context = lead.action_ask_consent()["context"]
        self.assertEqual(context["default_partner_id"], self.partner.id)
        notes = len(lead.message_ids)
        lead.write({"partner_id": self.partner.id, "user_id": self.stranger.id})
        self.assertEqual(len(lead.message_ids), notes, "nothing new is noted twice")

    def test_no_lead_on_somebody_elses_customer(self):
        """V25: created, imported, copied, by default, given or turned to the customer."""
        old = self._lead(partner_id=self.partner.id)
        self._set_mode("V25", "block")
        lead = self._lead()
        own = self._lead(self.salesperson, partner_id=self.partner.id)
        leads = lead.browse()
        contact = self.env["res.partner"].create(
            {"name": "Buyer", "parent_id": self.partner.id}
        )
        for call in (
            lambda: self._lead(partner_id=self.partner.id),
            lambda: self._lead(partner_id=contact.id),
            old.copy,
            lambda: leads.with_context(
                default_partner_id=self.partner.id, default_company_id=self.company.id
            ).create({"name": "Lead"}),
            lambda: lead.write({"partner_id": self.partner.id}),
            lambda: lead.sudo().write({"partner_id": contact.id}),
            lambda: own.write({"user_id": self.stranger.id}),
            lambda: lead.convert_opportunity(self.partner),
        ):
            with self.assertRefused(REASON):
                call()
        loaded = leads.load(
            ["name", "partner_id/.id", "company_id/.id"],
            [["Lead", str(self.partner.id), str(self.company.id)]],
        )
        self.assertFalse(loaded["ids"])
        self.assertIn(REASON, str(loaded["messages"]))
        nobody = own.sudo().copy({"user_id": False})
        with self.assertRefused(REASON):
            (lead | nobody).with_user(self.company_manager).merge_opportunity(
                user_id=self.stranger.id
            )

    def test_lead_conversion_meets_the_rule(self):
        """V25: neither the customer nor the salesperson comes in by the wizard."""
        self._set_mode("V25", "block")
        lead = self._lead(type="lead")
        wizard = self.env["crm.lead2opportunity.partner"].with_user(self.stranger)
        wizard = wizard.with_context(
            active_model="crm.lead", active_id=lead.id, active_ids=lead.ids
        ).create(
            {
                "name": "convert",
                "action": "exist",
                "partner_id": self.partner.id,
                "user_id": self.stranger.id,
            }
        )
        with self.assertRefused(REASON):
            wizard.action_apply()

    def test_lead_of_nobody_is_contacted_with_consent(self):
        """V25: tried: a lead without a salesperson on a colleague's customer."""
        self._set_mode("V25", "block")
        lead = self.env["crm.lead"].create(
            {
                "name": "Deal",
                "partner_id": self.partner.id,
                "user_id": False,
                "company_id": self.company.id,
            }
        )
        vals = {"lead_id": lead.id, "note": "Called", "next_contact_on": VISIT_DAY}
        records = self.env["sales.contact.record"]
        with self.assertRefused(REASON):
            records.with_user(self.stranger).create(vals)
        self.assertTrue(records.with_user(self.salesperson).create(vals))

    def test_lead_with_consent_or_of_a_manager(self):
        """V25: the same consent as for visits; managers of the owner need none."""
        self._set_mode("V25", "block")
        self._lead(self.leader, partner_id=self.partner.id)
        lead = self._lead()
        self._consent()
        lead.partner_id = self.partner
        self.assertFalse(lead.owner_warning)
        self.file.user_id = self.colleague
        with self.assertRefused(self.colleague.name):
            self._lead(partner_id=self.partner.id)

    def test_handed_over_with_its_leads(self):
        """V25: the hand-over, which changes the owner first, stops at no lead."""
        self._set_mode("V25", "block")
        lead = self._lead(self.salesperson, partner_id=self.partner.id)
        self.file.with_user(self.company_manager)._hand_over(self.stranger, "Moved")
        self.assertEqual(lead.user_id, self.stranger)

    def test_older_leads_and_other_companies_are_spared(self):
        """V25: created before the rule, or of a company where the customer is free."""
        followed = self._lead(partner_id=self.partner.id)
        followed = self._backdate(followed, "2025-06-01")
        lead = self._backdate(self._lead(), "2025-06-01")
        self._set_mode("V25", "block", "2026-01-01")
        self.assertFalse(followed.owner_warning)
        followed.write({"name": "Renamed", "partner_id": self.partner.id})
        with self.assertRefused(REASON):  # that is done today, however old the lead
            lead.partner_id = self.partner
        self._set_mode("V25", "block", company=self.other_company)
        foreign = self._lead(
            self.foreigner,
            company_id=self.other_company.id,
            partner_id=self.partner.id,
        )
        self.assertFalse(foreign.owner_warning)

    def test_assignment_job_leaves_owned_customers_alone(self):
        """V25: it gives nobody a lead of an owned customer, and all others as ever."""
        team = self.env["crm.team"].create(
            {
                "name": "Assigned",
                "company_id": self.company.id,
                "use_opportunities": True,
                "crm_team_member_ids": [
                    Command.create({"user_id": self.stranger.id, "assignment_max": 300})
                ],
            }
        )
        values = {"user_id": False, "team_id": team.id}
        self._set_mode("V25", "block")
        owned = self._lead().sudo().copy({**values, "partner_id": self.partner.id})
        twin = self._lead(
            partner_id=self._new_partner("Twin", email="a@example.com").id,
            email_from="a@example.com",
        )
        free, other = owned.create(
            [
                {**values, "name": "Free", "company_id": self.company.id},
                {
                    **values,
                    "name": "Other",
                    "company_id": self.company.id,
                    "partner_id": self.partner.id,
                    "email_from": "a@example.com",
                    "team_id": False,
                },
            ]
        )
        named = self._new_partner("Named", user_id=self.salesperson.id)
        named_lead = free.copy({**values, "name": "Named", "partner_id": named.id})
        (free | owned | named_lead).write({"date_open": False, "user_id": False})
        team._assign_and_convert_leads(force_quota=True)
        self.assertFalse((owned | named_lead).user_id)
        self.assertEqual(free.user_id, self.stranger)
        result = team._allocate_leads_deduplicate(
            other, duplicates_cache={other: other | twin.sudo()}
        )
        self.assertTrue(other.exists() and twin.exists())
        self.assertEqual(result["assigned"] | result["merged"], set(other.ids))

    def test_leads_take_constant_queries(self):
        """V25: looking at many leads takes no query for each; the row counts them."""
        self._set_mode("V25", "warn")

        def count(number):
            partners = self.env["res.partner"].create(
                [{"name": f"L{i}", "is_company": True} for i in range(number)]
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
            leads = self.env["crm.lead"].union(
                *(self._lead(partner_id=partner.id) for partner in partners)
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.assertTrue(all(leads.mapped("owner_warning")))
            return self.cr.sql_log_count - before

        count(2)
        self.assertLessEqual(count(30), count(5))
        row = self.env["sales.visit.rule.mode"].search(
            [("rule", "=", "V25"), ("company_id", "=", self.company.id)]
        )
        self.assertEqual(row.touched_count, 37)

    def _open_file(self, partner, user):
        return (
            self.env["sales.customer.file"]
            .with_user(user)
            .create(
                {
                    "partner_id": partner.id,
                    "company_id": self.company.id,
                    "user_id": user.id,
                }
            )
        )

    def _merge(self, user, *partners):
        """Merge customers into the first, as a user who keeps the contacts does."""
        user.group_ids += self.env.ref("base.group_partner_manager")
        partners = self.env["res.partner"].union(*partners)
        wizard = self.env["base.partner.merge.automatic.wizard"].with_user(user)
        wizard.create(
            {"partner_ids": partners.ids, "dst_partner_id": partners[0].id}
        ).action_merge()

    def test_no_file_is_opened_on_customers_of_others(self):
        """V25: neither of whom the host names nor of who visits; it would make the
        customer one's own, with all that was said to colleagues."""
        named = self._new_partner("Named", user_id=self.stranger.id)
        visited = self._new_partner("Visited")
        self._new_visit(self.stranger, partner_id=visited.id)
        for partner in (named, visited):
            with self.subTest(partner.name), self.assertRaises(AccessError):
                self._open_file(partner, self.salesperson)
            self.assertTrue(self._open_file(partner, self.company_manager))
        free = self._new_partner("Free", user_id=self.salesperson.id)
        self.assertTrue(self._open_file(free, self.salesperson))

    def test_file_on_demand_is_whose_customer_he_is(self):
        """V25: tried: a grade, a project or one's own report opens the first file of a
        customer whom a colleague is visiting."""
        visited = self._new_partner("Visited")
        self._new_visit(partner_id=visited.id)  # a draft takes nobody
        self._go(self._new_visit(self.stranger, partner_id=visited.id))
        visited.user_id = self.salesperson
        self._submit(
            self._go(self._new_visit(partner_id=visited.id)),
            VISIT_DAY + timedelta(hours=1),
        )
        files = self.env["sales.customer.file"]
        found = files._get_files(self.company, visited)
        self.assertEqual(found[visited].user_id, self.stranger)
        graded = self._new_partner("Graded")
        graded.user_id = self.stranger
        self.env["crm.lead"].with_user(self.salesperson).create(
            {
                "name": "Deal",
                "partner_id": graded.id,
                "user_id": self.salesperson.id,
                "company_id": self.company.id,
            }
        ).action_change_grade()
        found = files._get_files(self.company, graded)
        self.assertEqual(found[graded].user_id, self.stranger)

    def test_without_a_file_the_hosts_salesperson_owns(self):
        """V25: also before anybody has opened a file; not one who has left."""
        self._set_mode("V25", "block")
        partner = self._new_partner("Named", user_id=self.salesperson.id)
        visit = self._new_visit(self.stranger, partner_id=partner.id)
        with self.assertRefused(REASON):
            visit.action_plan()
        self.salesperson.action_archive()
        visit.action_plan()

    def test_merge_takes_no_customer_over(self):
        """V25: his visits would be read by whoever merged; the manager of both may."""
        theirs = self._new_partner("Theirs", email="a@example.com")
        self.partner.email = "a@example.com"
        self.env["sales.customer.file"].create(
            {
                "partner_id": theirs.id,
                "user_id": self.stranger.id,
                "company_id": self.company.id,
            }
        )
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base"):
            self._merge(self.salesperson, self.partner, theirs)
        visited = self._new_partner("Visited", email="a@example.com")
        self._new_visit(self.stranger, partner_id=visited.id)
        with self.assertRaises(AccessError):
            self._merge(self.salesperson, self.partner, visited)
        own = self._new_partner("Own", email="a@example.com")
        self._merge(self.salesperson, self.partner, own)
        self.assertFalse(own.exists())
        self._merge(self.company_manager, self.partner, theirs)
        self.assertFalse(theirs.exists())
        self.assertEqual(self.file.user_id, self.salesperson)

    def test_merge_without_any_file_meets_the_rule(self):
        """V25: whom the host names owns, too, where the rule blocks."""
        self._set_mode("V25", "block")
        own = self._new_partner("Own", email="a@example.com")
        theirs = self._new_partner("Theirs", email="a@example.com")
        own.user_id, theirs.user_id = self.stranger, self.salesperson
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base"):
            self._merge(self.stranger, own, theirs)
        # Nobody's new contact takes nobody's customer along, nor does a contact of one.
        empty = self._new_partner("Empty", email="a@example.com")
        contact = self._new_partner(
            "Contact", parent_id=empty.id, is_company=False, email="a@example.com"
        )
        person = self._new_partner(
            "Person",
            user_id=self.salesperson.id,
            is_company=False,
            email="a@example.com",
        )
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base"):
            self._merge(self.stranger, contact, person)
        self._merge(self.stranger, empty, theirs)
        self.assertEqual(empty.user_id, self.salesperson)
        self._merge(self.company_manager, own, empty)
        self.assertFalse(empty.exists())
        with self.assertRaises(UserError), mute_logger("odoo.addons.base"):
            self.partner.is_company = False
            child = self._new_partner("Child", parent_id=own.id, is_company=False)
            self._merge(self.company_manager, child, self.partner)

    def test_contact_takes_no_customer_over(self):
        """V25: naming oneself on the host's contact, or putting it under another
        company, is no hand-over; the managers of its owner may."""
        named = self._new_partner("Named", user_id=self.salesperson.id)
        person = self._new_partner(
            "Person", parent_id=self.partner.id, is_company=False
        )
        own = self._new_partner("Own", user_id=self.stranger.id)
        attempts = (
            (named, {"user_id": self.stranger.id}),
            (named, {"user_id": False}),
            (self.partner, {"parent_id": own.id, "is_company": False}),
            (person, {"parent_id": own.id}),
            (person, {"is_company": True}),
            (person, {"commercial_partner_id": own.id}),
            (own, {"child_ids": [Command.link(person.id)]}),
            (own, {"child_ids": [Command.set(person.ids)]}),
            (own, {"child_ids": [Command.update(named.id, {"user_id": False})]}),
        )
        group = self.env.ref("base.group_partner_manager")
        (self.stranger | self.leader | self.line_manager).group_ids += group
        self._set_mode("V25", "block")
        for partner, vals in attempts:
            with self.subTest(vals), self.assertRaises(AccessError):
                partner.with_user(self.stranger).write(vals)
        with self.assertRaises(AccessError):
            own.with_user(self.stranger).create(
                {"name": "New", "child_ids": [Command.link(person.id)]}
            )
        own.with_user(self.stranger).write({"user_id": False})
        self.partner.with_user(self.stranger).write({"user_id": self.stranger.id})
        self.assertIn(self.partner, self._get_lacking_customers(), "the file counts")
        named.with_user(self.line_manager).write({"user_id": self.stranger.id})
        self._set_mode("V25", "warn", "2026-11-01")
        person.with_user(self.stranger).write({"parent_id": own.id})

    def test_contacts_are_kept_by_others_as_ever(self):
        """V25: who visits nobody takes no customer; nor does a move among one's own."""
        self._set_mode("V25", "block")
        other = self._new_partner("Other", user_id=self.salesperson.id)
        person = self._new_partner(
            "Person", parent_id=self.partner.id, is_company=False
        )
        group = self.env.ref("base.group_partner_manager")
        for user in (self.receptionist, self.stranger):
            user.group_ids += group
        person.with_user(self.receptionist).parent_id = other
        person.with_user(self.receptionist).parent_id = False
        person.parent_id = self.partner
        person.with_user(self.stranger).parent_id = other
        for call in (
            other.with_user(self.stranger).action_archive,
            other.with_user(self.stranger).unlink,
        ):
            with self.assertRaises(AccessError):
                call()

    def _get_lacking_customers(self):
        visit = self._new_visit(self.stranger)
        return self.env["res.partner"].union(
            *(v.partner_id for v in visit._get_foreign_owners())
        )

    def test_contact_that_joins_a_customer_is_one_of_his(self):
        """V25: a visit drafted before is held up, and counted for the company."""
        self._set_mode("V25", "block")
        contact = self._new_partner("Contact", is_company=False)
        visit = self._new_visit(self.stranger, partner_id=contact.id)
        contact.parent_id = self.partner
        with self.assertRefused(REASON):
            visit.with_user(self.stranger).action_start()
        own = self._new_visit(partner_id=contact.id).with_user(self.salesperson)
        own.action_start()
        self.assertEqual(own.commercial_partner_id, self.partner)

    def test_old_draft_becomes_another_visit(self):
        """V25: tried: a draft older than the rule, given somebody else's customer."""
        own = self._new_partner("Own")
        visit = self._new_visit(self.stranger, partner_id=own.id)
        visit = self._backdate(visit, "2024-06-01")
        self._set_mode("V25", "block", "2025-01-01")
        visit.with_user(self.stranger).write({"partner_id": own.id})
        self.assertFalse(visit.counts_since)
        visit.with_user(self.stranger).partner_id = self.partner
        with self.assertRefused(REASON):
            visit.with_user(self.stranger).action_start()

    def test_consent_stays_with_its_customer(self):
        """V25: where its contact goes to doesn't matter."""
        self._set_mode("V25", "block")
        contact = self._new_partner(
            "Contact", parent_id=self.partner.id, is_company=False
        )
        self._consent(partner_id=contact.id)
        other = self._new_partner("Other", user_id=self.salesperson.id)
        contact.parent_id = other
        visit = self._new_visit(self.stranger, partner_id=other.id)
        with self.assertRefused(REASON):
            visit.action_plan()
        self._new_visit(self.stranger).action_plan()
