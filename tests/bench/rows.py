"""Records in bulk, by SQL."""

from odoo.tools import SQL


def multiply(env, record, source, **columns):
    """Insert a copy of a record for each row of a query, and flush what it has.

    Whatever columns addons add to the table are filled as the host fills them.

    :param record: the pattern; stays
    :param source: ``SQL`` of the query, whose columns ``columns`` may use as ``given.…``
    :param columns: ``SQL`` expression for each column that differs from the pattern
    """
    env.flush_all()
    table = SQL.identifier(record._table)
    columns.setdefault("id", SQL("nextval(%s)", f"{record._table}_id_seq"))
    values = SQL(", ").join(
        SQL("%s, %s", name, value) for name, value in columns.items()
    )
    env.cr.execute(
        SQL(
            """
            INSERT INTO %(table)s
            SELECT filled.*
              FROM (%(source)s) given
              JOIN %(table)s pattern ON pattern.id = %(id)s
        CROSS JOIN LATERAL jsonb_populate_record(
                       pattern, jsonb_build_object(%(values)s)) filled
            """,
            table=table,
            source=source,
            id=record.id,
            values=values,
        )
    )
    env.invalidate_all()
