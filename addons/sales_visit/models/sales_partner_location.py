from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date
from psycopg2.errors import UniqueViolation

from ..geo import get_distance
from ..guard import as_server
from .approval_mixin import ACTIVITY
from .sales_visit_presence import UNLOCATED


class SalesPartnerLocation(models.Model):
    """Where a customer without coordinates seems to be, until a manager agrees (V08).

    Nothing can be verified against coordinates that nobody knows: a precise position of
    a visit is a proposal and no more. Trust comes from the manager, who looks at the map
    and at how many other visits began there. What a customer has is
    never replaced, but for what the salesperson himself has set.
    """

    _name = "sales.partner.location"
    _inherit = ["sales.approval.mixin", "sales.visit.batch.mixin"]
    _description = "Proposed Coordinates"
    _order = "id desc"
    _rec_name = "partner_id"
    _check_company_auto = True

    company_id = fields.Many2one(readonly=True)
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    visit_id = fields.Many2one(
        "sales.visit",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
        check_company=True,
        help="Where the position comes from.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Salesperson",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    latitude = fields.Float(digits=(10, 7), readonly=True)
    longitude = fields.Float(digits=(10, 7), readonly=True)
    accuracy = fields.Integer("Accuracy (m)", readonly=True)
    purged_at = fields.Datetime("Coordinates Erased On", readonly=True)
    purpose = fields.Char(related="company_id.presence_purpose")
    map_url = fields.Char(string="Map", compute="_compute_map_url")
    agreeing_count = fields.Integer(
        string="Visits That Agree",
        compute="_compute_agreeing_count",
        help="Other visits at this customer that began within the radius of this position.",
    )

    _waiting_uniq = models.UniqueIndex(
        "(partner_id) WHERE approval_state = 'submitted'",
        "Coordinates of this customer wait for approval already.",
    )
    _purge_idx = models.Index("(requested_at) WHERE purged_at IS NULL")

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("latitude", "longitude")
    def _compute_map_url(self):
        for location in self:
            location.map_url = not location.purged_at and self.env[
                "sales.visit"
            ]._get_map_url(location.partner_id, (location.latitude, location.longitude))

    @api.depends("partner_id", "visit_id", "latitude", "longitude")
    def _compute_agreeing_count(self):
        # Only how many visits began there, whoever made them.
        visits = self.env["sales.visit"].sudo()
        found = visits.search_fetch(
            [
                ("partner_id", "in", self.partner_id.ids),
                ("company_id", "in", self.company_id.ids),
                ("checkin_status", "in", UNLOCATED),
                ("presence_purged_at", "=", False),
            ],
            ["partner_id", "company_id", "checkin_latitude", "checkin_longitude"],
        ).grouped(lambda visit: (visit.partner_id, visit.company_id))
        for location in self:
            key = (location.partner_id.sudo(), location.company_id.sudo())
            radius = location.company_id.sudo().visit_radius
            location.agreeing_count = len(
                found.get(key, visits).filtered(
                    lambda visit, location=location, radius=radius: (
                        visit.id != location.visit_id.id
                        and get_distance(
                            visit.checkin_latitude,
                            visit.checkin_longitude,
                            location.latitude,
                            location.longitude,
                        )
                        <= radius
                    )
                )
            )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_request(self):
        """Ask for approval; the server does, once.

        :raise UserError: for what has been taken back: its coordinates are erased
        """
        if self.filtered("purged_at"):
            raise UserError(self.env._("The coordinates have been erased. (V08)"))
        return super().action_request()

    def action_withdraw(self):
        """Take back a proposal, begun in the car park perhaps: erase its coordinates."""
        result = super().action_withdraw()
        as_server(self).write({"purged_at": fields.Datetime.now()})
        self._purge()
        return result

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _get_approval_subject(self):
        return self.user_id

    @api.model
    def _propose(self, visit, position):
        """Ask the managers whether a customer without coordinates is where a visit found
        its salesperson; once a customer, if precise enough and if anybody could decide.

        :param dict position: ``latitude``, ``longitude`` and ``accuracy`` in metres
        """
        if not 0 < position["accuracy"] <= visit.company_id.sudo().location_accuracy:
            return
        # Nobody but the server makes a proposal; one of a colleague may wait, unseen.
        proposals = as_server(self.sudo())
        if proposals.search_count(
            [
                ("partner_id", "=", visit.partner_id.id),
                ("approval_state", "=", "submitted"),
            ],
            limit=1,
        ):
            return
        try:
            with self.env.cr.savepoint():
                proposal = proposals.create(
                    {
                        "company_id": visit.company_id.id,
                        "partner_id": visit.partner_id.id,
                        "visit_id": visit.id,
                        "user_id": visit.user_id.id,
                        "latitude": position["latitude"],
                        "longitude": position["longitude"],
                        "accuracy": position["accuracy"],
                    }
                )
                if proposal._get_approvers(requester=self.env.user)[proposal]:
                    proposal.action_request()
                else:
                    proposal.unlink()
        except UniqueViolation:
            return  # a colleague, at this very moment: one proposal is enough

    def _after_approval(self):
        """Give the customers their coordinates, and say in their log where from."""
        # The approval decides: a manager need not be allowed to change contacts.
        for location in self.sudo():
            partner = location.partner_id
            if (
                self.env["sales.visit"]._get_point(partner)
                and partner.visit_located_by_id != location.user_id
            ):
                raise UserError(
                    self.env._(
                        "%(customer)s has got coordinates by now: refuse the proposal. (V08)",
                        customer=partner.display_name,
                    )
                )
            partner.write(
                {
                    "partner_latitude": location.latitude,
                    "partner_longitude": location.longitude,
                }
            )
            partner._message_log(
                body=self.env._(
                    "Coordinates learnt from the position of %(salesperson)s on %(day)s, approved by %(manager)s.",
                    salesperson=location.user_id.name,
                    day=format_date(self.env, location.visit_id.visit_day),
                    manager=self.env.user.name,
                )
            )

    def _get_approval_detail(self):
        self.ensure_one()
        return self.env._(
            "accurate to %(metres)s m; visits that agree: %(count)s",
            metres=self.accuracy,
            count=self.agreeing_count,
        )

    def _purge(self):
        """Erase the coordinates proposed; what nobody has decided is refused (V08)."""
        waiting = self.filtered(lambda location: location.approval_state == "submitted")
        waiting._close(self.env._("Nobody decided in time."))
        as_server(self).write(
            {"latitude": False, "longitude": False, "accuracy": False}
        )

    def _close(self, reason):
        """Refuse what waits, without anybody's decision."""
        as_server(self).write({"approval_state": "refused", "decision_reason": reason})
        self.activity_unlink([ACTIVITY])

    @api.model
    def _merge_customers(self, partners):
        """Keep one waiting proposal, the oldest, when these customers become one."""
        waiting = self.search(
            [
                ("partner_id", "in", partners.ids),
                ("approval_state", "=", "submitted"),
            ],
            order="id",
        )
        waiting[1:]._close(self.env._("Customers merged"))
