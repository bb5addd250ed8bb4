from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

#: Of which booking and bill a document is; fixed once it is posted.
LINKS = ("freight_booking_id", "freight_bill_id")


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

    @api.constrains("freight_booking_id", "move_type")
    def _check_freight_booking(self):
        """Keep the charges on a document of their own booking and kind (F16)."""
        self.invoice_line_ids._check_freight_document()

    @api.model_create_multi
    def create(self, vals_list):
        """Check debit notes that a default of the context creates as posted (F16)."""
        moves = super().create(vals_list)
        moves._get_posted_notes()._check_reasons("debit_note")
        return moves

    def write(self, vals):
        """Check what becomes a posted debit note; then it keeps its booking (F16).

        Judged as it is written: the same call may make a debit note of an invoice.
        """
        if not vals.keys().isdisjoint((*LINKS, "partner_id")):
            self._check_links_kept(vals)
        if vals.keys().isdisjoint(("state", "move_type", *LINKS)):
            return super().write(vals)
        checked = self._get_posted_notes()
        if vals.get("state", "posted") != "posted":
            checked._check_reasons("reopened")
        result = super().write(vals)
        (self._get_posted_notes() - checked)._check_reasons("debit_note")
        return result

    def _get_keeping_rules(self):
        """Posted debit notes stay, whether or not price floors block (F16)."""
        return super()._get_keeping_rules() | dict.fromkeys(
            self._get_posted_notes(), "F16"
        )

    def _get_posted_notes(self):
        return self.filtered(
            lambda move: move.state == "posted" and move.is_freight_debit_note
        )

    def _check_links_kept(self, vals):
        """Raise UserError if posted documents would change hands (F16, F18)."""
        for move in self.filtered(lambda move: move.state == "posted"):
            # Whose money counts is decided by the customer of a debit note.
            names = (*LINKS, "partner_id") if move.freight_booking_id else LINKS
            if any(self._field_will_change(move, vals, name) for name in names):
                raise UserError(
                    self.env._(
                        "%(move)s is posted: it stays with its booking, bill of lading and partner.",
                        move=move.display_name,
                    )
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
        elif step == "reopened":
            for move, bill in self._get_released_bills().items():
                result[move.id].append(
                    self._make_reason(
                        "F18",
                        self.env._(
                            "bill of lading %(bill)s was released against it and is out of our hands: it stays posted.",
                            bill=bill.name,
                        ),
                        self.env._("settlement makes a credit note"),
                    )
                )
        return result

    def _get_released_bills(self):
        """Return a bill that was released against each of these debit notes (F18).

        Notes made later released nothing, nor do those of customers on other terms.

        :rtype: dict[AccountMove, FreightBill]
        """
        bills = self.env["freight.bill"].search(
            [
                ("booking_id", "in", self.freight_booking_id.ids),
                ("booking_id.settlement", "=", "prepaid"),
                ("state", "=", "released"),
            ]
        )
        facts = bills._get_money_facts()
        return {
            move: bill
            for bill in bills
            for move in self & facts[bill.id]["notes"]
            if move.create_date <= bill.released_at
        }

    def _get_debit_note_reasons(self):
        """Return what differs from the charges that the customer confirmed (F16)."""
        self.ensure_one()
        sentences = [
            sentence
            for line in self.invoice_line_ids
            if line.display_type == "product"
            and (sentence := line._describe_difference_from_charge())
        ]
        if self._get_asked_share() < 1.0:
            sentences.append(
                self.env._(
                    "less is asked for than the lines come to: take off roundings and"
                    " journal items added by hand."
                )
            )
        return [
            self._make_reason(
                "F16",
                sentence,
                self.env._(
                    "settlement bills what was confirmed, or commercial changes the charge"
                ),
                public=self.env._(
                    "it differs from what the customer confirmed and has to pay."
                ),
            )
            for sentence in sentences
        ]

    # ------------------------------------------------------------------
    # Money
    # ------------------------------------------------------------------
    def _get_freight_dues(self):
        """Return what must come in before a bill is released, in each note's currency.

        The total of the note, and never less than the charges on it with their taxes: a
        price changed, a rounding or a tax lowers the note, not what was agreed (F18).

        :rtype: dict[int, float]
        """
        dues = {}
        for move in self:
            on = move.invoice_date or move.company_id._get_business_date()
            # Whoever asks gets a sum, and needs no right to the charges.
            charges = move.invoice_line_ids.freight_charge_id.sudo()
            agreed = sum(
                charge.currency_id._convert(
                    charge._get_agreed_total(), move.currency_id, move.company_id, on
                )
                for charge in charges
            )
            # The note's taxes may be rounded by line or as a whole.
            rounded = move.currency_id.rounding * len(charges)
            lowered = move.currency_id.compare_amounts(
                agreed, move.amount_total + rounded
            )
            dues[move.id] = agreed if lowered > 0 else move.amount_total
        return dues

    def _get_freight_collected(self):
        """Return what came in as money of the customer, in each note's currency (F18).

        Another customer's payment that was matched with a note is not this customer's
        money. Nor is what settled an item in another currency than its note's, which
        can't be compared with it. Whose it is, the payment or the bank line says: the
        partner on their journal items is anybody's to write. Without a partner it is
        nobody's.
        Where the company's policy asks for the bank, a payment counts when it is
        matched with a bank line.

        :rtype: dict[int, float]
        """
        amounts = defaultdict(float)
        for company, moves in self.grouped("company_id").items():
            collections = self.env["account.partial.reconcile"]._get_collections_sql(
                moves.ids, in_transit=company.freight_payment_release == "registered"
            )
            query = SQL(
                """SELECT collection.move_id, SUM(collection.amount_currency)
                     FROM (%(collections)s) collection
                     JOIN account_move note ON note.id = collection.move_id
                     JOIN account_move_line item
                       ON item.id = collection.line_id
                      AND item.currency_id = note.currency_id
                     JOIN res_partner owner ON owner.id = note.partner_id
                     JOIN account_partial_reconcile part
                       ON part.id = collection.partial_id
                     JOIN account_move_line money ON money.id <> collection.line_id
                      AND money.id IN (part.debit_move_id, part.credit_move_id)
                    WHERE (SELECT BOOL_AND(payer.commercial_partner_id
                                           IS NOT DISTINCT FROM owner.commercial_partner_id)
                             FROM (SELECT partner_id FROM account_payment
                                    WHERE move_id = money.move_id
                                    UNION ALL
                                   SELECT partner_id FROM account_bank_statement_line
                                    WHERE move_id = money.move_id) source
                        LEFT JOIN res_partner payer ON payer.id = source.partner_id)
                    GROUP BY collection.move_id""",
                collections=collections,
                to_flush=self._get_payer_fields(),
            )
            for move_id, amount in self.env.execute_query(query):
                amounts[move_id] = float(amount)
        return amounts

    def _get_payer_fields(self):
        """Return the fields that tell whose note and whose money it is, and which."""
        return [
            self.env[model]._fields[name]
            for model, names in {
                "account.move": ("partner_id", "currency_id"),
                "account.move.line": ("currency_id",),
                "account.payment": ("move_id", "partner_id"),
                "account.bank.statement.line": ("move_id", "partner_id"),
                "res.partner": ("commercial_partner_id",),
            }.items()
            for name in names
        ]
