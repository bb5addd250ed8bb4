"""The thread through all three addons, by the people of the sample company.

Every call goes through the host's JSON API as the user concerned, so that only what the
server itself enforces holds; each shortcut that somebody might try is tried.
"""

import json
import re
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
    customer = find_customer_without_debts(sales, people["finance"])
    line = {
        "product_id": floor["product_id"][0],
        "product_uom_qty": 2,
        "price_unit": round(floor["price"] * 0.95, 2),
    }
    return sales.create(
        "sale.order",
        partner_id=customer,
        commitment_date=str(date.today() + timedelta(days=9)),
        order_line=[[0, 0, line]],
    )


def find_customer_without_debts(sales, finance):
    """One of whom A04 asks nothing."""
    own = [customer["id"] for customer in sales.search("res.partner", OWN_CUSTOMERS)]
    owing = [("account_type", "=", "asset_receivable"), ("reconciled", "=", False)]
    items = finance.search("account.move.line", owing, "partner_id")
    debtors = {item["partner_id"][0] for item in items if item["partner_id"]}
    return next(customer for customer in own if customer not in debtors)


CONFIRM = ("sale.order", "gm", "action_confirm")
DELIVER = ("stock.picking", "warehouse", "button_validate")
# Document: what somebody does with it, the rules that refuse it and, where the figures
# or who can help are worth it, words of the explanation.
BLOCKS = {
    "q_margin": (CONFIRM, {"A01"}, "孙静"),
    "q_below_open": (CONFIRM, {"A02", "A03"}, "孙静"),
    "q_credit_days": (CONFIRM, {"A04"}, "90"),
    "q_arrears": (CONFIRM, {"A04"}, "周国强"),
    "q_uncertified": (CONFIRM, {"A05"}, "陈杰"),
    "contract_huaqiao": (
        ("sales.contract", "sales2", "action_submit"),
        {"A05"},
        "DH-103",
    ),
    "p_order": (("purchase.order", "buyer1", "button_confirm"), {"A06"}, "孙静"),
    "q_settlement": (CONFIRM, {"A07"}, ""),
    "q_differs": (CONFIRM, {"A08"}, "30 → 60"),
    "q_contract": (CONFIRM, {"A09"}, "李伟"),
    "d_money_out": (DELIVER, {"A11"}, "100.00"),
    "tax_unpaid": (("tax.invoice", "finance", "action_issue"), {"A12"}, "60"),
    "d_slip_out": (DELIVER, {"A13"}, ""),
    "i_copy": (("account.move", "finance", "action_post"), {"A13"}, "18.00"),
    "slip_driver": (("delivery.slip", "warehouse", "action_issue"), {"A14"}, ""),
    "q_supermarket": (CONFIRM, {"A15"}, "FS-402"),
    "q_price_reason": (CONFIRM, {"A18"}, ""),
    "q_budget": (CONFIRM, {"A19"}, "刘洋"),
    "d_loan": (DELIVER, {"A20"}, "DH-102"),
    "d_gift": (DELIVER, {"A21"}, "LD-312"),
    "installation_dali": (
        ("installation.order", "sales2", "action_begin"),
        {"A24"},
        "1,719.75",
    ),
    "d_notice_out": (DELIVER, {"A25"}, "李伟"),
    "q_incomplete": (CONFIRM, {"A26"}, ""),
    "q_credit_limit": (CONFIRM, {"R02"}, "3,000.00"),
}


def refuse(client, model, method, record_id):
    """Expect a refusal; return the IDs of the rules that it names, and its words."""
    with pytest.raises(Refused) as refused:
        client.call(model, method, ids=[record_id])
    words = str(refused.value)
    return set(re.findall(r"\b[A-Z]\d\d\b", words)), words


@pytest.mark.parametrize(("name", "block"), BLOCKS.items())
def test_each_kind_of_block_explains_itself(people, name, block):
    """A01–A09, A11–A15, A18–A21, A24–A26, R02, X01: a document each, refused by its
    rule alone."""
    (model, login, method), rules, explanation = block
    domain = [("module", "=", "sample"), ("name", "=", name), ("model", "=", model)]
    (data,) = people["admin"].search("ir.model.data", domain, "res_id")
    found, words = refuse(people[login], model, method, data["res_id"])
    assert found == rules
    assert explanation in words


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


