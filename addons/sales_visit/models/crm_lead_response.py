from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ..guard import as_server
from .crm_lead import MAN_FIELDS

ACTIVITY = "sales_visit.mail_activity_type_response"
# MAN level -> subject of the rule by which a lead of that level is answered
SUBJECT_BY_LEVEL = {"qualified": "lead_qualified", "potential": "lead_potential"}
# From the first response on, every lead that has a clock is contacted as a potential one.
REPEAT_SUBJECT = "lead_potential"


class CrmLead(models.Model):
    """The clock of a lead: by when somebody is to contact it, and who was late (V20).

    It starts when the lead reaches a level that has a deadline rule, and again with each
    contact. A deadline that runs is never moved back, whatever happens to the answers.
    """

    _name = "crm.lead"
    _inherit = ["crm.lead", "sales.visit.batch.mixin"]

    respond_by = fields.Datetime(
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="By when somebody is to contact the lead (V20).",
    )
    respond_user_id = fields.Many2one(
        "res.users",
        string="Whose Deadline",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="Salesperson who is to contact the lead by then; once the time is over it stays his or hers, whoever follows the lead next (V20).",
    )
    response_escalate_at = fields.Datetime(readonly=True, copy=False)
    response_escalated_at = fields.Datetime(readonly=True, copy=False)
    first_response_at = fields.Datetime(readonly=True, copy=False)
    response_state = fields.Selection(
        [("in_time", "In Time"), ("soon", "Soon"), ("late", "Late")],
        compute="_compute_response_state",
        search="_search_response_state",
    )
    contact_record_ids = fields.One2many(
        "sales.contact.record",
        "lead_id",
        string="Contacts",
        groups="sales_visit.group_user",
    )

    need_ids = fields.One2many(
        "sales.need", "lead_id", string="Needs", groups="sales_visit.group_user"
    )

    @api.depends("respond_by", "won_status")
    def _compute_response_state(self):
        now = fields.Datetime.now()
        for lead in self:
            if not lead.respond_by or lead.won_status != "pending":
                lead.response_state = False
                continue
            company = (lead.company_id or self.env.company).sudo()
            soon = lead.respond_by - timedelta(hours=company.response_soon_hours)
            lead.response_state = (
                "late"
                if now > lead.respond_by
                else "soon"
                if now >= soon
                else "in_time"
            )

    def _search_response_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        running = Domain("won_status", "=", "pending")
        running &= Domain("respond_by", "!=", False)
        if set(value) == {"late"}:
            return running & Domain("respond_by", "<", fields.Datetime.now())
        # How soon is soon differs by company; leads with a running clock are few.
        found = self.search(running).filtered(lambda x: x.response_state in value)
        domain = Domain("id", "in", found.ids)
        return domain | ~running if False in value else domain

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        leads = super().create(vals_list)
        leads.filtered("man_level")._start_clock()
        return leads

    def write(self, vals):
        if "user_id" in vals:
            self._pass_clock(vals["user_id"])
        if not vals.keys() & set(MAN_FIELDS):
            return super().write(vals)
        levels = {lead: lead.man_level for lead in self}
        result = super().write(vals)
        self.filtered(lambda lead: lead.man_level != levels[lead])._start_clock()
        return result

    def action_record_contact(self):
        """Open a new contact record of this lead (V20)."""
        self.ensure_one()
        return {
            "name": self.env._("Record Contact"),
            "type": "ir.actions.act_window",
            "res_model": "sales.contact.record",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_lead_id": self.id,
                "default_channel": self._get_preferred_channel(),
            },
        }

    def _get_preferred_channel(self):
        company = self.company_id or self.env.company
        file = self.env["sales.customer.file"]._get_files(company, self.partner_id)
        customer = self.partner_id.commercial_partner_id
        return (customer in file and file[customer].preferred_channel) or "phone"

    # ------------------------------------------------------------
    # CLOCK
    # ------------------------------------------------------------

    def _start_clock(self):
        """Say by when leads that have just reached their level are to be contacted."""
        now = fields.Datetime.now()
        for level, leads in self.grouped("man_level").items():
            if level not in SUBJECT_BY_LEVEL:
                continue
            deadlines = leads._get_deadlines(SUBJECT_BY_LEVEL[level], now)
            sooner = leads.filtered(
                lambda lead, deadlines=deadlines: (
                    lead in deadlines
                    and (not lead.respond_by or deadlines[lead][0] < lead.respond_by)
                )
            )
            for deadline, group in sooner.grouped(deadlines.get).items():
                group._set_clock(*deadline)

    def _pass_clock(self, user_id):
        """Hand the deadlines that still run to the next salesperson; who has missed one
        has missed it, and who gives a lead to nobody keeps its deadline (V20)."""
        if not user_id:
            return
        now = fields.Datetime.now()
        running = self.filtered(lambda lead: lead.respond_by and lead.respond_by >= now)
        # Whose deadline it is follows from the lead, which the caller must be able to write.
        as_server(running.sudo()).write({"respond_user_id": user_id})

    def _answer_clock(self, moment, next_contact_on):
        """Take a contact as the answer and start the clock of the next one: by its rule,
        or the end of the day agreed on, whichever comes first.

        :param datetime moment: when the contact counts, naive, UTC
        :param date next_contact_on: day agreed on, may be empty
        """
        self.ensure_one()
        if not self.first_response_at:
            as_server(self).write({"first_response_at": moment})
        due = escalate_at = False
        if self.respond_by or self.man_level in SUBJECT_BY_LEVEL:
            due, escalate_at = self._get_deadlines(REPEAT_SUBJECT, moment).get(
                self, (False, False)
            )
        if self.response_escalated_at:
            # The manager's reminder isn't the salesperson's to delete, but it's settled.
            self.sudo().activity_unlink([ACTIVITY])
        self._set_clock(due, escalate_at)
        self._agree_on(next_contact_on, moment)

    def _agree_on(self, day, moment):
        """Let the clock end with a day agreed on, where that comes first.

        :param date day: may be empty
        :param datetime moment: since when it is agreed, naive, UTC
        """
        self.ensure_one()
        due = self.respond_by
        if not day or not due:
            return
        company = self.company_id or self.env.company
        user = self.user_id or self.env.user
        tz = user._get_working_conditions(company)[user][0]
        agreed = self.env["sales.deadline.rule"]._get_moment(day, 24, tz)
        if moment < agreed < due:
            self._set_clock(agreed, agreed + (self.response_escalate_at - due))

    def _set_clock(self, due, escalate_at):
        for user, leads in self.grouped("user_id").items():
            # Whoever answers or hands on a lead starts its clock, also of one that he
            # has just given away.
            as_server(leads.sudo()).write(
                {
                    "respond_by": due,
                    "respond_user_id": due and user.id,
                    "response_escalate_at": escalate_at,
                    "response_escalated_at": False,
                }
            )

    def _get_deadlines(self, subject, moment):
        """Return by when leads are to be contacted, by the clock of each salesperson: the
        rule's deadline, or the hours of the customer's grade if those are less.

        :return: ``{lead: (deadline, when to tell the manager)}``; without those that have
            no rule
        """
        deadlines = {}
        for lead, (rule, due, _tz) in (
            self.env["sales.deadline.rule"]
            ._get_deadlines(subject, self, lambda _lead, _tz: moment)
            .items()
        ):
            hours = lead.customer_grade_id.response_hours
            by_grade = moment + timedelta(hours=hours)
            lead_due = min(due, by_grade) if hours else due
            delta = timedelta(hours=rule.escalate_after)
            deadlines[lead] = (lead_due, lead_due + delta)
        return deadlines

    # ------------------------------------------------------------
    # JOB
    # ------------------------------------------------------------

    @api.model
    def _cron_watch_responses(self):
        """Tell managers of open leads that nobody has contacted in time, once each (V20)."""
        self._run_in_batches(
            Domain("won_status", "=", "pending")
            & Domain("response_escalate_at", "<=", fields.Datetime.now()),
            "response_escalated_at",
            "_escalate_response",
        )

    def _escalate_response(self):
        managers = self.env["res.users"]._get_managers_to_tell(self)
        self.env["mail.activity"]._create_reminders(ACTIVITY, managers)

    def _merge_dependences(self, opportunities):
        result = super()._merge_dependences(opportunities)
        self._take_earliest_clock(opportunities)
        # Contacts and needs follow the lead, whoever recorded them.
        records = self.env["sales.contact.record"].sudo()
        found = records.search([("lead_id", "in", opportunities.ids)])
        as_server(found).write({"lead_id": self.id})
        needs = self.env["sales.need"].sudo()
        found = needs.search([("lead_id", "in", opportunities.ids)])
        as_server(found).write({"lead_id": self.id})
        return result

    def _take_earliest_clock(self, opportunities):
        """Keep, of leads merged into this one, the deadline that comes first, and whose
        it is: merging wins no time (V20)."""
        # Whoever may merge leads merges their clocks.
        running = (self | opportunities).sudo().filtered("respond_by")
        first = running.sorted("respond_by")[:1]
        if first and first != self:
            as_server(self.sudo()).write(
                {
                    "respond_by": first.respond_by,
                    "respond_user_id": first.respond_user_id.id,
                    "response_escalate_at": first.response_escalate_at,
                    "response_escalated_at": first.response_escalated_at,
                }
            )
