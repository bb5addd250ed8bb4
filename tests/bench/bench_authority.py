"""Approvals: an inbox with ten thousand requests, and what the gates cost an order.

The first tenth of the records is an inbox with a thousand waiting requests.
"""

from contextlib import contextmanager

from odoo import Command
from odoo.addons.sales_receivable.authority import ENGINE, ENGINE_KEY
from odoo.tools import SQL
from odoo.tools.safe_eval import safe_eval
from rows import multiply

SIZE = 10_000  # waiting requests, each of a quotation of its own
QUOTATION_LINES = 2
SIMULATED_LINES = 50
CONFIRMED_LINES = 200
MOST_CONFIRMATION = 1.3  # times what the host takes by itself
COUNT_LIMIT = 10_001  # the web client counts no further and shows “10000+”
LONG_AGO = "2020-01-01"
PRINTING = {"A26"}  # prints and mails a confirmation, which is no gate
LEVELS = {"seller": "salesperson", "manager": "general_manager"}
LIMITS = {
    "floor_gap_percent": ("vice_president", 20.0),
    "discount_percent": ("salesperson", 5.0),
    "order_amount": ("project_manager", 1e6),
    "credit_days": ("vice_president", 30.0),
    "credit_sale": ("vice_president", 0.0),
    "arrears_amount": ("vice_president", 0.0),
    "credit_limit_excess": ("vice_president", 0.0),
}


def fill(env, first, last):
    """Insert quotations number ``first`` to before ``last``, each with its request."""
    if not first:
        fill_configuration(env)
    pattern = new_order(env, QUOTATION_LINES)
    numbers = SQL("SELECT k FROM generate_series(%s, %s - 1) k", first, last)
    multiply(env, pattern, numbers, name=SQL("'BENCH-' || k"))
    orders = SQL(
        "SELECT id AS order_id, name FROM sale_order"
        " WHERE name LIKE 'BENCH-%%' AND right(name, -6)::int >= %s",
        first,
    )
    for line in pattern.order_line:
        multiply(env, line, orders, order_id=SQL("given.order_id"))
    pattern.with_user(get_user(env, "seller")).action_authority_request()
    request = pattern.authority_request_ids
    columns = {"res_id": SQL("given.order_id"), "res_name": SQL("given.name")}
    multiply(env, request, orders, **columns)
    env["authority.request"].browse(request.ids).with_context(
        **{ENGINE_KEY: ENGINE}
    )._close("withdrawn")


def fill_configuration(env):
    """Make the people, the limits, the floors and products of the quotations."""
    if not env.company.chart_template:
        env["account.chart.template"].try_loading("cn", env.company)
    group = env.ref("sales_team.group_sale_salesman")
    users = (
        env["res.users"]
        .with_context(no_reset_password=True)
        .create(
            [
                {
                    "name": name,
                    "login": f"bench-{name}",
                    "group_ids": [
                        Command.set((group | env.ref("base.group_user")).ids)
                    ],
                }
                for name in LEVELS
            ]
        )
    )
    levels = {level.code: level.id for level in env["authority.level"].search([])}
    env["authority.assignment"].create(
        [
            {"user_id": user.id, "level_id": levels[code], "date_from": LONG_AGO}
            for user, code in zip(users, LEVELS.values(), strict=True)
        ]
    )
    env["authority.rule"].search([("document", "=", "sale.order")]).active = False
    env["authority.rule"].create(
        [
            {
                "measure": measure,
                "level_id": levels[level],
                "limit": limit,
                "date_from": LONG_AGO,
            }
            for measure, (level, limit) in LIMITS.items()
        ]
    )
    env["authority.reviewer"].create(
        {
            "name": "Finance",
            "measure": "order_amount",
            "value_from": 1e9,
            "user_id": users[1].id,
            "date_from": LONG_AGO,
        }
    )
    set_modes(env, "block")
    products = env["product.product"].create(
        [
            {"name": f"Bench {number}", "list_price": 10.0, "default_code": "bench"}
            for number in range(CONFIRMED_LINES)
        ]
    )
    env["product.price.floor"].create(
        [
            {
                "product_tmpl_id": product.product_tmpl_id.id,
                "price": 9.0,
                "date_from": LONG_AGO,
            }
            for product in products
        ]
    )
    env["res.partner"].create({"name": "Bench", "ref": "bench-customer"})


def set_modes(env, mode):
    """Let all rules be off, or those with limits block and the others warn."""
    env["business.rule.mode"].search([]).unlink()
    codes = env["sale.order"]._get_authority_measures()
    approved = {codes[measure] for measure in LIMITS}
    if mode != "off":
        env["business.rule.mode"].create(
            [
                {
                    "rule_id": rule.id,
                    "mode": mode if rule.code in approved else "warn",
                    "date_from": LONG_AGO,
                }
                for rule in env["business.rule"].search([])
                if rule.code not in PRINTING
            ]
        )


def get_user(env, name):
    return env["res.users"].search([("login", "=", f"bench-{name}")])


def new_order(env, lines):
    """Return a quotation 20 % below the price list, which is below all floors."""
    seller = env(user=get_user(env, "seller"), su=False)
    products = env["product.product"].search([("default_code", "=", "bench")])
    partner = env["res.partner"].search([("ref", "=", "bench-customer")])
    return seller["sale.order"].create(
        {
            "partner_id": partner.id,
            "order_line": [
                Command.create({"product_id": product.id, "price_unit": 8.0})
                for product in products[:lines]
            ],
        }
    )


def screens(env):
    """What the server does for the screens of the approver and the administrator."""
    manager = env(user=get_user(env, "manager"), su=False)
    order = new_order(env, SIMULATED_LINES)
    simulation = order.env["authority.simulation"].create({"order_id": order.id})
    simulation.line_ids = [
        Command.create(simulation._prepare_line(line)) for line in order.order_line
    ]
    env.flush_all()

    def show_inbox():
        action = manager["ir.actions.act_window"]._for_xml_id(
            "sales_receivable.authority_request_action_inbox"
        )
        requests = manager["authority.request"].with_context(
            safe_eval(action["context"])
        )
        requests.web_search_read(
            safe_eval(action["domain"]),
            get_specification(requests),
            limit=80,
            count_limit=COUNT_LIMIT,
        )

    def show_document():
        order.web_read({"authority_banner": {}, "authority_state": {}})

    return {
        "inbox": show_inbox,
        "matrix": env["authority.rule"].get_matrix,
        f"banner, {SIMULATED_LINES} lines": show_document,
        f"what-if ladder, {SIMULATED_LINES} lines": simulation._get_ladder,
    }


def get_specification(requests):
    """Return what the web client asks for the columns of the list."""
    fields = requests.get_view(view_type="list")["models"][requests._name]
    return {
        name: {"fields": {"display_name": {}}}
        if requests._fields[name].type == "many2one"
        else {}
        for name in fields
        if name in requests._fields
    }


def ratios(env):
    """Return ``{name: (host's own, with all rules, most)}``, contexts in which to time
    the same twice."""

    @contextmanager
    def confirm(mode):
        set_modes(env, mode)
        order = new_order(env, CONFIRMED_LINES)
        if mode != "off":
            order.action_authority_request()
            for request in order.sudo().authority_request_ids:
                request.with_user(request.approver_id).action_approve()
        env.flush_all()
        env.invalidate_all()
        yield order.action_confirm

    return {
        f"confirm {CONFIRMED_LINES} lines": (
            lambda: confirm("off"),
            lambda: confirm("block"),
            MOST_CONFIRMATION,
        )
    }
