from odoo import api, models
from odoo.exceptions import UserError

from ..guard import has_changes, is_server

PLACE_FIELDS = {"res_model", "res_id"}
CONTENT_FIELDS = PLACE_FIELDS | {
    "name",
    "description",
    "res_field",
    "type",
    "url",
    "mimetype",
    "raw",
    "datas",
    "db_datas",
    "public",  # nor is it shown to more people
}


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    @api.model_create_multi
    def create(self, vals_list):
        attachments = super().create(vals_list)
        attachments._check_evidence()
        return attachments

    def write(self, vals):
        touched = {name: vals[name] for name in CONTENT_FIELDS & vals.keys()}
        if not touched:
            return super().write(vals)
        self._check_evidence(touched)
        place = {name: touched[name] for name in PLACE_FIELDS & touched.keys()}
        moved = self.filtered(lambda file: has_changes(file.sudo(), place))
        result = super().write(vals)
        moved._check_evidence()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_evidence(self):
        self._check_evidence()

    def _check_evidence(self, vals=None):
        """Refuse to add, change or remove files of documents that are locked (V10).

        :param vals: what is to be written; empty to add or remove
        :raise UserError: naming the document and who can unlock it
        """
        if is_server(self):
            return
        attachments = self.sudo()  # everybody's files are guarded, hidden ones too
        locked, _on_record = self.env["sales.visit.evidence.mixin"]._get_evidence(
            (attachment.res_model, attachment.res_id) for attachment in attachments
        )
        for attachment in attachments if locked else ():
            document = locked.get((attachment.res_model, attachment.res_id))
            if document and (vals is None or has_changes(attachment, vals)):
                raise UserError(document._get_locked_message())
