"""Field sales: ten years of 50 salespeople, and one customer whom everybody knows.

The first tenth of the records is the last year; the others are the nine years before, so
that today's work is the same in both and only history grows.
"""

from datetime import timedelta

from odoo import Command, fields
from odoo.tools import SQL
from odoo.tools.safe_eval import safe_eval
from rows import multiply

SIZE = 1_000_000  # visits
VISITS_PER_CUSTOMER = 10
SALESPEOPLE = 50
WELL_KNOWN_VISITS = 2_000  # of the one customer, when all is there
WELL_KNOWN_INVOICES = 5_000
DAYS = 3650  # that all visits are spread over
VISIT_TYPE = "sales_visit.sales_visit_type_regular"
TEAM = "Everybody"
TO_COME = 14  # days of planned visits
COUNT_LIMIT = 10_001  # the web client counts no further and shows “10000+”


def fill(env, first, last):
    """Insert the visits number ``first`` to before ``last``, and what they need."""
    users = get_salespeople(env)
    fill_customers(
        env, users, first // VISITS_PER_CUSTOMER, last // VISITS_PER_CUSTOMER
    )
    fill_visits(env, users, first, last)
    fill_invoices(env, first, last)
    if not first:
        fill_plan(env, users)


def get_salespeople(env):
    """Return the salespeople, with a team, a quota and a manager; made if not there."""
    users = env["res.users"].search([("login", "like", "bench-%")], order="id")
    if users:
        return users
    if not env.company.chart_template:
        env["account.chart.template"].try_loading("cn", env.company)
    groups = env.ref("sales_visit.group_user") | env.ref("base.group_user")
    users = (
        env["res.users"]
        .with_context(no_reset_password=True)
        .create(
            [
                {
                    "name": f"Salesperson {number}",
                    "login": f"bench-{number}",
                    "tz": "Asia/Shanghai",
                    "group_ids": [Command.set(groups.ids)],
                }
                for number in range(SALESPEOPLE)
            ]
        )
    )
    team = env["crm.team"].create({"name": TEAM, "user_id": users[0].id})
    env["crm.team.member"].create(
        [{"crm_team_id": team.id, "user_id": user.id} for user in users]
    )
    if not env["sales.quota"].search_count([], limit=1):
        env["sales.quota"].create({"company_id": env.company.id, "customers": 120})
    return users


def fill_customers(env, users, first, last):
    """Insert customers with their files, in turn everybody's."""
    pattern = env["res.partner"].create({"name": "Pattern", "is_company": True})
    grades = env["sales.customer.grade"].search([]).ids
    multiply(
        env,
        pattern,
        SQL("SELECT k FROM generate_series(%s, %s - 1) k", first, last),
        name=SQL("'Customer ' || k"),
        complete_name=SQL("'Customer ' || k"),
        ref=SQL("'bench-' || k"),
        commercial_partner_id=SQL("currval('res_partner_id_seq')"),
        user_id=SQL("(%s)[k %% %s + 1]", users.ids, len(users)),
    )
    multiply(
        env,
        env["sales.customer.file"].create({"partner_id": pattern.id}),
        SQL(
            "SELECT id, user_id, right(ref, -6)::int AS k FROM res_partner"
            " WHERE ref LIKE 'bench-%%' AND right(ref, -6)::int >= %s",
            first,
        ),
        partner_id=SQL("given.id"),
        user_id=SQL("given.user_id"),
        grade_id=SQL("(%s)[k %% %s + 1]", grades, len(grades)),
    )


def fill_visits(env, users, first, last):
    """Insert reviewed visits, back in time; of the last days a third are to report."""
    today = fields.Date.today()
    customer = env["res.partner"].search([("ref", "=", "bench-0")])
    is_owed = SQL("given.day >= %s - 2 AND k %% 3 = 0", today)
    half_hour = SQL("interval '30 min'")
    multiply(
        env,
        env["sales.visit"].create(
            {
                "user_id": users[0].id,
                "partner_id": customer.id,
                "visit_type_id": env.ref(VISIT_TYPE).id,
                "outcome_id": env["sales.visit.outcome"].search([], limit=1).id,
                "summary": "Spoke of the next order",
            }
        ),
        SQL(
            """
            SELECT k, day, day + make_interval(hours => 1 + (k %% 8)::int) AS at,
                   customer.id AS customer_id, customer.user_id
              FROM (SELECT k, %(today)s - 1 - (k * %(days)s / %(size)s)::int AS day,
                           CASE WHEN k %% %(thin)s = 0 THEN 0
                                ELSE k %% %(customers)s END AS number
                      FROM generate_series(%(first)s::bigint, %(last)s::bigint - 1) k
                   ) dated
              JOIN res_partner customer ON customer.ref = 'bench-' || number
            """,
            today=today,
            days=DAYS,
            size=SIZE,
            thin=SIZE // WELL_KNOWN_VISITS,
            customers=last // VISITS_PER_CUSTOMER,
            first=first,
            last=last,
        ),
        name=SQL("'B' || k"),
        user_id=SQL("given.user_id"),
        team_id=SQL("%s", env["crm.team"].search([("name", "=", TEAM)]).id),
        partner_id=SQL("given.customer_id"),
        commercial_partner_id=SQL("given.customer_id"),
        state=SQL("CASE WHEN %s THEN 'to_report' ELSE 'reviewed' END", is_owed),
        planned_start=SQL("given.at"),
        planned_stop=SQL("given.at + %s", half_hour),
        actual_start=SQL("given.at"),
        actual_stop=SQL("given.at + %s", half_hour),
        visit_day=SQL("given.day"),
        report_due=SQL("given.at + interval '1 day'"),
        report_remind_at=SQL("given.at + interval '22 hours'"),
        report_escalate_at=SQL("given.at + interval '26 hours'"),
        report_reminded_at=SQL("given.at"),
        report_escalated_at=SQL("given.at"),
        report_submitted_at=SQL(
            "CASE WHEN %s THEN NULL ELSE given.at + interval '1 hour' END", is_owed
        ),
        is_new_customer=SQL("k %% 4 = 0"),
        is_report_late=SQL("k %% 20 = 0"),
    )
    env.cr.execute(
        """
        UPDATE sales_customer_file file
           SET last_visit = visit.at,
               next_due = visit.at::date + 10 + file.id % 40,
               due_date = visit.at::date + 10 + file.id % 40,
               due_computed_at = now()
          FROM (SELECT commercial_partner_id, max(actual_start) AS at
                  FROM sales_visit GROUP BY commercial_partner_id) visit
         WHERE visit.commercial_partner_id = file.partner_id
        """
    )


