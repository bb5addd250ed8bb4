from datetime import datetime, time, timedelta

from odoo import fields, models
from odoo.tools import SQL, format_date
from pytz import timezone, utc

from ..guard import as_server


class SalesCustomerFile(models.Model):
    """Planning visits from the list of customers that are due (V02)."""

    _name = "sales.customer.file"
    _inherit = ["sales.customer.file"]

    planned_at = fields.Datetime(readonly=True, copy=False)

    def action_plan_week(self):
        """Put these customers on their owners' coming week: one visit each, at free
        times; those that a visit is planned to already are left out (V02).

        :return: notification that says how many were planned, and who didn't fit
        """
        visits = self.env["sales.visit"]
        without_room = self.browse()
        for (company, owner), files in self.grouped(
            lambda file: (file.company_id, file.user_id)
        ).items():
            salesperson = owner or self.env.user
            monday = salesperson._get_coming_monday(company)
            planned, left = files._plan_visits(company, salesperson, monday)
            visits |= planned
            without_room |= left
        return self._notify_planned(visits, without_room)

    def _plan_visits(self, company, user, monday):
        """Create a visit to each of these customers without an open one, in the free
        working time of a user's week: first those who agreed on a day of that week, on
        that day if it has room; then by due date and grade.

        What was planned before keeps its time. Two callers at once both write the files,
        and the row of the salesperson: the host lets the later one try again, who then
        finds customers planned and times taken.

        :param date monday: first day of the week
        :return: ``(visits, files that there was no room for)``
        """
        as_server(self).write({"planned_at": fields.Datetime.now()})
        self.flush_recordset()
        self.env.cr.execute(
            SQL("UPDATE res_users SET write_date = write_date WHERE id = %s", user.id)
        )
        tz, calendar, resource = user._get_working_conditions(company)[user]
        tzinfo = timezone(tz)
        begin, end = (
            tzinfo.localize(datetime.combine(day, time.min))
            for day in (monday, monday + timedelta(days=7))
        )
        begin = max(begin, utc.localize(fields.Datetime.now()).astimezone(tzinfo))
        visits = self.env["sales.visit"]
        worked = calendar._get_worked_times(begin, end, resource, company)
        busy = visits._get_busy_times(user, begin, end)
        gap = timedelta(hours=company.sudo().visit_gap)
        days = {start.date() for start, _stop in worked}
        usual = self.env["sales.visit.type"].search([], limit=1)
        vals_list = []
        without_room = self.browse()
        todo = self - self._filter_planned()
        for file in todo.sorted(lambda file: file._get_planning_order(days)):
            vals = file._prepare_visit_vals(company, user, usual)
            kind = usual.browse(vals["visit_type_id"])
            length = timedelta(hours=kind.duration)
            agreed = [span for span in worked if span[0].date() == file.next_due]
            slot = next(
                visits._get_free_slots(agreed + worked, busy, length, gap), None
            )
            if not slot:
                without_room |= file
                continue
            busy.append((slot, slot + length))
            start = slot.astimezone(utc).replace(tzinfo=None)
            vals_list.append({**vals, "planned_start": start})
        created = visits.create(vals_list)
        created._put_on_plan()
        return created, without_room

    def _get_planning_order(self, days):
        """Return the key that sorts the files for planning a week of working ``days``."""
        self.ensure_one()
        return (
            self.next_due not in days,
            self.due_date or fields.Date.today() + timedelta(days=3650),
            -int(self.grade_id.priority or 0),
            self.id,
        )

    def _prepare_visit_vals(self, company, user, usual):
        """Return the values of a visit that the due date asks for, but its time.

        :param usual: ``sales.visit.type`` where the cadence doesn't say
        """
        self.ensure_one()
        channel = "in_person"
        kind = usual.browse()
        if self.cadence_due and self.cadence_due == self.due_date:
            channel = self.cadence_id.channel or channel
            kind = self.cadence_id.visit_type_id
        if not kind and channel == "phone":
            call = self.env.ref(
                "sales_visit.sales_visit_type_call", raise_if_not_found=False
            )
            kind = call if call and call.active else kind
        return {
            "company_id": company.id,
            "user_id": user.id,
            "partner_id": self.partner_id.id,
            "channel": (kind or usual).channel or channel,
            "visit_type_id": (kind or usual).id,
        }

    def _notify_planned(self, visits, without_room):
        if visits:
            days = visits.mapped("planned_start")
            message = self.env._(
                "Visits planned: %(count)s, from %(first)s to %(last)s.",
                count=len(visits),
                first=format_date(self.env, min(days)),
                last=format_date(self.env, max(days)),
            )
        else:
            message = self.env._("Nothing was left to plan.")
        if without_room:
            message += " " + self.env._(
                "No room for: %(customers)s.",
                customers=", ".join(without_room.partner_id.mapped("display_name")),
            )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if visits and not without_room else "warning",
                "message": message,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
