from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL
from pytz import timezone, utc


class SalesRota(models.Model):
    """Whose turn it is to receive a new walk-in (V12): the one who had the fewest turns
    among those at work, in the order of the rota."""

    _name = "sales.rota"
    _description = "Duty Rota"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    line_ids = fields.One2many("sales.rota.line", "rota_id", string="Salespeople")

    def _take_turn(self):
        """Return the line of the person whose turn it is, and count it.

        Two visitors at the same instant both write the rota, so that the second of them
        is tried again and gets the next person (decision 10).

        :raise UserError: when nobody is on the rota
        """
        self.ensure_one()
        self.env.cr.execute(
            SQL("UPDATE sales_rota SET write_date = write_date WHERE id = %s", self.id)
        )
        lines = self.line_ids.filtered("user_id.active")
        if not lines:
            raise UserError(
                self.env._("Nobody is on the rota “%(rota)s”. (V12)", rota=self.name)
            )
        line = min(
            lines.filtered(lambda line: line.user_id in self._get_present()) or lines,
            key=lambda line: (line.turns, line.sequence, line.id),
        )
        line._count_turn(1)
        return line

    def _get_present(self):
        """Return those of the rota for whom today is a day of work."""
        users = self.line_ids.user_id
        present = users.browse()
        now = utc.localize(fields.Datetime.now())
        zones = users._get_working_conditions(self.company_id)
        for tz, group in users.grouped(lambda user: zones[user][0]).items():
            today = now.astimezone(timezone(tz)).date()
            days = group._get_workdays(
                self.company_id, today, today + timedelta(days=1)
            )
            present |= group.filtered(
                lambda user, days=days, today=today: today in days[user][0]
            )
        return present

    @api.model
    def _get_default(self):
        """Return the first rota of the current company, may be empty."""
        return self.search([("company_id", "=", self.env.company.id)], limit=1)
