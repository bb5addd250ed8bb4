from odoo import fields, models

RELEASE_POLICIES = [
    ("auto", "Released by settlement staff"),
    ("authority", "Released by authority only"),
]


class ResCompany(models.Model):
    _inherit = "res.company"

    freight_payment_release = fields.Selection(
        [
            ("registered", "As soon as it is registered"),
            ("matched", "Once it is matched with the bank"),
        ],
        string="Payments Count",
        required=True,
        default="registered",
        help="From when on a payment releases a bill of lading.",
    )
    freight_collect_release = fields.Selection(
        RELEASE_POLICIES,
        string="Freight Collect",
        required=True,
        default="auto",
        help="Bills of lading of bookings whose freight is paid at destination.",
    )
    freight_monthly_release = fields.Selection(
        RELEASE_POLICIES,
        string="Monthly Terms",
        required=True,
        default="auto",
        help="Bills of lading of customers on monthly terms, within limit and not overdue.",
    )
    freight_cutoff_urgent_hours = fields.Integer(
        string="Urgent Cut-off (hours)",
        default=24,
        help="A cut-off nearer than this is shown as urgent.",
    )
    freight_cutoff_soon_hours = fields.Integer(
        string="Coming Cut-off (hours)",
        default=72,
        help="A cut-off nearer than this is shown as coming.",
    )
