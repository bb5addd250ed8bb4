from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command, Date

from .common import AuthorityCase


class TestDecisions(AuthorityCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_mode("A02", "block")

    def test_approved_order_is_confirmed(self):
        """A01 X01: the refusal says rule, figures and person; then it goes its way."""
        order = self.new_order()
        with self.assertRaises(UserError) as refused:
            order.action_confirm()
        message = str(refused.exception)
        for part in ("A02", "8.10", "9.00", "10", "Vice President: vice president"):
            self.assertIn(part, message)
        self.approve(order)
        self.assertEqual(order.authority_state, "approved")
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_requester_never_approves(self):
        """A17: also when they hold the level."""
        order = self.new_order()
        request = self.ask(order)
        self.assign(self.salesperson, "general_manager")
        self.assertFalse(request.with_user(self.salesperson).may_decide)
        with self.assert_refused("never approves"):
            request.with_user(self.salesperson).action_approve()

    def test_who_asks_for_another_never_approves(self):
        """A17: a superior who asks in somebody's name isn't asked themselves."""
        order = self.new_order()
        order.sudo().user_id = self.vice_president
        request = self.ask(order.with_user(self.vice_president))
        self.assertEqual(request.approver_id, self.general_manager)
        with self.assert_refused("never approves"):
            request.with_user(self.vice_president).action_approve()

    def test_others_do_not_decide(self):
        """A17: neither colleagues nor lower levels, and they don't see the request."""
        request = self.ask(self.new_order())
        for user in (self.colleague, self.project_manager):
            with self.assertRaises(AccessError):
                request.with_user(user).action_approve()
        self.assertEqual(request.state, "waiting")

    def test_higher_level_and_substitute_decide(self):
        """A17: a higher level of the company or the substitute may decide as well."""
        request = self.ask(self.new_order())
        request.with_user(self.general_manager).action_approve()
        self.assertEqual(request.decided_by_id, self.general_manager)
        self.assertEqual(request.step_ids[0].approver_id, self.vice_president)
        request = self.ask(self.new_order())
        self.env["authority.substitute"].create(
            {
                "user_id": self.vice_president.id,
                "substitute_id": self.colleague.id,
                "company_id": self.company.id,
            }
        )
        request.with_user(self.colleague).action_approve()
        self.assertEqual(request.state, "approved")

    def test_nobody_stands_in_for_their_own_document(self):
        """A17: who is made its salesperson afterwards doesn't approve in somebody's
        place; a level of one's own does."""
        order = self.new_order()
        request = self.ask(order)
        self.env["authority.substitute"].create(
            {
                "user_id": self.vice_president.id,
                "substitute_id": self.colleague.id,
                "company_id": self.company.id,
            }
        )
        order.user_id = self.colleague
        with self.assert_refused("Nobody approves their own document"):
            request.with_user(self.colleague).action_approve()
        order.sudo().user_id = self.salesperson
        request.with_user(self.colleague).action_approve()
        self.assertEqual(order.authority_state, "approved")
        order.sudo().user_id = self.colleague
        with self.assert_refused("A02"):
            order.with_user(self.colleague).action_confirm()
        order.sudo().user_id = self.vice_president
        other = self.new_order()
        request = self.ask(other)
        other.sudo().user_id = self.vice_president
        request.with_user(self.vice_president).action_approve()
        self.assertEqual(other.authority_state, "approved")

    def stand_in(self, user):
        self.env["authority.substitute"].create(
            {
                "user_id": self.vice_president.id,
                "substitute_id": user.id,
                "company_id": self.company.id,
            }
        )

    def test_nobody_approves_what_they_typed_in_somebody_s_place(self):
        """A17: who typed the figures, of whatever level, isn't asked about them and
        doesn't decide by standing in, whoever the salesperson is by then; other
        people's figures they do approve."""
        self.stand_in(self.colleague)
        order = self.new_order(price=9.5, user_id=False)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE sale_order SET create_date = create_date - '1 day'::interval"
        )
        self.env.invalidate_all()
        order.sudo().user_id = self.colleague
        order.with_user(self.colleague).order_line.discount = 15
        self.assertEqual(order.sudo().authority_authors, [self.colleague.id])
        order.sudo().user_id = False
        request = self.ask(order)
        self.assertEqual(request.approver_id, self.general_manager)
        with self.assertRaises(AccessError):
            request.with_user(self.colleague).action_approve()
        with self.assertRaises(AccessError):
            order.authority_authors = []
        request.with_user(self.vice_president).action_approve()
        order.action_confirm()
        other = self.new_order()
        self.approve(other, self.colleague)
        other.action_confirm()
        self.assertEqual(other.state, "sale")

    def test_confirmed_orders_are_not_given_to_who_approved_them_for_somebody(self):
        """A17: it would be their own document after all; anybody else may have it, and
        so may who holds the level."""
        self.stand_in(self.colleague)
        order = self.new_order()
        self.approve(order, self.colleague)
        order.action_confirm()
        with self.assert_refused("approved .* in somebody's place"):
            order.sudo().user_id = self.colleague
        order.sudo().user_id = self.project_manager
        self.assign(self.colleague, "vice_president")
        order.sudo().user_id = self.colleague
        self.assertEqual(order.user_id, self.colleague)

    def test_level_of_another_company_counts_nothing(self):
        """A01: authority is held in a company."""
        other = self.env["res.company"].create({"name": "Other"})
        outsider = self.new_user(
            "outsider", company_ids=[Command.set((self.company | other).ids)]
        )
        self.assign(outsider, "general_manager", company=other)
        request = self.ask(self.new_order())
        with self.assertRaises(AccessError):
            request.with_user(outsider).action_approve()

    def test_second_decision_is_refused(self):
        """A17: what is decided stays decided, and the other one is told by whom."""
        request = self.ask(self.new_order())
        request.with_user(self.vice_president).action_approve()
        self.general_manager.group_ids += self.env.ref(
            "sales_receivable.group_company_manager"
        )
        with self.assert_refused("vice president"):
            request.with_user(self.general_manager).action_refuse("No")
        self.assertEqual(request.state, "approved")

    def test_refusal_needs_a_reason(self):
        """A17: and the requester reads it."""
        order = self.new_order()
        request = self.ask(order).with_user(self.vice_president)
        for reason in (None, "", "  "):
            with self.assertRaises(UserError):
                request.action_refuse(reason)
        request.action_refuse("Too cheap")
        self.assertEqual(order.authority_state, "refused")
        self.assertIn("Too cheap", order.authority_banner)
        with self.assertRaises(UserError):
            order.action_confirm()

    def test_refused_then_improved_then_asked_again(self):
        """A16: a refusal is about what was asked, no more."""
        order = self.new_order(price=7.5)
        self.ask(order).with_user(self.vice_president).action_refuse("Too cheap")
        order.order_line.price_unit = 8.5
        self.assertEqual(order.authority_state, "open")
        self.approve(order)
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_withdrawn(self):
        """A17: the requester may take the question back."""
        order = self.new_order()
        request = self.ask(order)
        order.action_authority_withdraw()
        self.assertEqual(request.state, "withdrawn")
        self.assertEqual(order.authority_state, "open")
        with self.assertRaises(UserError):
            request.with_user(self.vice_president).action_approve()

    def test_asked_in_the_approvers_language(self):
        """X01: who decides reads the figures in their own language."""
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env["ir.module.module"]._load_module_terms(["sales_receivable"], ["zh_CN"])
        self.vice_president.lang = "zh_CN"
        request = self.ask(self.new_order())
        asked = request.with_user(self.vice_president).with_context(lang="zh_CN")
        self.assertIn("底价", asked.sentence)
        self.assertIn("8.10", asked.sentence)
        self.assertIn("底价", asked.step_ids.sentence)
        self.assertIn("底价", self.env["mail.activity"].search([], limit=1).note)
        self.assertIn("net 8.10", request.sentence, "the requester reads English")

    def test_asked_twice_waits_once(self):
        """A01: one waiting request per document and person."""
        order = self.new_order()
        order.action_authority_request()
        order.action_authority_request()
        self.assertEqual(len(order.sudo().authority_request_ids), 1)

    def test_archived_approver_is_replaced(self):
        """A17: when who was asked has left, one asks again and the next is found."""
        order = self.new_order()
        request = self.ask(order)
        self.vice_president.active = False
        order.invalidate_recordset()
        self.assertEqual(order.authority_state, "open")
        order.action_authority_request()
        waiting = order.sudo().authority_request_ids.filtered(
            lambda r: r.state == "waiting" and r != request
        )
        self.assertEqual(waiting.approver_id, self.general_manager)

    def test_cancelled_and_deleted_documents_leave_the_inbox(self):
        """A17: nobody is asked about what is gone."""
        order, other = self.new_order(), self.new_order()
        requests = self.ask(order) | self.ask(other)
        order.action_cancel()
        other.sudo().unlink()
        self.assertEqual(set(requests.mapped("state")), {"withdrawn"})
        self.assertFalse(
            self.env["mail.activity"].search([("user_id", "=", self.vice_president.id)])
        )

    def test_bulk_approval(self):
        """A01: the inbox approves several at once."""
        requests = self.ask(self.new_order()) | self.ask(self.new_order())
        inbox = self.env["authority.request"].with_user(self.vice_president)
        found = inbox.search([("waits_for_me", "=", True)])
        self.assertEqual(found, requests)
        higher = inbox.with_user(self.general_manager)
        self.assertFalse(higher.search([("waits_for_me", "=", True)]))
        self.assertEqual(higher.search([("may_decide", "=", True)]), requests)
        found.action_approve()
        self.assertFalse(inbox.search([("may_decide", "=", True)]))

    # --- activities and access --------------------------------------------------------

    def test_activity_without_following(self):
        """A17: the approver gets an activity, doesn't follow, and it goes away."""
        order = self.new_order()
        request = self.ask(order)
        activity = order.sudo().activity_ids
        self.assertEqual(activity.user_id, self.vice_president)
        request.with_user(self.vice_president).action_approve()
        self.assertFalse(order.sudo().activity_ids)
        self.assertNotIn(
            self.vice_president.partner_id, order.sudo().message_partner_ids
        )

    def test_approver_reads_while_waiting_only(self):
        """A01: access comes with the question and ends with the answer."""
        order, other = self.new_order(), self.new_order()
        seen = order.with_user(self.vice_president)
        self.assertFalse(seen.has_access("read"))
        request = self.ask(order)
        self.assertTrue(seen.has_access("read"))
        self.assertTrue(seen.order_line.has_access("read"))
        self.assertIn(order, seen.search([]))
        self.assertFalse(seen.has_access("write"))
        self.assertFalse(other.with_user(self.vice_president).has_access("read"))
        self.assertFalse(order.with_user(self.colleague).has_access("read"))
        request.with_user(self.vice_president).action_refuse("No")
        self.env.invalidate_all()
        self.assertFalse(seen.has_access("read"))

    # --- frozen facts -----------------------------------------------------------------

    def test_improving_keeps_the_approval(self):
        """A16: better figures need no new approval."""
        order = self.new_order()
        self.approve(order)
        order.order_line.price_unit = 8.5
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_worsening_needs_a_new_approval(self):
        """A16: a lower price, or more pieces below the floor."""
        for values in ({"price_unit": 8.0}, {"product_uom_qty": 1000}):
            order = self.new_order()
            self.approve(order)
            order.order_line.write({"price_unit": 8.1} | values)
            self.assertEqual(order.authority_state, "open")
            with self.assertRaises(UserError):
                order.action_confirm()

    def test_approved_for_another_customer(self):
        """A16: who it is sold to, and invoiced to, is part of what was approved."""
        other = self.customer.create({"name": "Somebody"})
        child = self.customer.create({"name": "Branch", "parent_id": self.customer.id})
        for name in ("partner_id", "partner_invoice_id"):
            order = self.new_order()
            request = self.ask(order)
            order[name] = other
            order.order_line.price_unit = 8.1
            self.assertEqual(request.state, "superseded")
            order.partner_id = self.customer
            order.partner_invoice_id = self.customer
            order.order_line.price_unit = 8.1
            self.approve(order)
            order[name] = other
            order.order_line.price_unit = 8.1
            self.assertEqual(order.authority_state, "open")
            with self.assert_refused("A02 Price floor"):
                order.action_confirm()
            order[name] = child
            order.order_line.price_unit = 8.1
            self.assertEqual(order.authority_state, "approved")
            order.action_confirm()
            with self.assert_refused("already confirmed.*A02 Price floor"):
                order.write({name: other.id})
        fine = self.new_order(price=9.5)
        fine.action_confirm()
        fine.partner_invoice_id = other

    def test_new_floor_after_the_approval(self):
        """A16: a floor raised later doesn't undo what was approved."""
        order = self.new_order()
        self.approve(order)
        self.floor.price = 9.5
        self.assertEqual(order.authority_state, "approved")

    def test_edited_while_waiting(self):
        """A16: worse figures supersede the question, better ones leave it waiting."""
        order = self.new_order()
        request = self.ask(order)
        order.order_line.price_unit = 8.2
        self.assertEqual(request.state, "waiting")
        order.order_line.price_unit = 7.9
        self.assertEqual(request.state, "superseded")
        self.assertEqual(order.authority_state, "open")
        order.order_line.price_unit = 9.0
        self.assertFalse(order.authority_state)

    def test_rule_changed_while_waiting(self):
        """A16: a question is decided by the limits it was asked under."""
        order = self.new_order()
        request = self.ask(order)
        self.limit.limit = 1.0
        self.assertEqual(order.authority_state, "waiting")
        request.with_user(self.vice_president).action_approve()
        self.assertEqual(order.authority_state, "approved")
        self.assertEqual(request.step_ids[0].rules[0]["limit"], 20.0)

    # --- the log ----------------------------------------------------------------------

    def test_log_is_append_only(self):
        """A17: nobody changes, deletes or forges a step, not even under sudo."""
        request = self.ask(self.new_order())
        steps = request.sudo().step_ids
        with self.assertRaises(AccessError):
            steps.write({"reason": "x"})
        with self.assertRaises(AccessError):
            steps.unlink()
        with self.assertRaises(AccessError):
            steps.copy()
        for key in (True, "1", {}, object()):
            with self.assertRaises(AccessError):
                steps.with_context(authority_engine=key).copy()
        self.assertEqual(steps.kind, "asked")
        self.assertEqual(steps.facts[0]["measure"], "floor_gap_percent")

    def test_requests_change_by_methods_only(self):
        """A17: state, approver and facts can't be written, created or deleted."""
        order = self.new_order()
        request = self.ask(order)
        for user in (self.salesperson, self.env.ref("base.user_root")):
            own = request.with_user(user).sudo()
            with self.assertRaises(AccessError):
                own.write({"state": "approved"})
            with self.assertRaises(AccessError):
                own.with_context(authority_engine=True).write({"state": "approved"})
            with self.assertRaises(AccessError):
                own.unlink()
            with self.assertRaises(UserError):
                own.copy()
        with self.assertRaises(AccessError):
            order.write(
                {
                    "authority_request_ids": [
                        Command.update(request.id, {"state": "approved"})
                    ]
                }
            )

    # --- limits are versions ----------------------------------------------------------

    def test_changed_limit_starts_a_version(self):
        """A01: history isn't edited."""
        self.limit.limit = 5.0
        self.assertEqual(self.limit.limit, 20.0)
        self.assertEqual(self.limit.date_to, Date.today() - timedelta(days=1))
        version = self.env["authority.rule"].search(
            [("date_from", "=", Date.today()), ("measure", "=", "floor_gap_percent")]
        )
        self.assertEqual(version.limit, 5.0)
        order = self.new_order()
        (need,) = order._get_authority_needs()[order.id]
        self.assertEqual(need["level"], self.levels["general_manager"])
        version.limit = 6.0
        self.assertEqual(version.limit, 6.0, "nobody has decided by it yet")
        self.ask(self.new_order(price=8.9))
        version.limit = 50.0
        self.assertEqual(version.limit, 6.0)
        self.assertFalse(version.active)
        with self.assertRaises(UserError):
            self.limit.unlink()

    def test_substitutes_are_named_for_oneself_only(self):
        """A17: nobody makes themselves somebody else's substitute."""
        Substitute = self.env["authority.substitute"].with_user(self.salesperson)
        with self.assertRaises(AccessError):
            Substitute.create(
                {
                    "user_id": self.vice_president.id,
                    "substitute_id": self.salesperson.id,
                }
            )
        own = Substitute.create({"substitute_id": self.colleague.id})
        with self.assertRaises(AccessError):
            own.write(
                {
                    "user_id": self.vice_president.id,
                    "substitute_id": self.salesperson.id,
                }
            )
