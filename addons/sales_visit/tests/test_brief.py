from datetime import timedelta

from odoo.tests import freeze_time, new_test_user, tagged

from .common import VISIT_DAY, VisitCase


@tagged("post_install", "-at_install")
@freeze_time(VISIT_DAY + timedelta(days=5))
class TestBrief(VisitCase):
    def _brief(self, user=None, partner=None):
        partner = (partner or self.partner).with_user(user or self.salesperson)
        return {
            part["title"]: " ".join(
                f"{line['text']} {line.get('note') or ''}" for line in part["lines"]
            )
            for part in partner._get_visit_brief(self.company)
        }

    def _new_order(self, user=None, **values):
        return self.env["sale.order"].create(
            {
                "partner_id": self.partner.id,
                "user_id": (user or self.salesperson).id,
                "company_id": self.company.id,
                **values,
            }
        )

    def test_everything_on_one_screen(self):
        """V06: last visits, questions, complaints, orders; whatever contact it was at."""
        contact = self.env["res.partner"].create(
            {"name": "Contact", "parent_id": self.partner.id}
        )
        visit = self._go(self._new_visit(partner_id=contact.id))
        visit.write(
            {
                "complaint": "Came broken",
                "question_ids": [(0, 0, {"question": "When do you deliver?"})],
            }
        )
        self._submit(visit, VISIT_DAY)
        order = self._new_order(partner_id=contact.id)
        cancelled = self._new_order()
        cancelled.state = "cancel"
        brief = self._brief()
        self.assertIn("Talked.", brief["Last visits"])
        self.assertIn("Test outcome", brief["Last visits"])
        self.assertIn("When do you deliver?", brief["Questions to answer"])
        self.assertIn("Came broken", brief["Open complaints"])
        self.assertIn(order.name, brief["Open quotations and orders"])
        self.assertNotIn(cancelled.name, brief["Open quotations and orders"])
        following = self._new_visit()
        self.assertIn("When do you deliver?", following.brief)
        self.assertIn(f"/odoo/sales.visit/{visit.id}", following.brief)

    def test_empty_parts_are_absent(self):
        """V06: nothing known, nothing shown."""
        self.assertEqual(self._brief(partner=self._new_partner("B")), {})
        visit = self._new_visit(partner_id=self._new_partner("C").id)
        self.assertIn("Nothing is known", visit.brief)

    def test_text_of_others_is_no_markup(self):
        """V06: what somebody typed is shown, not run."""
        visit = self._go(self._new_visit())
        visit.write({"outcome_id": self.outcome.id, "summary": "<script>x</script>"})
        visit.action_submit_report()
        self.assertNotIn("<script>", self._new_visit().brief)

    def test_shows_only_what_the_viewer_may_see(self):
        """V06: a stranger sees none of it, nor another company's; the manager does."""
        visit = self._go(self._new_visit())
        visit.complaint = "Came broken"
        self._submit(visit, VISIT_DAY)
        self._new_order()
        file = self.env["sales.customer.file"]._get_files(self.company, self.partner)
        self.assertEqual(file[self.partner].user_id, self.salesperson)
        brief = self._brief(self.stranger)
        self.assertNotIn("Last visits", brief)
        self.assertNotIn("Open complaints", brief)
        self.assertNotIn("Open quotations and orders", brief)
        self.assertIn("Last visits", self._brief(self.leader))
        partner = self.partner.with_user(self.salesperson)
        self.assertEqual(partner._get_visit_brief(self.other_company), [])

    def test_owner_reads_what_colleagues_heard(self):
        """V06: the customer's owner knows of every visit; the colleague of his own."""
        file = self.env["sales.customer.file"]
        file.create(
            {
                "partner_id": self.partner.id,
                "user_id": self.salesperson.id,
                "company_id": self.company.id,
            }
        )
        self._submit(self._go(self._new_visit(self.stranger)), VISIT_DAY)
        self._submit(self._go(self._new_visit()), VISIT_DAY)
        self.assertEqual(self._brief()["Last visits"].count("Talked."), 2)
        self.assertEqual(self._brief(self.stranger)["Last visits"].count("Talked."), 1)

    def _new_invoice(self, user, due):
        return self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.partner.id,
                "company_id": self.company.id,
                "invoice_user_id": user.id,
                "invoice_date": VISIT_DAY.date(),
                "invoice_date_due": due,
                "invoice_line_ids": [
                    (0, 0, {"name": "Goods", "quantity": 1, "price_unit": 100})
                ],
            }
        )

    def _set_up_accounts(self):
        """A sales journal with its accounts, which a new company lacks."""
        account, receivable = self.env["account.account"].create(
            [
                {
                    "name": name,
                    "code": code,
                    "account_type": kind,
                    "company_ids": self.company.ids,
                }
                for name, code, kind in (
                    ("Sales", "X4000", "income"),
                    ("Receivable", "X1122", "asset_receivable"),
                )
            ]
        )
        self.env["account.journal"].create(
            {
                "name": "Sales",
                "code": "XSAL",
                "type": "sale",
                "company_id": self.company.id,
                "default_account_id": account.id,
            }
        )
        self.partner.with_company(
            self.company
        ).property_account_receivable_id = receivable

    def test_receivables_where_the_viewer_may_see_them(self):
        """V06: one's own invoices for a salesperson, none for whoever sees no invoice."""
        self._set_up_accounts()
        self.env.user.company_ids |= self.company
        own = self._new_invoice(self.salesperson, "2026-11-01")
        later = self._new_invoice(self.salesperson, "2027-11-01")
        foreign = self._new_invoice(self.stranger, "2026-11-01")
        (own | later | foreign).action_post()
        self.assertIn("(2)", self._brief()["Receivables"])
        self.assertIn("Overdue", self._brief()["Receivables"])
        self.assertEqual(self._brief()["Receivables"].count("100.00"), 1)
        plain = new_test_user(
            self.env,
            "v_plain",
            groups="base.group_user",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        partner = self.partner.with_user(plain)
        self.assertEqual(partner._get_brief_receivables(self.company), [])

    def test_constant_queries(self):
        """V06: a customer with a long history opens like one with a short one."""

        def prepare(number):
            partner = self._new_partner(f"History {number}")
            for i in range(number):
                visit = self._go(
                    self._new_visit(partner_id=partner.id), VISIT_DAY, minutes=20
                )
                visit.write(
                    {
                        "complaint": f"Complaint {i}",
                        "question_ids": [(0, 0, {"question": f"Question {i}"})],
                    }
                )
                self._submit(visit, VISIT_DAY)
                self._new_order(partner_id=partner.id)
            return self._new_visit(partner_id=partner.id)

        def count(visit):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.assertTrue(visit.brief)
            return self.cr.sql_log_count - before

        short, long = prepare(2), prepare(12)
        count(short)
        self.assertLessEqual(count(long), count(short))

    def test_file_of_somebody_else_stays_closed(self):
        """V06, V25: a draft on his customer shows who owns it, and nothing of the file."""
        self.env["sales.customer.file"].create(
            {
                "partner_id": self.partner.id,
                "user_id": self.salesperson.id,
                "company_id": self.company.id,
                "preferred_channel": "message",
                "next_due": "2026-12-24",
            }
        )
        self.assertIn("Message", self._brief()["Customer"])
        self.assertEqual(
            self._brief(self.stranger), {"Customer": f"Owner: {self.salesperson.name} "}
        )
        draft = self.env["sales.visit"].with_user(self.stranger)
        draft = draft.new({"partner_id": self.partner.id, "company_id": self.company})
        self.assertNotIn("Message", draft.brief)
