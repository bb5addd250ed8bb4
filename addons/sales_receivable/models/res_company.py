from datetime import datetime, time

from dateutil import tz
from odoo import fields, models


class ResCompany(models.Model):
    _name = "res.company"
    _inherit = "res.company"

    authority_fallback_user_id = fields.Many2one(
        "res.users",
        string="Fallback Approver",
        ondelete="restrict",
        domain="[('share', '=', False)]",
        help="Approves what nobody of the needed level can approve.",
    )

    authority_escalation_hours = fields.Float(
        string="Approvals Escalate After (h)",
        default=24.0,
        help="Hours, day and night, after which an approval that waits is asked of the"
        " next person, too; 0: never.",
    )

    order_needs_packaging = fields.Boolean(string="Packaging", default=True)
    order_needs_delivery_time = fields.Boolean(string="Delivery Time", default=True)
    order_needs_requirements = fields.Boolean(
        string="Special Requirements", default=True
    )
    order_needs_settlement = fields.Boolean(string="Settlement", default=True)
    order_needs_channel = fields.Boolean(string="Sales Channel", default=True)
    order_confirmation_mail = fields.Boolean(
        string="Confirmation to the Customer",
        default=True,
        help="Where the rule A26 is in force, customers are mailed the confirmation of"
        " their orders.",
    )
    dispatch_needs_check = fields.Boolean(
        string="Goods Are Checked",
        default=True,
        help="Where the rule A11 is in force, somebody has checked the goods before"
        " they leave.",
    )
    arrears_grace_days = fields.Integer(
        string="Days of Grace",
        help="Days past the due date after which a customer is in arrears.",
    )

    _check_arrears_grace_days = models.Constraint(
        "CHECK(arrears_grace_days >= 0)", "Days of grace can't be negative."
    )
    performance_answer_days = fields.Integer(
        string="Days to Answer",
        default=3,
        help="Days after the review in which people may agree with their performance"
        " figures or object, before they are approved; 0: nobody is waited for.",
    )
    _check_performance_answer_days = models.Constraint(
        "CHECK(performance_answer_days >= 0)", "Days to answer can't be negative."
    )
    contract_number_at = fields.Selection(
        [("approval", "With its approval"), ("validity", "When it becomes valid")],
        string="Contract Gets Its Number",
        required=True,
        default="validity",
    )
    contract_amount_from = fields.Monetary(
        string="Orders Need a Contract From",
        help="Untaxed amount from which an order needs a valid contract, where the rule"
        " is in force; 0: every order.",
    )
    contract_stamp_order = fields.Selection(
        [
            ("any", "In any order"),
            ("ours_first", "Ours first"),
            ("customer_first", "The customer's first"),
        ],
        string="Order of Stamps",
        required=True,
        default="any",
    )
    contract_purchaser_id = fields.Many2one(
        "res.users",
        string="Purchaser Who Gets a Copy",
        ondelete="restrict",
        domain="[('share', '=', False)]",
        help="Gets a copy of each contract as soon as it is valid.",
    )

    budget_amount_from = fields.Monetary(
        string="Orders Need a Budget From",
        help="Untaxed amount from which an order needs a cost budget, where the rule is"
        " in force; 0: every order.",
    )
    budget_for_salespeople = fields.Boolean(
        string="Salespeople See Costs",
        help="Salespeople see and make the budgets of their own orders.",
    )
    retention_cost_percent = fields.Float(
        string="Cost of Money (% a Year)",
        digits=(16, 2),
        help="What waiting for retention money costs; it counts as a cost of the order.",
    )
    _check_retention_cost_percent = models.Constraint(
        "CHECK(retention_cost_percent >= 0)", "Waiting can't cost less than nothing."
    )

    tax_invoice_percent = fields.Float(
        string="Collected Before a Tax Invoice (%)",
        default=60.0,
        help="Share that must be collected before a tax invoice is issued, where the"
        " rule is in force and no condition of closer scope says otherwise.",
    )

    notice_ready_hours = fields.Float(
        string="Told That Goods Are Ready Within (h)",
        default=24.0,
        help="Hours after a delivery is ready.",
    )
    notice_arrival_hours = fields.Float(
        string="Told the Arrival, Asked About the Site, Before (h)",
        default=24.0,
        help="Hours before the planned day of the delivery.",
    )
    notice_late_hours = fields.Float(
        string="Told of a Late Delivery Within (h)",
        default=4.0,
        help="Hours after the promised day was missed.",
    )
    notice_receipt_hours = fields.Float(
        string="Asked Whether It Arrived Within (h)",
        default=48.0,
        help="Hours after the delivery.",
    )
    _check_notice_hours = models.Constraint(
        "CHECK(LEAST(notice_ready_hours, notice_arrival_hours, notice_late_hours,"
        " notice_receipt_hours) >= 0)",
        "Hours of notices can't be negative.",
    )

    _check_tax_invoice_percent = models.Constraint(
        "CHECK(tax_invoice_percent >= 0 AND tax_invoice_percent <= 100)",
        "A collected share is from 0 to 100 %.",
    )

    _check_authority_escalation_hours = models.Constraint(
        "CHECK(authority_escalation_hours >= 0)", "Hours can't be negative."
    )

    tenure_years = fields.Float(
        string="Tenure",
        default=2.0,
        help="Years with the company; who has fewer is guided (A05).",
    )

    goods_valued_at = fields.Selection(
        [("list", "List price"), ("cost", "Cost")],
        string="Loans and Free Goods Are Valued At",
        required=True,
        default="list",
    )

    _check_tenure_years = models.Constraint(
        "CHECK(tenure_years >= 0)", "Years can't be negative."
    )

    def _get_business_date(self, moment=None):
        """Return the calendar day of a moment in this company.

        Days decide which limits are in force, so they follow the company's working
        calendar and not the time zone that a user's browser claims.

        :param moment: UTC datetime without zone, default now
        """
        self.ensure_one()
        zone = self._get_local_tz()
        moment = moment or fields.Datetime.now()
        return datetime.replace(moment, tzinfo=tz.UTC).astimezone(tz.gettz(zone)).date()

    def _get_day_start(self, day):
        """Return when a calendar day of this company begins, in UTC without zone."""
        start = datetime.combine(day, time.min, tzinfo=tz.gettz(self._get_local_tz()))
        return start.astimezone(tz.UTC).replace(tzinfo=None)

    def _get_local_tz(self):
        """Return the name of the time zone in which the company's days begin."""
        self.ensure_one()
        # The zone of a working calendar is no secret.
        company = self.sudo()
        return company.resource_calendar_id.tz or company.partner_id.tz or "UTC"
