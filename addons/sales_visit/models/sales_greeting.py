from calendar import isleap
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

LOOK_BACK = 3  # days: a job that didn't run for a weekend greets late rather than never


class SalesGreeting(models.Model):
    """A greeting that was asked of a salesperson: one a customer or contact and occasion,
    which the database keeps, whatever happens to the activity (V28)."""

    _name = "sales.greeting"
    _inherit = ["sales.visit.batch.mixin", "sales.visit.server.field.mixin"]
    _description = "Greeting"
    _order = "date desc, id desc"

    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    file_id = fields.Many2one(
        "sales.customer.file", required=True, index=True, ondelete="cascade"
    )
    user_id = fields.Many2one("res.users", required=True, ondelete="cascade")
    day_id = fields.Many2one(
        "sales.greeting.day", string="Festival", ondelete="cascade"
    )
    birthday_id = fields.Many2one("sales.contact.birthday", ondelete="cascade")
    date = fields.Date(required=True)
    reminded_at = fields.Datetime(readonly=True)

    _occasion_uniq = models.UniqueIndex(
        "(file_id, COALESCE(day_id, 0), COALESCE(birthday_id, 0), date)"
    )
    _remind_idx = models.Index("(id) WHERE reminded_at IS NULL")

    @api.model
    def _cron_greet(self):
        """Ask for the greetings that are due, each once, and erase the birthdays whose
        time is over (V28)."""
        companies = self.env["sales.customer.file"]._read_group([], ["company_id"])
        for (company,) in companies:
            today = self.env["sales.visit.rule.mode"]._get_today(company)
            self._add_festivals(company, today)
            self._add_birthdays(company, today)
        if self._run_in_batches([], "reminded_at", "_remind"):
            self.env["sales.contact.birthday"]._erase_over()

    @api.model
    def _add_festivals(self, company, today):
        """Note the greetings of festivals that are due by a day, one a customer that has
        an owner and a grade; what is noted already stays."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO sales_greeting (company_id, file_id, user_id, day_id, date)
                     SELECT f.company_id, f.id, f.user_id, d.id, d.date - d.days_before
                       FROM sales_greeting_day d
                       JOIN sales_customer_file f ON f.company_id = %(company)s
                       JOIN res_users u ON u.id = f.user_id AND u.active
                      WHERE (d.company_id = %(company)s OR d.company_id IS NULL)
                        AND d.date - d.days_before <= %(today)s
                        AND d.date >= %(today)s
                        AND f.grade_id IS NOT NULL
                        AND (f.grade_id IN (
                                SELECT g.sales_customer_grade_id
                                  FROM sales_customer_grade_sales_greeting_day_rel g
                                 WHERE g.sales_greeting_day_id = d.id)
                             OR NOT EXISTS (
                                SELECT FROM sales_customer_grade_sales_greeting_day_rel g
                                 WHERE g.sales_greeting_day_id = d.id))
                ON CONFLICT DO NOTHING
                """,
                company=company.id,
                today=today,
            )
        )
        self.invalidate_model()

    @api.model
    def _add_birthdays(self, company, today):
        """Note the greetings of birthdays on a day or a few days before; 29 February is
        greeted on 28 February in other years."""
        birthdays = self.env["sales.contact.birthday"]
        for back in range(LOOK_BACK + 1):
            day = today - timedelta(days=back)
            found = birthdays.browse(
                id_ for (id_,) in self.env.execute_query(self._get_born(company, day))
            )
            owners = {birthday.partner_id: birthday.user_id for birthday in found}
            if not owners:
                continue
            files = self.env["sales.customer.file"]._get_or_create(company, owners)
            known = self.search([("birthday_id", "in", found.ids), ("date", "=", day)])
            self.create(
                [
                    {
                        "company_id": company.id,
                        "file_id": files[birthday.partner_id.commercial_partner_id].id,
                        "user_id": birthday.user_id.id,
                        "birthday_id": birthday.id,
                        "date": day,
                    }
                    for birthday in found - known.birthday_id
                ]
            )

    @api.model
    def _get_born(self, company, day):
        """Return the query of the birthdays that are greeted on a day."""
        days = [day.strftime("%m-%d")]
        if days == ["02-28"] and not isleap(day.year):
            days.append("02-29")
        self.env["sales.contact.birthday"].flush_model()
        return SQL(
            """
            SELECT b.id
              FROM sales_contact_birthday b
              JOIN res_users u ON u.id = b.user_id AND u.active
             WHERE b.company_id = %s
               AND b.keep_until >= %s
               AND to_char(b.birthday, 'MM-DD') IN %s
            """,
            company.id,
            day,
            tuple(days),
        )

    def _remind(self):
        """Create one activity a greeting on the customer's file, in one batch: who sees
        the contact in the host needn't know the birthday."""
        self.env["mail.activity"]._create_reminders(
            "sales_visit.mail_activity_type_greeting",
            {greeting: greeting.user_id for greeting in self},
            date=lambda greeting: greeting.date,
            summary=lambda greeting, _user: greeting._get_summary(),
            on=lambda greeting: greeting.file_id,
        )

    def _get_summary(self):
        """Return whom to greet and why, in the salesperson's language."""
        self.ensure_one()
        greeting = self.with_context(lang=self.user_id.lang)
        if greeting.day_id:
            return greeting.day_id.name
        return greeting.env._(
            "Birthday: %(contact)s", contact=greeting.birthday_id.partner_id.name
        )
