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
    # Calls are calls, whatever they are planned as (V01, V20).
    cr.execute(
        """
        UPDATE sales_visit_type t
           SET channel = CASE d.name
                         WHEN 'sales_visit_type_call' THEN 'phone' ELSE 'in_person' END
          FROM ir_model_data d
         WHERE d.module = 'sales_visit' AND d.model = 'sales.visit.type'
           AND d.res_id = t.id AND t.channel IS NULL
           AND d.name IN ('sales_visit_type_call', 'sales_visit_type_cold',
                          'sales_visit_type_measuring', 'sales_visit_type_store')
        """
    )
