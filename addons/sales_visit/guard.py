"""Let the steps of this addon, and nothing else, write fields that are frozen.

The key of the context is public, its value is not: a client can send any JSON under that
key, but never this very object.
"""

_CONTEXT_KEY = "sales_visit_pass"
_PAYING_KEY = "sales_visit_paying"
_PASS = object()


def as_server(records):
    """Return ``records`` allowed to write their frozen fields."""
    return records.with_context(**{_CONTEXT_KEY: _PASS})


def is_server(records):
    """Tell whether ``records`` come from :func:`as_server`."""
    return records.env.context.get(_CONTEXT_KEY) is _PASS


def has_changes(record, vals):
    """Tell whether ``vals`` give any field of ``record`` another value than it has."""
    for name, value in vals.items():
        field = record._fields[name]
        if field.type in ("one2many", "many2many"):
            return True
        if field.convert_to_write(record[name], record) != value:
            return True
    return False


def as_paying(records):
    """Return ``records`` that book money, where nothing may raise."""
    return records.with_context(**{_PAYING_KEY: _PASS})


def is_paying(records):
    """Tell whether ``records`` come from :func:`as_paying`."""
    return records.env.context.get(_PAYING_KEY) is _PASS
