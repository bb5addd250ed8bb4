def migrate(cr, version):
    """Let the deadlines that run be those of the leads' salespeople, and who was late be
    who made the contact, as it read until now (V20)."""
    cr.execute(
        "UPDATE crm_lead SET respond_user_id = user_id WHERE respond_by IS NOT NULL"
    )
    cr.execute("UPDATE sales_contact_record SET late_user_id = user_id WHERE is_late")
