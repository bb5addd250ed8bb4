from odoo import api, fields, models
from odoo.exceptions import UserError


class StockMove(models.Model):
    """Where the rule blocks, goods go to and come from the place for loans by a loan
    only: not by a transfer, a count or a scrap (A20)."""

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
        return super().write(vals)

    def _action_done(self, *args, **kwargs):
        self.filtered(lambda move: move.state not in ("done", "cancel"))._check_loans()
        return super()._action_done(*args, **kwargs)

    def _check_loans(self, finished=False):
        """Refuse movements of lent goods that no loan has made (A20).

        :param bool finished: of what has moved already, those of loans as well
        """
        # Whose place it is decides, whoever may read places.
        for move in self.sudo():
            company = move.company_id
            place = company.loan_location_id
            entries = (move, *move.move_line_ids)
            if (
                place
                and (finished or not move.loan_line_id)
                and any(
                    entry.location_id._child_of(place)
                    or entry.location_dest_id._child_of(place)
                    for entry in entries
                )
                and self.env["business.rule.mode"]._get_mode("A20", company) == "block"
            ):
                raise UserError(
                    self.env._(
                        "“%(product)s”: goods on loan go out and come back by a loan only"
                        " (A20).",
                        product=move.product_id.display_name,
                    )
                )
