"""The picture that the loaded sample company shows, on the day of its loading."""

import os
import subprocess
from datetime import date, timedelta
from pathlib import Path

import psycopg2
import pytest

LOADER = Path(__file__).resolve().parents[2] / "setup" / "sample"
DATABASE = os.environ.get("SAMPLE_DATABASE")
pytestmark = pytest.mark.skipif(
    not DATABASE, reason="SAMPLE_DATABASE names no loaded database"
)
AGES = {3, 12, 25, 40, 100, 130}
HELD_AFTERWARDS = 5  # orders whose delivery, slip or invoice a rule holds up
COUNTED = [
    "res_partner",
    "res_users",
    "hr_employee",
    "product_product",
    "purchase_order",
    "sale_order",
    "sale_order_line",
    "stock_picking",
    "stock_move",
    "account_move",
    "account_move_line",
    "account_payment",
    "account_partial_reconcile",
    "authority_request",
    "authority_step",
    "product_price_floor",
    "crm_lead",
    "sales_visit",
    "mail_message",
    "ir_model_data",
]


@pytest.fixture(scope="module")
def query():
    connection = psycopg2.connect(dbname=DATABASE)
    connection.autocommit = True

    def query(sql, *parameters):
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return cursor.fetchall()

    yield query
    connection.close()


@pytest.fixture(scope="module")
def today(query):
    """The day that the offsets were counted from."""
    (row,) = query("select value from ir_config_parameter where key = 'sample.today'")
    return date.fromisoformat(row[0])


@pytest.fixture(scope="module")
def trade(query):
    (row,) = query("select res_id from ir_model_data where name = 'main_company'")
    return row[0]


def overdue(query, trade, today):
    """Return ``{days overdue: [residual, …]}`` of the trading company's invoices."""
    found = {}
    for due, residual in query(
        "select invoice_date_due, amount_residual from account_move"
        " where move_type = 'out_invoice' and state = 'posted'"
        " and amount_residual > 0 and company_id = %s",
        trade,
    ):
        if due < today:
            found.setdefault((today - due).days, []).append(residual)
    return found


def test_invoices_are_overdue_by_the_days_promised(query, trade, today):
    """R03: two invoices of each age, one of them partly paid or untouched."""
    found = overdue(query, trade, today)
    assert set(found) == AGES
    assert all(len(residuals) == 2 for residuals in found.values())


def test_some_invoices_are_partly_paid_and_most_are_paid(query, trade):
    states = dict(
        query(
            "select payment_state, count(*) from account_move where state = 'posted'"
            " and move_type = 'out_invoice' and company_id = %s group by 1",
            trade,
        )
    )
    assert states["partial"] >= 6
    assert states["not_paid"] >= 6
    assert states["paid"] > 80


def test_orders_are_confirmed_in_the_past(query, trade, today):
    rows = query(
        "select date_order::date, create_date::date from sale_order"
        " where state = 'sale' and company_id = %s",
        trade,
    )
    assert len(rows) == 150 + HELD_AFTERWARDS
    assert max(ordered for ordered, _created in rows) < today
    assert min(ordered for ordered, _created in rows) < today - timedelta(days=400)
    assert all(created <= ordered for ordered, created in rows)


def test_stock_of_more_than_a_year_has_its_buyers(query, today):
    """K03: receipts up to 500 days old, some of them not sold, each with its buyer."""
    rows = query(
        """
        select m.date::date, u.login
          from stock_move m
          join purchase_order_line l on l.id = m.purchase_line_id
          join purchase_order o on o.id = l.order_id
          join res_users u on u.id = o.user_id
         where m.state = 'done'
           and m.product_id in (
               select product_id from stock_quant q
                 join stock_location s on s.id = q.location_id
                where s.usage = 'internal' group by 1 having sum(quantity) > 0)
        """
    )
    ages = [(today - moved).days for moved, _buyer in rows]
    assert 490 <= max(ages) <= 510
    assert min(ages) < 120
    assert {buyer for _moved, buyer in rows} == {"buyer1", "buyer2"}


def test_stock_is_never_negative(query):
    assert (
        query(
            "select q.product_id from stock_quant q join stock_location s"
            " on s.id = q.location_id where s.usage = 'internal' and quantity < 0"
        )
        == []
    )


