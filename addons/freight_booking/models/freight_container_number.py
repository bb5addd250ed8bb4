from odoo import api, fields, models
from odoo.tools import SQL


class FreightContainerNumber(models.Model):
    """One row per container number of a company, where simultaneous users meet (F10).

    A box of one's own and a shared one are rows of two bookings, which no unique index
    compares. Whoever makes a number active updates its row first: of two at once the
    database fails the second, whom the host tries again with what the first has done.
    """

    _name = "freight.container.number"
    _description = "Container Number in Use"
    _inherit = ["server.field.mixin"]
    _rec_name = "number"
    _log_access = False

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade"
    )
    number = fields.Char(required=True, readonly=True)
    claims = fields.Integer(required=True, readonly=True, default=1)

    _number_uniq = models.Constraint(
        "unique(company_id, number)", "A container number has one row in a company."
    )

    @api.model
    def _claim(self, pairs):
        """Meet everybody who makes these numbers active, until the transaction ends.

        :param pairs: (company id, number), any of them more than once
        """
        if not pairs:
            return
        values = SQL(", ").join(
            # In one order for all, so that two never wait for each other.
            SQL("(%s, %s, 1)", company_id, number)
            for company_id, number in sorted(set(pairs))
        )
        self.env.cr.execute(
            SQL(
                """INSERT INTO freight_container_number AS row
                               (company_id, number, claims)
                        VALUES %s
                   ON CONFLICT (company_id, number)
                     DO UPDATE SET claims = row.claims + 1""",
                values,
            )
        )