def test_nothing_leaves_before_its_papers_are_there(people, cheap_order):
    """A11, A13, A14, A25: each gate stays shut until its own paper is there."""
    sales, warehouse = people["sales1"], people["warehouse"]
    told = warehouse.read("sale.order", cheap_order, "picking_ids")
    (picking,) = told["picking_ids"]
    warehouse.call("stock.picking", "action_assign", ids=[picking])

    def get_gates():
        return refuse(warehouse, "stock.picking", "button_validate", picking)[0]

    assert get_gates() == {"A11", "A13", "A25"}
    sales.call("stock.picking", "action_authority_request", ids=[picking])
    domain = [("res_model", "=", "stock.picking"), ("res_id", "=", picking)]
    note = find(people["dm"], "authority.request", domain)
    with pytest.raises(Refused):
        sales.call("authority.request", "action_approve", ids=[note])
    people["dm"].call("authority.request", "action_approve", ids=[note])
    assert get_gates() == {"A11", "A13", "A25"}, "nobody has checked the goods"
    warehouse.call("stock.picking", "action_dispatch_check", ids=[picking])
    assert get_gates() == {"A13", "A25"}
    arrival = datetime.now(UTC).replace(microsecond=0, tzinfo=None) + timedelta(days=9)
    notice = sales.create(
        "customer.notice",
        kind="arrival",
        picking_id=picking,
        arrival_at=str(arrival),
    )
    assert get_gates() == {"A13", "A25"}, "the customer isn't told yet"
    sales.call("customer.notice", "action_record_call", ids=[notice])
    assert get_gates() == {"A13"}
    warehouse.call("stock.picking", "action_delivery_slip", ids=[picking])
    slip = find(warehouse, "delivery.slip", [("picking_id", "=", picking)])
    rules, _words = refuse(warehouse, "delivery.slip", "action_issue", slip)
    assert rules == {"A14"}
    driver = find(warehouse, "res.partner", [("name", "like", "Driver He")])
    warehouse.write("delivery.slip", slip, driver_id=driver, plate="粤A·5D210")
    warehouse.call("delivery.slip", "action_issue", ids=[slip])
    assert get_gates() == {"A13"}, "nobody has signed"
    warehouse.call("delivery.slip", "action_sign_warehouse", ids=[slip])
    with pytest.raises(Refused):
        warehouse.call("delivery.slip", "action_sign_clerk", ids=[slip])
    people["finance"].call("delivery.slip", "action_sign_clerk", ids=[slip])
    assert get_gates() == {"A13"}, "the handler hasn't signed"
    sales.call("delivery.slip", "action_sign_handler", ids=[slip])


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
            "performance.run.line",
            [("period_id", "=", period["id"]), ("rule", "=", "K03")],
            "amount",
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


STATEMENTS = ("performance.statement", [], "beneficiary_id")


def test_closed_months_add_up_and_people_see_their_own(people):
    """K10, X07: every closed month of the sample equals what its inputs come to; a
    salesperson agrees with their own figures and sees nobody else's."""
    finance = people["finance"]
    closed = finance.search("performance.period", [("state", "=", "closed")])
    assert len(closed) >= 3
    for period in closed:
        action = finance.call("performance.period", "action_verify", ids=[period["id"]])
        found = finance.read(action["res_model"], action["res_id"], "is_equal")
        assert found["is_equal"]
    (period,) = finance.search(
        "performance.period", [("state", "in", ("open", "computed"))], limit=1
    )
    finance.call("performance.period", "action_compute", ids=[period["id"]])
    seller = people["sales1"]
    seen = [
        {row["beneficiary_id"][0] for row in person.search(*STATEMENTS)}
        for person in (seller, people["sales2"])
    ]
    assert [len(persons) for persons in seen] == [1, 1]
    assert seen[0] != seen[1]
    (mine,) = seller.search(
        "performance.statement", [("period_id", "=", period["id"])], "amount"
    )
    seller.call("performance.statement", "action_acknowledge", ids=[mine["id"]])
    with pytest.raises(Refused):
        people["sales2"].call(
            "performance.statement", "action_acknowledge", ids=[mine["id"]]
        )


