from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..geo import get_distance, is_accuracy, is_position
from ..guard import as_server

# Everything but the first two is unverified, for one reason or another.
STATUSES = [
    ("verified", "Verified"),
    ("too_far", "Too Far"),
    ("unverified", "Unverified"),
    ("refused", "Unverified: Position Not Allowed"),
    ("no_signal", "Unverified: No Position Found"),
    ("no_target", "Unverified: Customer Without Coordinates"),
    ("own_target", "Unverified: Coordinates Set by the Salesperson"),
    ("inaccurate", "Unverified: Position Not Accurate"),
]
# What doesn't say where the customer is, so that a manager may learn it from the visit.
UNLOCATED = ("no_target", "own_target")
FAILURES = ("refused", "no_signal")
# How long after a step the browser may take to find where it is.
PATIENCE = timedelta(minutes=10)


class SalesVisit(models.Model):
    """Presence: where the salesperson was when the visit began and ended (V08).

    It warns and is reported, it never blocks. The browser says where it is; what that is
    worth the server decides, by its own clock and the coordinates of the customer.
    """

    _name = "sales.visit"
    _inherit = ["sales.visit"]

    checkin_status = fields.Selection(STATUSES, "Check-in", readonly=True, copy=False)
    checkin_distance = fields.Integer(
        "Check-in Distance (m)", readonly=True, copy=False, aggregator="avg"
    )
    checkin_latitude = fields.Float(digits=(10, 7), readonly=True, copy=False)
    checkin_longitude = fields.Float(digits=(10, 7), readonly=True, copy=False)
    checkin_accuracy = fields.Integer(
        "Check-in Accuracy (m)", readonly=True, copy=False
    )
    checkout_status = fields.Selection(STATUSES, "Check-out", readonly=True, copy=False)
    checkout_distance = fields.Integer(
        "Check-out Distance (m)", readonly=True, copy=False, aggregator="avg"
    )
    checkout_latitude = fields.Float(digits=(10, 7), readonly=True, copy=False)
    checkout_longitude = fields.Float(digits=(10, 7), readonly=True, copy=False)
    checkout_accuracy = fields.Integer(
        "Check-out Accuracy (m)", readonly=True, copy=False
    )
    presence_purged_at = fields.Datetime(
        "Coordinates Erased On",
        readonly=True,
        copy=False,
        help="Coordinates are kept as long as the company says, the result for good.",
    )

    location_ids = fields.One2many(
        "sales.partner.location", "visit_id", string="Proposed Coordinates"
    )

    _presence_idx = models.Index(
        "(actual_start) WHERE presence_purged_at IS NULL AND checkin_status IS NOT NULL"
    )

    def action_start(self):
        """Begin the visit; until the browser has said where it is, it is unverified."""
        result = super().action_start()
        self._expect_presence("checkin_status")
        return result

    def action_finish(self):
        """End the visit; until the browser has said where it is, it is unverified."""
        result = super().action_finish()
        self._expect_presence("checkout_status")
        return result

    def _expect_presence(self, name):
        leaves = self.filtered(
            lambda visit: visit.direction == "out" and visit.channel == "in_person"
        )
        as_server(leaves).write({name: "unverified"})

    def expects_presence(self):
        """Tell whether the visit waits for the position of the salesperson's device."""
        self.ensure_one()
        return bool(self.user_id == self.env.user and self._get_expected_presence())

    def record_presence(
        self, latitude=False, longitude=False, accuracy=0.0, failure=False
    ):
        """Record where the salesperson's device is, right after the step that began or
        ended the visit; each once (V08).

        :param float latitude: degrees, as ``longitude``; ``False`` if it isn't known
        :param float accuracy: metres
        :param failure: why it isn't known: ``"refused"`` or ``"no_signal"``
        :return: the status that the visit has now
        :raise AccessError: for anyone but the salesperson
        :raise UserError: when nothing is expected: too late, recorded already, or a
            visit that nobody leaves the house for
        """
        self.ensure_one()
        self._check_is_salesperson()
        step = self._get_expected_presence()
        if not step:
            raise UserError(
                self.env._(
                    "%(visit)s doesn't expect a position now. (V08)",
                    visit=self.display_name,
                )
            )
        vals = self._judge_presence(latitude, longitude, accuracy, failure)
        if vals["status"] in UNLOCATED:
            self.env["sales.partner.location"]._propose(self, vals)
        # A visit that ends after its arrival has been erased has something to erase again.
        as_server(self).write(
            {f"{step}_{name}": vals[name] for name in vals}
            | {"presence_purged_at": False}
        )
        return self[f"{step}_status"]

    def action_view_location(self):
        """Open the coordinates that the visit proposes for its customer."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "sales.partner.location",
            "res_id": self.location_ids[:1].id,
            "view_mode": "form",
        }

    def _get_expected_presence(self):
        """Return which step a position is expected for: ``"checkin"``, ``"checkout"`` or
        ``None``."""
        self.ensure_one()
        now = fields.Datetime.now()
        for state, step, moment in (
            ("in_progress", "checkin", self.actual_start),
            ("to_report", "checkout", self.actual_stop),
        ):
            if self.state == state and now - moment <= PATIENCE:
                return step if self[f"{step}_status"] == "unverified" else None
        return None

    def _judge_presence(self, latitude, longitude, accuracy, failure):
        """Return what a position is worth against the customer's: its accuracy counts in
        the salesperson's favour, but for no more than the radius itself, and verifies
        nothing where the company wants a better one. Coordinates that the salesperson
        gave the customer don't verify either: a manager is asked.

        :raise UserError: for an accuracy that is none
        """
        if not is_position(latitude, longitude):
            return {"status": failure if failure in FAILURES else "no_signal"}
        if not is_accuracy(accuracy):
            raise UserError(
                self.env._("The accuracy of a position is a number of metres. (V08)")
            )
        accuracy = int(accuracy)
        vals = {"latitude": latitude, "longitude": longitude, "accuracy": accuracy}
        # Nothing but where it is, and who says so.
        partner = self.partner_id.sudo()
        if not (partner.partner_latitude or partner.partner_longitude):
            return {**vals, "status": "no_target"}
        distance = get_distance(
            latitude, longitude, partner.partner_latitude, partner.partner_longitude
        )
        company = self.company_id.sudo()
        vals["distance"] = round(distance)
        if distance - min(accuracy, company.visit_radius) > company.visit_radius:
            return {**vals, "status": "too_far"}
        if partner.visit_located_by_id == self.user_id:
            return {**vals, "status": "own_target"}
        if 0 < company.visit_accuracy < accuracy:
            return {**vals, "status": "inaccurate"}
        return {**vals, "status": "verified"}

    @api.model
    def _cron_purge_presence(self):
        """Erase coordinates that have been kept long enough, those proposed for customers
        too, in batches; status and distance stay (V08)."""
        companies = self.env["res.company"]
        for company in companies.search([("presence_retention_days", ">", 0)]):
            days = company.presence_retention_days
            before = fields.Datetime.now() - timedelta(days=days)
            domain = Domain("company_id", "=", company.id)
            domain &= Domain("checkin_status", "!=", False)
            domain &= Domain("actual_start", "<", before)
            if not self._run_in_batches(
                domain, "presence_purged_at", "_purge_presence"
            ) or not self.env["sales.partner.location"]._run_in_batches(
                [("company_id", "=", company.id), ("requested_at", "<", before)],
                "purged_at",
                "_purge",
            ):
                return

    def _purge_presence(self):
        """Erase the coordinates of these visits."""
        as_server(self).write(
            {
                f"{step}_{name}": False
                for step in ("checkin", "checkout")
                for name in ("latitude", "longitude", "accuracy")
            }
        )
