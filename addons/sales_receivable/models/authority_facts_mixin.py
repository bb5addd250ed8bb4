from odoo import api, fields, models


class AuthorityFactsMixin(models.AbstractModel):
    """Facts of a document, frozen; said anew in the language of who reads them."""

    _name = "authority.facts.mixin"
    _description = "Frozen Facts of a Document"

    res_model = fields.Char(string="Document Model", required=True, readonly=True)
    facts = fields.Json(readonly=True)
    sentence = fields.Text(string="What Exceeds", compute="_compute_sentence")

    @api.depends("facts", "res_model")
    @api.depends_context("lang")
    def _compute_sentence(self):
        for record in self:
            # Without the addon that brought the document, its facts speak for themselves.
            document = self.env.get(record.res_model, self.env["authority.mixin"])
            record.sentence = "\n".join(
                document._describe_authority_fact(fact) for fact in record.facts or []
            )
