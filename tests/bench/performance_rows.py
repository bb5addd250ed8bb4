"""A company with ten years of invoices, payments and stock, the same at every run.

Documents are numbered, and whatever differs from one to the next follows from its number.
"""

from datetime import date

from odoo import Command
from odoo.tools import SQL
from performance_stock import (
    DAYS,
    MOVES_PER_PRODUCT,
    fill_moves,
    fill_orders,
    fill_products,
)
from rows import multiply, next_id, pick, set_sequence, unindexed

LAST_DAY = date(2026, 10, 31)
SALESPEOPLE = 50
TEAMS = 5
CUSTOMERS = 2_000
PAID_TOGETHER = 5  # invoices of a payment
TABLES = (
    "account.move",
    "account.move.line",
    "account.partial.reconcile",
    "account.payment",
    "product.product",
    "product.template",
    "sale.order.line",
    "stock.move",
    "stock.move.line",
    "stock.quant",
)


def fill(env, size):
    """Insert as many posted invoices and as many finished movements."""
    if not env.company.chart_template:
        china = env["ir.module.module"].search([("name", "=", "l10n_cn")])
        chart = "cn" if china.state == "installed" else "generic_coa"
        env["account.chart.template"].try_loading(chart, env.company)
    env.company.resource_calendar_id.tz = "Asia/Shanghai"
    people = new_people(env)
    patterns = new_patterns(env, people[0])
    with unindexed(env, *TABLES):
        customers = fill_customers(env, people, patterns["partner"])
        fill_invoices(env, patterns, customers, people, size)
        fill_payments(env, patterns, customers)
        products = fill_products(env, patterns, size // MOVES_PER_PRODUCT)
        sales, purchases = fill_orders(env, patterns, people, products)
        fill_moves(env, patterns, people, products, (sales, purchases))
        env.cr.execute("DROP TABLE bench_invoice, bench_move")


def new_people(env):
    groups = env.ref("base.group_user") | env.ref("sales_team.group_sale_salesman")
    people = (
        env["res.users"]
        .with_context(no_reset_password=True)
        .create(
            [
                {
                    "name": f"Salesperson {number}",
                    "login": f"bench-{number}",
                    "group_ids": [Command.set(groups.ids)],
                }
                for number in range(SALESPEOPLE)
            ]
        )
    )
    env["crm.team"].create(
        [
            {
                "name": f"Team {number}",
                "member_ids": [Command.set(people[number::TEAMS].ids)],
            }
            for number in range(TEAMS)
        ]
    )
    return people


def new_patterns(env, user):
    """Make by hand one of everything, of which the others are copies."""
    partner = env["res.partner"].create({"name": "Pattern", "is_company": True})
    product = env["product.product"].create(
        {"name": "Pattern", "is_storable": True, "standard_price": 6.0}
    )
    product.categ_id.property_cost_method = "fifo"
    purchase = env["purchase.order"].create(
        {
            "partner_id": partner.id,
            "user_id": user.id,
            "order_line": [
                Command.create(
                    {"product_id": product.id, "product_qty": 10, "price_unit": 6.0}
                )
            ],
        }
    )
    purchase.button_confirm()
    sale = env["sale.order"].create(
        {
            "partner_id": partner.id,
            "user_id": user.id,
            "order_line": [
                Command.create(
                    {
                        "product_id": product.id,
                        "product_uom_qty": 10,
                        "price_unit": 10.0,
                        "tax_ids": [Command.clear()],
                    }
                )
            ],
        }
    )
    for order in (purchase, sale):
        if order == sale:
            sale.action_confirm()
        moves = order.picking_ids.move_ids
        moves.quantity = 10
        moves.picked = True
        order.picking_ids.button_validate()
    invoice = env["account.move"].create(
        {
            "move_type": "out_invoice",
            "partner_id": partner.id,
            "invoice_user_id": user.id,
            "invoice_date": LAST_DAY,
            "invoice_line_ids": [
                Command.create(
                    {"name": "goods", "price_unit": 100.0, "tax_ids": [Command.clear()]}
                )
            ],
        }
    )
    invoice.action_post()
    return {
        "partner": partner,
        "product": product,
        "purchase": purchase,
        "sale": sale,
        "receipt": purchase.picking_ids.move_ids,
        "delivery": sale.picking_ids.move_ids,
        "invoice": invoice,
        "payment": pay(env, invoice),
    }


def pay(env, invoice):
    """Return the payment of an invoice, with an entry on an outstanding account."""
    journal = env["account.journal"].search(
        [("type", "=", "bank"), ("company_id", "=", env.company.id)], limit=1
    )
    method = journal.inbound_payment_method_line_ids[0]
    method.payment_account_id = env["account.account"].create(
        {
            "name": "Outstanding receipts",
            "code": "BENCH1",
            "account_type": "asset_current",
            "reconcile": True,
        }
    )
    wizard = (
        env["account.payment.register"]
        .with_context(active_model="account.move", active_ids=invoice.ids)
        .create({"journal_id": journal.id, "payment_method_line_id": method.id})
    )
    return wizard._create_payments()


def fill_customers(env, people, pattern):
    """Return the id of the first customer; the others follow."""
    first = next_id(env, "res.partner")
    multiply(
        env,
        pattern,
        SQL("SELECT k FROM generate_series(0, %s) k", CUSTOMERS - 1),
        id=SQL("%s + k", first),
        name=SQL("'Customer ' || k"),
        complete_name=SQL("'Customer ' || k"),
        commercial_partner_id=SQL("%s + k", first),
        user_id=pick(people.ids, SQL("k")),
    )
    set_sequence(env, "res.partner")
    return first


# ----------------------------------------------------------------------
# Invoices and payments
# ----------------------------------------------------------------------


def fill_invoices(env, patterns, customers, people, size):
    """Insert invoices of one line, the tenth of them open, half of these partly paid."""
    teams = env["crm.team"].search([("name", "like", "Team %")], order="id").ids
    first = next_id(env, "account.move")
    item = next_id(env, "account.move.line")
    env.cr.execute(
        SQL(
            """
            CREATE TABLE bench_invoice AS
            SELECT k, %(first)s + k AS id, %(item)s + 2 * k AS item_id,
                   c, i / %(together)s AS pack, day, amount,
                   CASE WHEN (i + c) %% 10 > 0 THEN amount
                        WHEN (i + c) %% 20 > 0 THEN 0
                        ELSE ROUND(amount * 0.4, 2) END AS paid
              FROM (SELECT k, k %% %(customers)s AS c, k / %(customers)s AS i,
                           %(last)s::date - ((%(size)s - 1 - k) * %(days)s / %(size)s)::int
                           AS day,
                           100 + (k * 7919 %% 90000)::numeric / 100 AS amount
                      FROM generate_series(0, %(size)s::bigint - 1) k) numbered
            """,
            first=first,
            item=item,
            together=PAID_TOGETHER,
            customers=CUSTOMERS,
            last=LAST_DAY,
            size=size,
            days=DAYS,
        )
    )
    amount, open_amount = SQL("given.amount"), SQL("given.amount - paid")
    customer = SQL("%s + c", customers)
    columns = {"date": SQL("day"), "invoice_date": SQL("day")}
    multiply(
        env,
        patterns["invoice"],
        SQL("SELECT * FROM bench_invoice"),
        id=SQL("given.id"),
        name=SQL("'B' || k"),
        payment_reference=SQL("'B' || k"),
        sequence_number=SQL("k"),
        access_token=SQL("NULL"),
        partner_id=customer,
        commercial_partner_id=customer,
        partner_shipping_id=customer,
        invoice_user_id=pick(people.ids, SQL("c")),
        team_id=pick(teams, SQL("c")),
        invoice_date_due=SQL("day + 30"),
        amount_residual=open_amount,
        amount_residual_signed=open_amount,
        payment_state=SQL(
            """CASE WHEN paid = given.amount THEN 'paid' WHEN paid = 0 THEN 'not_paid'
                    ELSE 'partial' END"""
        ),
        **columns,
        **{
            f"amount_{name}": amount
            for name in (
                "untaxed",
                "total",
                "untaxed_signed",
                "untaxed_in_currency_signed",
                "total_signed",
                "total_in_currency_signed",
            )
        },
    )
    receivable = patterns["invoice"].line_ids.filtered(
        lambda line: line.account_id.account_type == "asset_receivable"
    )
    income = patterns["invoice"].invoice_line_ids
    columns |= {"move_id": SQL("given.id"), "partner_id": customer}
    multiply(
        env,
        receivable,
        SQL("SELECT * FROM bench_invoice"),
        id=SQL("item_id"),
        move_name=SQL("'B' || k"),
        date_maturity=SQL("day + 30"),
        debit=amount,
        balance=amount,
        amount_currency=amount,
        amount_residual=open_amount,
        amount_residual_currency=open_amount,
        reconciled=SQL("paid = given.amount"),
        full_reconcile_id=SQL("NULL"),
        matching_number=SQL("NULL"),
        **columns,
    )
    multiply(
        env,
        income,
        SQL("SELECT * FROM bench_invoice"),
        id=SQL("item_id + 1"),
        move_name=SQL("'B' || k"),
        credit=amount,
        balance=SQL("-given.amount"),
        amount_currency=SQL("-given.amount"),
        price_unit=amount,
        price_subtotal=amount,
        price_total=amount,
        **columns,
    )
    for model in ("account.move", "account.move.line"):
        set_sequence(env, model)


def fill_payments(env, patterns, customers):
    """Insert payments of several invoices of a customer, and what they settle."""
    payment = patterns["payment"]
    firsts = [
        next_id(env, model)
        for model in ("account.payment", "account.move", "account.move.line")
    ]
    env.cr.execute(
        SQL(
            """
            CREATE TEMPORARY TABLE bench_payment ON COMMIT DROP AS
            SELECT k, %s + k AS payment_id, %s + k AS id, %s + 2 * k AS item_id, c, pack,
                   day, amount
              FROM (SELECT ROW_NUMBER() OVER (ORDER BY MAX(k)) - 1 AS k, c, pack,
                           LEAST(MAX(day) + 20, %s) AS day, SUM(paid) AS amount
                      FROM bench_invoice WHERE paid > 0 GROUP BY c, pack) grouped
            """,
            *firsts,
            LAST_DAY,
        )
    )
    source = SQL("SELECT * FROM bench_payment")
    amount, customer = SQL("given.amount"), SQL("%s + c", customers)
    multiply(
        env,
        payment.move_id,
        source,
        id=SQL("given.id"),
        name=SQL("'P' || k"),
        sequence_number=SQL("k"),
        origin_payment_id=SQL("given.payment_id"),
        date=SQL("day"),
        partner_id=customer,
        commercial_partner_id=customer,
        amount_total=amount,
        amount_total_signed=amount,
    )
    multiply(
        env,
        payment,
        source,
        id=SQL("given.payment_id"),
        move_id=SQL("given.id"),
        name=SQL("'P' || k"),
        date=SQL("day"),
        partner_id=customer,
        amount=amount,
        amount_company_currency_signed=amount,
    )
    for line in payment.move_id.line_ids:
        is_money = line.account_id.account_type != "asset_receivable"
        multiply(
            env,
            line,
            source,
            id=SQL("item_id + %s", int(is_money)),
            move_id=SQL("given.id"),
            payment_id=SQL("given.payment_id"),
            move_name=SQL("'P' || k"),
            partner_id=customer,
            date=SQL("day"),
            date_maturity=SQL("day"),
            debit=amount if is_money else SQL("0"),
            credit=SQL("0") if is_money else amount,
            balance=amount if is_money else SQL("-given.amount"),
            amount_currency=amount if is_money else SQL("-given.amount"),
            amount_residual=amount if is_money else SQL("0"),
            amount_residual_currency=amount if is_money else SQL("0"),
            reconciled=SQL("%s", not is_money),
            full_reconcile_id=SQL("NULL"),
            matching_number=SQL("NULL"),
        )
    multiply(
        env,
        payment.move_id.line_ids.matched_debit_ids,
        SQL(
            """SELECT invoice.item_id, payment.item_id AS money_id, invoice.paid,
                      GREATEST(invoice.day, payment.day) AS day
                 FROM bench_invoice invoice
                 JOIN bench_payment payment USING (c, pack)
                WHERE invoice.paid > 0 ORDER BY invoice.k"""
        ),
        debit_move_id=SQL("item_id"),
        credit_move_id=SQL("money_id"),
        amount=SQL("paid"),
        debit_amount_currency=SQL("paid"),
        credit_amount_currency=SQL("paid"),
        max_date=SQL("day"),
        full_reconcile_id=SQL("NULL"),
    )
    for model in ("account.move", "account.move.line", "account.payment"):
        set_sequence(env, model)
