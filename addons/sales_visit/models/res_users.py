from odoo import api, models


class ResUsers(models.Model):
    _inherit = "res.users"

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

    def _get_visit_managers(self, company):
        """Return who manages each user's visits in a company, never the user himself.

        :return: ``{user: res.users}``, the line manager first, then the leaders of the
            user's sales teams; empty where there is nobody
        """
        managers = {}
        for user, employee in self._get_company_employees(company).items():
            # Reading the teams of others takes rights that salespeople lack; only their
            # leaders are taken.
            teams = user.sudo().crm_team_member_ids.filtered("active").crm_team_id
            teams = teams.filtered(
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