def test_quotations_wait_at_each_stage_of_approval(query):
    """A01, A02: one not asked, one waiting, one approved and not confirmed."""
    expected = {
        "q_below_open": None,
        "q_below_waiting": "waiting",
        "q_below_approved": "approved",
        "q_below_refused": "refused",
    }
    rows = dict(
        query(
            """
            select d.name, string_agg(distinct r.state, ',')
              from ir_model_data d
              join sale_order o on o.id = d.res_id and o.state = 'draft'
              left join authority_request r
                on r.res_model = 'sale.order' and r.res_id = o.id
             where d.module = 'sample' and d.name in %s group by 1
            """,
            tuple(expected),
        )
    )
    assert rows == expected


def test_orders_below_their_floor_were_approved_in_time(query):
    """A02: by somebody else than who asked, before the order was confirmed."""
    rows = query(
        """
        select r.decided_at <= o.date_order, r.decided_by_id <> r.requester_id
          from authority_request r
          join sale_order o on r.res_model = 'sale.order' and r.res_id = o.id
         where o.state = 'sale'
        """
    )
    assert len(rows) >= 8
    assert set(rows) == {(True, True)}


def test_visits_show_every_stage(query):
    """V10: planned, reported, reviewed, late, owed and missed or cancelled ones."""
    states = {state for (state,) in query("select distinct state from sales_visit")}
    assert {"planned", "confirmed", "to_report", "reported", "reviewed"} <= states
    late, new = query(
        "select count(*) filter (where is_report_late),"
        " count(*) filter (where is_new_customer) from sales_visit"
    )[0]
    assert late >= 3
    assert new >= 4


def test_leads_show_every_man_level(query):
    """V19: qualified, potential, nurture, invalid and not yet known."""
    levels = {level for (level,) in query("select distinct man_level from crm_lead")}
    assert levels == {"qualified", "potential", "nurture", "invalid", None}


def test_no_mail_leaves(query):
    assert query("select count(*) from mail_mail") == [(0,)]
    assert query("select count(*) from ir_mail_server") == [(0,)]
    crons = query(
        """
        select c.active from ir_cron c join ir_model_data d
          on d.model = 'ir.cron' and d.res_id = c.id
         where d.name = 'ir_cron_mail_scheduler_action'
        """
    )
    assert crons == [(False,)]


def test_companies_are_chinese(query):
    rows = query(
        "select c.chart_template, u.name, p.country_id = (select id from res_country"
        " where code = 'CN') from res_company c join res_currency u"
        " on u.id = c.currency_id join res_partner p on p.id = c.partner_id"
    )
    assert rows == [("cn", "CNY", True)] * 2
    langs = {code for (code,) in query("select code from res_lang where active")}
    assert {"en_US", "zh_CN"} <= langs


def count(query):
    return {table: query(f"select count(*) from {table}") for table in COUNTED}


def test_loading_again_changes_nothing(query, databases):
    before = count(query)
    written = query("select max(write_date) from sale_order")
    load = [databases.host.python, LOADER, "-c", databases.host.config]
    done = subprocess.run(
        [*load, "-d", DATABASE],
        env=databases.env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert count(query) == before
    assert query("select max(write_date) from sale_order") == written


def test_people_start_at_their_work(query, today):
    """Nobody lands in a chat with a robot or among a year of old news."""
    assert not query(
        "select login from res_users where active and not share and login not in ('__system__', 'admin')"
        " and (action_id is null or odoobot_state is distinct from 'disabled')"
    )
    assert not query(
        "select n.id from mail_notification n join mail_message m"
        " on m.id = n.mail_message_id where not n.is_read and m.date < %s",
        today - timedelta(days=3),
    )


def test_the_log_names_who_did_it(query):
    """A visit's steps are in its log under its salesperson or a manager."""
    assert not query(
        "select v.name, u.login from mail_message m"
        " join sales_visit v on v.id = m.res_id and m.model = 'sales.visit'"
        " join res_users u on u.partner_id = m.author_id"
        " where u.id <> v.user_id and u.login like 'sales%%'"
    )
