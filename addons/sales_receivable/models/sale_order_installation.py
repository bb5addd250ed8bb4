from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..authority import exceeds


class SaleOrder(models.Model):
    """The installations of an order (A24)."""

    _name = "sale.order"
    _inherit = "sale.order"

    installation_ids = fields.One2many(
        "installation.order", "order_id", copy=False, groups="base.group_user"
    )
    installation_count = fields.Integer(
        compute="_compute_installations", compute_sudo=True, groups="base.group_user"
    )
    needs_installation = fields.Boolean(
        compute="_compute_installations", compute_sudo=True, groups="base.group_user"
    )

    @api.depends(
        "installation_ids.state",
        "order_line.product_id",
        "order_line.invoice_lines.product_id",
    )
    def _compute_installations(self):
        for order in self:
            running = order._get_installations()
            order.installation_count = len(running)
            order.needs_installation = bool(
                running or order.order_line._filter_to_install()
            )

    def _get_installations(self):
        """Return the work orders that aren't cancelled."""
        return self.installation_ids.filtered(lambda work: work.state != "cancelled")

    def _filter_unaccepted(self):
        """Return the orders with work that the customer hasn't accepted yet, or with
        goods to install of which less was accepted than is invoiced (A24)."""
        return self.filtered(
            lambda order: (
                order.needs_installation
                and (
                    set(order._get_installations().mapped("state")) != {"accepted"}
                    or order._has_unaccepted_goods()
                )
            )
        )

    def _has_unaccepted_goods(self):
        """Tell whether more of the goods to install is invoiced than works that the
        customer has accepted are about: other work doesn't stand for it."""
        self.ensure_one()
        accepted = defaultdict(float)
        for work in self.installation_ids.filtered(lambda w: w.state == "accepted"):
            for line in work.line_ids:
                accepted[line.order_line_id] += line.quantity
        return any(
            exceeds(line._get_invoiced_to_install(), accepted[line])
            for line in self.order_line._filter_to_install()
        )

    @api.model
    def _get_chain_sources(self):
        accepted = Domain("installation_ids.state", "=", "accepted")
        return super()._get_chain_sources() | {
            "acceptance": ("installation_ids", accepted)
        }

    def action_create_installation(self):
        """Apply for the installation of this order, its goods as works (A24)."""
        self.ensure_one()
        if self.state == "cancel":
            raise UserError(self.env._("The order is cancelled."))
        goods = self.order_line.filtered(
            lambda line: line.product_id and not line.display_type
        )
        flagged = goods.filtered(lambda line: line.product_id.needs_installation)
        work = self.env["installation.order"].create(
            {
                "order_id": self.id,
                "kind": "continuation" if self._get_installations() else "installation",
                "planned_date": self.commitment_date,
                "line_ids": [
                    fields.Command.create(
                        {
                            "name": line.product_id.display_name,
                            "quantity": line.product_uom_qty,
                            "order_line_id": line.id,
                        }
                    )
                    for line in flagged or goods
                ],
            }
        )
        return work._get_form_action()

    def action_view_installations(self):
        """Open the work orders of these orders."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_receivable.installation_order_action"
        )
        return action | {
            "domain": [("order_id", "in", self.ids)],
            "context": {"default_order_id": self.id if len(self) == 1 else False},
        }
