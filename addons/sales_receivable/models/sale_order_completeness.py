from collections import defaultdict

from odoo import api, fields, models

from ..tools.digest import get_digest
from ..tools.place import PLACE_FIELDS, get_place

#: Company's setting → field of the order that it asks for.
ITEMS = {
    "order_needs_packaging": "packaging",
    "order_needs_delivery_time": "commitment_date",
    "order_needs_requirements": "special_requirements",
    "order_needs_settlement": "settlement_method_id",
    "order_needs_channel": "sales_channel_id",
}
#: What is released besides: where to and under which terms.
RELEASED = (
    "partner_shipping_id",
    "payment_term_id",
    "incoterm",
    "incoterm_location",
    "note",
)


class SaleOrder(models.Model):
    """An order says all that is needed to carry it out, is released by the sales
    manager, reviewed by finance, and confirmed to the customer (A26)."""

    _name = "sale.order"
    _inherit = "sale.order"

    packaging = fields.Char(
        tracking=True, help="How the goods are packed, e.g. in cartons of 24."
    )
    special_requirements = fields.Text(
        tracking=True, help="What this customer asks for besides; “none” if nothing."
    )

    def _get_authority_measures(self):
        return super()._get_authority_measures() | {"order_release": "A26"}

    @api.model
    def _get_fact_fields(self):
        return super()._get_fact_fields() | {*ITEMS.values(), *RELEASED}

    def _get_authority_depends(self):
        return [
            *super()._get_authority_depends(),
            *ITEMS.values(),
            *RELEASED,
            *(f"partner_shipping_id.{name}" for name in PLACE_FIELDS),
        ]

    @api.model
    def _get_reason_rules(self):
        return super()._get_reason_rules() | {"A26"}

    # --- complete ---------------------------------------------------------------------

    def _get_own_reasons(self):
        reasons = super()._get_own_reasons()
        for order in self:
            reasons.setdefault(order.id, []).extend(
                {
                    "rule": "A26",
                    "at": "confirm",
                    "key": name,
                    "sentence": self.env._("missing: %s", label),
                    "release": self.env._("who completes the order"),
                }
                for name, label in order._get_missing_items().items()
            )
        return reasons

    def _get_missing_items(self):
        """Return ``{name: label}`` of what the order doesn't say yet."""
        self.ensure_one()
        company = self.company_id or self.env.company
        missing = {
            name: self._fields[name]._description_string(self.env)
            for setting, name in ITEMS.items()
            if company[setting] and not self._is_said(name)
        }
        if "settlement_method_id" in missing and self._get_authority_modes()[
            self.id
        ].get("A07"):
            missing.pop("settlement_method_id")  # said by its own rule
        lines = [line for line in self._get_document_lines() if line.product_id]
        if not lines:
            missing["order_line"] = self.env._("items")
        for position, line in enumerate(lines, start=1):
            if not line.product_uom_qty and not line.is_downpayment:
                missing[f"quantity {position}"] = self.env._(
                    "quantity of “%s”", line.product_id.display_name
                )
        return missing

    def _is_said(self, name):
        value = self[name]
        return bool(value.strip() if isinstance(value, str) else value)

    # --- released ---------------------------------------------------------------------

    def _get_authority_facts(self):
        """Add that the order is to be released: a figure of 1 for the matrix, with the
        order's content, which is what is released."""
        facts = super()._get_authority_facts()
        Rule = self.env["authority.rule"]
        for company, orders in self.grouped("company_id").items():
            on = company._get_business_date()
            if "order_release" not in Rule._get_controlled_measures(
                company.id, self._name, on
            ):
                continue
            for order in orders:
                amount = sum(
                    line._get_untaxed_amount() for line in order._get_document_lines()
                )
                self._add_authority_fact(
                    facts,
                    order,
                    {
                        "rule": "A26",
                        "measure": "order_release",
                        "value": 1,
                        "at": "confirm",
                        "key": order._get_release_key(),
                        "extent": round(amount, 2),
                        "parts": order._get_release_parts(),
                        "figures": {
                            "amount": amount,
                            "currency": order.currency_id.name,
                        },
                    },
                )
        return facts

    def _get_release_key(self):
        """Return a digest of where to, how and under which terms the goods go; of the
        delivery time only that there is one."""
        self.ensure_one()
        content = [
            self.partner_shipping_id.id,
            get_place(self.partner_shipping_id),
            self.payment_term_id.id,
            self.incoterm.id,
            self.incoterm_location or "",
            self._get_note_text(),
            self.packaging or "",
            self.special_requirements or "",
            self.settlement_method_id.id,
            self.sales_channel_id.id,
        ]
        return get_digest(content)

    def _get_release_parts(self):
        """Return what is released: how much of what, as what, with which taxes; every
        text once, also one beside no quantity."""
        self.ensure_one()
        parts = defaultdict(float)
        for line in self.order_line:
            if line._is_added_by_invoice_or_delivery():
                continue  # there is nothing to release
            name = get_digest(
                [line.product_id.id, line.name or "", sorted(line.tax_ids.ids)]
            )
            parts[name] += (line.product_id and line._get_priced_quantity()) or 1.0
        return dict(parts)

    @api.model
    def _describe_authority_fact(self, fact):
        figures = fact.get("figures")
        if fact["measure"] == "order_release" and figures:
            return self.env._(
                "order of %(amount)s, untaxed, to be released",
                amount=self._format_named(figures["amount"], figures["currency"]),
            )
        return super()._describe_authority_fact(fact)

    # --- confirmed to the customer ----------------------------------------------------

    def action_confirm(self):
        """Confirm, and tell the customer where the rule asks for it (A26)."""
        result = super().action_confirm()
        if not self.env.context.get("send_email"):  # the host tells them
            self._filter_told()._send_order_confirmation_mail()
        return result

    def _filter_told(self):
        """Return the orders whose customers are told by the rule."""
        Mode = self.env["business.rule.mode"]
        return self.filtered(
            lambda order: (
                order.state == "sale"
                and order.company_id.order_confirmation_mail
                and Mode._get_mode("A26", order.company_id, order.create_date) != "off"
            )
        )
