def migrate(cr, version):
    """Spare the visits there are a companion: nobody came along by their type."""
    cr.execute("ALTER TABLE sales_visit ADD COLUMN IF NOT EXISTS companion_id int4")