ROUTE = {"freight_pol_id": "CNYTN", "freight_pod_id": "USLAX"}
CHARGES_OF = [("side", "=", "sell"), ("is_receivable", "=", True)]


def find(client, model, domain):
    """Return the id of the first record that a domain finds."""
    (found,) = client.search(model, domain, limit=1)
    return found["id"]


def refuse_all(shortcuts, rule=None):
    """Try every shortcut; each is refused, by a rule if that is named."""
    for name, shortcut in shortcuts.items():
        with pytest.raises(Refused) as refused:
            shortcut()
            pytest.fail(f"went through: {name}")
        assert refused.value.status in (403, 422), (name, refused.value)
        if rule:
            assert rule in str(refused.value), name


def load(client, model, record_id, **values):
    """Import values into one record, as the screens' import does."""
    names = [name.replace("__", "/") for name in values]
    return refuse_messages(
        client.call(
            model,
            "load",
            fields=[".id", *names],
            data=[[str(record_id), *map(str, values.values())]],
        )
    )


@pytest.fixture(scope="module")
def freight(people):
    """A freight quote of the sample's forwarder, confirmed, and its booking."""
    sales, operator = people["fsales"], people["operator"]
    quote = sales.create(
        "sale.order",
        partner_id=find(
            sales,
            "res.partner",
            [("is_company", "=", True), ("user_id.login", "=", "fsales")],
        ),
        is_freight=True,
        freight_commodity="Garments",
        freight_cargo_ready_date=str(date.today()),
        freight_carrier_id=find(sales, "freight.carrier", [("scac", "=", "COSU")]),
        freight_equipment_ids=[
            [
                *(0, 0),
                {
                    "equipment_type_id": find(
                        sales, "freight.equipment.type", [("code", "=", "45G1")]
                    ),
                    "quantity": 1,
                },
            ]
        ],
        **{
            name: find(sales, "freight.location", [("code", "=", code)])
            for name, code in ROUTE.items()
        },
    )
    sales.call("sale.order", "action_draw_from_tariff", ids=[quote])
    sales.call("sale.order", "action_confirm", ids=[quote])
    (booking,) = operator.search(
        "freight.booking", [("order_id", "=", quote)], "headline", "equipment_ids"
    )
    assert booking["headline"] == "draft"
    return booking


@pytest.fixture(scope="module")
def container(people, freight):
    """The booked container, numbered and sealed before its shipping order is here."""
    operator = people["operator"]
    operator.call("freight.booking", "action_confirm_booking", ids=[freight["id"]])
    (equipment,) = operator.search(
        "freight.booking.equipment",
        [("booking_id", "=", freight["id"])],
        "equipment_type_id",
    )
    return operator.create(
        "freight.container",
        booking_id=freight["id"],
        equipment_type_id=equipment["equipment_type_id"][0],
        number="CSQU 305438-3",
        seal_number="E2E 0001",
    )


