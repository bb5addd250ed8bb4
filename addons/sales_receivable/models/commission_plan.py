from odoo import api, fields, models
from odoo.tools import SQL


class CommissionPlan(models.Model):
    """From when on how much of what is collected is paid as commission (K02, 提成方案).

    Plans are versions: of a sales team's own, else of the company's, the newest that
    starts on or before a month counts for the money collected in it. Without a plan
    nothing accrues; a version without lines ends the accrual. A version that a closed
    period may have used can't be changed any more.

    A plan for persons pays a share of each collection; one for a department pays its
    leader a share of what the team's year comes to.
    """

    _name = "commission.plan"
    _description = "Commission Plan"
    _inherit = ["performance.version.mixin", "finite.mixin"]
    _order = "company_id, kind desc, team_id, date_from desc"
    _check_company_auto = True

    name = fields.Char(required=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    kind = fields.Selection(
        [
            ("person", "Persons, of collections"),
            ("department", "Department, of its year"),
        ],
        string="For",
        required=True,
        default="person",
    )
    team_id = fields.Many2one(
        "crm.team",
        string="Sales Team",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        help="Empty: for all teams without a plan of their own.",
    )
    date_from = fields.Date(
        string="In Force From",
        required=True,
        default=lambda self: fields.Date.context_today(self).replace(day=1),
        help="Any day of the month; it is kept as the month's first.",
    )
    basis = fields.Selection(
        [("untaxed", "Untaxed amount"), ("taxed", "Amount with tax")],
        string="Percent Of",
        required=True,
        default="untaxed",
    )
    in_transit = fields.Boolean(
        string="Money in Transit Counts",
        default=True,
        help="Whether a payment counts before the bank confirms it. Otherwise it counts,"
        " for the day of the payment, once the bank has confirmed it.",
    )
    contract_required = fields.Boolean(
        default=True,
        help="Only money for orders whose contract was signed by the day of the payment,"
        " and isn't cancelled, accrues commission.",
    )
    offset_interest = fields.Boolean(
        string="Offset Overdue Interest",
        help="Interest on what customers pay late is taken off the commission, at the"
        " rate of R08.",
    )
    line_ids = fields.One2many(
        "commission.plan.line", "plan_id", string="Lines", copy=True
    )

    _version_uniq = models.UniqueIndex(
        "(company_id, kind, (COALESCE(team_id, 0)), date_from)",
        "There is one plan per company, team and month.",
    )
    _department_team = models.Constraint(
        "CHECK (kind = 'person' OR team_id IS NOT NULL)",
        "A department's plan names its sales team.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._start_of_month(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._start_of_month(vals))

    @api.model
    def _start_of_month(self, vals):
        if not vals.get("date_from"):
            return vals
        day = fields.Date.to_date(vals["date_from"]).replace(day=1)
        return {**vals, "date_from": day}

    @api.model
    def default_get(self, fields):
        return self._start_of_month(super().default_get(fields))

    @api.model
    def _is_in_use(self, companies):
        """Tell whether any of the companies has a plan."""
        # Asked by posting, whoever posts; only yes or no leaves this method.
        domain = [("company_id", "in", companies.ids)]
        return bool(self.sudo().search_count(domain, limit=1))

    @api.model
    def _get_plans(self, kind, company, days, team=None):
        """Return ``{day: plan in force}`` for the days that have one: the team's, if it
        has one then, else the company's."""
        # What a month pays doesn't depend on who asks for it.
        versions = self.sudo().search(
            [("kind", "=", kind), ("company_id", "=", company.id)]
        )
        return versions._pick_in_force(days, team)

    @api.model
    def _get_plans_sql(self, company, days):
        """Return the rows of the persons' plans in force, or None without any.

        Columns: ``day``, ``slice`` (its month), ``team_id`` (0: documents without a
        team; every other team has its row), ``plan_id``.
        """
        # Teams of all kinds have documents, also archived ones.
        Team = self.env["crm.team"].sudo().with_context(active_test=False)
        ours = [("company_id", "in", [False, company.id])]
        rows = [
            SQL("(%s::date, %s, %s, %s)", day, f"{day:%Y-%m}", team.id or 0, plan.id)
            for team in [Team, *Team.search(ours)]
            for day, plan in self._get_plans("person", company, days, team).items()
        ]
        if not rows:
            return None
        return SQL(
            "(SELECT * FROM (VALUES %s) version (day, slice, team_id, plan_id))",
            SQL(", ").join(rows),
        )

    @api.model
    def _get_policies(self, company):
        """Return the answers of the company's plans to whether money in transit counts."""
        # What a month pays doesn't depend on who asks for it.
        plans = self.sudo().search([("company_id", "=", company.id)])
        return set(plans.mapped("in_transit"))
