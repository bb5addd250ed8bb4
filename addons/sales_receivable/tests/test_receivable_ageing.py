import io
import re
from datetime import date

import openpyxl
import pypdf
from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import Form, freeze_time, new_test_user, tagged

from .common_receivable import ReceivableCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-11-22 02:00:00")
class TestReceivableAgeing(ReceivableCommon):
    """The ageing on screen, as workbook and in print."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids += cls.env.ref("sales_receivable.group_finance")
        cls.salesperson = cls._new_user("salesperson", "sales_team.group_sale_salesman")
        cls.invoices = cls.env["account.move"]
        for amount, overdue in (
            (10.01, -5),
            (20.02, 3),
            (30.03, 12),
            (40.04, 25),
            (50.05, 40),
            (60.06, 70),
            (70.07, 100),
            (80.08, 130),
        ):
            due = fields.Date.add(date(2026, 11, 22), days=-overdue)
            cls.invoices += cls._invoice(
                amount,
                fields.Date.add(due, days=-30),
                due=due,
                invoice_user_id=cls.salesperson.id,
            )

    @classmethod
    def _new_user(cls, login, groups, **values):
        return new_test_user(
            cls.env,
            login=f"ageing_{login}",
            groups=f"base.group_user,{groups}",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
            **values,
        )

    def _report(self, **context):
        return self.Report.with_context(**context)

    def _buckets(self, **context):
        """Return ``{first day of the bucket: amount}`` of this class's invoices."""
        groups = self._report(**context)._read_group(
            [("move_id", "in", self.invoices.ids)], ["bucket_id"], ["residual:sum"]
        )
        return {bucket.day_from: round(amount, 2) for bucket, amount in groups}

    def test_each_item_is_in_its_bucket(self):
        """R03: not due, 1–7, 8–15, 16–30, 31–60, 61–90, 91–120, over 120 days."""
        self.assertEqual(
            self._buckets(),
            {
                0: 10.01,
                1: 20.02,
                8: 30.03,
                16: 40.04,
                31: 50.05,
                61: 60.06,
                91: 70.07,
                121: 80.08,
            },
        )

    def test_buckets_have_exact_edges(self):
        """R03: due today is not overdue; the first day over is 1."""
        item = self._item(self.invoices[0])
        for day, bucket in (
            ("2026-11-27", 0),
            ("2026-11-28", 1),
            ("2026-12-04", 1),
            ("2026-12-05", 8),
            ("2027-03-27", 91),
            ("2027-03-28", 121),
        ):
            row = self._report(as_of=day).browse(item.id)
            self.assertEqual(row.bucket_id.day_from, bucket, day)

    def test_other_day_has_other_figures(self):
        """R03: as of any date, and the invoices of later days are not there yet."""
        self._pay(self.invoices[7], 30.08, "2026-11-10")
        self.assertEqual(self._buckets(as_of="2026-11-09")[91], 80.08)
        self.assertEqual(self._buckets(as_of="2026-11-22")[121], 50)
        rows = self._report(as_of="2026-09-30").search(
            [("move_id", "in", self.invoices.ids)]
        )
        self.assertEqual(
            rows.move_id, self.invoices.filtered(lambda m: m.date <= date(2026, 9, 30))
        )

    def test_two_days_in_one_transaction_keep_apart(self):
        """R03: the cache knows of which day a figure is."""
        self._pay(self.invoices[7], 30.08, "2026-11-10")
        item = self._item(self.invoices[7])
        early = self._report(as_of="2026-11-09").browse(item.id)
        late = self._report(as_of="2026-11-22").browse(item.id)
        self.assertEqual((early.residual, late.residual), (80.08, 50))
        self.assertEqual((early.days_overdue, late.days_overdue), (117, 130))
        self.assertEqual((early.bucket_id.day_from, late.bucket_id.day_from), (91, 121))
        by_invoice = self._report(as_of="2026-11-22", ageing_base="invoice")
        self.assertEqual(by_invoice.browse(item.id).days_overdue, 160)
        self.assertEqual(late.days_overdue, 130)
        for name, field in self.Report._fields.items():
            if field.store and name != "id":
                self.assertIn(
                    "as_of", self.env.registry.field_depends_context[field], name
                )

    def test_age_counts_from_the_invoice_date_on_demand(self):
        """R03: by due date or invoice date."""
        self.assertEqual(
            self._buckets(ageing_base="invoice"),
            {16: 10.01, 31: 90.09, 61: 50.05, 91: 60.06, 121: 150.15},
        )
        item = self._item(self.invoices[0])
        row = self._report(ageing_base="invoice").browse(item.id)
        self.assertEqual((row.days_overdue, row.bucket_id.day_from), (25, 16))

    def test_company_buckets_replace_the_shared_ones(self):
        """R03: buckets are records of the company."""
        self.env["receivable.ageing.bucket"].sudo().create(
            [
                {"name": name, "day_from": day, "company_id": self.company.id}
                for name, day in (("current", 0), ("late", 31))
            ]
        )
        self.assertEqual(self._buckets(), {0: 100.1, 31: 260.26})

    def test_item_opens_its_entry(self):
        """R03: drill-down to the entry."""
        row = self.Report.search([("move_id", "=", self.invoices[3].id)])
        action = row.action_open_entry()
        self.assertEqual(
            (action["res_model"], action["res_id"]),
            ("account.move", self.invoices[3].id),
        )

    def test_choosing_a_day_opens_the_report_as_of_it(self):
        """R03: the day is chosen in a small dialog, which starts from the one shown."""
        action = self._report(as_of="2026-10-31").action_choose_day()
        wizard = Form(
            self.env["receivable.ageing.wizard"].with_context(**action["context"])
        )
        self.assertEqual(wizard.as_of, date(2026, 10, 31))
        opened = wizard.save().action_open()
        self.assertEqual(
            opened["context"],
            {
                "as_of": "2026-10-31",
                "ageing_base": "due",
                "read_group_expand": True,
            },
        )

    def test_the_title_says_the_day(self):
        """R03: of which day the figures are is never left to guess."""
        action = self.Report.action_open_today()
        self.assertEqual(
            action["display_name"], self._report()._get_title(), action["display_name"]
        )
        self.assertRegex(action["display_name"], r"as of \d")
        self.assertTrue(
            self.env.ref("sales_receivable.receivable_ageing_report_action_today").run()
        )

    def test_empty_buckets_are_shown(self):
        """R03: pivot and graph show every bucket, in order, also with nothing in it."""
        buckets = self.env["receivable.ageing.bucket"]._get_buckets(self.company)
        report = self._report().with_context(read_group_expand=True)
        domain = [("move_id", "=", self.invoices[0].id)]
        grouped = report.formatted_read_group(domain, ["bucket_id"], ["residual:sum"])
        self.assertEqual([g["bucket_id"][0] for g in grouped], buckets.ids)
        sets = report.formatted_read_grouping_sets(
            domain, [[], ["bucket_id"]], ["residual:sum"]
        )
        self.assertEqual([g["bucket_id"][0] for g in sets[1]], buckets.ids)
        self.assertEqual(sum(bool(g["residual:sum"]) for g in sets[1]), 1)

    def test_the_dialog_closes_after_its_download(self):
        """K11: a dialog that has done its work doesn't stay in the way."""
        wizard = self.env["receivable.ageing.wizard"].create({})
        download = wizard.action_xlsx()
        self.assertTrue(download["close"])
        self.assertEqual(download["target"], "new", "the only one that heeds it")
        self.assertTrue(wizard.action_print()["close_on_report_download"])

    # ------------------------------------------------------------------
    # Who sees what
    # ------------------------------------------------------------------

    def _seen(self, user):
        self.env.flush_all()
        rows = self.Report.with_user(user).search(
            [("move_id", "in", self.invoices.ids)]
        )
        return rows.sudo().move_id

    def test_salesperson_sees_own_customers_only(self):
        """R03: what one sold; nobody makes a customer their own by writing so."""
        other = self._new_user(
            "other", "sales_team.group_sale_salesman,base.group_partner_manager"
        )
        self.assertEqual(self._seen(self.salesperson), self.invoices)
        self.assertFalse(self._seen(other))
        self.customer.with_user(other).user_id = other
        self.assertFalse(self._seen(other))
        contact = self.env["res.partner"].with_user(other)
        contact.create(
            {"parent_id": self.customer.id, "user_id": other.id, "name": "x"}
        )
        self.assertFalse(self._seen(other))
        self.assertEqual(self._seen(self.salesperson), self.invoices)

    def test_credits_are_the_newest_invoice_s_salesperson_s(self):
        """R03: a payment on account has no salesperson of its own; who sold the
        customer's newest open invoice sees it, nobody by the contact's field."""
        other = self._new_user("other", "sales_team.group_sale_salesman")
        payment = self.env["account.payment"].create(
            {
                "partner_id": self.customer.id,
                "amount": 7,
                "date": "2026-11-01",
                "journal_id": self.company_data["default_journal_bank"].id,
            }
        )
        payment.action_post()
        self.customer.user_id = other
        self.env.flush_all()
        rows = self.Report.search([("move_id", "=", payment.move_id.id)])
        self.assertEqual(rows.user_id, self.salesperson)
        self.assertEqual(rows.item_type, "payment")
        self.assertTrue(rows.with_user(self.salesperson).has_access("read"))
        self.assertFalse(rows.with_user(other).has_access("read"))

    def test_managers_see_the_team_s(self):
        """R03: the line manager and the leader of the sales team."""
        line_manager = self._new_user("line", "sales_team.group_sale_salesman")
        leader = self._new_user("leader", "sales_team.group_sale_salesman")
        stranger = self._new_user("stranger", "sales_team.group_sale_salesman")
        boss, employee = (
            self.env["hr.employee"]
            .sudo()
            .create(
                [
                    {"name": "boss", "user_id": line_manager.id},
                    {"name": "sales", "user_id": self.salesperson.id},
                ]
            )
        )
        employee.parent_id = boss
        self.env["crm.team"].sudo().create(
            {
                "name": "South",
                "user_id": leader.id,
                "company_id": self.company.id,
                "member_ids": [Command.set(self.salesperson.ids)],
            }
        )
        self.assertEqual(self._seen(line_manager), self.invoices)
        self.assertEqual(self._seen(leader), self.invoices)
        self.assertFalse(self._seen(stranger))

    def test_credit_control_finance_and_company_manager_see_all_of_the_company(self):
        """R03: all of their companies and nothing of another one."""
        other = self.setup_other_company(name="Other Co")["company"]
        for group in ("credit_control", "finance", "company_manager"):
            user = self._new_user(group, f"sales_receivable.group_{group}")
            self.assertEqual(self._seen(user), self.invoices)
            user.write(
                {"company_ids": [Command.set(other.ids)], "company_id": other.id}
            )
            self.assertFalse(self._seen(user))

    def test_portal_sees_nothing(self):
        """R03: a customer has no access to the report, its dialog or its workbook."""
        portal = new_test_user(
            self.env, login="ageing_portal", groups="base.group_portal"
        )
        for model in ("receivable.ageing.report", "receivable.ageing.wizard"):
            with self.assertRaises(AccessError):
                self.env[model].with_user(portal).search([], limit=1)

    def test_report_is_read_only(self):
        """R03: nobody writes figures into a report."""
        rows = self.Report.search([], limit=1).with_user(self.salesperson)
        for call in (lambda: rows.write({"residual": 0}), rows.unlink):
            with self.assertRaises(AccessError):
                call()

    # ------------------------------------------------------------------
    # K11: workbook and print
    # ------------------------------------------------------------------

    def _wizard(self, user=None, **values):
        wizards = self.env["receivable.ageing.wizard"].with_user(user or self.env.user)
        return wizards.create({"as_of": "2026-11-22", **values})

    def test_workbook_holds_the_figures_of_the_screen(self):
        """K11: opened again, cells are numbers, totals formulas with agreeing values."""
        self.customer.name = "=1+1"
        self.env.flush_all()
        name, content = self._wizard()._get_xlsx()
        self.assertIn("11/22/2026", name)
        values = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
        formulas = openpyxl.load_workbook(io.BytesIO(content))
        sheet = values[self.company.name[:28]]
        rows = list(sheet.iter_rows(values_only=True))
        row = next(row for row in rows if row[0] == "=1+1")
        amounts = [10.01, 20.02, 30.03, 40.04, 50.05, 60.06, 70.07, 80.08]
        self.assertEqual(list(row[1:9]), amounts)
        self.assertEqual(row[9], 360.36)
        index = rows.index(row) + 1
        self.assertEqual(sheet.cell(index, 1).data_type, "s")
        self.assertEqual(sheet.cell(index, 2).number_format, "#,##0.00")
        cell = formulas[sheet.title].cell(index, 10)
        self.assertEqual(cell.value, f"=SUM(B{index}:I{index})")
        self._check_totals(formulas, values)

    def test_items_sheet_is_the_drill_down(self):
        """K11: one row per open item, with dates as dates."""
        _name, content = self._wizard()._get_xlsx()
        book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
        rows = list(book["Items"].iter_rows(values_only=True))
        row = next(row for row in rows if row[1] == self.invoices[7].name)
        self.assertEqual(row[4].date(), self.invoices[7].invoice_date_due)
        self.assertEqual((row[5], row[6], row[11]), (130, "Over 120 days", 80.08))

    def _check_totals(self, formulas, values):
        """Compute every total of every sheet anew and compare it with its value."""
        checked = 0
        for sheet in formulas:
            for row in sheet.iter_rows():
                for cell in row:
                    match = re.fullmatch(
                        r"=SUM\((\w+\d+):(\w+\d+)\)", str(cell.value or "")
                    )
                    if match:
                        cells = values[sheet.title][match[1] : match[2]]
                        found = sum(c.value or 0 for line in cells for c in line)
                        cached = values[sheet.title][cell.coordinate].value
                        self.assertAlmostEqual(found, cached, places=6)
                        checked += 1
        self.assertGreater(checked, 10)

    def test_workbook_holds_what_the_reader_may_see(self):
        """K11: a salesperson's workbook has no item of others."""
        self._invoice(999.99, "2026-11-01", partner_id=self.partner_b.id)
        self.env.flush_all()
        content = self._wizard(self.salesperson)._get_xlsx()[1]
        book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
        cells = {c for sheet in book for row in sheet.values for c in row}
        self.assertIn(80.08, cells)
        self.assertNotIn(999.99, cells)

    def test_print_holds_the_figures(self):
        """K11: the PDF opens again and shows customer, buckets, amounts and total."""
        self.customer.name = "Bright Trading"
        # Nobody listens there: letters of web fonts become outlines, not text to read.
        self.env["ir.config_parameter"].set_param("report.url", "http://127.0.0.1:9")
        report = self.env["ir.actions.report"].with_context(force_report_rendering=True)
        with self.allow_pdf_render():
            content, kind = report._render_qweb_pdf(
                "sales_receivable.receivable_ageing_document", self._wizard().ids
            )
        self.assertEqual(kind, "pdf")
        text = " ".join(
            page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages
        )
        text = re.sub(r"\s+", " ", text)
        for expected in ("Bright Trading", "Over 120 days", "80.08", "360.36"):
            self.assertIn(expected, text)