def test_no_container_is_picked_up_before_its_shipping_order(
    people, freight, container
):
    """F07, F10: every way to pick up is refused, then each step follows the other."""
    operator = people["operator"]
    (booking_id, model) = (freight["id"], "freight.container")
    refuse_all(
        {
            "button": lambda: operator.call(model, "action_pick_up", ids=[container]),
            "all": lambda: operator.call(
                "freight.booking", "action_pick_up", ids=[booking_id]
            ),
            "write": lambda: operator.write(model, container, state="picked_up"),
            "skip": lambda: operator.write(model, container, state="on_board"),
            "import": lambda: load(operator, model, container, state="picked_up"),
            "context": lambda: operator.call(
                model,
                "action_pick_up",
                ids=[container],
                context={"freight_step": True, "freight_retraction": True},
            ),
            "an empty S/O": lambda: operator.call(
                "freight.booking", "action_receive_shipping_order", ids=[booking_id]
            ),
        },
        "F07",
    )
    now = datetime.now(UTC).replace(microsecond=0, tzinfo=None)
    operator.write(
        "freight.booking",
        booking_id,
        carrier_booking_reference="COSU6109999999",
        vessel_name="COSCO SHIPPING ARIES",
        voyage="036E",
        equipment_ids=[[1, freight["equipment_ids"][0], {"confirmed_quantity": 1}]],
        cutoff_ids=[
            [0, 0, {"code": code, "deadline": str(now + timedelta(days=days))}]
            for code, days in (("DCO", 2), ("VCO", 2), ("FCO", 3))
        ],
    )
    operator.call("freight.booking", "action_receive_shipping_order", ids=[booking_id])
    for step in ("action_pick_up", "action_return_laden"):
        operator.call(model, step, ids=[container])
    refuse_all(
        {"unweighed": lambda: operator.call(model, "action_on_board", ids=[container])},
        "F10",
    )
    refuse_all(
        {
            "customs by the operator": lambda: operator.call(
                model, "action_declare", ids=[container]
            )
        }
    )
    for step in ("action_declare", "action_customs_release"):
        people["customs"].call(model, step, ids=[container])
    operator.write(model, container, vgm_weight=21400, vgm_method="SM1")
    operator.call(model, "action_on_board", ids=[container])
    told = operator.read("freight.booking", booking_id, "headline", "customs_state")
    assert (told["headline"], told["customs_state"]) == ("on_board", "released")


@pytest.fixture(scope="module")
def bill(people, freight, container):
    """The approved bill of lading over the loaded container."""
    documents = people["documents"]
    bill = documents.create(
        "freight.bill", booking_id=freight["id"], container_ids=[[6, 0, [container]]]
    )
    documents.call("freight.bill", "action_approve", ids=[bill])
    return bill


@pytest.fixture(scope="module")
def note(people, freight, bill):
    """The posted debit note of the booking, unpaid."""
    settlement = people["settlement"]
    assert bill
    settlement.call("freight.booking", "action_create_debit_note", ids=[freight["id"]])
    (note,) = settlement.search(
        "account.move",
        [("freight_booking_id", "=", freight["id"]), ("move_type", "=", "out_invoice")],
        "invoice_line_ids",
        "amount_total",
    )
    settlement.call("account.move", "action_post", ids=[note["id"]])
    assert note["amount_total"] > 0
    return note


def assert_unreleased(people, bill):
    """Try to release the bill: F18 holds it back."""
    settlement = people["settlement"]
    refuse_all(
        {
            "button": lambda: settlement.call(
                "freight.bill", "action_release", ids=[bill]
            )
        },
        "F18",
    )
    assert settlement.read("freight.bill", bill, "state")["state"] == "approved"


def test_no_unpaid_bill_is_released(people, freight, bill, note):
    """F18: state, note, charges and terms give settlement no way round the money."""
    settlement = people["settlement"]
    (line, *_others) = note["invoice_line_ids"]
    charge = find(
        settlement,
        "freight.charge",
        [("booking_id", "=", freight["id"]), *CHARGES_OF],
    )
    refuse_all(
        {
            "write": lambda: settlement.write("freight.bill", bill, state="released"),
            "import": lambda: load(settlement, "freight.bill", bill, state="released"),
            "context": lambda: settlement.call(
                "freight.bill",
                "action_release",
                ids=[bill],
                context={"freight_step": True, "authority_engine": True},
            ),
        },
        "F18",
    )
    note_id, booking_id = note["id"], freight["id"]
    refuse_all(
        {
            "documents": lambda: people["documents"].call(
                "freight.bill", "action_release", ids=[bill]
            ),
            "the note leaves": lambda: settlement.write(
                "account.move", note_id, freight_booking_id=False
            ),
            "the charge leaves": lambda: settlement.write(
                "account.move.line", line, freight_charge_id=False
            ),
            "a posted price": lambda: settlement.write(
                "account.move.line", line, price_unit=0.01
            ),
            "borne by us": lambda: settlement.write(
                "freight.charge", charge, payer="us"
            ),
            "cheaper": lambda: settlement.write(
                "freight.charge", charge, price_unit=0.01
            ),
            "deleted": lambda: settlement.call(
                "freight.charge", "unlink", ids=[charge]
            ),
            "a discount": lambda: settlement.create(
                "freight.charge",
                booking_id=booking_id,
                charge_type_id=find(settlement, "freight.charge.type", []),
                price_unit=-note["amount_total"],
            ),
            "monthly": lambda: settlement.write(
                "freight.booking", booking_id, settlement="monthly"
            ),
            "collect": lambda: settlement.write(
                "freight.booking",
                booking_id,
                freight_payment_term_code="COL",
                settlement="collect",
            ),
        }
    )
    assert_unreleased(people, bill)


