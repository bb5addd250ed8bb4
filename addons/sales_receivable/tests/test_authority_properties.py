"""Properties of the engine under random matrices, documents and edits (hypothesis).

Runs are deterministic; a failure prints the example and its seed.
"""

import math
from contextlib import suppress
from itertools import chain

from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import BaseCase, tagged

from ..authority import UNKNOWN, find_excess, find_level
from .common import AuthorityCase

TEAM = 7
TOLERANCE = 1e-4
LEVELS = [(10, 1), (20, 2), (30, 3), (40, 4), (50, 5)]
FIGURES = st.floats(0, 100, allow_nan=False).map(lambda value: round(value, 2))
CELLS = st.dictionaries(st.sampled_from(LEVELS), FIGURES, max_size=5)
MATRICES = st.dictionaries(
    st.tuples(st.sampled_from(["a", "b"]), st.sampled_from([False, TEAM])),
    CELLS.map(
        lambda cells: tuple(
            sorted(
                (rank, level, limit, level) for (rank, level), limit in cells.items()
            )
        )
    ),
)
FACTS = st.lists(
    st.builds(
        lambda measure, value: {"rule": "A", "measure": measure, "value": value},
        st.sampled_from(["a", "b", "c"]),
        st.one_of(FIGURES, st.just(UNKNOWN)),
    ),
    max_size=6,
)


@tagged("post_install", "-at_install")
class TestAuthorityArithmetic(BaseCase):
    """Without a database: the level needed is the lowest that covers all facts."""

    def limits(self, matrix, measure, team):
        """Return what each level may decide: its own limit or a lower level's."""
        company, special = (
            {row[0]: row[2] for row in matrix.get((measure, key), ())}
            for key in (False, team)
        )
        own = company | special
        if not own:
            return None
        return {
            rank: max((own[low] for low in own if low <= rank), default=-1.0)
            for rank, __ in LEVELS
        }

    @settings(max_examples=400, derandomize=True, deadline=None, database=None)
    @given(
        MATRICES, FACTS, st.sampled_from([rank for rank, __ in LEVELS]), st.booleans()
    )
    def test_lowest_level_that_covers_all(self, matrix, facts, own_rank, is_member):
        """A01: for random levels, measures, limits, special rows and missing cells."""
        team = TEAM if is_member else False
        needs = find_excess(matrix, team, own_rank, facts, LEVELS[-1])
        found = {need["measure"]: need for need in needs}
        self.assertEqual(len(found), len(needs))
        for measure in ("a", "b", "c"):
            values = [f["value"] for f in facts if f["measure"] == measure]
            worst = max(values, default=0.0)
            limits = self.limits(matrix, measure, team)
            need = found.get(measure)
            if UNKNOWN in values:
                self.assertEqual(need["rank"], math.inf, "nobody approves the unknown")
                self.assertFalse(need["level_id"])
                continue
            if limits is None or worst <= 0:
                self.assertIsNone(need, "not controlled")
                continue
            suffices = [rank for rank in limits if limits[rank] >= worst]
            lowest = min(suffices, default=LEVELS[-1][0])
            if lowest <= own_rank:
                self.assertIsNone(need, "within one's own authority")
                continue
            self.assertEqual(need["rank"], lowest)
            self.assertEqual(need["level_id"], dict(LEVELS)[lowest])
            self.assertEqual(max(f["value"] for f in need["facts"]), worst)

    @settings(max_examples=120, derandomize=True, deadline=None, database=None)
    @given(MATRICES, FIGURES, FIGURES)
    def test_worse_never_needs_less(self, matrix, one, other):
        """A01: a higher figure never needs a lower level."""
        better, worse = (
            find_level(matrix, "a", TEAM, value, LEVELS[-1])
            for value in sorted((one, other))
        )
        if better:
            self.assertLessEqual(better[0], worse[0])


