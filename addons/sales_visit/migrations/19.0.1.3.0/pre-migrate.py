def migrate(cr, version):
    """Spare the visits that have ended: their overrun wasn't looked at, and computing it
    for all of them would be long."""
    cr.execute("ALTER TABLE sales_visit ADD COLUMN IF NOT EXISTS overrun_minutes int4")
