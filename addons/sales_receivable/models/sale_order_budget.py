from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..guard import as_server, is_server
from ..tools.defaults import get_new_values


class SaleOrderBudget(models.Model):
    """What an order is going to cost, of one kind, and what it has cost (A19).

    The estimate is frozen when the order is confirmed; the actual cost follows from
    deliveries and from what finance has booked.
    """

    _name = "sale.order.budget"
    _description = "Budget of an Order"
    _inherit = ["server.field.mixin", "finite.mixin"]
    _order = "order_id, sequence, id"
    _rec_name = "kind_id"

    order_id = fields.Many2one(
        "sale.order", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="order_id.company_id", store=True, index=True, precompute=True
    )
    kind_id = fields.Many2one(
        "sale.budget.kind", string="Cost", required=True, ondelete="restrict"
    )
    sequence = fields.Integer(
        related="kind_id.sequence", store=True, precompute=True, string="Sequence"
    )
    is_automatic = fields.Boolean(compute="_compute_is_automatic")
    currency_id = fields.Many2one(related="order_id.currency_id")
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    estimated = fields.Monetary(
        help="Without tax, in the order's currency; frozen when it is confirmed."
    )
    note = fields.Char()
    before = fields.Monetary(
        string="Budget",
        currency_field="company_currency_id",
        compute="_compute_amounts",
        help="The estimate in company currency.",
    )
    actual = fields.Monetary(
        currency_field="company_currency_id",
        compute="_compute_amounts",
        help="Goods: what was delivered, as stock values it. All kinds: posted vendor"
        " bills and entries that name the order.",
    )
    difference = fields.Monetary(
        currency_field="company_currency_id",
        compute="_compute_amounts",
        help="Actual less budget: above zero it has cost more.",
    )

    _order_kind_uniq = models.Constraint(
        "unique(order_id, kind_id)", "A budget has one line per kind of cost."
    )
    _check_estimated = models.Constraint(
        "CHECK(estimated >= 0)", "A cost can't be negative."
    )

    @api.depends("kind_id")
    def _compute_is_automatic(self):
        for row in self:
            row.is_automatic = bool(row.kind_id.code)

    @api.depends("estimated", "kind_id", "order_id")
    def _compute_amounts(self):
        # Who reads the budget reads what it came to, not the documents behind it.
        orders = self.order_id.sudo()
        actual = orders._get_actual_costs()
        rates = orders._get_budget_rates()
        for row in self:
            row.before = row.estimated * (rates.get(row.order_id._origin.id) or 0.0)
            row.actual = actual.get((row.order_id._origin.id, row.kind_id.id), 0.0)
            row.difference = row.actual - row.before

    # --- guards -----------------------------------------------------------------------

    def _check_open(self):
        """Raise where a budget is frozen, or what the system estimates is touched."""
        if is_server(self):
            return
        for row in self:
            # Whoever was let in may know why the door is shut.
            order = row.order_id.sudo()
            if order.state not in ("draft", "sent"):
                raise UserError(
                    self.env._(
                        "The budget of %s is frozen: it says what was planned when the"
                        " order was confirmed.",
                        order.display_name,
                    )
                )
            if row.kind_id.code:
                raise AccessError(
                    self.env._("“%s” is estimated by the system.", row.kind_id.name)
                )

    @api.model_create_multi
    def create(self, vals_list):
        if is_server(self):  # what is frozen or estimated makes nothing worse
            return super().create(vals_list)
        ids = get_new_values(self, "order_id", vals_list)
        orders = self.env["sale.order"].browse(ids)
        with orders._watch_authority():
            rows = super().create(vals_list)
            rows._check_open()
        return rows

    def write(self, vals):
        if is_server(self):
            return super().write(vals)
        self._check_open()
        if "order_id" in vals:
            raise AccessError(self.env._("A budget belongs to its order."))
        with self.order_id._watch_authority():
            result = super().write(vals)
            self._check_open()
        return result

    def unlink(self):
        with self.order_id._watch_authority():
            return super().unlink()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_frozen(self):
        self._check_open()

    @api.model
    def _set_automatic(self, figures):
        """Write what the system estimates.

        :param figures: ``{order: {code: amount in the order's currency}}``
        """
        kinds = self.env["sale.budget.kind"]._get_by_code()
        orders = self.env["sale.order"].union(*figures)
        rows = {
            (row.order_id, row.kind_id): row
            for row in self.search([("order_id", "in", orders.ids)])
        }
        new = []
        for order, amounts in figures.items():
            for code, amount in amounts.items():
                row = rows.get((order, kinds[code]))
                if not row:
                    new.append(
                        {
                            "order_id": order.id,
                            "kind_id": kinds[code].id,
                            "estimated": amount,
                        }
                    )
                elif row.currency_id.compare_amounts(row.estimated, amount):
                    as_server(row).estimated = amount
        as_server(self).create(new)
