from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, tagged

from .common import VISIT_DAY, VisitCase


@tagged("post_install", "-at_install")
@freeze_time(VISIT_DAY - timedelta(days=1))
class TestHandover(VisitCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.file = cls.env["sales.customer.file"].create(
            {
                "partner_id": cls.partner.id,
                "user_id": cls.salesperson.id,
                "company_id": cls.company.id,
            }
        )

    def _hand_over(self, by, to, files=None, reason="Moves to the south"):
        files = (files or self.file).with_user(by)
        action = files.action_hand_over()
        form = Form(
            self.env[action["res_model"]]
            .with_user(by)
            .with_context(**action["context"])
        )
        form.user_id = to
        form.reason = reason
        return form.save().action_apply()

    def _new_lead(self, **values):
        return self.env["crm.lead"].create(
            {
                "name": "Lead",
                "partner_id": self.partner.id,
                "user_id": self.salesperson.id,
                "company_id": self.company.id,
                **values,
            }
        )

    def test_what_is_open_goes_with_the_customer(self):
        """V25: visits not begun, leads, questions, complaints, needs and activities."""
        done = self._go(self._new_visit(), VISIT_DAY - timedelta(days=1))
        question = self.env["sales.visit.question"].create(
            {"visit_id": done.id, "question": "When?"}
        )
        need = self.env["sales.need"].create(
            {"visit_id": done.id, "text": "Room", "user_id": self.salesperson.id}
        )
        complaint = self.env["sales.visit.complaint"].create(
            {
                "partner_id": self.partner.id,
                "user_id": self.salesperson.id,
                "company_id": self.company.id,
                "description": "Late",
            }
        )
        planned = self._new_visit()
        planned.action_plan()
        lead, lost = self._new_lead(), self._new_lead()
        lost.action_set_lost()
        elsewhere = self._new_visit(partner_id=self._new_partner("B").id)
        activity = planned.activity_schedule(
            "mail.mail_activity_data_todo", user_id=self.salesperson.id
        )
        self._hand_over(self.leader, self.colleague)
        self.assertEqual(self.file.user_id, self.colleague)
        for record in (planned, question, need, complaint, lead, activity):
            record.invalidate_recordset()
            self.assertEqual(record.sudo().user_id, self.colleague, record)
        for record in (done, lost, elsewhere):
            self.assertEqual(record.sudo().user_id, self.salesperson, record)

    def test_history_says_who_when_and_why(self):
        """V25: each change of owner is on record, and stays."""
        self._hand_over(self.leader, self.colleague)
        with self.assertRefused("Hand Over"):
            self.file.with_user(self.company_manager).user_id = self.stranger
        self._hand_over(self.company_manager, self.stranger, reason="Back again")
        row = self.file.handover_ids.filtered(lambda r: r.user_id == self.leader)
        self.assertEqual(row.from_user_id, self.salesperson)
        self.assertEqual(row.to_user_id, self.colleague)
        self.assertEqual(row.user_id, self.leader)
        self.assertEqual(row.reason, "Moves to the south")
        self.assertEqual(row.date, VISIT_DAY - timedelta(days=1))
        self.assertEqual(len(self.file.handover_ids), 2)
        for user in (self.company_manager, self.administrator):
            rows = self.file.handover_ids.with_user(user)
            with self.subTest(user.login), self.assertRaises(AccessError):
                rows.write({"reason": "Other"})
            with self.subTest(user.login), self.assertRaises(AccessError):
                rows.unlink()
        with self.assertRaises(AccessError):
            self.file.handover_ids.sudo().write({"reason": "Other"})

    def test_only_within_sight(self):
        """V25: nobody hands over what he doesn't manage, nor to whom he doesn't."""
        for by, to in (
            (self.salesperson, self.colleague),
            (self.other_leader, self.stranger),
            (self.leader, self.stranger),
        ):
            with self.subTest(by.login), self.assertRaises(AccessError):
                self._hand_over(by, to)
        self.assertEqual(self.file.user_id, self.salesperson)
        self._hand_over(self.company_manager, self.stranger)
        self.assertEqual(self.file.user_id, self.stranger)

    def test_goes_to_who_visits_customers(self):
        """V25: not to somebody without the right; the host's contact names him too."""
        with self.assertRefused("doesn't visit"):
            self.file.with_user(self.leader)._hand_over(self.receptionist, "x")
        other = self._new_partner("B", user_id=self.stranger.id)
        file = self.env["sales.customer.file"].create(
            {
                "partner_id": other.id,
                "user_id": self.salesperson.id,
                "company_id": self.company.id,
            }
        )
        self.partner.user_id = self.salesperson
        self._hand_over(self.leader, self.colleague, files=self.file | file)
        self.assertEqual(self.partner.user_id, self.colleague)
        self.assertEqual(other.user_id, self.stranger, "never the owner's")

    def test_reason_is_asked_for(self):
        """V25: spaces are none."""
        with self.assertRaises(UserError):
            self._hand_over(self.leader, self.colleague, reason="  ")

    def test_customers_of_somebody_who_has_left(self):
        """V25: his leader hands them on."""
        self._new_visit()
        self.salesperson.action_archive()
        self._hand_over(self.leader, self.colleague)
        self.assertEqual(self.file.user_id, self.colleague)

    def test_constant_queries(self):
        """V25: many customers take the queries of a few."""

        def count(number):
            files = self.env["sales.customer.file"]
            for i in range(number):
                partner = self._new_partner(f"{number}-{i}")
                files |= files.create(
                    {
                        "partner_id": partner.id,
                        "user_id": self.salesperson.id,
                        "company_id": self.company.id,
                    }
                )
                self._new_visit(partner_id=partner.id)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            files.with_user(self.leader)._hand_over(self.colleague, "Why")
            self.env.flush_all()
            return self.cr.sql_log_count - before

        count(2)
        few = count(5)
        self.assertLessEqual(count(20), few)

    def test_merged_customers_keep_their_owners(self):
        """V25: the history of both is the merged customer's."""
        other = self.file.create(
            {
                "partner_id": self._new_partner("B").id,
                "user_id": self.salesperson.id,
                "company_id": self.company.id,
            }
        )
        other.with_user(self.leader)._hand_over(self.colleague, "Why")
        (self.file | other)._merge_into(self.file)
        self.assertEqual(self.file.handover_ids.to_user_id, self.colleague)
