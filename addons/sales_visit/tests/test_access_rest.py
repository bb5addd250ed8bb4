from odoo.tests import new_test_user, tagged

from ..guard import as_server
from . import test_access_matrix, test_pace, test_plan_watch, test_referral
from .common import VISIT_DAY, VisitCase

ROLES = (
    "salesperson",
    "colleague",
    "leader",
    "line_manager",
    "other_leader",
    "company_manager",
    "receptionist",
    "administrator",
    "employee",
    "accountant",
    "portal",
)
RIGHTS = {"c": "create", "r": "read", "w": "write", "d": "unlink"}


def owned(rights, **others):
    """Rights on what is the salesperson's, a stranger's in the other team, and another
    company's, by role; those who aren't named have none."""
    return {
        "salesperson": (rights, "", ""),
        "leader": (rights, "", ""),
        "line_manager": (rights, "", ""),
        "other_leader": ("", rights, ""),
        "company_manager": (rights, rights, ""),
        **others,
    }


def shared(rights, **others):
    """Rights on what everybody of the company has in common."""
    users = ("salesperson", "colleague", *list(owned(""))[1:])
    return {role: (rights, rights, "") for role in users} | others


EVERYTHING = ("crwd", "crwd", "")
READ = ("r", "r", "")
# Access of the models whose guards stand elsewhere: access rows and record rules.
TABLE = {
    "sales.plan": owned("crwd"),
    "sales.plan.line": owned("rw"),
    "sales.contact.birthday": owned("crwd"),
    "sales.greeting": {},
    "sales.customer.handover": owned("r"),
    "sales.lease.follow.up": owned("r"),
    "sales.work.team.member": owned("crwd"),
    "sales.project.revision": owned("r"),
    "sales.reception.entry": owned("rw", receptionist=EVERYTHING),
    "sales.rota.return": owned("crwd", receptionist=READ),
    "sales.rota": shared("r", receptionist=READ, administrator=EVERYTHING),
    "sales.rota.line": shared("r", receptionist=READ, administrator=EVERYTHING),
    "sales.lease.rule": shared("r", administrator=EVERYTHING),
    # Those of others; whoever entered one corrects it, see the sweep.
    "sales.building": shared("crw", administrator=EVERYTHING)
    | dict.fromkeys(("salesperson", "colleague"), ("cr", "cr", "")),
}


def get_elsewhere():
    """Return ``{model: test}`` that walks it, where it isn't in the table."""
    matrix = test_access_matrix.TestAccessMatrix
    return {
        "sales.visit": matrix.test_visits,
        "sales.customer.file": matrix.test_customer_files,
        "sales.partner.location": matrix.test_proposed_coordinates,
        "sales.cross.consent": matrix.test_consents,
        "sales.visit.question": matrix.test_questions,
        "sales.need": matrix.test_needs,
        "sales.contact.record": matrix.test_contact_records,
        "sales.store.shelf": matrix.test_shelves,
        "sales.referral": matrix.test_referrals,
        "sales.project.outline": matrix.test_projects,
        "sales.visit.complaint": matrix.test_complaints,
        "sales.customer.grade.history": matrix.test_grade_history,
        "sales.pace": test_pace.TestPace.test_rows_follow_the_roles,
        "sales.approval": test_plan_watch.TestPlanWatch.test_one_list_of_what_waits,
        "sales.conversion": test_referral.TestReferral.test_conversion_by_channel,
        **dict.fromkeys(test_access_matrix.CONFIGURATION, matrix.test_configuration),
    }


