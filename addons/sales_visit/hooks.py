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


def uninstall_hook(env):
    """Clear the way for the host, which removes records in an order of its own.

    Visits and customer files go first, because they hold on to their configuration. The
    lost reason stays, as a plain record of the host, where a lead has been closed with it.
    """
    for table in (
        "sales_plan",
        "sales_rota_return",
        "sales_reception_entry",
        "sales_contact_record",
        "sales_visit_complaint",
        "sales_visit",
        "sales_project_revision",
        "sales_project_outline",
        "sales_customer_grade_history",
        "sales_lease_follow_up",
        "sales_customer_file",
    ):
        env.cr.execute(SQL("DELETE FROM %s", SQL.identifier(table)))
    env.cr.execute(
        "UPDATE crm_lead SET customer_grade_id = NULL WHERE customer_grade_id IS NOT NULL"
    )
    env.cr.execute(
        "UPDATE sales_visit_type SET companion_role_id = NULL"
        " WHERE companion_role_id IS NOT NULL"
    )
    env.invalidate_all()
    reason = env.ref("sales_visit.crm_lost_reason_invalid", raise_if_not_found=False)
    leads = env["crm.lead"].with_context(active_test=False)
    if reason and leads.search_count([("lost_reason_id", "=", reason.id)], limit=1):
        env["ir.model.data"].search(
            [("module", "=", "sales_visit"), ("name", "=", "crm_lost_reason_invalid")]
        ).unlink()
