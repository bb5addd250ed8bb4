from odoo import api, fields, models
from odoo.exceptions import UserError

# What a finished movement says of lent goods.
KEPT = {
    "company_id",
    "date",
    "location_dest_id",
    "location_id",
    "picking_id",
    "product_id",
    "product_uom",
    "quantity",
    "state",
}


class StockMove(models.Model):
    """Where the rule blocks, goods go to and come from the place for loans by a loan
    only: not by a transfer, a count or a scrap. Wherever it isn't off, what a loan has
    moved stays as it is (A20)."""

    _name = "stock.move"
    _inherit = "stock.move"

    loan_line_id = fields.Many2one(
        "product.loan.line",
        string="Loan",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )

    @api.model
    def _get_server_fields(self):
        return super()._get_server_fields() | {"loan_line_id"}

    @api.model_create_multi
    def create(self, vals_list):
        moves = super().create(vals_list)
        moves.filtered(lambda move: move.state == "done")._check_loans()
        return moves

    def write(self, vals):
        if vals.get("state") == "done":
            self._check_loans()
        finished = self.browse()
        if KEPT & vals.keys() and not self.env.su:
            finished = self._filter_left()._filter_changing(vals, KEPT)
            finished._check_loans(True)
        result = super().write(vals)
        # Afterwards, too: another place may be the one for loans.
        finished._check_loans(True)
        return result

    def _action_done(self, *args, **kwargs):
        self.filtered(lambda move: move.state not in ("done", "cancel"))._check_loans()
        return super()._action_done(*args, **kwargs)

    def _check_loans(self, finished=False):
        """Refuse movements of lent goods that no loan has made (A20).

        :param bool finished: of what has moved already, those of loans as well
        """
        get_mode = self.env["business.rule.mode"]._get_mode
        # Whose place it is decides, whoever may read places.
        for move in self.sudo():
            of_loan = bool(move.loan_line_id)
            if of_loan and not finished:
                continue
            if not of_loan and not move._is_place_for_loans():
                continue
            mode = get_mode("A20", move.company_id)
            if mode == "block" or (of_loan and mode != "off"):
                raise UserError(
                    self.env._(
                        "“%(product)s”: goods on loan go out and come back by a loan only"
                        " (A20).",
                        product=move.product_id.display_name,
                    )
                )

    def _is_place_for_loans(self):
        """Tell whether any of these goods come from or go to where lent goods lie."""
        self.ensure_one()
        return any(
            place._is_for_loans()
            for entry in (self, *self.move_line_ids)
            for place in (entry.location_id, entry.location_dest_id)
        )
