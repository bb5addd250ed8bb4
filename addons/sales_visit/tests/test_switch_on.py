from odoo.tests import TransactionCase, tagged
from odoo.tools import SQL

from ..hooks import MAN_FIELDS, pre_init_hook


@tagged("post_install", "-at_install")
class TestSwitchOn(TransactionCase):
    """Installing on a populated database changes no behaviour (decision 4)."""

    def test_hook_leaves_the_rows_of_leads_alone(self):
        """V19: the columns arrive without rewriting or computing any lead."""
        leads = self.env["crm.lead"].create([{"name": f"L{i}"} for i in range(3)])
        self.env.flush_all()
        # As before the installation: no columns of ours, rows in place.
        self.cr.execute("ALTER TABLE crm_lead RENAME COLUMN man_level TO was_man_level")
        for name in MAN_FIELDS:
            self.cr.execute(
                SQL(
                    "ALTER TABLE crm_lead RENAME COLUMN %s TO %s",
                    SQL.identifier(name),
                    SQL.identifier(f"was_{name}"),
                )
            )
        query = SQL(
            "SELECT id, ctid, write_date, priority, stage_id, active FROM crm_lead"
            " WHERE id IN %s ORDER BY id",
            tuple(leads.ids),
        )
        before = self.env.execute_query(query)
        file_before = self.env.execute_query(
            SQL("SELECT pg_relation_filenode('crm_lead')")
        )
        pre_init_hook(self.env)
        self.assertEqual(self.env.execute_query(query), before)
        self.assertEqual(
            self.env.execute_query(SQL("SELECT pg_relation_filenode('crm_lead')")),
            file_before,
            "the table was rewritten",
        )
        columns = self.env.execute_query(
            SQL(
                "SELECT man_money, man_authority, man_need, man_level FROM crm_lead"
                " WHERE id IN %s",
                tuple(leads.ids),
            )
        )
        self.assertEqual(columns, [("unknown", "unknown", "unknown", None)] * 3)
        defaults = self.env.execute_query(
            SQL(
                "SELECT count(*) FROM information_schema.columns"
                " WHERE table_name = 'crm_lead' AND column_name IN %s"
                " AND column_default IS NOT NULL",
                MAN_FIELDS,
            )
        )
        self.assertEqual(defaults, [(0,)])
        pre_init_hook(self.env)  # killed and started again

    def test_new_company_has_every_rule_off(self):
        """V11: blocking rules arrive off, for new companies too."""
        company = self.env["res.company"].create({"name": "Fresh"})
        modes = self.env["sales.visit.rule.mode"]
        self.assertFalse(modes.search([("company_id", "=", company.id)]))
        for rule, _label in modes._fields["rule"].selection:
            self.assertEqual(modes._get_mode(rule, company), "off", rule)
        self.assertEqual(company.man_one_yes_level, "nurture")

    def test_host_lead_is_as_before(self):
        """V17: a lead of an ungraded customer keeps the priority that it is given."""
        partner = self.env["res.partner"].create({"name": "P"})
        lead = self.env["crm.lead"].create(
            {"name": "L", "partner_id": partner.id, "priority": "2"}
        )
        self.assertEqual(lead.priority, "2")
        self.assertFalse(lead.customer_grade_id)
        self.assertFalse(lead.man_level)
        self.assertFalse(
            self.env["sales.customer.file"].search([("partner_id", "=", partner.id)])
        )
