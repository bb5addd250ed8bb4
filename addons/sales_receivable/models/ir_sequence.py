from odoo import api, models
from odoo.tools import SQL


class IrSequence(models.Model):
    _name = "ir.sequence"
    _inherit = "ir.sequence"

    @api.model
    def _draw_of_company(self, code, company):
        """Return the next number of a company's own sequence, made when first needed
        like the one without a company: with one for all, no company's would be gapless.

        Two at once: a row decides, the host tries the later one again.
        """
        # Who may take the step that draws needn't read sequences.
        sequences = self.sudo()
        own = [("code", "=", code), ("company_id", "=", company.id)]
        sequence = sequences.search(own, limit=1)
        if not sequence:
            self.env.execute_query(
                SQL(
                    "UPDATE res_company SET write_date = write_date WHERE id = %s"
                    " RETURNING id",
                    company.id,
                )
            )
            pattern = sequences.search(
                [("code", "=", code), ("company_id", "=", False)], limit=1
            )
            pattern.ensure_one()
            sequence = pattern.copy({"company_id": company.id, "name": pattern.name})
        return sequence.next_by_id()
