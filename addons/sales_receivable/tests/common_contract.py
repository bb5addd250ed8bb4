import base64

from odoo.fields import Command

from .common import AuthorityCase


class ContractCase(AuthorityCase):
    """Quotations, their contract and what it takes to make it valid."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.legal = cls.new_user("legal", groups="sales_receivable.group_legal")
        cls.seal = cls.env["sales.contract.seal"].create({"name": "Contract seal"})
        cls.kind = cls.env.ref("sales_receivable.customer_licence_kind_business")
        cls.licence = cls.env["customer.licence"].create(
            {
                "partner_id": cls.customer.id,
                "kind_id": cls.kind.id,
                "document": base64.b64encode(b"licence"),
                "document_name": "licence.pdf",
            }
        )
        cls.order = cls.new_order(price=10.0, quantity=100)

    @classmethod
    def new_contract(cls, order=None, user=None, **values):
        order = order or cls.new_order(price=10.0, quantity=100)
        return (
            cls.env["sales.contract"]
            .with_user(user or cls.salesperson)
            .create(
                {
                    "partner_id": order.partner_id.id,
                    "order_ids": [Command.link(order.id)],
                    **values,
                }
            )
        )

    @classmethod
    def mark(cls, contract, party, kind, **values):
        return (
            cls.env["sales.contract.signature"]
            .with_user(contract.env.user)
            .create(
                {
                    "contract_id": contract.id,
                    "party": party,
                    "kind": kind,
                    "person": "Somebody, Director",
                    "seal_id": cls.seal.id
                    if (party, kind) == ("ours", "stamp")
                    else False,
                    "seal_text": "Trading Co." if party == "customer" else False,
                    "date": "2026-01-05",
                    **values,
                }
            )
        )

    @classmethod
    def sign(cls, contract):
        for party in ("ours", "customer"):
            for kind in ("signature", "stamp"):
                cls.mark(contract, party, kind)

    @classmethod
    def make_valid(cls, contract):
        contract.action_submit()
        cls.sign(contract)
        contract.action_validate()
        return contract
