from odoo import api, fields, models
from odoo.addons.sales_receivable.guard import is_server
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_list

#: The kind of document that bills a charge, by its side.
MOVE_TYPES = {"sell": "out_invoice", "buy": "in_invoice"}
#: What a posted line bills of its charge; fixed until the document is a draft again.
BILLED_FIELDS = ("freight_charge_id", "price_unit", "quantity", "discount", "tax_ids")


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

    @api.constrains("freight_charge_id", "move_id")
    def _check_freight_charge(self):
        """Refuse to bill what the customer has not confirmed, by any way (F16)."""
        # Whoever may invoice is told about the charge, not shown it.
        charges = self.freight_charge_id.sudo()
        if charges:
            charges._check_reasons("billed")
            self._check_freight_document()

    def _check_freight_document(self):
        """Raise ValidationError where a charge is on another kind's or booking's paper.

        Such a document would bill the charge outside the rules of debit notes (F16).
        """
        for line in self:
            # Compared only; whoever may invoice is told about the charge, not shown it.
            charge = line.freight_charge_id.sudo()
            if charge and (
                line.move_id.move_type != MOVE_TYPES[charge.side]
                or line.move_id.sudo().freight_booking_id != charge.booking_id
            ):
                raise ValidationError(
                    self.env._(
                        "%(charge)s is billed on a debit note of %(booking)s only.",
                        charge=charge.description,
                        booking=charge.booking_id.name,
                    )
                )

    def write(self, vals):
        """Keep what a posted document bills of its charges (F16)."""
        if not (vals.keys().isdisjoint(BILLED_FIELDS) or is_server(self)):
            self._check_billed_kept(vals)
        return super().write(vals)

    def _check_billed_kept(self, vals):
        will_change = self.env["account.move"]._field_will_change
        for line in self:
            charged = line.freight_charge_id or vals.get("freight_charge_id")
            if (
                charged
                and line.parent_state == "posted"
                and any(will_change(line, vals, name) for name in BILLED_FIELDS)
            ):
                raise UserError(
                    self.env._(
                        "%(move)s is posted: what it bills of its charges stays.",
                        move=line.move_id.display_name,
                    )
                )

    def _describe_difference_from_charge(self):
        """Return how a line differs from what the customer confirmed, or None (F16)."""
        self.ensure_one()
        # Who posts invoices need not read charges; the sentence is all they see.
        charge = self.freight_charge_id.sudo()
        move = self.move_id
        if not charge:
            return self.env._(
                "line “%(line)s” comes from no charge of %(booking)s.",
                line=self.name or self.product_id.display_name or "",
                booking=move.freight_booking_id.name,
            )
        # As typed: a tax that is included in the price was agreed with it.
        billed = self.quantity * self.price_unit * (1 - self.discount / 100)
        if (
            charge.currency_id != move.currency_id
            or move.currency_id.compare_amounts(billed, charge.amount) != 0
        ):
            return self.env._(
                "line “%(line)s” bills %(billed)s, confirmed are %(agreed)s.",
                line=self.name or "",
                billed=move.currency_id.format(billed),
                agreed=charge.currency_id.format(charge.amount),
            )
        if charge.partner_id.commercial_partner_id != move.commercial_partner_id:
            return self.env._(
                "%(charge)s is owed by %(owner)s, not by %(partner)s.",
                charge=charge.description,
                owner=charge.partner_id.display_name,
                partner=move.partner_id.display_name or self.env._("nobody"),
            )
        if charge.is_receivable and not charge.customer_confirmed:
            return self.env._(
                "the customer has not confirmed %(charge)s, %(amount)s.",
                charge=charge.description,
                amount=charge.currency_id.format(charge.amount),
            )
        agreed_taxes = charge._get_agreed_taxes()
        if self.tax_ids != agreed_taxes:
            return self.env._(
                "line “%(line)s” is taxed with %(billed)s, agreed is %(agreed)s.",
                line=self.name or "",
                billed=self._format_taxes(self.tax_ids),
                agreed=self._format_taxes(agreed_taxes),
            )
        return None

    def _format_taxes(self, taxes):
        # Names of taxes are on the document itself.
        names = taxes.sudo().mapped("name")
        return format_list(self.env, names) if names else self.env._("no tax")
