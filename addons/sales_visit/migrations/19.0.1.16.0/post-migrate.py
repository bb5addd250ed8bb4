def migrate(cr, version):
    """Let the designer come along to measuring visits, as in a new company (V22)."""
    cr.execute(
        "UPDATE sales_visit_type SET companion_role_id = role.res_id"
        " FROM ir_model_data measuring, ir_model_data role"
        " WHERE measuring.module = 'sales_visit' AND role.module = 'sales_visit'"
        " AND measuring.name = 'sales_visit_type_measuring'"
        " AND role.name = 'sales_project_role_design'"
        " AND sales_visit_type.id = measuring.res_id"
    )
