from odoo import api, fields, models
from odoo.fields import NO_ACCESS


class AuthorityFactsMixin(models.AbstractModel):
    """Facts of a document, frozen; said anew in the language of who reads them."""

    _name = "authority.facts.mixin"
    _description = "Frozen Facts of a Document"

    res_model = fields.Char(string="Document Model", required=True, readonly=True)
    # By the sentences only: they leave out what not every reader may know.
    facts = fields.Json(readonly=True, groups=NO_ACCESS)
    sentence = fields.Text(string="What Exceeds", compute="_compute_sentence")

    @api.depends("facts", "res_model")
    @api.depends_context("lang", "uid")
    def _compute_sentence(self):
        confided = self._filter_confided()
        # What is read of the facts are sentences for this reader.
        for record, frozen in zip(self, self.sudo(), strict=True):
            # Without the addon that brought the document, its facts speak for themselves.
            document = self.env.get(record.res_model, self.env["authority.mixin"])
            facts = frozen.facts or []
            if record not in confided:
                facts = [*map(document._get_public_fact, facts)]
            record.sentence = "\n".join(map(document._describe_authority_fact, facts))

    def _filter_confided(self):
        """Return the records whose confidential figures the current user may know."""
        if self.env["res.partner"]._reads_credit_figures():
            return self
        return self.filtered(
            lambda record: (
                record._get_request().may_decide
                or record._get_request().decided_by_id == self.env.user
            )
        )

    def _get_request(self):
        """Return the ``authority.request`` to which the facts belong."""
        raise NotImplementedError
