from datetime import datetime, time, timedelta

from dateutil import tz
from odoo import api, fields, models
from odoo.fields import Domain


class SalesChainNeed(models.Model):
    """Whether orders of a channel need a kind of paper, and when it is chased (A22).

    A line of a channel stands before the line of all channels. Without a line nothing
    is needed; orders from before its first day are spared.
    """

    _name = "sales.chain.need"
    _description = "Paper Needed by Orders"
    _order = "company_id, kind_id, sales_channel_id, id"
    _rec_name = "kind_id"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="cascade",
        default=lambda self: self.env.company,
    )
    kind_id = fields.Many2one(
        "sales.chain.kind",
        string="Paper",
        required=True,
        index=True,
        ondelete="restrict",
    )
    sales_channel_id = fields.Many2one(
        "sales.channel",
        index="btree_not_null",
        ondelete="restrict",
        help="Empty = every channel without a line of its own.",
    )
    is_needed = fields.Boolean(string="Needed", default=True)
    date_from = fields.Date(
        string="Orders From",
        required=True,
        default=fields.Date.context_today,
        help="Orders made before this day are spared.",
    )
    days = fields.Integer(
        string="Chased After (days)",
        default=7,
        help="Days after confirmation; then somebody gets an activity, once.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Chased By",
        ondelete="restrict",
        domain="[('share', '=', False)]",
        help="Empty = the salesperson.",
    )

    _channel_uniq = models.UniqueIndex(
        "(company_id, kind_id, COALESCE(sales_channel_id, 0))",
        "There is already a line of this paper and channel.",
    )
    _check_days = models.Constraint("CHECK(days >= 0)", "Days can't be negative.")

    @api.model
    def _domain_needing(self, kind):
        """Return the domain of the confirmed orders that need a kind of paper."""
        # What is needed counts for everybody, whatever records they may read.
        needs = self.sudo().search([("kind_id", "=", kind.id)])
        return Domain.OR(need._domain_orders(needs) for need in needs)

    def _domain_orders(self, others):
        """Return the domain of the confirmed orders that need this line's paper.

        :param others: all lines of the paper
        """
        self.ensure_one()
        if not self.is_needed:
            return Domain.FALSE
        own = self.sales_channel_id
        if own:
            channels = Domain("sales_channel_id", "=", own.id)
        else:
            others = others.filtered(lambda n: n.company_id == self.company_id)
            channels = Domain("sales_channel_id", "not in", others.sales_channel_id.ids)
        return (
            channels
            & Domain("state", "=", "sale")
            & Domain("company_id", "=", self.company_id.id)
            # The day it was made, which nobody can change.
            & Domain("create_date", ">=", self._get_start())
        )

    def _get_start(self):
        """Return when the line's first day begins in its company, in UTC."""
        zone = tz.gettz(self.company_id._get_local_tz())
        start = datetime.combine(self.date_from, time.min, tzinfo=zone)
        return start.astimezone(tz.UTC).replace(tzinfo=None)

    def _domain_due(self, others):
        """Return the domain of the orders whose paper is chased by now, if missing."""
        due = fields.Datetime.now() - timedelta(days=self.days)
        return self._domain_orders(others) & Domain("date_order", "<=", due)
