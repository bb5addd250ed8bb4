def migrate(cr, version):
    """Ask for no call-backs by quotas that were made before there were any (V02)."""
    cr.execute(
        "ALTER TABLE sales_quota ADD COLUMN IF NOT EXISTS callbacks int4 DEFAULT 0"
    )
    cr.execute("ALTER TABLE sales_quota ALTER COLUMN callbacks DROP DEFAULT")
