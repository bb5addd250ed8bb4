"""Records in bulk, by SQL."""

from contextlib import closing, contextmanager

import psycopg2
from odoo.sql_db import connection_info_for
from odoo.tools import SQL


@contextmanager
def unindexed(env, *models):
    """Let rows go into tables without their indexes and without looking after their
    references, which costs most of the time; the indexes are built anew at the end.

    The database's user must be allowed to do so.
    """
    env.flush_all()
    tables = [env[model]._table for model in models]
    env.cr.execute(
        """
        SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid)
          FROM pg_index
         WHERE indrelid::regclass::text = ANY(%s)
           AND indexrelid NOT IN (SELECT conindid FROM pg_constraint)
         ORDER BY 1
        """,
        [tables],
    )
    indexes = env.cr.fetchall()
    for name, _definition in indexes:
        env.cr.execute(SQL("DROP INDEX %s", SQL.identifier(name.strip('"'))))
    env.cr.execute("SET LOCAL session_replication_role = replica")
    yield
    env.flush_all()
    env.cr.execute("SET LOCAL session_replication_role = origin")
    for _name, definition in indexes:
        env.cr.execute(definition)


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


def vacuum(database):
    """Do what the database server does by itself in the long run."""
    _name, info = connection_info_for(database)
    with closing(psycopg2.connect(**info)) as connection:
        connection.autocommit = True
        with connection.cursor() as cr:
            cr.execute("VACUUM ANALYZE")


def pick(ids, number):
    """Return one of the ids by a number."""
    return SQL("(%s)[%s %% %s + 1]", list(ids), number, len(ids))


def next_id(env, model):
    env.cr.execute(SQL("SELECT nextval(%s)", f"{env[model]._table}_id_seq"))
    return env.cr.fetchone()[0]


def set_sequence(env, model):
    """Let the next id be one after the last that is there."""
    table = env[model]._table
    env.cr.execute(
        SQL(
            "SELECT setval(%s, (SELECT MAX(id) FROM %s))",
            f"{table}_id_seq",
            SQL.identifier(table),
        )
    )
