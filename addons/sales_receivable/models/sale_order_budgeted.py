from odoo import api, fields, models
from odoo.tools import SQL

from ..authority import exceeds
from ..guard import as_server

ACTUAL_FIELDS = {
    "account.move.line": (
        "balance",
        "budget_kind_id",
        "budget_order_id",
        "parent_state",
    ),
    "sale.budget.kind": ("code",),
    "sale.order.line": ("frozen_cost", "invoice_lines", "order_id", "qty_delivered"),
    "stock.move": (
        "location_dest_id",
        "location_id",
        "sale_line_id",
        "state",
        "value",
    ),
}


class SaleOrder(models.Model):
    """An order's budget: made before, frozen at confirmation, compared after (A19)."""

    _name = "sale.order"
    _inherit = "sale.order"

    budget_frozen_at = fields.Datetime(
        string="Budget Frozen On", readonly=True, copy=False, groups="base.group_user"
    )
    budget_revenue = fields.Monetary(
        string="Revenue When Confirmed",
        currency_field="company_currency_id",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="Without tax, in company currency, when the order was confirmed.",
    )
    budget_rate = fields.Float(
        string="Rate When Confirmed",
        digits=0,
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="From the order's to the company's currency.",
    )
    shows_budget = fields.Boolean(compute="_compute_budget", groups="base.group_user")
    revenue_before = fields.Monetary(
        string="Planned Revenue",
        currency_field="company_currency_id",
        compute="_compute_budget",
        groups="base.group_user",
    )
    revenue_after = fields.Monetary(
        string="Invoiced",
        currency_field="company_currency_id",
        compute="_compute_budget",
        groups="base.group_user",
    )
    cost_before = fields.Monetary(
        string="Budgeted Cost",
        currency_field="company_currency_id",
        compute="_compute_budget",
        groups="base.group_user",
    )
    cost_after = fields.Monetary(
        string="Actual Cost",
        currency_field="company_currency_id",
        compute="_compute_budget",
        groups="base.group_user",
    )
    margin_before = fields.Monetary(
        string="Planned Margin",
        currency_field="company_currency_id",
        compute="_compute_budget",
        groups="base.group_user",
    )
    margin_after = fields.Monetary(
        string="Actual Margin",
        currency_field="company_currency_id",
        compute="_compute_budget",
        groups="base.group_user",
    )
    margin_difference = fields.Monetary(
        currency_field="company_currency_id",
        compute="_compute_budget",
        groups="base.group_user",
    )
    margin_before_share = fields.Float(
        string="Planned Margin (%)", compute="_compute_budget", groups="base.group_user"
    )
    margin_after_share = fields.Float(
        string="Actual Margin (%)", compute="_compute_budget", groups="base.group_user"
    )

    @api.model
    def _get_server_fields(self):
        return super()._get_server_fields() | {
            "budget_frozen_at",
            "budget_revenue",
            "budget_rate",
        }

    # --- figures ----------------------------------------------------------------------

    def _get_budget_rates(self):
        """Return ``{order.id: rate}`` to company currency, frozen or of today; ``None``
        without an exchange rate."""
        result = {}
        for company, orders in self.grouped("company_id").items():
            own = company.currency_id
            rates = self._get_rates(
                {(order.currency_id, own) for order in orders},
                company,
                company._get_business_date(),
            )
            for order in orders:
                frozen = order.budget_frozen_at and order.budget_rate
                result[order._origin.id] = frozen or rates[order.currency_id, own]
        return result

    @api.depends(
        "budget_ids.estimated",
        "order_line.price_unit",
        "order_line.product_uom_qty",
        "order_line.discount",
        "state",
    )
    @api.depends_context("uid")
    def _compute_budget(self):
        readers = self._filter_budget_readers()
        # Who may know the margin need not read bills and stock valuation.
        orders = readers.sudo()
        frozen = orders.filtered("budget_frozen_at")
        planned = (orders - frozen)._get_cost_figures()
        rates = orders._get_budget_rates()
        costs, revenues = {}, orders._get_actual_revenues()
        for (order_id, __), amount in orders._get_actual_costs().items():
            costs[order_id] = costs.get(order_id, 0.0) + amount
        for order in self:
            order.shows_budget = order in readers
            own = order.sudo()
            rate = rates.get(order._origin.id) or 0.0
            figure = planned.get(own)
            net = cost = 0.0
            if own in frozen:
                net = own.budget_revenue
                cost = sum(own.budget_ids.mapped("estimated")) * rate
            elif figure:
                net = figure["net"] * rate
                cost = rate * sum(
                    figure[name] for name in ("goods", "retention", "other")
                )
            order.revenue_before, order.cost_before = net, cost
            order.revenue_after = revenues.get(order._origin.id, 0.0)
            order.cost_after = costs.get(order._origin.id, 0.0)
            order.margin_before = net - cost
            order.margin_after = order.revenue_after - order.cost_after
            order.margin_difference = order.margin_after - order.margin_before
            order.margin_before_share = (net - cost) / net if net else 0.0
            order.margin_after_share = (
                order.margin_after / order.revenue_after if order.revenue_after else 0.0
            )

    def _get_actual_costs(self):
        """Return ``{(order.id, kind.id): amount}`` of what these orders have cost, in
        company currency (A19)."""
        if not self.ids:
            return {}
        ids = SQL("(SELECT UNNEST(%s))", list(self.ids))
        rows = self.env.execute_query(
            SQL(
                "SELECT order_id, kind_id, SUM(amount) FROM (%s) cost GROUP BY 1, 2",
                self._get_actual_cost_sql(ids),
            )
        )
        return {(order, kind): float(amount) for order, kind, amount in rows}

    def _get_actual_revenues(self):
        """Return ``{order.id: amount}`` of what was invoiced for these orders, credit
        notes taken off, without tax, in company currency."""
        if not self.ids:
            return {}
        ids = SQL("(SELECT UNNEST(%s))", list(self.ids))
        rows = self.env.execute_query(self._get_actual_revenue_sql(ids))
        return {order: float(amount) for order, amount in rows}

    @api.model
    def _get_actual_cost_sql(self, order_ids):
        """Return the query of what orders have cost: ``order_id``, ``kind_id`` and
        ``amount`` in company currency.

        Goods: what stock says the delivered is worth, returns taken off; services what
        was delivered at the frozen cost. Besides, posted items that name the order.

        :param SQL order_ids: a subquery of ids
        """
        return SQL(
            """
            SELECT line.order_id, kind.id AS kind_id,
                   COALESCE(move.value, 0)
                   * CASE WHEN destination.usage = 'customer' THEN 1 ELSE 0 END
                   - COALESCE(move.value, 0)
                   * CASE WHEN source.usage = 'customer' THEN 1 ELSE 0 END AS amount
              FROM sale_order_line line
              JOIN stock_move move ON move.sale_line_id = line.id
              JOIN stock_location source ON source.id = move.location_id
              JOIN stock_location destination ON destination.id = move.location_dest_id
              JOIN sale_budget_kind kind ON kind.code = 'goods'
             WHERE line.order_id IN %(ids)s AND move.state = 'done'
             UNION ALL
            SELECT line.order_id, kind.id,
                   COALESCE(line.qty_delivered, 0) * line.frozen_cost
                   * sold.factor / NULLIF(own.factor, 0)
              FROM sale_order_line line
              JOIN product_product product ON product.id = line.product_id
              JOIN product_template template ON template.id = product.product_tmpl_id
              JOIN uom_uom sold ON sold.id = line.product_uom_id
              JOIN uom_uom own ON own.id = template.uom_id
              JOIN sale_budget_kind kind ON kind.code = 'goods'
             WHERE line.order_id IN %(ids)s AND template.type = 'service'
               AND line.frozen_cost > 0
             UNION ALL
            SELECT item.budget_order_id, item.budget_kind_id, item.balance
              FROM account_move_line item
             WHERE item.budget_order_id IN %(ids)s AND item.parent_state = 'posted'
               AND item.budget_kind_id IS NOT NULL
            """,
            ids=order_ids,
            to_flush=[
                self.env[model]._fields[name]
                for model, names in ACTUAL_FIELDS.items()
                for name in names
            ],
        )

    @api.model
    def _get_actual_revenue_sql(self, order_ids):
        """Return the query of what was invoiced: ``order_id`` and ``amount``.

        :param SQL order_ids: a subquery of ids
        """
        return SQL(
            """
            SELECT item.order_id, SUM(-item.balance) AS amount
              FROM (%s) item
             GROUP BY 1
            """,
            self.env["sale.order.line"]._get_billed_sql(
                SQL("line.order_id IN %s", order_ids)
            ),
        )

    # --- frozen -----------------------------------------------------------------------

    def _freeze_agreed(self):
        result = super()._freeze_agreed()
        self._freeze_budgets()
        return result

    def _is_budgeted(self):
        """Tell whether the order's costs matter: a budget, its rule, or a limit."""
        self.ensure_one()
        company = self.company_id
        Rule = self.env["authority.rule"]
        return bool(
            self.budget_ids
            or self._get_budget_mode() != "off"
            or "cost_share"
            in Rule._get_controlled_measures(
                company.id, self._name, company._get_business_date()
            )
        )

    def _get_budget_mode(self):
        return self.env["business.rule.mode"]._get_mode(
            "A19", self.company_id, self._get_authority_date() or None
        )

    def _freeze_budgets(self):
        """Keep what was planned when these orders were confirmed (A19)."""
        # Who confirms need not read costs; they are kept where few can read them.
        orders = self.sudo().filtered(lambda order: order._is_budgeted())
        if not orders:
            return
        figures = orders._get_cost_figures()
        rates = orders._browse_unfrozen()._get_budget_rates()
        orders.order_line._freeze_costs()
        for order, figure in figures.items():
            rate = rates[order.id] or 0.0
            as_server(order).write(
                {
                    "budget_frozen_at": fields.Datetime.now(),
                    "budget_revenue": figure["net"] * rate if figure else 0.0,
                    "budget_rate": rate,
                }
            )
        orders._estimate_budgets()

    def _browse_unfrozen(self):
        """Forget what an earlier confirmation has frozen."""
        again = self.filtered("budget_frozen_at")
        as_server(again).write({"budget_frozen_at": False})
        return self

    # --- no order without a budget ----------------------------------------------------

    @api.model
    def _get_reason_rules(self):
        return super()._get_reason_rules() | {"A19"}

    def _get_own_reasons(self):
        reasons = super()._get_own_reasons()
        lacking = self.filtered(
            lambda order: (
                # An amount, or said why there is none.
                not order.budget_ids.filtered(
                    lambda row: (
                        not row.kind_id.code
                        and (row.estimated or (row.note or "").strip())
                    )
                )
            )
        )
        rates = lacking._get_budget_rates()
        for order in lacking:
            rate = rates[order._origin.id]
            least = order.company_id.budget_amount_from
            # What can't be compared needs one.
            if rate is None or not exceeds(least, order._get_contract_net() * rate):
                reasons.setdefault(order.id, []).append(
                    {
                        "rule": "A19",
                        "key": "budget",
                        "at": "confirm",
                        "sentence": self.env._("no cost budget"),
                        "release": self.env._(
                            "who may know the costs, with a budget: %s",
                            order._describe_budget_makers(),
                        ),
                    }
                )
        return reasons

    def _describe_budget_makers(self):
        self.ensure_one()
        makers = self.user_id.employee_ids.parent_id.user_id | self.team_id.user_id
        if self.company_id.budget_for_salespeople:
            makers |= self.user_id
        return ", ".join(makers.mapped("name")) or self.env._("accounting")

    # --- screen -----------------------------------------------------------------------

    def action_view_budget(self):
        """Open the budget of this order, with what the system estimates (A19)."""
        self.ensure_one()
        if self.state in ("draft", "sent") and self._filter_budget_readers():
            self._estimate_budgets()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Budget of %s", self.name),
            "res_model": "sale.order",
            "res_id": self.id,
            "view_mode": "form",
            "view_id": self.env.ref("sales_receivable.sale_order_view_form_budget").id,
        }

    def _estimate_budgets(self):
        """Write what the system estimates of the costs of these orders."""
        # Few can write here, nobody by hand.
        orders = self.sudo()
        orders.env["sale.order.budget"]._set_automatic(
            {
                order: {name: figure[name] for name in ("goods", "retention")}
                for order, figure in orders._get_cost_figures().items()
                if figure
            }
        )
