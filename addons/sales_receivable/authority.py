"""Plain parts of the authority engine: no database, no records.

A *fact* is a JSON-able dict about a document, as ``_get_authority_facts`` returns it:

``rule``      rule ID that controls it, e.g. ``"A02"``
``measure``   key of the measure, e.g. ``"floor_gap_percent"``
``value``     the figure that limits are compared with; the higher, the worse. ``UNKNOWN``:
              it can't be calculated, so nobody can approve it
``sentence``  (without ``figures``, and once frozen) the figures in words, in the language
              of who asked
``figures``   (optional) what the sentence is made of, so that the document's
              ``_describe_authority_fact`` can say it in every reader's language
``key``       (optional) what the figure is about, e.g. one product; figures with the
              same measure and key are compared as one group
``extent``    (optional) size of the thing, summed over the group: the same percentage
              on more pieces is worse
``parts``     (optional) ``{name: size}`` of what the thing is made of: no part may be
              larger than, or absent from, what was decided about
``basis``     (optional) the document's own side of the figure. As long as it stays the
              same, a moving exchange rate or a new price floor makes nothing worse
``at``        (optional) the only action that it stands against, e.g. ``"confirm"``; the
              same for all facts of a measure
``party``     (optional) whom the document is for: an approval is for them only
``confidential``  (optional) not everybody who reads the document's figures may know these:
              ``True`` what customers owe, ``"cost"`` what goods cost; described without
              ``figures`` it is a sentence for all
``line_id``   (optional) database id of the line
"""

import math
from collections import defaultdict

UNKNOWN = math.inf

#: Passed in the context by trusted code only: JSON can't carry an object's identity, so
#: no remote caller can send it.
ENGINE = object()
ENGINE_KEY = "authority_engine"

EPSILON = 1e-6


def filter_unfit(people, ranks, reviewer, rank):
    """Return who of the people involved in a document can't decide about it: anybody for
    a function, and who doesn't hold the level needed (A17).

    :param people: ``res.users``
    :param dict ranks: as from ``authority.assignment._get_ranks``
    :param reviewer: the function that is asked, empty for a level
    :param rank: of the level that is needed
    """
    if reviewer:
        return people
    return people.filtered(lambda user: ranks.get(user.id, -math.inf) < rank)


def exceeds(value, limit):
    """Tell whether a figure is above a limit, beyond the noise of float arithmetic.

    What isn't a number is above every limit.
    """
    return not value - limit <= EPSILON * max(1.0, abs(limit))


def _group(facts):
    groups = defaultdict(list)
    for fact in facts:
        groups[fact["measure"], fact.get("key") or ""].append(fact)
    return groups


def _basis(facts):
    return sorted(repr(fact.get("basis")) for fact in facts)


def _parts(facts):
    parts = defaultdict(float)
    for fact in facts:
        for name, size in (fact.get("parts") or {}).items():
            parts[name] += size
    return parts


def _parties(facts):
    return {repr(fact["party"]) for fact in facts if "party" in fact}


def is_covered(facts, granted):
    """Tell whether no fact is worse than what was granted (A16).

    :param list facts: facts of today
    :param list granted: facts as they were frozen when somebody decided
    """
    granted_groups = _group(granted)
    for key, group in _group(facts).items():
        frozen = granted_groups.get(key)
        if not frozen:
            return False
        if len(_parties(group) | _parties(frozen)) > 1:
            return False
        has_basis = all(fact.get("basis") for fact in group)
        if has_basis and _basis(group) == _basis(frozen):
            continue
        value = max(fact["value"] for fact in group)
        extent = sum(fact.get("extent") or 0.0 for fact in group)
        if exceeds(value, max(fact["value"] for fact in frozen)) or exceeds(
            extent, sum(fact.get("extent") or 0.0 for fact in frozen)
        ):
            return False
        known = _parts(frozen)
        if any(
            exceeds(size, known.get(name, 0.0)) for name, size in _parts(group).items()
        ):
            return False
    return True


def find_level(matrix, measure, team_id, value, top):
    """Find the lowest level whose limit covers a figure (A01).

    :param dict matrix: limits as from ``authority.rule._get_matrix``
    :param team_id: sales team whose special limits apply, or False
    :param top: ``(rank, level id)`` of the highest level there is
    :return: ``(rank, level id, limit or None, rule id or False)``; a figure beyond all
        limits belongs to the highest level, an unknown one to no level; ``None`` when
        nothing controls the measure
    """
    if value == UNKNOWN:
        return math.inf, False, None, False
    cells = {row[1]: row for row in matrix.get((measure, False), ())}
    cells.update({row[1]: row for row in matrix.get((measure, team_id), ())})
    if not cells:
        return None
    for row in sorted(cells.values()):
        if not exceeds(value, row[2]):
            return row
    return *top, None, False


def find_excess(matrix, team_id, own_rank, facts, top):
    """Return what of these facts is beyond a person's own level.

    :param int own_rank: rank of the person; for the others see :func:`find_level`
    :return: one dict per rule ID and measure: ``rule``, ``measure``, ``rank`` and
        ``level_id`` of the highest level needed, ``rule_id`` (the limit that says so,
        or False), ``reviewer_id`` (False: a level is asked) and ``facts``
    """
    excess = {}
    for fact in facts:
        if fact["value"] <= 0:
            continue
        found = find_level(matrix, fact["measure"], team_id, fact["value"], top)
        if not found or found[0] <= own_rank:
            continue
        need = excess.setdefault(
            (fact["rule"], fact["measure"]),
            {
                "rule": fact["rule"],
                "measure": fact["measure"],
                "rank": found[0],
                "reviewer_id": False,
                "facts": [],
            },
        )
        need["facts"].append(fact)
        if found[0] >= need["rank"]:
            need |= {"rank": found[0], "level_id": found[1], "rule_id": found[3]}
    return list(excess.values())
