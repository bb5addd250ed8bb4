from odoo import fields, models
from odoo.tools import SQL


class SalesConversion(models.Model):
    """Leads by the channel that they came by, and how many of them were won (V24)."""

    _name = "sales.conversion"
    _description = "Conversion by Channel"
    _auto = False
    _order = "day desc, id desc"
    _rec_name = "lead_id"
    _depends = {
        "crm.lead": [
            "company_id",
            "user_id",
            "team_id",
            "source_id",
            "medium_id",
            "campaign_id",
            "customer_grade_id",
            "won_status",
        ],
        "sales.referral": ["lead_id"],
    }

    lead_id = fields.Many2one("crm.lead", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True)
    source_id = fields.Many2one("utm.source", string="Channel", readonly=True)
    medium_id = fields.Many2one("utm.medium", string="Marketing Medium", readonly=True)
    campaign_id = fields.Many2one("utm.campaign", readonly=True)
    customer_grade_id = fields.Many2one(
        "sales.customer.grade", string="Grade", readonly=True
    )
    day = fields.Date(string="Created On", readonly=True)
    won = fields.Integer(readonly=True)
    lost = fields.Integer(readonly=True)
    referred = fields.Integer(readonly=True)
    conversion = fields.Float(
        string="Conversion (%)",
        digits=(5, 1),
        aggregator="avg",
        readonly=True,
        help="Won leads among all, also those still open.",
    )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT lead.id, lead.id AS lead_id, lead.company_id, lead.user_id,
                   lead.team_id, lead.source_id, lead.medium_id, lead.campaign_id,
                   lead.customer_grade_id, lead.create_date::date AS day,
                   (lead.won_status = 'won')::int AS won,
                   (lead.won_status = 'lost')::int AS lost,
                   (referral.id IS NOT NULL)::int AS referred,
                   CASE lead.won_status WHEN 'won' THEN 100.0 ELSE 0.0 END AS conversion
              FROM crm_lead lead
         LEFT JOIN sales_referral referral ON referral.lead_id = lead.id
            """
        )

    def action_view_lead(self):
        """Open the lead of the row."""
        self.ensure_one()
        return self.lead_id.get_formview_action()
