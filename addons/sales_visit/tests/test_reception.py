from datetime import timedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tests import Form, freeze_time, new_test_user, tagged
from odoo.tools import SQL

from .common import VISIT_DAY, VisitCase


@tagged("post_install", "-at_install")
@freeze_time(VISIT_DAY)
class TestReception(VisitCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for user in (cls.colleague, cls.stranger):
            cls._new_employee(user)
        cls.rota = cls.env["sales.rota"].create(
            {
                "name": "Shop",
                "company_id": cls.company.id,
                "line_ids": [
                    Command.create({"user_id": user.id, "sequence": i})
                    for i, user in enumerate(
                        (cls.salesperson, cls.colleague, cls.stranger)
                    )
                ],
            }
        )

    def _receive(self, name="Quite New Ltd", **values):
        return (
            self.env["sales.reception.entry"]
            .with_user(self.receptionist)
            .create({"name": name, "company_id": self.company.id, **values})
        )

    def _own(self, partner, user):
        self.env["sales.customer.file"].create(
            {
                "partner_id": partner.id,
                "user_id": user.id,
                "company_id": self.company.id,
            }
        )

    def _routed(self, name="Quite New Ltd", **values):
        entry = self._receive(name, **values)
        entry.action_route()
        return entry

    def test_customer_goes_to_his_salesperson(self):
        """V12: also when he comes for the first time; the salesperson is told."""
        self._own(self.partner, self.stranger)
        entry = self._receive("Customer A", partner_id=self.partner.id)
        self.assertEqual(entry.owner_id, self.stranger)
        entry.action_route()
        self.assertEqual(entry.routed_to_id, self.stranger)
        self.assertFalse(entry.is_new)
        self.assertFalse(entry.rota_line_id)
        self.assertEqual(entry.activity_ids.user_id, self.stranger)
        self.assertTrue(entry.activity_ids.summary)

    def test_visitor_who_forgot_the_name(self):
        """V12: our records know by name or phone, however it is written."""
        self.partner.phone = "+86 138-0013 8000"
        self._own(self.partner, self.stranger)
        for values in ({"name": "customer a"}, {"name": "X", "phone": "13800138000"}):
            entry = self._receive(**values)
            with self.subTest(values):
                self.assertIn(self.partner, entry.candidate_ids)
                self.assertIn(self.stranger.name, entry.candidates)
                with self.assertRefused("None of These"):
                    entry.action_route()
        entry.partner_id = self.partner
        entry.action_route()
        self.assertEqual(entry.routed_to_id, self.stranger)
        other = self._receive("Customer A", is_stranger=True)
        other.action_route()
        self.assertTrue(other.rota_line_id)

    def test_what_the_search_recognises(self):
        """V12: any part of the name, however short; the tax number; a phone with the zero
        of its area code or without; nobody of another company, no colleague."""
        self.partner.write({"vat": "91440101MA5X", "phone": "+86 20 5555 1777"})
        chinese = self._new_partner("广州华为装饰工程")
        latin = self._new_partner("Great HP Printers", phone="+86 138-0013 8000")
        foreign = self._new_partner("Customer Z", company_id=self.other_company.id)
        for values, found in (
            ({"name": "omer A"}, self.partner),
            ({"name": "华为"}, chinese),
            ({"name": "hp"}, latin),
            ({"name": "91440101 ma5x"}, self.partner),
            ({"name": "X", "phone": "020-5555 1777"}, self.partner),
            ({"name": "X", "phone": "0086 20 5555 1777"}, self.partner),
            ({"name": "X", "phone": "13800138000"}, latin),
            ({"name": "X", "phone": "551777"}, self.env["res.partner"]),
            ({"name": self.receptionist.name}, self.env["res.partner"]),
        ):
            with self.subTest(values):
                candidates = self._receive(**values).candidate_ids
                self.assertEqual(candidates & (self.partner | chinese | latin), found)
                self.assertNotIn(foreign, candidates)
                self.assertNotIn(self.receptionist.partner_id, candidates)

    def test_search_reads_an_index(self):
        """V12: of 100 000 contacts the database reads those that it is asked for."""
        if not self.registry.has_trigram:
            self.skipTest("the database has no trigrams")
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        self.env.cr.execute("SET LOCAL enable_indexscan = off")
        self.env["res.partner"].flush_model()
        partners = self.env["res.partner"].sudo()
        for name in ("Customer", "hp", "恒达五金"):
            query = partners._search(
                self.env["sales.reception.entry"]._get_name_domain(name)
                | Domain("vat", "=", name)
            )
            plan = self.env.execute_query(SQL("EXPLAIN %s", query.select()))
            with self.subTest(name):
                self.assertIn("complete_name_trigram_idx", str(plan))
                self.assertNotIn("Seq Scan", str(plan))

    def test_new_walk_ins_go_round(self):
        """V12: whose turn it is, in the order of the rota."""
        users = [self._routed().routed_to_id for _i in range(4)]
        self.assertEqual(
            users, [self.salesperson, self.colleague, self.stranger, self.salesperson]
        )

    def test_absent_people_are_passed_over(self):
        """V12: on leave today, or gone; back again it is their turn."""
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Leave",
                "calendar_id": self.calendar.id,
                "resource_id": self.employee.resource_id.id,
                "date_from": VISIT_DAY - timedelta(hours=12),
                "date_to": VISIT_DAY + timedelta(hours=9),
            }
        )
        self.colleague.active = False
        self.assertEqual(self._routed().routed_to_id, self.stranger)
        with freeze_time(VISIT_DAY + timedelta(days=1)):
            self.assertEqual(self._routed().routed_to_id, self.salesperson)

    def test_who_joins_is_not_flooded(self):
        """V12: a new person on the rota starts with the fewest turns of the others."""
        for _i in range(6):
            self._routed()
        line = self.env["sales.rota.line"].create(
            {"rota_id": self.rota.id, "user_id": self.leader.id}
        )
        self.assertEqual(line.turns, 2)

    def test_new_caller_stays_with_reception(self):
        """V12: reception takes the call; nobody's turn is spent."""
        entry = self._routed(kind="call")
        self.assertEqual(entry.routed_to_id, self.receptionist)
        self.assertFalse(entry.rota_line_id)
        self.assertEqual(self.rota.line_ids.mapped("turns"), [0, 0, 0])

    def test_routed_once_and_then_fixed(self):
        """V12: no second turn, and no other name afterwards."""
        entry = self._routed()
        with self.assertRefused("already"):
            entry.action_route()
        for vals in ({"name": "Other"}, {"kind": "call"}, {"is_stranger": True}):
            with self.subTest(vals), self.assertRefused("V12"):
                entry.write(vals)
        with self.assertRefused("V12"):
            entry.unlink()
        for vals in (
            {"routed_to_id": self.stranger.id},
            {"state": "returned"},
            {"is_new": False},
            {"received_at": "2026-01-01 00:00:00"},
        ):
            with self.subTest(vals), self.assertRaises(AccessError):
                entry.write(vals)
        line = self.rota.line_ids[0]
        with self.assertRaises(AccessError):
            line.sudo().turns = 0

    def test_ways_round(self):
        """V12: import, defaults and copies route nobody and spend no turn; nor does
        another company or the portal."""
        entry = self._routed()
        own = entry.browse().with_user(self.receptionist)
        for name, value in (
            ("state", "routed"),
            ("routed_to_id/.id", str(self.salesperson.id)),
            ("rota_line_id/.id", str(self.rota.line_ids[0].id)),
            ("received_at", "2026-01-01 00:00:00"),
        ):
            with self.subTest(name):
                self.assertFalse(own.load(["name", name], [["Import", value]])["ids"])
        fresh = own.with_context(
            default_state="routed", default_routed_to_id=self.stranger.id
        ).create({"name": "Default"})
        self.assertEqual(fresh.state, "new")
        self.assertFalse(fresh.routed_to_id)
        again = entry.copy()
        self.assertEqual(again.state, "new")
        self.assertFalse(again.rota_line_id)
        foreign_rota = self.env["sales.rota"].create(
            {"name": "Elsewhere", "company_id": self.other_company.id}
        )
        for vals in (
            {"company_id": self.other_company.id, "rota_id": False},
            {"rota_id": foreign_rota.id},
        ):
            with self.subTest(vals), self.assertRaises(UserError):
                own.create({"name": "Elsewhere", **vals})
        portal = new_test_user(self.env, "v_portal", groups="base.group_portal")
        for user in (self.foreigner, portal):
            for method, *args in (("read", ["name"]), ("action_route",), ("copy",)):
                with (
                    self.subTest(user=user.login, method=method),
                    self.assertRaises(AccessError),
                ):
                    getattr(fresh.with_user(user), method)(*args)

    def test_reception_sees_owners_but_no_files(self):
        """V12: names and owners only; the salesperson sees what is his."""
        self._own(self.partner, self.stranger)
        for model in ("sales.customer.file", "sales.visit"):
            with self.assertRaises(AccessError):
                self.env[model].with_user(self.receptionist).search([])
        entry = self._routed(partner_id=self.partner.id)
        self.assertTrue(entry.with_user(self.stranger).has_access("read"))
        self.assertFalse(entry.with_user(self.salesperson).has_access("read"))
        self.assertFalse(entry.with_user(self.foreigner).has_access("read"))
        with self.assertRaises(AccessError):
            entry.with_user(self.stranger).create({"name": "Mine"})

    def _give_back(self, entry):
        user = entry.routed_to_id
        action = entry.with_user(user).action_return_turn()
        form = Form(
            self.env["sales.rota.return"]
            .with_user(user)
            .with_context(**action["context"])
        )
        form.reason = "Sold insurance"
        return form.save()

    def test_turn_is_given_back_once_approved(self):
        """V12: asked for by the salesperson, attested at reception, the director's."""
        entry = self._routed()
        document = self._give_back(entry)
        with self.assertRefused("attests"):
            document.action_request()
        with self.assertRaises(AccessError):
            document.action_attest()
        with self.assertRaises(AccessError):
            document.attested_by_id = self.receptionist
        document.with_user(self.receptionist).action_attest()
        with self.assertRaises(AccessError):
            document.with_user(self.colleague).action_request()
        document.action_request()
        with self.assertRaises(AccessError):
            document.with_user(self.leader).action_approve()
        self.assertEqual(entry.rota_line_id.turns, 1)
        document.with_user(self.company_manager).action_approve()
        self.assertEqual(entry.rota_line_id.turns, 0)
        self.assertEqual(entry.state, "returned")
        with self.assertRaises(UserError):
            document.with_user(self.company_manager).action_approve()
        self.assertEqual(self._routed().routed_to_id, self.salesperson)

    def test_attested_for_one_visitor_and_reason(self):
        """V12: tried: another visitor or reason written after the attestation, also by
        import; saving the same again changes nothing."""
        entry = self._routed()
        document = self._give_back(entry)
        for _i in range(3):
            other = self._routed()
        self.assertEqual(other.routed_to_id, self.salesperson)
        attest = document.with_user(self.receptionist).action_attest
        attest()
        document.write({"reason": document.reason, "entry_id": entry.id})
        self.assertEqual(document.attested_by_id, self.receptionist)
        for vals in ({"entry_id": other.id}, {"reason": "He was rude"}):
            document.write(vals)
            self.assertFalse(document.attested_by_id or document.attested_at)
            with self.assertRefused("attests"):
                document.action_request()
            attest()
        columns = [".id", "reason"]
        self.assertTrue(document.load(columns, [[str(document.id), "Other"]])["ids"])
        self.assertFalse(document.attested_by_id)

    def test_customer_passed_on_stays(self):
        """V12: who a stranger was may be said later, once."""
        entry = self._routed()
        entry.partner_id = self.partner
        with self.assertRefused("stay as they were"):
            entry.partner_id = self._new_partner("Other")
        entry.partner_id = self.partner

    def test_visitor_stays_who_attested(self):
        """V12: tried: the visitor made somebody's customer after the attestation."""
        entry = self._routed()
        document = self._give_back(entry)
        mine = entry.with_user(self.salesperson)
        mine.note = "Asked for the way"
        document.with_user(self.receptionist).action_attest()
        for vals in ({"partner_id": self.partner.id}, {"note": "Wants a quotation"}):
            with self.subTest(vals), self.assertRefused("attested"):
                mine.write(vals)
        mine.write({"note": mine.note})

    def test_only_turns_are_given_back(self):
        """V12: who got his own customer spent none."""
        self._own(self.partner, self.stranger)
        entry = self._routed(partner_id=self.partner.id)
        document = self._give_back(entry)
        document.with_user(self.receptionist).action_attest()
        with self.assertRefused("no turn was spent"):
            document.action_request()

    def test_counted_by_day(self):
        """V12: walk-ins, new ones among them, and calls."""
        self._own(self.partner, self.stranger)
        self._routed()
        self._routed(kind="call")
        self._routed(partner_id=self.partner.id)
        counts = self.env["sales.reception.entry"]._read_group(
            [("company_id", "=", self.company.id)], ["kind", "is_new"], ["__count"]
        )
        self.assertEqual(
            sorted(counts),
            [("call", True, 1), ("walk_in", False, 1), ("walk_in", True, 1)],
        )

    def test_form(self):
        """V12: one screen: type the name, choose, route."""
        self._own(self.partner, self.stranger)
        with Form(
            self.env["sales.reception.entry"].with_user(self.receptionist)
        ) as form:
            form.name = "Customer A"
            self.assertIn(self.stranger.name, form.candidates)
            self.assertIn(self.partner, form.candidate_ids[:])
            form.partner_id = self.partner
            self.assertEqual(form.owner_id, self.stranger)
        self.assertEqual(form.record.rota_id, self.rota)
        form.record.action_route()
