from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..guard import is_server

#: Measures that are shares, in percent; all others are amounts or numbers.
SHARES = ("collection", "retention")
#: The usual goal of each measure (K06).
GOALS = {
    "sales": 100_000,
    "collection": 90,
    "retention": 80,
    "new_customers": 3,
    "leads": 20,
    "deals": 3,
}


class ScorecardDefinitionLine(models.Model):
    """One measure of a scorecard: how much it weighs and what is aimed at (K06)."""

    _name = "scorecard.definition.line"
    _description = "Scorecard Measure"
    _inherit = [
        "performance.version.line.mixin",
        "finite.mixin",
        "server.field.mixin",
    ]
    _version_field = "definition_id"
    _order = "definition_id, sequence, id"
    _rec_name = "measure"

    definition_id = fields.Many2one(
        "scorecard.definition", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="definition_id.company_id", store=True)
    sequence = fields.Integer(default=10)
    measure = fields.Selection(
        selection=lambda self: self._get_measures(),
        required=True,
        help="Sales: invoiced in the month, without tax, less credit notes.\n"
        "Collection rate: of what fell due in the month, the money collected by its end.\n"
        "Customers retained: of those who bought in the months before, who bought again.\n"
        "New customers: whose first order ever was confirmed in the month.\n"
        "Deals won: orders confirmed in the month.",
    )
    weight = fields.Float(string="Weight (%)", required=True, digits=(16, 2))
    target = fields.Float(
        string="Goal",
        required=True,
        compute="_compute_target",
        store=True,
        readonly=False,
        precompute=True,
        digits=(16, 2),
        help="Per person and month: company currency, percent, or a number. A team's"
        " target is that of its members together, its shares are the same.",
    )
    scoring = fields.Selection(
        [("linear", "In proportion"), ("threshold", "All or nothing")],
        required=True,
        default="linear",
        help="In proportion: half the target is worth half the weight.",
    )

    _measure_uniq = models.Constraint(
        "unique(definition_id, measure)", "A measure counts once."
    )
    _weight_range = models.Constraint(
        "CHECK (weight > 0 AND weight <= 100)",
        "A weight is more than 0 and at most 100 percent.",
    )
    _target_positive = models.Constraint(
        "CHECK (target > 0)", "A target is more than nothing."
    )

    @api.model
    def _get_measures(self):
        """Return the measures that can be told here, with their names.

        Each needs a query ``performance.period._get_<measure>_facts_sql``; qualified
        leads are offered where the host's CRM is installed.
        """
        measures = {
            "sales": self.env._("Sales"),
            "collection": self.env._("Collection rate"),
            "retention": self.env._("Customers retained"),
            "new_customers": self.env._("New customers"),
            "deals": self.env._("Deals won"),
        }
        if "crm.lead" in self.env:
            measures["leads"] = self.env._("Qualified leads")
        return list(measures.items())

    @api.depends("measure")
    def _compute_target(self):
        for line in self:
            line.target = GOALS.get(line.measure, 0)

    @api.constrains("measure")
    def _check_measure(self):
        known = dict(self._get_measures())
        if any(line.measure not in known for line in self):
            raise ValidationError(self.env._("This measure can't be told here."))

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        self._check_weights(lines.definition_id)
        return lines

    def write(self, vals):
        definitions = self.definition_id
        result = super().write(vals)
        self._check_weights(definitions | self.definition_id)
        return result

    def unlink(self):
        definitions = self.definition_id
        result = super().unlink()
        self._check_weights(definitions)
        return result

    def _check_weights(self, definitions):
        """Check definitions as a whole, unless they themselves write their lines."""
        if not is_server(self):
            definitions._check_weights()
