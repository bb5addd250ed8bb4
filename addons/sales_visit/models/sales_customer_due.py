from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..guard import as_server

OPEN_STATES = ("draft", "planned", "confirmed", "in_progress", "to_report")
# Whose time passed longer ago won't take place any more.
STILL_TODAY = timedelta(days=1)


class SalesCustomerFile(models.Model):
    """When a customer is due: on the day agreed on or by the cadence, whichever is first
    (V02). Stored, because lists sort and filter by it; found anew for a customer whose
    report was submitted or whose grade changed, and by the job for all when cadences do.
    """

    _name = "sales.customer.file"
    _inherit = ["sales.customer.file", "sales.visit.batch.mixin"]
    _order = "due_date, id"

    cadence_id = fields.Many2one(
        "sales.cadence",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The cadence by which the customer is due first.",
    )
    cadence_due = fields.Date(
        string="Due by Cadence",
        readonly=True,
        copy=False,
        help="Last contact and interval of the cadence; without a contact, from the first day of the file or of the cadence, whichever is later.",
    )
    due_date = fields.Date(
        string="Due", compute="_compute_due_date", store=True, precompute=True
    )
    due_computed_at = fields.Datetime(readonly=True, copy=False)
    is_planned = fields.Boolean(
        compute="_compute_is_planned",
        search="_search_is_planned",
        help="A visit to the customer is planned, drafted by the owner for a time to come, under way, or still to be reported.",
    )

    _due_idx = models.Index(
        "(company_id, user_id, due_date) WHERE due_date IS NOT NULL"
    )
    _due_stale_idx = models.Index("(id) WHERE due_computed_at IS NULL")

    @api.depends("next_due", "cadence_due")
    def _compute_due_date(self):
        for file in self:
            days = filter(None, (file.next_due, file.cadence_due))
            file.due_date = min(days, default=False)

    def _compute_is_planned(self):
        planned = self._filter_planned()
        for file in self:
            file.is_planned = file in planned

    def _filter_planned(self):
        """Return the files of customers whom an open visit is for, as it is now."""
        return self.search([("id", "in", self.ids), ("is_planned", "=", True)])

    def _search_is_planned(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented

        since = fields.Datetime.now() - STILL_TODAY

        def has_open_visit(_model, alias, _query):
            # Whoever's visit is on the plan: it isn't planned again. A draft is nothing but
            # the owner's own intention.
            return SQL(
                """
                EXISTS (
                    SELECT FROM sales_visit v
                     WHERE v.commercial_partner_id = %s
                       AND v.company_id = %s
                       AND v.state IN %s
                       AND (v.state IN ('in_progress', 'to_report')
                            OR v.planned_start >= %s
                               AND (v.state != 'draft'
                                    OR v.user_id = COALESCE(%s, v.user_id))))
                """,
                SQL.identifier(alias, "partner_id"),
                SQL.identifier(alias, "company_id"),
                OPEN_STATES,
                since,
                SQL.identifier(alias, "user_id"),
            )

        self.env["sales.visit"].flush_model(
            ["commercial_partner_id", "company_id", "state", "planned_start", "user_id"]
        )
        return Domain.custom(to_sql=has_open_visit)

    def _set_grade(self, grade, reason):
        result = super()._set_grade(grade, reason)
        self._update_due()
        return result

    def _merge_into(self, kept):
        result = super()._merge_into(kept)
        # The visits follow after their customers.
        as_server(kept).write({"due_computed_at": False})
        return result

    # ------------------------------------------------------------
    # DUE
    # ------------------------------------------------------------

    @api.model
    def _cron_update_due(self):
        """Find when customers are due where cadences have begun or changed, and for new
        files, batch by batch (V02)."""
        self.env["sales.cadence"]._apply_begun()
        self._run_in_batches([], "due_computed_at", "_update_due")

    @api.model
    def _mark_due_stale(self, companies):
        """Let the job look at the files of companies again; of all without any."""
        self.flush_model(["due_computed_at"])
        self.env.cr.execute(
            SQL(
                "UPDATE sales_customer_file SET due_computed_at = NULL"
                " WHERE due_computed_at IS NOT NULL AND %s",
                SQL("company_id IN %s", tuple(companies.ids))
                if companies
                else SQL("TRUE"),
            )
        )
        self.invalidate_model(["due_computed_at"], flush=False)

    def _update_due(self):
        """Write by which cadence, and on which day, these customers are due first."""
        modes = self.env["sales.visit.rule.mode"]
        for company, files in self.grouped("company_id").items():
            today = modes._get_today(company)
            found = files._get_cadence_dues(company, today)
            for file in files:
                cadence_id, due = found.get(file.id, (False, False))
                as_server(file).write({"cadence_id": cadence_id, "cadence_due": due})

    def _get_cadence_dues(self, company, today):
        """Return ``{file id: (cadence id, day)}`` of the cadence each is due by first."""
        self.env.flush_all()
        return {
            file_id: (cadence_id, due)
            for file_id, cadence_id, due in self.env.execute_query(
                SQL(
                    """
                    SELECT DISTINCT ON (f.id) f.id, c.id,
                           (COALESCE(last.day, GREATEST(f.create_date::date, c.date_from))
                            + c.interval_number * ('1 ' || c.interval_unit)::interval
                           )::date AS due
                      FROM sales_customer_file f
                     CROSS JOIN LATERAL (
                           SELECT DISTINCT ON (channel, visit_type_id) *
                             FROM sales_cadence
                            WHERE date_from <= %(today)s
                              AND (company_id = f.company_id OR company_id IS NULL)
                              AND (grade_id = f.grade_id OR grade_id IS NULL)
                            ORDER BY channel, visit_type_id,
                                     grade_id IS NULL, company_id IS NULL, date_from DESC
                           ) c
                     CROSS JOIN LATERAL (
                           SELECT max(v.visit_day) AS day
                             FROM sales_visit v
                            WHERE v.commercial_partner_id = f.partner_id
                              AND v.company_id = f.company_id
                              AND v.state IN ('to_report', 'reported', 'reviewed')
                              AND v.channel = c.channel
                              AND (c.visit_type_id IS NULL
                                   OR v.visit_type_id = c.visit_type_id)
                           ) last
                     WHERE f.id IN %(files)s
                       AND f.company_id = %(company)s
                       AND c.interval_number > 0
                     ORDER BY f.id, due, c.id
                    """,
                    today=today,
                    files=tuple(self.ids) or (0,),
                    company=company.id,
                )
            )
        }
