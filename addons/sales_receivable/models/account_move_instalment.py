from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools.misc import formatLang

from .account_payment_term_line import EVENTS_KEY, WAITING_FROM, TermEvents

BATCH = 200


class AccountMove(models.Model):
    """An invoice whose instalments fall due with signing and delivery (A10)."""

    _name = "account.move"
    _inherit = "account.move"

    instalment_note = fields.Char(
        string="Not Due Yet", compute="_compute_instalment_note"
    )

    @api.depends("line_ids.date_maturity", "line_ids.amount_currency", "state")
    def _compute_instalment_note(self):
        for move in self:
            move.instalment_note = (
                "; ".join(
                    f"{formatLang(self.env, abs(item.amount_currency), currency_obj=item.currency_id)}"
                    f" {line._describe_due()}"
                    for line, item in move._get_waiting_items()
                )
                or False
            )

    def _compute_needed_terms(self):
        waiting = self.filtered(
            lambda move: any(move.invoice_payment_term_id.line_ids.mapped("event"))
        )
        for move in waiting:
            driven = move.with_context(**{EVENTS_KEY: move._get_term_events()})
            super(AccountMove, driven)._compute_needed_terms()
        return super(AccountMove, self - waiting)._compute_needed_terms()

    def _compute_payment_term_details(self):
        """Print from when on an instalment is due instead of a date that isn't known."""
        result = super()._compute_payment_term_details()
        for move in self.filtered("payment_term_details"):
            waiting = {item: line for line, item in move._get_waiting_items()}
            items = move.line_ids.filtered(
                lambda item: item.display_type == "payment_term"
            ).sorted("date_maturity")
            move.payment_term_details = [
                detail | {"date": waiting[item]._describe_due()}
                if item in waiting
                else detail
                for item, detail in zip(items, move.payment_term_details, strict=True)
            ]
        return result

    def _get_waiting_items(self):
        """Return ``[(payment term line, journal item)]`` of what waits for its event."""
        self.ensure_one()
        # Who reads the invoice may know what it waits for.
        lines = self.sudo().invoice_payment_term_id.line_ids.filtered("event")
        by_date = {line._get_waiting_date(): line for line in lines}
        return [
            (by_date[item.date_maturity], item)
            for item in self.line_ids
            if item.display_type == "payment_term" and item.date_maturity in by_date
        ]

    def _get_term_events(self):
        """Return the days on which the invoice's events have happened, or None.

        Several orders: the last day of all. An invoice without an order counts from its
        own date.
        """
        self.ensure_one()
        own = self.invoice_date or self.date
        # Whose invoice it is needn't read contracts and deliveries: only days leave.
        move = self.sudo()
        orders = move.invoice_line_ids.sale_line_ids.order_id
        signed = [order._get_signing_date() for order in orders]
        start = move._get_settlement_start()
        delivered = start and (
            move.company_id._get_business_date(start[0]) if start[1] else own
        )
        return TermEvents(
            signing=max(signed, default=own) if all(signed) else None,
            delivery=delivered,
        )

    def _post(self, soft=True):
        posted = super()._post(soft)
        posted._update_due_with_events()
        return posted

    @api.model
    def _domain_waiting(self):
        """Return the domain of the posted invoices that wait for an event."""
        return Domain("state", "=", "posted") & Domain(
            "line_ids",
            "any",
            [
                ("display_type", "=", "payment_term"),
                ("date_maturity", ">=", WAITING_FROM),
            ],
        )

    def _update_due_with_events(self):
        """Set the due dates of what has waited for an event that has happened."""
        for move in self:
            happened = move.env["account.move.line"]
            items = move._get_waiting_items()
            events = move._get_term_events() if items else {}
            for line, item in items:
                if events[line.event]:
                    driven = line.with_context(**{EVENTS_KEY: events})
                    item.date_maturity = driven._get_due_date(move.invoice_date)
                    happened |= item
            if happened:
                terms = move.line_ids.filtered(
                    lambda item: item.display_type == "payment_term"
                )
                move.invoice_date_due = max(terms.mapped("date_maturity"))

    @api.model
    def _cron_update_due_with_events(self):
        """Look again at all that waits: what was posted and delivered in one moment."""
        moves = self.search(self._domain_waiting(), order="id")
        remaining = len(moves)
        for start in range(0, len(moves), BATCH):
            batch = moves[start : start + BATCH]
            batch._update_due_with_events()
            remaining -= len(batch)
            self.env["ir.cron"]._commit_progress(len(batch), remaining=remaining)
