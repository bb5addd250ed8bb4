"""The thread through all three addons, by the people of the sample company.

Every call goes through the host's JSON API as the user concerned, so that only what the
server itself enforces holds; each shortcut that somebody might try is tried.
"""

import json
import socket
import subprocess
import time
import urllib.request
from datetime import UTC, date, datetime, timedelta

import pytest
from json2 import Client, Refused

from bootstrap.databases import SAMPLE

PATIENCE = 90
OWN_CUSTOMERS = [("is_company", "=", True), ("user_id.login", "=", "sales1")]
MAKE_KEYS = """
import json
keys = {}
end = fields.Datetime.add(fields.Datetime.now(), days=1)
for user in env["res.users"].search([("share", "in", [True, False])]):
    keys[user.login] = env["res.users.apikeys"].with_user(user).sudo()._generate(
        "rpc", "end-to-end test", end)
env.cr.commit()
print("KEYS", json.dumps(keys))
"""


@pytest.fixture(scope="module")
def database(databases, scratch):
    name = scratch("thread")
    databases.copy(databases.layer(SAMPLE), name)
    return name


@pytest.fixture(scope="module")
def url(databases, database):
    """The address of a server on a company of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    command = databases.host.command(
        *("server", "-d", database, "--http-port", str(port), "--max-cron-threads=0")
    )
    with subprocess.Popen(command, env=databases.env) as server:
        end = time.monotonic() + PATIENCE
        while True:
            try:
                with urllib.request.urlopen(f"{address}/web/health"):
                    break
            except OSError:
                assert server.poll() is None, "the server has ended"
                assert time.monotonic() < end, "the server does not answer"
                time.sleep(0.2)
        yield address
        server.terminate()
        server.wait(PATIENCE)


@pytest.fixture(scope="module")
def people(databases, database, url):
    """{login: client} of everybody in the sample company."""
    done = subprocess.run(
        databases.host.command("shell", "-d", database, "--no-http"),
        env=databases.env,
        input="from odoo import fields\n" + MAKE_KEYS,
        capture_output=True,
        text=True,
        check=False,
    )
    line = next((i for i in done.stdout.splitlines() if i.startswith("KEYS ")), None)
    assert line, done.stdout + done.stderr
    keys = json.loads(line.removeprefix("KEYS "))
    return {login: Client(url, key) for login, key in keys.items()}


def test_a_visit_is_planned_made_reported_and_reviewed(people):
    """V10, V19, V17: due at 9:00 of the next working day, locked, reviewed."""
    sales, manager = people["sales1"], people["pm"]
    (customer,) = sales.search("res.partner", OWN_CUSTOMERS, limit=1)
    now = datetime.now(UTC).replace(microsecond=0, tzinfo=None)
    visit = sales.create(
        "sales.visit",
        partner_id=customer["id"],
        planned_start=str(now + timedelta(minutes=5)),
        objective="Agree on the spring order",
    )
    with pytest.raises(Refused, match=r"State|状态"):
        sales.write("sales.visit", visit, state="reported")
    for step in ("action_plan", "action_confirm", "action_start", "action_finish"):
        sales.call("sales.visit", step, ids=[visit])
    told = sales.read("sales.visit", visit, "state", "report_due", "report_due_tz")
    assert told["state"] == "to_report"
    assert told["report_due_tz"] == "Asia/Shanghai"
    due = datetime.fromisoformat(told["report_due"])
    assert (due.hour, due.minute) == (1, 0), "9:00 in Shanghai is 1:00 UTC"
    assert due > now
    (outcome,) = sales.search("sales.visit.outcome", [], limit=1)
    sales.write(
        "sales.visit", visit, outcome_id=outcome["id"], summary="They want samples."
    )
    sales.call("sales.visit", "action_submit_report", ids=[visit])
    assert not sales.read("sales.visit", visit, "is_report_late")["is_report_late"]
    with pytest.raises(Refused, match="V10"):
        sales.write("sales.visit", visit, summary="Something else")
    with pytest.raises(Refused):
        sales.call("sales.visit", "action_review", ids=[visit])
    manager.call("sales.visit", "action_review", ids=[visit])
    assert manager.read("sales.visit", visit, "state")["state"] == "reviewed"
    late = manager.search(
        "sales.visit", [("is_report_late", "=", True)], "report_delay_hours"
    )
    assert late
    assert all(v["report_delay_hours"] > 0 for v in late)


def test_a_lead_gets_its_level_from_evidence(people):
    """V19: the number of yes decides; the level can't be written past it."""
    sales = people["sales1"]
    lead = sales.create("crm.lead", name="Office fit-out", type="opportunity")
    assert not sales.read("crm.lead", lead, "man_level")["man_level"]
    for known, level in (
        ({"man_money": "yes"}, "nurture"),
        ({"man_authority": "yes"}, "potential"),
        ({"man_need": "yes"}, "qualified"),
    ):
        sales.write("crm.lead", lead, **known)
        assert sales.read("crm.lead", lead, "man_level")["man_level"] == level


@pytest.fixture(scope="module")
def cheap_order(people):
    """A quotation whose price is below the product's floor."""
    sales = people["sales1"]
    (floor,) = sales.search(
        "product.price.floor",
        [("product_id.qty_available", ">", 5), ("min_quantity", "=", 0)],
        "product_id",
        "price",
        limit=1,
    )
    (customer,) = sales.search("res.partner", OWN_CUSTOMERS, limit=1)
    line = {
        "product_id": floor["product_id"][0],
        "product_uom_qty": 2,
        "price_unit": round(floor["price"] * 0.95, 2),
    }
    return sales.create(
        "sale.order", partner_id=customer["id"], order_line=[[0, 0, line]]
    )


