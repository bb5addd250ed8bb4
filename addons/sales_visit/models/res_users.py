from datetime import datetime, time, timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from pytz import timezone, utc


class ResUsers(models.Model):
    _inherit = "res.users"

    route_start_id = fields.Many2one(
        "res.partner",
        string="Start of My Route",
        ondelete="set null",
        help="Where the day's visits begin; the company without (V04).",
    )
    route_end_id = fields.Many2one(
        "res.partner",
        string="End of My Route",
        ondelete="set null",
        help="Where the day's visits end; the company without (V04).",
    )

    @api.constrains("route_start_id", "route_end_id")
    def _check_route_ends(self):
        for user in self:
            places = user.route_start_id | user.route_end_id
            if places.company_id - user.company_ids:
                raise ValidationError(
                    self.env._("A route begins and ends at places of your companies.")
                )

    @property
    def SELF_READABLE_FIELDS(self):
        return [*super().SELF_READABLE_FIELDS, "route_start_id", "route_end_id"]

    @property
    def SELF_WRITEABLE_FIELDS(self):
        return [*super().SELF_WRITEABLE_FIELDS, "route_start_id", "route_end_id"]

    def _get_route_ends(self, company):
        """Return where the user's day begins and ends, as ``(latitude, longitude)`` or
        ``None``: the places chosen, else the company's (V04)."""
        # Users may not read each other; where a route begins is for who sees its visits.
        user = self.sudo()
        get_point = self.env["sales.visit"]._get_point
        return tuple(
            get_point(place or company.sudo().partner_id)
            for place in (user.route_start_id, user.route_end_id)
        )

    def _get_company_employees(self, company):
        """Return ``{user: hr.employee under sudo}`` of the users in a company."""
        # Salespeople may not read employees; only calendar, zone and manager are used.
        employees = (
            self.env["hr.employee"]
            .sudo()
            .search([("user_id", "in", self.ids), ("company_id", "=", company.id)])
        )
        by_user = {employee.user_id.id: employee for employee in employees}
        return {user: by_user.get(user.id, employees.browse()) for user in self}

    def _get_working_conditions(self, company):
        """Return by what clock and calendar each user works for a company.

        :return: ``{user: (time zone name, resource.calendar, resource.resource)}``. The
            calendar is the employee's, else the company's. The zone is the calendar's:
            that of the user, which the host copies to the employee, is the user's own
            to change, and would move deadlines (V10). It counts where there is no
            calendar at all.
        """
        conditions = {}
        for user, employee in self._get_company_employees(company).items():
            calendar = (
                employee.resource_calendar_id or company.sudo().resource_calendar_id
            )
            tz = calendar.tz or user.tz or "UTC"
            conditions[user] = (tz, calendar, employee.resource_id)
        return conditions

    def _get_coming_monday(self, company):
        """Return the first Monday after today, by the user's clock."""
        self.ensure_one()
        tz = timezone(self._get_working_conditions(company)[self][0])
        today = utc.localize(fields.Datetime.now()).astimezone(tz).date()
        return today + timedelta(days=7 - today.weekday())

    def _get_workdays(self, company, first, last):
        """Return on which days each user works for a company, by his or her own clock.

        Leaves that others entered count, and the days of joining and leaving; a user
        without a calendar works every day.

        :param date first: first day
        :param date last: day after the last one
        :return: ``{user: (days worked, days that somebody always there would work)}``
        """
        employees = self._get_company_employees(company)
        conditions = self._get_working_conditions(company)
        joined = dict(
            self.env["hr.version"]
            .sudo()  # only the day of the first version is taken
            ._read_group(
                [("employee_id", "in", [e.id for e in employees.values()])],
                ["employee_id"],
                ["date_version:min"],
            )
        )
        every_day = {first + timedelta(days=i) for i in range((last - first).days)}
        workdays = {}
        for (tz, calendar), users in self.grouped(
            lambda user: conditions[user][:2]
        ).items():
            start, stop = (
                timezone(tz).localize(datetime.combine(day, time.min))
                for day in (first, last)
            )
            resources = self.env["resource.resource"].union(
                *(conditions[user][2] for user in users)
            )
            days_of = {
                id_: {worked.date() for worked, _stop in times}
                for id_, times in calendar._get_worked_times_of(
                    start, stop, resources, company
                ).items()
            }
            for user in users:
                employee = employees[user]
                begin = joined.get(employee) or first
                end = employee.departure_date or last
                worked = days_of[conditions[user][2].id] if calendar else every_day
                workdays[user] = (
                    {day for day in worked if begin <= day <= end},
                    days_of[False] if calendar else every_day,
                )
        return workdays

    def _get_sales_teams(self):
        """Return ``{user: crm.team under sudo}``: the teams each is a member of."""
        # Reading the teams of others takes rights that salespeople lack; callers take
        # leaders and quotas only.
        members = (
            self.env["crm.team.member"].sudo().search([("user_id", "in", self.ids)])
        )
        by_user = members.grouped("user_id")
        return {
            user: by_user[user].crm_team_id
            if user in by_user
            else members.crm_team_id.browse()
            for user in self
        }

    @api.model
    def _get_company_managers(self, company):
        """Return the managers of a company, who stand in where somebody has none."""
        group = self.env.ref("sales_visit.group_company_manager")
        # Which users are in a group is not everybody's to read.
        return (
            group.sudo()
            .all_user_ids.filtered(
                lambda user: user.active and company in user.company_ids
            )
            .sudo(self.env.su)
        )

    @api.model
    def _get_managers_to_tell(self, records):
        """Return whom to tell about records that somebody owes something for: the first
        manager of each one's user, else a manager of the company.

        :param records: records with ``company_id`` and ``user_id``
        :return: ``{record: res.users}``, empty where there is nobody
        """
        told = {}
        for company, own in records.grouped(
            lambda record: record.company_id or record.env.company
        ).items():
            managers = own.user_id._get_visit_managers(company)
            fallback = self._get_company_managers(company)
            for record in own:
                user = record.user_id
                told[record] = (managers.get(user) or fallback - user)[:1]
        return told

    def _get_visit_managers(self, company):
        """Return who manages each user's visits in a company, never the user himself.

        :return: ``{user: res.users}``, the line manager first, then the leaders of the
            user's sales teams; empty where there is nobody
        """
        managers = {}
        teams_of = self._get_sales_teams()
        for user, employee in self._get_company_employees(company).items():
            teams = teams_of[user].filtered(
                lambda team: team.company_id in (company, company.browse())
            )
            candidates = employee.parent_id.user_id | teams.user_id
            managers[user] = candidates.sudo(self.env.su).filtered(
                lambda candidate, user=user: (
                    candidate != user
                    and candidate.sudo().active
                    and company in candidate.sudo().company_ids
                )
            )
        return managers
