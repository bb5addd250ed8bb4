"""How the database server goes about queries over everything there is."""

from contextlib import contextmanager

SETTINGS = {"enable_nestloop": "off", "work_mem": "64MB"}


@contextmanager
def whole_tables(cr):
    """Let queries read whole tables at once, rather than look up row by row.

    Stock is told from all movements in steps whose sizes the server can't know; where it
    takes them for a handful of rows it compares each with each, which takes hours where
    merging takes seconds. An error takes the settings back with the transaction.
    """
    before = {}
    for name, value in SETTINGS.items():
        cr.execute(
            "SELECT current_setting(%s), set_config(%s, %s, TRUE)", (name, name, value)
        )
        before[name] = cr.fetchone()[0]
    yield
    for name, value in before.items():
        cr.execute("SELECT set_config(%s, %s, TRUE)", (name, value))
