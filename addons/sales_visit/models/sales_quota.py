from odoo import api, fields, models

from .sales_visit import CHANNELS


class SalesQuota(models.Model):
    """How many different customers a salesperson visits a month, and how many old ones are
    called back, as dated data (V01, V02).

    A row of the person goes before one of the team, that before one of the company; of
    those the newest that starts on or before the first day of the month.
    """

    _name = "sales.quota"
    _description = "Visit Quota"
    _order = "company_id, date_from desc, id desc"
    _rec_name = "date_from"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="cascade",
        default=lambda self: self.env.company,
    )
    team_id = fields.Many2one(
        "crm.team",
        string="Sales Team",
        ondelete="cascade",
        check_company=True,
        help="Empty, without a salesperson: for the whole company.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Salesperson",
        ondelete="cascade",
        check_company=True,
        domain="[('share', '=', False), ('company_ids', '=', company_id)]",
    )
    date_from = fields.Date(
        string="Valid From",
        required=True,
        default=lambda self: fields.Date.context_today(self).replace(day=1),
    )
    customers = fields.Integer(
        string="Customers a Month",
        required=True,
        default=120,
        help="Different customers visited in a calendar month; less in a month with leave, of joining or of leaving.",
    )
    new_share = fields.Float(
        string="Share of New Customers",
        required=True,
        default=1 / 3,
        digits=(5, 4),
        help="Of the customers, how many are new at least.",
    )
    callbacks = fields.Integer(
        string="Call-backs a Month",
        required=True,
        default=10,
        help="Different old customers called back by phone in a calendar month; reduced like the customers.",
    )
    weight_ids = fields.One2many(
        "sales.quota.weight", "quota_id", string="Weights", copy=True
    )

    _date_uniq = models.UniqueIndex(
        "(company_id, COALESCE(team_id, 0), COALESCE(user_id, 0), date_from)",
        "There is one quota per company, team, salesperson and day.",
    )
    _check_customers = models.Constraint(
        "CHECK(customers >= 0 AND callbacks >= 0 AND new_share >= 0 AND new_share <= 1)",
        "A quota isn't negative, and the share of new customers is at most 100 %.",
    )
    _check_one_addressee = models.Constraint(
        "CHECK(team_id IS NULL OR user_id IS NULL)",
        "A quota is a team's or a salesperson's, not both.",
    )

    @api.model
    def _get_quotas(self, users, company, month):
        """Return the quota of each user in a month; empty where there is none.

        :param date month: its first day
        :return: ``{user: sales.quota under sudo}``
        """
        # Who has which quota is no secret to whoever may see the pace.
        rows = self.sudo().search(
            [("company_id", "=", company.id), ("date_from", "<=", month)],
            order="date_from desc, id desc",
        )
        teams = users._get_sales_teams()
        return {
            user: (
                rows.filtered(lambda row, user=user: row.user_id == user)
                or rows.filtered(lambda row, user=user: row.team_id in teams[user])
                or rows.filtered(lambda row: not row.user_id and not row.team_id)
            )[:1]
            for user in users
        }

    def _get_weights(self):
        """Return ``{channel: weight}``: what a visit by a channel counts."""
        weights = {channel: 0.0 for channel, _label in CHANNELS}
        weights |= {"in_person": 1.0, "online": 1.0}
        return weights | {row.channel: row.weight for row in self.weight_ids}
