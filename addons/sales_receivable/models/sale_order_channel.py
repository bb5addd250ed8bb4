from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.sql import column_exists, create_column

from ..guard import as_server
from ..tools.digest import get_digest


class SaleOrder(models.Model):
    """An order meets the rules of its customer's channel (A15)."""

    _name = "sale.order"
    _inherit = "sale.order"

    sales_channel_id = fields.Many2one(
        "sales.channel",
        compute="_compute_sales_channel_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
        help="By default the customer's.",
    )
    channel_needs_check = fields.Boolean(
        compute="_compute_channel_needs_check", compute_sudo=True
    )
    channel_check_digest = fields.Char(
        readonly=True, copy=False, groups="base.group_user"
    )
    channel_checked_at = fields.Datetime(
        string="Checked On", readonly=True, copy=False, groups="base.group_user"
    )
    is_channel_checked = fields.Boolean(
        string="Checked", compute="_compute_is_channel_checked", compute_sudo=True
    )

    def _auto_init(self):
        # Orders from before keep none: without this, all of them would be computed.
        if not column_exists(self.env.cr, "sale_order", "sales_channel_id"):
            create_column(self.env.cr, "sale_order", "sales_channel_id", "int4")
        return super()._auto_init()

    @api.model
    def _get_server_fields(self):
        return super()._get_server_fields() | {
            "channel_check_digest",
            "channel_checked_at",
        }

    @api.depends("partner_id", "company_id")
    def _compute_sales_channel_id(self):
        for company, orders in self.grouped("company_id").items():
            for order in orders.with_company(company):
                order.sales_channel_id = order.partner_id.sales_channel_id

    @api.depends("sales_channel_id", "partner_id", "company_id")
    def _compute_channel_needs_check(self):
        for order in self:
            order.channel_needs_check = any(order._get_channels().mapped("needs_check"))

    @api.onchange("sales_channel_id")
    def _onchange_sales_channel_id(self):
        origin = self._origin.sales_channel_id
        if (
            self.order_line
            and origin._get_factor() != self.sales_channel_id._get_factor()
        ):
            self.show_update_pricelist = True

    def _get_channels(self):
        """Return the order's channel and its customer's, which needn't be the same: what
        either of them asks for holds (A15)."""
        self.ensure_one()
        customer = self.partner_id.with_company(self.company_id)
        return (
            self.sales_channel_id
            | customer.sales_channel_id
            | customer.commercial_partner_id.sales_channel_id
        )

    def _get_channel_factor(self):
        """Return what prices of the price list are multiplied by, 1 where the rule is
        off."""
        channels = self._get_channels()
        factor = max((channel._get_factor() for channel in channels), default=1.0)
        if factor == 1.0:
            return factor
        mode = self.env["business.rule.mode"]._get_mode(
            "A15", self.company_id or self.env.company, self.create_date or None
        )
        return 1.0 if mode == "off" else factor

    # --- checked by the salesperson ---------------------------------------------------

    @api.depends(
        "channel_check_digest",
        "order_line.product_id",
        "order_line.product_uom_id",
        "order_line.product_uom_qty",
        "order_line.price_unit",
        "order_line.discount",
    )
    def _compute_is_channel_checked(self):
        for order in self:
            digest = order.channel_check_digest
            order.is_channel_checked = bool(digest) and digest == order._get_digest()

    def _get_digest(self):
        """Return a digest of what the salesperson checks: the lines as they stand."""
        self.ensure_one()
        content = sorted(
            [
                line.product_id.id,
                line.product_uom_id.id,
                round(line.product_uom_qty, 6),
                round(line.price_unit, 6),
                round(line.discount, 6),
            ]
            for line in self._get_document_lines()
            if line.product_uom_qty  # what invoices or deliveries add asks for nothing
        )
        return get_digest(content)

    def action_channel_check(self):
        """Note that the salesperson has checked these orders as they stand (A15).

        :raise UserError: by anybody else
        """
        self.check_access("write")
        for order in self:
            if order.user_id != self.env.user:
                raise UserError(
                    self.env._(
                        "%(order)s is checked by its salesperson: %(name)s.",
                        order=order.display_name,
                        name=order.user_id.name or self.env._("nobody is named"),
                    )
                )
            order._note_checked()
        return True

    def _note_checked(self):
        self.ensure_one()
        as_server(self).write(
            {
                "channel_check_digest": self._get_digest(),
                "channel_checked_at": fields.Datetime.now(),
            }
        )

    def _mark_newly_held(self, before):
        """Take what salespeople change on their confirmed orders for checked: it couldn't
        be checked beforehand."""
        for order in self:
            if (
                order.state == "sale"
                and order.channel_check_digest
                and order.user_id == self.env.user
                and ("A15", "check") not in before.get(order.id, ())
                and not order.is_channel_checked
            ):
                order._note_checked()
        return super()._mark_newly_held(before)

    # --- reasons ----------------------------------------------------------------------

    @api.model
    def _get_fact_fields(self):
        return super()._get_fact_fields() | {"sales_channel_id"}

    def _get_authority_depends(self):
        return [
            *super()._get_authority_depends(),
            "sales_channel_id",
            "channel_check_digest",
        ]

    @api.model
    def _get_reason_rules(self):
        return super()._get_reason_rules() | {"A15"}

    def _get_own_reasons(self):
        reasons = super()._get_own_reasons()
        for order in self:
            if channels := order._get_channels():
                reasons.setdefault(order.id, []).extend(
                    {"rule": "A15", "at": "confirm"} | reason
                    for reason in order._get_channel_reasons(channels)
                )
        return reasons

    def _get_channel_reasons(self, channels):
        self.ensure_one()
        for channel in channels:
            seller = channel.selling_company_id
            if not seller or seller == self.company_id:
                continue
            yield {
                "key": f"company {channel.id}",
                "sentence": self.env._(
                    "%(channel)s is sold to by %(company)s",
                    channel=channel.name,
                    company=seller.name,
                ),
                "release": self.env._("who makes the order in that company"),
            }
        if any(channels.mapped("needs_check")) and not self.is_channel_checked:
            yield {
                "key": "check",
                "sentence": self.env._("not checked as it stands"),
                "release": self.env._(
                    "the salesperson: %s",
                    self.user_id.name or self.env._("nobody is named"),
                ),
            }
        if any(channels.mapped("needs_barcode")):
            for product in self.order_line.product_id.sorted("id"):
                if product.type == "consu" and not product.barcode:
                    yield {
                        "key": f"barcode {product.id}",
                        "sentence": self.env._(
                            "“%s” has no barcode", product.display_name
                        ),
                        "release": self.env._("who enters the barcode"),
                    }
