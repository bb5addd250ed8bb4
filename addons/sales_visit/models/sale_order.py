from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL


class SaleOrder(models.Model):
    _name = "sale.order"
    _inherit = ["sale.order"]

    visit_id = fields.Many2one(
        "sales.visit",
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        check_company=True,
        groups="sales_visit.group_user",
        domain="[('commercial_partner_id', 'parent_of', partner_id)]",
        help="Visit at which the customer asked for it (V14).",
    )

    # Out of everybody's reach: the host's order date may be written.
    visit_confirmed_at = fields.Datetime(
        string="First Confirmed", readonly=True, copy=False, groups=fields.NO_ACCESS
    )

    visit_referral_id = fields.Many2one(
        "sales.referral",
        string="Counted by Referral",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        groups=fields.NO_ACCESS,
    )

    @api.constrains("visit_id", "partner_id")
    def _check_visit_id(self):
        # Whoever writes the order need not see the visit.
        for order in self.sudo().filtered("visit_id"):
            customer = order.visit_id.commercial_partner_id
            if order.partner_id.commercial_partner_id != customer:
                raise ValidationError(
                    self.env._(
                        "%(order)s comes from a visit at %(customer)s: it can't be for another customer. (V14)",
                        order=order.display_name,
                        customer=customer.display_name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        orders._note_confirmation()
        return orders

    def write(self, vals):
        if "visit_id" in vals:
            self._check_kept_visit(vals["visit_id"])
        result = super().write(vals)
        if "state" in vals:
            self._note_confirmation()
        return result

    def _note_confirmation(self):
        """Keep when orders were first confirmed: from then on a customer isn't new (V01)."""
        # Whoever confirms an order dates it by the server's clock.
        self.sudo().filtered(
            lambda order: order.state == "sale" and not order.visit_confirmed_at
        ).visit_confirmed_at = fields.Datetime.now()

    def _check_kept_visit(self, visit_id):
        """Refuse to take orders away from visits whose report is locked (V10, V14)."""
        # Whoever writes the order need not see the visit.
        for visit in self.sudo().visit_id._filter_locked():
            if visit.id != visit_id:
                raise UserError(visit._get_locked_message())

    @api.ondelete(at_uninstall=False)
    def _unlink_except_reported(self):
        """Keep the order that a locked report rests on, where the company blocks (V14)."""
        for order in self.sudo():
            visit = order.visit_id._filter_locked()
            if visit.outcome_id.is_order and visit._get_rule_mode("V14") == "block":
                raise UserError(
                    self.env._(
                        "The report of %(visit)s rests on %(order)s: cancel it instead of deleting it. (V14)",
                        visit=visit.name,
                        order=order.name,
                    )
                )

    def _get_signed_amounts(self):
        """Return ``{order: untaxed amount}`` in the currency of each order's company, at
        the rate of the order."""
        return {
            order: order.company_id.currency_id.round(
                order.amount_untaxed / (order.currency_rate or 1.0)
            )
            for order in self
        }

    def _get_collected_amounts(self):
        """Return ``{order: untaxed amount or None}`` that has come in as money, in the
        currency of each order's company; ``None`` while something is to be invoiced or
        collected yet (V24).

        What credit notes, other entries and write-offs settled is no money.
        """
        # Who records a referral need not see invoices: only the sum leaves this method.
        orders = self.sudo()
        invoices = orders.invoice_ids.filtered(lambda move: move.state == "posted")
        shares = self._get_money_shares(invoices)
        amounts = {}
        for order in orders:
            moves = order.invoice_ids & invoices
            if order.invoice_status not in ("invoiced", "upselling") or any(
                not move.company_currency_id.is_zero(move.amount_residual_signed)
                for move in moves
            ):
                amounts[order] = None
                continue
            lines = order.order_line.invoice_lines.filtered(
                lambda line, moves=moves: line.move_id in moves
            )
            amounts[order] = sum(
                -line.balance * shares.get(line.move_id.id, 0.0) for line in lines
            )
        return {order: amounts[order.sudo()] for order in self}

    @api.model
    def _get_money_shares(self, invoices):
        """Return ``{invoice id: share from 0 to 1}`` of invoices settled with money: by
        payments and bank lines, without what these wrote off."""
        self.env.flush_all()
        query = SQL(
            """
            WITH paid AS (
                SELECT item.move_id AS invoice_id, part.amount, other.move_id
                  FROM account_move_line item
                  JOIN account_partial_reconcile part ON part.debit_move_id = item.id
                  JOIN account_move_line other ON other.id = part.credit_move_id
                  JOIN account_move entry ON entry.id = other.move_id
                 WHERE item.move_id IN %(invoices)s
                   AND entry.move_type = 'entry'
                   AND (entry.origin_payment_id IS NOT NULL
                        OR entry.statement_line_id IS NOT NULL)
            ), money AS (
                SELECT line.move_id,
                       LEAST(1, ABS(SUM(line.balance) FILTER (
                           WHERE account.account_type
                                 IN ('asset_cash', 'liability_credit_card')
                              OR account.id = payment.outstanding_account_id))
                       / NULLIF(ABS(SUM(line.balance) FILTER (
                           WHERE account.account_type
                                 IN ('asset_receivable', 'liability_payable'))), 0)
                       ) AS share
                  FROM account_move_line line
                  JOIN account_account account ON account.id = line.account_id
                  JOIN account_move entry ON entry.id = line.move_id
             LEFT JOIN account_payment payment ON payment.id = entry.origin_payment_id
                 WHERE line.move_id IN (SELECT move_id FROM paid)
                 GROUP BY line.move_id
            )
            SELECT paid.invoice_id,
                   SUM(paid.amount * COALESCE(money.share, 0))
                       / NULLIF(ABS(invoice.amount_total_signed), 0)
              FROM paid
              JOIN money ON money.move_id = paid.move_id
              JOIN account_move invoice ON invoice.id = paid.invoice_id
             WHERE invoice.move_type = 'out_invoice'
             GROUP BY paid.invoice_id, invoice.amount_total_signed
            """,
            invoices=tuple(invoices.ids) or (0,),
        )
        return {
            move_id: min(float(share or 0.0), 1.0)
            for move_id, share in self.env.execute_query(query)
        }
