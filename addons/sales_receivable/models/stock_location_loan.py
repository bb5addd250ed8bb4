from odoo import models
from odoo.exceptions import UserError


class StockLocation(models.Model):
    """Where lent goods lie stays outside every warehouse (A20)."""

    _name = "stock.location"
    _inherit = "stock.location"

    def write(self, vals):
        if not {"active", "company_id", "location_id", "usage"}.isdisjoint(vals):
            self._refuse_while_on_loan(
                self.env._("Goods on loan lie here (A20): the place stays as it is.")
            )
        return super().write(vals)

    def _is_for_loans(self):
        """Tell whether this is the place for loans of its company, or part of it."""
        self.ensure_one()
        # Whose place it is decides, whoever may read companies.
        place = self.sudo().company_id.loan_location_id
        return bool(place) and self._child_of(place)

    def _refuse_while_on_loan(self, sentence):
        """Raise UserError with a sentence where lent goods lie, unless the rule is off."""
        get_mode = self.env["business.rule.mode"]._get_mode
        # As above: whose place it is decides.
        for place in self.sudo():
            if place._is_for_loans() and get_mode("A20", place.company_id) != "off":
                raise UserError(sentence)
