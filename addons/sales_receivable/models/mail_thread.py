from odoo import models

from ..authority import ENGINE, ENGINE_KEY


class MailThread(models.AbstractModel):
    _name = "mail.thread"
    _inherit = "mail.thread"

    def message_subscribe(self, partner_ids=None, subtype_ids=None):
        """Approvers read a document through their request; they don't follow it.

        The host makes everybody a follower who gets an activity.
        """
        if self.env.context.get(ENGINE_KEY) is ENGINE:
            return True
        return super().message_subscribe(partner_ids, subtype_ids)
