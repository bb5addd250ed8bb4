from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import format_time

from .sales_visit import BEFORE_START

# Where a companion who is busy is worth a warning.
BOOKED = {"planned", "confirmed", "in_progress"}
OPEN = ("draft", "planned", "confirmed", "in_progress")


class SalesVisit(models.Model):
    """A colleague who comes along, such as the designer who measures (V22).

    By the type of the visit, whoever fills its role in the customer's work team; or
    anybody chosen. He has the event in his calendar and may read the visit, no more.
    """

    _name = "sales.visit"
    _inherit = ["sales.visit"]

    companion_id = fields.Many2one(
        "res.users",
        string="Comes Along",
        compute="_compute_companion_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        tracking=True,
        domain="[('share', '=', False), ('company_ids', '=', company_id), ('id', '!=', user_id)]",
    )

    is_guest = fields.Boolean(compute="_compute_is_guest")

    @api.depends_context("uid")
    @api.depends("companion_id")
    def _compute_is_guest(self):
        writable = self._filtered_access("write")
        for visit in self:
            is_companion = visit.companion_id == self.env.user
            visit.is_guest = is_companion and visit not in writable

    @api.depends("visit_type_id", "commercial_partner_id", "company_id")
    def _compute_companion_id(self):
        by_role = self.filtered(
            lambda visit: (
                visit.visit_type_id.companion_role_id and visit.state in BEFORE_START
            )
        )
        for visit in self - by_role:
            visit.companion_id = visit.companion_id
        for company, visits in by_role.grouped("company_id").items():
            # Who works for a customer is no secret from who visits him.
            files = self.env["sales.customer.file"]._get_files(
                company, visits.commercial_partner_id
            )
            for visit in visits:
                file = files.get(visit.commercial_partner_id)
                role = visit.visit_type_id.companion_role_id
                found = file and file.team_member_ids.filtered(
                    lambda member, role=role, user=visit.user_id: (
                        member.role_id == role
                        and member.user_id.active
                        and member.user_id != user
                    )
                )
                chosen = found and found[:1].user_id.with_env(self.env)
                visit.companion_id = chosen or visit.companion_id

    @api.constrains("companion_id", "user_id")
    def _check_companion_id(self):
        for visit in self:
            if visit.companion_id and visit.companion_id == visit.user_id:
                raise ValidationError(
                    self.env._("Nobody comes along with himself or herself. (V22)")
                )

    @api.depends("companion_id", "planned_start", "planned_stop")
    def _compute_step_reasons(self):
        return super()._compute_step_reasons()

    @api.model
    def _get_fact_fields(self):
        return super()._get_fact_fields() | {"companion_id"}

    @api.model
    def _get_my_day_due(self, company, user, today):
        due = super()._get_my_day_due(company, user, today)
        tz = user._get_working_conditions(company)[user][0]
        get_moment = self.env["sales.deadline.rule"]._get_moment
        for visit in self.search(
            [
                ("companion_id", "=", user.id),
                ("company_id", "=", company.id),
                ("state", "in", OPEN),
                ("planned_start", ">=", get_moment(today, 0, tz)),
                ("planned_start", "<", get_moment(today, 24, tz)),
            ],
            order="planned_start, id",
        ):
            text = self.env._(
                "Come along: %(customer)s, %(time)s",
                customer=visit.partner_id.sudo().display_name,
                time=format_time(
                    self.env, visit.planned_start, tz=tz, time_format="HH:mm"
                ),
            )
            due.append(
                {
                    "key": f"companion_{visit.id}",
                    "text": text,
                    "level": "info",
                    "action": visit._get_form_action(),
                }
            )
        return due

    def _get_step_reasons(self, state):
        reasons = super()._get_step_reasons(state)
        if state in BOOKED:
            for visit in self._filter_companion_busy():
                message = self.env._(
                    "%(name)s, who comes along, is busy at that time. (V22)",
                    name=visit.companion_id.sudo().name,
                )
                reasons[visit].append(
                    {"rule": "V22", "mode": "warn", "message": message}
                )
        return reasons

    def _filter_companion_busy(self):
        """Return the visits whose companion has another visit or a meeting at their time,
        in a constant number of queries."""
        looked_at = self.filtered(
            lambda visit: (
                visit.companion_id and visit.planned_start and visit.planned_stop
            )
        )
        if not looked_at:
            return looked_at
        companions = looked_at.companion_id
        start = min(looked_at.mapped("planned_start"))
        stop = max(looked_at.mapped("planned_stop"))
        # Only when somebody is busy is taken, whichever company or calendar it is in.
        visits = self.sudo().search(
            Domain("state", "in", OPEN)
            & Domain("planned_start", "<", stop)
            & Domain("planned_stop", ">", start)
            & (
                Domain("user_id", "in", companions.ids)
                | Domain("companion_id", "in", companions.ids)
            )
        )
        meetings = (
            self.env["calendar.event"]
            .sudo()
            .search(
                [
                    ("partner_ids", "in", companions.sudo().partner_id.ids),
                    ("show_as", "=", "busy"),
                    ("start", "<", stop),
                    ("stop", ">", start),
                    ("visit_ids", "=", False),
                ]
            )
        )
        busy = [
            (user.id, visit.planned_start, visit.planned_stop, visit.id)
            for visit in visits
            for user in visit.user_id | visit.companion_id
        ] + [
            (user.id, meeting.start, meeting.stop, None)
            for meeting in meetings
            for user in companions.sudo()
            if user.partner_id in meeting.partner_ids
        ]
        return looked_at.filtered(
            lambda visit: any(
                user_id == visit.companion_id.id
                and begin < visit.planned_stop
                and end > visit.planned_start
                and visit_id != visit.id
                for user_id, begin, end, visit_id in busy
            )
        )
