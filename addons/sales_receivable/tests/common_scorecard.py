from odoo import Command
from odoo.tests import new_test_user

from .common_receivable import ReceivableCommon


class ScorecardCommon(ReceivableCommon):
    """Salespeople of a team with a definition in force, and their October 2026."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids += (
            cls.env.ref("sales_team.group_sale_manager")
            + cls.env.ref("product.group_product_manager")
            + cls.env.ref("sales_receivable.group_finance")
            + cls.env.ref("sales_receivable.group_company_manager")
            + cls.env.ref("sales_receivable.group_administrator")
        )
        cls.seller = cls._user("seller", "sales_team.group_sale_salesman")
        cls.other_seller = cls._user("other_seller", "sales_team.group_sale_salesman")
        cls.leader = cls._user("leader", "base.group_user")
        cls.finance = cls._user("finance", "sales_receivable.group_finance")
        cls.company_manager = cls._user(
            "company_manager", "sales_receivable.group_company_manager"
        )
        cls.administrator = cls._user(
            "administrator", "sales_receivable.group_administrator"
        )
        cls.team = cls.env["crm.team"].create(
            {
                "name": "North",
                "user_id": cls.leader.id,
                "company_id": cls.company.id,
                "member_ids": [Command.set((cls.seller + cls.other_seller).ids)],
            }
        )
        cls.goods = cls.env["product.product"].create(
            {"name": "Goods", "taxes_id": False, "type": "service"}
        )
        cls.period = cls._period("2026-10-01")

    @classmethod
    def _user(cls, login, group):
        return new_test_user(
            cls.env,
            login=f"card_{login}",
            name=f"Ms {login.replace('_', ' ').title()}",
            groups=f"base.group_user,{group}",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    @classmethod
    def _period(cls, day):
        return cls.env["performance.period"].create(
            {"company_id": cls.company.id, "date_start": day}
        )

    @classmethod
    def _define(cls, lines=None, **values):
        """Put a definition in force; ``lines``: (measure, weight, target[, scoring])."""
        if lines:
            values["line_ids"] = [
                Command.create(
                    dict(
                        zip(
                            ("measure", "weight", "target", "scoring"),
                            line,
                            strict=False,
                        )
                    )
                )
                for line in lines
            ]
        return cls.env["scorecard.definition"].create(
            {"company_id": cls.company.id, "date_from": "2026-01-01", **values}
        )

    @classmethod
    def _customer(cls, name):
        return cls.env["res.partner"].create({"name": name})

    @classmethod
    def _sell(cls, amount, day, user=None, **values):
        """Invoice a customer, in a salesperson's name."""
        return cls._invoice(
            amount, day, invoice_user_id=(user or cls.seller).id, **values
        )

    @classmethod
    def _order(cls, customer, moment, user=None, amount=100):
        """Confirm an order at a moment (UTC)."""
        order = cls.env["sale.order"].create(
            {
                "partner_id": customer.id,
                "user_id": (user or cls.seller).id,
                "company_id": cls.company.id,
                "order_line": [
                    Command.create({"product_id": cls.goods.id, "price_unit": amount})
                ],
            }
        )
        order.action_confirm()
        order.date_order = moment
        return order

    def _compute(self, period=None):
        (period or self.period).with_user(self.finance).action_compute()

    def _close(self, period=None):
        period = period or self.period
        period.with_user(self.finance).action_compute()
        period.with_user(self.finance).action_review()
        period.with_user(self.company_manager).action_approve()
        period.with_user(self.finance).action_close()

    def _card(self, user=None, period=None):
        return self.env["scorecard"].search(
            [
                ("period_id", "=", (period or self.period).id),
                ("is_team", "=", False),
                ("user_id", "=", (user or self.seller).id),
            ]
        )

    def _line(self, measure, card=None):
        card = self._card() if card is None else card
        return card.line_ids.filtered(lambda line: line.measure == measure)
