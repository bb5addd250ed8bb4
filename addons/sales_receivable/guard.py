"""Let our own code, and nothing else, write what only the server decides.

The key of the context is public, its value is not: a client can send any JSON under that
key, but never this very object.
"""

_CONTEXT_KEY = "sales_server"
_SERVER = object()


def as_server(records):
    """Return ``records`` allowed to write the fields that only the server writes."""
    return records.with_context(**{_CONTEXT_KEY: _SERVER})


def is_server(records):
    """Tell whether ``records`` come from :func:`as_server`."""
    return records.env.context.get(_CONTEXT_KEY) is _SERVER
