from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import new_test_user, tagged

from ..guard import as_server
from .common import VisitCase

# What each role may do with records of each kind: c(reate), r(ead), w(rite), d(elete).
# "own" is the salesperson's for the roles that have visits of their own.
VISIT = {
    # role: (own, team's, other team's, other company's)
    "salesperson": ("crwd", "", "", ""),
    "leader": ("crwd", "crwd", "", ""),
    "line_manager": ("crwd", "crwd", "", ""),
    "company_manager": ("crwd", "crwd", "crwd", ""),
    "receptionist": ("", "", "", ""),
    "administrator": ("", "", "", ""),
    "accountant": ("", "", "", ""),
    "portal": ("", "", "", ""),
}
# Only drafts are deleted; see test_approval for the rest of a consent's life.
CONSENT = VISIT
QUESTION = VISIT
SHELF = VISIT
REFERRAL = VISIT
FILE = {
    "salesperson": ("crw", "", "", ""),
    "leader": ("crw", "crw", "", ""),
    "line_manager": ("crw", "crw", "", ""),
    "company_manager": ("crw", "crw", "crw", ""),
    "receptionist": ("", "", "", ""),
    "administrator": ("", "", "", ""),
    "accountant": ("", "", "", ""),
    "portal": ("", "", "", ""),
}
COMPLAINT = FILE
HISTORY = {
    role: tuple("r" if "r" in cell else "" for cell in cells)
    for role, cells in FILE.items()
}
# Configuration belongs to no one: (read, write, create, delete) in one cell.
CONFIGURATION = {
    "sales.visit.type": {"salesperson": "r", "administrator": "crwd"},
    "sales.visit.kit.item": {"salesperson": "r", "administrator": "crwd"},
    "sales.visit.outcome": {"salesperson": "r", "administrator": "crwd"},
    "sales.visit.section": {"salesperson": "r", "administrator": "r"},
    "sales.deadline.rule": {"salesperson": "r", "administrator": "crwd"},
    "sales.visit.rule.mode": {"salesperson": "r", "administrator": "crwd"},
    "sales.quota": {"salesperson": "r", "administrator": "crwd"},
    "sales.quota.weight": {"salesperson": "r", "administrator": "crwd"},
    "sales.store.weight": {"salesperson": "r", "administrator": "crwd"},
    "sales.cadence": {"salesperson": "r", "administrator": "crwd"},
    "sales.greeting.day": {"salesperson": "r", "administrator": "crwd"},
    "sales.project.role": {"salesperson": "r", "administrator": "crwd"},
    "sales.project.step": {"salesperson": "r", "administrator": "crwd"},
    "sales.customer.grade": {
        "salesperson": "r",
        "administrator": "crwd",
        "receptionist": "r",
        "accountant": "r",
    },
}


