from odoo import api, fields, models


class MailActivity(models.Model):
    _inherit = "mail.activity"

    @api.model
    def _create_reminders(
        self, xmlid, user_by_record, date=None, summary=None, on=None
    ):
        """Create one activity for each record of a model, in one batch and without
        mailing each assignment. Records without a user get none.

        :param str xmlid: activity type
        :param dict user_by_record: ``{record: res.users}``
        :param date: function ``(record)`` that returns the deadline; today by the clock
            of the user if not given
        :param summary: function ``(record, user)`` that returns the summary, in the
            language of the user; the name of the activity type if not given
        :param on: function ``(record)`` that returns where the activity belongs; the
            record itself if not given
        """
        activity_type = self.env.ref(xmlid)
        models_ = self.env["ir.model"]
        vals_list = []
        for record, user in user_by_record.items():
            if not user:
                continue
            place = on(record) if on else record
            there = self.with_context(tz=user.sudo().tz, lang=user.sudo().lang)
            vals_list.append(
                {
                    "activity_type_id": activity_type.id,
                    "automated": True,
                    "date_deadline": date(record)
                    if date
                    else fields.Date.context_today(there),
                    "res_model_id": models_._get_id(place._name),
                    "res_id": place.id,
                    "summary": summary(record, user)
                    if summary
                    else activity_type.with_env(there.env).name,
                    "user_id": user.id,
                }
            )
        return self.with_context(mail_activity_quick_update=True).create(vals_list)

    def _action_done(self, feedback=False, attachment_ids=None):
        """Whoever marks a thank-you as done has thanked (V13)."""
        thanks = self.env.ref("sales_visit.mail_activity_type_thanks")
        done = self.filtered(
            lambda activity: (
                activity.activity_type_id == thanks
                and activity.res_model == "sales.visit"
            )
        )
        # Who may mark the activity as done has done it, whatever else he may write; an
        # activity that was moved from another visit is none of its salesperson.
        users = {activity.res_id: activity.user_id for activity in done}
        visits = self.env["sales.visit"].sudo().browse(users).exists()
        visits = visits.filtered(lambda visit: visit.user_id == users[visit.id])
        result = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        visits._note_thanked()
        return result
