import re
from contextlib import contextmanager

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import TransactionCase, new_test_user, tagged

SALESMAN = "sales_team.group_sale_salesman"


class AuthorityMixinCase:
    """A company with a salesperson, a project manager, a vice president and a general
    manager; a bracket with a floor of 9.00; the vice president decides below it.
    """

    @classmethod
    def set_up_authority(cls):
        cls.company = cls.env.company
        cls.levels = {
            level.code: level for level in cls.env["authority.level"].search([])
        }
        cls.salesperson = cls.new_user("salesperson")
        cls.colleague = cls.new_user("colleague")
        cls.project_manager = cls.new_user("project_manager", "project_manager")
        cls.vice_president = cls.new_user("vice_president", "vice_president")
        cls.general_manager = cls.new_user("general_manager", "general_manager")
        cls.employees = {}
        boss = cls.env["hr.employee"]
        for user in (
            cls.general_manager,
            cls.vice_president,
            cls.project_manager,
            cls.salesperson,
        ):
            boss = cls.env["hr.employee"].create(
                {"name": user.name, "user_id": user.id, "parent_id": boss.id}
            )
            cls.employees[user] = boss
        cls.customer = cls.env["res.partner"].create({"name": "Trading Co."})
        cls.bracket = cls.new_product("Bracket 40×40", 10.0)
        cls.floor = cls.env["product.price.floor"].create(
            {
                "product_tmpl_id": cls.bracket.product_tmpl_id.id,
                "price": 9.0,
                "date_from": "2020-01-01",
            }
        )
        cls.limit = cls.new_limit("floor_gap_percent", "vice_president", 20.0)

    @classmethod
    def new_user(cls, login, level=None, groups=SALESMAN, **values):
        user = new_test_user(
            cls.env,
            login=f"test_{login}",
            name=login.replace("_", " "),
            groups=groups,
            **values,
        )
        if level:
            cls.assign(user, level)
        return user

    @classmethod
    def assign(cls, user, level, company=None, **values):
        return cls.env["authority.assignment"].create(
            {
                "user_id": user.id,
                "level_id": cls.levels[level].id,
                "company_id": (company or cls.company).id,
                "date_from": "2020-01-01",
                **values,
            }
        )

    @classmethod
    def new_product(cls, name, price, **values):
        return cls.env["product.product"].create(
            {"name": name, "list_price": price, "taxes_id": False, **values}
        )

    @classmethod
    def new_limit(cls, measure, level, limit, **values):
        return cls.env["authority.rule"].create(
            {
                "company_id": cls.company.id,
                "measure": measure,
                "level_id": cls.levels[level].id,
                "limit": limit,
                "date_from": "2020-01-01",
                **values,
            }
        )

    @classmethod
    def set_mode(cls, code, mode, date_from="2020-01-01", company=None):
        rule = cls.env["business.rule"].search([("code", "=", code)])
        return cls.env["business.rule.mode"].create(
            {
                "rule_id": rule.id,
                "company_id": (company or cls.company).id,
                "mode": mode,
                "date_from": date_from,
            }
        )

    @classmethod
    def new_order(cls, price=8.1, quantity=10, product=None, user=None, **values):
        user = user or cls.salesperson
        return (
            cls.env["sale.order"]
            .with_user(user)
            .create(
                {
                    "partner_id": cls.customer.id,
                    "user_id": user.id,
                    "order_line": [
                        Command.create(
                            {
                                "product_id": (product or cls.bracket).id,
                                "product_uom_qty": quantity,
                                "price_unit": price,
                            }
                        )
                    ],
                    **values,
                }
            )
        )

    @contextmanager
    def assert_refused(self, message):
        """Expect a ``UserError`` and roll back, which assertRaisesRegex doesn't do."""
        with self.assertRaises(UserError) as refused:
            yield
        self.assertRegex(str(refused.exception), re.compile(message, re.DOTALL))

    @classmethod
    def ask(cls, order):
        order.action_authority_request()
        return order.sudo().authority_request_ids.filtered(
            lambda request: request.state == "waiting"
        )

    @classmethod
    def approve(cls, order, user=None):
        request = cls.ask(order)
        request.with_user(user or cls.vice_president).action_approve()
        return request


@tagged("post_install", "-at_install")
class AuthorityCase(AuthorityMixinCase, TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_authority()