def test_a_lowered_note_is_not_posted_again(people, bill, note):
    """F16: reset to draft and lowered, the note stays a draft, and the bill here."""
    settlement = people["settlement"]
    (line, *_others) = note["invoice_line_ids"]
    price = settlement.read("account.move.line", line, "price_unit")["price_unit"]
    settlement.call("account.move", "button_draft", ids=[note["id"]])
    settlement.write("account.move.line", line, price_unit=0.01)
    refuse_all(
        {
            "button": lambda: settlement.call(
                "account.move", "action_post", ids=[note["id"]]
            ),
            "write": lambda: settlement.write(
                "account.move", note["id"], state="posted"
            ),
        },
        "F16",
    )
    assert_unreleased(people, bill)
    settlement.write("account.move.line", line, price_unit=price)
    settlement.call("account.move", "action_post", ids=[note["id"]])
    assert_unreleased(people, bill)


def test_somebody_elses_money_releases_nothing(people, bill, note):
    """F18: an advance of another customer, matched with the note, is not this one's."""
    settlement = people["settlement"]
    (owner,) = settlement.search(
        "account.move", [("id", "=", note["id"])], "partner_id"
    )
    payment = settlement.create(
        "account.payment",
        payment_type="inbound",
        partner_type="customer",
        partner_id=find(
            settlement,
            "res.partner",
            [
                ("is_company", "=", True),
                ("user_id.login", "=", "fsales"),
                ("id", "!=", owner["partner_id"][0]),
            ],
        ),
        amount=note["amount_total"],
    )
    settlement.call("account.payment", "action_post", ids=[payment])
    items = settlement.search(
        "account.move.line",
        [
            ("account_id.account_type", "=", "asset_receivable"),
            ("parent_state", "=", "posted"),
            *("|", ("move_id", "=", note["id"])),
            ("move_id.origin_payment_id", "=", payment),
        ],
    )
    items = [item["id"] for item in items]
    assert len(items) == 2
    settlement.call("account.move.line", "reconcile", ids=items)
    assert_unreleased(people, bill)
    settlement.call("account.move.line", "remove_move_reconcile", ids=items)
    assert_unreleased(people, bill)


def test_paid_it_is_released(people, freight, bill, note):
    """F18: the customer's own money, all of it, releases the bill; then it is fixed."""
    settlement = people["settlement"]
    context = {"active_model": "account.move", "active_ids": [note["id"]]}
    for share in (0.5, None):
        (wizard,) = settlement.call(
            "account.payment.register",
            "create",
            vals_list=[
                {"amount": round(note["amount_total"] * share, 2)} if share else {}
            ],
            context=context,
        )
        settlement.call(
            "account.payment.register",
            "action_create_payments",
            ids=[wizard],
            context=context,
        )
        if share:
            assert_unreleased(people, bill)
    settlement.call("freight.bill", "action_release", ids=[bill])
    told = settlement.read("freight.booking", freight["id"], "headline")
    assert told["headline"] == "released"
    refuse_all(
        {
            "taken back": lambda: people["documents"].call(
                "freight.bill", "write", ids=[bill], vals={"state": "draft"}
            ),
            "another container": lambda: people["documents"].write(
                "freight.bill", bill, container_ids=[[5]]
            ),
        }
    )
