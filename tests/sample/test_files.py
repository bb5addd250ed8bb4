"""The files of ``data/``: complete, consistent, invented, and readable by anybody."""

import csv
import re
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

from sample import clock, files

DATA = Path(__file__).resolve().parents[2] / "data"
ALL = files.read_all(DATA)
TODAY = date(2026, 2, 28)
RESERVED = re.compile(r"(^|\.)(example\.com|example|invalid|test)$")


def records(model, about=None):
    return [
        (file, record)
        for file in ALL
        if file.model == model and not file.lang and about in (None, file.about)
        for record in file.records
    ]


def values(model, column):
    return [file.cell(record, column) for file, record in records(model)]


def cells():
    """Yield ``(file, column, value)`` of every filled cell, JSON taken apart."""
    for file in ALL:
        for record in file.records:
            for row in record:
                for column, value in zip(file.header, row, strict=True):
                    if value:
                        yield file, column, value


def test_texts_are_utf8_without_leftovers():
    for path in DATA.iterdir():
        text = path.read_bytes().decode("utf-8")
        assert "\ufffd" not in text, path.name
        assert "\r" not in text, path.name
        assert text.endswith("\n"), path.name


def test_external_ids_name_one_record():
    """A file names a record once; another file may add to it, of the same model."""
    model_of = {}
    for file in ALL:
        names = Counter(file.cell(record, "id") for record in file.records)
        assert [name for name, count in names.items() if count > 1] == []
        for name in names:
            assert model_of.setdefault(name, file.model) == file.model, name


def test_translations_are_of_records_that_exist():
    own = {file.cell(r, "id") for file in ALL if not file.lang for r in file.records}
    for file in ALL:
        if file.lang:
            assert {file.cell(record, "id") for record in file.records} <= own


def references():
    """Yield ``(file, external ID)`` of every reference to another record."""
    for file, column, value in cells():
        if (column.endswith("/id") and column != "id") or column in ("by", "company"):
            if column.rpartition("/")[0].endswith("line_ids"):
                continue  # the ID of a part itself
            for name in value.split(","):
                yield file, column, name
        elif column == "on":
            for path in value.split(","):
                yield file, column, path.split(".")[0]
        elif column == "with":
            for name in re.findall(r'/id": "([^"]+)"', value):
                yield file, column, name


def test_references_to_own_records_are_defined_earlier():
    """A dated record is there from its moment on, an undated one from its file on."""
    known = {}
    for order, file in enumerate(ALL):
        for record in file.records:
            for column in file.header:
                if column != "id" and not column.endswith("/id"):
                    continue
                at = file.cell(record, "at")
                key = (clock.parse(at, TODAY),) if at else (order,)
                for row in record:
                    if name := row[file.header.index(column)]:
                        known.setdefault(name, (bool(at), *key))
    missing = [
        (file.name, column, name)
        for file, column, name in references()
        if "." not in name and name not in known
    ]
    assert missing == []


def test_steps_come_after_what_they_are_about():
    made = {}
    for file in ALL:
        if file.is_dated:
            for record in file.records:
                moment = clock.parse(file.cell(record, "at"), TODAY)
                made[file.cell(record, "id")] = moment
    for file, record in records("story"):
        moment = clock.parse(file.cell(record, "at"), TODAY)
        for path in file.cell(record, "on").split(","):
            name = path.split(".")[0]
            assert made.get(name, moment) <= moment, file.cell(record, "id")


def order_of_steps(today):
    """Return ``{document: [step, …]}`` in the order in which they are replayed."""
    steps = []
    for file in ALL:
        if file.is_dated:
            for record in file.records:
                moment = clock.parse(file.cell(record, "at"), today)
                steps.append((moment, file, record))
    steps.sort(key=lambda step: step[0])
    order = {}
    for _moment, file, record in steps:
        name = file.cell(record, "id")
        for path in (file.cell(record, "on") or name).split(","):
            order.setdefault(path.split(".")[0], []).append(name)
    return order


@pytest.mark.parametrize("ago", range(1, 7))
def test_steps_come_in_one_order_whatever_the_weekday(ago):
    """What is moved off a weekend is never moved past what follows it."""
    assert order_of_steps(TODAY - timedelta(days=ago)) == order_of_steps(TODAY)


