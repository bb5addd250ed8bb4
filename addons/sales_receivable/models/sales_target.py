from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..guard import as_server, is_server

#: What a plan is about; it stays once the plan was approved.
ABOUT = {
    "company_id",
    "date",
    "state_id",
    "team_id",
    "user_id",
    "categ_id",
    "product_id",
}
PLANNED = {"planned_sales", "planned_purchase"}
MANAGER = "sales_receivable.group_company_manager"


class SalesTarget(models.Model):
    """What is planned to be sold and bought in a month: by region, sales team, person,
    category or product, or by several of them at once (K09).

    A plan counts with the figures that were approved. A change keeps them in force until
    a company manager who didn't make the change approves it.
    """

    _name = "sales.target"
    _description = "Sales Plan of a Month"
    _inherit = ["mail.thread", "server.field.mixin", "finite.mixin"]
    _order = (
        "date desc, company_id, state_id, team_id, user_id, categ_id, product_id, id"
    )
    _rec_name = "date"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(
        string="Month",
        required=True,
        index=True,
        default=lambda self: fields.Date.context_today(self).replace(day=1),
        help="Any day of the month; it is kept as the month's first.",
    )
    state_id = fields.Many2one(
        "res.country.state",
        string="Region",
        ondelete="restrict",
        help="Of the customer, of purchases of the vendor.",
    )
    team_id = fields.Many2one(
        "crm.team", string="Sales Team", ondelete="restrict", check_company=True
    )
    user_id = fields.Many2one("res.users", string="Person", ondelete="restrict")
    categ_id = fields.Many2one(
        "product.category", string="Product Category", ondelete="restrict"
    )
    product_id = fields.Many2one(
        "product.product", ondelete="restrict", check_company=True
    )
    planned_sales = fields.Monetary(tracking=True)
    planned_purchase = fields.Monetary(string="Planned Purchases", tracking=True)
    planned_by_id = fields.Many2one(
        "res.users",
        readonly=True,
        copy=False,
        ondelete="restrict",
        default=lambda self: self.env.uid,
        help="Who has changed the plan last.",
    )
    approved_sales = fields.Monetary(readonly=True, copy=False, tracking=True)
    approved_purchase = fields.Monetary(
        string="Approved Purchases", readonly=True, copy=False, tracking=True
    )
    approved_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="restrict"
    )
    approved_at = fields.Datetime(readonly=True, copy=False)
    state = fields.Selection(
        [("draft", "Draft"), ("changed", "Changed"), ("approved", "Approved")],
        string="Status",
        compute="_compute_state",
        store=True,
        help="Changed: the approved figures count until the change is approved.",
    )

    _about_uniq = models.UniqueIndex(
        "(company_id, date, (COALESCE(state_id, 0)), (COALESCE(team_id, 0)),"
        " (COALESCE(user_id, 0)), (COALESCE(categ_id, 0)), (COALESCE(product_id, 0)))",
        "There is a plan of this month already.",
    )
    _not_negative = models.Constraint(
        "CHECK (planned_sales >= 0 AND planned_purchase >= 0)",
        "A plan can't be negative.",
    )

    @api.depends(
        "approved_at",
        "approved_purchase",
        "approved_sales",
        "planned_purchase",
        "planned_sales",
    )
    def _compute_state(self):
        for target in self:
            same = all(
                target.currency_id.compare_amounts(planned, approved) == 0
                for planned, approved in (
                    (target.planned_sales, target.approved_sales),
                    (target.planned_purchase, target.approved_purchase),
                )
            )
            if not target.approved_at:
                target.state = "draft"
            else:
                target.state = "approved" if same else "changed"

    @api.depends("date", "state_id", "team_id", "user_id", "categ_id", "product_id")
    def _compute_display_name(self):
        names = ("state_id", "team_id", "user_id", "categ_id", "product_id")
        for target in self:
            parts = [target[name].display_name for name in names if target[name]]
            month = target.date and f"{target.date:%Y-%m}"
            target.display_name = " · ".join([month or "", *parts])

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._start_month(vals) for vals in vals_list])

    def write(self, vals):
        vals = self._start_month(vals)
        if is_server(self):
            return super().write(vals)
        self._check_server_fields([vals])
        if self.filtered("approved_at")._is_changed(ABOUT, vals):
            raise UserError(
                self.env._("An approved plan stays what it is about: make another one.")
            )
        if self._is_changed(PLANNED, vals):
            vals["planned_by_id"] = self.env.uid
        return super(SalesTarget, as_server(self)).write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_approved(self):
        if any(target.approved_at for target in self):
            raise UserError(self.env._("An approved plan is changed, not deleted."))

    @api.model
    def _start_month(self, vals):
        vals = dict(vals)
        if vals.get("date"):
            vals["date"] = fields.Date.to_date(vals["date"]).replace(day=1)
        return vals

    def _is_changed(self, names, vals):
        """Tell whether values would change any of the fields."""
        return any(
            self._fields[name].convert_to_cache(vals[name], target)
            != self._fields[name].convert_to_cache(target[name], target)
            for name in names & vals.keys()
            for target in self
        )

    def action_approve(self):
        """Let the planned figures count.

        :raise AccessError: for anyone but company managers
        :raise UserError: for who made the plan or the change, or nothing is to approve
        """
        self.check_access("write")
        if not self.env.user.has_group(MANAGER):
            raise AccessError(self.env._("Company managers approve plans."))
        for target in self:
            if target.state == "approved":
                raise UserError(
                    self.env._(
                        "%(plan)s: nothing is to approve.", plan=target.display_name
                    )
                )
            if target.planned_by_id == self.env.user:
                raise UserError(
                    self.env._(
                        "%(plan)s is your own plan: somebody else approves it.",
                        plan=target.display_name,
                    )
                )
            target._take()
            as_server(target).write(
                {
                    "approved_sales": target.planned_sales,
                    "approved_purchase": target.planned_purchase,
                    "approved_by_id": self.env.uid,
                    "approved_at": fields.Datetime.now(),
                }
            )
        return True

    def _take(self):
        """Take the row: a change at the same time is approved on its own, or not."""
        self.flush_recordset()
        self.env.execute_query(
            SQL(
                """UPDATE sales_target SET write_date = NOW() AT TIME ZONE 'UTC'
                    WHERE id = %s RETURNING id""",
                self.id,
            )
        )
