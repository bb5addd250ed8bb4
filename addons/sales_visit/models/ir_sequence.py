from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class IrSequence(models.Model):
    _inherit = "ir.sequence"

    @api.model
    def _draw_numbers(self, code, count):
        """Return ``count`` numbers of the current company's sequence with a code, as
        ``next_by_code`` would one by one.

        Where the sequence may leave gaps, as it does unless somebody changed it, one
        query draws them all.

        :raise UserError: when there is no such sequence
        """
        sequence = self.search(
            [("code", "=", code), ("company_id", "in", [self.env.company.id, False])],
            order="company_id",
            limit=1,
        )
        if not sequence:
            raise UserError(
                self.env._(
                    "No sequence numbers documents with the code “%(code)s”: add one in Settings ‣ Technical ‣ Sequences.",
                    code=code,
                )
            )
        if sequence.implementation != "standard" or sequence.use_date_range:
            return [sequence.next_by_id() for _number in range(count)]
        drawn = self.env.execute_query(
            SQL(
                "SELECT nextval(%s) FROM generate_series(1, %s)",
                f"ir_sequence_{sequence.id:03}",
                count,
            )
        )
        return [sequence.get_next_char(number) for (number,) in drawn]
