from odoo import api, fields, models
from odoo.tools import SQL

from ..guard import as_server, is_server

FINISHED_NOW = "sales_receivable.moves_finished_now"
# What the stock age of past months was computed from.
HISTORY = {
    "company_id",
    "date",
    "state",
    "is_in",
    "is_out",
    "origin_returned_move_id",
    "value",
    "picking_id",
    "product_id",
    "product_uom",
    "quantity",
    "price_unit",
    "purchase_line_id",
    "location_id",
    "location_dest_id",
}


class StockMove(models.Model):
    """Keeps what decides whose stock is how old (K03): who brought it in, and when.

    The buyer is frozen at the receipt. Finished movements stay as they are as soon as a
    company deducts for stock age, i.e. has a rate of K03.
    """

    _name = "stock.move"
    _inherit = ["stock.move", "server.field.mixin", "stock.history.mixin"]
    _guards_readonly = False

    receipt_buyer_id = fields.Many2one(
        "res.users",
        string="Brought In By",
        readonly=True,
        copy=False,
        ondelete="restrict",
        help="Who answers for the goods, as known at the receipt: user of the purchase"
        " order, else the vendor's buyer, else the product's responsible.",
    )

    @api.model
    def _get_server_fields(self):
        return super()._get_server_fields() | {"receipt_buyer_id"}

    @api.model_create_multi
    def create(self, vals_list):
        moves = super().create(vals_list)
        # Looked at afterwards: a state may come from a context's default, too.
        moves._filter_finished()._check_history()
        return moves

    def write(self, vals):
        if HISTORY & vals.keys() and not (self.env.su or is_server(self)):
            changed = self._filter_finished()._filter_changing(vals, HISTORY)
            company = self.env["res.company"].browse(vals.get("company_id") or [])
            changed._check_history(company)
        return super().write(vals)

    def _filter_finished(self):
        """Return what was finished before this transaction."""
        finished_now = self._get_finished_now()
        return self.filtered(
            lambda move: move.state == "done" and move.id not in finished_now
        )

    def _get_finished_now(self):
        """Return the ids of what this transaction has finished: whoever let the server
        do that may still date it, as counts and productions do."""
        return self.env.cr.precommit.data.setdefault(FINISHED_NOW, set())

    def _check_history(self, companies=()):
        """Refuse to change finished movements where stock age counts (K03).

        :param companies: where the movements would go, besides where they are
        """
        if self:
            self._refuse_while_kept(
                self.company_id.union(*companies),
                self.env._(
                    "Stock age counts here (K03, K04): a finished movement keeps its"
                    " company, date, product, quantity, source and value. Put a wrong"
                    " quantity right by a return or an inventory count."
                ),
            )

    def _check_places(self):
        """Refuse to finish movements of one company at places of another: there would
        be stock without age, and age without stock (K03)."""
        for move in self:
            lines = move.move_line_ids
            places = move.location_id | move.location_dest_id
            places |= lines.location_id | lines.location_dest_id
            # Whose a place is decides, whether or not the person may see that company.
            owners = places.sudo().company_id
            if owners - move.company_id:
                move._refuse_while_kept(
                    owners | move.company_id,
                    self.env._(
                        "Stock age counts here (K03, K04): goods are moved by the"
                        " company whose places they leave and reach."
                    ),
                )

    def _set_value(self, *args, **kwargs):
        """Value movements as the host does; nobody else writes their value (K03)."""
        return super(StockMove, as_server(self))._set_value(*args, **kwargs)

    def _action_done(self, *args, **kwargs):
        open_moves = self.filtered(lambda move: move.state not in ("done", "cancel"))
        open_moves._check_places()
        self._get_finished_now().update(open_moves.ids)
        moves = super()._action_done(*args, **kwargs)
        moves._get_finished_now().update(moves.ids)
        moves._freeze_receipt_buyer()
        return moves

    def _freeze_receipt_buyer(self):
        """Note on these finished receipts who brought the goods in (K03)."""
        if self.ids:
            self._update_receipt_buyer(SQL("move.id = ANY(%s)", self.ids))

    @api.model
    def _freeze_receipt_buyers(self, companies):
        """Note the buyer of all finished receipts of companies that don't know it yet.

        Called when a company begins to deduct: from then on nobody is moved by a later
        change of the order, the vendor or the product.
        """
        self._update_receipt_buyer(SQL("move.company_id = ANY(%s)", companies.ids))

    @api.model
    def _update_receipt_buyer(self, condition):
        self.env.execute_query(
            SQL(
                """
                UPDATE stock_move
                   SET receipt_buyer_id = found.buyer_id
                  FROM (SELECT move.id, %(buyer)s AS buyer_id
                          FROM stock_move move
                          JOIN product_product product ON product.id = move.product_id
                          JOIN product_template template
                            ON template.id = product.product_tmpl_id
                               %(joins)s
                         WHERE move.is_in AND move.state = 'done'
                           AND move.receipt_buyer_id IS NULL AND %(condition)s) found
                 WHERE stock_move.id = found.id AND found.buyer_id IS NOT NULL
                """,
                buyer=self._get_buyer_sql("move"),
                joins=self._get_buyer_joins_sql(),
                condition=condition,
                to_flush=self._get_age_fields(),
            )
        )
        self.env["stock.move"].invalidate_model(["receipt_buyer_id"])

    @api.model
    def _get_buyer_sql(self, owner):
        """Return who answers for goods, over ``move``, ``template`` and the joins of
        ``_get_buyer_joins_sql``: as frozen, else as far as known now.

        :param str owner: alias of what has the ``company_id``
        """
        return SQL(
            """COALESCE(move.receipt_buyer_id, purchase.user_id, vendor.buyer_id,
                        vendor_parent.buyer_id,
                        (template.responsible_id ->> %s::text)::int)""",
            SQL.identifier(owner, "company_id"),
        )

    @api.model
    def _get_buyer_joins_sql(self):
        return SQL(
            """LEFT JOIN purchase_order_line purchase_line
                      ON purchase_line.id = move.purchase_line_id
               LEFT JOIN purchase_order purchase ON purchase.id = purchase_line.order_id
               LEFT JOIN stock_picking picking ON picking.id = move.picking_id
               LEFT JOIN res_partner vendor
                      ON vendor.id = COALESCE(purchase.partner_id, picking.partner_id)
               LEFT JOIN res_partner vendor_parent
                      ON vendor_parent.id = vendor.commercial_partner_id"""
        )
