from datetime import timedelta

from babel.dates import format_skeleton
from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_time, get_lang
from pytz import timezone, utc

from ..route import get_distance
from .sales_plan_deadline import MISSING
from .sales_visit_deadline import REPORT_OWED
from .sales_visit_pace import TOOK_PLACE
from .sales_visit_step import STEPS

SHOWN = 5


class SalesVisit(models.Model):
    """My day: what a salesperson sees first, in one call."""

    _name = "sales.visit"
    _inherit = ["sales.visit"]

    @api.model
    @api.readonly
    def get_my_day(self):
        """Return what the current user's home shows, in the user's language and by the
        clock that his or her visits have.

        :return: dict with ``date``, ``pace`` (figures of :meth:`_get_pace`), ``due`` (see
            :meth:`_get_my_day_due`) and ``visits``: those of today in the order of the route
        :rtype: dict
        """
        company, user = self.env.company, self.env.user
        tz = user._get_working_conditions(company)[user][0]
        now = fields.Datetime.now()
        today = utc.localize(now).astimezone(timezone(tz)).date()
        return {
            "date": format_skeleton("MMMEd", today, locale=get_lang(self.env).code),
            "pace": self._get_my_pace(company, user, today),
            "due": self._get_my_day_due(company, user, today),
            "visits": self._get_my_visits(company, user, today, tz),
        }

    @api.model
    def _get_my_pace(self, company, user, today):
        """Return the month's figures of :meth:`_get_pace`, without the records."""
        pace = dict(self._get_pace(company, user, today)[user])
        pace["has_quota"] = bool(pace.pop("quota"))
        pace["per_day"] = round(pace["per_day"], 1)
        return pace

    @api.model
    def _get_my_day_due(self, company, user, today):
        """Return what the user has to do besides today's visits; extend to add more.

        :return: ``[{"key", "text", "level", "action"}]``: a unique key, a sentence, a
            level of the host's alerts, and the action that it opens
        """
        due = self._get_owed_reports(company, user)
        due += self._get_leads_to_answer(company, user)
        due += self._get_team_due(company, user, today)
        thanks = self.search_count(
            [
                ("user_id", "=", user.id),
                ("company_id", "=", company.id),
                ("thanks_state", "=", "due"),
                ("thanks_due", "<=", today),
            ]
        )
        if thanks:
            due.append(
                {
                    "key": "thanks",
                    "text": self.env._("Thank-yous today: %(count)s", count=thanks),
                    "level": "info",
                    "action": "sales_visit.sales_visit_action_thanks",
                }
            )
        customers = self.env["sales.customer.file"].search_count(
            [
                ("user_id", "=", user.id),
                ("company_id", "=", company.id),
                ("due_date", "<=", today),
                ("is_planned", "=", False),
            ]
        )
        if customers:
            due.append(
                {
                    "key": "customers",
                    "text": self.env._(
                        "Customers due, not planned: %(count)s", count=customers
                    ),
                    "level": "secondary",
                    "action": "sales_visit.sales_customer_file_action_due",
                }
            )
        return due

    @api.model
    def _get_team_due(self, company, user, today):
        """Return what a manager has to decide, and whose week plan is missing (V03)."""
        if not user.has_group("sales_visit.group_manager"):
            return []
        here = Domain("company_id", "=", company.id)
        missing = here & Domain(MISSING) & Domain("user_id", "!=", user.id)
        missing &= Domain("due_at", "<", "now") & Domain("date_end", ">=", today)
        due = []
        if count := self.env["sales.approval"].search_count(
            here & Domain("can_decide", "=", True)
        ):
            due.append(
                {
                    "key": "approvals",
                    "text": self.env._("To approve: %(count)s", count=count),
                    "level": "warning",
                    "action": "sales_visit.sales_approval_action",
                }
            )
        if count := self.env["sales.plan"].search_count(missing):
            due.append(
                {
                    "key": "plans",
                    "text": self.env._("Week plans missing: %(count)s", count=count),
                    "level": "danger",
                    "action": {
                        "name": self.env._("Week Plans"),
                        "type": "ir.actions.act_window",
                        "res_model": "sales.plan",
                        "views": [(False, "list"), (False, "kanban"), (False, "form")],
                        "domain": list(missing),
                    },
                }
            )
        return due

    @api.model
    def _get_owed_reports(self, company, user):
        """Return the reports that the user owes, the most urgent first."""
        now = fields.Datetime.now()
        due = []
        domain = [("user_id", "=", user.id), ("company_id", "=", company.id)]
        for visit in self.search(
            domain + REPORT_OWED, order="report_due, id", limit=SHOWN
        ):
            customer = visit.partner_id.sudo().display_name
            level = "info"
            text = self.env._("Report: %(customer)s", customer=customer)
            if visit.report_due and visit.report_due < now:
                level = "danger"
                text = self.env._(
                    "Report: %(customer)s, late by %(span)s",
                    customer=customer,
                    span=visit._format_span(now - visit.report_due),
                )
            elif visit.report_due:
                level = "warning" if visit.report_remind_at <= now else "info"
                text = self.env._(
                    "Report: %(customer)s, in %(span)s",
                    customer=customer,
                    span=visit._format_span(visit.report_due - now),
                )
            due.append(
                {
                    "key": f"report_{visit.id}",
                    "text": text,
                    "level": level,
                    "action": visit._get_form_action(),
                }
            )
        return due

    @api.model
    def _get_leads_to_answer(self, company, user):
        """Return the leads that the user answers within a day, the most urgent first."""
        now = fields.Datetime.now()
        due = []
        for lead in self.env["crm.lead"].search(
            [
                ("user_id", "=", user.id),
                ("company_id", "in", [company.id, False]),
                ("won_status", "=", "pending"),
                ("respond_by", "<=", now + timedelta(days=1)),
            ],
            order="respond_by, id",
            limit=SHOWN,
        ):
            late = now > lead.respond_by
            facts = {
                "lead": lead.name,
                "span": self._format_span(abs(lead.respond_by - now)),
            }
            due.append(
                {
                    "key": f"lead_{lead.id}",
                    "text": self.env._("Answer: %(lead)s, late by %(span)s", **facts)
                    if late
                    else self.env._("Answer: %(lead)s, in %(span)s", **facts),
                    "level": "danger" if late else "warning",
                    "action": lead.get_formview_action(),
                }
            )
        return due

    @api.model
    def _get_my_visits(self, company, user, today, tz):
        """Return the visits of today, planned or not, and those still under way, in the
        order to go."""
        get_moment = self.env["sales.deadline.rule"]._get_moment
        visits = self.search(
            [
                ("user_id", "=", user.id),
                ("company_id", "=", company.id),
                ("state", "not in", ("cancelled", "missed")),
                "|",
                ("state", "=", "in_progress"),
                "|",
                "&",
                ("state", "in", TOOK_PLACE),
                ("visit_day", "=", today),
                "&",
                ("planned_start", ">=", get_moment(today, 0, tz)),
                ("planned_start", "<", get_moment(today, 24, tz)),
            ],
            order="route_sequence, planned_start, id",
        )
        states = dict(self._fields["state"]._description_selection(self.env))
        here = user._get_route_ends(company)[0]
        rows = []
        for visit in visits:
            partner = visit.partner_id.sudo()  # one's visit shows where its customer is
            point = self._get_point(partner)
            begin = visit.planned_start or visit.actual_start
            reconfirm = visit.state == "confirmed" and visit._is_to_reconfirm(today)
            rows.append(
                {
                    "id": visit.id,
                    "time": begin
                    and format_time(self.env, begin, tz=tz, time_format="HH:mm"),
                    "customer": partner.display_name,
                    "grade": visit.customer_grade_id.name or "",
                    "address": " ".join(partner._display_address(True).split()),
                    "phone": partner.phone or "",
                    "objective": visit.objective or "",
                    "map_url": visit.map_url or "",
                    "distance": round(get_distance(here, point), 1),
                    "state": visit.state,
                    "state_label": states[visit.state],
                    "reconfirm": reconfirm,
                    "step": "action_reconfirm"
                    if reconfirm
                    # Once it has ended, a report is to be written: no button takes that.
                    else not visit.actual_stop and STEPS[visit._get_next_state()],
                    "action": visit._get_form_action(),
                }
            )
            here = point or here
        return rows

    @api.model
    def action_new_entry(self):
        """Open the record of somebody who calls or walks in: at reception a new entry,
        at a salesperson's a visit to us (V12)."""
        entries = self.env["sales.reception.entry"]
        at_reception = entries.has_access("create")
        return {
            "name": self.env._("Call or Walk-in"),
            "type": "ir.actions.act_window",
            "res_model": entries._name if at_reception else self._name,
            "views": [(False, "form")],
            "context": {} if at_reception else {"default_direction": "in"},
        }

    def _is_to_reconfirm(self, today):
        """Tell whether the appointment is to be confirmed once more by today (V05)."""
        self.ensure_one()
        return bool(self.reconfirm_on) and self.reconfirm_on <= today

    def _get_form_action(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
        }
