from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import html2plaintext, is_html_empty

from ..authority import exceeds
from ..tools.place import get_place

#: What a contract in force is; of a closed one everything was delivered.
IN_FORCE = ("valid", "performing", "closed")


class SaleOrder(models.Model):
    """An order and its contract: the terms that are agreed (A08, A09)."""

    _name = "sale.order"
    _inherit = "sale.order"

    contract_id = fields.Many2one(
        "sales.contract",
        index="btree_not_null",
        copy=False,
        ondelete="restrict",
        check_company=True,
        groups="base.group_user",
    )

    lacks_contract = fields.Boolean(
        compute="_compute_lacks_contract", compute_sudo=True, groups="base.group_user"
    )

    @api.depends("contract_id", "sales_channel_id", "partner_id", "amount_untaxed")
    def _compute_lacks_contract(self):
        modes = self._get_authority_modes()
        asked = self.filtered(
            lambda o: not o.contract_id and modes[o.id].get("A09")
        )._filter_needing_contract()
        for order in self:
            order.lacks_contract = order in asked

    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        orders.sudo().contract_id._check_is_application()
        return orders

    def write(self, vals):
        if "contract_id" in vals:
            self._check_contract_change(vals["contract_id"])
        return super().write(vals)

    def _check_contract_change(self, contract_id):
        """An order joins and leaves applications only; what is cancelled lets go."""
        # Contracts that one may not read are guarded, too.
        moved = self.sudo().filtered(
            lambda o: o.contract_id.id != (contract_id or False)
        )
        contracts = moved.contract_id.filtered(lambda c: c.state != "cancelled")
        if moved:
            contracts |= contracts.browse(contract_id or ())
        contracts._check_is_application()

    @api.constrains("contract_id", "partner_id", "company_id", "currency_id")
    def _check_contract(self):
        # Only whether they belong together is said.
        contracts = self.sudo().contract_id
        contracts.filtered(lambda c: c.state == "draft")._check_orders()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_agreed(self):
        contracts = self.sudo().contract_id
        contracts.filtered(lambda c: c.state != "cancelled")._check_is_application()

    def _update_instalments(self):
        """Make due on posted invoices what has waited for signing or delivery (A10)."""
        Move = self.env["account.move"]
        if invoices := self.order_line.invoice_lines.move_id:
            waiting = Move._domain_waiting() & fields.Domain("id", "in", invoices.ids)
            Move.search(waiting)._update_due_with_events()

    def action_create_contract(self):
        """Open a new contract over these quotations (A09).

        :raise UserError: they have one already, or belong to several customers
        """
        if self.contract_id:
            raise UserError(self.env._("There is a contract already."))
        contract = self.env["sales.contract"].create(
            {
                "partner_id": self.partner_id.commercial_partner_id.id,
                "company_id": self.company_id.id,
                "user_id": (self.user_id[:1] or self.env.user).id,
                "order_ids": self.ids,
            }
        )
        return contract._get_form_action()

    def action_view_contract(self):
        """Open the contract of this order."""
        self.ensure_one()
        return self.contract_id._get_form_action()

    # --- no order without a contract --------------------------------------------------

    def _get_reason_rules(self):
        return super()._get_reason_rules() | {"A09"}

    def _get_signing_date(self):
        """Return the day on which the order was agreed upon, in the company's zone: its
        contract's signature, or else its confirmation (A10). None is: not yet."""
        self.ensure_one()
        if self.contract_id and self.contract_id.state != "cancelled":
            return self.contract_id.date_signed
        # Confirmed before this was kept.
        moment = self.confirmed_at or min(self.date_order, fields.Datetime.now())
        return self.company_id._get_business_date(moment)

    def _get_own_reasons(self):
        reasons = super()._get_own_reasons()
        needing = self._filter_needing_contract()
        for order_id, missing in needing._describe_missing_contracts().items():
            reasons.setdefault(order_id, []).extend(missing)
        return reasons

    def _describe_missing_contracts(self):
        """Return per order that it has no valid contract (A09).

        :return: ``{order.id: [reason]}`` as of ``_get_own_reasons``; what has a valid
            contract is left out
        """
        labels = dict(
            self.env["sales.contract"]._fields["state"]._description_selection(self.env)
        )
        reasons = {}
        for order in self:
            contract = order.contract_id
            if contract.state in IN_FORCE:
                continue
            reasons[order.id] = [
                {
                    "rule": "A09",
                    "key": "contract",
                    "at": "confirm",
                    "sentence": self.env._(
                        "contract %(name)s isn't valid: %(state)s",
                        name=contract.display_name,
                        state=labels[contract.state],
                    )
                    if contract
                    else self.env._("no contract"),
                    "release": self.env._(
                        "%s, with a contract that both sides have signed and stamped",
                        (order.user_id or order.create_uid).name or "",
                    ),
                }
            ]
        return reasons

    def _filter_needing_contract(self):
        """Return the orders whose channel or amount asks for a contract (A09).

        The stricter of the order's and the customer's channel counts.
        """
        needing = self.browse()
        for company, orders in self.grouped("company_id").items():
            own = company.currency_id
            rates = self._get_rates(
                {(order.currency_id, own) for order in orders},
                company,
                company._get_business_date(),
            )
            for order in orders:
                need = set(order._get_channels().mapped("contract_need"))
                if need == {"never"}:
                    continue
                rate = rates[order.currency_id, own]
                # What can't be compared needs one.
                if (
                    "always" in need
                    or rate is None
                    or not exceeds(
                        company.contract_amount_from, order._get_contract_net() * rate
                    )
                ):
                    needing |= order
        return needing

    # --- terms ------------------------------------------------------------------------

    def _get_contract_net(self):
        """Return the untaxed amount by its lines; what is negative is taken off."""
        self.ensure_one()
        return sum(max(figure["net"], 0.0) for figure in self._get_net_lines())

    def _get_contract_terms(self):
        """Return what is agreed with an order, JSON-able (A08).

        Names are what is printed; ids and figures are what is compared.
        """
        self.ensure_one()
        return {
            "id": self.id,
            "name": self.name,
            **self._get_compared_terms(),
            "net": round(self._get_contract_net(), 6),
            "amount_untaxed": self.amount_untaxed,
            "amount_tax": self.amount_tax,
            "amount_total": self.amount_total,
        }

    def _get_compared_terms(self):
        """Return the part of the terms from which an order can deviate (A08)."""
        self.ensure_one()
        return {
            "currency": self.currency_id.name,
            "payment_term": [self.payment_term_id.id, self.payment_term_id.name or ""],
            "settlement": [
                self.settlement_method_id.id,
                self.settlement_method_id.name or "",
            ],
            "payment_days": self._get_credit_days(),
            "delivery": [
                fields.Datetime.to_string(self.commitment_date) or "",
                self.incoterm.code or "",
                self.incoterm_location or "",
            ],
            "address": [
                *self._get_address_terms(self.partner_shipping_id),
                get_place(self.partner_shipping_id),
            ],
            "invoiced": self._get_address_terms(self.partner_invoice_id),
            "remarks": self._get_remarks(),
            "requirements": (self.special_requirements or "").strip(),
            "lines": [
                line._get_contract_terms()
                for line in self._get_document_lines()
                # Down payments are asked for under the contract, not part of it.
                if not line._is_added_by_invoice_or_delivery()
            ],
        }

    @api.model
    def _get_address_terms(self, partner):
        address = partner._display_address(without_company=True)
        parts = [partner.display_name or "", *address.splitlines()]
        return [partner.id, ", ".join(filter(None, map(str.strip, parts)))]

    def _get_note_text(self):
        """Return the order's own terms as the customer reads them."""
        self.ensure_one()
        return "" if is_html_empty(self.note) else html2plaintext(self.note).strip()

    def _get_remarks(self):
        """Return what is promised in words: sections, notes and the order's own terms,
        as the customer reads them."""
        self.ensure_one()
        texts = [
            line.name
            for line in self.order_line
            if line.display_type and not line._is_added_by_invoice_or_delivery()
        ]
        texts.append(self._get_note_text())
        return "\n".join(text.strip() for text in texts if (text or "").strip())
