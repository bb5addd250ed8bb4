import json
from datetime import datetime, time, timedelta

from odoo import Command, fields
from odoo.service.model import call_kw
from odoo.tests import TransactionCase, new_test_user

from ..models.stock_move_history import FINISHED_NOW


class StockAgeCommon(TransactionCase):
    """A company of its own with a warehouse, buyers and shortcuts for movements.

    Movements of the past: the host stamps them with now, the ORM writes their date.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env["res.company"].create({"name": "Old Stock Ltd"})
        cls.env.user.company_ids += cls.company
        cls.env.user.company_id = cls.company
        cls.env = cls.env(
            context=dict(cls.env.context, allowed_company_ids=cls.company.ids)
        )
        cls.company = cls.company.with_env(cls.env)
        cls.company.resource_calendar_id.tz = "Asia/Shanghai"
        cls.company.performance_answer_days = 0
        cls.warehouse = cls.env["stock.warehouse"].search(
            [("company_id", "=", cls.company.id)], limit=1
        )
        cls.stock = cls.warehouse.lot_stock_id
        cls.vendors = cls.env.ref("stock.stock_location_suppliers")
        cls.customers = cls.env.ref("stock.stock_location_customers")
        cls.loss = cls.env["stock.location"].search(
            [("usage", "=", "inventory"), ("company_id", "=", cls.company.id)], limit=1
        )
        cls.buyer = cls._new_user("buyer", "purchase.group_purchase_user")
        cls.other_buyer = cls._new_user("other_buyer", "purchase.group_purchase_user")
        cls.finance = cls._new_user("finance", "sales_receivable.group_finance")
        cls.company_manager = cls._new_user(
            "company_manager", "sales_receivable.group_company_manager"
        )
        cls.administrator = cls._new_user(
            "administrator", "sales_receivable.group_administrator"
        )
        cls.vendor = cls.env["res.partner"].create({"name": "Maker"})
        cls.product = cls._new_product("Old Bracket")

    @classmethod
    def _new_user(cls, login, groups):
        return new_test_user(
            cls.env,
            login=f"age_{login}",
            name=f"Ms {login.replace('_', ' ').title()}",
            groups=f"base.group_user,{groups}",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    @classmethod
    def _new_product(cls, name, **values):
        return cls.env["product.product"].create(
            {
                "name": name,
                "type": "consu",
                "is_storable": True,
                "standard_price": 7.0,
                "responsible_id": False,
                **values,
            }
        )

    @classmethod
    def _date_moves(cls, moves, day):
        """Let movements have happened at noon (UTC) of a day."""
        moment = datetime.combine(fields.Date.to_date(day), time(12))
        moves.write({"date": moment})
        moves.move_line_ids.write({"date": moment})

    @classmethod
    def _purchase(cls, quantity, price, day, buyer=None, product=None, **values):
        """Buy and receive; return the receipt's move."""
        product = product or cls.product
        order = cls.env["purchase.order"].create(
            {
                "partner_id": values.pop("partner_id", cls.vendor.id),
                "user_id": buyer.id if buyer else False,
                "company_id": cls.company.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "product_qty": quantity,
                            "price_unit": price,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
                **values,
            }
        )
        order.button_confirm()
        moves = order.picking_ids.move_ids
        moves.quantity = quantity
        moves.picked = True
        order.picking_ids.button_validate()
        cls._date_moves(moves, day)
        return moves

    @classmethod
    def _move(cls, quantity, source, target, day, **values):
        """Move goods between two locations; return the move."""
        lot = values.pop("lot_id", None)
        owner = values.pop("owner_id", None)
        product = values.pop("product_id", cls.product.id)
        move = cls.env["stock.move"].create(
            {
                "product_id": product,
                "product_uom_qty": quantity,
                "location_id": source.id,
                "location_dest_id": target.id,
                "company_id": cls.company.id,
                **values,
            }
        )
        move._action_confirm(merge=False)
        move.move_line_ids.unlink()
        cls.env["stock.move.line"].create(
            {
                "move_id": move.id,
                "product_id": product,
                "quantity": quantity,
                "location_id": source.id,
                "location_dest_id": target.id,
                "lot_id": lot,
                "owner_id": owner,
                "company_id": cls.company.id,
            }
        )
        move.picked = True
        move._action_done()
        cls._date_moves(move, day)
        return move

    @classmethod
    def _receive(cls, quantity, day, **values):
        return cls._move(quantity, cls.vendors, cls.stock, day, **values)

    @classmethod
    def _deliver(cls, quantity, day, **values):
        return cls._move(quantity, cls.stock, cls.customers, day, **values)

    @classmethod
    def _layers(cls, day, product=None):
        """Return ``[(move, lot, quantity, age)]`` as of a day, oldest first."""
        sql = cls.env["stock.move"]._get_age_layers_sql(
            [(cls.company, fields.Date.to_date(day))]
        )
        product = product or cls.product
        rows = [
            row
            for row in cls.env.execute_query_dict(sql)
            if row["product_id"] == product.id
        ]
        rows.sort(key=lambda row: (-(row["age_days"] or 0), row["move_id"] or 0))
        return [
            (
                cls.env["stock.move"].browse(row["move_id"]),
                cls.env["stock.lot"].browse(row["lot_id"]),
                float(row["quantity"]),
                row["age_days"],
            )
            for row in rows
        ]

    @classmethod
    def _rate(cls, rate, date_from="2020-01-01", threshold=365):
        return cls.env["performance.rate"].create(
            {
                "company_id": cls.company.id,
                "rule": "K03",
                "date_from": date_from,
                "rate": rate,
                "threshold_days": threshold,
            }
        )

    @classmethod
    def _period(cls, day):
        return cls.env["performance.period"].create(
            {"company_id": cls.company.id, "date_start": day}
        )

    def _close(self, period):
        """Take a period through all its steps by the people whose steps they are."""
        period.with_user(self.finance).action_compute()
        period.with_user(self.finance).action_review()
        period.with_user(self.company_manager).action_approve()
        period.with_user(self.finance).action_close()
        # X07: whatever a test closes can be computed again from its inputs.
        found = (
            self.env["performance.verification"].with_user(self.finance)._verify(period)
        )
        differences = found.line_ids.mapped(
            lambda line: (line.check, line.expected, line.found)
        )
        self.assertTrue(found.is_equal, differences)

    @staticmethod
    def _days_before(day, days):
        return fields.Date.to_string(fields.Date.to_date(day) - timedelta(days=days))


class StockHistoryCommon(StockAgeCommon):
    """An old receipt, and the people who might want it to be another one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.worker = cls._new_user("worker", "stock.group_stock_user")
        cls.warehouse_head = cls._new_user("head", "stock.group_stock_manager")
        cls.receipt = cls._purchase(10, 15.0, "2025-01-10", buyer=cls.buyer)
        cls._forget_the_transaction()

    @classmethod
    def _forget_the_transaction(cls):
        """Let what was finished so far be of an earlier transaction."""
        cls.env.flush_all()
        cls.env.cr.precommit.data.pop(FINISHED_NOW, None)

    def _buyers(self, day="2026-11-01"):
        sql = self.env["stock.move"]._get_age_layers_sql(
            [(self.company, fields.Date.to_date(day))]
        )
        return [row["buyer_id"] for row in self.env.execute_query_dict(sql)]

    def rpc(self, user, record, method, *args):
        model = self.env[record._name].with_user(user)
        ids = [record.ids] if method != "create" else []
        return call_kw(model, method, [*ids, *json.loads(json.dumps(args))], {})
