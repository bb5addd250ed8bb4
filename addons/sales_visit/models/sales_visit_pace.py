from collections import defaultdict
from math import ceil

from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL
from pytz import timezone, utc

TOOK_PLACE = ("to_report", "reported", "reviewed")
TO_COME = ("planned", "confirmed", "in_progress")
CALLED_BACK = [
    ("channel", "=", "phone"),
    ("direction", "=", "out"),
    ("report_submitted_at", "!=", False),
    ("is_new_customer", "=", False),
]
# Which of the visits that took place a figure of the pace counts.
FIGURES = {
    "done": [],
    "new": [("is_new_customer", "=", True)],
    "callbacks": CALLED_BACK,
}


class SalesVisit(models.Model):
    """How many different customers salespeople visit, and how many old ones they call
    back, in a month, against their quota (V01, V02)."""

    _name = "sales.visit"
    _inherit = ["sales.visit"]

    visit_day = fields.Date(
        readonly=True,
        copy=False,
        help="Day on which the visit began, by the salesperson's clock: it counts in that day's month (V01).",
    )

    _pace_idx = models.Index(
        "(company_id, user_id, visit_day) INCLUDE (commercial_partner_id, channel, is_new_customer) WHERE state IN ('to_report', 'reported', 'reviewed')"
    )

    _callback_idx = models.Index(
        "(company_id, user_id, visit_day) INCLUDE (commercial_partner_id) WHERE channel = 'phone' AND state IN ('to_report', 'reported', 'reviewed')"
    )

    def _get_local_days(self, moment):
        """Return ``{visit: day}``: the day of a moment by each salesperson's clock.

        :param datetime moment: naive, UTC
        """
        return {
            visit: utc.localize(moment).astimezone(timezone(tz)).date()
            for visit, tz in self._get_zones().items()
        }

    def _get_zones(self):
        """Return ``{visit: name of the time zone}`` that each salesperson's days are in."""
        zones = {}
        for company, visits in self.grouped("company_id").items():
            conditions = visits.user_id._get_working_conditions(company)
            for visit in visits:
                zones[visit] = conditions[visit.user_id][0]
        return zones

    @api.model
    def _get_pace(self, company, users, month):
        """Return how salespeople stand in a calendar month (V01, V02).

        Customers count once a month, by the heaviest channel of their visits; the quota
        is reduced to the share of the month's working days that the person works: less
        in case of leave that others entered, and before joining or after leaving.

        :param date month: any day of it
        :return: ``{user: {"quota", "worked", "workdays", "needed", "needed_new", "done",
            "new", "planned", "days_left", "per_day", "callbacks", "needed_callbacks"}}``;
            customers, but for ``quota`` (a ``sales.quota``, may be empty) and the working
            days; ``planned`` are those still to come that don't count yet
        """
        first = month.replace(day=1)
        last = first + relativedelta(months=1)
        quotas = self.env["sales.quota"]._get_quotas(users, company, first)
        workdays = users._get_workdays(company, first, last)
        conditions = users._get_working_conditions(company)
        done = self._get_counted_customers(company, users, first, last)
        planned = self._get_planned_customers(company, conditions, first, last)
        called_back = self._get_called_back(company, users, first)
        now = utc.localize(fields.Datetime.now())
        pace = {}
        for user in users:
            worked, all_days = workdays[user]
            today = now.astimezone(timezone(conditions[user][0])).date()
            left = sum(day >= today for day in worked)
            weights = quotas[user]._get_weights()
            counted = self._weigh(done[user.id], weights)
            coming = self._weigh(planned[user.id], weights).keys() - counted.keys()
            share = len(worked) / len(all_days) if all_days else 1.0
            needed = ceil(round(quotas[user].customers * share, 6))
            visited = sum(weight for weight, _new in counted.values())
            pace[user] = {
                "quota": quotas[user],
                "worked": len(worked),
                "workdays": len(all_days),
                "needed": needed,
                "needed_new": ceil(round(needed * quotas[user].new_share, 2)),
                "done": visited,
                "new": sum(weight for weight, new in counted.values() if new),
                "planned": len(coming),
                "days_left": left,
                "per_day": max(needed - visited, 0.0) / left if left else 0.0,
                "callbacks": called_back.get(user, 0),
                "needed_callbacks": ceil(round(quotas[user].callbacks * share, 6)),
            }
        return pace

    @api.model
    def action_view_my_pace(self, figure):
        """Open the visits that a figure of the current user's month counts.

        :param str figure: ``done``, ``new`` or ``callbacks``
        """
        company, user = self.env.company, self.env.user
        tz = user._get_working_conditions(company)[user][0]
        now = utc.localize(fields.Datetime.now())
        today = now.astimezone(timezone(tz)).date()
        return self._get_pace_action(company, user, today, figure)

    @api.model
    def _get_pace_action(self, company, user, month, figure):
        """Return the action that opens the visits a figure counts (see
        :meth:`action_view_my_pace`)."""
        domain = self._get_pace_domain(company, user, month, figure)
        if figure != "callbacks":
            quota = self.env["sales.quota"]._get_quotas(
                user, company, month.replace(day=1)
            )[user]
            weights = quota._get_weights()
            counting = [channel for channel, weight in weights.items() if weight]
            domain &= Domain("channel", "in", counting)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_visit.sales_visit_action_all"
        )
        action["domain"] = list(domain)
        action["context"] = {"search_default_group_partner": 1}
        return action

    @api.model
    def _get_pace_domain(self, company, users, month, figure):
        """Return the domain of the visits of a calendar month that a figure counts."""
        first = month.replace(day=1)
        return (
            Domain("company_id", "=", company.id)
            & Domain("user_id", "in", users.ids)
            & Domain("visit_day", ">=", first)
            & Domain("visit_day", "<", first + relativedelta(months=1))
            & Domain("state", "in", TOOK_PLACE)
            & Domain(FIGURES[figure])
        )

    @api.model
    def _get_called_back(self, company, users, month):
        """Return ``{user: number of old customers called back}`` in a month (V02).

        Source are visits by phone on which we called and whose report is in: it froze
        whether the customer was new, and a manager reads it. Contact records (V20) don't
        count: they are about leads, whose customer is found or changed later, and say
        nothing about new or old.
        """
        # Whoever may see somebody's pace may see how many customers it counts.
        rows = self.sudo()._read_group(
            self._get_pace_domain(company, users, month, "callbacks"),
            ["user_id"],
            ["commercial_partner_id:count_distinct"],
        )
        return {user.with_env(self.env): count for user, count in rows}

    @api.model
    def _weigh(self, visits, weights):
        """Return ``{customer id: (weight, whether new)}`` of those that count at all."""
        customers = {}
        for customer, channel, new in visits:
            weight, was_new = customers.get(customer, (0.0, False))
            customers[customer] = (max(weight, weights[channel]), was_new or new)
        return {key: value for key, value in customers.items() if value[0]}

    @api.model
    def _get_counted_customers(self, company, users, first, last):
        """Return ``{user id: [(customer id, channel, whether new)]}`` of the visits that
        took place from ``first`` to before ``last``."""
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT user_id, commercial_partner_id, channel,
                       COALESCE(bool_or(is_new_customer), FALSE)
                  FROM sales_visit
                 WHERE company_id = %(company)s
                   AND user_id IN %(users)s
                   AND visit_day >= %(first)s
                   AND visit_day < %(last)s
                   AND state IN ('to_report', 'reported', 'reviewed')
                 GROUP BY user_id, commercial_partner_id, channel
                """,
                company=company.id,
                users=tuple(users.ids) or (0,),
                first=first,
                last=last,
            )
        )
        customers = defaultdict(list)
        for user_id, *visit in rows:
            customers[user_id].append(visit)
        return customers

    @api.model
    def _get_planned_customers(self, company, conditions, first, last):
        """Return what :meth:`_get_counted_customers` does of visits still to come.

        :param dict conditions: the users, as ``_get_working_conditions`` returns them
        """
        customers = defaultdict(list)
        users = self.env["res.users"].union(*conditions)
        get_moment = self.env["sales.deadline.rule"]._get_moment
        for tz, group in users.grouped(lambda user: conditions[user][0]).items():
            # Whoever may see somebody's pace may see how many visits it counts.
            for visit in self.sudo().search_fetch(
                [
                    ("company_id", "=", company.id),
                    ("user_id", "in", group.ids),
                    ("state", "in", TO_COME),
                    ("planned_start", ">=", get_moment(first, 0, tz)),
                    ("planned_start", "<", get_moment(last, 0, tz)),
                ],
                ["user_id", "commercial_partner_id", "channel"],
            ):
                customers[visit.user_id.id].append(
                    (visit.commercial_partner_id.id, visit.channel, False)
                )
        return customers
