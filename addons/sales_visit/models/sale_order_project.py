from hashlib import sha256

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..guard import is_paying

DELIVERED = ("sent", "sale")


class SaleOrder(models.Model):
    """The quotation of a project reaches the customer after its proposal has been accepted
    and the sales head has confirmed the quotation (V18).

    Whichever way it goes: sent by mail, marked as sent, confirmed, signed or paid.
    """

    _name = "sale.order"
    _inherit = ["sale.order"]

    project_warning = fields.Char(
        compute="_compute_project_warning", groups="base.group_user"
    )

    @api.depends("opportunity_id", "state", "company_id", "order_line.price_subtotal")
    @api.depends_context("lang")
    def _compute_project_warning(self):
        reasons = self._get_project_reasons()
        for order in self:
            order.project_warning = reasons.get(order, (False, False))[1]

    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        orders.filtered(lambda order: order.state in DELIVERED)._deliver()
        return orders

    def write(self, vals):
        leaving = self.browse()
        if vals.get("state") in DELIVERED:
            leaving = self.filtered(lambda order: order.state not in DELIVERED)
        reasons = leaving._get_project_reasons(vals.get("opportunity_id"))
        leaving._check_project(reasons)
        result = super().write(vals)
        leaving._deliver(reasons)
        return result

    def action_quotation_send(self):
        self._check_project(self._get_project_reasons())
        return super().action_quotation_send()

    def action_quotation_sent(self):
        orders = self
        if is_paying(self):
            # Money is being booked: an error here would lose it.
            orders = self - self._filter_project_blocked()
        return super(SaleOrder, orders).action_quotation_sent()

    def _confirmation_error_message(self):
        message = super()._confirmation_error_message()
        if message:
            return message
        mode, reason = self._get_project_reasons().get(self, (False, False))
        return reason if mode == "block" else False

    def _has_to_be_signed(self):
        return super()._has_to_be_signed() and not self._filter_project_blocked()

    def _has_to_be_paid(self):
        return super()._has_to_be_paid() and not self._filter_project_blocked()

    def _deliver(self, reasons=None):
        """Check quotations that have just been delivered, log what only warned, and let
        their projects take that step."""
        if reasons is None:
            reasons = self._get_project_reasons()
            self._check_project(reasons)
        if reasons:
            self.browse(order.id for order in reasons)._message_log_batch(
                {order.id: message for order, (__, message) in reasons.items()}
            )
        # Who sends a quotation need not see its project.
        free = self.browse(order.id for order in self if order not in reasons)
        free.opportunity_id.sudo().outline_ids._note_delivery()

    def _filter_project_blocked(self):
        """Return the quotations that a project keeps from being delivered."""
        reasons = self._get_project_reasons()
        return self.browse(
            order.id for order, (mode, __) in reasons.items() if mode == "block"
        )

    def _check_project(self, reasons):
        for mode, message in reasons.values():
            if mode == "block":
                raise UserError(message)

    def _get_project_reasons(self, lead_id=None):
        """Return what of its project stands against delivering each quotation (V18).

        :param lead_id: id of the lead that the quotations are about to get
        :return: ``{order: (mode, message)}``, ``mode`` being ``"warn"`` or ``"block"``
        """
        modes = self.env["sales.visit.rule.mode"]
        by_order = {}
        for order in self.filtered(lambda order: order.state not in ("sale", "cancel")):
            mode = modes._get_mode("V18", order.company_id, order.create_date)
            lead = order.opportunity_id
            if mode != "off" and (lead or lead_id):
                by_order[order] = (mode, lead.browse(lead_id) | lead)
        if not by_order:
            return {}
        # Whether a quotation may leave doesn't depend on who may see the project.
        leads = self.env["crm.lead"].sudo().union(*(x[1] for x in by_order.values()))
        outlines = leads.outline_ids
        undelivered = outlines._get_undelivered()
        confirmed = (
            outlines - outlines.browse(o.id for o in undelivered)
        )._get_confirmed()
        heads = outlines._get_heads()
        reasons = {}
        for order, (mode, leads) in by_order.items():
            for outline in outlines:
                if outline.lead_id.id not in leads.ids:
                    continue
                if outline in undelivered:
                    message = order._get_step_message(
                        undelivered[outline], heads[outline]
                    )
                elif outline in confirmed and not order._is_confirmed_by(
                    confirmed[outline]
                ):
                    message = self.env._(
                        "%(order)s isn't what %(head)s has confirmed: take the confirmation back in the project, and have it confirmed anew. (V18)",
                        order=order.name,
                        head=confirmed[outline].user_id.name,
                    )
                else:
                    continue
                reasons[order] = (mode, message)
        return reasons

    def _get_step_message(self, step, heads):
        self.ensure_one()
        names = ", ".join(heads.sudo().mapped("name"))
        if step.needs_manager and names:
            return self.env._(
                "%(order)s isn't for the customer yet: “%(step)s” is still to be taken, by %(heads)s. (V18)",
                order=self.name,
                step=step.name,
                heads=names,
            )
        return self.env._(
            "%(order)s isn't for the customer yet: the next step of the project is “%(step)s”. (V18)",
            order=self.name,
            step=step.name,
        )

    def _is_confirmed_by(self, revision):
        """Tell whether the quotation is still as the sales head confirmed it."""
        self.ensure_one()
        digests = revision.quotations or {}
        return digests.get(str(self._origin.id)) == self._get_project_digest()

    def _get_project_digest(self):
        """Return a digest of what the quotation offers: to whom, what, for how much."""
        self.ensure_one()
        lines = sorted(
            (
                line.product_id.id or 0,
                line.product_uom_id.id or 0,
                line.product_uom_qty,
                line.price_unit,
                line.discount,
            )
            for line in self.order_line
            if not line.display_type
        )
        offer = (self.partner_id.id, self.currency_id.id, lines)
        return sha256(repr(offer).encode()).hexdigest()
