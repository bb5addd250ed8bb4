def migrate(cr, version):
    """Turn the mode of V11, two columns of the company until now, into a dated row.

    A mode without a day touched every document: its row begins before any.
    """
    cr.execute(
        """
        INSERT INTO sales_visit_rule_mode
                    (rule, company_id, mode, date_from,
                     create_uid, create_date, write_uid, write_date)
             SELECT 'V11', id, visit_answers_mode,
                    COALESCE(visit_answers_from, '2000-01-01'),
                    1, now() AT TIME ZONE 'UTC', 1, now() AT TIME ZONE 'UTC'
               FROM res_company
              WHERE visit_answers_mode IN ('warn', 'block')
        ON CONFLICT DO NOTHING
        """
    )
