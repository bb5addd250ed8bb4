from collections import Counter

from odoo import api, fields, models


class DocumentMixin(models.AbstractModel):
    """Numbered documents about a customer. The code of the sequence that numbers them is
    the name of the model."""

    _name = "sales.visit.document.mixin"
    _inherit = ["sales.visit.owned.mixin"]
    _description = "Numbered Document About a Customer"

    name = fields.Char(string="Reference", readonly=True, copy=False, index="trigram")
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    commercial_partner_id = fields.Many2one(
        "res.partner",
        string="Customer Company",
        compute="_compute_commercial_partner_id",
        store=True,
        precompute=True,
        ondelete="restrict",
    )

    @api.depends("name", "partner_id")
    def _compute_display_name(self):
        for document in self:
            # The customer first: he is what people look for where there is little room.
            names = (document.partner_id.sudo().display_name, document.name)
            document.display_name = " · ".join(filter(None, names))

    @api.depends("partner_id")
    def _compute_commercial_partner_id(self):
        for document in self:
            document.commercial_partner_id = document.partner_id.commercial_partner_id

    @api.model
    def _prepare_create_values(self, vals_list):
        # Past the guard: nobody but us numbers a document.
        counts = Counter(vals.get("company_id") for vals in vals_list)
        numbers = {
            company_id: iter(
                self.env["ir.sequence"]
                .with_company(company_id)
                ._draw_numbers(self._name, count)
            )
            for company_id, count in counts.items()
        }
        return super()._prepare_create_values(
            [
                {**vals, "name": next(numbers[vals.get("company_id")])}
                for vals in vals_list
            ]
        )
