def migrate(cr, version):
    """Let orders count for the referrals there are from when those were recorded (V24)."""
    cr.execute("UPDATE sales_referral SET counts_from = create_date")
