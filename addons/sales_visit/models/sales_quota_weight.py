from odoo import fields, models

from .sales_visit import CHANNELS


class SalesQuotaWeight(models.Model):
    """What a visit by a channel counts towards a quota; by default one in person or online
    counts once, a phone call or message doesn't (V01)."""

    _name = "sales.quota.weight"
    _description = "Weight of a Channel in a Visit Quota"
    _order = "quota_id, channel"

    quota_id = fields.Many2one(
        "sales.quota", required=True, index=True, ondelete="cascade"
    )
    channel = fields.Selection(CHANNELS, required=True)
    weight = fields.Float(required=True, default=1.0)

    _channel_uniq = models.Constraint(
        "unique(quota_id, channel)", "A channel has one weight."
    )
    _check_weight = models.Constraint("CHECK(weight >= 0)", "A weight isn't negative.")
