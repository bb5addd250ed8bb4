from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from .common import VISIT_DAY, VisitCase

HERE = (31.2304, 121.4737)
NEAR = (HERE[0] + 0.002, HERE[1])  # 222 m


@tagged("post_install", "-at_install")
@freeze_time(VISIT_DAY)
class TestPartnerLocation(VisitCase):
    def _present(self, position=HERE, accuracy=10, user=None, **values):
        """A visit that has begun at a position."""
        visit = self._new_visit(user, **values)
        visit.action_start()
        visit.record_presence(*position, accuracy)
        return visit

    def _proposal(self, **values):
        return self._present(**values).sudo().location_ids.with_user(self.leader)

    def _purge(self, at):
        with self.enter_registry_test_mode(), freeze_time(at):
            self.env.ref("sales_visit.ir_cron_purge_presence").method_direct_trigger()
        self.env.invalidate_all()

    def test_learnt_when_the_manager_agrees(self):
        """V08: proposed by the visit, set by the approval, with where it comes from."""
        proposal = self._proposal()
        self.assertEqual(proposal.approval_state, "submitted")
        self.assertEqual(proposal.requested_by_id, self.salesperson)
        self.assertEqual(proposal.purpose, self.company.presence_purpose)
        self.assertIn("31.2304", proposal.map_url)
        self.assertFalse(self.partner.partner_latitude)
        proposal.action_approve()
        self.assertAlmostEqual(self.partner.partner_latitude, HERE[0])
        self.assertAlmostEqual(self.partner.partner_longitude, HERE[1])
        self.assertIn(self.leader.name, self.partner.message_ids[:1].body)
        self.assertEqual(proposal.decided_by_id, self.leader)
        # From now on visits can be verified; the first one keeps its verdict.
        self.assertEqual(proposal.visit_id.checkin_status, "no_target")
        self.assertEqual(self._present(NEAR).checkin_status, "verified")

    def test_only_what_is_precise_and_asked_for(self):
        """V08: neither a wild position, nor one where the company doesn't want it, nor
        one of a customer whose coordinates are known."""
        self.assertFalse(self._proposal(accuracy=51))
        self.assertFalse(self._proposal(accuracy=0))
        self.company.location_accuracy = 60
        located = self._new_partner("B", partner_latitude=1, partner_longitude=1)
        self.assertFalse(self._proposal(partner_id=located.id))
        self.company.location_accuracy = 0
        self.assertFalse(self._proposal(accuracy=1))
        self.company.location_accuracy = 60
        self.assertTrue(self._proposal(accuracy=51))

    def test_one_proposal_waits(self):
        """V08: of several visits; after a refusal the next one proposes anew."""
        proposal = self._proposal()
        self.assertFalse(self._proposal(user=self.colleague))
        with self.assertRaises(UserError):
            proposal.refuse(" ")
        proposal.refuse("That is the car park.")
        self.assertFalse(self.partner.partner_latitude)
        self.assertTrue(self._proposal())

    def test_visits_that_agree_are_counted(self):
        """V08: other visits at the same place, not the same one, not those elsewhere."""
        proposal = self._proposal()
        self.assertEqual(proposal.agreeing_count, 0)
        self._present(NEAR, user=self.stranger)
        self._present((HERE[0] + 1, HERE[1]))
        proposal.invalidate_recordset()
        self.assertEqual(proposal.agreeing_count, 1)

    def test_two_sessions_propose_at_once(self):
        """V08: the database keeps one, and nobody's check-in fails."""
        self._proposal()
        model = type(self.env["sales.partner.location"])
        with (
            # The other session's proposal can't be seen yet.
            patch.object(model, "search_count", lambda *args, **kwargs: 0),
            mute_logger("odoo.sql_db"),
        ):
            visit = self._present(user=self.colleague)
        self.assertEqual(visit.checkin_status, "no_target")
        self.assertAlmostEqual(visit.checkin_latitude, HERE[0])
        self.assertFalse(visit.sudo().location_ids)

    def test_coordinates_there_are_stay(self):
        """V08: whoever entered them meanwhile isn't overwritten."""
        proposal = self._proposal()
        self.partner.write({"partner_latitude": 1, "partner_longitude": 2})
        with self.assertRefused("V08"):
            proposal.action_approve()
        self.assertEqual(self.partner.partner_latitude, 1)

    def test_who_decides(self):
        """V08: a manager of the salesperson, never who proposed; without one, nobody is
        asked and the visit goes on."""
        proposal = self._proposal()
        for user in (self.salesperson, self.colleague, self.other_leader):
            with self.subTest(user.login), self.assertRaises(AccessError):
                proposal.with_user(user).action_approve()
        alone = self._present(
            user=self.company_manager, partner_id=self._new_partner("B").id
        )
        self.assertEqual(alone.checkin_status, "no_target")
        self.assertFalse(alone.location_ids)

    def test_nobody_makes_or_changes_one(self):
        """V08: by RPC, import, copy, or defaults of the context; nor a portal user."""
        proposal = self._proposal()
        vals = {
            "partner_id": self.partner.id,
            "visit_id": proposal.visit_id.id,
            "user_id": self.salesperson.id,
            "latitude": 1,
            "longitude": 2,
        }
        portal = new_test_user(self.env, "v_portal", groups="base.group_portal")
        model = self.env["sales.partner.location"]
        for user in (self.salesperson, self.leader, self.company_manager, portal):
            with self.subTest(user.login):
                own = model.with_user(user)
                with self.assertRaises(AccessError):
                    own.create(vals)
                with self.assertRaises(AccessError):
                    own.with_context(
                        **{f"default_{name}": vals[name] for name in vals}
                    ).create({})
                result = own.load(
                    ["partner_id/.id", "visit_id/.id", "user_id/.id", "latitude"],
                    [[str(vals["partner_id"]), str(vals["visit_id"]), "1", "1"]],
                )
                self.assertFalse(result["ids"])
                mine = proposal.with_user(user)
                for forged in ({"latitude": 1}, {"approval_state": "approved"}):
                    with self.assertRaises(AccessError):
                        mine.write(forged)
                for method in (mine.copy, mine.unlink):
                    with self.assertRaises(UserError):
                        method()
        for user in (self.foreigner, self.stranger, self.receptionist, portal):
            with self.subTest(user.login), self.assertRaises(AccessError):
                proposal.with_user(user).read(["latitude"])
        # Under sudo, too, the guard asks who writes, not with which rights.
        with self.assertRaises(AccessError):
            proposal.sudo().write({"latitude": 1})
        self.assertEqual(proposal.approval_state, "submitted")

    def test_taken_back(self):
        """V08: by who proposed; its coordinates are gone at once and for good."""
        proposal = self._proposal()
        with self.assertRaises(AccessError):
            proposal.action_withdraw()
        own = proposal.with_user(self.salesperson)
        own.action_withdraw()
        self.assertFalse(own.latitude)
        self.assertFalse(own.map_url)
        with self.assertRefused("V08"):
            own.action_request()

    def test_erased_in_time_also_when_killed(self):
        """V08: after the days the company says, once; what waited is refused; what was
        approved stays with the customer."""
        partners = [self._new_partner(str(i)) for i in range(5)]
        proposals = (
            self.env["sales.partner.location"]
            .union(*(self._proposal(partner_id=partner.id) for partner in partners))
            .with_user(self.leader)
        )
        proposals[0].action_approve()
        proposals[1].refuse("No.")
        self._purge(VISIT_DAY + timedelta(days=89))
        self.assertTrue(all(proposals.mapped("latitude")))
        day = VISIT_DAY + timedelta(days=91)
        with self._killed_in_second_batch("sales.partner.location", "_purge"):
            self._purge(day)
        self.assertEqual(len(proposals.filtered("purged_at")), 2)
        self._purge(day + timedelta(days=1))
        self.assertFalse(any(proposals.mapped("latitude")))
        self.assertFalse(any(proposals.visit_id.mapped("checkin_latitude")))
        self.assertEqual(
            proposals.mapped("approval_state"), ["approved"] + 4 * ["refused"]
        )
        self.assertEqual(proposals[1].decision_reason, "No.")
        self.assertEqual(proposals[:2].mapped("purged_at"), 2 * [day])
        self.assertAlmostEqual(partners[0].partner_latitude, HERE[0])
        self.assertFalse(proposals.sudo().activity_ids)

    def test_merged_customers_keep_one(self):
        """V08: the oldest; the host would delete what breaks the rule of one."""
        other = self._new_partner("B")
        kept = self._proposal()
        second = self._proposal(partner_id=other.id)
        self.env["base.partner.merge.automatic.wizard"]._merge(
            [self.partner.id, other.id], dst_partner=other
        )
        self.env.invalidate_all()
        self.assertEqual(kept.partner_id, other)
        self.assertEqual(kept.approval_state, "submitted")
        self.assertEqual(second.approval_state, "refused")

    def test_form_and_constant_queries(self):
        """V08: the form opens for the manager; a list costs the same for more."""
        proposal = self._proposal()
        self.assertTrue(Form(proposal).can_decide)

        def count(number):
            proposals = self.env["sales.partner.location"].union(
                *(
                    self._proposal(partner_id=self._new_partner("X").id)
                    for _i in range(number)
                )
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            proposals.mapped("agreeing_count")
            proposals.mapped("map_url")
            return self.cr.sql_log_count - before

        count(1)
        self.assertEqual(count(6), count(2))
