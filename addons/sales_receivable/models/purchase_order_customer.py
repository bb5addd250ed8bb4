import re
import unicodedata
from contextlib import contextmanager

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..authority import find_level

# Who may read orders of customers in the host.
READERS = (
    "sales_team.group_sale_salesman,stock.group_stock_user,"
    "account.group_account_invoice,account.group_account_readonly"
)
# What says for which orders something is bought.
NAMING = {"company_id", "customer_order_ids", "origin", "reference_ids"}
# Letters beside digits are words of their own, as in “合同S00012”.
WORD = re.compile(r"[a-z0-9]+|[^\W_a-z0-9]+")
#: Of how many words a number of an order may consist, as in SO/2026/11/0042.
WORDS = 6


class PurchaseOrder(models.Model):
    """A purchase is for the customers' orders that were named, until somebody who may
    sign for it says otherwise (A06)."""

    _name = "purchase.order"
    _inherit = "purchase.order"

    customer_order_ids = fields.Many2many(
        "sale.order",
        "purchase_order_customer_order_rel",
        "purchase_id",
        "order_id",
        string="For Orders",
        check_company=True,
        copy=False,
        domain="[('state', '!=', 'cancel')]",
        groups=READERS,
        help="Customers' orders for which this is bought, besides those that the system"
        " knows of; who can't read orders names them as the source document.",
    )

    # --- which orders -----------------------------------------------------------------

    def _find_customer_orders(self):
        """Return ``{purchase: customers' orders behind it}``: named by the purchaser, in
        the field or as the source document, or from which the host drafted it."""
        named = self._find_named_orders()
        found = {}
        for purchase in self:
            # Purchasers need not read orders; what is said of them is their number.
            own = purchase.sudo()
            orders = (
                own.customer_order_ids
                | own.reference_ids.sale_ids
                | own.order_line.move_dest_ids.sale_line_id.order_id
            )
            # The host's services and dropshipping, where they are installed.
            if "sale_line_id" in own.order_line._fields:
                orders |= own.order_line.sale_line_id.order_id
            for name in own._get_origins():
                orders |= named.get((own.company_id, name), orders.browse())
            found[purchase] = orders.filtered(lambda order: order.state != "cancel")
        return found

    def _find_named_orders(self):
        """Return ``{(company, number in small letters): orders}`` of what is named as
        the source document."""
        # As above: purchasers need not read orders.
        orders = self.env["sale.order"].sudo()
        names = {name for purchase in self for name in purchase._get_origins()}
        if names:
            orders.flush_model(["company_id", "name"])
            rows = self.env.execute_query(
                SQL(
                    "SELECT id FROM sale_order"
                    " WHERE lower(name) = ANY(%s) AND company_id = ANY(%s)",
                    [*names],
                    self.sudo().company_id.ids,
                )
            )
            orders = orders.browse(row[0] for row in rows)
        return orders.grouped(lambda order: (order.company_id, order.name.lower()))

    def _get_origins(self):
        """Return what may be a number of an order in the source document, which is free
        text, in small letters: every run of words, and whatever stands between commas."""
        self.ensure_one()
        text = unicodedata.normalize("NFKC", self.origin or "").lower()
        names = {name.strip() for name in text.split(",")}
        words = [match.span() for match in WORD.finditer(text)]
        for number, (start, __) in enumerate(words):
            names |= {text[start:end] for __, end in words[number : number + WORDS]}
        return names - {""}

    # --- named ones stay --------------------------------------------------------------

    def write(self, vals):
        if NAMING.isdisjoint(vals):
            return super().write(vals)
        with self._keep_customer_orders():
            return super().write(vals)

    @contextmanager
    def _keep_customer_orders(self, target=None):
        """Let nobody take off the orders that a purchase is for, but who may sign it.

        :param target: the purchase to which what is bought is taken, if any
        :raise UserError: for anybody else, where the rule blocks
        """
        # Compared only; refused are orders by their numbers, as everywhere.
        purchases = self.sudo().filtered(
            lambda purchase: (
                purchase._get_authority_modes()[purchase.id].get("A06") == "block"
            )
        )
        before = purchases._find_customer_orders()
        bound = purchases.union(*(own for own in before if before[own]))
        bound = bound._filter_beyond_own()
        yield
        goal = target and target.sudo()  # as above
        after = (goal or bound)._find_customer_orders()
        for purchase in bound:
            lost = before[purchase] - after[goal or purchase]
            if lost:
                raise UserError(
                    self.env._(
                        "%(purchase)s is for %(orders)s: only who may sign it takes them"
                        " off (A06).",
                        purchase=purchase.display_name,
                        orders=", ".join(lost.mapped("name")),
                    )
                )

    def _filter_beyond_own(self):
        """Return the purchases that are beyond the current user's own authority."""
        beyond = self.browse()
        if self.env.user._is_superuser():
            return beyond
        lowest = self.env["authority.level"]._get_ranks()[0][0]
        for company, purchases in self.grouped("company_id").items():
            ranks = self.env["authority.assignment"]._get_ranks(
                company, company._get_business_date()
            )
            own = ranks.get(self.env.uid, lowest)
            needed = purchases._get_signing_ranks()
            beyond |= purchases.filtered(lambda p, o=own, n=needed: o < n[p])
        return beyond

    def _get_signing_ranks(self):
        """Return ``{purchase: rank that signs it alone}``, of one company; where no level
        is named for what is bought for orders, the highest."""
        company = self.company_id
        levels = self.env["authority.level"]._get_ranks()
        lowest, top = levels[0], levels[-1]
        matrix = self.env["authority.rule"]._get_matrix(
            company.id, self._get_authority_document(), company._get_business_date()
        )
        facts = self._get_authority_facts()
        ranks = {}
        for purchase in self:
            ranks[purchase] = lowest[0]
            for fact in facts[purchase.id]:
                found = find_level(matrix, fact["measure"], False, fact["value"], top)
                if found or fact["measure"] == "procurement_for_order":
                    rank = (found or top)[0]
                    ranks[purchase] = max(ranks[purchase], rank)
        return ranks

    def copy_data(self, default=None):
        """Copy as the host does; a copy is for the same orders, named as its source by
        who may not read them, too."""
        vals_list = super().copy_data(default)
        for purchase, vals in zip(self, vals_list, strict=True):
            # As above: what is said of orders is their number.
            orders = purchase.sudo().customer_order_ids
            if self._is_authority_on(purchase.company_id):
                orders |= purchase._find_customer_orders()[purchase]
            if orders and "origin" not in (default or {}):
                vals["origin"] = ", ".join(orders.mapped("name"))
        return vals_list

    def action_merge(self):
        """Merge as the host does; what is merged is for the orders of all of them."""
        groups = self.grouped(
            lambda purchase: repr(purchase._prepare_grouped_data(purchase))
        )
        for purchases in groups.values():
            # Whoever merges need not read the orders.
            orders = purchases.sudo().customer_order_ids
            if any(self._is_authority_on(company) for company in purchases.company_id):
                orders = orders.union(
                    *purchases.sudo()._find_customer_orders().values()
                )
            if orders and len(purchases) > 1:
                purchases.sudo().customer_order_ids |= orders
        return super().action_merge()
