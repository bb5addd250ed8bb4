from collections import defaultdict

from odoo import api, models

from ..guard import as_server


class EvidenceMixin(models.AbstractModel):
    """Documents whose files and log stay as they are once they are locked (V10).

    ``ir.attachment`` and ``mail.message`` ask here, whoever writes them and from where: a
    form, an import, the host's controllers, commands of another record.
    """

    _name = "sales.visit.evidence.mixin"
    _inherit = ["mail.thread"]
    _description = "Document With Evidence"

    def _filter_locked(self):
        """Return the documents whose files and messages nobody changes now."""
        return self.browse()

    def _filter_on_record(self):
        """Return the documents whose steps stay in their log, locked or not."""
        return self._filter_locked()

    def _get_locked_message(self):
        """Return why this document is locked, and who can unlock it."""
        raise NotImplementedError

    @api.model
    def _is_evidence(self, model):
        """Tell whether a model, by its name, is one of these documents."""
        kind = self.env.registry[EvidenceMixin._name]
        return model in self.env and isinstance(self.env[model], kind)

    @api.model
    def _get_evidence(self, references):
        """Return, of documents of this kind, those that are locked or on record.

        :param references: ``(model name, id)`` of documents of any kind
        :return: two dicts ``{(model name, id): document under sudo}``
        """
        ids_by_model = defaultdict(set)
        for model, res_id in references:
            if res_id and self._is_evidence(model):
                ids_by_model[model].add(res_id)
        locked, on_record = {}, {}
        for model, ids in ids_by_model.items():
            # Whether a document is locked doesn't depend on who may see it.
            documents = self.env[model].sudo().browse(ids).exists()
            locked |= {(model, found.id): found for found in documents._filter_locked()}
            on_record |= {
                (model, found.id): found for found in documents._filter_on_record()
            }
        return locked, on_record

    def _process_attachments_for_post(
        self, attachments, attachment_ids, message_values
    ):
        # Posting stays possible: files that come with a message are part of it.
        return super(EvidenceMixin, as_server(self))._process_attachments_for_post(
            attachments, attachment_ids, message_values
        )