def test_moments_are_valid_and_nothing_happens_in_the_future():
    for file, column, value in cells():
        for text in re.findall(r'@[^",]*', value) if value.count("@") else ():
            if re.match(r"@[\w-]+\.", text):
                continue  # a mail address
            moment = clock.parse(text, TODAY)
            if column == "at":
                assert moment.date() < TODAY, (file.name, value)


def test_notation():
    assert clock.parse("@-3d", date(2026, 3, 2)) == date(2026, 2, 27)
    assert clock.parse("@-1d<", date(2026, 3, 2)) == date(2026, 2, 27)
    assert clock.parse("@-1d>", date(2026, 3, 2)) == date(2026, 3, 2)
    assert clock.parse("@+5d> 09:30", date(2026, 3, 2)).isoformat() == (
        "2026-03-09T09:30:00"
    )
    assert clock.parse("@w+1", date(2026, 3, 1)) == date(2026, 3, 2)
    assert clock.parse("@w+1", date(2026, 3, 2)) == date(2026, 3, 9)
    assert clock.parse("@m-3", date(2026, 2, 28)) == date(2025, 11, 1)
    with pytest.raises(ValueError, match="no moment"):
        clock.parse("@yesterday", TODAY)


def test_mail_addresses_and_sites_are_nobodys():
    for file, column, value in cells():
        for domain in re.findall(r"[\w.+-]+@((?:[\w-]+\.)+[a-z]+)", value):
            assert RESERVED.search(domain), (file.name, column, value)
        for domain in re.findall(r"https?://([^/]+)", value):
            assert RESERVED.search(domain), (file.name, column, value)


def test_phone_numbers_are_nobodys():
    """5555 is a range that no Chinese subscriber has, 555-01xx no American one."""
    for file, column, value in cells():
        if column == "phone":
            assert re.search(r" 5555 \d{4}$| 555 01\d\d$", value), (file.name, value)


def test_it_is_as_large_as_promised():
    customers = [v for v in values("res.partner", "customer_rank") if v == "1"]
    assert len(customers) >= 40
    assert len(set(values("hr.employee", "user_id/id"))) >= 15
    assert len(set(values("product.product", "id"))) == 60
    levels = {
        v.rpartition("level_")[2] for v in values("authority.assignment", "level_id/id")
    }
    assert levels == {
        "salesperson",
        "project_manager",
        "department_manager",
        "vice_president",
        "general_manager",
    }
    confirmed = {
        path
        for file, record in records("story")
        if file.cell(record, "do") == "action_confirm"
        for path in file.cell(record, "on").split(",")
        if path.startswith("so_")
    }
    assert len(confirmed) == 150
    floors = set(values("product.price.floor", "product_id/id"))
    assert floors == set(values("product.product", "id"))
    assert len(values("sales.visit", "id")) >= 100
    assert len(values("crm.lead", "id")) >= 25


def test_logins_are_those_of_the_users():
    with (DATA / "logins.csv").open(encoding="utf-8", newline="") as stream:
        logins = {row["login"]: row for row in csv.DictReader(stream)}
    users = [
        (file.cell(r, "login"), file.cell(r, "password"), file.cell(r, "lang"))
        for file, r in records("res.users")
        if "login" in file.header
    ]
    told = [(n, row["password"], row["language"]) for n, row in logins.items()]
    assert sorted(users) == sorted(t for t in told if t[0] != "admin")
    assert {row["language"] for row in logins.values()} == {"en_US", "zh_CN"}
    assert all(row["password"] == name for name, row in logins.items())


def test_internal_users_get_no_mail():
    for file, record in records("res.users"):
        if file.about != "portal":
            assert file.cell(record, "notification_type") == "inbox"


def test_sales_prices_stand_above_their_floors_and_costs():
    prices = {
        file.cell(r, "id"): (
            float(file.cell(r, "standard_price")),
            float(file.cell(r, "list_price")),
        )
        for file, r in records("product.product")
        if "standard_price" in file.header
    }
    for file, record in records("product.price.floor"):
        cost, listed = prices[file.cell(record, "product_id/id")]
        assert cost < float(file.cell(record, "price")) < listed
