from base64 import b64decode
from datetime import timedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time, new_test_user, tagged

from .common import VISIT_DAY, VisitCase

# A picture of one point.
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


@tagged("post_install", "-at_install")
@freeze_time(VISIT_DAY)
class TestStoreAudit(VisitCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Only what the tests give weights to counts in their company.
        cls.weights = cls.env["sales.store.weight"].create(
            [
                {"criterion": key, "weight": weight, "company_id": cls.company.id}
                for key, weight in {
                    "outdoor": 10,
                    "indoor": 0,
                    "position": 10,
                    "facings": 20,
                    "price_tag": 10,
                    "stock": 50,
                }.items()
            ]
        )
        cls.weights.filtered(lambda w: w.criterion == "facings").facings_target = 5
        cls.lamp, cls.bulb, cls.tube = cls.env["product.product"].create(
            [{"name": name} for name in ("Lamp", "Bulb", "Tube")]
        )
        cls.visit_type.is_store_audit = True

    def _audit(self, *lines, user=None, start=VISIT_DAY, **values):
        visit = self._go(self._new_visit(user, planned_start=start), start)
        visit.write(
            {"shelf_line_ids": [Command.create(line) for line in lines], **values}
        )
        return visit

    def _full(self, product):
        return {
            "product_id": product.id,
            "position": "good",
            "facings": 5,
            "has_price_tag": True,
        }

    def test_score_by_weights(self):
        """V31: each criterion counts by its weight, over all products."""
        visit = self._audit(
            self._full(self.lamp),
            {"product_id": self.bulb.id, "position": "fair", "facings": 1},
            outdoor_publicity="fair",
        )
        # outdoor 0.5, position (1 + 0.5) / 2, facings (1 + 0.2) / 2, tags 1/2, stock 1
        self.assertEqual(
            visit.store_marks,
            {
                "outdoor": [0.5, 10],
                "position": [0.75, 10],
                "facings": [0.6, 20],
                "price_tag": [0.5, 10],
                "stock": [1.0, 50],
            },
        )
        self.assertAlmostEqual(visit.store_score, 79.5)
        self.assertIn("60 % × 20", visit.store_score_detail)

    def test_more_facings_than_wanted_earn_no_more(self):
        """V31: full marks are the most."""
        line = {**self._full(self.lamp), "facings": 50}
        visit = self._audit(line, outdoor_publicity="good")
        self.assertAlmostEqual(visit.store_score, 100)

    def test_out_of_stock_lowers_the_score(self):
        """V31: what is out of stock has no facings either."""
        visit = self._audit(self._full(self.lamp), {"product_id": self.bulb.id})
        visit.shelf_line_ids[1].is_out_of_stock = True
        self.assertEqual(visit.store_marks["stock"], [0.5, 50])
        self.assertEqual(visit.store_marks["position"], [1.0, 10])

    def test_unseen_does_not_count(self):
        """V31: unknown isn't bad; without any answer there is no audit and no score."""
        visit = self._audit()
        self.assertFalse(visit.is_audited)
        self.assertFalse(visit.store_score_detail)
        # Its weight is 0: it doesn't count.
        visit.indoor_publicity = "poor"
        self.assertFalse(visit.is_audited)
        visit.outdoor_publicity = "good"
        self.assertTrue(visit.is_audited)
        self.assertAlmostEqual(visit.store_score, 100)

    def test_company_without_weights_of_its_own_has_the_general_ones(self):
        """V31: the rows that come with the addon are everybody's."""
        rows = self.env["sales.store.weight"]._get_weights(self.other_company)
        self.assertEqual(len(rows), 6)
        self.assertFalse(rows["stock"].company_id)
        own = self.env["sales.store.weight"]._get_weights(self.company)
        self.assertEqual(own["stock"].weight, 50)

    def test_scores_keep_the_weights_of_their_day(self):
        """V31: other weights reprice no audit of the past."""
        visit = self._audit(self._full(self.lamp), outdoor_publicity="poor")
        self._submit(visit, VISIT_DAY + timedelta(hours=1))
        self.assertAlmostEqual(visit.store_score, 90)
        self.weights.weight = 100
        self.env.flush_all()
        visit.invalidate_recordset()
        self.assertAlmostEqual(visit.store_score, 90)
        self.assertIn("× 50", visit.store_score_detail)

    def test_score_is_nobodys_to_fill_in(self):
        """V31: RPC, import, defaults and copies give no score."""
        visit = self._audit(outdoor_publicity="fair")
        for vals in (
            {"store_score": 99},
            {"store_marks": {"outdoor": [1, 1]}},
            {"is_audited": True},
        ):
            with self.subTest(vals), self.assertRaises(AccessError):
                visit.write(vals)
            with self.subTest(vals), self.assertRaises(AccessError):
                self._new_visit(**vals)
        fresh = visit.with_context(default_store_score=99).copy()
        self.assertFalse(fresh.store_score)
        self.assertFalse(fresh.outdoor_publicity)

    def test_reported_shelf_is_locked(self):
        """V31: neither the line itself nor another's line gets into the report."""
        visit = self._audit(self._full(self.lamp))
        other = self._audit(self._full(self.bulb))
        self._submit(visit, VISIT_DAY + timedelta(hours=1))
        line = visit.shelf_line_ids
        with self.assertRefused("V10"):
            line.facings = 9
        with self.assertRefused("V10"):
            line.unlink()
        with self.assertRefused("V10"):
            line.visit_id = other
        with self.assertRefused("V10"):
            other.shelf_line_ids.visit_id = visit
        with self.assertRefused("V10"):
            line.copy({"product_id": self.tube.id})
        with self.assertRefused("V10"):
            visit.outdoor_publicity = "good"
        with self.assertRefused("V10"):
            visit.action_add_last_products()
        self.assertEqual(line.facings, 5)

    def test_nobody_adds_to_a_colleagues_audit(self):
        """V31: by the line as little as by the visit."""
        visit = self._audit(self._full(self.lamp))
        lines = self.env["sales.store.shelf"].with_user(self.colleague)
        with self.assertRaises(UserError):
            lines.create({"visit_id": visit.id, "product_id": self.bulb.id})
        own = self._audit(self._full(self.bulb), user=self.colleague)
        with self.assertRaises(UserError):
            own.shelf_line_ids.visit_id = visit
        with self.assertRaises(AccessError):
            visit.with_user(self.colleague).action_add_last_products()

    def test_ways_round(self):
        """V31: import and defaults write into no report that is locked or somebody
        else's; another company's product and the portal are kept out."""
        visit = self._audit(self._full(self.lamp))
        self._submit(visit, VISIT_DAY + timedelta(hours=1))
        lines = self.env["sales.store.shelf"]
        foreign_product = self.env["product.product"].create(
            {"name": "Elsewhere", "company_id": self.other_company.id}
        )
        open_visit = self._audit()
        names = ["visit_id/.id", "product_id/.id"]
        for user, target, product in (
            (self.salesperson, visit, self.bulb),
            (self.colleague, open_visit, self.bulb),
            (self.salesperson, open_visit, foreign_product),
        ):
            with self.subTest(user=user.login, product=product.name):
                own = lines.with_user(user)
                row = [str(target.id), str(product.id)]
                self.assertFalse(own.load(names, [row])["ids"])
                with self.assertRaises(UserError):
                    own.with_context(
                        default_visit_id=target.id, default_product_id=product.id
                    ).create({})
        own = visit.browse().with_user(self.salesperson)
        row = [str(open_visit.id), "100"]
        self.assertFalse(own.load([".id", "store_score"], [row])["ids"])
        line = visit.shelf_line_ids
        portal = new_test_user(self.env, "v_portal", groups="base.group_portal")
        for user in (self.foreigner, self.receptionist, portal):
            for method, *args in (("read", ["facings"]), ("write", {"facings": 9})):
                self.env.invalidate_all()  # as a request of its own would find it
                with (
                    self.subTest(user=user.login, method=method),
                    self.assertRaises(AccessError),
                ):
                    getattr(line.with_user(user), method)(*args)

    def test_same_products_as_last_time(self):
        """V31: those of the newest audit of the store, whoever did it, once."""
        week = timedelta(days=7)
        self._audit(self._full(self.tube), start=VISIT_DAY - 2 * week)
        self._audit(
            self._full(self.lamp),
            self._full(self.bulb),
            user=self.colleague,
            start=VISIT_DAY - week,
        )
        visit = self._audit(self._full(self.lamp))
        for _press in range(2):
            visit.action_add_last_products()
            lines = visit.shelf_line_ids
            self.assertEqual(lines.product_id, self.lamp | self.bulb)
            self.assertEqual(len(lines), 2)
        self.assertFalse(lines[-1].position)
        elsewhere = self._new_visit(partner_id=self._new_partner("B").id)
        elsewhere.action_add_last_products()
        self.assertFalse(elsewhere.shelf_line_ids)

    def test_photos_are_files_of_the_visit(self):
        """V31: another document's file is none; after submission they stay."""
        visit = self._audit()
        photo, foreign = self.env["ir.attachment"].create(
            [
                {"name": "p.png", "raw": b"x", "res_model": model, "res_id": res_id}
                for model, res_id in (
                    ("sales.visit", visit.id),
                    ("res.partner", self.partner.id),
                )
            ]
        )
        with self.assertRaises(ValidationError):
            visit.photo_ids = foreign
        visit.photo_ids = photo
        self._submit(visit, VISIT_DAY + timedelta(hours=1))
        with self.assertRefused("V10"):
            photo.raw = b"y"
        with self.assertRefused("V10"):
            visit.photo_ids = [Command.clear()]

    def test_printed_report(self):
        """V11, V31: what was answered, the shelf with its score, pictures as pictures;
        a file that is none, or isn't what it says, by its name."""
        visit = self._audit(
            self._full(self.lamp) | {"note": "Dusty"},
            {"product_id": self.bulb.id, "is_out_of_stock": True},
            outdoor_publicity="good",
            refusal="unconvinced",
            objection="price",
            competitor="Another shop",
        )
        files = self.env["ir.attachment"].create(
            [
                {"name": name, "raw": raw, "res_model": visit._name, "res_id": visit.id}
                for name, raw in (
                    ("door.png", b64decode(PIXEL)),
                    ("broken.png", b64decode(PIXEL)[:20]),
                    ("plan.pdf", b"%PDF-1.4 no picture"),
                )
            ]
        )
        visit.write({"photo_ids": files[:2].ids, "floor_plan_ids": files[2:].ids})
        self.assertEqual(
            [bool(file["image"]) for file in visit._get_report_files("photo_ids")],
            [True, False],
        )
        report = self.env["ir.actions.report"].with_user(self.salesperson)
        html, _type = report._render_qweb_html(
            "sales_visit.report_sales_visit", visit.ids
        )
        text = " ".join(html.decode().split())
        for words in (
            "Lamp",
            "Eye level",
            "Dusty",
            "Bulb",
            f"{visit.store_score:.1f}",
            "Not convinced",
            "Price",
            "Another shop",
            "broken.png",
            "plan.pdf",
        ):
            with self.subTest(words):
                self.assertIn(words, text)
        self.assertIn('alt="door.png"', text)
        self.assertNotIn('alt="broken.png"', text)

    def test_what_the_type_requires(self):
        """V31: photos, publicity and shelf may be required answers of the report."""
        self._set_mode("V11", "block")
        self.visit_type.required_section_ids = self.env.ref(
            "sales_visit.sales_visit_type_store"
        ).required_section_ids
        visit = self._audit(outdoor_publicity="poor")
        with self.assertRefused("Photos"):
            self._submit(visit, VISIT_DAY)
        reasons = visit.step_reasons
        self.assertIn("Products on the shelf", reasons)
        self.assertIn("Indoor publicity", reasons)
        self.assertNotIn("Outdoor publicity", reasons)

    def test_type_that_comes_with_the_addon(self):
        """V31: its kit has cutter, cloth and policy sheet, that of others hasn't."""
        kit = self.env.ref("sales_visit.sales_visit_type_store").kit_item_ids
        regular = self.env.ref("sales_visit.sales_visit_type_regular").kit_item_ids
        for name in ("cutter", "cloth", "policy"):
            item = self.env.ref(f"sales_visit.sales_visit_kit_item_{name}")
            self.assertIn(item, kit)
            self.assertNotIn(item, regular)
        self.assertLess(regular, kit)

    def test_form_and_trend(self):
        """V31: filled in from the form; the trend is of this store alone."""
        visit = self._audit()
        with Form(visit) as form:
            form.indoor_publicity = "good"
            form.outdoor_publicity = "good"
            with form.shelf_line_ids.new() as line:
                line.product_id = self.lamp
                line.facings = 5
        self.assertTrue(visit.is_audited)
        other = self._audit(outdoor_publicity="good", user=self.colleague)
        other_store = self._new_visit(
            partner_id=self._new_partner("B").id, outdoor_publicity="good"
        )
        found = self.env["sales.visit"].search(
            visit.action_view_store_trend()["domain"]
        )
        self.assertEqual(found, visit | other)
        self.assertNotIn(other_store, found)

    def test_scores_take_constant_queries(self):
        """V31: the queries don't grow with the audits."""

        def count(number):
            visits = self.env["sales.visit"].union(
                *(
                    self._audit(self._full(self.lamp), self._full(self.bulb))
                    for _i in range(number)
                )
            )
            self.env.flush_all()
            visits.invalidate_recordset()
            before = self.cr.sql_log_count
            visits.outdoor_publicity = "good"
            self.env.flush_all()
            return self.cr.sql_log_count - before

        count(1)
        self.assertEqual(count(8), count(2))

    def test_facts_of_the_visit_are_no_fields_of_the_shelf(self):
        """V31: whose store it was, and when, comes from the visit alone."""
        shelf = self._audit(self._full(self.lamp)).shelf_line_ids
        other = self._new_partner("Other store")
        for values in (
            {"visit_day": "2020-01-01"},
            {"partner_id": other.id},
            {"user_id": self.stranger.id},
        ):
            with self.subTest(values), self.assertRaises(AccessError):
                shelf.write(values)
