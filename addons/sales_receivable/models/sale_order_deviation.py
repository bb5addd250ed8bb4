from odoo import api, fields, models
from odoo.tools.misc import formatLang

from ..authority import EPSILON
from ..tools.digest import get_digest
from ..tools.place import PLACE_FIELDS

MEASURES = {"contract_deviation": "A08", "term_extension": "A08"}
COMPARED_ORDER = (
    "currency",
    "payment_term",
    "settlement",
    "payment_days",
    "delivery",
    "address",
    "invoiced",
    "remarks",
    "requirements",
)
COMPARED_LINE = ("product", "name", "quantity", "unit", "price", "discount", "taxes")
#: Terms that are a record: its id and name.
NAMED_TERMS = (
    "address",
    "invoiced",
    "payment_term",
    "product",
    "settlement",
    "unit",
)
#: How many differences a sentence names.
NAMED = 5


class SaleOrder(models.Model):
    """Where an order differs from its contract (A08).

    Compared are the terms frozen with the contract: a side contract or a later edit
    shows, and needs approval as the matrix says.
    """

    _name = "sale.order"
    _inherit = "sale.order"

    differs_from_contract = fields.Boolean(
        compute="_compute_contract_differences", groups="base.group_user"
    )
    contract_differences = fields.Html(
        compute="_compute_contract_differences",
        sanitize=False,
        groups="base.group_user",
    )

    @api.depends(lambda self: ("contract_id.terms", *self._get_deviation_depends()))
    @api.depends_context("lang")
    def _compute_contract_differences(self):
        differences = self._get_contract_differences()
        for order in self:
            own = differences.get(order.id)
            order.differs_from_contract = bool(own)
            order.contract_differences = own and self.env["ir.qweb"]._render(
                "sales_receivable.contract_differences",
                {
                    # The name of an order's contract is no secret to its readers.
                    "contract": order.sudo().contract_id.display_name,
                    "differences": [self._describe_difference(d) for d in own],
                },
            )

    @api.model
    def _get_deviation_depends(self):
        return [
            "partner_id",
            *(f"partner_shipping_id.{name}" for name in PLACE_FIELDS),
            "partner_invoice_id",
            "note",
            "special_requirements",
            "currency_id",
            "payment_term_id.line_ids.nb_days",
            "settlement_method_id",
            "commitment_date",
            "incoterm",
            "incoterm_location",
            *(
                f"order_line.{name}"
                for name in (
                    "display_type",
                    "product_id",
                    "name",
                    "product_uom_qty",
                    "product_uom_id",
                    "price_unit",
                    "discount",
                    "tax_ids",
                )
            ),
        ]

    def _get_contract_differences(self):
        """Return where orders differ from the terms frozen with their contract (A08).

        :return: ``{order.id: [(what, line's name or "", contract's, order's)]}``;
            orders that don't differ, or have no frozen terms, are left out
        """
        found = {}
        # Whose order it is may know where it differs, whoever may read the contract.
        for order in self.sudo():
            contract = order.contract_id
            agreed = next(
                (
                    terms
                    for terms in (contract.terms or {}).get("orders", ())
                    if terms["id"] == order._origin.id
                ),
                None,
            )
            if not agreed or contract.state == "cancelled":
                continue
            own = self._compare_terms(agreed, order._get_compared_terms())
            customer = contract.partner_id.commercial_partner_id
            if order.partner_id.commercial_partner_id != customer:
                own.append(["customer", "", customer.name, order.partner_id.name])
            if own:
                found[order.id] = own
        return found

    @api.model
    def _compare_terms(self, agreed, present):
        differences = [
            [name, "", agreed[name], present[name]]
            for name in COMPARED_ORDER
            # What contracts of earlier versions don't say is nothing to differ from.
            if name in agreed and self._differs(name, agreed[name], present[name])
        ]
        before = {line["id"]: line for line in agreed["lines"]}
        for line in present["lines"]:
            frozen = before.pop(line["id"], None)
            if frozen is None:
                differences.append(["added", line["name"], "", line["quantity"]])
                continue
            differences += [
                [name, frozen["name"], frozen[name], line[name]]
                for name in COMPARED_LINE
                if self._differs(name, frozen[name], line[name])
            ]
        differences += [
            ["removed", line["name"], line["quantity"], ""] for line in before.values()
        ]
        return differences

    @api.model
    def _differs(self, name, agreed, present):
        agreed, present = (
            self._get_term_key(name, agreed),
            self._get_term_key(name, present),
        )
        if name == "address":
            present = present[: len(agreed)]  # earlier contracts don't say the place
        if isinstance(agreed, float):
            return abs(agreed - present) > EPSILON
        return agreed != present

    @api.model
    def _get_term_key(self, name, term):
        """Return what is compared of a term: of records their ids, in every language; of
        an address its place, too."""
        if name == "address":
            return [term[0], *term[2:]]
        if name in NAMED_TERMS:
            return term[0]
        if name == "taxes":
            return [tax[0] for tax in term]
        return term

    # --- facts ------------------------------------------------------------------------

    def _get_authority_measures(self):
        return super()._get_authority_measures() | MEASURES

    def _get_authority_depends(self):
        return [
            *super()._get_authority_depends(),
            "contract_id",
            *self._get_deviation_depends(),
        ]

    @api.model
    def _get_fact_fields(self):
        return super()._get_fact_fields() | {
            "commitment_date",
            "contract_id",
            "incoterm",
            "incoterm_location",
            "note",
            "partner_shipping_id",
            "special_requirements",
        }

    def _get_authority_facts(self):
        facts = super()._get_authority_facts()
        for order_id, differences in self._get_contract_differences().items():
            order = self.browse(order_id)
            self._add_authority_fact(
                facts,
                order,
                {
                    "rule": "A08",
                    "measure": "contract_deviation",
                    "value": float(len(differences)),
                    # Other terms are another deviation: asked again.
                    "key": f"terms {self._get_deviation_digest(differences)}",
                    "figures": {
                        "contract": order.sudo().contract_id.display_name,
                        "differences": differences,
                    },
                },
            )
            longer = [d for d in differences if d[0] == "payment_days" and d[3] > d[2]]
            for __, __, agreed, days in longer:
                self._add_authority_fact(
                    facts,
                    order,
                    {
                        "rule": "A08",
                        "measure": "term_extension",
                        "value": float(days - agreed),
                        "figures": {"agreed": agreed, "days": days},
                    },
                )
        return facts

    @api.model
    def _get_deviation_digest(self, differences):
        return get_digest(
            [
                [name, line, self._get_term_key(name, present)]
                for name, line, __, present in differences
            ]
        )

    @api.model
    def _describe_authority_fact(self, fact):
        figures = fact.get("figures") or {}
        if fact["measure"] == "contract_deviation" and "differences" in figures:
            said = [
                self.env._(
                    "%(what)s: %(agreed)s → %(present)s",
                    what=what,
                    agreed=agreed,
                    present=present,
                )
                for what, agreed, present in map(
                    self._describe_difference, figures["differences"][:NAMED]
                )
            ]
            if len(figures["differences"]) > NAMED:
                said.append("…")
            return self.env._(
                "differs from contract %(contract)s: %(differences)s",
                contract=figures["contract"],
                differences="; ".join(said),
            )
        if fact["measure"] == "term_extension" and "days" in figures:
            return self.env._(
                "%(days)s days to pay, in the contract %(agreed)s", **figures
            )
        return super()._describe_authority_fact(fact)

    @api.model
    def _describe_difference(self, difference):
        """Return what differs, the contract's and the order's side, in words."""
        name, line, agreed, present = difference
        labels = {
            "currency": self.env._("Currency"),
            "customer": self.env._("Customer"),
            "payment_term": self.env._("Payment terms"),
            "settlement": self.env._("Settlement"),
            "payment_days": self.env._("Days to pay"),
            "delivery": self.env._("Delivery"),
            "address": self.env._("Delivery address"),
            "invoiced": self.env._("Invoiced to"),
            "remarks": self.env._("Remarks"),
            "requirements": self.env._("Special requirements"),
            "added": self.env._("Line added"),
            "removed": self.env._("Line removed"),
            "product": self.env._("Product"),
            "name": self.env._("Description"),
            "quantity": self.env._("Quantity"),
            "unit": self.env._("Unit"),
            "price": self.env._("Price"),
            "discount": self.env._("Discount %"),
            "taxes": self.env._("Taxes"),
        }
        what = labels[name]
        if line and name != "name":
            what = f"{what}, {line.splitlines()[0]}"
        return (
            what,
            self._describe_term(name, agreed),
            self._describe_term(name, present),
        )

    @api.model
    def _describe_term(self, name, term):
        if name in NAMED_TERMS:
            return term[1] or "–"
        if name == "taxes":
            return ", ".join(tax[1] for tax in term) or "–"
        if name == "delivery":
            return " ".join(filter(None, (term[0][:10], *term[1:]))) or "–"
        if isinstance(term, float):
            return formatLang(self.env, term, digits=2)
        return str(term) or "–"
