import base64
import io
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import HttpCase, freeze_time, new_test_user, tagged
from odoo.tools import mute_logger
from odoo.tools.pdf import PdfFileReader
from PIL import Image
from psycopg2.errors import CheckViolation
from reportlab.pdfgen import canvas


@tagged("post_install", "-at_install")
class TestCompanyPaper(HttpCase):
    """Company papers, their originals, and the register of their copies (A23)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {
            name: new_test_user(cls.env, login=f"paper_{name}", groups=groups)
            for name, groups in {
                "keeper": "sales_receivable.group_paper_keeper",
                "manager": "sales_receivable.group_company_manager",
                "taker": "base.group_user",
                "other": "base.group_user",
            }.items()
        }
        cls.keeper = cls.users["keeper"]
        cls.paper = (
            cls.env["company.paper"]
            .with_user(cls.keeper)
            .create(
                {
                    "name": "Business licence",
                    "number": "9144",
                    "document": base64.b64encode(cls.new_pdf(2)),
                    "document_name": "licence.pdf",
                }
            )
        )

    @staticmethod
    def new_pdf(pages, **kwargs):
        stream = io.BytesIO()
        drawing = canvas.Canvas(stream, **kwargs)
        for __ in range(pages):
            drawing.drawString(100, 700, "LICENCE")
            drawing.showPage()
        drawing.save()
        return stream.getvalue()

    def issue(self, user=None, **values):
        return (
            self.env["company.paper.issue"]
            .with_user(user or self.keeper)
            .create(
                {
                    "paper_id": self.paper.id,
                    "user_id": self.users["taker"].id,
                    "recipient": "Trading Co.",
                    "purpose": "Tender 2026",
                    **values,
                }
            )
        )

    def pages(self, issue):
        data = base64.b64decode(issue.with_context(bin_size=False).document)
        reader = PdfFileReader(io.BytesIO(data), strict=False)
        return [reader.getPage(n) for n in range(reader.getNumPages())]

    def test_purpose_stands_on_every_page(self):
        """A23: of PDFs and images; with number and recipient; the paper stays below"""
        issue = self.issue(purpose="投标")
        pages = self.pages(issue)
        self.assertEqual(len(pages), 2)
        for page in pages:
            text = page.extract_text()
            self.assertIn("LICENCE", text)
            self.assertIn("投标", text)
            self.assertIn(issue.number, text)
            self.assertIn("Trading", text)
            # The mark's white covers nothing of the paper.
            states = page["/Resources"]["/ExtGState"].get_object().values()
            self.assertIn(
                "/Multiply", [state.get_object().get("/BM") for state in states]
            )
        picture = io.BytesIO()
        Image.new("RGB", (300, 200), "white").save(picture, format="png")
        self.paper.document = base64.b64encode(picture.getvalue())
        self.assertEqual(len(self.pages(self.issue())), 1)
        with self.assertRaises(ValidationError):
            self.paper.document = base64.b64encode(b"plain words")
        self.paper.document = base64.b64encode(self.new_pdf(1, encrypt="secret"))
        with self.assertRaisesRegex(UserError, "without a password"):
            self.issue()

    def test_mark_is_readable_however_long(self):
        """A23: all of purpose, number, recipient and day, in letters of a size"""
        for values in (
            {"purpose": "投" * 79 + "标", "recipient": "客" * 79 + "户"},
            {"purpose": "Tender " * 10, "recipient": "W" * 79 + "x"},
        ):
            issue = self.issue(**values)
            for page in self.pages(issue):
                text = "".join(page.extract_text().split())
                for words in (*values.values(), issue.number, str(issue.date)):
                    said = "".join(words.split())
                    self.assertEqual(text.count(said), 3, f"{words} in {text}")
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self.issue(recipient="x" * 81)

    def test_company_with_copies_stays(self):
        """A23: the register is a company's; a paper without copies may be moved"""
        other = self.env["res.company"].create({"name": "Sister"})
        self.keeper.company_ids |= other
        paper = self.paper.with_context(
            allowed_company_ids=(self.env.company | other).ids
        )
        paper.company_id = other
        paper.company_id = self.env.company
        self.issue()
        with self.assertRaisesRegex(UserError, "register of its company"):
            paper.company_id = other
        with self.assertRaisesRegex(UserError, "register of its company"):
            paper.sudo().company_id = other

    def test_administrators_read_no_originals(self):
        """A23: by no attachment or address; they would have to join the group"""
        admin = new_test_user(self.env, login="paper_admin", groups="base.group_system")
        domain = [("res_model", "=", "company.paper"), ("res_field", "=", "document")]
        original = self.env["ir.attachment"].sudo().search(domain)
        self.env.flush_all()
        self.env.invalidate_all()
        Files = self.env["ir.attachment"].with_user(admin)
        for search in (
            domain,
            [("id", "=", original.id)],
            [("res_model", "=", "company.paper"), ("res_field", "!=", False)],
            [("id", "in", original.ids), ("res_model", "=", "company.paper")],
        ):
            self.assertFalse(Files.search_read(search, ["datas"]), search)
        self.assertFalse(
            Files.with_context(skip_res_field_check=True).search(
                [("res_model", "=", "company.paper")]
            )
        )
        file = original.with_user(admin)
        for attempt in (
            lambda: file.read(["datas"]),
            lambda: file.write({"public": True}),
            file.generate_access_token,
            lambda: file.copy({"res_field": False}),
        ):
            with self.assertRaises(AccessError):
                attempt()
        self.authenticate(admin.login, admin.login)
        with mute_logger("odoo.http"):
            for url in (
                f"/web/content/{original.id}",
                f"/web/content/company.paper/{self.paper.id}/document",
            ):
                self.assertNotEqual(self.url_open(url).status_code, 200, url)
        admin.group_ids |= self.env.ref("sales_receivable.group_paper_keeper")
        self.assertEqual(Files.search(domain), original)

    def test_register_is_append_only(self):
        """A23: a purpose is required, numbers have no gaps, nothing changes; only that
        the copy came back is added, by a keeper"""
        for values in (
            {"purpose": "  "},
            {"recipient": " "},
            {"purpose": "\u200b\u2800\u3164"},
            {"recipient": "\u202e\u200b"},
        ):
            with self.assertRaises(ValidationError), self.cr.savepoint():
                self.issue(**values)
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(CheckViolation),
            self.cr.savepoint(),
        ):
            self.issue(copies=0)
        for values in (
            {"number": "1"},
            {"date": "2020-01-01"},
            {"document": base64.b64encode(b"x")},
            {"date_returned": "2020-01-01"},
        ):
            with self.assertRaises(AccessError):
                self.issue(**values)
            with self.assertRaises(AccessError):
                self.issue().write(values)
        first, second = self.issue(), self.issue()
        self.assertEqual(int(second.number[-4:]), int(first.number[-4:]) + 1)
        self.assertEqual(first.date, self.env.company._get_business_date())
        for attempt in (
            lambda: first.sudo().write({"purpose": "another"}),
            lambda: first.with_context(sales_server=True).write({"purpose": "another"}),
            first.unlink,
            first.sudo().unlink,
            lambda: self.issue(self.users["taker"]),
            lambda: self.issue(self.users["manager"]),
            first.with_user(self.users["taker"]).action_return,
        ):
            with self.assertRaises(AccessError):
                attempt()
        first.action_return()
        self.assertEqual(first.returned_to_id, self.keeper)
        self.assertTrue(first.date_returned)
        html = self.env["ir.actions.report"]._render_qweb_html(
            "sales_receivable.report_company_paper_register", (first + second).ids
        )[0]
        self.assertIn(second.number, html.decode())

    def test_no_copy_of_what_is_no_longer_in_force(self):
        """A23: expired, archived, or without an original"""
        self.paper.date_to = "2020-01-01"
        with self.assertRaisesRegex(UserError, "no longer in force"):
            self.issue()
        self.paper.date_to = False
        self.paper.active = False
        with self.assertRaisesRegex(UserError, "no longer in force"):
            self.issue()
        self.paper.write({"active": True, "document": False})
        with self.assertRaisesRegex(UserError, "no original"):
            self.issue()

    def test_originals_are_their_keepers(self):
        """A23: nobody else reads them, by field, attachment or address; a copy is for
        who took it, keepers and company managers"""
        issue = self.issue()
        attachments = self.env["ir.attachment"].sudo()
        original, copy = (
            attachments.search(
                [
                    ("res_model", "=", record._name),
                    ("res_id", "=", record.id),
                    ("res_field", "=", "document"),
                ]
            )
            for record in (self.paper, issue)
        )
        self.env.flush_all()
        sees = {
            "keeper": (True, True),
            "manager": (False, True),
            "taker": (False, True),
            "other": (False, False),
        }
        for name, (reads_original, reads_copy) in sees.items():
            user = self.users[name]
            self.assertTrue(self.paper.with_user(user).name)
            with self.subTest(user=name):
                for attachment, allowed in (
                    (original, reads_original),
                    (copy, reads_copy),
                ):
                    self.assertEqual(
                        attachment.with_user(user).has_access("read"), allowed
                    )
                if not reads_original:
                    with self.assertRaises(AccessError):
                        self.paper.with_user(user).read(["document"])
                self.authenticate(user.login, user.login)
                for url, allowed in (
                    (
                        f"/web/content/company.paper/{self.paper.id}/document",
                        reads_original,
                    ),
                    (f"/web/content/{original.id}", reads_original),
                    (f"/web/content/{copy.id}", reads_copy),
                ):
                    with mute_logger("odoo.http"):
                        status = self.url_open(url).status_code
                    self.assertEqual(status == 200, allowed, url)

    def test_keeper_is_reminded_before_expiry_once(self):
        """A23: so many days before, once for each day of expiry"""
        today = self.env.company._get_business_date()

        def remind():
            with self.enter_registry_test_mode():
                cron = self.env.ref("sales_receivable.ir_cron_company_paper")
                cron.method_direct_trigger()
            return len(self.paper.sudo().activity_ids)

        self.paper.write({"date_to": today + timedelta(days=31), "remind_days": 30})
        self.assertEqual(remind(), 0)
        self.paper.date_to = today + timedelta(days=30)
        self.assertEqual(remind(), 1)
        self.assertEqual(self.paper.activity_ids.user_id, self.keeper)
        self.assertEqual(remind(), 1)
        with freeze_time(fields.Datetime.now() + timedelta(days=20)):
            self.paper.date_to = today + timedelta(days=40)
            self.assertEqual(remind(), 2)
        with self.assertRaises(AccessError):
            self.paper.reminded_for = today