@tagged("post_install", "-at_install")
class TestAccessMatrix(VisitCase):
    """The table of roles, walked through the entry that clients use."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.accountant = new_test_user(
            cls.env,
            "v_accountant",
            groups="account.group_account_user",
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
        )
        cls.portal = new_test_user(cls.env, "v_portal", groups="base.group_portal")

    def _owners(self, role):
        """Whose records are own, the team's, the other team's, the other company's."""
        user = self[role]
        team = self.salesperson if role != "salesperson" else self.colleague
        return user, team, self.stranger, self.foreigner

    def __getitem__(self, role):
        return getattr(self, role)

    def _call(self, user, model, method, *args):
        """Call a method as the RPC entry does, undoing what it did."""
        env = self.env(user=user, context={"allowed_company_ids": user.company_ids.ids})
        savepoint = self.cr.savepoint(flush=True)
        try:
            return call_kw(env[model], method, list(args), {})
        finally:
            self.env.invalidate_all()
            savepoint.close(rollback=True)

    def _get_rights(self, user, record, create_vals, write_vals):
        """Try everything; return what is allowed as a string in the order of "crwd"."""
        attempts = {
            "c": ("create", create_vals),
            "r": ("read", record.ids, ["display_name"]),
            "w": ("write", record.ids, write_vals),
            "d": ("unlink", record.ids),
        }
        allowed = ""
        for right, (method, *args) in attempts.items():
            try:
                self._call(user, record._name, method, *args)
            except UserError:  # AccessError is one; a guard may refuse first
                continue
            allowed += right
        return allowed

    def _walk(self, matrix, new_record, get_vals, write_vals):
        for role, cells in matrix.items():
            for owner, cell in zip(self._owners(role), cells, strict=True):
                record = new_record(owner)
                vals = get_vals(owner)
                with self.subTest(role=role, owner=owner.login):
                    rights = self._get_rights(self[role], record, vals, write_vals)
                    self.assertEqual(rights, cell)

    def _visit_vals(self, owner):
        company = owner.company_id
        return {
            "partner_id": self.partner.id,
            "visit_type_id": self.visit_type.id,
            "user_id": owner.id,
            "company_id": company.id,
            "team_id": False,
        }

    def _file_vals(self, owner):
        return {
            "partner_id": self._new_partner("Any").id,
            "user_id": owner.id,
            "company_id": owner.company_id.id,
        }

    def _new_file(self, owner):
        return self.env["sales.customer.file"].create(self._file_vals(owner))

    def _internal(self, matrix):
        """Roles whose users can own records: a portal user owns none."""
        return {role: cells for role, cells in matrix.items() if role != "portal"}

    def test_visits(self):
        """V10: own, the team's by relation, the company's; nothing of other companies."""
        self._walk(
            self._internal(VISIT),
            lambda owner: self.env["sales.visit"].create(self._visit_vals(owner)),
            self._visit_vals,
            {"objective": "Try"},
        )

    def test_customer_files(self):
        """V17: files follow the same table; nobody deletes one."""
        self._walk(
            self._internal(FILE),
            self._new_file,
            self._file_vals,
            {"next_due": "2026-12-01"},
        )

    def _consent_vals(self, owner):
        return {
            "partner_id": self.partner.id,
            "user_id": owner.id,
            "company_id": owner.company_id.id,
            "reason": "Asked for",
        }

    def test_proposed_coordinates(self):
        """V08: seen as visits are; made, changed and deleted by the server alone."""

        def new_proposal(owner):
            visit = self.env["sales.visit"].create(self._visit_vals(owner))
            return as_server(self.env["sales.partner.location"]).create(
                {
                    "partner_id": self._new_partner("Any").id,
                    "visit_id": visit.id,
                    "user_id": owner.id,
                    "company_id": owner.company_id.id,
                    "latitude": 1,
                }
            )

        self._walk(
            self._internal(HISTORY),
            new_proposal,
            lambda owner: {"partner_id": self.partner.id, "user_id": owner.id},
            {"latitude": 2},
        )

    def test_consents(self):
        """V25: requests follow the table of visits."""
        self._walk(
            self._internal(CONSENT),
            lambda owner: self.env["sales.cross.consent"].create(
                self._consent_vals(owner)
            ),
            self._consent_vals,
            {"reason": "Try"},
        )

    def test_questions(self):
        """V16: open questions follow the table of visits."""

        def get_vals(owner):
            visit = self.env["sales.visit"].create(self._visit_vals(owner))
            return {"visit_id": visit.id, "question": "When?"}

        self._walk(
            self._internal(QUESTION),
            lambda owner: self.env["sales.visit.question"].create(get_vals(owner)),
            get_vals,
            {"answer": "Try"},
        )

    def test_needs(self):
        """V21: needs follow the table of visits."""

        def get_vals(owner):
            visit = self.env["sales.visit"].create(self._visit_vals(owner))
            return {"visit_id": visit.id, "user_id": owner.id, "text": "Room"}

        self._walk(
            self._internal(VISIT),
            lambda owner: self.env["sales.need"].create(get_vals(owner)),
            get_vals,
            {"words": "Try"},
        )

    def test_contact_records(self):
        """V20: read by who sees the lead; written and deleted by nobody."""
        leads = self.env["crm.lead"]
        for role in ("salesperson", "leader", "company_manager", "receptionist"):
            user = self[role]
            for owner, seen in zip(
                self._owners(role),
                {"leader": (1, 1, 0, 0), "company_manager": (1, 1, 1, 0)}.get(
                    role, (role == "salesperson", 0, 0, 0)
                ),
                strict=True,
            ):
                lead = leads.create(
                    {
                        "name": "L",
                        "user_id": owner.id,
                        "company_id": owner.company_id.id,
                    }
                )
                vals = {
                    "lead_id": lead.id,
                    "note": "N",
                    "next_contact_on": "2027-01-01",
                }
                records = self.env["sales.contact.record"]
                if not owner.has_group("sales_visit.group_user"):
                    continue
                record = records.with_user(owner).create(vals)
                with self.subTest(role=role, owner=owner.login):
                    rights = self._get_rights(user, record, vals, {"note": "M"})
                    self.assertEqual(rights, "cr" if seen else "")

    def test_shelves(self):
        """V31: what was seen in a store follows the table of visits."""
        products = iter(
            self.env["product.product"].create([{"name": f"P{i}"} for i in range(90)])
        )

        def get_vals(owner):
            visit = self.env["sales.visit"].create(self._visit_vals(owner))
            return {"visit_id": visit.id, "product_id": next(products).id}

        self._walk(
            self._internal(SHELF),
            lambda owner: self.env["sales.store.shelf"].create(get_vals(owner)),
            get_vals,
            {"facings": 2},
        )

    def test_referrals(self):
        """V24: referrals follow the table of visits, by the salesperson of the lead."""

        def get_vals(owner):
            lead = self.env["crm.lead"].create(
                {
                    "name": "L",
                    "user_id": owner.id,
                    "company_id": owner.company_id.id,
                    "team_id": False,
                }
            )
            return {
                "lead_id": lead.id,
                "referrer_id": self.partner.id,
                "company_id": owner.company_id.id,
            }

        other = self._new_partner("Other")
        self._walk(
            self._internal(REFERRAL),
            lambda owner: self.env["sales.referral"].create(get_vals(owner)),
            get_vals,
            {"referrer_id": other.id},
        )

    def test_projects(self):
        """V18: projects follow the table of files: nobody deletes one."""

        def get_vals(owner):
            lead = self.env["crm.lead"].create(
                {
                    "name": "L",
                    "partner_id": self._new_partner("Any").id,
                    "user_id": owner.id,
                    "company_id": owner.company_id.id,
                    "team_id": False,
                }
            )
            return {"lead_id": lead.id}

        self._walk(
            self._internal(FILE),
            lambda owner: self.env["sales.project.outline"].create(get_vals(owner)),
            get_vals,
            {"summary": "Try"},
        )

    def test_complaints(self):
        """V15: complaints follow the table of files: nobody deletes one."""

        def get_vals(owner):
            return {
                "partner_id": self.partner.id,
                "user_id": owner.id,
                "company_id": owner.company_id.id,
                "description": "Came broken",
            }

        self._walk(
            self._internal(COMPLAINT),
            lambda owner: self.env["sales.visit.complaint"].create(get_vals(owner)),
            get_vals,
            {"answer": "Try"},
        )

    def test_grade_history(self):
        """V17: readable with its file; never written by anybody."""
        grade = self.env["sales.customer.grade"].search([], limit=1)

        def new_history(owner):
            file = self._new_file(owner)
            file.change_grade(grade.id, "Test")
            return file.history_ids

        def get_vals(owner):
            return {
                "file_id": self._new_file(owner).id,
                "date": "2026-01-01",
                "user_id": owner.id,
                "reason": "Invented",
            }

        self._walk(self._internal(HISTORY), new_history, get_vals, {"reason": "Other"})

    def test_portal_user_sees_nothing(self):
        """V26: a customer's login reaches neither visits, files nor configuration."""
        visit = self.env["sales.visit"].create(self._visit_vals(self.salesperson))
        lead = self.env["crm.lead"].create(
            {
                "name": "L",
                "partner_id": self.partner.id,
                "user_id": self.salesperson.id,
                "company_id": self.company.id,
            }
        )
        self.portal.partner_id.parent_id = self.partner  # it is even his own company
        contact = {"lead_id": lead.id, "note": "N", "next_contact_on": "2027-01-01"}
        records = self.env["sales.contact.record"].with_user(self.salesperson)
        called = records.create(contact).with_env(self.env)
        need = {"lead_id": lead.id, "text": "Room"}
        referral = {
            "lead_id": lead.id,
            "referrer_id": self.portal.partner_id.copy({"parent_id": False}).id,
            "company_id": self.company.id,
        }
        outline = {"lead_id": lead.id}
        leased = self._new_file(self.salesperson)
        leased.lease_end = "2030-01-01"
        member = {
            "file_id": leased.id,
            "role_id": self.env["sales.project.role"].create({"name": "Try"}).id,
            "user_id": self.salesperson.id,
        }
        for record, vals in (
            (called, contact),
            (self.env["sales.need"].create(need), need),
            (self.env["sales.referral"].create(referral), referral),
            (self.env["sales.project.outline"].create(outline), outline),
            (self.env["sales.work.team.member"].create(member), member),
            (leased.lease_follow_up_ids[:1], {"file_id": leased.id}),
            (visit, self._visit_vals(self.salesperson)),
            (self._new_file(self.salesperson), self._file_vals(self.salesperson)),
            (self.visit_type, {"name": "Mine"}),
            (self.rule, {"date_from": "2026-01-01"}),
        ):
            with self.subTest(record._name):
                self.assertEqual(self._get_rights(self.portal, record, vals, vals), "")

    def test_configuration(self):
        """P04: configuration is the administrator's; salespeople read it."""
        quota = self.env["sales.quota"].create(
            {"company_id": self.company.id, "date_from": "2025-01-01"}
        )
        values = {
            "sales.visit.type": {"name": "Try"},
            "sales.visit.kit.item": {"name": "Try"},
            "sales.visit.outcome": {"name": "Try"},
            "sales.visit.section": {"name": "Try", "field_name": "display_name"},
            "sales.deadline.rule": {"company_id": False, "date_from": "2026-01-01"},
            "sales.visit.rule.mode": {
                "company_id": self.company.id,
                "date_from": "2026-01-01",
            },
            "sales.quota": {"company_id": self.company.id, "date_from": "2026-01-01"},
            "sales.quota.weight": {"quota_id": quota.id, "channel": "phone"},
            "sales.cadence": {"company_id": self.company.id, "date_from": "2026-01-01"},
            "sales.greeting.day": {
                "company_id": self.company.id,
                "name": "Try",
                "date": "2026-01-01",
            },
            "sales.store.weight": {
                "company_id": self.company.id,
                "criterion": "stock",
            },
            "sales.customer.grade": {"name": "Try"},
            "sales.project.role": {"name": "Try"},
            "sales.project.step": {"name": "Try"},
        }
        changes = {
            "sales.deadline.rule": {"hour": 8},
            "sales.visit.rule.mode": {"mode": "off"},
            "sales.quota": {"customers": 8},
            "sales.quota.weight": {"weight": 8},
            "sales.store.weight": {"weight": 8},
            "sales.cadence": {"interval_number": 8},
        }
        for model, cells in CONFIGURATION.items():
            for role in ("salesperson", "administrator", "receptionist", "accountant"):
                record = self.env[model].create(values[model])
                vals = dict(values[model])
                if model == "sales.visit.section":
                    vals["field_name"] = "summary_html"
                record_vals = changes.get(model, {"name": "Other"})
                if "date_from" in vals:
                    vals["date_from"] = "2026-02-01"
                if model == "sales.store.weight":
                    vals["criterion"] = "indoor"
                if model == "sales.quota.weight":
                    vals["channel"] = "message"
                if model in (
                    "sales.customer.grade",
                    "sales.project.role",
                    "sales.project.step",
                ):
                    vals["name"] = "Try again"
                with self.subTest(model=model, role=role):
                    rights = self._get_rights(self[role], record, vals, record_vals)
                    self.assertEqual(rights, cells.get(role, ""))
                record.unlink()

    def test_steps_meet_the_rules_too(self):
        """V10: no step works on a visit that the caller may not write."""
        visit = self._new_visit()
        for user in (self.colleague, self.other_leader, self.foreigner):
            for method, args in (
                ("action_plan", ()),
                ("action_confirm", ()),
                ("cancel_visit", ("Reason",)),
                ("action_draft", ()),
            ):
                with (
                    self.subTest(method, user=user.login),
                    self.assertRaises(AccessError),
                ):
                    self._call(user, "sales.visit", method, visit.ids, *args)

    def test_manager_sees_the_leads_of_the_team(self):
        """V19: the leader sees the team's leads, not the other team's."""
        leads = self.env["crm.lead"].create(
            [
                {"name": "L", "user_id": user.id, "company_id": self.company.id}
                for user in (self.salesperson, self.stranger)
            ]
        )
        found = leads.with_user(self.leader)._filtered_access("read")
        self.assertEqual(found, leads[0])
        self.assertFalse(leads.with_user(self.colleague)._filtered_access("read"))

    def test_team_of_somebody_who_has_left_stays_visible(self):
        """V10: the visits of a departed member remain with the leader."""
        visit = self._new_visit(self.colleague)
        self.colleague.action_archive()
        self.assertTrue(visit.with_user(self.leader).has_access("read"))
        self.assertFalse(visit.with_user(self.other_leader).has_access("read"))

    def test_former_member_is_no_longer_the_leaders(self):
        """V10: who has moved to another team is the new leader's."""
        visit = self._new_visit(self.colleague)
        self.team.member_ids -= self.colleague
        self.other_team.member_ids |= self.colleague
        self.assertFalse(visit.with_user(self.leader).has_access("read"))
        self.assertTrue(visit.with_user(self.other_leader).has_access("read"))

    def test_contacts_still_work_for_everybody(self):
        """V26: no rule of ours stands between others and the host's contacts."""
        for user in (self.accountant, self.receptionist, self.administrator):
            with self.subTest(user.login):
                partners = self.env["res.partner"].with_user(user)
                self.assertIn(
                    self.partner, partners.search([("name", "=", "Customer A")])
                )
                view = partners.get_view(view_type="form")
                self.assertNotIn("visit_count", view["arch"])
