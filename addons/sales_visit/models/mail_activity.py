from odoo import models


class MailActivity(models.Model):
    _inherit = "mail.activity"

    def _action_done(self, feedback=False, attachment_ids=None):
        """Whoever marks a thank-you as done has thanked (V13)."""
        thanks = self.env.ref("sales_visit.mail_activity_type_thanks")
        done = self.filtered(
            lambda activity: (
                activity.activity_type_id == thanks
                and activity.res_model == "sales.visit"
            )
        )
        # Who may mark the activity as done has done it, whatever else he may write.
        visits = self.env["sales.visit"].sudo().browse(done.mapped("res_id")).exists()
        result = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        visits._note_thanked()
        return result
