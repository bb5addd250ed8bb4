from odoo import SUPERUSER_ID, api
from odoo.fields import Command
from odoo.modules.registry import Registry
from odoo.tests import tagged
from odoo.tests.common import BaseCase, get_db_name
from odoo.tools import SQL
from psycopg2 import OperationalError


@tagged("post_install", "-at_install")
class TestTaxInvoiceConcurrency(BaseCase):
    """Two tax invoices over one invoice at once, in two real transactions."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            partner = env["res.partner"].create({"name": "Race"})
            journal = env["account.journal"].create(
                {"name": "Race", "code": "RACE", "type": "sale"}
            )
            move = env["account.move"].create(
                {
                    "move_type": "out_invoice",
                    "partner_id": partner.id,
                    "journal_id": journal.id,
                }
            )
            env.flush_all()
            # A database without a chart of accounts has nothing to post with.
            cr.execute(
                """UPDATE account_move SET state = 'posted', amount_total = 100
                    WHERE id = %s""",
                [move.id],
            )
            self.ids = {
                "account_move": move.id,
                "account_journal": journal.id,
                "res_partner": partner.id,
            }
        self.addCleanup(self.clean_up)

    def clean_up(self):
        # A posted invoice is for good, so the test cleans up behind the ORM.
        with self.registry.cursor() as cr:
            cr.execute(
                "DELETE FROM tax_invoice WHERE partner_id = %s",
                [self.ids["res_partner"]],
            )
            for table, res_id in self.ids.items():
                cr.execute(
                    SQL("DELETE FROM %s WHERE id = %s", SQL.identifier(table), res_id)
                )

    def apply(self, cr, amount):
        env = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})
        move = env["account.move"].browse(self.ids["account_move"])
        return env["tax.invoice"].create(
            {
                "partner_id": move.partner_id.id,
                "company_id": move.company_id.id,
                "currency_id": move.currency_id.id,
                "line_ids": [Command.create({"move_id": move.id, "amount": amount})],
            }
        )

    def test_of_two_at_once_the_later_one_is_tried_again(self):
        """A12: each alone leaves enough, both together don't: the invoice's row
        decides, and the retry finds what is left."""
        with self.registry.cursor() as first, self.registry.cursor() as second:
            second.execute("SELECT 1 FROM account_move LIMIT 1")  # its snapshot
            self.apply(first, 60.0)
            first.commit()
            with (
                self.assertLogs("odoo.sql_db", "ERROR"),
                self.assertRaises(OperationalError),
            ):
                self.apply(second, 60.0)
            second.rollback()
            with self.assertRaisesRegex(Exception, "exceed the invoice"):
                self.apply(second, 60.0)
            second.rollback()
            self.assertEqual(self.apply(second, 40.0).amount_total, 40.0)
            second.rollback()
