from odoo import api, fields, models
from odoo.tools import SQL


class CreditCounter(models.Model):
    """One row per company and customer, in which commitments on credit meet (R02).

    Two orders that are confirmed at once each see the customer without the other. Both
    count in this row: the database lets one of them pass, the other one is tried again
    and finds the first.
    """

    _name = "credit.counter"
    _inherit = ["server.field.mixin"]
    _description = "Commitments on Credit"
    _rec_name = "partner_id"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade"
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    value = fields.Integer(string="Commitments", readonly=True, aggregator=None)

    _customer_uniq = models.Constraint(
        "unique(company_id, partner_id)", "A customer has one counter per company."
    )

    @api.model
    def _count(self, company, customers):
        """Count a commitment of customers.

        :param company: ``res.company`` of the commitment
        :param customers: commercial ``res.partner`` records
        """
        for customer_id in sorted(customers.ids):  # in one order: no deadlock
            self.env.execute_query(
                SQL(
                    """
                    INSERT INTO credit_counter (company_id, partner_id, value)
                         VALUES (%s, %s, 1)
                    ON CONFLICT (company_id, partner_id)
                      DO UPDATE SET value = credit_counter.value + 1
                      RETURNING id
                    """,
                    company.id,
                    customer_id,
                )
            )
