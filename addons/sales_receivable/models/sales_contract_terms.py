from odoo import api, fields, models

from ..tools.digest import get_digest
from ..tools.rmb import to_capitals


class SalesContract(models.Model):
    """What was agreed, frozen with a digest (A08)."""

    _name = "sales.contract"
    _inherit = "sales.contract"

    agreed_lines = fields.Html(
        string="What Was Agreed", compute="_compute_agreed_lines", sanitize=False
    )

    @api.depends("terms")
    @api.depends_context("lang")
    def _compute_agreed_lines(self):
        """Show the frozen terms to legal, approvers and purchasers, too, who needn't
        read orders."""
        for contract in self:
            contract.agreed_lines = contract.terms and self.env["ir.qweb"]._render(
                "sales_receivable.contract_agreed_lines",
                {"terms": contract.terms, "currency": contract.currency_id},
            )

    def _freeze_terms(self):
        """Return the values that freeze what is agreed now."""
        self.ensure_one()
        # What is agreed is the same, whoever applies for the contract.
        contract = self.sudo()
        terms = {
            "partner": [
                contract.partner_id.commercial_partner_id.id,
                contract.partner_id.display_name,
            ],
            "currency_id": contract.currency_id.id,
            "currency": contract.currency_id.name,
            "orders": [
                order._get_contract_terms() for order in contract.order_ids.sorted("id")
            ],
            "promises": contract.promises or "",
            "promised_value": contract.promised_value,
            "clauses": contract.clause_ids._get_texts(),
        }
        return {"terms": terms, "terms_digest": get_digest(terms)}

    def _get_printed_terms(self):
        """Return the terms as they are printed: the agreed ones, before that today's."""
        self.ensure_one()
        return self.terms or self._freeze_terms()["terms"]

    @api.model
    def _get_printed_unit(self, unit):
        """Return the name of a unit in the paper's two languages; as it was frozen where
        it is no more."""
        record = self.env["uom.uom"].browse(unit[0]).exists()
        names = [
            record.with_context(lang=lang).name
            for lang in ("zh_CN", "en_US")
            if record and lang in dict(self.env["res.lang"].get_installed())
        ]
        return " ".join(dict.fromkeys(names)) or unit[1]

    def _get_printed_total(self):
        """Return the total in figures and, of RMB, in capitals (人民币大写)."""
        self.ensure_one()
        total = self.currency_id.round(
            sum(order["amount_total"] for order in self._get_printed_terms()["orders"])
        )
        capitals = to_capitals(total) if self.currency_id.name == "CNY" else ""
        return total, capitals

    def _get_printed_marks(self, party):
        """Return who signed for a party and with which seal, and when."""
        marks = self.signature_ids.filtered(lambda mark: mark.party == party)
        by_kind = marks.grouped("kind")
        empty = marks.browse()
        return by_kind.get("signature", empty), by_kind.get("stamp", empty)
