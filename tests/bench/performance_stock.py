"""Ten years of a company's products, orders and movements."""

from datetime import datetime

from odoo.tools import SQL
from rows import multiply, next_id, pick, set_sequence

LAST_DAY = datetime(2026, 10, 31)
DAYS = 3650  # that everything is spread over, back from the last day
MOVES_PER_PRODUCT = 200
LINES_PER_PRODUCT = 2  # order lines that sell it


def fill_products(env, patterns, count):
    """Insert products; return the id of the first and how many they are."""
    product = patterns["product"]
    template, first = next_id(env, "product.template"), next_id(env, "product.product")
    numbers = SQL("SELECT p FROM generate_series(0, %s) p", count - 1)
    multiply(
        env,
        product.product_tmpl_id,
        numbers,
        id=SQL("%s + p", template),
        name=SQL("jsonb_build_object('en_US', 'Product ' || p)"),
    )
    multiply(
        env,
        product,
        numbers,
        id=SQL("%s + p", first),
        product_tmpl_id=SQL("%s + p", template),
        default_code=SQL("'B' || p"),
    )
    for model in ("product.product", "product.template"):
        set_sequence(env, model)
    return first, count


def fill_orders(env, patterns, people, products):
    """Let every product be bought by one order and sold by several; return the ids of
    the first lines. Every salesperson has an order of each kind."""
    first, count = products
    firsts = []
    for kind, lines in (("sale", LINES_PER_PRODUCT), ("purchase", 1)):
        pattern = patterns[kind]
        orders = next_id(env, pattern._name)
        multiply(
            env,
            pattern,
            SQL("SELECT k FROM generate_series(0, %s) k", len(people) - 1),
            id=SQL("%s + k", orders),
            name=SQL("'BENCH-' || k"),
            user_id=pick(people.ids, SQL("k")),
            **({"access_token": SQL("NULL")} if kind == "sale" else {}),
        )
        set_sequence(env, pattern._name)
        line = next_id(env, pattern.order_line._name)
        multiply(
            env,
            pattern.order_line,
            SQL("SELECT k FROM generate_series(0, %s) k", count * lines - 1),
            id=SQL("%s + k", line),
            order_id=SQL("%s + (k * 7 / %s + k) %% %s", orders, lines, len(people)),
            product_id=SQL("%s + k / %s", first, lines),
        )
        set_sequence(env, pattern.order_line._name)
        firsts.append(line)
    return firsts


def fill_moves(env, patterns, people, products, lines):
    """Insert the movements of each product: in turn received and delivered, and now and
    then something sent back; of every fifth product much is left."""
    first, count = products
    receipt = patterns["receipt"]
    move_id = next_id(env, "stock.move")
    env.cr.execute(
        SQL(
            """
            CREATE TABLE bench_move AS
            SELECT %(move)s + k AS id, k, p, j, %(first)s + p AS product_id, kind,
                   kind IN ('receipt', 'brought back') AS incoming,
                   CASE kind WHEN 'receipt' THEN 10
                             WHEN 'delivery' THEN CASE WHEN p %% 5 = 0 THEN 7 ELSE 9 END
                             ELSE 5 END AS quantity,
                   CASE kind WHEN 'brought back' THEN %(move)s + k - 1
                             WHEN 'sent back' THEN %(move)s + k - 3 END AS origin_id,
                   %(last)s::timestamp - MAKE_INTERVAL(
                       days => ((%(each)s - j) * %(days)s / %(each)s - p %% 18)::int,
                       hours => (p %% 8)::int) AS date
              FROM (SELECT k, k / %(each)s AS p, k %% %(each)s AS j,
                           CASE WHEN k %% 50 = 48 THEN 'brought back'
                                WHEN k %% 50 = 49 THEN 'sent back'
                                WHEN k %% 2 = 0 THEN 'receipt'
                                ELSE 'delivery' END AS kind
                      FROM generate_series(0, %(size)s::bigint - 1) k) numbered
            """,
            move=move_id,
            first=first,
            last=LAST_DAY,
            each=MOVES_PER_PRODUCT,
            days=DAYS,
            size=count * MOVES_PER_PRODUCT,
        )
    )
    sale_line, purchase_line = lines
    source = SQL("SELECT * FROM bench_move")
    vendors, stock = receipt.location_id, receipt.location_dest_id
    customers = patterns["delivery"].location_dest_id
    outside = SQL(
        "CASE WHEN kind IN ('receipt', 'sent back') THEN %s ELSE %s END",
        vendors.id,
        customers.id,
    )
    places = {
        "location_id": SQL("CASE WHEN incoming THEN %s ELSE %s END", outside, stock.id),
        "location_dest_id": SQL(
            "CASE WHEN incoming THEN %s ELSE %s END", stock.id, outside
        ),
        "product_id": SQL("given.product_id"),
        "date": SQL("given.date"),
        "quantity": SQL("given.quantity"),
    }
    receiver = pick(people.ids, SQL("p"))
    multiply(
        env,
        receipt,
        source,
        id=SQL("given.id"),
        reference=SQL("'M' || k"),
        product_uom_qty=SQL("given.quantity"),
        product_qty=SQL("given.quantity"),
        value=SQL("given.quantity * (5 + j %% 7)"),
        is_in=SQL("incoming"),
        is_out=SQL("NOT incoming"),
        origin_returned_move_id=SQL("origin_id"),
        purchase_line_id=SQL(
            "CASE WHEN kind = 'receipt' THEN %s + p END", purchase_line
        ),
        sale_line_id=SQL(
            "CASE WHEN kind IN ('delivery', 'brought back') THEN %s + p * %s + j / 2 %% %s END",
            sale_line,
            LINES_PER_PRODUCT,
            LINES_PER_PRODUCT,
        ),
        receipt_buyer_id=SQL("CASE WHEN kind = 'receipt' THEN %s END", receiver),
        **places,
    )
    multiply(
        env,
        receipt.move_line_ids,
        source,
        move_id=SQL("given.id"),
        quantity_product_uom=SQL("given.quantity"),
        **places,
    )
    multiply(
        env,
        env["stock.quant"].search(
            [("product_id", "=", receipt.product_id.id), ("location_id", "=", stock.id)]
        )
        or env["stock.quant"].create(
            {"product_id": receipt.product_id.id, "location_id": stock.id}
        ),
        SQL(
            """SELECT product_id,
                      SUM(CASE WHEN incoming THEN quantity ELSE -quantity END) AS quantity
                 FROM bench_move GROUP BY product_id ORDER BY product_id"""
        ),
        product_id=SQL("given.product_id"),
        quantity=SQL("given.quantity"),
        reserved_quantity=SQL("0"),
        in_date=SQL("%s", LAST_DAY),
    )
    set_sequence(env, "stock.move")
