def migrate(cr, version):
    """Give the visits that have begun their day, by the clock that visits get it by: the
    employee's calendar, else the company's, else the user's zone."""
    cr.execute(
        """
        UPDATE sales_visit v
           SET visit_day = (v.actual_start AT TIME ZONE 'UTC' AT TIME ZONE COALESCE(
                   (SELECT c.tz
                      FROM hr_employee e
                      JOIN hr_version r ON r.id = e.current_version_id
                      JOIN resource_calendar c ON c.id = r.resource_calendar_id
                     WHERE e.user_id = v.user_id
                       AND e.company_id = v.company_id
                       AND e.active
                     LIMIT 1),
                   (SELECT c.tz
                      FROM res_company k
                      JOIN resource_calendar c ON c.id = k.resource_calendar_id
                     WHERE k.id = v.company_id),
                   (SELECT p.tz
                      FROM res_users u
                      JOIN res_partner p ON p.id = u.partner_id
                     WHERE u.id = v.user_id),
                   'UTC'))::date
         WHERE v.actual_start IS NOT NULL
           AND v.visit_day IS NULL
        """
    )
