def migrate(cr, version):
    """Let referrals count for the customers that their leads have, as they did (V24)."""
    cr.execute(
        """
        UPDATE sales_referral r
           SET customer_id = p.commercial_partner_id
          FROM crm_lead l
          JOIN res_partner p ON p.id = l.partner_id
         WHERE l.id = r.lead_id
        """
    )
