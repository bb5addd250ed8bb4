def migrate(cr, version):
    """Let special and A customers be those that get a work team, as in a new company."""
    cr.execute(
        "UPDATE sales_customer_grade SET needs_team = TRUE WHERE id IN ("
        " SELECT res_id FROM ir_model_data"
        " WHERE module = 'sales_visit' AND model = 'sales.customer.grade'"
        " AND name IN ('sales_customer_grade_special', 'sales_customer_grade_a'))"
    )