PEOPLE = ("salesperson", "project_manager", "vice_president", "general_manager")
DECIDERS = (*PEOPLE, "colleague")
PERCENT = st.sampled_from([0.0, 3.0, 8.0, 15.0, 30.0, 101.0])
LINE = st.integers(0, 1)
EDITS = st.one_of(
    st.tuples(st.just("price"), LINE, st.sampled_from([4.0, 8.0, 8.8, 9.0, 10.0])),
    st.tuples(st.just("discount"), LINE, PERCENT),
    st.tuples(st.just("quantity"), LINE, st.sampled_from([0.0, 1.0, 10.0, 200.0])),
    st.tuples(st.just("add"), st.sampled_from(["bracket", "screw", "bonus"])),
    st.tuples(st.just("remove"), LINE),
    st.tuples(st.just("customer"), st.booleans()),
    st.tuples(st.just("owner"), st.sampled_from(PEOPLE)),
    st.tuples(st.just("team"), st.booleans()),
    st.tuples(st.just("back")),
)
DECISIONS = st.one_of(
    st.tuples(st.just("approve"), st.sampled_from(DECIDERS)),
    st.tuples(st.just("approve_as_asked")),
    st.tuples(st.just("refuse"), st.sampled_from(DECIDERS)),
    st.tuples(st.just("withdraw")),
)
PASSES = st.tuples(
    st.just("pass"), st.sampled_from(["confirm", "sent", "write sale", "write sent"])
)
ROUNDS = st.builds(
    lambda before, asked, decided, after, passing: [
        *before,
        *asked,
        *decided,
        *after,
        passing,
    ],
    st.lists(EDITS, min_size=1, max_size=2),
    st.lists(st.tuples(st.just("ask"), st.sampled_from(PEOPLE)), max_size=1),
    st.lists(DECISIONS, max_size=2),
    st.lists(EDITS, max_size=1),
    PASSES,
)
LIMITS = st.dictionaries(
    st.tuples(
        st.sampled_from(["floor_gap_percent", "order_amount"]),
        st.sampled_from(["salesperson", "project_manager", "vice_president"]),
    ),
    st.sampled_from([0.0, 5.0, 12.0, 100.0, 1500.0]),
    min_size=1,
)


class Undo(Exception):
    """Ends an example; the next one begins with the same database."""


