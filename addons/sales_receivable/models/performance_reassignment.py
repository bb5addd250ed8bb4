from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools.words import to_readable


class PerformanceReassignment(models.Model):
    """From a month on, one person's figures are another's (K10).

    What a document has been booked for keeps its person; a reassignment moves the months
    from its own on, of all documents or of one customer's. Months that are closed can't
    be moved any more.
    """

    _name = "performance.reassignment"
    _description = "Reassignment of Performance Figures"
    _inherit = ["performance.version.mixin", "mail.thread"]
    _order = "date_from desc, id desc"
    _rec_name = "date_from"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.company,
    )
    date_from = fields.Date(
        string="From Month",
        required=True,
        tracking=True,
        default=lambda self: fields.Date.context_today(self).replace(day=1),
        help="Any day of the month; it is kept as the month's first.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="From",
        required=True,
        index=True,
        ondelete="restrict",
        tracking=True,
        domain="[('share', '=', False)]",
        context={"active_test": False},
    )
    heir_id = fields.Many2one(
        "res.users",
        string="To",
        required=True,
        index=True,
        ondelete="restrict",
        tracking=True,
        domain="[('share', '=', False)]",
    )
    commercial_partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
        domain="[('parent_id', '=', False)]",
        help="Empty: the figures of all customers, and of stock.",
    )
    reason = fields.Char(required=True, tracking=True)

    _person_uniq = models.UniqueIndex(
        "(company_id, user_id, date_from, (COALESCE(commercial_partner_id, 0)))",
        "A person's figures go to one other person at a time.",
    )
    _two_people = models.Constraint(
        "CHECK (user_id <> heir_id)", "Choose two different people."
    )

    @api.depends("user_id", "heir_id")
    def _compute_display_name(self):
        for record in self:
            record.display_name = f"{record.user_id.name} → {record.heir_id.name}"

    @api.constrains("heir_id", "reason")
    def _check_heir(self):
        for record in self:
            # Who is whose colleague is no secret.
            heir = record.heir_id.sudo()
            if heir == self.env.user:
                raise ValidationError(
                    self.env._("Nobody gives figures to themselves: let somebody else.")
                )
            if heir.share or record.company_id not in heir.company_ids:
                raise ValidationError(
                    self.env._("Figures go to a colleague of the same company.")
                )
            if not to_readable(record.reason):
                raise ValidationError(self.env._("Say in words why."))

    @api.constrains("commercial_partner_id")
    def _check_customer(self):
        for record in self:
            customer = record.commercial_partner_id
            # Whose contact it is decides, whoever may see the company.
            if customer and customer.sudo().commercial_partner_id != customer:
                raise ValidationError(
                    self.env._("Choose the company, not one of its contacts.")
                )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._start_month(vals)
        return super().create(vals_list)

    def write(self, vals):
        vals = dict(vals)
        self._start_month(vals)
        return super().write(vals)

    @api.model
    def _start_month(self, vals):
        if vals.get("date_from"):
            vals["date_from"] = fields.Date.to_date(vals["date_from"]).replace(day=1)

    @api.model
    def _get_heirs(self, period):
        """Return who has whose figures in each month from the cut-over to a period.

        :return: tuples of month (YYYY-MM), user ID, customer ID (0: all) and heir's user
            ID; several reassignments in a row are followed through
        """
        # Whose figures they are doesn't depend on who computes.
        steps = self.sudo().search(
            [
                ("company_id", "=", period.company_id.id),
                ("date_from", "<=", period.date_end),
            ],
            order="date_from, id",
        )
        heirs = []
        for month in period._get_months() if steps else ():
            past = steps.filtered(lambda step, day=month: step.date_from <= day)
            for customer in [0, *past.commercial_partner_id.ids]:
                path = past.filtered(
                    lambda step, customer=customer: (
                        step.commercial_partner_id.id in (False, customer)
                    )
                )
                for person in path.user_id:
                    heir = path._follow(person)
                    heirs.append((f"{month:%Y-%m}", person.id, customer, heir.id))
        return heirs

    def _follow(self, person):
        """Return who has a person's figures after these reassignments: month after
        month, those of one month at once, a customer's own before the general one."""
        for steps in self.grouped("date_from").values():
            own = steps.filtered(lambda step, person=person: step.user_id == person)
            step = own.filtered("commercial_partner_id") or own
            person = step.heir_id or person
        return person
