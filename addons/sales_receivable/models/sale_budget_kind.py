from odoo import api, fields, models
from odoo.exceptions import UserError


class SaleBudgetKind(models.Model):
    """A kind of cost in the budget of an order: goods, freight, installation … (A19).

    Kinds with a code are estimated by the system: goods at their frozen cost, and what
    it costs to wait for retention money (A10).
    """

    _name = "sale.budget.kind"
    _description = "Kind of Cost"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    code = fields.Selection(
        [("goods", "Goods at cost"), ("retention", "Waiting for retention money")],
        string="Estimated As",
        copy=False,
        help="Empty = estimated by hand.",
    )

    _code_uniq = models.UniqueIndex(
        "(code) WHERE code IS NOT NULL", "There is one kind of cost estimated that way."
    )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_estimated(self):
        if any(kind.code for kind in self):
            raise UserError(
                self.env._("What the system estimates stays; rename it if you like.")
            )

    @api.model
    def _get_by_code(self):
        """Return ``{code: kind}`` of what the system estimates."""
        # Names of kinds of cost are no secret.
        kinds = self.sudo().with_context(active_test=False)
        return {kind.code: kind for kind in kinds.search([("code", "!=", False)])}
