{
    "name": "Sales & Receivables",
    "summary": "Approvals by authority, price floors, credit, collections and performance",
    "version": "19.0.1.0.0",
    "category": "Sales/Receivables",
    "author": "The authors of the sales discipline addons",
    "license": "LGPL-3",
    "depends": ["sale_stock", "purchase_stock", "hr"],
    "data": [
        "security/sales_receivable_groups.xml",
        "security/ir.model.access.csv",
        "security/sales_receivable_rules.xml",
        "data/business_rule_data.xml",
        "views/business_rule_mode_views.xml",
        "views/sales_receivable_menus.xml",
    ],
    "application": True,
}
