from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain


class SalesCertification(models.Model):
    """An examination (上岗考核) that somebody passed or failed (A05).

    The newest one in force says whether a person may send and confirm quotations. What
    is recorded stays; it only ends.
    """

    _name = "sales.certification"
    _description = "Certification of a Salesperson"
    _inherit = ["server.field.mixin", "finite.mixin", "mail.thread"]
    _order = "date_from desc, id desc"
    _rec_name = "user_id"
    _check_company_auto = True

    user_id = fields.Many2one(
        "res.users",
        string="Person",
        required=True,
        index=True,
        ondelete="restrict",
        domain="[('share', '=', False)]",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.company,
    )
    result = fields.Selection(
        [("passed", "Passed"), ("failed", "Failed")], required=True, default="passed"
    )
    score = fields.Float(digits=(16, 1), aggregator="avg")
    date_from = fields.Date(
        string="Valid From", required=True, default=fields.Date.context_today
    )
    date_to = fields.Date(string="Valid Until", tracking=True)
    examiner_id = fields.Many2one(
        "res.users",
        required=True,
        readonly=True,
        ondelete="restrict",
        default=lambda self: self.env.user,
    )
    note = fields.Text(tracking=True)

    _dates = models.Constraint(
        "CHECK(date_to IS NULL OR date_to >= date_from)",
        "A certification can't end before it starts.",
    )

    # --- guards -----------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records._check_examiner()
        return records

    def write(self, vals):
        self._check_examiner()
        if vals.keys() - {"date_to", "note"}:
            raise UserError(
                self.env._(
                    "An examination stays as it was recorded: give it an end date, or"
                    " record another one."
                )
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._("Examinations stay on record: give it an end date instead.")
        )

    def _check_examiner(self):
        """Raise AccessError for who certifies oneself (A05)."""
        if self.env.user in self.user_id:
            raise AccessError(self.env._("Nobody certifies oneself."))

    # --- who is certified -------------------------------------------------------------

    @api.model
    def _get_certified(self, users, company, on):
        """Return those of the users whose newest examination in force is passed.

        :param date on: day in the company's time zone
        """
        # That somebody may sell is no secret; scores stay here.
        found = self.sudo().search(
            Domain("user_id", "in", users.ids)
            & Domain("company_id", "=", company.id)
            & Domain("date_from", "<=", on)
            & (Domain("date_to", "=", False) | Domain("date_to", ">=", on)),
            order="date_from, id",
        )
        newest = {record.user_id: record.result for record in found}
        return users.filtered(lambda user: newest.get(user) == "passed")
