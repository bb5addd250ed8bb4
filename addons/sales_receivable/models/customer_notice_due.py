from datetime import datetime, time

from dateutil import tz
from odoo import api, fields, models
from odoo.fields import Domain

from ..guard import as_server

BATCH = 200
#: The field of the company with the hours, the delivery's moment they count from (late
#: is what was promised), and their sign.
DEADLINES = {
    "ready": ("notice_ready_hours", None, 1),
    "arrival": ("notice_arrival_hours", "scheduled_date", -1),
    "site": ("notice_arrival_hours", "scheduled_date", -1),
    "late": ("notice_late_hours", "sale_id.commitment_date", 1),
    "receipt": ("notice_receipt_hours", "date_done", 1),
}


class CustomerNotice(models.Model):
    """Lists the notices that are due, where the rule is in force (A25)."""

    _name = "customer.notice"
    _inherit = "customer.notice"

    @api.model
    def _cron_list_due(self):
        """List each notice once per delivery, follow deliveries that moved, and close
        what is too late.

        Batch by batch: killed and run again it goes on; the database keeps each delivery
        and kind apart.
        """
        Cron = self.env["ir.cron"]
        Mode = self.env["business.rule.mode"]
        for company in Mode.search([("rule_id.code", "=", "A25")]).company_id:
            since = Mode._get_since("A25", company)
            if not since:
                continue
            self._replace_moved(company)
            for kind in DEADLINES:
                domain = self._domain_deliveries(kind, company, since)
                while pickings := self.env["stock.picking"].search(
                    domain, limit=BATCH, order="id"
                ):
                    self.create([picking._prepare_notice(kind) for picking in pickings])
                    Cron._commit_progress(len(pickings))
            self._close_missed(company)
            self._move_deadlines(company)
            Cron._commit_progress(0)

    @api.model
    def _domain_deliveries(self, kind, company, since):
        """Return the domain of a company's deliveries with a notice of a kind to list.

        :param date since: deliveries made before this day are spared
        """
        zone = tz.gettz(company._get_local_tz())
        start = datetime.combine(since, time.min, tzinfo=zone).astimezone(tz.UTC)
        now = fields.Datetime.now()
        still_open = Domain("state", "in", ("waiting", "confirmed", "assigned"))
        of_kind = {
            "ready": Domain("state", "=", "assigned"),
            "arrival": still_open,
            "site": still_open & Domain("sale_id.installation_ids", "!=", False)
            | still_open
            & Domain(
                "sale_id.order_line.product_id.product_tmpl_id.needs_installation",
                "=",
                True,
            ),
            "late": still_open & Domain("sale_id.commitment_date", "<", now),
            "receipt": Domain("state", "=", "done"),
        }[kind]
        return (
            of_kind
            & Domain("company_id", "=", company.id)
            & Domain("create_date", ">=", start.replace(tzinfo=None))
            & Domain("sale_id", "!=", False)
            & Domain("location_dest_id.usage", "=", "customer")
            & Domain(
                "notice_ids",
                "not any",
                [("kind", "=", kind), ("state", "!=", "replaced")],
            )
        )

    @api.model
    def _replace_moved(self, company):
        """Close arrivals that aren't what the customer was told any more: they are
        listed again."""
        self.search(
            self._domain_told_arrivals()
            & Domain("company_id", "=", company.id)
            & Domain("picking_id.state", "not in", ("done", "cancel"))
        )._replace_outdated()

    @api.model
    def _close_missed(self, company):
        """Close what wasn't told until the goods had left, or won't leave."""
        late = self.search(
            Domain("state", "=", "due")
            & Domain("company_id", "=", company.id)
            & (
                Domain("picking_id.state", "=", "cancel")
                | Domain("picking_id.state", "=", "done")
                & Domain("kind", "!=", "receipt")
            )
        )
        as_server(late).write({"state": "missed"})

    @api.model
    def _move_deadlines(self, company):
        """Follow deliveries whose planned day has moved since."""
        waiting = self.search(
            [
                ("state", "=", "due"),
                ("company_id", "=", company.id),
                ("kind", "in", ("arrival", "site", "late")),
                ("picking_id", "!=", False),
            ]
        )
        for notice in waiting:
            due_at = notice.picking_id._get_notice_deadline(notice.kind)
            if due_at != notice.due_at:
                notice.due_at = due_at
