from odoo import api, fields, models
from odoo.tools import SQL

MONTHS = 12


class SalesPace(models.Model):
    """A salesperson's month against the quota: one row for each member of a sales team
    in this month and the twelve before. Figures are those of
    :meth:`sales.visit._get_pace`, computed for the rows shown."""

    _name = "sales.pace"
    _description = "Visit Pace"
    _auto = False
    _order = "month desc, user_id"
    _rec_name = "user_id"

    company_id = fields.Many2one("res.company", readonly=True)
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True)
    month = fields.Date(readonly=True)
    needed = fields.Integer(
        string="Customers Needed", compute="_compute_pace", compute_sudo=True
    )
    done = fields.Float(
        string="Customers Visited", compute="_compute_pace", compute_sudo=True
    )
    done_share = fields.Float(
        string="Visited", compute="_compute_pace", compute_sudo=True
    )
    needed_new = fields.Integer(
        string="New Customers Needed", compute="_compute_pace", compute_sudo=True
    )
    new = fields.Float(
        string="New Customers Visited", compute="_compute_pace", compute_sudo=True
    )
    new_share = fields.Float(
        string="New Customers", compute="_compute_pace", compute_sudo=True
    )
    needed_callbacks = fields.Integer(
        string="Call-backs Needed", compute="_compute_pace", compute_sudo=True
    )
    callbacks = fields.Integer(
        string="Called Back",
        compute="_compute_pace",
        compute_sudo=True,
        help="Different old customers whom the salesperson has called, with the report submitted.",
    )
    callbacks_share = fields.Float(
        string="Call-backs", compute="_compute_pace", compute_sudo=True
    )
    planned = fields.Integer(compute="_compute_pace", compute_sudo=True)
    days_left = fields.Integer(
        string="Working Days Left", compute="_compute_pace", compute_sudo=True
    )
    per_day = fields.Float(
        string="Needed a Day",
        digits=(6, 1),
        compute="_compute_pace",
        compute_sudo=True,
        help="Customers to visit on each working day that is left.",
    )
    explanation = fields.Char(compute="_compute_pace", compute_sudo=True)

    @property
    def _table_query(self):
        today = fields.Date.context_today(self)
        return SQL(
            """
            SELECT (company_id * 100000::bigint + user_id) * 10000
                       + (date_part('year', month) - 2000)::int * 12
                       + date_part('month', month)::int AS id,
                   company_id, user_id, team_id, month::date AS month
              FROM (
                    SELECT DISTINCT ON (COALESCE(t.company_id, u.company_id), u.id)
                           COALESCE(t.company_id, u.company_id) AS company_id,
                           u.id AS user_id, t.id AS team_id
                      FROM crm_team_member m
                      JOIN crm_team t ON t.id = m.crm_team_id
                      JOIN res_users u ON u.id = m.user_id
                     WHERE m.active AND t.active AND u.active
                     ORDER BY COALESCE(t.company_id, u.company_id), u.id, t.id
                   ) AS salesperson,
                   generate_series(
                       date_trunc('month', %(today)s::date) - %(months)s * interval '1 month',
                       date_trunc('month', %(today)s::date),
                       interval '1 month') AS month
            """,
            today=today,
            months=MONTHS,
        )

    @api.depends("company_id", "user_id", "month")
    def _compute_pace(self):
        visits = self.env["sales.visit"]
        for (company, month), rows in self.grouped(
            lambda row: (row.company_id, row.month)
        ).items():
            pace = visits._get_pace(company, rows.user_id, month)
            for row in rows:
                figures = pace[row.user_id]
                for name in figures.keys() & self._fields.keys():
                    row[name] = figures[name]
                row.done_share = row._get_share(row.done, row.needed)
                row.new_share = row._get_share(row.new, row.needed_new)
                row.callbacks_share = row._get_share(
                    row.callbacks, row.needed_callbacks
                )
                row.explanation = row._explain(figures)

    @api.model
    def _get_share(self, done, needed):
        return min(100 * done / needed, 100) if needed else 0.0

    def _explain(self, figures):
        if not figures["quota"]:
            return self.env._("No quota for this month.")
        return self.env._(
            "%(quota)s customers a month × %(worked)s of %(workdays)s working days = %(needed)s, of them %(share)s %% new = %(new)s; %(monthly)s call-backs a month: %(callbacks)s",
            quota=figures["quota"].customers,
            worked=figures["worked"],
            workdays=figures["workdays"],
            needed=figures["needed"],
            share=round(figures["quota"].new_share * 100, 1),
            new=figures["needed_new"],
            monthly=figures["quota"].callbacks,
            callbacks=figures["needed_callbacks"],
        )

    def action_view_visits(self):
        """Open the visits that the figures count."""
        return self._view_visits("done")

    def action_view_new(self):
        """Open the visits to new customers."""
        return self._view_visits("new")

    def action_view_callbacks(self):
        """Open the calls to old customers (V02)."""
        return self._view_visits("callbacks")

    def _view_visits(self, figure):
        self.ensure_one()
        return self.env["sales.visit"]._get_pace_action(
            self.company_id, self.user_id, self.month, figure
        )
