from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .performance_line_mixin import COLUMNS


class PerformanceEntry(models.Model):
    """A booked figure of a closed period (K10).

    Entries are written by closing a period, in one statement, and never change:
    nobody may create, write or delete one through the ORM, superuser included. What
    turns out later appears as a difference in the next open period.
    """

    _name = "performance.entry"
    _description = "Performance Entry"
    _inherit = ["performance.line.mixin"]

    beneficiary_id = fields.Many2one(required=True)

    _source_uniq = models.Constraint(
        "unique(company_id, rule, source_model, source_id, slice, beneficiary_id, period_id)",
        "A source is booked once per period, rule, slice and person.",
    )

    _source_idx = models.Index("(source_model, source_id)")

    # Refusing is all that these do, so there is no super to call.
    @api.model_create_multi
    def create(self, vals_list):  # pylint: disable=method-required-super
        raise UserError(self.env._("Entries are booked by closing a period."))

    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(self.env._("Booked entries never change."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Booked entries are never deleted."))

    @api.model
    def _book(self, period):
        """Copy a period's run lines; the database's unique key refuses a second time."""
        columns = SQL(", ").join(map(SQL.identifier, COLUMNS))
        self.env["performance.run.line"].flush_model()
        self.env.cr.execute(
            SQL(
                """INSERT INTO performance_entry (%(columns)s, create_uid, create_date)
                   SELECT %(columns)s, %(uid)s, NOW() AT TIME ZONE 'UTC'
                     FROM performance_run_line WHERE period_id = %(period)s ORDER BY id""",
                columns=columns,
                uid=self.env.uid,
                period=period.id,
            )
        )
        self.invalidate_model()
