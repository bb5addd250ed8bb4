from collections import Counter
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..guard import as_server, is_server
from .sales_visit import CHANNELS


class SalesContactRecord(models.Model):
    """One contact with a lead: who, when, how, what was said and when to go on (V20).

    It answers the clock of the lead. Once recorded it stays as it is, for everybody.
    """

    _name = "sales.contact.record"
    _inherit = ["sales.visit.server.field.mixin"]
    _description = "Contact Record"
    _order = "contacted_at desc, id desc"
    _rec_name = "note"

    lead_id = fields.Many2one(
        "crm.lead", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        "res.company",
        compute="_compute_company_id",
        store=True,
        precompute=True,
        index=True,
    )
    user_id = fields.Many2one(
        "res.users",
        string="Salesperson",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.uid,
    )
    visit_id = fields.Many2one(
        "sales.visit", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    contacted_at = fields.Datetime(
        string="Contacted On", required=True, default=fields.Datetime.now
    )
    recorded_at = fields.Datetime(
        string="Recorded On", readonly=True, default=fields.Datetime.now
    )
    is_recorded_late = fields.Boolean(
        string="Recorded Late",
        readonly=True,
        help="Recorded later than the company allows: it counts from when it was recorded.",
    )
    channel = fields.Selection(CHANNELS, required=True, default="phone")
    note = fields.Text(string="What Was Said", required=True)
    next_contact_on = fields.Date(string="Next Contact")
    respond_by = fields.Datetime(readonly=True, help="The deadline that it answered.")
    is_late = fields.Boolean(string="Late Response", readonly=True)
    late_user_id = fields.Many2one(
        "res.users",
        string="Who Was Late",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="Whose deadline it was when it passed, whoever made the contact.",
    )
    delay_hours = fields.Float(
        string="Delay (h)",
        readonly=True,
        aggregator="avg",
        help="Hours between the deadline and the contact; 0 when in time.",
    )
    is_over_contact = fields.Boolean(
        string="Over-Contact",
        readonly=True,
        help="More contacts with the lead on that day than the company finds good.",
    )

    _check_next_contact = models.Constraint(
        "CHECK(next_contact_on IS NOT NULL OR visit_id IS NOT NULL)",
        "A contact names the day of the next one. (V20)",
    )

    _check_note = models.Constraint(
        "CHECK(trim(note) != '')", "Say what was said at the contact. (V20)"
    )

    @api.depends("lead_id")
    def _compute_company_id(self):
        for record in self:
            record.company_id = record.lead_id.company_id or self.env.company

    @api.onchange("lead_id", "contacted_at")
    def _onchange_contacted_at(self):
        if self.lead_id and self.contacted_at:
            message = self._get_over_contact_messages().get(self)
            if message:
                return {
                    "warning": {"title": self.env._("Over-contact"), "message": message}
                }
        return None

    @api.constrains("contacted_at")
    def _check_contacted_at(self):
        now = fields.Datetime.now()
        for record in self:
            # A client's clock may run a little ahead of ours.
            if record.contacted_at > now + timedelta(minutes=1):
                raise ValidationError(
                    self.env._("A contact is recorded after it took place. (V20)")
                )

    @api.constrains("next_contact_on")
    def _check_next_contact_on(self):
        for record in self.filtered("next_contact_on"):
            # What a visit's report names, which comes later, was agreed on at the visit.
            agreed = record.contacted_at if record.visit_id else record.recorded_at
            if record.next_contact_on < record._get_day(agreed):
                raise ValidationError(
                    self.env._(
                        "The next contact with %(lead)s is still to come: name a day that isn't over. (V20)",
                        lead=record.lead_id.sudo().name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        # Whoever may only read a lead doesn't speak for us.
        records.lead_id.check_access("write")
        if not is_server(self):
            # Also where a lead is nobody's: who contacts it deals with the customer.
            records.lead_id._check_owner(self.env.user)
        records._judge()
        return records

    def write(self, vals):
        if not is_server(self):
            raise AccessError(
                self.env._("A contact record stays as it is: record another one. (V20)")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A contact record is never deleted. (V20)"))

    def _judge(self):
        """Freeze what new records are worth, and let them answer their leads' clocks."""
        nuisances = self._get_over_contact_messages()
        for record in self.sorted(lambda record: (record.contacted_at, record.id)):
            moment, late = record._get_moment()
            due = record.lead_id.respond_by
            delay = (moment - due).total_seconds() / 3600 if due else 0.0
            # Users may only create records; what they are worth isn't theirs to say.
            as_server(record.sudo()).write(
                {
                    "is_recorded_late": late,
                    "respond_by": due,
                    "is_late": delay > 0,
                    "late_user_id": delay > 0 and record.lead_id.respond_user_id.id,
                    "delay_hours": max(delay, 0.0),
                    "is_over_contact": record in nuisances,
                }
            )
            record.lead_id._answer_clock(moment, record.next_contact_on)

    def _get_moment(self):
        """Return since when the contact counts, and whether it was recorded too late: then
        it counts from when it was recorded (V20)."""
        self.ensure_one()
        company = (self.lead_id.company_id or self.env.company).sudo()
        recorded = self.recorded_at or fields.Datetime.now()
        allowed = timedelta(hours=company.contact_record_hours)
        late = recorded - self.contacted_at > allowed
        return (recorded, True) if late else (self.contacted_at, False)

    def _get_day(self, moment):
        """Return the day that a moment (naive, UTC) falls on by the company's clock."""
        company = self.lead_id.company_id or self.env.company
        tz = self.env["sales.visit.rule.mode"]._get_zone(company)
        return fields.Datetime.context_timestamp(
            self.with_context(tz=tz), moment
        ).date()

    def _get_over_contact_messages(self):
        """Return ``{record: message}`` of the contacts that are one too many on their day
        (V20).

        Visits in person are no nuisance of ours: they have appointments. Calls are calls,
        whether planned as a visit or not.
        """
        limits = {
            record: (record.lead_id.company_id or self.env.company)
            .sudo()
            .contact_max_per_day
            for record in self
        }
        nuisances = self.filtered(
            lambda record: (
                limits[record]
                and record.contacted_at
                and not (record.visit_id and record.channel == "in_person")
            )
        )
        if not nuisances:
            return {}
        moments = {record: record._get_moment()[0] for record in nuisances}
        # Days of all time zones, and how long before its record a contact may count.
        hours = max(
            nuisances.company_id.sudo().mapped("contact_record_hours"), default=0
        )
        around = timedelta(days=2, hours=hours)
        # Whoever called before, the customer was called.
        found = self.sudo().search(
            [
                ("lead_id", "in", nuisances.lead_id.ids),
                "|",
                ("visit_id", "=", False),
                ("channel", "!=", "in_person"),
                ("recorded_at", ">", min(moments.values()) - around),
                ("recorded_at", "<", max(moments.values()) + around),
            ]
        )
        counts = Counter((x.lead_id.id, x._get_day(x._get_moment()[0])) for x in found)
        messages = {}
        for record in nuisances:
            # A form asks before there is a record.
            lead = record.lead_id._origin
            day = record._get_day(moments[record])
            count = counts[lead.id, day] - (record._origin in found)
            if count >= limits[record]:
                messages[record] = self.env._(
                    "%(lead)s has been contacted %(count)s times that day already; %(limit)s a day is enough. (V20)",
                    lead=lead.name,
                    count=count,
                    limit=limits[record],
                )
        return messages
