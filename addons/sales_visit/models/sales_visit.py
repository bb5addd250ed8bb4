from datetime import timedelta

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..guard import as_server, has_changes, is_server

STATES = [
    ("draft", "Draft"),
    ("planned", "Planned"),
    ("confirmed", "Confirmed"),
    ("in_progress", "In Progress"),
    ("to_report", "To Report"),
    ("reported", "Reported"),
    ("reviewed", "Reviewed"),
    ("cancelled", "Cancelled"),
    ("missed", "Missed"),
]
DIRECTIONS = [("out", "We go to the customer"), ("in", "The customer comes to us")]
CHANNELS = [
    ("in_person", "In person"),
    ("phone", "Phone"),
    ("online", "Online meeting"),
    ("message", "Message"),
]
REFUSALS = [
    ("busy", "Busy"),
    ("mood", "Bad mood"),
    ("unconvinced", "Not convinced"),
    ("no_need", "No need"),
]
OBJECTIONS = [("price", "Price"), ("service", "Service"), ("decision", "Decision")]

# Where, with whom and of which type a visit was is settled once it has begun: the type
# decided what it took to begin, and decides what is to be answered.
FACT_FIELDS = {
    "visit_type_id",
    "partner_id",
    "company_id",
    "user_id",
    "team_id",
    "direction",
    "channel",
    "planned_start",
    "planned_stop",
}
# One with another of these is another visit.
RENEWING_FIELDS = {"partner_id", "company_id", "user_id", "visit_type_id"}
BEFORE_START = {"draft", "planned", "confirmed"}
LOCKED_STATES = {"reported", "reviewed"}


