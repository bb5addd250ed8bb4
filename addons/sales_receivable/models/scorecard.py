from odoo import api, fields, models
from odoo.exceptions import UserError


class Scorecard(models.Model):
    """How a person, or a team, did in a month (K06).

    Written with the run of the period and replaced by the next one; with the period's
    closing it stays for good. Nobody changes it by hand, superuser included.

    ``score`` is in percent: 100 is all targets met. Measures that there was nothing to
    measure for (nothing fell due) leave their weight to the others.
    """

    _name = "scorecard"
    _description = "Scorecard"
    _inherit = ["sales.xlsx.mixin"]
    _order = "date desc, is_team desc, score desc, id"

    period_id = fields.Many2one(
        "performance.period", required=True, index=True, ondelete="restrict"
    )
    state = fields.Selection(related="period_id.state")
    company_id = fields.Many2one("res.company", required=True, index=True)
    currency_id = fields.Many2one("res.currency", required=True)
    date = fields.Date(string="Month", required=True)
    definition_id = fields.Many2one(
        "scorecard.definition", required=True, ondelete="restrict"
    )
    is_team = fields.Boolean(string="Team's")
    user_id = fields.Many2one(
        "res.users", string="Person", index=True, ondelete="restrict"
    )
    team_id = fields.Many2one(
        "crm.team", string="Sales Team", index=True, ondelete="restrict"
    )
    member_count = fields.Integer(string="Members", aggregator=None)
    score = fields.Float(
        string="Score (%)",
        digits=(16, 2),
        aggregator="avg",
        help="100: all targets met.",
    )
    is_measured = fields.Boolean(
        string="Measured", help="There was something to measure."
    )
    line_ids = fields.One2many("scorecard.line", "scorecard_id", string="Measures")

    _card_uniq = models.UniqueIndex(
        "(period_id, is_team, (COALESCE(user_id, 0)), (CASE WHEN is_team THEN team_id END))",
        "There is one scorecard per person or team and month.",
    )

    @api.depends("user_id", "team_id", "period_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for card in self:
            # Names of people and teams are no secret to who reads the card.
            who = card.sudo()._get_subject().name
            card.display_name = f"{who} · {card.period_id.display_name}"

    def _get_subject(self):
        """Return the team or the person that the card is about."""
        return self.team_id if self.is_team else self.user_id

    # Refusing is all that these do, so there is no super to call.
    @api.model_create_multi
    def create(self, vals_list):  # pylint: disable=method-required-super
        raise UserError(self.env._("Scorecards are made by computing a period."))

    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(self.env._("Scorecards are made by computing a period."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Scorecards are made by computing a period."))

    def action_print(self):
        """Print the scorecards in the user's language (K11)."""
        return self.env.ref("sales_receivable.scorecard_report_pdf").report_action(self)
