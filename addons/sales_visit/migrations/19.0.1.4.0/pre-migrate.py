def migrate(cr, version):
    """Give the customer files their due date at once: it begins as the day agreed on."""
    cr.execute("ALTER TABLE sales_customer_file ADD COLUMN IF NOT EXISTS due_date date")
    cr.execute(
        "UPDATE sales_customer_file SET due_date = next_due"
        " WHERE next_due IS NOT NULL AND due_date IS NULL"
    )
