from datetime import timedelta

from odoo import api, fields, models

from .customer_notice import TOLD
from .customer_notice_due import DEADLINES


class StockPicking(models.Model):
    """The customer knows when the goods arrive before they leave (A25)."""

    _name = "stock.picking"
    _inherit = "stock.picking"

    notice_ids = fields.One2many(
        "customer.notice", "picking_id", copy=False, groups="base.group_user"
    )
    notice_count = fields.Integer(
        compute="_compute_notice_count", compute_sudo=True, groups="base.group_user"
    )

    @api.depends("notice_ids")
    def _compute_notice_count(self):
        for picking in self:
            picking.notice_count = len(picking.notice_ids)

    def _get_notice_deadline(self, kind):
        """Return by when the customer is told, in UTC."""
        self.ensure_one()
        hours, moment, sign = DEADLINES[kind]
        start = moment and self.mapped(moment)[0]
        start = start or fields.Datetime.now()
        return start + timedelta(hours=sign * self.company_id[hours])

    def _prepare_notice(self, kind):
        return {
            "kind": kind,
            "picking_id": self.id,
            "due_at": self._get_notice_deadline(kind),
        }

    def action_view_notices(self):
        """Open the notices about these deliveries."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_receivable.customer_notice_action"
        )
        return action | {
            "domain": [("picking_id", "in", self.ids)],
            "context": {"default_picking_id": self.id if len(self) == 1 else False},
        }

    @api.model
    def _get_reason_rules(self):
        return super()._get_reason_rules() | {"A25"}

    @api.model
    def _get_authority_depends(self):
        return [
            *super()._get_authority_depends(),
            "notice_ids.state",
            "scheduled_date",
        ]

    def _get_own_reasons(self):
        reasons = super()._get_own_reasons()
        for picking in self:
            if picking.state not in ("done", "cancel") and picking.is_dispatch:
                reasons.setdefault(picking.id, []).extend(picking._get_notice_reasons())
        return reasons

    def _get_notice_reasons(self):
        """Yield what the customer hasn't been told or hasn't answered yet (A25)."""
        self.ensure_one()
        orders = self._get_dispatch_orders()
        if not orders:  # a sample, a loan: nobody was promised a day
            return
        release = self.env._(
            "%s, with the notice to the customer",
            orders.user_id[:1].name or self.env._("the salesperson"),
        )
        told = self.notice_ids.filtered(lambda notice: notice.state in TOLD)
        if not told.filtered(
            lambda notice: notice.kind == "arrival" and not notice._is_outdated()
        ):
            yield {
                "rule": "A25",
                "key": "arrival",
                "at": "dispatch",
                "sentence": self.env._("the customer doesn't know when it arrives"),
                "release": release,
            }
        if any(orders.mapped("needs_installation")) and not told.filtered(
            lambda notice: (
                notice.kind == "site"
                and notice.state == "answered"
                and notice.has_power == notice.has_space == "yes"
            )
        ):
            yield {
                "rule": "A25",
                "key": "site",
                "at": "dispatch",
                "sentence": self.env._(
                    "the customer hasn't said that the site is ready (power, space)"
                ),
                "release": release,
            }