def fill_plan(env, users):
    """Plan eight visits a day for everybody, today and in the days to come."""
    visits = env["sales.visit"]
    customers = env["res.partner"].search([("ref", "like", "bench-%")], limit=5_000)
    visit_type = env.ref(VISIT_TYPE)
    start = fields.Datetime.now().replace(hour=1, minute=0, second=0, microsecond=0)
    by_user = customers.grouped("user_id")
    visits.create(
        [
            {
                "user_id": user.id,
                "partner_id": customer.id,
                "visit_type_id": visit_type.id,
                "planned_start": start + timedelta(days=day, hours=hour),
                "planned_stop": start + timedelta(days=day, hours=hour, minutes=30),
            }
            for user in users
            for day in range(TO_COME)
            for hour, customer in enumerate(by_user[user][day * 6 : day * 6 + 6])
        ]
    )


def fill_invoices(env, first, last):
    """Insert posted invoices of the one customer, each tenth still open."""
    customer = env["res.partner"].search([("ref", "=", "bench-0")])
    is_open = SQL("k %% 10 = 0")
    due = SQL("CASE WHEN %s THEN 113 ELSE 0 END", is_open)
    multiply(
        env,
        env["account.move"].create(
            {"move_type": "out_invoice", "partner_id": customer.id}
        ),
        SQL(
            "SELECT k, %s - (k %% %s)::int AS day FROM generate_series(%s, %s - 1) k",
            fields.Date.today(),
            DAYS,
            first * WELL_KNOWN_INVOICES // SIZE,
            last * WELL_KNOWN_INVOICES // SIZE,
        ),
        name=SQL("'BENCH/' || k"),
        state=SQL("'posted'"),
        date=SQL("given.day"),
        invoice_date=SQL("given.day"),
        invoice_date_due=SQL("given.day + 30"),
        payment_state=SQL("CASE WHEN %s THEN 'not_paid' ELSE 'paid' END", is_open),
        amount_total=SQL("113"),
        amount_total_signed=SQL("113"),
        amount_residual=due,
        amount_residual_signed=due,
    )


def screens(env):
    """What the server does for the screens of a salesperson and of the manager."""
    user = get_salespeople(env)[0]
    mine = env(user=user, su=False)
    well_known = env["res.partner"].search([("ref", "=", "bench-0")])
    open_action = mine["ir.actions.act_window"]._for_xml_id

    def show_list(xmlid, names, limit=80, **context):
        action = open_action(xmlid)
        domain = eval_domain(mine, action.get("domain"))
        mine[action["res_model"]].with_context(**context).web_search_read(
            domain, {name: {} for name in names}, limit=limit, count_limit=COUNT_LIMIT
        )

    return {
        "my day": mine["sales.visit"].get_my_day,
        "visits, list": lambda: show_list(
            "sales_visit.sales_visit_action_mine",
            ["name", "partner_id", "planned_start", "state", "report_due"],
        ),
        "customers due": lambda: show_list(
            "sales_visit.sales_customer_file_action_due",
            ["partner_id", "grade_id", "last_visit", "due_date", "cadence_id"],
        ),
        "pace": lambda: show_list(
            "sales_visit.sales_pace_action_team",
            ["user_id", "month", "needed", "done", "new", "planned", "per_day"],
        ),
        "brief": lambda: well_known.with_env(mine)._get_visit_brief(mine.company),
    }


def eval_domain(env, text):
    """Return the domain of an action as the browser would."""
    return safe_eval(text or "[]", {"uid": env.uid, "context_today": fields.Date.today})
