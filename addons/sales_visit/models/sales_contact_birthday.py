from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError


class SalesContactBirthday(models.Model):
    """The birthday of somebody at a customer: personal data, so it is kept apart from the
    host's contacts, with its purpose, the person's consent and an end (V28)."""

    _name = "sales.contact.birthday"
    _inherit = ["sales.visit.owned.mixin", "sales.visit.batch.mixin"]
    _description = "Birthday of a Contact"
    _order = "partner_id, id"
    _rec_name = "partner_id"
    _check_company_auto = True

    company_id = fields.Many2one(ondelete="cascade")
    partner_id = fields.Many2one(
        "res.partner",
        string="Contact",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
        domain="[('is_company', '=', False), ('partner_share', '=', True)]",
    )
    user_id = fields.Many2one(help="Who greets.")
    birthday = fields.Date(required=True)
    purpose = fields.Char(
        required=True, default=lambda self: self.env._("Birthday greeting")
    )
    has_consented = fields.Boolean(
        string="Consent", help="The person has agreed that we keep the birthday."
    )
    keep_until = fields.Date(
        required=True,
        index=True,
        default=lambda self: self._get_last_day(self.env.company),
        help="After this day a job erases the birthday.",
    )

    _partner_uniq = models.Constraint(
        "unique(company_id, partner_id)", "A contact has one birthday."
    )

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records._check_customer()
        return records

    def write(self, vals):
        result = super().write(vals)
        if {"partner_id", "company_id"} & vals.keys():
            self._check_customer()
        return result

    def _check_customer(self):
        """Keep birthdays of a customer with who may see the customer's file."""
        files = self.env["sales.customer.file"]
        for company, records in self.grouped("company_id").items():
            for customer, file in files._get_files(company, records.partner_id).items():
                if not file.with_env(self.env).has_access("read"):
                    raise AccessError(
                        self.env._(
                            "%(customer)s is a customer of %(owners)s: only a manager of theirs can do that. (V25)",
                            customer=customer.display_name,
                            owners=file.user_id.name,
                        )
                    )

    @api.model
    def _get_last_day(self, company):
        """Return until when a birthday recorded today may be kept."""
        # How long is no secret of the company.
        years = company.sudo().birthday_retention_years
        return fields.Date.context_today(self) + relativedelta(years=years)

    @api.constrains("birthday", "purpose", "keep_until")
    def _check_kept(self):
        today = fields.Date.context_today(self)
        for record in self:
            if record.birthday > today:
                raise ValidationError(self.env._("A birthday can't lie ahead."))
            if not record.purpose.strip():
                raise ValidationError(
                    self.env._("Say what the birthday is kept for: greeting, mostly.")
                )
            if record.keep_until > self._get_last_day(record.company_id):
                raise ValidationError(
                    self.env._(
                        "A birthday is kept for %(years)s years at most: then ask the person again. (V28)",
                        years=record.company_id.birthday_retention_years,
                    )
                )

    @api.constrains("has_consented", "birthday")
    def _check_has_consented(self):
        for record in self:
            if not record.has_consented:
                raise ValidationError(
                    self.env._(
                        "A birthday is kept only with the consent of the person."
                    )
                )

    @api.model
    def _erase_over(self):
        """Erase the birthdays whose last day is over by their company's clock, batch by
        batch (V28)."""
        for (company,) in self._read_group([], ["company_id"]):
            today = self.env["sales.visit.rule.mode"]._get_today(company)
            over = [("company_id", "=", company.id), ("keep_until", "<", today)]
            if not self._run_in_batches(over, None, "unlink"):
                return
