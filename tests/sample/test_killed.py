"""The loader, killed again and again, loads what it would have loaded undisturbed."""

import os
import re
import signal
import subprocess
import time
from datetime import datetime, timedelta
from pathlib import Path

import psycopg2
import pytest

from bootstrap.databases import ALL_ADDONS
from sample import files

ROOT = Path(__file__).resolve().parents[2]
COMPLETE = os.environ.get("SAMPLE_DATABASE")
ALL = files.read_all(ROOT / "data")
# Languages, charts, the files of master data; then the story's first months.
MASTER = 2 + sum(not file.is_dated for file in ALL)
MONTHS = 4
# Stage during which, and seconds after whose beginning, it is killed.
KILLS = ((3, 0.1), (MASTER // 3, 2.0), (MASTER + 2, 1.5), (MASTER + 4, 3.0))
FIGURES = """
    select 'orders', count(*), sum(amount_total) from purchase_order
     where date_order < %(end)s
    union all
    select 'sales', count(*), sum(amount_total) from sale_order
     where create_date < %(end)s and company_id = 1
    union all
    select 'lines', count(*), sum(product_uom_qty) from sale_order_line
     where create_date < %(end)s and company_id = 1
    union all
    select 'moves', count(*), sum(quantity) from stock_move
     where state = 'done' and date < %(end)s
    union all
    select 'entries', count(*), sum(amount_total_signed) from account_move
     where state = 'posted' and create_date < %(end)s and company_id = 1
    union all
    select 'payments', count(*), sum(amount) from account_payment
     where create_date < %(end)s and company_id = 1
    union all
    select 'users', count(*), null from res_users
    union all
    select 'partners', count(*), null from res_partner where create_date < %(end)s
    union all
    select 'products', count(*), null from product_product where create_date < %(end)s
"""

pytestmark = [
    pytest.mark.kill,
    pytest.mark.skipif(
        not COMPLETE, reason="SAMPLE_DATABASE names no loaded database to compare with"
    ),
]


def start(databases, name):
    return subprocess.Popen(
        [
            *(databases.host.python, "-W", "ignore", ROOT / "setup" / "sample"),
            *("-c", databases.host.config, "-d", name),
            *("--stop-after", str(MASTER + MONTHS)),
        ],
        env=databases.env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def kill_in(process, stage, delay):
    """Kill a loader some time after it began a stage; return what it said."""
    said = ""
    while f"[{stage}/" not in said:
        read = process.stdout.read(1)
        assert read, f"ended before stage {stage}:\n{said}"
        said += read
    time.sleep(delay)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    return said


def figures(name, end):
    connection = psycopg2.connect(dbname=name)
    try:
        with connection.cursor() as cursor:
            cursor.execute(FIGURES, {"end": end})
            return cursor.fetchall()
    finally:
        connection.close()


def test_killed_at_any_instant_nothing_is_lost_and_nothing_doubled(databases, scratch):
    name = scratch("sample-killed")
    databases.copy(databases.layer(ALL_ADDONS), name)
    for stage, delay in KILLS:
        kill_in(start(databases, name), stage, delay)
    process = start(databases, name)
    said = process.communicate()[0]
    assert process.returncode == 0, said
    year, month = map(int, re.findall(r"story of (\d+)-(\d+)", said)[-1])
    end = datetime(year + month // 12, month % 12 + 1, 1) - timedelta(hours=8)
    assert figures(name, end) == figures(COMPLETE, end)
