from datetime import timedelta

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from .test_installation import InstallationCase

LACKS = "A24.*no acceptance report"


@tagged("post_install", "-at_install")
class TestInstallationAccepted(InstallationCase):
    """What is invoiced is accepted, and nothing that only looks like it (A24)."""

    def invoice(self, order):
        order.order_line.sudo().qty_delivered = 10
        move = order.sudo()._create_invoices()
        move.action_post()
        record = self.apply(move)
        record.action_submit()
        return record

    def finish(self, work):
        for step in ("submit", "begin", "finish"):
            getattr(work, f"action_{step}")()
        return work

    def accept(self, work):
        self.finish(work).write(self.report)
        work.action_accept()
        return work

    def test_other_work_does_not_stand_for_the_goods(self):
        """A24: an accepted work about something else, or about fewer goods than are
        invoiced, opens nothing; begun work isn't called off by who sells."""
        order = self.sell()
        record = self.invoice(order)
        first = self.finish(self.work(order))
        self.accept(
            self.work(
                order, kind="continuation", line_ids=[Command.create({"name": "Look"})]
            )
        )
        self.set_mode("A24", "block")
        first.write({**self.report, "result": "failed", "defects": "crooked"})
        first.action_rework()
        with self.assert_refused("called off by who directs sales"):
            first.action_cancel("refused")
        director = self.new_user("director", groups="sales_team.group_sale_manager")
        first.with_user(director).action_cancel("goods came back")
        with self.assert_refused(LACKS):
            self.issue(record)
        self.env["business.rule.mode"].search([]).unlink()
        self.accept(self.work(order)).line_ids.sudo()
        self.set_mode("A24", "block")
        order.order_line.sudo().product_uom_qty = 11
        self.issue(record)

    def test_fewer_than_invoiced(self):
        """A24: nine accepted of ten invoiced aren't enough, whatever is ordered now or
        stands on the order line."""
        order = self.sell()
        record = self.invoice(order)
        line = order.order_line
        self.accept(
            self.work(
                order,
                line_ids=[
                    Command.create(
                        {"name": "Fit", "quantity": 9, "order_line_id": line.id}
                    )
                ],
            )
        )
        self.set_mode("A24", "block")
        line.product_uom_qty = 9
        with self.assert_refused(LACKS):
            self.issue(record)
        self.assertEqual(line._filter_to_install(), line)

    def test_goods_of_no_order(self):
        """A24: an invoice of goods to install without their order has no acceptance."""
        order = self.sell()
        self.accept(self.work(order))
        order.order_line.sudo().qty_delivered = 10
        move = order.sudo()._create_invoices()
        move.invoice_line_ids.sale_line_ids = False
        move.action_post()
        record = self.apply(move)
        record.action_submit()
        self.set_mode("A24", "block")
        with self.assert_refused(LACKS + ".*invoice of the order"):
            self.issue(record)

    def test_works_of_the_order(self):
        """A24: a work names goods of its own order, of one that one may read."""
        order, other = self.sell(), self.sell()
        with self.assertRaises(ValidationError):
            self.work(order).line_ids.order_line_id = other.order_line
        with self.assertRaises(AccessError):
            self.env["installation.order"].with_user(self.colleague).create(
                {"order_id": order.id, "user_id": self.colleague.id}
            )
        made = order.action_create_installation()["res_id"]
        work = self.env["installation.order"].browse(made)
        self.assertEqual(work.line_ids.order_line_id, order.order_line)

    def test_days_and_blanks(self):
        """A24, A12: a report has a name and isn't older than the work; a tax invoice
        isn't older than its application, nor its receipt than the paper."""
        order = self.sell()
        work = self.finish(self.work(order))
        work.write({**self.report, "accepted_by": " "})
        with self.assert_refused("Missing: Accepted By"):
            work.action_accept()
        early = self.company._get_business_date() - timedelta(days=1)
        work.write({"accepted_by": "Wang", "accepted_on": early})
        with self.assert_refused("accepted before the work began"):
            work.action_accept()
        self.set_mode("A12", "block")
        move = self.bill()
        self._pay(move, 1000.0, "2026-01-10")
        record = self.allow(self.apply(move))
        record.date = early
        with self.assert_refused("dated before it was applied for"):
            self.issue(record)
        record.date = False
        self.issue(record)
        record.write({"received_by": " ", "received_on": early, "receipt": b"c2Nhbg=="})
        with self.assert_refused("Missing: Received By.*received before it was issued"):
            record.action_hand_over()

    def test_scans_stay_what_they_were(self):
        """A12, A24: the file of an accepted report or of a paper is changed and deleted
        past its document by nobody."""
        work = self.accept(self.work())
        paper = self.apply(self.bill(), receipt=self.report["acceptance"])
        for record, field in ((work, "acceptance"), (paper, "receipt")):
            file = self.env["ir.attachment"].search(
                [
                    ("res_model", "=", record._name),
                    ("res_id", "=", record.id),
                    ("res_field", "=", field),
                ]
            )
            self.assertEqual(len(file), 1)
            file = file.with_user(self.salesperson)
            for attempt in (
                lambda file=file: file.write({"datas": b"Rk9SR0VE"}),
                lambda file=file: file.write({"res_id": 0}),
                file.unlink,
            ):
                with self.assertRaises(AccessError):
                    attempt()
