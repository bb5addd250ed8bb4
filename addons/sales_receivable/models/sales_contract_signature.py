from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

PARTIES = [("ours", "Us"), ("customer", "Customer")]
KINDS = [("signature", "Signature"), ("stamp", "Stamp")]
#: What a valid contract bears.
MARKS = [(party, kind) for party, __ in PARTIES for kind, __ in KINDS]
FIRST = {"ours_first": "ours", "customer_first": "customer"}


class SalesContractSignature(models.Model):
    """Who signed or stamped a contract, with which seal and when (A09).

    Append-only: a wrong entry is on record like a wrong stamp on paper; the contract is
    cancelled and made again.
    """

    _name = "sales.contract.signature"
    _description = "Signature or Stamp on a Contract"
    _inherit = ["server.field.mixin"]
    _order = "date, id"
    _rec_name = "person"
    _check_company_auto = True

    contract_id = fields.Many2one(
        "sales.contract",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="contract_id.company_id", store=True, index=True, precompute=True
    )
    party = fields.Selection(PARTIES, string="Of", required=True)
    kind = fields.Selection(KINDS, required=True)
    person = fields.Char(
        required=True, help="Name and position of who signed or used the seal."
    )
    seal_id = fields.Many2one(
        "sales.contract.seal",
        ondelete="restrict",
        index="btree_not_null",
        check_company=True,
        help="Which of our seals; the customer's is described under Seal Text.",
    )
    seal_text = fields.Char(help="What the customer's seal says.")
    date = fields.Date(required=True, default=fields.Date.context_today)
    create_uid = fields.Many2one("res.users", string="Recorded By")

    _mark_uniq = models.Constraint(
        "unique(contract_id, party, kind)",
        "Each party signs and stamps a contract once.",
    )

    @api.model
    def _describe_mark(self, party, kind):
        """Say what is meant, e.g. “our stamp”."""
        return {
            "ours signature": self.env._("our signature"),
            "ours stamp": self.env._("our stamp"),
            "customer signature": self.env._("the customer's signature"),
            "customer stamp": self.env._("the customer's stamp"),
        }[f"{party} {kind}"]

    @api.constrains("party", "kind", "seal_id", "seal_text")
    def _check_seal(self):
        for mark in self.filtered(lambda m: m.kind == "stamp"):
            if mark.party == "ours" and not mark.seal_id:
                raise ValidationError(self.env._("Say which seal was used."))
            if mark.party == "customer" and not (mark.seal_text or "").strip():
                raise ValidationError(self.env._("Say what the customer's seal says."))

    @api.constrains("date")
    def _check_date(self):
        for mark in self:
            if mark.date > mark.company_id._get_business_date():
                raise ValidationError(self.env._("Nobody has signed tomorrow yet."))

    @api.constrains("party", "kind")
    def _check_order_of_stamps(self):
        """The company's order of stamps: whose comes first (A09)."""
        for mark in self.filtered(lambda m: m.kind == "stamp"):
            first = FIRST.get(mark.company_id.contract_stamp_order)
            if first in (None, mark.party):
                continue
            if (first, "stamp") not in {
                (other.party, other.kind) for other in mark.contract_id.signature_ids
            }:
                raise ValidationError(
                    self.env._(
                        "%s comes first.", self._describe_mark(first, "stamp").title()
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        """Record marks on contracts that wait to be signed, and on no others (A09).

        :raise AccessError: with a seal that others keep
        """
        marks = super().create(vals_list)
        for mark in marks:
            mark.contract_id._check_recorder()
            if mark.contract_id.state != "approved":
                raise UserError(
                    self.env._(
                        "%s is not waiting for signatures.",
                        mark.contract_id.display_name,
                    )
                )
            # Who keeps a seal is asked for everybody who names it.
            keepers = mark.seal_id.sudo().keeper_ids
            if keepers and self.env.user not in keepers:
                raise AccessError(
                    self.env._(
                        "“%(seal)s” is used by %(keepers)s.",
                        seal=mark.seal_id.name,
                        keepers=", ".join(keepers.mapped("name")),
                    )
                )
        # A simultaneous cancellation meets this in the contract's row.
        for contract in marks.contract_id:
            contract._take_row(("approved",))
        return marks

    def write(self, vals):  # pylint: disable=method-required-super  # never written
        raise AccessError(self.env._("Signatures and stamps can't be changed."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise AccessError(self.env._("Signatures and stamps stay on record."))
