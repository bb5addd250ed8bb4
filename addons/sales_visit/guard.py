"""Let the steps of this addon, and nothing else, write fields that are frozen.

The key of the context is public, its value is not: a client can send any JSON under that
key, but never this very object.
"""

_CONTEXT_KEY = "sales_visit_pass"
_PASS = object()


def unlocked(records):
    """Return ``records`` allowed to write their frozen fields."""
    return records.with_context(**{_CONTEXT_KEY: _PASS})


def is_unlocked(records):
    """Tell whether ``records`` come from :func:`unlocked`."""
    return records.env.context.get(_CONTEXT_KEY) is _PASS
