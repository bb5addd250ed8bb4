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
        confided = {
            kind: self._filter_confided(kind)
            for kind in {
                fact.get("confidential")
                for record in self.sudo()
                for fact in record.facts or []
            }
            - {None}
        }
        # What is read of the facts are sentences for this reader.
        for record, frozen in zip(self, self.sudo(), strict=True):
            # Without the addon that brought the document, its facts speak for themselves.
            document = self.env.get(record.res_model, self.env["authority.mixin"])
            facts = [
                fact
                if record in confided.get(fact.get("confidential"), record)
                else document._get_public_fact(fact)
                for fact in frozen.facts or []
            ]
            record.sentence = "\n".join(map(document._describe_authority_fact, facts))

    def _filter_confided(self, kind):
        """Return the records whose confidential figures the current user may know.

        :param kind: what the facts say under ``confidential``
        """
        if kind == "cost":
            reads_all = self.env["sale.order"]._reads_costs()
        else:
            reads_all = self.env["res.partner"]._reads_credit_figures()
        if reads_all:
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
