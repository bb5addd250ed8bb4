from datetime import timedelta
from itertools import pairwise

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time, new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2.errors import CheckViolation

from .common import VISIT_DAY, VisitCase

NOW = VISIT_DAY
YES = {"man_money": "yes", "man_authority": "yes"}


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestLeadResponse(VisitCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for subject, hours in (("lead_qualified", 24), ("lead_potential", 168)):
            cls.env["sales.deadline.rule"].create(
                {
                    "subject": subject,
                    "company_id": False,
                    "date_from": "2020-01-01",
                    "policy": "hours",
                    "hours": hours,
                    "escalate_after": 1,
                }
            )

    def _new_lead(self, user=None, **values):
        user = user or self.salesperson
        return (
            self.env["crm.lead"]
            .with_user(user)
            .create(
                {
                    "name": "Lead",
                    "type": "opportunity",
                    "company_id": self.company.id,
                    "user_id": user.id,
                    **values,
                }
            )
        )

    def _qualified(self, **values):
        return self._new_lead(**YES, man_need="yes", **values)

    def _contact(self, lead, at=NOW, user=None, **values):
        with freeze_time(at):
            return (
                self.env["sales.contact.record"]
                .with_user(user or self.salesperson)
                .create(
                    {
                        "lead_id": lead.id,
                        "note": "Talked",
                        "next_contact_on": "2027-01-01",
                        **values,
                    }
                )
            )

    def _run_job(self, at):
        with self.enter_registry_test_mode(), freeze_time(at):
            self.env.ref("sales_visit.ir_cron_watch_responses").method_direct_trigger()
        self.env.invalidate_all()

    def test_clock_starts_with_the_level(self):
        """V20: qualified a day, potential a week, others have no clock."""
        self.assertEqual(self._qualified().respond_by, NOW + timedelta(hours=24))
        self.assertEqual(self._new_lead(**YES).respond_by, NOW + timedelta(days=7))
        self.assertFalse(self._new_lead(man_money="yes").respond_by)
        lead = self._new_lead(man_money="yes")
        with freeze_time(NOW + timedelta(days=1)):
            lead.man_authority = "yes"
            self.assertEqual(lead.respond_by, NOW + timedelta(days=8))
            lead.man_need = "yes"
            self.assertEqual(lead.respond_by, NOW + timedelta(days=2))

    def test_running_deadline_is_never_moved_back(self):
        """V20: unanswering and answering again wins no time."""
        lead = self._qualified()
        with freeze_time(NOW + timedelta(hours=23)):
            lead.man_need = "no"
            lead.man_need = "yes"
            lead.write({"man_money": "unknown"})
            lead.write({"man_money": "yes"})
        self.assertEqual(lead.respond_by, NOW + timedelta(hours=24))
        for name in ("respond_by", "first_response_at", "response_escalated_at"):
            with self.subTest(name), self.assertRaises(AccessError):
                lead.write({name: NOW + timedelta(days=30)})

    def test_grade_shortens_the_time(self):
        """V20: a special customer is answered within the hours of the grade."""
        grade = self.env["sales.customer.grade"].create(
            {"name": "Test special", "response_hours": 4}
        )
        lead = self._qualified(customer_grade_id=grade.id)
        self.assertEqual(lead.respond_by, NOW + timedelta(hours=4))

    def test_contact_answers_and_starts_the_next_clock(self):
        """V20: in time or late is kept with who it was; then it is weekly."""
        lead = self._qualified()
        at = NOW + timedelta(hours=24)
        record = self._contact(lead, at)
        self.assertFalse(record.is_late)
        self.assertEqual(record.respond_by, at)
        self.assertEqual(record.user_id, self.salesperson)
        self.assertEqual(lead.first_response_at, at)
        self.assertEqual(lead.respond_by, at + timedelta(days=7))
        late = self._contact(lead, at + timedelta(days=7, hours=2))
        self.assertTrue(late.is_late)
        self.assertAlmostEqual(late.delay_hours, 2)
        self.assertEqual(lead.first_response_at, at)

    def test_agreed_day_comes_before_the_week(self):
        """V20: contacted again by the end of the day agreed on, in Shanghai."""
        lead = self._qualified()
        self._contact(lead, next_contact_on="2026-11-28")
        self.assertEqual(str(lead.respond_by), "2026-11-28 16:00:00")

    def test_recorded_late_counts_from_the_record(self):
        """V20: a contact claimed for yesterday answers nothing in time."""
        lead = self._qualified()
        at = NOW + timedelta(hours=26)
        record = self._contact(lead, at, contacted_at=NOW + timedelta(hours=2))
        self.assertTrue(record.is_recorded_late)
        self.assertTrue(record.is_late)
        self.assertEqual(lead.first_response_at, at)
        lead = self._qualified()
        record = self._contact(
            lead, NOW + timedelta(hours=2), contacted_at=NOW + timedelta(hours=1)
        )
        self.assertFalse(record.is_recorded_late)
        self.assertEqual(lead.first_response_at, NOW + timedelta(hours=1))

    def test_no_contact_of_the_future(self):
        """V20: nothing is recorded before it took place."""
        with self.assertRaises(ValidationError):
            self._contact(self._qualified(), contacted_at=NOW + timedelta(hours=1))

    def test_contact_names_the_next_one(self):
        """V20: the day to go on belongs to it."""
        lead = self._qualified()
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(CheckViolation),
            self.cr.savepoint(),
        ):
            self._contact(lead, next_contact_on=False)

    def test_records_stay(self):
        """V20: nobody changes, back-dates or deletes a record, not under sudo either."""
        record = self._contact(self._qualified())
        for records in (record, record.with_user(self.company_manager), record.sudo()):
            for vals in ({"note": "Other"}, {"contacted_at": "2026-01-01 00:00:00"}):
                with self.subTest(vals), self.assertRaises(AccessError):
                    records.write(vals)
            with self.assertRaises(UserError):
                records.unlink()
        for vals in (
            {"user_id": self.leader.id},
            {"recorded_at": "2026-01-01 00:00:00"},
            {"is_late": True},
            {"respond_by": "2027-01-01 00:00:00"},
        ):
            with self.subTest(vals), self.assertRaises(AccessError):
                self._contact(record.lead_id, **vals)

    def test_import_dates_nothing_back(self):
        """V20: neither a file nor a context moves the clock or rewrites a record."""
        lead = self._qualified()
        record = self._contact(lead)
        records = record.with_user(self.salesperson)
        columns = ["lead_id/.id", "note", "next_contact_on"]
        row = [str(lead.id), "Called", "2027-01-01"]
        for column, value in (
            ("recorded_at", "2026-01-01 00:00:00"),
            ("is_late", "False"),
            ("user_id/.id", str(self.leader.id)),
        ):
            with self.subTest(column):
                result = records.load([*columns, column], [[*row, value]])
                self.assertEqual(bool(result["ids"]), value == "False")
        self.assertFalse(
            records.load([".id", "note"], [[str(record.id), "Rewritten"]])["ids"]
        )
        leads = self.env["crm.lead"].with_user(self.salesperson)
        columns = [".id", "respond_by"]
        row = [str(lead.id), "2027-01-01 00:00:00"]
        self.assertFalse(leads.load(columns, [row])["ids"])
        forged = records.with_context(
            default_recorded_at="2026-01-01 00:00:00", default_user_id=self.leader.id
        ).create({"lead_id": lead.id, "note": "N", "next_contact_on": "2027-01-01"})
        self.assertEqual(forged.recorded_at, NOW)
        self.assertEqual(forged.user_id, self.salesperson)

    def test_only_for_leads_one_may_write(self):
        """V20: a stranger answers nobody's clock."""
        lead = self._qualified()
        with self.assertRaises(AccessError):
            self._contact(lead, user=self.stranger)
        self.assertTrue(self._contact(lead, user=self.leader))

    def test_more_than_once_a_day_is_flagged(self):
        """V20: by the company's clock, and by its choice; it never blocks."""
        lead = self._qualified()
        self.assertFalse(self._contact(lead).is_over_contact)
        again = self._contact(lead, NOW + timedelta(hours=1))
        self.assertTrue(again.is_over_contact)
        # 00:30 of the next day in Shanghai
        later = self._contact(lead, NOW + timedelta(hours=10, minutes=30))
        self.assertFalse(later.is_over_contact)
        self.company.contact_max_per_day = 0
        self.assertFalse(self._contact(lead, NOW + timedelta(hours=11)).is_over_contact)

    def test_form_warns_beforehand(self):
        """V20: who opens the form a second time that day is told."""
        lead = self._qualified()
        self._contact(lead)
        context = lead.action_record_contact()["context"]
        self.assertEqual(context["default_channel"], "phone")
        records = self.env["sales.contact.record"].with_user(self.salesperson)
        records = records.with_context(**context)
        new = records.new({"lead_id": lead.id, "contacted_at": NOW})
        self.assertIn("already", new._onchange_contacted_at()["warning"]["message"])
        form = Form(records)
        form.note = "Again"
        form.next_contact_on = "2026-12-01"
        self.assertTrue(form.save().is_over_contact)

    def test_preferred_channel_is_the_customers(self):
        """V20: the contact is offered in the way the customer wishes."""
        self.env["sales.customer.file"].create(
            {
                "partner_id": self.partner.id,
                "company_id": self.company.id,
                "user_id": self.salesperson.id,
                "preferred_channel": "message",
            }
        )
        lead = self._qualified(partner_id=self.partner.id)
        context = lead.action_record_contact()["context"]
        self.assertEqual(context["default_channel"], "message")

    def test_visit_is_a_contact(self):
        """V20: finishing a visit about a lead answers its clock."""
        lead = self._qualified(partner_id=self.partner.id)
        visit = self._go(self._new_visit(lead_id=lead.id))
        record = lead.contact_record_ids
        self.assertEqual(record.visit_id, visit)
        self.assertEqual(record.user_id, self.salesperson)
        self.assertEqual(lead.first_response_at, visit.actual_stop)
        with self.assertRaises(AccessError):
            self._contact(lead, visit_id=visit.id, next_contact_on=False)

    def test_visit_names_no_strangers_lead(self):
        """V20: tried: create, write, context and import with a lead that isn't one's own,
        or is about another customer; a manager may."""
        foreign = self._qualified()
        foreign.sudo().write({"user_id": self.stranger.id})
        visit = self._new_visit()
        visits = visit.browse()
        other = self._qualified(partner_id=self._new_partner("Customer B").id)
        with self.assertRaises(AccessError):
            self._new_visit(lead_id=foreign.id)
        with self.assertRaises(AccessError):
            visit.lead_id = foreign
        with self.assertRaises(AccessError):
            visits.with_context(default_lead_id=foreign.id).create(
                {"partner_id": self.partner.id, "visit_type_id": self.visit_type.id}
            )
        columns = [".id", "lead_id/.id"]
        row = [str(visit.id), str(foreign.id)]
        self.assertFalse(visits.load(columns, [row])["ids"])
        with self.assertRaises(ValidationError):
            visit.lead_id = other
        own = self._qualified(partner_id=self.partner.id)
        visit.lead_id = own
        with self.assertRaises(ValidationError):
            visit.partner_id = other.partner_id
        self.assertFalse(foreign.sudo().contact_record_ids)
        merged = (own | other).merge_opportunity()
        self.assertEqual(visit.lead_id, merged)

    def test_calls_are_calls_whatever_they_are_planned_as(self):
        """V20: tried: visits by phone instead of contacts; they count as contacts of the
        day, and their report names the next day."""
        self.company.contact_max_per_day = 1
        lead = self._qualified(partner_id=self.partner.id)
        calls = [
            self._go(self._new_visit(lead_id=lead.id, channel="phone"))
            for _i in range(2)
        ]
        records = lead.contact_record_ids.sorted("id")
        self.assertEqual(records.mapped("is_over_contact"), [False, True])
        met = self._go(self._new_visit(lead_id=lead.id))
        self.assertFalse(lead.contact_record_ids.sorted("id")[-1].is_over_contact)
        calls[0].lead_id = False
        for call in calls:
            with self.assertRefused("V20"):
                self._submit(call, VISIT_DAY + timedelta(hours=2))
            self.assertIn("V20", call.step_reasons)
        call.next_visit_date = "2026-11-28"
        self._submit(call, VISIT_DAY + timedelta(hours=2))
        self.assertEqual(str(records[1].next_contact_on), "2026-11-28")
        self.assertEqual(str(lead.respond_by), "2026-11-28 16:00:00")
        self._submit(met, VISIT_DAY + timedelta(hours=2))

    def test_next_contact_is_to_come(self):
        """V20: tried: a day that is over, with a contact of today or a back-dated one."""
        lead = self._qualified()
        for values in (
            {"next_contact_on": "2020-01-01"},
            {"next_contact_on": "2026-11-25", "contacted_at": "2026-11-20 06:00:00"},
        ):
            with self.subTest(values), self.assertRaises(ValidationError):
                self._contact(lead, **values)
        self.assertTrue(self._contact(lead, next_contact_on="2026-11-26"))

    def test_who_missed_the_deadline_stays_late(self):
        """V20: tried: the lead given away after the deadline, by write, by import and
        with its answers; before the deadline it is the next one's to keep."""
        columns = [".id", "user_id/.id"]
        for give in (
            lambda lead: lead.write({"user_id": self.salesperson.id}),
            lambda lead: lead.write({"user_id": self.salesperson.id, "man_need": "no"}),
            lambda lead: lead.load(columns, [[str(lead.id), str(self.salesperson.id)]]),
        ):
            lead = self._new_lead(self.colleague, **YES, man_need="yes")
            self.assertEqual(lead.respond_user_id, self.colleague)
            at = NOW + timedelta(hours=27)
            with freeze_time(at):
                give(lead)
            record = self._contact(lead, at)
            self.assertEqual(record.user_id, self.salesperson)
            self.assertTrue(record.is_late)
            self.assertEqual(record.late_user_id, self.colleague)
            self.assertEqual(lead.respond_user_id, self.salesperson)
        lead = self._new_lead(self.colleague, **YES, man_need="yes")
        lead.user_id = self.salesperson
        record = self._contact(lead, at)
        self.assertEqual(record.late_user_id, self.salesperson)
        for vals in ({"respond_user_id": self.leader.id},):
            with self.assertRaises(AccessError):
                lead.write(vals)
        with self.assertRaises(AccessError):
            self._contact(lead, late_user_id=self.leader.id)

    def test_merging_wins_no_time(self):
        """V20: tried: a late lead merged into one with a fresh deadline."""
        late = self._qualified()
        with freeze_time(NOW + timedelta(hours=30)):
            fresh = self._qualified()
            due, user = late.respond_by, late.respond_user_id
            merged = (late | fresh).merge_opportunity()
            self.assertEqual((merged.respond_by, merged.respond_user_id), (due, user))

    def test_deadline_is_somebodys(self):
        """V20: tried: the lead given to nobody while its deadline passes."""
        lead = self._qualified()
        lead.user_id = False
        self.assertEqual(lead.respond_user_id, self.salesperson)
        lead.user_id = self.colleague
        self.assertEqual(lead.respond_user_id, self.colleague)

    def test_recorded_late_counts_on_its_day(self):
        """V20: tried: calls recorded at once, for other days each."""
        lead = self._qualified()
        records = self.env["sales.contact.record"].create(
            [
                {
                    "lead_id": lead.id,
                    "note": "Called",
                    "contacted_at": NOW - timedelta(days=days),
                    "next_contact_on": NOW,
                }
                for days in (2, 4, 6)
            ]
        )
        self.assertEqual(set(records.mapped("is_over_contact")), {True})

    def test_visit_to_another_customer_is_no_contact(self):
        """V20: tried: the lead moved to another customer before the visit begins."""
        lead = self._qualified()
        visit = self._new_visit(lead_id=lead.id)
        lead.partner_id = self._new_partner("Customer B")
        self._go(visit)
        self.assertFalse(lead.contact_record_ids)

    def test_states_of_the_list(self):
        """V20: green, amber, red; closed leads have no colour."""
        lead = self._qualified()
        for hours, state in ((0, "in_time"), (20, "soon"), (24, "soon"), (25, "late")):
            with freeze_time(NOW + timedelta(hours=hours)):
                lead.invalidate_recordset(["response_state"])
                self.assertEqual(lead.response_state, state, hours)
                found = lead.search([("response_state", "=", "late")])
                self.assertEqual(lead in found, state == "late")
                found = lead.search([("response_state", "in", ("soon", "in_time"))])
                self.assertEqual(lead in found, state != "late")
        self.assertNotIn(lead, lead.search([("response_state", "=", False)]))
        lead.action_set_lost()
        every = lead.with_context(active_test=False)
        self.assertIn(lead, every.search([("response_state", "=", False)]))
        lead.invalidate_recordset()
        self.assertFalse(lead.response_state)

    def test_manager_is_told_once(self):
        """V20: an hour after the deadline, as the rule says; answered ones are spared."""
        lead, answered = self._qualified(), self._qualified()
        self._contact(answered)
        for hours in (24, 25, 26):
            self._run_job(NOW + timedelta(hours=hours))
            activities = lead.sudo().activity_ids
            self.assertEqual(len(activities), int(hours > 24))
        self.assertEqual(activities.user_id, self.line_manager)
        self.assertFalse(answered.sudo().activity_ids)
        self._contact(lead, NOW + timedelta(hours=27))
        self.assertFalse(lead.sudo().activity_ids)

    def test_no_rule_no_clock(self):
        """V20: a company without the rule isn't hurried."""
        self.env.cr.execute(
            "UPDATE sales_deadline_rule SET date_from = date_from + interval '900 years'"
            " WHERE subject LIKE 'lead%' AND date_from < '2800-01-01'"
        )
        self.env.invalidate_all()
        lead = self._qualified()
        self.assertFalse(lead.respond_by)
        self._contact(lead)
        self.assertFalse(lead.respond_by)

    def test_merged_leads_keep_their_contacts(self):
        """V20: contacts follow, whoever made them."""
        first, second = self._qualified(probability=90), self._qualified(probability=5)
        record = self._contact(second)
        merged = (first | second).merge_opportunity()
        self.assertEqual(record.lead_id, merged)

    def test_other_apps_can_still_write_leads(self):
        """V20: a seller without our groups starts the clock, and needs no right for it."""
        seller = new_test_user(
            self.env,
            "v_seller20",
            groups="sales_team.group_sale_salesman_all_leads",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        lead = self._new_lead(seller)
        lead.write({**YES, "man_need": "yes"})
        self.assertEqual(lead.respond_by, NOW + timedelta(hours=24))

    def test_constant_queries(self):
        """V20: grading many leads takes the queries of a few; so does looking for those
        contacted too often."""

        def count(number):
            leads = self.env["crm.lead"]
            for _i in range(number):
                leads |= self._new_lead()
            self.env.flush_all()
            self.env.invalidate_all()
            marks = [self.cr.sql_log_count]
            leads.write({**YES, "man_need": "yes"})
            self.env.flush_all()
            marks.append(self.cr.sql_log_count)
            records = self.env["sales.contact.record"].create(
                [
                    {"lead_id": lead.id, "note": "Called", "next_contact_on": NOW}
                    for lead in leads
                ]
            )
            self.env.flush_all()
            self.env.invalidate_all()
            marks.append(self.cr.sql_log_count)
            self.assertFalse(records._get_over_contact_messages())
            marks.append(self.cr.sql_log_count)
            graded, __, looked_at = (b - a for a, b in pairwise(marks))
            return graded, looked_at

        count(2)
        for many, few in zip(count(30), count(5), strict=True):
            self.assertLessEqual(many, few)
