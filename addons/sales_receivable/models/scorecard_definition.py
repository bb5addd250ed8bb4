from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Command

from ..guard import as_server

#: Measures and weights (%) that a new definition starts from (K06).
DEFAULTS = (("sales", 40), ("collection", 30), ("retention", 20), ("new_customers", 10))


class ScorecardDefinition(models.Model):
    """What salespeople are measured by, from a day on (K06).

    Rows are versions: the newest that starts on or before a month's end counts for that
    month, the sales team's own before the company's. A version that a closed month may
    have used can't be changed any more. A version without measures ends the scorecards.
    """

    _name = "scorecard.definition"
    _description = "Scorecard Definition"
    _inherit = ["performance.version.mixin", "finite.mixin"]
    _order = "company_id, team_id, date_from desc"
    _rec_name = "date_from"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    team_id = fields.Many2one(
        "crm.team",
        string="Sales Team",
        ondelete="restrict",
        check_company=True,
        help="Empty: every team without a definition of its own.",
    )
    date_from = fields.Date(
        string="In Force From",
        required=True,
        default=lambda self: fields.Date.context_today(self).replace(day=1),
    )
    cap = fields.Float(
        string="Counts Up To (%)",
        required=True,
        default=150.0,
        help="How much of its target a measure can be worth at most: what one is beyond"
        " all measure good at makes up for the others only so far.",
    )
    retention_months = fields.Integer(
        string="Retention Over (Months)",
        required=True,
        default=3,
        help="Retained is who bought in as many months before and again in these last"
        " months, the scorecard's own included.",
    )
    line_ids = fields.One2many(
        "scorecard.definition.line",
        "definition_id",
        string="Measures",
        default=lambda self: self._default_line_ids(),
        copy=True,
    )
    weight = fields.Float(string="Weights (%)", compute="_compute_weight")

    _version_uniq = models.UniqueIndex(
        "(company_id, (COALESCE(team_id, 0)), date_from)",
        "A team has one definition per day.",
    )
    _cap_range = models.Constraint(
        "CHECK (cap >= 100)", "A target that is met counts at least 100 %."
    )
    _retention_positive = models.Constraint(
        "CHECK (retention_months > 0)", "Retention is over one month at least."
    )

    @api.model
    def _default_line_ids(self):
        return [
            Command.create({"measure": measure, "weight": weight, "sequence": sequence})
            for sequence, (measure, weight) in enumerate(DEFAULTS)
        ]

    @api.depends("line_ids.weight")
    def _compute_weight(self):
        for definition in self:
            definition.weight = sum(definition.line_ids.mapped("weight"))

    @api.depends("team_id", "date_from")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for definition in self:
            definition.display_name = self.env._(
                "%(team)s from %(date)s",
                team=definition.team_id.name or definition.company_id.name,
                date=fields.Date.to_string(definition.date_from),
            )

    @api.constrains("line_ids")
    def _check_weights(self):
        for definition in self:
            lines = definition.line_ids
            if lines and round(definition.weight - 100, 2):
                raise ValidationError(
                    self.env._(
                        "The weights come to %(weight)s %%, not to 100.",
                        weight=round(definition.weight, 2),
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        # Lines are checked together with their definition, not one by one.
        definitions = super(ScorecardDefinition, as_server(self)).create(vals_list)
        return definitions.with_env(self.env)

    def write(self, vals):
        super(ScorecardDefinition, as_server(self)).write(vals)
        return True

    @api.model
    def _get_in_force(self, company, day):
        """Return the definitions in force on a day: one per team and the company's."""
        found = {}
        for definition in self.search(
            [("company_id", "=", company.id), ("date_from", "<=", day)],
            order="date_from desc",
        ):
            found.setdefault(definition.team_id, definition)
        return self.union(*found.values())
