from odoo import api, fields, models


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    freight_charge_id = fields.Many2one(
        "freight.charge",
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )

    # Two users who bill at once: the second is refused by the database.
    _freight_charge_uniq = models.UniqueIndex(
        "(freight_charge_id) WHERE freight_charge_id IS NOT NULL"
        " AND parent_state != 'cancel'",
        "This freight charge is billed already.",
    )

    @api.constrains("freight_charge_id")
    def _check_freight_charge(self):
        """Refuse to bill what the customer has not confirmed, by any way (F16)."""
        # Whoever may invoice is told about the charge, not shown it.
        charges = self.freight_charge_id.sudo()
        if charges:
            charges._check_reasons("billed")
