from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2.errors import CheckViolation

from ..guard import as_paying
from .common import VisitCase


@tagged("post_install", "-at_install")
class TestProject(HttpCase, VisitCase):
    """V18: the work team of a customer, and the steps of his project."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["sales.project.role"].search([]).active = False
        cls.env["sales.project.step"].search([]).active = False
        cls.design, cls.planning = cls.env["sales.project.role"].create(
            [{"name": "Test design"}, {"name": "Test planning"}]
        )
        (
            cls.proposal,
            cls.quotation,
            cls.confirmation,
            cls.delivery,
            cls.contract,
        ) = cls.env["sales.project.step"].create(
            [
                {"name": "Test proposal", "sequence": 1},
                {"name": "Test quotation", "sequence": 2},
                {"name": "Test confirmation", "sequence": 3, "needs_manager": True},
                {"name": "Test delivery", "sequence": 4, "is_delivery": True},
                {"name": "Test contract", "sequence": 5},
            ]
        )
        cls.grade, cls.plain_grade = cls.env["sales.customer.grade"].create(
            [{"name": "Test A", "needs_team": True}, {"name": "Test B"}]
        )
        cls.file = cls.env["sales.customer.file"].create(
            {
                "partner_id": cls.partner.id,
                "user_id": cls.salesperson.id,
                "company_id": cls.company.id,
                "grade_id": cls.grade.id,
            }
        )
        cls.lead = cls._new_lead()

    @classmethod
    def _new_lead(cls, user=None, **values):
        user = user or cls.salesperson
        return cls.env["crm.lead"].create(
            {
                "name": "Office",
                "type": "opportunity",
                "company_id": cls.company.id,
                "partner_id": cls.partner.id,
                "user_id": user.id,
                "team_id": False,
                **values,
            }
        )

    def _outline(self, lead=None, user=None, **values):
        outlines = self.env["sales.project.outline"].with_user(user or self.salesperson)
        return outlines.create({"lead_id": (lead or self.lead).id, **values})

    def _order(self, user=None, **values):
        return (
            self.env["sale.order"]
            .with_user(user or self.salesperson)
            .create(
                {
                    "partner_id": self.partner.id,
                    "company_id": self.company.id,
                    "opportunity_id": self.lead.id,
                    "team_id": False,
                    **values,
                }
            )
        )

    def _confirm(self, outline):
        outline.take_step(self.proposal.id)
        outline.take_step(self.quotation.id)
        outline.with_user(self.leader).take_step(self.confirmation.id)

    # Work team

    def test_missing_roles_are_flagged(self):
        """V18: on the file, its list, the lead and the brief, until each role is filled."""
        members = self.env["sales.work.team.member"].with_user(self.salesperson)
        file = self.file.with_user(self.salesperson)
        lead = self.lead.with_user(self.salesperson)
        incomplete = [("is_team_incomplete", "=", True)]
        self.assertEqual(file.missing_role_ids, self.design | self.planning)
        self.assertIn(self.file, self.file.search(incomplete))
        self.assertIn(lead, lead.search(incomplete))
        self.assertEqual(lead.missing_roles, "Test design, Test planning")
        visit = self._new_visit()
        self.assertIn("Missing in the team: Test design", visit.brief)
        for role in (self.design, self.planning):
            members.create(
                {
                    "file_id": file.id,
                    "role_id": role.id,
                    "user_id": self.stranger.id,
                }
            )
        self.env.invalidate_all()
        self.assertFalse(file.missing_role_ids)
        self.assertNotIn(self.file, self.file.search(incomplete))
        self.assertNotIn(lead, lead.search(incomplete))
        self.assertIn(lead, lead.search([("is_team_incomplete", "=", False)]))
        self.assertFalse(lead.missing_roles)
        self.assertIn(f"Test design: {self.stranger.name}", lead.work_team)
        self.assertIn(f"Test design: {self.stranger.name}", visit.brief)
        self.stranger.action_archive()
        self.env.invalidate_all()
        self.assertEqual(file.missing_role_ids, self.design | self.planning)
        self.assertIn(self.file, self.file.search(incomplete))

    def test_only_grades_that_need_a_team(self):
        """V18: by the setting of the grade; special and A at first."""
        self.file.change_grade(self.plain_grade.id, "Smaller")
        self.assertFalse(self.file.is_team_incomplete)
        self.assertFalse(self.lead.with_user(self.salesperson).missing_roles)
        self.plain_grade.needs_team = True
        self.assertTrue(self.file.is_team_incomplete)
        grades = ("special", "a", "b", "c")
        needing = [
            self.env.ref(f"sales_visit.sales_customer_grade_{name}").needs_team
            for name in grades
        ]
        self.assertEqual(needing, [True, True, False, False])

    def test_team_stays_with_a_customer_handed_over(self):
        """V18: the new owner keeps the team, and may change it; the former may not."""
        member = (
            self.env["sales.work.team.member"]
            .with_user(self.salesperson)
            .create(
                {
                    "file_id": self.file.id,
                    "role_id": self.design.id,
                    "user_id": self.stranger.id,
                }
            )
        )
        self.file.with_user(self.leader)._hand_over(self.colleague, "Moved")
        self.assertEqual(self.file.team_member_ids.user_id, self.stranger)
        self.assertIn(self.stranger.name, self.lead.with_user(self.colleague).work_team)
        member.with_user(self.colleague).user_id = self.colleague
        with self.assertRaises(AccessError):
            member.with_user(self.salesperson).user_id = self.salesperson

    def test_who_may_set_up_a_team(self):
        """V18: whoever may write the customer's file; no way in by one's own file."""
        vals = {
            "file_id": self.file.id,
            "role_id": self.design.id,
            "user_id": self.stranger.id,
        }
        members = self.env["sales.work.team.member"]
        for user in (self.stranger, self.colleague, self.receptionist, self.foreigner):
            with self.subTest(user.login), self.assertRaises(AccessError):
                members.with_user(user).create(vals)
        own = self.file.create(
            {
                "partner_id": self._new_partner("Customer B").id,
                "user_id": self.stranger.id,
                "company_id": self.company.id,
            }
        )
        member = members.with_user(self.stranger).create({**vals, "file_id": own.id})
        with self.assertRaises(AccessError):
            member.file_id = self.file
        with self.assertRaises(UserError):
            members.create({**vals, "user_id": self.foreigner.id})

    def test_members_read_team_and_project_only(self):
        """V18: a member sees team and steps, changes none; not the lead, nor the file."""
        outline = self._outline()
        outline.take_step(self.proposal.id)
        for model in (outline, outline.revision_ids):
            with self.assertRaises(AccessError):
                model.with_user(self.stranger).check_access("read")
        member = self.env["sales.work.team.member"].create(
            {
                "file_id": self.file.id,
                "role_id": self.design.id,
                "user_id": self.stranger.id,
            }
        )
        seen = outline.with_user(self.stranger)
        self.assertEqual(seen.display_name, "Office")
        self.assertEqual(seen.revision_ids.step_id, self.proposal)
        self.assertFalse(seen.can_take_step)
        member.with_user(self.stranger).check_access("read")
        for call in (
            lambda: seen.take_step(self.quotation.id),
            lambda: seen.take_back(self.proposal.id, "Mine"),
            lambda: seen.write({"summary": "Mine"}),
            lambda: member.with_user(self.stranger).unlink(),
            lambda: self.lead.with_user(self.stranger).check_access("read"),
            lambda: self.file.with_user(self.stranger).check_access("read"),
        ):
            with self.assertRaises(AccessError):
                call()

    def test_merged_customers_keep_team_and_project(self):
        """V18: members of both work for the customer that remains, each once."""
        other = self._new_partner("Customer B")
        twin = self.file.create(
            {
                "partner_id": other.id,
                "user_id": self.salesperson.id,
                "company_id": self.company.id,
            }
        )
        for file, user in (
            (self.file, self.stranger),
            (twin, self.stranger),
            (twin, self.colleague),
        ):
            self.env["sales.work.team.member"].create(
                {"file_id": file.id, "role_id": self.design.id, "user_id": user.id}
            )
        outline = self._outline(self._new_lead(partner_id=other.id))
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.partner | other).ids, self.partner)
        self.assertEqual(
            self.file.team_member_ids.user_id, self.stranger | self.colleague
        )
        self.assertEqual(len(self.file.team_member_ids), 2)
        self.assertEqual(outline.file_id, self.file)

    # Project

    def test_steps_in_order(self):
        """V18: only the next one, whoever asks for which; the button takes that one."""
        outline = self._outline()
        for step in (self.quotation, self.delivery, self.contract):
            with self.assertRefused("Test proposal"):
                outline.take_step(step.id)
        outline.action_take_step()
        with self.assertRefused("Test quotation"):
            outline.take_step(self.proposal.id)
        self.assertEqual(outline.step_id, self.proposal)
        self.assertEqual(outline.revision_ids.kind, "step")

    def test_steps_are_no_field(self):
        """V18: RPC, import, defaults and copies take no step."""
        values = {"lead_id": self.lead.id, "step_id": self.contract.id}
        outlines = self.env["sales.project.outline"].with_user(self.salesperson)
        with self.assertRaises(AccessError):
            outlines.create(values)
        result = outlines.load(
            ["lead_id/.id", "step_id/.id"], [[str(self.lead.id), str(self.contract.id)]]
        )
        self.assertFalse(result["ids"])
        forged = outlines.with_context(
            default_step_id=self.contract.id, default_file_id=1
        )
        outline = forged.create({"lead_id": self.lead.id})
        self.assertFalse(outline.step_id)
        self.assertEqual(outline.file_id, self.file)
        for vals in ({"step_id": self.contract.id}, {"file_id": self.file.id}):
            with self.subTest(vals), self.assertRaises(AccessError):
                outline.write(vals)
        with self.assertRefused("stays with its lead"):
            outline.lead_id = self._new_lead()

    def test_sales_head_confirms(self):
        """V18: a manager, never the salesperson, nor who made the quotation."""
        outline = self._outline()
        outline.take_step(self.proposal.id)
        outline.take_step(self.quotation.id)
        self.assertFalse(outline.can_take_step)
        self.assertIn(self.leader.name, outline.step_hint)
        for user in (self.salesperson, self.stranger, self.other_leader):
            with self.subTest(user.login), self.assertRaises(AccessError):
                outline.with_user(user).take_step(self.confirmation.id)
        with self.assertRaises(AccessError):
            outline.sudo().take_step(self.confirmation.id)
        outline.with_user(self.line_manager).take_step(self.confirmation.id)
        self.assertEqual(outline.step_id, self.confirmation)
        # A manager who is the salesperson, or made the quotation, confirms nothing.
        outline.with_user(self.leader).take_back(self.quotation.id, "Wrong price")
        outline.with_user(self.leader).take_step(self.quotation.id)
        with self.assertRaises(AccessError):
            outline.with_user(self.leader).take_step(self.confirmation.id)
        own = self._outline(self._new_lead(self.leader), self.leader)
        own.take_step(self.proposal.id)
        own.with_user(self.company_manager).take_step(self.quotation.id)
        with self.assertRaises(AccessError):
            own.take_step(self.confirmation.id)

    def test_sales_head_is_reminded_once(self):
        """V18: of the step that waits for him; settled when taken, or taken back."""
        outline = self._outline()
        outline.take_step(self.proposal.id)
        self.assertFalse(outline.activity_ids)
        outline.take_step(self.quotation.id)
        self.assertEqual(outline.activity_ids.user_id, self.line_manager)
        self.assertEqual(len(outline.activity_ids), 1)
        outline.take_back(self.quotation.id, "Another price")
        self.assertFalse(outline.activity_ids)
        outline.take_step(self.quotation.id)
        outline.with_user(self.leader).take_step(self.confirmation.id)
        self.assertFalse(outline.activity_ids)

    def test_lead_given_away_confirms_nothing(self):
        """V18: handing the lead to a member of one's team doesn't make one his head."""
        outline = self._outline(self._new_lead(self.leader), self.leader)
        outline.take_step(self.proposal.id)
        outline.take_step(self.quotation.id)
        outline.lead_id.with_user(self.leader).user_id = self.salesperson
        with self.assertRaises(AccessError):
            outline.take_step(self.confirmation.id)

    def test_step_taken_back_takes_the_later_ones_along(self):
        """V18: a new proposal is confirmed anew; what was is kept, with the reason."""
        outline = self._outline(summary="Oak")
        self._confirm(outline)
        with self.assertRefused("reason"):
            outline.take_back(self.proposal.id, " ")
        with self.assertRefused("Test contract"):
            outline.take_back(self.contract.id, "Why not")
        wizard = self.env["sales.project.back.wizard"].with_user(self.salesperson)
        wizard = wizard.with_context(**outline.action_take_back()["context"]).create(
            {"step_id": self.proposal.id, "reason": "Walnut after all"}
        )
        self.assertEqual(
            wizard.allowed_step_ids, self.proposal | self.quotation | self.confirmation
        )
        wizard.action_apply()
        self.assertFalse(outline.step_id)
        self.assertEqual(outline.next_step_id, self.proposal)
        back = outline.revision_ids[0]
        self.assertEqual((back.kind, back.reason), ("back", "Walnut after all"))
        self.assertEqual(back.step_id, self.proposal)
        self.assertEqual(len(outline.revision_ids), 5)

    def test_changes_are_revisions_that_stay(self):
        """V18: what the outline said is kept as rows that nobody writes."""
        outline = self._outline()
        outline.summary = "Oak"
        outline.write({"summary": "Oak"})
        outline.write({"works_progress": 40, "payment_progress": 30})
        outline.summary = "Walnut"
        revisions = outline.revision_ids.sorted("id")
        self.assertEqual(revisions.mapped("summary"), ["Oak", "Oak", "Walnut"])
        self.assertEqual(revisions.mapped("works_progress"), [0, 40, 40])
        for call in (
            lambda: revisions[0].sudo().write({"summary": "Pine"}),
            lambda: revisions[0].sudo().unlink(),
            lambda: revisions.sudo().create({"outline_id": outline.id}),
            lambda: outline.sudo().unlink(),
        ):
            with self.assertRefused("V18"):
                call()
        with self.assertRaises(AccessError):
            outline.with_user(self.company_manager).unlink()
        with self.assertRaises(UserError):
            outline.write({"revision_ids": [Command.clear()]})

    def test_one_outline_of_a_customers_lead(self):
        """V18: not of a lead without a customer, or of somebody else's."""
        with self.assertRefused("V18"):
            self._outline(self._new_lead(partner_id=False))
        for user in (self.stranger, self.foreigner):
            with self.assertRaises(AccessError):
                self._outline(user=user)
        outline = self._outline()
        action = self.lead.with_user(self.salesperson).action_view_outline()
        self.assertEqual(action["res_id"], outline.id)
        other = self._new_partner("Customer B")
        self.lead.with_user(self.salesperson).partner_id = other
        self.assertEqual(outline.partner_id, other)

    def test_merged_leads_keep_the_further_project(self):
        """V18: with the revisions of both, under the lead that remains."""
        self.lead.probability = 90
        self._outline().take_step(self.proposal.id)
        second = self._new_lead(probability=5)
        further = self._outline(second)
        self._confirm(further)
        merged = (self.lead | second).merge_opportunity()
        self.assertEqual(merged, self.lead)
        self.assertEqual(merged.outline_ids, further)
        self.assertEqual(len(further.revision_ids), 4)

    # Quotation

    def test_quotation_guard_arrives_off(self):
        """V18: without a rule in force, or a project, quotations leave as ever."""
        self._outline()
        self._order().action_quotation_sent()
        self._set_mode("V18", "block")
        self.lead = self._new_lead()
        order = self._order()
        order.action_quotation_sent()
        self.assertEqual(order.state, "sent")

    def test_no_way_to_the_customer_before_the_confirmation(self):
        """V18: mail, marking, writing, confirming, signing, paying, importing, creating."""
        self._set_mode("V18", "block")
        outline = self._outline()
        order = self._order(require_signature=True, require_payment=True)
        self.assertIn("Test proposal", order.project_warning)
        self._confirm_but_last(outline)
        order.invalidate_recordset()
        self.assertIn(self.leader.name, order.project_warning)
        orders = self.env["sale.order"].with_user(self.salesperson)
        vals = {"partner_id": self.partner.id, "opportunity_id": self.lead.id}
        for call in (
            order.action_quotation_send,
            order.action_quotation_sent,
            order.action_confirm,
            lambda: order.write({"state": "sent"}),
            lambda: order.sudo().write({"state": "sale"}),
            lambda: order.write({"state": "sent", "opportunity_id": False}),
            lambda: order.with_context(mark_so_as_sent=True).message_post(body="Yours"),
            lambda: orders.create({**vals, "state": "sent"}),
            lambda: orders.with_context(default_state="sent").create(vals),
        ):
            with self.assertRefused("V18"):
                call()
        self.assertEqual(order.state, "draft")
        loaded = orders.load(
            ["partner_id/.id", "opportunity_id/.id", "state"],
            [[str(self.partner.id), str(self.lead.id), "Quotation Sent"]],
        )
        self.assertFalse(loaded["ids"])
        self.assertIn("V18", str(loaded["messages"]))
        self.assertFalse(order._has_to_be_signed())
        self.assertFalse(order._has_to_be_paid())
        as_paying(order).action_quotation_sent()
        self.assertEqual(order.state, "draft")
        outline.with_user(self.leader).take_step(self.confirmation.id)
        order.invalidate_recordset()
        self.assertFalse(order.project_warning)
        order.action_quotation_sent()
        self.assertEqual(outline.step_id, self.delivery, "sending is that step")

    def _confirm_but_last(self, outline):
        outline.take_step(self.proposal.id)
        outline.take_step(self.quotation.id)

    def test_confirmed_is_the_quotation_as_it_was(self):
        """V18: neither another price nor another quotation passes by a confirmation."""
        self._set_mode("V18", "block")
        product = self.env["product.product"].create({"name": "Desk"})
        outline = self._outline()
        order = self._order(
            order_line=[Command.create({"product_id": product.id, "price_unit": 900.0})]
        )
        self._confirm(outline)
        self.assertFalse(order.project_warning)
        order.order_line.price_unit = 500.0
        self.assertIn(self.leader.name, order.project_warning)
        with self.assertRefused("confirmed anew"):
            order.action_quotation_sent()
        with self.assertRefused("confirmed anew"):
            self._order().action_quotation_sent()
        order.order_line.price_unit = 900.0
        order.action_quotation_sent()
        order.order_line.discount = 50.0
        self.assertFalse(order._has_to_be_signed())
        with self.assertRefused("confirmed anew"):
            order.action_quotation_send()
        outline.take_back(self.confirmation.id, "Discount")
        outline.with_user(self.leader).take_step(self.confirmation.id)
        self.assertFalse(order._filter_project_blocked())
        with self.assertRefused("confirmed anew"):
            order.copy().action_confirm()

    def test_confirmed_are_the_words_too(self):
        """V18: terms, notes and texts reach the customer like prices."""
        self._set_mode("V18", "block")
        product = self.env["product.product"].create({"name": "Desk"})
        outline = self._outline()
        order = self._order(order_line=[Command.create({"product_id": product.id})])
        self._confirm(outline)
        term = self.env["account.payment.term"].search([], limit=1)
        for vals in (
            {"payment_term_id": term.id},
            {"note": "Free installation for life"},
            {"validity_date": "2030-01-01"},
            {"client_order_ref": "Half price"},
            {"prepayment_percent": 0.01},
            {"order_line": [Command.update(order.order_line.id, {"name": "Two"})]},
            {
                "order_line": [
                    Command.create({"display_type": "line_note", "name": "Half price"})
                ]
            },
        ):
            with self.subTest(vals), self.assertRefused("confirmed anew"):
                order.write(vals)
                order.action_quotation_sent()
        order.action_quotation_sent()

    def test_no_way_out_of_the_project(self):
        """V18: tried: without a lead, moved to another, sent first and joined later."""
        self._set_mode("V18", "block")
        self._outline()
        order = self._order()
        other = self._new_lead()
        for lead_id in (False, other.id):
            with self.subTest(lead_id), self.assertRefused("belongs to the project"):
                order.opportunity_id = lead_id
        free = self._order(opportunity_id=False)
        with self.assertRefused("has a project"):
            free.action_quotation_sent()
        free.opportunity_id = other
        free.action_quotation_sent()
        with self.assertRefused("isn't for the customer yet"):
            free.opportunity_id = self.lead
        order._action_cancel()
        with self.assertRefused("belongs to the project"):
            order.opportunity_id = other
        self.lead.action_set_lost()
        with self.assertRefused("has a project"):
            self._order(opportunity_id=False).action_quotation_sent()
        stranger = self._new_partner("Somebody")
        sent = self._order(opportunity_id=False, partner_id=stranger.id)
        sent.action_quotation_sent()
        with self.assertRefused("has a project"):
            sent.partner_id = self.partner

    def test_warning_lets_go_and_is_logged(self):
        """V18: sent, with the reason in the log; the step isn't taken thereby."""
        self._set_mode("V18", "warn")
        outline = self._outline()
        order = self._order()
        order.action_quotation_sent()
        self.assertEqual(order.state, "sent")
        self.assertIn("Test proposal", order.message_ids[0].body)
        self.assertFalse(outline.step_id)

    def test_older_quotations_are_spared(self):
        """V18: those made before the rule came into force; the row counts the others."""
        outline = self._outline()
        order = self._backdate(self._order(), "2025-06-01")
        self._order()
        row = self._set_mode("V18", "block", "2026-01-01")
        self.assertEqual(row.touched_count, 1)
        order.action_quotation_sent()
        self.assertEqual(order.state, "sent")
        self._confirm(outline)
        row.invalidate_recordset()
        self.assertEqual(row.touched_count, 0)

    def test_paid_quotation_stays_unconfirmed_without_losing_the_money(self):
        """V18: booking a payment, pending or done, never fails for it."""
        self._set_mode("V18", "block")
        self._outline()
        order = self._order()
        provider = self.env["payment.provider"].create(
            {"name": "Test", "company_id": self.company.id}
        )
        method = self.env["payment.method"].create({"name": "Test", "code": "test"})
        transaction = self.env["payment.transaction"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": method.id,
                "reference": "V18",
                "amount": order.amount_total,
                "currency_id": order.currency_id.id,
                "partner_id": self.partner.id,
                "sale_order_ids": [Command.set(order.ids)],
                "state": "pending",
            }
        )
        transaction._post_process()
        self.assertEqual(order.state, "draft")
        self.assertFalse(transaction._check_amount_and_confirm_order())
        self.assertEqual(order.state, "draft")

    def test_customer_does_not_open_the_draft(self):
        """V18: neither the token nor his login shows a quotation not for him yet."""
        self._set_mode("V18", "block")
        outline = self._outline()
        order = self._order().sudo()
        url = order.get_portal_url()
        self.assertNotIn(order.name, self.url_open(url).text)
        portal = new_test_user(self.env, "v_portal_p", groups="base.group_portal")
        portal.partner_id.parent_id = self.partner
        self.authenticate("v_portal_p", "v_portal_p")
        self.assertNotIn(order.name, self.url_open(url).text)
        self._confirm(outline)
        self.assertIn(order.name, self.url_open(url).text)

    def test_queries_do_not_grow(self):
        """V18: teams, steps and warnings of many take no query for each."""
        self._set_mode("V18", "warn")

        def count(number):
            partners = self.env["res.partner"].create(
                [{"name": f"P{i}", "is_company": True} for i in range(number)]
            )
            leads = self.lead.union(
                *(self._new_lead(partner_id=partner.id) for partner in partners)
            )
            outlines = self.env["sales.project.outline"].create(
                [{"lead_id": lead.id} for lead in leads if not lead.outline_ids]
            )
            orders = self.env["sale.order"].create(
                [
                    {
                        "partner_id": lead.partner_id.id,
                        "opportunity_id": lead.id,
                        "company_id": self.company.id,
                    }
                    for lead in leads
                ]
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            leads.mapped("missing_roles")
            outlines.mapped("step_hint")
            self.assertTrue(all(orders.mapped("project_warning")))
            self.assertGreater(len(outlines), number - 1)
            return self.cr.sql_log_count - before

        count(2)
        self.assertLessEqual(count(25), count(5))

    def test_progress_is_a_share(self):
        """V18: between nothing and everything."""
        outline = self._outline()
        with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation):
            outline.write({"works_progress": 101})
            outline.flush_recordset()
