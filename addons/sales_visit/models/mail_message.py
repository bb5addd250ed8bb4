from odoo import api, models
from odoo.exceptions import UserError

from ..guard import has_changes, is_server

CONTENT_FIELDS = {
    "subject",
    "body",
    "date",
    "author_id",
    "author_guest_id",
    "email_from",
    "message_type",
    "subtype_id",
    "model",
    "res_id",
    "is_internal",
    "attachment_ids",
    "tracking_value_ids",
}


class MailMessage(models.Model):
    _inherit = "mail.message"

    def write(self, vals):
        if touched := CONTENT_FIELDS & vals.keys():
            self._check_evidence({name: vals[name] for name in touched})
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_evidence(self):
        self._check_evidence()

    def _check_evidence(self, vals=None):
        """Refuse to change or remove messages of documents that are locked, and what
        steps have logged also where they were unlocked again (V10).

        :param vals: what is to be written; empty to remove
        :raise UserError: naming the document and who can unlock it
        """
        if is_server(self):
            return
        messages = self.sudo()  # everybody's messages are guarded, hidden ones too
        locked, on_record = self.env["sales.visit.evidence.mixin"]._get_evidence(
            (message.model, message.res_id) for message in messages
        )
        for message in messages if on_record else ():
            reference = (message.model, message.res_id)
            if vals is not None and not has_changes(message, vals):
                continue
            if document := locked.get(reference):
                raise UserError(document._get_locked_message())
            if reference in on_record and message.message_type != "comment":
                raise UserError(
                    self.env._(
                        "What the steps of %(document)s have logged stays. (V10)",
                        document=on_record[reference].display_name,
                    )
                )
