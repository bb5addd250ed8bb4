from odoo import fields, models

ONE_YES_LEVELS = [
    ("potential", "Potential"),
    ("nurture", "Nurture"),
    ("invalid", "Invalid"),
]
REFERRAL_POLICIES = [
    ("signing", "Signing"),
    ("collection", "Collection"),
]


class ResCompany(models.Model):
    _inherit = "res.company"

    man_one_yes_level = fields.Selection(
        ONE_YES_LEVELS,
        string="Level With One Yes",
        required=True,
        default="nurture",
        help="MAN level of a lead with a single yes among money, authority and need. It applies when the answers of a lead change next.",
    )
    visit_reconfirm_days = fields.Integer(
        string="Reconfirm Appointments After",
        default=2,
        help="An appointment confirmed this many days ahead, or more, is confirmed once more before leaving (V05). 0: never.",
    )
    visit_overrun_tolerance = fields.Integer(
        string="Overrun Tolerance (min)",
        default=0,
        help="Minutes beyond the planned duration that need no reason (V09).",
    )
    visit_gap = fields.Float(
        string="Time Between Visits (h)",
        default=0.5,
        help="Time on the way that is left free between two visits when customers that are due are put on a week (V02).",
    )
    visit_missed_hours = fields.Float(
        string="Visits Are Missed After (h)",
        default=24.0,
        help="A visit on the plan that nobody has begun becomes missed this long after the end of its day, and its customer is due again (V02). 0: never.",
    )
    contact_record_hours = fields.Float(
        string="Record Contacts Within (h)",
        default=1.0,
        help="A contact with a lead that is recorded later counts from when it was recorded (V20).",
    )
    contact_max_per_day = fields.Integer(
        string="Contacts a Day",
        default=1,
        help="More contacts with a lead on one day are flagged (V20). 0: never.",
    )
    response_soon_hours = fields.Float(
        string="Response Is Due Soon (h)",
        default=4.0,
        help="Hours before its deadline from which a lead is shown in amber (V20).",
    )

    visit_radius = fields.Integer(
        string="Presence Radius (m)",
        default=500,
        help="A visit is verified when it begins and ends within this distance of the customer (V08).",
    )
    visit_accuracy = fields.Integer(
        string="Presence Accuracy (m)",
        default=500,
        help="A position less accurate than this verifies no visit (V08). 0: any does.",
    )
    presence_retention_days = fields.Integer(
        string="Keep Coordinates (days)",
        default=90,
        help="Coordinates of visits are erased after this time; whether a visit was verified stays (V08). 0: never.",
    )

    birthday_retention_years = fields.Integer(
        string="Keep Birthdays (years)",
        default=3,
        help="Birthdays of contacts are kept no longer than this without asking the person again (V28).",
    )
    location_accuracy = fields.Integer(
        string="Learn Coordinates up to Accuracy (m)",
        default=50,
        help="A position at least this accurate is proposed for a customer without coordinates; a manager decides (V08). 0: never.",
    )
    presence_purpose = fields.Char(
        string="Purpose of Coordinates",
        translate=True,
        default=lambda self: self.env._("Evidence that visits take place, and routes"),
        help="What the coordinates of visits are kept for, told to whoever sees them (V08).",
    )

    referral_rate = fields.Float(
        string="Referral Reward (%)",
        default=5.0,
        help="Of the untaxed amount, for referrals recorded from now on (V24).",
    )
    referral_policy = fields.Selection(
        REFERRAL_POLICIES,
        string="Referral Reward Is Earned At",
        required=True,
        default="collection",
        help="For referrals recorded from now on (V24).",
    )

    _check_referral_rate = models.Constraint(
        "CHECK(referral_rate >= 0 AND referral_rate <= 100)",
        "A reward is between nothing and everything.",
    )
    _check_visit_gap = models.Constraint(
        "CHECK(visit_gap >= 0)", "The time between two visits isn't negative."
    )
