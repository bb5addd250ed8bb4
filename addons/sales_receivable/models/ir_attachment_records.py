from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from .company_paper import KEEPER

ORIGINALS = Domain("res_model", "=", "company.paper") & Domain(
    "res_field", "=", "document"
)
# What the server notes of a file, whatever is in it.
NOTED = {"access_token", "index_content"}


class IrAttachment(models.Model):
    """Files that other records rest on: the documents of a result stay (A05), and the
    originals of company papers are their keepers' (A23)."""

    _name = "ir.attachment"
    _inherit = "ir.attachment"

    # --- documents of results ---------------------------------------------------------

    def write(self, vals):
        if not vals.keys() <= NOTED and not self._is_same_content(vals):
            self._check_decided()
        return super().write(vals)

    def _is_same_content(self, vals):
        """Tell whether files are only stored elsewhere, as when the storage changes."""
        return vals.keys() <= {"mimetype", "raw"} and all(
            file.raw == vals.get("raw") for file in self
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_decided(self):
        self._check_decided()

    def _check_decided(self):
        """Refuse to change the documents of trials and agreements with a result (A05)."""
        # Whose documents they are decides, whoever reads these.
        trials = self.env["product.trial"].sudo()
        decided = Domain("attachment_ids", "in", self.ids) & Domain(
            "state", "!=", "open"
        )
        if trials.search_count(decided, limit=1):
            raise UserError(
                self.env._(
                    "A result rests on this document, so it stays: record another one"
                    " instead."
                )
            )

    # --- originals of company papers --------------------------------------------------

    @api.model
    def _hides_originals(self):
        """Tell whether the host would show originals to who isn't their keeper: system
        administrators, whom it lets past the groups of fields."""
        return not self.env.su and not self.env.user.has_group(KEEPER)

    def _check_access(self, operation):
        result = super()._check_access(operation)
        if not self.env.is_system() or not self._hides_originals():
            return result
        # Only whose files they are is looked at.
        originals = self.sudo().filtered_domain(ORIGINALS).with_env(self.env)
        if not originals:
            return result
        forbidden = result[0] if result else self.browse()
        return forbidden | originals, lambda: AccessError(
            self.env._("Originals of company papers are read by their keepers (A23).")
        )

    @api.model
    def _search(self, domain, *args, bypass_access=False, **kwargs):
        domain = Domain(domain)
        # Without these, the host looks for no files of fields at all.
        names_fields = self.env.context.get("skip_res_field_check") or any(
            condition.field_expr in ("id", "res_field")
            for condition in domain.iter_conditions()
        )
        if names_fields and not bypass_access and self._hides_originals():
            domain &= ~ORIGINALS
        return super()._search(domain, *args, bypass_access=bypass_access, **kwargs)
