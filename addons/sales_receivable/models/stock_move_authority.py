from contextlib import contextmanager

from odoo import models
from odoo.exceptions import UserError

from ..authority import exceeds
from ..guard import is_server

#: Rules that rest on what has left.
LEFT_RULES = ("A11", "A13", "R02")
#: Rules that rest on when it left, and on what it was worth.
KEPT_FIELDS = {"date": ("A04", "A07", "A18"), "value": ("A19",)}
LEAVING = {
    "state",
    "quantity",
    "product_id",
    "product_uom",
    "sale_line_id",
    "location_id",
    "location_dest_id",
}


class StockMove(models.Model):
    """No more leaves for an order than what it says passed, or would pass, its gates
    (A16): neither a quantity raised on the delivery, nor goods put to it, nor another
    delivery of the same line, nor a finished one edited."""

    _name = "stock.move"
    _inherit = "stock.move"

    def write(self, vals):
        # The host values again what came back when its invoice is posted, whoever posts.
        if not (self.env.su or is_server(self)):
            self._filter_finished()._check_kept(vals)
        if "sale_line_id" in vals and not self.env.su:
            self._check_stays_with_order(vals["sale_line_id"])
        if LEAVING.isdisjoint(vals):
            return super().write(vals)
        left = self._filter_left()
        moves = self if vals.get("state") == "done" else left
        with moves._watch_orders(vals.get("sale_line_id")), left._keep_left():
            return super().write(vals)

    def _action_done(self, *args, **kwargs):
        self._check_order_confirmed()
        with self._watch_orders():
            return super()._action_done(*args, **kwargs)

    def _check_order_confirmed(self):
        """Refuse to deliver for an order that nobody could have approved: a quotation,
        or one that was cancelled (A16)."""
        # The warehouse needn't read orders: only that they aren't confirmed is said.
        for move in self.sudo().filtered(lambda move: move._is_leaving()):
            order = move.sale_line_id.order_id
            if not order or not order._is_authority_on(order.company_id):
                continue
            if order.state != "sale":
                raise UserError(
                    self.env._(
                        "%(order)s isn't confirmed: nothing is delivered for it.",
                        order=order.name,
                    )
                )
            if move._is_between_customers():
                raise UserError(
                    self.env._(
                        "%(order)s: its goods come out of stock, not from a customer.",
                        order=order.name,
                    )
                )

    def _is_between_customers(self):
        """Tell whether any of the goods are said to come from customers and to go there:
        neither would have left."""
        self.ensure_one()
        return any(
            entry.location_id._is_with_customers()
            and entry.location_dest_id._is_with_customers()
            for entry in self._get_entries()
        )

    def _get_upstream_documents_and_responsibles(self, visited):
        """Find out whom to tell of a cancelled order also for who reads no purchases:
        cancelling is the way to ask for approval of a confirmed order (A16)."""
        # Only whom to tell comes of it; the host schedules their activities.
        return super(StockMove, self.sudo())._get_upstream_documents_and_responsibles(
            visited
        )

    @contextmanager
    def _keep_left(self):
        """Let nobody take back on paper what has left: it is returned by a return, with
        its own movement (R02, A11, A13).

        :raise UserError: where less would be with the customer than before
        """
        Mode = self.env["business.rule.mode"]
        # What is with customers is compared, whoever may read their orders.
        lines = self.sudo().sale_line_id
        if lines:
            companies = Mode._get_blocking_companies(*LEFT_RULES)
            lines = lines.filtered(lambda line: line.company_id in companies)
        before = {line: line._get_left_quantity() for line in lines}
        yield
        for line, quantity in before.items():
            if exceeds(quantity, line._get_left_quantity()):
                raise UserError(
                    self.env._(
                        "“%s” has left: what comes back is recorded by a return.",
                        line.product_id.display_name,
                    )
                )

    def _check_kept(self, vals):
        """Refuse to say that goods of orders left, or came back, on another day or for
        another value: due dates, compensations and margins follow it (A07, A18, A19).

        :raise UserError: for anybody but stock managers, who correct it
        """
        rules = {
            rule for name in KEPT_FIELDS & vals.keys() for rule in KEPT_FIELDS[name]
        }
        if not rules or self.env.user.has_group("stock.group_stock_manager"):
            return
        companies = self.env["business.rule.mode"]._get_blocking_companies(*rules)
        # Whose goods they are is asked, whoever may read their orders.
        for move in self.sudo()._filter_changing(vals, KEPT_FIELDS):
            if move.sale_line_id and move.company_id in companies:
                raise UserError(
                    self.env._(
                        "“%s” has left: its day and value are corrected by stock"
                        " managers.",
                        move.product_id.display_name,
                    )
                )

    def _check_stays_with_order(self, line_id):
        """Refuse to take movements off a confirmed order: cancelled with it is what it
        knows of (A16).

        :param line_id: order line that they are about to belong to, or none
        """
        # Whose movements they are is asked, whoever may read orders.
        for move in self.sudo():
            line = move.sale_line_id
            order = line.order_id
            if (
                line.id not in (False, line_id)
                and move.state != "cancel"
                and order.state == "sale"
                and order._is_authority_on(order.company_id)
            ):
                raise UserError(
                    self.env._(
                        "“%(product)s” moves for %(order)s, which is confirmed: cancel"
                        " the movement, or order less.",
                        product=move.product_id.display_name,
                        order=order.name,
                    )
                )

    def _filter_left(self):
        return self.filtered(lambda move: move.state == "done")

    def _watch_orders(self, sale_line_id=None):
        """Watch what is made of the orders that these movements belong to.

        :param sale_line_id: order line that they are about to belong to, if any
        """
        # Compared under sudo by the watch: the warehouse needn't read orders.
        moves = self.sudo()
        lines = moves.sale_line_id
        if moves and sale_line_id:
            lines |= lines.browse(sale_line_id)
        return (lines.order_id | moves.picking_id.sale_id)._watch_authority()
