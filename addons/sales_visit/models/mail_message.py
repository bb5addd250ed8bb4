from datetime import timedelta

from odoo import api, fields, models
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


# How far a message's own date may lie from the clock: what posting it takes.
TOLERANCE = timedelta(minutes=5)


class MailMessage(models.Model):
    _inherit = "mail.message"

    @api.model_create_multi
    def create(self, vals_list):
        messages = super().create(vals_list)
        messages._check_own_words()
        return messages

    def write(self, vals):
        if touched := CONTENT_FIELDS & vals.keys():
            self._check_evidence({name: vals[name] for name in touched})
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_evidence(self):
        self._check_evidence()

    def _check_own_words(self):
        """Refuse messages in another's name or of another day in the log of documents
        that are evidence (V10). What the server itself posts may name anybody.

        :raise UserError: naming the document
        """
        if self.env.su or is_server(self):
            return
        evidence = self.env["sales.visit.evidence.mixin"]
        now = fields.Datetime.now()
        for message in self.sudo():  # who posts need not be allowed to read it
            if not evidence._is_evidence(message.model):
                continue
            own = message.author_id == self.env.user.partner_id
            today = message.date and abs(message.date - now) <= TOLERANCE
            if not (own and today):
                raise UserError(
                    self.env._(
                        "Messages about %(document)s are posted in one's own name and with today's date. (V10)",
                        document=message.record_name or message.model,
                    )
                )

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
