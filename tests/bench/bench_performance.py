"""The performance ledger: closing a month over ten years of invoices and stock.

The first period is the month of the cut-over, the second one a year later: all months
between are recomputed with it. Goals: a month in less than a minute, with flat memory,
and stock layers a hundred times faster per product than the host's own.
"""

import functools
import resource
from contextlib import ExitStack, contextmanager
from datetime import date
from unittest.mock import patch

import performance_rows
from dateutil.relativedelta import relativedelta
from odoo import SUPERUSER_ID, Command, api
from odoo.addons.sales_receivable.tools.planner import whole_tables
from odoo.tools import SQL
from rows import vacuum
from stopwatch import Stopwatch

SIZE = 1_000_000  # invoices, and as many stock movements
MOST_SECONDS = 60
LEAST_RATIO = 100
CUT_OVER = date(2025, 11, 1)
LAST = date(2026, 10, 1)
LONG_AGO = date(2020, 1, 1)
STEPS = ("compute", "review", "approve", "close")
RATES = {
    "sale": 100,
    "collection": 100,
    "K01": 0,  # by its schedule
    "K03": 1,
    "K04": 3,
    "R08": 0.05,
    "A04": 100,
    "A20": 100,
}
WRITE_DOWN = {month: 5 for month in range(4, 13)}  # percent by month of age


def run(registry, database, size):
    """Fill a database, close two months, and compare stock layers with the host's."""
    with new_env(registry) as env, Stopwatch() as watch:
        performance_rows.fill(env, size)
    print(
        f"{size:,} invoices, {size:,} movements: filled in {watch.seconds:.0f} s",
        flush=True,
    )
    vacuum(database)
    with new_env(registry) as env:
        configure(env)
    for month in (CUT_OVER, LAST):
        with new_env(registry) as env:
            close(env, month)
        vacuum(database)
    compare(registry)


@contextmanager
def new_env(registry):
    """Open a connection and record caches of their own, as another process has them."""
    registry.clear_all_caches()
    with registry.cursor() as cr:
        yield api.Environment(cr, SUPERUSER_ID, {})


def configure(env):
    """Enter a rate of every rule, and the people who take a period's steps; nobody has
    days to answer in."""
    env.company.performance_answer_days = 0
    rates = env["performance.rate"].create(
        [
            {"rule": rule, "rate": rate, "date_from": LONG_AGO}
            for rule, rate in RATES.items()
        ]
    )
    env["performance.rate.month"].create(
        [
            {"rate_id": rate.id, "month": month, "rate": percent}
            for rate in rates.filtered(lambda rate: rate.rule == "K01")
            for month, percent in WRITE_DOWN.items()
        ]
    )
    env["res.users"].with_context(no_reset_password=True).create(
        [
            {
                "name": group,
                "login": f"bench-{group}",
                "group_ids": [
                    Command.set(
                        [
                            env.ref("base.group_user").id,
                            env.ref(f"sales_receivable.group_{group}").id,
                        ]
                    )
                ],
            }
            for group in ("finance", "company_manager")
        ]
    )


# ----------------------------------------------------------------------
# Closing
# ----------------------------------------------------------------------


def close(env, month):
    """Close a month by the people whose steps they are, and print what it took."""
    period = new_period(env, month)
    finance, manager = (
        env["res.users"].search([("login", "=", f"bench-{name}")])
        for name in ("finance", "company_manager")
    )
    env.invalidate_all()
    print(f"\n{month:%B %Y}{'seconds':>31}{'queries':>10}")
    before, queries = get_memory(), env.cr.sql_log_count
    with timed_rules(env, period), Stopwatch() as watch:
        for step in STEPS:
            user = manager if step == "approve" else finance
            with timed(env, step):
                getattr(period.with_user(user), f"action_{step}")()
                env.flush_all()
    queries = env.cr.sql_log_count - queries
    remark = "  too slow" if watch.seconds > MOST_SECONDS else ""
    print(f"{'in all':30}{watch.seconds:>12.1f}{queries:>10}{remark}")
    print(f"memory at most, MB: {before:.0f} before, {get_memory():.0f} after")
    env.cr.execute(
        SQL(
            """SELECT rule, COUNT(*), SUM(amount) FROM performance_entry
                WHERE period_id = %s GROUP BY rule ORDER BY rule""",
            period.id,
        )
    )
    for rule, count, amount in env.cr.fetchall():
        print(f"{rule:12}{count:>18,} lines{amount:>22,.2f}")
    print(f"hash {period.run_hash}", flush=True)


def new_period(env, month):
    """Return a new period after the ones before it; the months since the last are
    closed with nothing booked, so that all they would have booked is due now."""
    periods = env["performance.period"]
    last = periods.search([], order="date_start desc", limit=1)
    while last and last.date_start + relativedelta(months=1) < month:
        last = periods.create({"date_start": last.date_start + relativedelta(months=1)})
        env.flush_all()
        env.cr.execute(
            SQL("UPDATE performance_period SET state = 'closed' WHERE id = %s", last.id)
        )
        env.invalidate_all()
    return periods.create({"date_start": month})


@contextmanager
def timed_rules(env, period):
    """Print what each rule and each part of a step takes, while it runs."""
    with ExitStack() as stack:
        for name in dir(type(period)):
            if name.startswith(("_run_", "_make_")) and name != "_run_rules":
                stack.enter_context(
                    patch.object(
                        type(period),
                        name,
                        time_method(env, getattr(type(period), name)),
                    )
                )
        yield


def time_method(env, method):
    @functools.wraps(method)
    def wrapped(*args, **kwargs):
        with timed(env, f"  {method.__name__.lstrip('_')}"):
            return method(*args, **kwargs)

    return wrapped


@contextmanager
def timed(env, name):
    queries = env.cr.sql_log_count
    with Stopwatch() as watch:
        yield
    queries = env.cr.sql_log_count - queries
    print(f"{name:30}{watch.seconds:>12.1f}{queries:>10}", flush=True)


def get_memory():
    """Return the most megabytes that this process has used so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


# ----------------------------------------------------------------------
# Stock layers
# ----------------------------------------------------------------------


def compare(registry):
    """Time the layers of all products, ours first, then the host's remaining movements
    of the same ones, each with caches of its own; what the database server has in
    memory by then is the host's advantage."""
    with new_env(registry) as env:
        products = env["product.product"].search([("default_code", "like", "B%")])
        with whole_tables(env.cr), Stopwatch() as ours:
            rows = env.execute_query(
                env["stock.move"]._get_age_layers_sql(
                    [(env.company, LAST + relativedelta(day=31))]
                )
            )
        layers = {(row[2], row[4]) for row in rows}
    with new_env(registry) as env, Stopwatch() as host:
        products = products.with_env(env)
        remaining = products._get_remaining_moves()
    known = {
        (product.id, move.id) for product, moves in remaining.items() for move in moves
    }
    count = len(products)
    ratio = host.seconds / ours.seconds
    print(f"\n{count:,} products{'ms a product':>30}{'layers':>12}")
    for name, watch, found in (("host", host, known), ("ours", ours, layers)):
        print(f"{name:30}{watch.seconds / count * 1000:>12.3f}{len(found):>12,}")
    print(f"ratio {ratio:,.0f}{'' if ratio >= LEAST_RATIO else '  too little'}")
