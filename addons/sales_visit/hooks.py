from odoo.tools import SQL

MAN_FIELDS = ("man_money", "man_authority", "man_need")


def pre_init_hook(env):
    """Add the MAN columns of ``crm_lead`` without touching its rows.

    A constant column default is kept in the catalogue of PostgreSQL: every existing lead
    reads as "unknown" at once, however large the table. ``man_level`` of such a lead is
    empty, so an empty column is the right result and spares the stored compute.
    """
    for name in MAN_FIELDS:
        env.cr.execute(
            SQL(
                "ALTER TABLE crm_lead ADD COLUMN IF NOT EXISTS %s varchar DEFAULT 'unknown'",
                SQL.identifier(name),
            )
        )
        env.cr.execute(
            SQL(
                "ALTER TABLE crm_lead ALTER COLUMN %s DROP DEFAULT",
                SQL.identifier(name),
            )
        )
    env.cr.execute("ALTER TABLE crm_lead ADD COLUMN IF NOT EXISTS man_level varchar")
