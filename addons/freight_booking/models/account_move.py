from odoo import api, fields, models


class AccountMove(models.Model):
    """Debit notes are invoices of a booking: ours to the customer, the carrier's to us."""

    _name = "account.move"
    _inherit = ["account.move", "freight.guard.mixin"]
    _guards_readonly = False

    freight_booking_id = fields.Many2one(
        "freight.booking",
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    freight_bill_id = fields.Many2one(
        "freight.bill",
        string="Bill of Lading",
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    is_freight_debit_note = fields.Boolean(
        string="Freight Debit Note", compute="_compute_is_freight_debit_note"
    )

    @api.depends("freight_booking_id", "move_type")
    def _compute_is_freight_debit_note(self):
        for move in self:
            move.is_freight_debit_note = (
                bool(move.freight_booking_id) and move.move_type == "out_invoice"
            )

    def _get_guarded_booking(self):
        return self.freight_booking_id

    def _get_next_step(self):
        self.ensure_one()
        if self.is_freight_debit_note and self.state == "draft":
            return "debit_note"
        return False

    def _get_step_reasons(self, step):
        result = super()._get_step_reasons(step)
        if step == "debit_note":
            for move in self:
                result[move.id] = move._get_debit_note_reasons()
        return result

    def _get_debit_note_reasons(self):
        """Return what differs from the charges that the customer confirmed (F16)."""
        self.ensure_one()
        reasons = []
        for line in self.invoice_line_ids:
            if line.display_type != "product":
                continue
            # Who posts invoices need not read charges; the sentence is all they see.
            charge = line.freight_charge_id.sudo()
            if not charge:
                message = self.env._(
                    "line “%(line)s” comes from no charge of %(booking)s.",
                    line=line.name or line.product_id.display_name or "",
                    booking=self.freight_booking_id.name,
                )
            elif charge.currency_id != self.currency_id or (
                self.currency_id.compare_amounts(line.price_subtotal, charge.amount) > 0
                and not line.tax_ids.filtered("price_include")
            ):
                message = self.env._(
                    "line “%(line)s” bills %(billed)s, confirmed are %(agreed)s.",
                    line=line.name or "",
                    billed=self.currency_id.format(line.price_subtotal),
                    agreed=charge.currency_id.format(charge.amount),
                )
            elif charge.is_receivable and not charge.customer_confirmed:
                message = self.env._(
                    "the customer has not confirmed %(charge)s, %(amount)s.",
                    charge=charge.description,
                    amount=charge.currency_id.format(charge.amount),
                )
            else:
                continue
            reasons.append(
                self._make_reason(
                    "F16",
                    message,
                    self.env._("settlement, by a charge that the customer confirms"),
                )
            )
        return reasons

    def _post(self, soft=True):
        """Check debit notes against their charges before they are posted (F16)."""
        self.filtered("is_freight_debit_note")._check_reasons("debit_note")
        return super()._post(soft=soft)
