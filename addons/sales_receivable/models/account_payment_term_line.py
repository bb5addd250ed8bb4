from datetime import date, timedelta

from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.exceptions import UserError

#: No date at all would mean due at once. Each line has its own, so that instalments
#: which wait for different events stay apart.
NOT_YET = date(2999, 12, 31)
WAITING_FROM = date(2990, 1, 1)
EVENTS_KEY = "payment_term_events"


class TermEvents(dict):
    """The days of an invoice's events; no remote caller can send this class."""


class AccountPaymentTermLine(models.Model):
    """An instalment may fall due with the signing or the delivery (A10).

    30 % within 3 days of signing, the rest within 30 days of delivery, retention money
    (质保金) twelve months after it. What hasn't happened yet makes nothing due.
    """

    _name = "account.payment.term.line"
    _inherit = "account.payment.term.line"

    event = fields.Selection(
        [
            ("signing", "Signing of the contract"),
            ("delivery", "Delivery of the goods"),
        ],
        string="Counts From",
        help="Empty = the invoice date. Without a contract the order's confirmation is"
        " its signing; what is not delivered from stock counts from the invoice.",
    )
    event_months = fields.Integer(
        string="Months",
        help="Months after the event, besides the days; for retention money.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._check_nothing_waits()
        return lines

    def write(self, vals):
        self._check_nothing_waits()
        result = super().write(vals)
        self._check_nothing_waits()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_if_nothing_waits(self):
        self._check_nothing_waits()

    def _check_nothing_waits(self):
        """Keep a payment term as it is while instalments of posted invoices wait for an
        event by it: they would wait for another one, or for ever (A10)."""
        # Any invoice counts, whoever may read it; none is named.
        Move = self.env["account.move"].sudo()
        waiting = Move._domain_waiting() & fields.Domain(
            "invoice_payment_term_id", "in", self.payment_id.ids
        )
        if self.payment_id and Move.search(waiting, limit=1):
            raise UserError(
                self.env._(
                    "Instalments of posted invoices wait by this payment term: make a"
                    " copy with the new conditions, and archive this one."
                )
            )

    def _get_due_date(self, date_ref):
        start = fields.Date.to_date(date_ref) or fields.Date.today()
        events = self.env.context.get(EVENTS_KEY)
        if self.event and isinstance(events, TermEvents):
            start = events[self.event]
            if not start:
                return self._get_waiting_date()
        return super()._get_due_date(start + relativedelta(months=self.event_months))

    def _get_waiting_date(self):
        """Return the date that stands for "not yet" on this line's journal item."""
        self.ensure_one()
        return NOT_YET - timedelta(days=self.payment_id.line_ids.ids.index(self.id))

    def _describe_due(self):
        """Say from when on the instalment is due, e.g. “3 days after signing”."""
        self.ensure_one()
        parts = []
        if self.event_months:
            parts.append(self.env._("%s months", self.event_months))
        if self.nb_days:
            parts.append(self.env._("%s days", self.nb_days))
        after = " + ".join(parts) or self.env._("at once")
        if self.event == "signing":
            return self.env._("%s after signing", after)
        return self.env._("%s after delivery", after)
