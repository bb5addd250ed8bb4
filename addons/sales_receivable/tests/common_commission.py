from odoo import Command
from odoo.tests import new_test_user

from .common_ledger import LedgerCommon


class CommissionCommon(LedgerCommon):
    """Orders under contracts, invoiced and paid, and a plan of 3 %."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.machines = cls.env["product.category"].create({"name": "Machines"})
        cls.presses = cls.env["product.category"].create(
            {"name": "Presses", "parent_id": cls.machines.id}
        )
        cls.press = cls._product("Press", cls.presses)
        cls.bolt = cls._product(
            "Bolt", cls.env["product.category"].create({"name": "B"})
        )

    @classmethod
    def _product(cls, name, category, cost=0.0):
        return cls.env["product.product"].create(
            {
                "name": name,
                "categ_id": category.id,
                "type": "consu",
                "invoice_policy": "order",
                "standard_price": cost,
                "taxes_id": [Command.clear()],
                "property_account_income_id": cls.company_data[
                    "default_account_revenue"
                ].id,
            }
        )

    @classmethod
    def _plan(cls, rate=3, date_from="2020-01-01", lines=None, **values):
        """Create a plan; ``lines``: values per line, default one for everything."""
        return cls.env["commission.plan"].create(
            {
                "name": values.pop("name", "Standard"),
                "company_id": cls.company.id,
                "date_from": date_from,
                "line_ids": [
                    Command.create(line) for line in lines or [{"rate": rate}]
                ],
                **values,
            }
        )

    @classmethod
    def _order(cls, *items, signed="2026-09-01", user=None, **values):
        """Confirm an order over ``(product, price)`` items, under a valid contract."""
        order = cls.env["sale.order"].create(
            {
                "partner_id": cls.customer.id,
                "user_id": (user or cls.seller).id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "product_uom_qty": 1,
                            "price_unit": price,
                            "tax_ids": [Command.clear()],
                        }
                    )
                    for product, price in items
                ],
                **values,
            }
        )
        if signed:
            cls._sign(order, signed)
        order.action_confirm()
        return order

    @classmethod
    def _sign(cls, order, day, state="valid"):
        contract = order.contract_id or cls.env["sales.contract"].create(
            {
                "partner_id": cls.customer.id,
                "company_id": cls.company.id,
                "order_ids": order.ids,
            }
        )
        contract.flush_recordset()
        # What it takes to get there is another test's.
        contract.sudo()._write(
            {"state": state, "date_signed": day, "number": f"C-{contract.id}"}
        )
        contract.invalidate_recordset()
        return contract

    @classmethod
    def _bill(cls, order, day="2026-10-01"):
        """Invoice an order and post it."""
        invoice = order._create_invoices()
        invoice.write(
            {
                "invoice_date": day,
                "date": day,
                "invoice_payment_term_id": False,
                "invoice_date_due": day,
            }
        )
        invoice.action_post()
        return invoice

    @classmethod
    def _bounce(cls, invoice, payment):
        """Take a payment back from an invoice, as when the bank returns it."""
        lines = payment.move_id.line_ids & (cls._item(payment.move_id))
        lines.remove_move_reconcile()
        payment.action_draft()
        payment.action_cancel()

    @classmethod
    def _levels(cls):
        """Set up the finance vice president and the general manager."""
        for name, groups, level in (
            ("vice_president", "sales_receivable.group_finance", "vice_president"),
            (
                "general_manager",
                "sales_receivable.group_company_manager",
                "general_manager",
            ),
        ):
            user = new_test_user(
                cls.env,
                login=f"commission_{name}",
                name=f"Ms {name.replace('_', ' ').title()}",
                groups=f"base.group_user,{groups}",
                company_id=cls.company.id,
            )
            cls.env["authority.assignment"].create(
                {
                    "user_id": user.id,
                    "company_id": cls.company.id,
                    "level_id": cls.env.ref(
                        f"sales_receivable.authority_level_{level}"
                    ).id,
                    "date_from": "2020-01-01",
                }
            )
            setattr(cls, name, user)

    def _commission(self, period, rule="K02"):
        """Return ``[(person, month, amount)]`` of a period's lines."""
        return [
            (person, month, amount)
            for person, _source, month, amount in self._lines(period, rule)
        ]