@tagged("post_install", "-at_install")
class TestAccessRest(VisitCase):
    """The rest of the table of roles."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        company = {
            "company_id": cls.company.id,
            "company_ids": [(6, 0, cls.company.ids)],
        }
        # A warehouse user is an employee like any other here.
        for name, group in (
            ("employee", "base.group_user"),
            ("accountant", "account.group_account_user"),
            ("portal", "base.group_portal"),
        ):
            user = new_test_user(cls.env, f"v_{name}", groups=group, **company)
            setattr(cls, name, user)

    def _get_rights(self, user, record):
        """What access rows and record rules allow, in the order of "crwd"."""
        record = record.with_user(user).with_context(
            allowed_company_ids=user.company_ids.ids
        )
        return "".join(
            letter for letter, right in RIGHTS.items() if record.has_access(right)
        )

    def _new_records(self, owner):
        """One record of each model of the table, belonging to a user."""
        company = {"company_id": owner.company_id.id}
        own = {**company, "user_id": owner.id}
        partner = {"partner_id": self._new_partner("Any").id}
        made = {}

        def make(model, **vals):
            made[model] = as_server(self.env[model]).create(vals)
            return made[model].id

        file = self.env["sales.customer.file"].create({**own, **partner})
        visit = self.env["sales.visit"].create(
            {**own, **partner, "visit_type_id": self.visit_type.id}
        )
        lead = self.env["crm.lead"].create({**own, **partner, "name": "L"})
        outline = self.env["sales.project.outline"].create({"lead_id": lead.id})
        now = {"date": "2026-11-22", "user_id": owner.id}
        make(
            "sales.plan.line",
            plan_id=make("sales.plan", **own, date_start="2026-11-30"),
            visit_id=visit.id,
            result="planned",
            **partner,
        )
        make(
            "sales.greeting",
            **own,
            file_id=file.id,
            date="2026-11-22",
            birthday_id=make(
                "sales.contact.birthday",
                **own,
                **partner,
                birthday="1980-01-01",
                has_consented=True,
            ),
        )
        make("sales.customer.handover", file_id=file.id, **now)
        make(
            "sales.lease.follow.up",
            file_id=file.id,
            lease_end="2027-01-01",
            months=1,
            date="2026-12-01",
        )
        make(
            "sales.work.team.member",
            file_id=file.id,
            user_id=owner.id,
            role_id=self.role.id,
        )
        make("sales.project.revision", outline_id=outline.id, kind="step", **now)
        line = make(
            "sales.rota.line",
            rota_id=make("sales.rota", name="R", **company),
            user_id=owner.id,
        )
        entry = make(
            "sales.reception.entry",
            name="V",
            **company,
            routed_to_id=owner.id,
            rota_line_id=line,
        )
        make("sales.rota.return", **company, entry_id=entry, reason="None")
        make("sales.lease.rule", **company, months=owner.id)
        make("sales.building", **company, name="B")
        return made

    def test_table(self):
        """V26: who may do what with own, other teams' and other companies' records."""
        self.role = self.env["sales.project.role"].create({"name": "Test role"})
        kept = [
            self._new_records(owner)
            for owner in (self.salesperson, self.stranger, self.foreigner)
        ]
        self.env.flush_all()
        self.assertEqual(set(kept[0]), set(TABLE))
        for model, cells in TABLE.items():
            for role in ROLES:
                user = getattr(self, role)
                found = tuple(self._get_rights(user, own[model]) for own in kept)
                with self.subTest(model=model, role=role):
                    self.assertEqual(found, cells.get(role, ("", "", "")))

    def test_no_model_is_missing(self):
        """V26: every model of the addon is in a table of access, or only its own user's
        for the time of a dialog."""
        models = {
            name
            for name in self.env.registry
            if self.env[name]._original_module == "sales_visit"
            and not self.env[name]._abstract
            and not self.env[name]._transient
        }
        elsewhere = get_elsewhere()
        self.assertEqual(models, set(TABLE) | set(elsewhere))
        self.assertFalse(set(TABLE) & set(elsewhere))

    def test_other_users_work_as_before(self):
        """V26: partners, leads and the menu of those who have nothing to do with us."""
        for role in ("employee", "accountant"):
            user = getattr(self, role)
            with self.subTest(role):
                partner = self.partner.with_user(user)
                self.assertEqual(partner.display_name, "Customer A")
                menus = self.env["ir.ui.menu"].with_user(user)._visible_menu_ids()
                self.assertNotIn(self.env.ref("sales_visit.menu_root").id, menus)
        self.assertFalse(self.partner.with_user(self.portal).has_access("read"))

    def test_everybody_reads_what_we_add_to_host_records(self):
        """V26: who has nothing to do with us reads every field of ours that he is offered
        on what the host lets him read; events whole, without a list of fields, as RPC."""
        event = {"name": "E", "start": VISIT_DAY, "stop": VISIT_DAY}
        about = {"partner_id": self.partner.id, "company_id": self.company.id}
        lead = self.env["crm.lead"].create({"name": "L", **about})
        orders = self.env["sale.order"].create(
            [
                {"opportunity_id": lead.id, **about},
                {**about, "partner_id": self.portal.partner_id.id},
            ]
        )
        orders.state = "sent"
        seller = new_test_user(
            self.env,
            "v_seller",
            groups="sales_team.group_sale_salesman_all_leads",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        ours = {
            name: {
                key for key, f in model._fields.items() if "sales_visit" in f._modules
            }
            for name, model in self.env.registry.items()
            if model._original_module != "sales_visit"
            and not (model._abstract or model._transient)
        }
        read = set()
        for user in (
            seller,
            self.employee,
            self.accountant,
            self.receptionist,
            self.administrator,
            self.portal,
        ):
            if user != self.portal:
                own = self.env["calendar.event"].with_user(user).create(event)
                with self.subTest(user=user.login):
                    own.invalidate_recordset()
                    self.assertNotIn("visit_ids", own.read()[0])
            for name, fields in ours.items():
                model = self.env[name].with_user(user)
                offered = list(fields & model.fields_get().keys())
                if not (offered and model.has_access("read")):
                    continue
                for record in model.search([], order="id desc", limit=3):
                    with self.subTest(user=user.login, record=record):
                        self.assertTrue(record.read(offered))
                        read.add((name, user))
        for name in ("crm.lead", "sale.order", "res.partner"):
            self.assertIn((name, seller), read)
        self.assertIn(("res.partner", self.employee), read)
        self.assertIn(("res.partner", self.portal), read)
