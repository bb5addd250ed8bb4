import io
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import freeze_time, new_test_user, tagged
from openpyxl import load_workbook

from .common_commission import CommissionCommon


@tagged("post_install", "-at_install")
@freeze_time("2027-05-05 09:00:00")
class TestCommissionStatement(CommissionCommon):
    """The commission form: three people, then once payable."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._levels()
        cls._plan(3)
        cls.invoice = cls._bill(cls._order((cls.press, 10000)))
        cls.payment = cls._pay(cls.invoice, 4000, "2026-10-10")
        cls.period = cls._period("2026-10-01")
        cls.period.with_user(cls.finance).action_compute()

    def _form(self, period=None, user=None):
        return self.env["commission.statement"].search(
            [
                ("period_id", "=", (period or self.period).id),
                ("beneficiary_id", "=", (user or self.seller).id),
            ]
        )

    def _approve(self, form):
        form.with_user(self.finance).action_review()
        form.with_user(self.vice_president).action_confirm()
        form.with_user(self.general_manager).action_approve()

    def _close_period(self, period=None):
        period = period or self.period
        period.with_user(self.finance).action_review()
        period.with_user(self.company_manager).action_approve()
        period.with_user(self.finance).action_close()

    def test_one_form_per_person_with_its_lines(self):
        """K02: what the run's lines come to, by kind."""
        form = self._form()
        self.assertEqual((form.commission_amount, form.payable_amount), (120, 120))
        self.assertEqual(form.run_line_ids, self.period.run_line_ids)
        self.assertEqual((form.line_count, form.state), (1, "draft"))
        action = form.action_view_lines()
        self.assertEqual(
            self.env[action["res_model"]].search(action["domain"]), form.run_line_ids
        )

    def test_computing_again_keeps_or_updates_the_form(self):
        """K02: the same figures keep its status, others are reviewed again."""
        form = self._form()
        form.with_user(self.finance).action_review()
        self.period.with_user(self.finance).action_compute()
        self.assertEqual(form.state, "reviewed")
        self._pay(self.invoice, 1000, "2026-10-20")
        self.period.with_user(self.finance).action_compute()
        self.assertEqual((form.state, form.payable_amount), ("draft", 150))
        self.assertFalse(form.reviewed_by_id)
        self.assertIn("computed again", form.message_ids[0].body)
        self._bounce(self.invoice, self.payment)
        self._item(self.invoice).remove_move_reconcile()
        self.period.with_user(self.finance).action_compute()
        self.assertFalse(form.exists())

    def test_three_people_decide(self):
        """K02: finance, its vice president, the general manager, in this order; each by
        who holds the function and the level."""
        form = self._form()
        people = {
            "review": (self.finance, [self.company_manager, self.general_manager]),
            "confirm": (
                self.vice_president,
                [self.finance, self.company_manager, self.general_manager],
            ),
            "approve": (
                self.general_manager,
                [self.finance, self.company_manager, self.vice_president],
            ),
        }
        for step, (right, wrong) in people.items():
            method = f"action_{step}"
            for user in [*wrong, self.administrator, self.seller]:
                with self.assertRaises(AccessError, msg=(step, user.name)):
                    call_kw(form.with_user(user), method, [form.ids], {})
            getattr(form.with_user(right), method)()
        self.assertEqual(form.state, "approved")
        self.assertEqual(
            (form.reviewed_by_id, form.confirmed_by_id, form.approved_by_id),
            (self.finance, self.vice_president, self.general_manager),
        )

    def test_steps_are_not_skipped(self):
        """K02: nobody confirms what isn't reviewed; not even the superuser."""
        form = self._form().sudo()
        for step in ("confirm", "approve", "export"):
            with self.assertRaises(UserError):
                getattr(form, f"action_{step}")()

    def test_nobody_takes_two_steps(self):
        """K02: also who holds all functions and levels."""
        form = self._form()
        form.with_user(self.vice_president).action_review()
        self.assertIn(
            "somebody else takes", form.with_user(self.vice_president).blocking_reasons
        )
        with self.assertRaisesRegex(UserError, "somebody else takes"):
            form.with_user(self.vice_president).action_confirm()

    def test_nobody_decides_on_their_own_form(self):
        """K02: whoever is paid takes no step of it."""
        self.seller.group_ids += self.env.ref("sales_receivable.group_finance")
        with self.assertRaises(AccessError):
            self._form().with_user(self.seller).action_review()

    def test_substitute_stands_in(self):
        """K02: for the absent general manager, with the screens that it takes."""
        self.env["authority.substitute"].create(
            {
                "user_id": self.general_manager.id,
                "substitute_id": self.company_manager.id,
                "company_id": self.company.id,
                "date_from": "2027-05-01",
                "date_to": "2027-05-31",
            }
        )
        form = self._form()
        form.with_user(self.finance).action_review()
        form.with_user(self.vice_president).action_confirm()
        form.with_user(self.company_manager).action_approve()
        self.assertEqual(form.approved_by_id, self.company_manager)

    def test_next_one_is_asked(self):
        """K02: an activity for who is next, gone with the step."""
        form = self._form()
        form.with_user(self.finance).action_review()
        self.assertEqual(form.activity_ids.user_id, self.vice_president)
        form.with_user(self.vice_president).action_confirm()
        self.assertEqual(form.activity_ids.user_id, self.general_manager)

    def test_refusing_sends_it_back_with_a_reason(self):
        """K02: to review again, on record; by who decides, never the person."""
        form = self._form()
        form.with_user(self.finance).action_review()
        with self.assertRaises(UserError):
            form.with_user(self.vice_president).action_refuse(" ")
        for user in (self.seller, self.finance):
            with self.assertRaises(AccessError):
                form.with_user(user).action_refuse("no")
        action = form.with_user(self.vice_president).action_open_refuse()
        dialog = (
            self.env["step.reason"]
            .with_user(self.vice_president)
            .with_context(**action["context"])
            .create({"reason": "Share is wrong"})
        )
        dialog.action_confirm()
        self.assertEqual(form.state, "draft")
        self.assertFalse(form.reviewed_by_id)
        self.assertIn("Share is wrong", form.message_ids[0].body)

    def test_figures_are_not_written_past_the_steps(self):
        """K02: by nobody, with any token."""
        form = self._form()
        token = {"sales_server": True}
        for records in (form.with_user(self.finance), form.sudo()):
            for vals in (
                {"state": "approved"},
                {"payable_amount": 9999},
                {"beneficiary_id": self.other_seller.id},
                {"digest": "x"},
                {"bill_id": self.invoice.id},
            ):
                with self.assertRaises(AccessError):
                    records.with_context(**token).write(vals)
            with self.assertRaises(UserError):
                records.with_context(**token).unlink()
            with self.assertRaises(UserError):
                records.with_context(**token).create(
                    {"period_id": self.period.id, "beneficiary_id": self.finance.id}
                )

    def test_approved_form_stops_computing(self):
        """K02: the month isn't computed or reopened past an approved form; refusing it
        first, with a reason, opens the way."""
        form = self._form()
        self._approve(form)
        self._pay(self.invoice, 1000, "2026-10-20")
        for step in ("compute", "reopen"):
            with self.assertRaisesRegex(UserError, "is approved: refuse it first"):
                getattr(self.period.with_user(self.finance), f"action_{step}")()
        self.assertEqual(form.payable_amount, 120)
        form.with_user(self.general_manager).action_refuse("Another payment")
        self.period.with_user(self.finance).action_compute()
        self.assertEqual((form.state, form.payable_amount), ("draft", 150))

    def test_reopening_takes_forms_away(self):
        """K02: nothing stays that the month doesn't come to any more."""
        form = self._form()
        self.period.with_user(self.finance).action_reopen()
        self.assertFalse(form.exists())

    def test_closed_month_s_form_has_its_entries(self):
        """K02: the chain may end after closing; the figures are those approved."""
        form = self._form()
        self._close_period()
        self._approve(form)
        self.assertEqual(form.entry_ids, self.period.entry_ids)
        self.assertFalse(form.run_line_ids)

    def test_bill_is_made_once(self):
        """K02: a draft vendor bill of the person over what is payable."""
        self.company.commission_handover = "bill"
        form = self._form()
        with self.assertRaisesRegex(UserError, "The form is"):
            form.with_user(self.finance).action_export()
        self._approve(form)
        with self.assertRaisesRegex(UserError, "isn't closed"):
            form.with_user(self.finance).action_export()
        self._close_period()
        with self.assertRaisesRegex(UserError, "Set the product"):
            form.with_user(self.finance).action_export()
        self.company.commission_product_id = self.env["product.product"].create(
            {"name": "Commission", "type": "service"}
        )
        for user in (self.general_manager, self.seller):
            with self.assertRaises(AccessError):
                form.with_user(user).action_export()
        form.with_user(self.finance).action_export()
        bill = form.bill_id
        self.assertEqual(
            (bill.move_type, bill.state, bill.amount_total, bill.partner_id),
            ("in_invoice", "draft", 120, self.seller.partner_id),
        )
        with self.assertRaises(UserError):
            form.with_user(self.finance).action_export()
        with self.assertRaises(UserError):
            form.with_user(self.general_manager).action_refuse("too late")
        self._check_bill_stays(bill)

    def _check_bill_stays(self, bill):
        """The bill is what was approved, or it isn't posted; nor does it go away."""
        for change, back in (
            ({"price_unit": 5000}, {"price_unit": 120}),
            ({"quantity": 2}, {"quantity": 1}),
        ):
            bill.invoice_line_ids.write(change)
            with self.assertRaisesRegex(UserError, "isn't what was approved"):
                bill.action_post()
            bill.invoice_line_ids.write(back)
        bill.action_post()
        self.assertEqual(bill.state, "posted")
        bill.button_draft()
        for removal in (bill.unlink, bill.button_cancel):
            with self.assertRaisesRegex(UserError, "pays an approved"):
                removal()

    def test_killed_while_handing_over_leaves_nothing(self):
        """K02: an error between bill and status takes the bill back."""
        self.company.commission_handover = "bill"
        self.company.commission_product_id = self.press
        form = self._form()
        self._approve(form)
        self._close_period()
        broken = patch.object(type(form), "_end_step", side_effect=ZeroDivisionError)
        count = self.env["account.move"].search_count([])
        with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint(), broken:
            form.with_user(self.finance).action_export()
        self.env.invalidate_all()
        self.assertEqual(self.env["account.move"].search_count([]), count)
        form.with_user(self.finance).action_export()
        self.assertEqual(form.state, "exported")

    def test_payroll_file_takes_forms_together(self):
        """K02, K11: one file, kept, with what each form comes to."""
        form = self._form()
        self._approve(form)
        self._close_period()
        action = form.with_user(self.finance).action_export()
        self.assertIn("/sales_receivable/xlsx/commission.payroll/", action["url"])
        payroll = form.payroll_id
        self.assertEqual((payroll.amount, payroll.user_id), (120, self.finance))
        _name, content = payroll.with_user(self.finance)._get_xlsx()
        cells = [
            c.value for row in load_workbook(io.BytesIO(content)).active for c in row
        ]
        self.assertIn("Ms Seller", cells)
        self.assertIn(120, cells)
        for change in (payroll.sudo().unlink, payroll.copy):
            with self.assertRaises(UserError):
                change()
        with self.assertRaises(AccessError):
            payroll.sudo().write({"date": "2020-01-01"})

    def test_below_nothing_is_carried_forward(self):
        """K02: 120 paid out, 120 given back in November with nothing earned, 180 in
        December: 60 payable."""
        form = self._form()
        self._approve(form)
        self._close_period()
        form.with_user(self.finance).action_export()
        self._bounce(self.invoice, self.payment)
        november = self._compute("2026-11-01")
        second = self._form(november)
        self.assertEqual((second.payable_amount, second.carried_amount), (-120, 0))
        self._close("2026-11-01")
        self._pay(self.invoice, 6000, "2026-12-10")
        third = self._form(self._close("2026-12-01"))
        third.with_user(self.finance).action_review()
        third.with_user(self.vice_president).action_confirm()
        with self.assertRaisesRegex(UserError, "comes first"):
            third.with_user(self.general_manager).action_approve()
        self._approve(second)
        with self.assertRaisesRegex(UserError, "Nothing is payable"):
            second.with_user(self.finance).action_export()
        third.with_user(self.general_manager).action_approve()
        self.assertEqual(
            (third.amount, third.carried_amount, third.payable_amount), (180, -120, 60)
        )
        with self.assertRaisesRegex(UserError, "is approved: refuse it first"):
            second.with_user(self.general_manager).action_refuse("Too late")

    def test_form_is_read_by_who_it_concerns(self):
        """K02: the person, their managers, finance, company managers; no colleague."""
        form = self._form()
        manager, leader = (
            new_test_user(
                self.env,
                login=f"commission_{name}",
                groups="base.group_user",
                company_id=self.company.id,
            )
            for name in ("manager", "leader")
        )
        employees = self.env["hr.employee"].sudo()
        boss = employees.create({"name": "boss", "user_id": manager.id})
        employees.create(
            {"name": "seller", "user_id": self.seller.id, "parent_id": boss.id}
        )
        self.team.write(
            {
                "user_id": leader.id,
                "company_id": self.company.id,
                "member_ids": [Command.set(self.seller.ids)],
            }
        )
        sees = {
            manager: True,
            leader: True,
            self.seller: True,
            self.other_seller: False,
            self.finance: True,
            self.general_manager: True,
            self.administrator: False,
        }
        for user, expected in sees.items():
            forms = self.env["commission.statement"].with_user(user)
            self.assertEqual(form in forms.search([]), expected, user.name)
        self.assertEqual(form.with_user(self.seller).run_line_ids.amount, 120)

    def test_workbook_and_print_explain_every_line(self):
        """K11: in the reader's language, for the person, too."""
        self.env["res.lang"]._activate_lang("zh_CN")
        form = self._form().with_user(self.seller)
        _name, content = form._get_xlsx()
        book = load_workbook(io.BytesIO(content))
        cells = [cell.value for row in book.worksheets[0] for cell in row]
        self.assertIn(self.period.run_line_ids.explanation, cells)
        report = self.env["ir.actions.report"].with_user(self.seller)
        html = report._render_qweb_html(
            "sales_receivable.commission_statement_document", form.ids
        )[0].decode()
        self.assertIn("3 % of 4,000.00", html)
        html = (
            report.with_context(lang="zh_CN")
            ._render_qweb_html(
                "sales_receivable.commission_statement_document", form.ids
            )[0]
            .decode()
        )
        self.assertIn("提成", html)

    def test_two_people_in_one_month(self):
        """K02: forms of all, each with its own lines; a batch takes its steps."""
        order = self._order((self.press, 100), user=self.other_seller)
        self._pay(self._bill(order), 100, "2026-10-10")
        self.period.with_user(self.finance).action_compute()
        forms = self._form() | self._form(user=self.other_seller)
        self.assertEqual(sorted(forms.mapped("payable_amount")), [3, 120])
        self._approve(forms)
        self.assertEqual(set(forms.mapped("state")), {"approved"})

    def test_no_default_key_approves_a_form(self):
        """K02: a form's stamps can't be set by defaults."""
        defaults = (
            self.env["commission.statement"]
            .with_context(default_state="approved", default_payable_amount=5)
            .default_get(["state", "payable_amount"])
        )
        self.assertEqual(defaults.get("state"), "draft")
        self.assertFalse(defaults.get("payable_amount"))
