def migrate(cr, version):
    """Spare the visits there are the score of a store: none of them was an audit."""
    cr.execute(
        "ALTER TABLE sales_visit"
        " ADD COLUMN IF NOT EXISTS is_audited boolean,"
        " ADD COLUMN IF NOT EXISTS store_score numeric,"
        " ADD COLUMN IF NOT EXISTS store_marks jsonb"
    )