def test_a_price_below_the_floor_waits_for_the_vice_president(people, cheap_order):
    """A01, A02, X01: every shortcut is refused, with rule, figures and name."""
    sales, vice_president = people["sales1"], people["vp"]
    shortcuts = {
        "confirm": lambda: sales.call(
            "sale.order", "action_confirm", ids=[cheap_order]
        ),
        "send": lambda: sales.call(
            "sale.order", "action_quotation_send", ids=[cheap_order]
        ),
        "mark as sent": lambda: sales.call(
            "sale.order", "action_quotation_sent", ids=[cheap_order]
        ),
        "write sale": lambda: sales.write("sale.order", cheap_order, state="sale"),
        "write sent": lambda: sales.write("sale.order", cheap_order, state="sent"),
        "context key": lambda: sales.call(
            "sale.order",
            "action_confirm",
            ids=[cheap_order],
            context={"authority_engine": True, "authority_post_processing": True},
        ),
        "the manager": lambda: people["pm"].call(
            "sale.order", "action_confirm", ids=[cheap_order]
        ),
        "import": lambda: refuse_messages(
            sales.call(
                "sale.order",
                "load",
                fields=[".id", "state"],
                data=[[str(cheap_order), "sale"]],
            )
        ),
    }
    for name, shortcut in shortcuts.items():
        with pytest.raises(Refused) as refused:
            shortcut()
        assert "A02" in str(refused.value), name
        assert "孙静" in str(refused.value), name
    assert sales.read("sale.order", cheap_order, "state")["state"] == "draft"
    sales.call("sale.order", "action_authority_request", ids=[cheap_order])
    (request,) = vice_president.search(
        "authority.request",
        [("may_decide", "=", True), ("res_id", "=", cheap_order)],
        "sentence",
    )
    with pytest.raises(Refused):
        sales.call("authority.request", "action_approve", ids=[request["id"]])
    with pytest.raises(Refused):
        sales.write("authority.request", request["id"], state="approved")
    vice_president.call("authority.request", "action_approve", ids=[request["id"]])
    sales.call("sale.order", "action_confirm", ids=[cheap_order])
    assert sales.read("sale.order", cheap_order, "state")["state"] == "sale"


def refuse_messages(result):
    """Turn what an import answers into what a call answers."""
    if not result.get("ids"):
        raise Refused(422, json.dumps(result["messages"], ensure_ascii=False))
    return result


def test_delivered_invoiced_and_unpaid_it_shows_in_its_bucket(people, cheap_order):
    """R03: as of any date the receivable stands in the bucket of that date."""
    warehouse, finance = people["warehouse"], people["finance"]
    order = finance.read("sale.order", cheap_order, "name", "picking_ids")
    for picking in order["picking_ids"]:
        warehouse.call("stock.picking", "action_assign", ids=[picking])
        warehouse.call("stock.picking", "button_validate", ids=[picking])
        assert warehouse.read("stock.picking", picking, "state")["state"] == "done"
    context = {"active_model": "sale.order", "active_ids": [cheap_order]}
    (wizard,) = finance.call(
        "sale.advance.payment.inv",
        "create",
        vals_list=[{"advance_payment_method": "delivered"}],
        context=context,
    )
    finance.call(
        "sale.advance.payment.inv", "create_invoices", ids=[wizard], context=context
    )
    (invoice,) = finance.search(
        "account.move",
        [("invoice_origin", "=", order["name"])],
        "amount_total",
    )
    finance.call("account.move", "action_post", ids=[invoice["id"]])
    due = finance.read("account.move", invoice["id"], "invoice_date_due")
    due = date.fromisoformat(due["invoice_date_due"])
    seen = {}
    for days in (0, 3, 12, 40, 130):
        (item,) = finance.search(
            "receivable.ageing.report",
            [("move_id", "=", invoice["id"])],
            "bucket_id",
            "residual",
            "days_overdue",
            context={"as_of": str(due + timedelta(days=days))},
        )
        assert item["days_overdue"] == days
        assert item["residual"] == pytest.approx(invoice["amount_total"])
        seen[days] = item["bucket_id"][0]
    assert len(set(seen.values())) == 5, "each age has its own bucket"


def test_old_stock_is_deducted_from_its_buyer_once(people):
    """K03, K10: computed twice, the lines are the same and nothing is doubled."""
    finance = people["finance"]
    old = finance.search(
        "stock.age.line", [("age_days", ">", 365)], "buyer_id", "value"
    )
    assert old
    assert all(line["buyer_id"] for line in old)
    (period,) = finance.search(
        "performance.period", [("state", "in", ("open", "computed"))], limit=1
    )
    runs = []
    for _attempt in (1, 2):
        finance.call("performance.period", "action_compute", ids=[period["id"]])
        lines = finance.search(
            "performance.run.line", [("period_id", "=", period["id"])], "amount"
        )
        total = round(sum(line["amount"] for line in lines), 2)
        digest = finance.read("performance.period", period["id"], "run_hash")[
            "run_hash"
        ]
        runs.append((len(lines), total, digest))
    assert runs[0] == runs[1]
    assert runs[0][0] > 0
    assert runs[0][1] < 0
    with pytest.raises(Refused):
        people["buyer1"].call(
            "performance.period", "action_compute", ids=[period["id"]]
        )