class SalesVisit(models.Model):
    """One contact with a customer, from its plan to the reviewed report."""

    _name = "sales.visit"
    _inherit = [
        "sales.visit.document.mixin",
        "sales.visit.evidence.mixin",
        "mail.thread",
        "mail.activity.mixin",
        "sales.visit.server.field.mixin",
        "sales.visit.phone.view.mixin",
    ]
    _description = "Sales Visit"
    _order = "planned_start desc, id desc"
    _rec_names_search = ["name", "partner_id"]
    _check_company_auto = True
    _mail_post_access = "read"

    state = fields.Selection(
        STATES,
        required=True,
        readonly=True,
        default="draft",
        copy=False,
        index=True,
        tracking=True,
        group_expand=True,
    )
    # Who, where, when
    # Its index on the salesperson begins with him.
    user_id = fields.Many2one(index=False, tracking=True)
    team_id = fields.Many2one(
        "crm.team",
        string="Sales Team",
        compute="_compute_team_id",
        store=True,
        precompute=True,
        index="btree_not_null",
        ondelete="set null",
        check_company=True,
    )
    partner_id = fields.Many2one(
        tracking=True,
        # Whom we may want to sell to: no colleagues, no company of ours, no mere vendors.
        domain="[('partner_share', '=', True), ('ref_company_ids', '=', False), '|', ('customer_rank', '>', 0), ('supplier_rank', '=', 0)]",
    )
    lead_id = fields.Many2one(
        "crm.lead",
        index="btree_not_null",
        ondelete="set null",
        check_company=True,
        domain="['|', ('partner_id', '=', False), ('partner_id.commercial_partner_id', '=', commercial_partner_id)]",
    )
    visit_type_id = fields.Many2one(
        "sales.visit.type",
        string="Type",
        required=True,
        ondelete="restrict",
        tracking=True,
        default=lambda self: self.env["sales.visit.type"].search([], limit=1),
    )
    direction = fields.Selection(DIRECTIONS, required=True, default="out")
    channel = fields.Selection(
        CHANNELS,
        required=True,
        compute="_compute_channel",
        store=True,
        readonly=False,
        precompute=True,
    )
    is_channel_fixed = fields.Boolean(compute="_compute_is_channel_fixed")
    objective = fields.Char(help="What the visit is to achieve.")
    planned_start = fields.Datetime(index=True, copy=False, tracking=True)
    planned_stop = fields.Datetime(
        compute="_compute_planned_stop",
        store=True,
        readonly=False,
        precompute=True,
        copy=False,
    )
    actual_start = fields.Datetime(readonly=True, copy=False)
    actual_stop = fields.Datetime(readonly=True, copy=False)
    duration = fields.Float(
        string="Duration (h)",
        compute="_compute_duration",
        store=True,
        help="Hours from the actual start to the actual end.",
    )
    is_off_plan = fields.Boolean(
        string="Off Plan",
        readonly=True,
        copy=False,
        help="The visit began without having been planned.",
    )
    cancel_reason = fields.Text(readonly=True, copy=False)
    # Report
    outcome_id = fields.Many2one("sales.visit.outcome", ondelete="restrict", copy=False)
    summary = fields.Text(copy=False)
    needs = fields.Text(string="Customer Needs", copy=False)
    order_intent = fields.Text(copy=False)
    complaint = fields.Text(copy=False)
    competitor = fields.Text(string="Competitors", copy=False)
    outlook = fields.Text(
        string="Customer's Outlook",
        copy=False,
        help="Volumes and plans of the customer.",
    )
    evaluation = fields.Text(
        string="Evaluation of Our Service",
        copy=False,
        help="What the customer thinks of each step of our service.",
    )
    refusal = fields.Selection(REFUSALS, copy=False)
    objection = fields.Selection(OBJECTIONS, copy=False)
    contact_ids = fields.Many2many(
        "res.partner",
        string="People Met",
        copy=False,
        check_company=True,
        domain="[('commercial_partner_id', '=', commercial_partner_id)]",
    )
    next_visit_date = fields.Date(string="Next Visit", copy=False)
    next_visit_place = fields.Char(copy=False)
    is_new_customer = fields.Boolean(
        string="New Customer",
        readonly=True,
        copy=False,
        help="Decided when the report is first submitted, then frozen: no earlier completed visit in person and no order confirmed before the visit.",
    )
    customer_grade_id = fields.Many2one(
        "sales.customer.grade", compute="_compute_customer_grade_id", string="Grade"
    )
    report_grade_id = fields.Many2one(
        "sales.customer.grade",
        string="Grade When Reported",
        readonly=True,
        copy=False,
        ondelete="restrict",
    )
    reviewed_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="restrict"
    )
    reviewed_at = fields.Datetime(readonly=True, copy=False)

    counts_since = fields.Datetime(
        string="Counts as Created On",
        readonly=True,
        copy=False,
        help="A visit is spared by rules younger than itself; one that has been given another customer, salesperson or type is as old as that.",
    )

    _check_planned = models.Constraint(
        "CHECK(planned_stop >= planned_start)", "A visit can't end before it begins."
    )
    _check_actual = models.Constraint(
        "CHECK(actual_stop >= actual_start)", "A visit can't end before it begins."
    )
    _check_next_visit = models.Constraint(
        "CHECK(next_visit_date >= visit_day)",
        "The next visit comes after this one: name a day to come. (V11)",
    )
    _user_planned_idx = models.Index("(user_id, planned_start DESC)")
    _customer_idx = models.Index("(commercial_partner_id, company_id, actual_start)")
    _open_idx = models.Index(
        "(commercial_partner_id, company_id) WHERE state IN ('draft', 'planned', 'confirmed', 'in_progress', 'to_report')"
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("user_id", "company_id")
    def _compute_team_id(self):
        for (company, user), visits in self.grouped(
            lambda visit: (visit.company_id, visit.user_id)
        ).items():
            teams = self.env["crm.team"].with_context(allowed_company_ids=company.ids)
            team = teams._get_default_team_id(user_id=user.id)
            # The host's last resort may be a team of another company.
            visits.team_id = (
                team if team.company_id in (company, company.browse()) else False
            )

    @api.depends("visit_type_id")
    def _compute_channel(self):
        for visit in self:
            visit.channel = visit.visit_type_id.channel or visit.channel or "in_person"

    @api.depends("visit_type_id")
    def _compute_is_channel_fixed(self):
        for visit in self:
            visit.is_channel_fixed = bool(visit.visit_type_id.channel)

    @api.depends("planned_start", "visit_type_id")
    def _compute_planned_stop(self):
        for visit in self:
            length = timedelta(hours=visit.visit_type_id.duration)
            visit.planned_stop = visit.planned_start and visit.planned_start + length

    @api.depends("actual_start", "actual_stop")
    def _compute_duration(self):
        for visit in self:
            if visit.actual_start and visit.actual_stop:
                elapsed = visit.actual_stop - visit.actual_start
                visit.duration = elapsed.total_seconds() / 3600
            else:
                visit.duration = 0.0

    @api.depends("commercial_partner_id", "company_id")
    def _compute_customer_grade_id(self):
        model = self.env["sales.customer.file"]
        for company, visits in self.grouped("company_id").items():
            files = model._get_files(company, visits.commercial_partner_id)
            for visit in visits:
                file = files.get(visit.commercial_partner_id)
                visit.customer_grade_id = file and file.grade_id

    # ------------------------------------------------------------
    # CONSTRAINT
    # ------------------------------------------------------------

    @api.constrains("state", "planned_start")
    def _check_planned_start(self):
        for visit in self:
            if visit.state in ("planned", "confirmed") and not visit.planned_start:
                raise ValidationError(
                    self.env._(
                        "Say when %(visit)s begins: what is on the plan has a time.",
                        visit=visit.display_name,
                    )
                )

    @api.constrains("channel", "visit_type_id")
    def _check_channel(self):
        for visit in self:
            if visit.channel != (visit.visit_type_id.channel or visit.channel):
                raise ValidationError(
                    self.env._(
                        "%(visit)s: “%(type)s” is by another channel. Choose a type of visit that fits. (V01)",
                        visit=visit.display_name,
                        type=visit.visit_type_id.name,
                    )
                )

    @api.constrains("partner_id", "contact_ids", "confirmed_with_id")
    def _check_contacts(self):
        for visit in self:
            people = visit.contact_ids | visit.confirmed_with_id
            if people.commercial_partner_id - visit.partner_id.commercial_partner_id:
                raise ValidationError(
                    self.env._(
                        "%(visit)s: choose people of the customer, and no others.",
                        visit=visit.display_name,
                    )
                )

    # ------------------------------------------------------------
    # ONCHANGE
    # ------------------------------------------------------------

    @api.onchange("lead_id")
    def _onchange_lead_id(self):
        if self.lead_id.partner_id and not self.partner_id:
            self.partner_id = self.lead_id.partner_id

    @api.onchange("partner_id")
    def _onchange_partner_id(self):
        people = self.contact_ids | self.confirmed_with_id
        if people.commercial_partner_id - self.commercial_partner_id:
            self.contact_ids = self.confirmed_with_id = False

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def write(self, vals):
        if not is_server(self):
            self._check_writable(vals.keys())
            vals = self._forget_people(vals) | vals
            self._renew(vals)
        return super().write(vals)

    def _renew(self, vals):
        """Let visits that are about to become other ones meet the rules of today."""
        given = {name: vals[name] for name in RENEWING_FIELDS & vals.keys()}
        renewed = self.filtered(lambda visit: has_changes(visit, given))
        if renewed:
            as_server(renewed).write({"counts_since": fields.Datetime.now()})

    def _forget_people(self, vals):
        """Return the values that take away people who aren't of the customer to be, and
        what was checked with them."""
        customer = self.partner_id.browse(vals.get("partner_id")).commercial_partner_id
        if not customer or self.commercial_partner_id <= customer:
            return {}
        return {
            "confirmed_with_id": False,
            "is_address_checked": False,
            "is_hours_checked": False,
            "contact_ids": [Command.clear()],
        }

    @api.ondelete(at_uninstall=False)
    def _unlink_only_unstarted(self):
        for visit in self:
            if visit.state not in ("draft", "cancelled") or visit.actual_start:
                raise UserError(
                    self.env._(
                        "%(visit)s can't be deleted: only drafts and visits cancelled before they began can.",
                        visit=visit.display_name,
                    )
                )

    def _check_writable(self, names):
        """Refuse writes that the state of these visits doesn't allow.

        :param names: names of the fields to be written
        :raise UserError: naming the fields and who can unlock them (V10)
        """
        names = set(names)
        self._check_server_fields(names)
        mixins = self.env["mail.thread"]._fields.keys()
        mixins |= self.env["mail.activity.mixin"]._fields.keys()
        if names <= mixins:
            return
        locked = self._filter_locked()
        (self - locked)._check_own_report(names)
        for visit in self:
            if visit in locked:
                raise UserError(visit._get_locked_message())
            if visit.state not in BEFORE_START and (
                facts := self._get_fact_fields() & names
            ):
                raise UserError(
                    self.env._(
                        "%(visit)s has begun or ended: %(fields)s can't change any more.",
                        visit=visit.display_name,
                        fields=self._get_labels(facts),
                    )
                )

    def _check_own_report(self, names):
        """Leave what is reported to who was there; a manager reopens a report (V10)."""
        said = names & set(self._get_section_fields())
        if not said or self.env.su:
            return
        for visit in self:
            if visit.state not in BEFORE_START and visit.user_id != self.env.user:
                raise AccessError(
                    self.env._(
                        "%(visit)s: only %(user)s writes %(fields)s.",
                        visit=visit.display_name,
                        user=visit.user_id.sudo().name,
                        fields=self._get_labels(said),
                    )
                )

    @api.model
    def _get_fact_fields(self):
        """Return the names of the fields that stay as they are once a visit has begun."""
        return FACT_FIELDS

    def _filter_locked(self):
        return self.filtered(lambda visit: visit.state in LOCKED_STATES)

    def _filter_on_record(self):
        return self.filtered("report_submitted_at")

    def _get_locked_message(self):
        self.ensure_one()
        return self.env._(
            "The report of %(visit)s has been submitted and is locked. %(managers)s can reopen it with a reason. (V10)",
            visit=self.display_name,
            managers=self._get_manager_names(),
        )

    def _get_report_texts(self):
        """Return ``[{"label", "value"}]`` of the report's texts that say something, in the
        order of the sections."""
        self.ensure_one()
        names = [
            name
            for name in self._get_section_fields()
            if self._fields[name].type == "text" and self[name]
        ]
        labels = self.fields_get(names, ["string"])
        return [
            {"label": labels[name]["string"], "value": self[name]} for name in names
        ]
