from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools.misc import formatLang

#: The usual consequences: condition, threshold, months, effect, percent (K07).
DEFAULTS = (
    ("above", 120, 1, "pay", 10),
    ("below", 80, 1, "pay", -5),
    ("missed", 100, 3, "reassignment", 0),
    ("top", 10, 3, "promotion", 0),
    ("every", 0, 3, "salary", 0),
)


class ScorecardConsequence(models.Model):
    """What closing a month proposes to whom, by their scorecards (K07).

    Conditions look at the mean score of so many months, when they are over: of a
    quarter in March, June … *Months running* looks at each of the last months, and
    begins anew once it was proposed.
    """

    _name = "scorecard.consequence"
    _description = "Scorecard Consequence"
    _inherit = ["finite.mixin"]
    _order = "company_id, sequence, id"
    _rec_name = "effect"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.company,
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    condition = fields.Selection(
        [
            ("above", "Score above"),
            ("below", "Score below"),
            ("missed", "Score below, months running"),
            ("top", "Among the best"),
            ("every", "Every time"),
        ],
        required=True,
        default="above",
    )
    threshold = fields.Float(
        string="Threshold (%)",
        digits=(16, 2),
        help="A score, or of the best the share of all people.",
    )
    months = fields.Integer(required=True, default=1)
    effect = fields.Selection(
        [
            ("pay", "Change of pay"),
            ("reassignment", "Reassignment review"),
            ("promotion", "Promotion review"),
            ("salary", "Salary review"),
        ],
        required=True,
        default="pay",
    )
    percent = fields.Float(string="Change of Pay (%)", digits=(16, 2))

    _months_range = models.Constraint(
        "CHECK (months > 0 AND (condition = 'missed' OR MOD(12, months) = 0))",
        "Months are a whole part of a year: 1, 2, 3, 4, 6 or 12.",
    )
    _threshold_range = models.Constraint(
        "CHECK (threshold >= 0 AND (condition <> 'top' OR threshold <= 100))",
        "A threshold isn't negative, a share at most 100 percent.",
    )

    @api.depends("condition", "threshold", "months", "effect", "percent")
    @api.depends_context("lang")
    def _compute_display_name(self):
        conditions = dict(self._fields["condition"]._description_selection(self.env))
        effects = dict(self._fields["effect"]._description_selection(self.env))
        for record in self:
            parts = [conditions.get(record.condition, "")]
            if record.condition != "every":
                parts.append(f"{formatLang(self.env, record.threshold, digits=0)} %")
            effect = effects.get(record.effect, "")
            if record.effect == "pay":
                effect += f" {record.percent:+g} %"
            record.display_name = f"{' '.join(parts)} → {effect}"

    @api.constrains("effect", "percent")
    def _check_percent(self):
        for record in self:
            if record.effect == "pay" and not record.percent:
                raise ValidationError(self.env._("By how much does the pay change?"))

    @api.model
    def action_add_defaults(self):
        """Add the usual consequences for the company on screen.

        :raise UserError: where there are some already
        """
        company = self.env.company
        domain = [("company_id", "=", company.id)]
        if self.with_context(active_test=False).search_count(domain, limit=1):
            raise UserError(self.env._("This company has its consequences already."))
        names = ("condition", "threshold", "months", "effect", "percent")
        self.create(
            [
                {
                    "company_id": company.id,
                    "sequence": sequence,
                    **dict(zip(names, values, strict=True)),
                }
                for sequence, values in enumerate(DEFAULTS)
            ]
        )
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def _is_due(self, period):
        """Tell whether the months that the condition looks at are over with a period."""
        self.ensure_one()
        return self.condition == "missed" or not period.date_start.month % self.months