class TestAuthoritySequences(AuthorityCase):
    """With a database: no sequence of edits gets past the gates unapproved."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_mode("A02", "block")
        cls.set_mode("A03", "block")
        cls.limit.active = False
        cls.screw = cls.new_product("Screw", 1.0)
        cls.bonus = cls.new_product("Bonus", 0.0, type="service")
        cls.other = cls.env["res.partner"].create({"name": "Somebody"})
        cls.team = cls.env["crm.team"].create(
            {"name": "Team", "company_id": cls.company.id}
        )
        (
            cls.salesperson | cls.project_manager | cls.vice_president
        ).group_ids += cls.env.ref("sales_team.group_sale_salesman_all_leads")
        cls.ranks = {
            user: level.sequence
            for user, level in (
                (cls.salesperson, cls.levels["salesperson"]),
                (cls.colleague, cls.levels["salesperson"]),
                (cls.project_manager, cls.levels["project_manager"]),
                (cls.vice_president, cls.levels["vice_president"]),
                (cls.general_manager, cls.levels["general_manager"]),
            )
        }

    @settings(
        max_examples=12,
        phases=[Phase.generate],  # a failing example takes minutes to shrink
        derandomize=True,
        deadline=None,
        database=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(
        LIMITS,
        st.sampled_from(["salesperson", "vice_president"]),
        st.booleans(),
        st.lists(ROUNDS, min_size=2, max_size=3),
    )
    def test_no_sequence_passes_unapproved(self, limits, author, walks, rounds):
        """A16: whatever is edited, asked, decided and tried, in whatever order."""
        with suppress(Undo), self.cr.savepoint():
            for (measure, level), limit in limits.items():
                self.new_limit(measure, level, limit)
            if walks:
                self.env["business.rule.mode"].search([]).walk = "each"
            author = getattr(self, author)
            order = self.new_order(price=8.8, user=author)
            self.step_add(order, "screw")
            self.accepted = {}
            for step in chain.from_iterable(rounds):
                self.take(order, limits, author, step)
            raise Undo
        self.env.invalidate_all()
        self.env.registry.clear_cache()

    def take(self, order, limits, author, step):
        before = order.state
        with suppress(UserError, AccessError), self.cr.savepoint():
            getattr(self, f"step_{step[0]}")(order, *step[1:])
            self.env.flush_all()
        self.env.invalidate_all()
        note(f"{step}: {before} → {order.state}")
        if order.state == "sale" or (order.state, before) == ("sent", "draft"):
            figures = self.measure(order.sudo())
            for measure in {measure for measure, __ in limits}:
                was = before == "sale" and self.accepted.get(measure)
                if not was or self.is_worse(figures[measure], was):
                    self.assert_covered(
                        order, measure, figures[measure], limits, author
                    )
            self.accepted = figures

    # --- what the engine is judged by -------------------------------------------------

    def measure(self, order):
        """Return ``{measure: (worst figure, extent)}``, calculated anew."""
        nets = [
            (
                line,
                line.price_unit * (1 - line.discount / 100) * line.product_uom_qty,
            )
            for line in order.order_line
        ]
        positive = sum(max(net, 0.0) for __, net in nets)
        negative = sum(min(net, 0.0) for __, net in nets)
        share = max(0.0, 1 + negative / positive) if positive else 1.0
        gaps = [0.0]
        missing = 0.0
        for line, net in nets:
            quantity = line.product_uom_qty
            if line.product_id == self.bracket and quantity > 0:
                price = net * (share if net >= 0 else 1) / quantity
                gaps.append((9.0 - price) / 9.0 * 100)
                missing += max(9.0 - price, 0.0) * quantity
        amount = sum(
            max(net, 0.0) * share for line, net in nets if line.product_uom_qty > 0
        )
        return {
            "floor_gap_percent": (max(gaps), missing),
            "order_amount": (amount, 0.0),
        }

    def is_worse(self, figure, than):
        return any(
            mine > other + TOLERANCE for mine, other in zip(figure, than, strict=True)
        )

    def assert_covered(self, order, measure, figure, limits, author):
        """Expect that the author may decide, or that somebody who may has approved."""
        own = min(self.ranks[author], self.ranks[order.sudo().user_id])
        suffices = [
            self.levels[level].sequence
            for (name, level), limit in limits.items()
            if name == measure and figure[0] <= limit + TOLERANCE
        ]
        needed = min(suffices, default=self.levels["general_manager"].sequence)
        if figure[0] <= TOLERANCE or needed <= own:
            return
        for request in order.sudo().authority_request_ids:
            facts = [f for f in request.facts if f["measure"] == measure]
            if (
                request.state == "approved"
                and not request.following
                and request.decided_by_id
                not in request.requester_id + request.asked_by_id
                and self.ranks[request.decided_by_id] >= needed
                and facts
                and facts[0]["party"] == order.sudo().partner_id.ids
                and not self.is_worse(
                    figure,
                    (
                        max(fact["value"] for fact in facts),
                        sum(fact.get("extent") or 0.0 for fact in facts),
                    ),
                )
            ):
                return
        self.fail(f"{order.state} with {measure} {figure}, which {needed} must approve")

    # --- what people do ---------------------------------------------------------------

    def change(self, order, number, values):
        order.order_line[number : number + 1].write(values)

    def step_price(self, order, number, price):
        self.change(order, number, {"price_unit": price})

    def step_discount(self, order, number, percent):
        self.change(order, number, {"discount": percent})

    def step_quantity(self, order, number, quantity):
        self.change(order, number, {"product_uom_qty": quantity})

    def step_add(self, order, name):
        price = {"bracket": 10.0, "screw": 1.0, "bonus": -30.0}[name]
        values = {"product_id": getattr(self, name).id, "price_unit": price}
        order.write({"order_line": [Command.create(values)]})

    def step_remove(self, order, number):
        order.order_line[number : number + 1].unlink()

    def step_customer(self, order, is_other):
        order.partner_id = self.other if is_other else self.customer

    def step_owner(self, order, name):
        order.user_id = getattr(self, name)

    def step_team(self, order, is_set):
        order.team_id = is_set and self.team

    def step_ask(self, order, name):
        order.with_user(getattr(self, name)).action_authority_request()

    def waiting(self, order, name):
        requests = order.sudo().authority_request_ids
        return requests.filtered(lambda r: r.state == "waiting")[:1].with_user(
            getattr(self, name)
        )

    def step_approve(self, order, name):
        self.waiting(order, name).action_approve()

    def step_approve_as_asked(self, order):
        while request := self.waiting(order, "salesperson").sudo():
            request.with_user(request.approver_id).action_approve()

    def step_refuse(self, order, name):
        self.waiting(order, name).action_refuse("No")

    def step_withdraw(self, order):
        order.action_authority_withdraw()

    def step_pass(self, order, way):
        if way == "confirm":
            order.action_confirm()
        elif way == "sent":
            order.action_quotation_sent()
        else:
            order.write({"state": way.removeprefix("write ")})

    def step_back(self, order):
        order._action_cancel()
        order.action_draft()
