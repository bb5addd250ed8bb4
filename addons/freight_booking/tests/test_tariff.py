from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from .common import FreightCase


class TestTariff(FreightCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = cls.new_user("manager", "sales_receivable.group_company_manager")
        cls.tariff = (
            cls.env["freight.tariff"]
            .with_user(cls.commercial)
            .create(
                {
                    "name": "T",
                    "carrier_id": cls.carrier.id,
                    "currency_id": cls.company.currency_id.id,
                    "date_from": "2020-01-01",
                    "line_ids": [
                        Command.create(
                            {"charge_type_id": cls.ocean.id, "sell_price": 100}
                        )
                    ],
                }
            )
        )

    def get_price(self):
        lines = self.env["freight.tariff"]._get_lines(
            self.company, self.carrier, self.pol, self.pod, "2026-11-22"
        )
        return lines.mapped("sell_price")

    def test_draft_tariff_prices_nothing(self):
        """F02: only approved tariffs count."""
        self.assertEqual(self.get_price(), [])

    def test_preparer_cannot_approve(self):
        """F02: commercial staff prepare, the company manager approves."""
        with self.assertRaises(AccessError):
            self.tariff.action_approve()
        with self.assertRaises(UserError):
            self.tariff.write({"state": "approved"})
        with self.assertRaises(UserError):
            self.tariff.copy({"state": "approved"})

    def test_no_default_key_approves(self):
        """F02: what a context gives by default approves nothing."""
        context = {
            "default_state": "approved",
            "default_approved_by_id": self.manager.id,
            "default_approved_at": "2026-01-01 00:00:00",
        }
        Tariff = self.env["freight.tariff"].with_user(self.commercial)
        vals = {
            "name": "by context",
            "currency_id": self.company.currency_id.id,
            "date_from": "2020-01-01",
        }
        tariffs = Tariff.with_context(**context).create(vals)
        tariffs |= self.tariff.with_context(**context).copy()
        result = Tariff.with_context(**context).load(
            ["name", "date_from"], [["imported", "2020-01-01"]]
        )
        tariffs |= Tariff.browse(result["ids"])
        self.assertEqual(len(tariffs), 3, result["messages"])
        self.assertEqual(set(tariffs.mapped("state")), {"draft"})
        self.assertFalse(tariffs.approved_by_id)
        self.assertFalse(any(tariffs.mapped("approved_at")))
        self.assertEqual(self.get_price(), [])

    def test_approved_tariff_is_locked_whichever_way(self):
        """F02: an approved tariff never changes."""
        self.tariff.with_user(self.manager).action_approve()
        for attempt in (
            lambda: self.tariff.write({"date_to": "2030-01-01"}),
            lambda: self.tariff.line_ids.write({"sell_price": 1}),
            lambda: self.tariff.write(
                {
                    "line_ids": [
                        Command.update(self.tariff.line_ids.id, {"sell_price": 1})
                    ]
                }
            ),
            self.tariff.line_ids.copy,
            self.tariff.line_ids.unlink,
            self.tariff.unlink,
            lambda: self.tariff.write({"state": "draft"}),
            lambda: self.tariff.with_context(freight_approval=True).write(
                {"state": "draft"}
            ),
            lambda: self.tariff.sudo().write({"state": "draft"}),
        ):
            with self.assertRaises(UserError):
                attempt()
        self.assertEqual(self.tariff.line_ids.sell_price, 100)

    def test_new_version_replaces_the_old_one(self):
        """F02: a change is a new version, approved in its turn."""
        self.tariff.with_user(self.manager).action_approve()
        action = self.tariff.action_new_version()
        version = self.env["freight.tariff"].browse(action["res_id"])
        version.with_user(self.commercial).line_ids.sell_price = 120
        self.assertEqual(self.get_price(), [100])
        version.with_user(self.manager).action_approve()
        self.assertEqual(self.tariff.state, "replaced")
        self.assertEqual(version.version, 2)

    def test_the_very_route_and_carrier_beat_general_prices(self):
        """F02: the most specific valid line wins."""
        general = self.env["freight.tariff"].create(
            {
                "name": "general",
                "company_id": self.company.id,
                "currency_id": self.company.currency_id.id,
                "date_from": "2026-01-01",
                "line_ids": [
                    Command.create({"charge_type_id": self.ocean.id, "sell_price": 1})
                ],
            }
        )
        (general | self.tariff).with_user(self.manager).action_approve()
        self.assertEqual(self.get_price(), [100])
