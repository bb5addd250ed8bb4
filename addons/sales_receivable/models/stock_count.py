from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..guard import as_server

FINANCE = "sales_receivable.group_finance"
MONTHS_OF_QUARTER = 3


class StockCount(models.Model):
    """The stock count of a company's quarter (K05).

    Counting is the host's physical inventory. The count schedules it, lists what it
    corrected at cost, and compares the value of the stock with the valuation accounts.
    Finance closes it; what differs needs a reason. A closed count never changes.
    """

    _name = "stock.count"
    _description = "Stock Count"
    _inherit = [
        "mail.thread",
        "mail.activity.mixin",
        "sales.xlsx.mixin",
        "server.field.mixin",
    ]
    _order = "date_start desc, company_id"
    _rec_name = "date_start"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date_start = fields.Date(
        string="Quarter",
        required=True,
        default=fields.Date.context_today,
        help="Any day of the quarter; it is kept as the quarter's first.",
    )
    date_end = fields.Date(
        string="Deadline", compute="_compute_date_end", store=True, precompute=True
    )
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        required=True,
        ondelete="restrict",
        tracking=True,
        default=lambda self: self.env.company.stock_count_user_id,
    )
    state = fields.Selection(
        [("open", "Open"), ("closed", "Closed")],
        required=True,
        readonly=True,
        default="open",
        copy=False,
        tracking=True,
    )
    requested_at = fields.Datetime(string="Scheduled On", readonly=True, copy=False)
    computed_at = fields.Datetime(readonly=True, copy=False)
    line_ids = fields.One2many(
        "stock.count.line", "count_id", string="Differences", readonly=True
    )
    account_line_ids = fields.One2many(
        "stock.count.account", "count_id", string="Accounts", readonly=True
    )
    difference_value = fields.Monetary(
        string="Differences Found",
        readonly=True,
        copy=False,
        help="At cost; what was missing is negative.",
    )
    account_difference = fields.Monetary(
        string="Accounts Are Off By",
        readonly=True,
        copy=False,
        help="Sum, over the valuation accounts, of how far each is from its stock.",
    )
    reason = fields.Text(
        string="Explanation",
        copy=False,
        help="Why stock and books differ; finance gives it before closing.",
    )
    closed_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="restrict"
    )
    closed_at = fields.Datetime(readonly=True, copy=False)

    _quarter_uniq = models.Constraint(
        "unique(company_id, date_start)", "A company has one stock count per quarter."
    )

    @api.depends("date_start")
    def _compute_date_end(self):
        for count in self:
            count.date_end = count.date_start and (
                self._get_quarter(count.date_start)
                + relativedelta(months=MONTHS_OF_QUARTER, days=-1)
            )

    @api.depends("date_start", "company_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for count in self:
            count.display_name = self.env._(
                "Stock count %(year)s Q%(quarter)s",
                year=count.date_start and count.date_start.year,
                quarter=count.date_start
                and (count.date_start.month - 1) // MONTHS_OF_QUARTER + 1,
            )

    @api.model
    def _get_quarter(self, day):
        """Return the first day of a day's quarter."""
        month = (day.month - 1) // MONTHS_OF_QUARTER * MONTHS_OF_QUARTER + 1
        return day.replace(month=month, day=1)

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("date_start"):
                day = fields.Date.to_date(vals["date_start"])
                vals["date_start"] = self._get_quarter(day)
            else:
                vals["date_start"] = self._get_quarter(fields.Date.context_today(self))
        return super().create(vals_list)

    def write(self, vals):
        if {"company_id", "date_start"} & vals.keys():
            raise UserError(self.env._("A count keeps its company and quarter."))
        if any(count.state == "closed" for count in self):
            raise UserError(self.env._("A closed stock count never changes."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_requested(self):
        if any(count.requested_at for count in self):
            raise UserError(self.env._("A stock count that was scheduled stays."))

    # --- scheduling -------------------------------------------------------------------

    @api.model
    def _cron_schedule(self):
        """Schedule the quarter's count of every company that has somebody for it, once."""
        companies = self.env["res.company"].search(
            [("stock_count_user_id", "!=", False)]
        )
        for done, company in enumerate(companies, 1):
            self._schedule(company)
            self.env["ir.cron"]._commit_progress(1, remaining=len(companies) - done)

    @api.model
    def _schedule(self, company):
        today = company._get_business_date()
        start = self._get_quarter(today)
        end = start + relativedelta(months=MONTHS_OF_QUARTER, days=-1)
        if today < end - relativedelta(days=company.stock_count_days):
            return
        count = self.search(
            [("company_id", "=", company.id), ("date_start", "=", start)]
        ) or self.create(
            {
                "company_id": company.id,
                "date_start": start,
                "user_id": company.stock_count_user_id.id,
            }
        )
        if not count.requested_at:
            count._request()

    def action_request(self):
        """Ask for the count of everything in stock, by the host's inventory.

        :raise UserError: it was asked for already
        """
        self.check_access("write")
        for count in self:
            if count.requested_at:
                raise UserError(self.env._("This count is scheduled already."))
            count._request()
        return True

    def _request(self):
        """Schedule all internal stock for the deadline, and tell who is responsible."""
        self.ensure_one()
        self.env["stock.quant"].flush_model()
        self.env.cr.execute(
            SQL(
                """UPDATE stock_quant quant
                      SET inventory_date = %(deadline)s, user_id = %(user)s
                     FROM stock_location location
                    WHERE location.id = quant.location_id
                      AND location.usage = 'internal'
                      AND quant.company_id = %(company)s""",
                deadline=self.date_end,
                user=self.user_id.id,
                company=self.company_id.id,
            )
        )
        self.env["stock.quant"].invalidate_model(["inventory_date", "user_id"])
        self.activity_schedule(
            "mail.mail_activity_data_todo",
            date_deadline=self.date_end,
            user_id=self.user_id.id,
            summary=self.env._("Count the stock of the quarter"),
        )
        as_server(self).write({"requested_at": fields.Datetime.now()})

    def action_view_quants(self):
        """Open the host's physical inventory of the company's stock."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.display_name,
            "res_model": "stock.quant",
            "view_mode": "list,kanban",
            "views": [
                (
                    self.env.ref("stock.view_stock_quant_tree_inventory_editable").id,
                    "list",
                ),
                (False, "kanban"),
            ],
            "domain": [
                ("location_id.usage", "=", "internal"),
                ("company_id", "=", self.company_id.id),
            ],
            "context": {"inventory_mode": True},
        }

    # --- results ----------------------------------------------------------------------

    def action_compute(self):
        """List what was corrected so far, and compare stock and accounts as of today or,
        later, the quarter's last day. Running it again replaces the lists."""
        self.check_access("write")
        for count in self:
            count._take()
            count._compute_results()
        return True

    def action_close(self):
        """Close the count, with its results frozen (K05).

        :raise AccessError: for anyone but finance
        :raise UserError: before the quarter's end, before it is scheduled, or when stock
            and books differ without an explanation
        """
        self.check_access("write")
        if not self.env.user.has_group(FINANCE):
            raise AccessError(self.env._("Finance closes stock counts."))
        for count in self:
            count._take()
            today = count.company_id._get_business_date()
            if not count.requested_at or today < count.date_end:
                raise UserError(
                    self.env._("%(count)s isn't over yet.", count=count.display_name)
                )
            count._compute_results()
            differs = count.line_ids or not count.currency_id.is_zero(
                count.account_difference
            )
            if differs and not (count.reason or "").strip():
                raise UserError(
                    self.env._(
                        "%(count)s: stock and books differ. Explain it before closing.",
                        count=count.display_name,
                    )
                )
            as_server(count).write(
                {
                    "closed_by_id": self.env.uid,
                    "closed_at": fields.Datetime.now(),
                    "state": "closed",
                }
            )
        return True

    def _take(self):
        """Take the row against everybody else; closed ones stay as they are."""
        self.flush_recordset()
        rows = self.env.execute_query(
            SQL(
                """UPDATE stock_count SET write_date = NOW() AT TIME ZONE 'UTC'
                    WHERE id = %s AND state = 'open' RETURNING id""",
                self.id,
            )
        )
        if not rows:
            raise UserError(self.env._("A closed stock count never changes."))
