from odoo import api, models
from odoo.exceptions import AccessError


class IrAttachment(models.Model):
    """Files behind fields of our documents change with the document only, where its
    guards look: signed copies, receipts and reports stay what they were."""

    _inherit = "ir.attachment"

    @api.model_create_multi
    def create(self, vals_list):
        files = super().create(vals_list)
        files._check_document_files()
        return files

    def write(self, vals):
        self._check_document_files()
        result = super().write(vals)
        if not {"res_model", "res_id", "res_field"}.isdisjoint(vals):
            self._check_document_files()  # nor does any other file become one
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_document_files(self):
        self._check_document_files()

    def _delete_and_notify(self, message=None):
        # The host asks as superuser, for whoever may write the document.
        self.sudo(False)._check_document_files()
        return super()._delete_and_notify(message)

    def _check_document_files(self):
        """Raise AccessError for a caller who touches a document's file past its field.

        The field itself writes as superuser, after the guards of its document.
        """
        if self.env.su:
            return
        kept = self.env.registry["server.field.mixin"]
        for file in self.sudo():  # also of documents one can't see
            model = self.env.registry.get(file.res_model)
            if (
                file.res_field
                and model
                and issubclass(model, kept)
                and model._guards_readonly
            ):
                raise AccessError(
                    self.env._("This file is part of a document: change it there.")
                )
