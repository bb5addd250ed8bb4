from datetime import date, timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..authority import exceeds
from ..guard import as_server

#: No date at all would mean due at once.
NOT_YET = date(2999, 12, 31)


class AccountMove(models.Model):
    """An invoice that falls due with deliveries to come, not on a calendar day (A07).

    With *n* deliveries behind it is due on the day of the n-th delivery to the customer
    after its own goods have left; one without goods after its posting. Goods invoiced
    ahead leave first. Returns are no deliveries.
    """

    _name = "account.move"
    _inherit = "account.move"

    settlement_method_id = fields.Many2one(
        "sales.settlement.method",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        tracking=True,
    )
    settlement_since = fields.Datetime(
        string="Posted At", readonly=True, copy=False, groups="base.group_user"
    )
    settlement_note = fields.Char(compute="_compute_settlement_note")

    @api.model
    def _get_server_fields(self):
        return super()._get_server_fields() | {"settlement_since"}

    @api.depends("settlement_method_id", "invoice_date_due", "payment_state", "state")
    def _compute_settlement_note(self):
        for move in self:
            move.settlement_note = False
            if (
                move._is_due_with_deliveries()
                and move.payment_state != "paid"
                and (
                    move.state == "draft"
                    or move.invoice_date_due == move._get_latest_due()
                )
            ):
                move.settlement_note = self.env._(
                    "Due with delivery %s to the customer after these goods.",
                    move.settlement_method_id.deliveries_behind,
                )

    def _is_due_with_deliveries(self):
        """Tell whether deliveries to come make the invoice due."""
        self.ensure_one()
        return (
            self.move_type == "out_invoice"
            and self.settlement_method_id.deliveries_behind > 0
            and not self._is_downpayment()
        )

    def write(self, vals):
        if "settlement_method_id" in vals and any(
            move.state == "posted"
            and move.settlement_method_id.id != (vals["settlement_method_id"] or False)
            for move in self
        ):
            raise UserError(
                self.env._(
                    "How a posted invoice is settled stays as it was: reset it to draft."
                )
            )
        return super().write(vals)

    def _post(self, soft=True):
        drafts = self.filtered(lambda move: move.state == "draft")
        event_driven = drafts.filtered(lambda move: move._is_due_with_deliveries())
        for move in event_driven:
            # Terms of calendar days would say otherwise.
            move.invoice_payment_term_id = False
            move.invoice_date_due = move._get_latest_due()
        as_server(event_driven).settlement_since = fields.Datetime.now()
        posted = super()._post(soft)
        # Who posts need not read deliveries; they only move the due date.
        (event_driven & posted).sudo()._update_due_with_deliveries()
        return posted

    def _get_latest_due(self):
        days = self.settlement_method_id.latest_days
        if not days:
            return NOT_YET
        start = self.invoice_date or self.company_id._get_business_date()
        return start + timedelta(days=days)

    @api.model
    def _update_due_of_customers(self, company, customers):
        """Make due what deliveries to customers have made due.

        :param customers: commercial partners to whom something has been delivered
        """
        invoices = self.search(
            [
                ("company_id", "=", company.id),
                ("commercial_partner_id", "in", customers.ids),
                ("settlement_method_id.deliveries_behind", ">", 0),
                ("state", "=", "posted"),
                ("payment_state", "in", ("not_paid", "partial")),
            ]
        )
        invoices.filtered(
            lambda move: move._is_due_with_deliveries()
        )._update_due_with_deliveries()

    def _update_due_with_deliveries(self):
        """Set the due dates of these posted invoices by the deliveries so far."""
        for company, moves in self.grouped("company_id").items():
            customers = moves.commercial_partner_id
            # A delivery and an invoice at once meet here, and the later one sees both.
            self.env["credit.counter"]._count(company, customers)
            deliveries = self.env["stock.move"]._get_deliveries(company, customers)
            for move in moves:
                start = move._get_settlement_start()
                behind = move.settlement_method_id.deliveries_behind
                later = [
                    moment
                    for moment in deliveries[move.commercial_partner_id.id]
                    if start and moment > start
                ]
                due = move._get_latest_due()
                if len(later) >= behind:
                    due = min(due, company._get_business_date(later[behind - 1][0]))
                if move.invoice_date_due != due:
                    move.invoice_date_due = due

    def _get_settlement_start(self):
        """Return when the invoice's own goods had left, as ``(UTC datetime, stock move
        id)``; ``None`` as long as some of them haven't."""
        self.ensure_one()
        starts = []
        for line in self.invoice_line_ids.sale_line_ids:
            sent = line.move_ids.filtered(lambda move: move._is_delivery())
            if not sent:
                continue
            due = line._get_quantity_invoiced_until(self)
            last = None
            for move in sent.filtered(lambda m: m.state == "done").sorted(
                lambda m: (m.date, m.id)
            ):
                last = (move.date, move.id)
                if move.product_id != line.product_id:
                    continue  # a part of a kit: all of them have to leave
                due -= move.product_uom._compute_quantity(
                    move.quantity, line.product_uom_id, round=False
                )
                if not exceeds(due, 0.0):
                    break
            else:
                if not last or any(m.state not in ("done", "cancel") for m in sent):
                    return None
            starts.append(last)
        return max(starts, default=(self.settlement_since, 0))
