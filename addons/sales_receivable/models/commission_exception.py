from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

REASONS = [
    ("no_plan", "No plan is in force"),
    ("no_line", "No line of the plan fits"),
    ("no_order", "Invoiced without an order, so without a contract"),
    ("no_contract", "No contract was valid on that day"),
    ("no_person", "Nobody shares the commission"),
]


class CommissionException(models.Model):
    """Money collected in a period that bears no commission, and why (K02).

    Written with the period's run, replaced by the next; it stays with a closed period.
    """

    _name = "commission.exception"
    _description = "Collection without Commission"
    _order = "period_id desc, date, move_id, id"
    _rec_name = "move_id"

    period_id = fields.Many2one(
        "performance.period", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, index=True)
    currency_id = fields.Many2one("res.currency", required=True)
    move_id = fields.Many2one(
        "account.move", string="Invoice", required=True, index=True, ondelete="cascade"
    )
    partner_id = fields.Many2one("res.partner", string="Customer", ondelete="restrict")
    user_id = fields.Many2one("res.users", string="Salesperson", index=True)
    date = fields.Date(string="Collected On", required=True)
    reason = fields.Selection(REASONS, required=True)
    amount = fields.Monetary(
        string="Collected", required=True, help="What would have borne commission."
    )

    # Refusing is all that these do, so there is no super to call.
    @api.model_create_multi
    def create(self, vals_list):  # pylint: disable=method-required-super
        raise UserError(self.env._("The list is made by computing a period."))

    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(self.env._("The list is made by computing a period."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("The list is made by computing a period."))

    @api.model
    def _list(self, period):
        """Replace a period's list by what its run kept: money of its month only."""
        period._delete_lines(self._table)
        self.env.execute_query(
            SQL(
                """
                INSERT INTO commission_exception (period_id, company_id, currency_id,
                            move_id, partner_id, user_id, date, reason, amount)
                SELECT %(period)s, %(company)s, %(currency)s, move.id,
                       move.commercial_partner_id, accrual.user_id, accrual.date,
                       accrual.reason, SUM(accrual.base)
                  FROM (SELECT found.move_id, found.user_id, found.date, found.base,
                               COALESCE(found.reason, CASE WHEN NOT EXISTS (
                                   SELECT FROM commission_share share
                                    WHERE share.move_id = found.move_id)
                                   THEN 'no_person' END) AS reason
                          FROM commission_accrual found
                         WHERE found.slice = %(slice)s) accrual
                  JOIN account_move move ON move.id = accrual.move_id
                 WHERE accrual.reason IS NOT NULL
                 GROUP BY move.id, move.commercial_partner_id, accrual.user_id,
                          accrual.date, accrual.reason
                 ORDER BY accrual.date, move.id
             RETURNING id
                """,
                period=period.id,
                company=period.company_id.id,
                currency=period.company_id.currency_id.id,
                slice=f"{period.date_end:%Y-%m}",
            )
        )
        self.invalidate_model()

    def action_open_invoice(self):
        """Open the invoice."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.move",
            "res_id": self.move_id.id,
            "view_mode": "form",
        }
