from odoo import api, fields, models
from odoo.exceptions import UserError

from ..guard import as_server
from ..tools.words import to_readable


class ProductLoanLine(models.Model):
    """A product that is lent, and how much of it is still out (A20)."""

    _name = "product.loan.line"
    _description = "Line of a Product Loan"
    _inherit = ["goods.slip.line.mixin"]
    _order = "slip_id, id"
    _rec_name = "product_id"

    slip_id = fields.Many2one(
        "product.loan", required=True, index=True, ondelete="cascade"
    )
    tracking = fields.Selection(related="product_id.tracking")
    lot_id = fields.Many2one(
        "stock.lot",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('product_id', '=', product_id)]",
        help="Which serial number, or which lot, is lent.",
    )
    move_ids = fields.One2many("stock.move", "loan_line_id", string="Movements")
    outcome_ids = fields.One2many("product.loan.outcome", "line_id", string="Outcomes")
    left_quantity = fields.Float(
        string="Still Out", compute="_compute_left_quantity", digits="Product Unit"
    )

    @api.depends(
        "quantity", "slip_id.state", "outcome_ids.quantity", "outcome_ids.state"
    )
    def _compute_left_quantity(self):
        for line in self:
            ended = line.outcome_ids.filtered(lambda o: o.state != "refused")
            left = line.quantity - sum(ended.mapped("quantity"))
            out = line.slip_id.state == "lent" and line.uom_id.compare(left, 0.0) > 0
            line.left_quantity = left if out else 0.0

    def _get_slip_content(self):
        return [*super()._get_slip_content(), self.lot_id.id]

    def _move(self, quantity, source, destination):
        """Move goods of this loan now, and return the finished movement (A20).

        :param float quantity: in the product's unit
        :raise UserError: not in stock, or of which lot isn't said
        """
        self.ensure_one()
        product = self.product_id
        if product.tracking != "none" and not self.lot_id:
            raise UserError(
                self.env._(
                    "Say which lot or serial number of “%s”.", product.display_name
                )
            )
        made = as_server(self.env["stock.move"]).create(
            {
                "product_id": product.id,
                "product_uom": product.uom_id.id,
                "product_uom_qty": quantity,
                "location_id": source.id,
                "location_dest_id": destination.id,
                "company_id": self.company_id.id,
                "origin": self.slip_id.name,
                "loan_line_id": self.id,
            }
        )
        move = self.env["stock.move"].browse(made.id)
        move._action_confirm(merge=False)
        if product.is_storable:
            taken = move._update_reserved_quantity(
                quantity, source, lot_id=self.lot_id, strict=False
            )
            if product.uom_id.compare(taken, quantity) < 0:
                raise UserError(
                    self.env._(
                        "Only %(taken)s %(unit)s of “%(product)s” are in %(place)s.",
                        taken=taken,
                        unit=product.uom_id.name,
                        product=product.display_name,
                        place=source.display_name,
                    )
                )
        else:
            move.quantity = quantity
        move.picked = True
        move._action_done()
        return move

    def action_open_end(self):
        """Ask what became of these goods."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Returned, Lost or Damaged"),
            "res_model": "product.loan.end",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_line_id": self.id,
                "default_quantity": self.left_quantity,
            },
        }

    def _end(self, kind, quantity, reason=None):
        """Record what became of lent goods (A20).

        :param str kind: ``"returned"``, ``"charged"`` or ``"written_off"``
        :raise UserError: more than is still out, or a loss without a reason
        """
        self.ensure_one()
        loan = self.slip_id
        loan._check_keeper()
        loan._take_row(("lent",))  # of two at once, one sees what the other took
        self.invalidate_recordset(["left_quantity"])
        unit = self.uom_id
        left = self.left_quantity
        if unit.compare(quantity, 0.0) <= 0 or unit.compare(quantity, left) > 0:
            raise UserError(
                self.env._(
                    "%(left)s %(unit)s of “%(product)s” are still out.",
                    left=left,
                    unit=unit.name,
                    product=self.product_id.display_name,
                )
            )
        if kind != "returned" and not to_readable(reason):
            raise UserError(self.env._("Give a reason."))
        # Outcomes are written by the steps of a loan only, by whoever may take them.
        outcome = as_server(self.env["product.loan.outcome"].sudo()).create(
            {
                "line_id": self.id,
                "kind": kind,
                "quantity": quantity,
                "reason": reason,
                "amount": 0.0 if kind == "returned" else quantity * self.unit_value,
                "beneficiary_id": kind == "charged"
                and (loan.borrower_id or loan.user_id).id,
            }
        )
        outcome = self.env["product.loan.outcome"].browse(outcome.id)
        if kind != "written_off":
            outcome._carry_out()
        elif loan._get_authority_errors(action="write_off"):
            loan.action_authority_request()
        else:
            loan._write_off()
        return outcome
