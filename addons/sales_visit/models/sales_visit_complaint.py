from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..guard import as_server, is_server
from .sales_visit import CHANNELS

ACTIVITY = "sales_visit.mail_activity_type_complaint"
ESCALATION = "sales_visit.mail_activity_type_complaint_late"
STATES = [
    ("new", "Recorded"),
    ("escalated", "Escalated"),
    ("told", "Customer Told"),
    ("closed", "Closed"),
]
OPEN_STATES = ("new", "escalated")


class SalesVisitComplaint(models.Model):
    """A complaint: apologised for, recorded, answered by a deadline or escalated, and
    closed only once the customer has been told (V15)."""

    _name = "sales.visit.complaint"
    _inherit = [
        "sales.visit.document.mixin",
        "sales.visit.evidence.mixin",
        "mail.thread",
        "mail.activity.mixin",
        "sales.visit.server.field.mixin",
        "sales.visit.batch.mixin",
    ]
    _description = "Complaint"
    _order = "due_at, id"
    _check_company_auto = True
    _mail_post_access = "read"

    state = fields.Selection(
        STATES,
        required=True,
        readonly=True,
        default="new",
        copy=False,
        index=True,
        tracking=True,
        group_expand=True,
    )
    user_id = fields.Many2one(string="Responsible", tracking=True)
    visit_id = fields.Many2one(
        "sales.visit",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="Visit whose report recorded the complaint.",
    )
    description = fields.Text(required=True)
    apologised_at = fields.Datetime(string="Apologised On", readonly=True, copy=False)
    due_at = fields.Datetime(
        string="Due", readonly=True, copy=False, help="By when the customer is told."
    )
    due_tz = fields.Char(string="Time Zone of Deadline", readonly=True, copy=False)
    due_rule_id = fields.Many2one(
        "sales.deadline.rule",
        string="Deadline Rule",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    remind_at = fields.Datetime(readonly=True, copy=False)
    escalate_at = fields.Datetime(readonly=True, copy=False)
    reminded_at = fields.Datetime(readonly=True, copy=False)
    escalated_at = fields.Datetime(string="Escalated On", readonly=True, copy=False)
    answer = fields.Text(tracking=True)
    told_how = fields.Selection(CHANNELS, string="Told Through", default="phone")
    told_at = fields.Datetime(string="Told On", readonly=True, copy=False)
    told_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="restrict"
    )
    is_late = fields.Boolean(
        string="Late",
        readonly=True,
        copy=False,
        help="Decided when the customer is told; it stays.",
    )
    is_overdue = fields.Boolean(
        string="Overdue", compute="_compute_is_overdue", search="_search_is_overdue"
    )

    _remind_idx = models.Index(
        "(remind_at) WHERE state IN ('new', 'escalated') AND reminded_at IS NULL"
    )
    _escalate_idx = models.Index("(escalate_at) WHERE escalated_at IS NULL")
    _open_idx = models.Index(
        "(commercial_partner_id, company_id) WHERE state != 'closed'"
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("state", "due_at")
    def _compute_is_overdue(self):
        now = fields.Datetime.now()
        for complaint in self:
            complaint.is_overdue = (
                complaint.state in OPEN_STATES
                and bool(complaint.due_at)
                and complaint.due_at < now
            )

    def _search_is_overdue(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        overdue = Domain("due_at", "<", fields.Datetime.now())
        return Domain("state", "in", OPEN_STATES) & overdue

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        complaints = super().create(vals_list)
        complaints._start_clock()
        return complaints

    def write(self, vals):
        if not is_server(self):
            self._check_writable(vals.keys())
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A complaint is closed, never deleted. (V15)"))

    def _check_writable(self, names):
        """Refuse writes that the state of these complaints doesn't allow (V15).

        :raise UserError: what was complained about stays; a closed one stays as it is
        """
        names = set(names)
        self._check_server_fields(names)
        mixins = self.env["mail.thread"]._fields.keys()
        mixins |= self.env["mail.activity.mixin"]._fields.keys()
        if names <= mixins:
            return
        for complaint in self._filter_locked():
            raise UserError(complaint._get_locked_message())
        fixed = {"partner_id", "company_id", "description"}
        if self.filtered("told_at"):
            fixed |= {"answer", "told_how"}
        if changed := fixed & names:
            raise UserError(
                self.env._(
                    "%(fields)s of a complaint can't change any more. (V15)",
                    fields=self._get_labels(changed),
                )
            )

    def _filter_locked(self):
        return self.filtered(lambda complaint: complaint.state == "closed")

    def _filter_on_record(self):
        return self

    def _get_locked_message(self):
        self.ensure_one()
        return self.env._(
            "%(complaint)s has been closed and stays as it is. If the customer complains again, record a new complaint. (V15)",
            complaint=self.display_name,
        )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_apologise(self):
        """Note that we have apologised to the customer, now.

        :raise UserError: once it is closed, or has been done
        """
        self._check_state(OPEN_STATES)
        self._check_not_done("apologised_at")
        as_server(self).write({"apologised_at": fields.Datetime.now()})
        return True

    def action_escalate(self):
        """Hand the complaint up to the manager, now.

        :raise UserError: once the customer has been told, or it has been escalated
        """
        self._check_state(("new",))
        as_server(self).write({"escalated_at": fields.Datetime.now()})
        self._escalate()
        return True

    def action_tell(self):
        """Note that the customer has been told the answer, now: it decides for good
        whether that was late (V15).

        :raise UserError: without an apology or an answer
        """
        self._check_state(OPEN_STATES)
        for complaint in self:
            lacking = [
                name
                for name in ("apologised_at", "answer", "told_how")
                if not str(complaint[name] or "").strip()
            ]
            if lacking:
                raise UserError(
                    self.env._(
                        "Before the customer is told: %(fields)s. (V15)",
                        fields=self._get_labels(lacking),
                    )
                )
        now = fields.Datetime.now()
        vals = {"state": "told", "told_at": now, "told_by_id": self.env.uid}
        for late, complaints in self.grouped(
            lambda complaint: bool(complaint.due_at and now > complaint.due_at)
        ).items():
            as_server(complaints).write({**vals, "is_late": late})
        # The manager's reminder isn't the salesperson's to delete, but it's settled.
        self.sudo().activity_unlink([ACTIVITY, ESCALATION])
        return True

    def action_close(self):
        """Close complaints whose customers have been told (V15).

        :raise UserError: before that
        """
        for complaint in self:
            if complaint.state in OPEN_STATES:
                raise UserError(
                    self.env._(
                        "%(complaint)s can't be closed before the customer has been told: use “Customer Told”. (V15)",
                        complaint=complaint.display_name,
                    )
                )
        self._check_state(("told",))
        as_server(self).write({"state": "closed"})
        return True

    def _check_state(self, states):
        labels = dict(self._fields["state"]._description_selection(self.env))
        for complaint in self:
            if complaint.state not in states:
                raise UserError(
                    self.env._(
                        "%(complaint)s is “%(state)s”: this step is over.",
                        complaint=complaint.display_name,
                        state=labels[complaint.state],
                    )
                )

    def _check_not_done(self, name):
        for complaint in self.filtered(name):
            raise UserError(
                self.env._(
                    "%(complaint)s: this has been noted already.",
                    complaint=complaint.display_name,
                )
            )

    # ------------------------------------------------------------
    # DEADLINE
    # ------------------------------------------------------------

    def _start_clock(self):
        """Freeze by when the customers are to be told, by the clock and calendar of who
        is responsible; without a deadline rule there is none (V15, P04)."""
        now = fields.Datetime.now()
        deadlines = self.env["sales.deadline.rule"]._get_deadlines(
            "complaint", self, lambda _complaint, _tz: now
        )
        for (rule, due, tz), complaints in (
            self.browse().concat(*deadlines).grouped(deadlines.get).items()
        ):
            as_server(complaints).write(
                {"due_at": due, **rule._prepare_deadline(due, tz)}
            )

    @api.model
    def _cron_watch_complaints(self):
        """Remind before the deadline of a complaint, escalate it after (V15).

        Each is reminded and escalated once: its own columns record it.
        """
        now = fields.Datetime.now()
        owed = Domain("state", "in", OPEN_STATES)
        if self._run_in_batches(
            owed & Domain("remind_at", "<=", now), "reminded_at", "_remind"
        ):
            self._run_in_batches(
                owed & Domain("escalate_at", "<=", now), "escalated_at", "_escalate"
            )

    def _remind(self):
        """Remind those who are responsible."""
        users = {complaint: complaint.user_id for complaint in self}
        self.env["mail.activity"]._create_reminders(ACTIVITY, users)

    def _escalate(self):
        """Tell the managers of those who are responsible."""
        as_server(self).write({"state": "escalated"})
        managers = self.env["res.users"]._get_managers_to_tell(self)
        self.env["mail.activity"]._create_reminders(ESCALATION, managers)
