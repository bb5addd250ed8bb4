import json
from hashlib import sha256

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..guard import is_paying

DELIVERED = ("sent", "sale")
# What a customer reads in a quotation, beside its lines; some come with other apps.
OFFERED_FIELDS = (
    "partner_id",
    "partner_invoice_id",
    "partner_shipping_id",
    "currency_id",
    "payment_term_id",
    "fiscal_position_id",
    "validity_date",
    "commitment_date",
    "client_order_ref",
    "incoterm",
    "incoterm_location",
    "require_payment",
    "prepayment_percent",
    "note",
)


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
        if "opportunity_id" in vals:
            self._check_leads(vals["opportunity_id"])
        if vals.get("state") in DELIVERED:
            leaving = self.filtered(lambda order: order.state not in DELIVERED)
        reasons = leaving._get_project_reasons(vals.get("opportunity_id"))
        leaving._check_project(reasons)
        result = super().write(vals)
        leaving._deliver(reasons)
        if "partner_id" in vals:
            # Delivered to somebody else first.
            delivered = (self - leaving).filtered(lambda x: x.state in DELIVERED)
            self._check_project(delivered._get_project_reasons())
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

    def _check_leads(self, lead_id):
        """Refuse to take quotations out of a project that isn't as far, and to bring
        delivered ones into it (V18).

        :param lead_id: id of the lead that they are about to get, or ``False``
        """
        modes = self.env["sales.visit.rule.mode"]
        moved = self.filtered(
            lambda order: (
                order.opportunity_id.id != lead_id
                and modes._get_mode("V18", order.company_id, order.create_date)
                == "block"
            )
        )
        # Whether a quotation may go doesn't depend on who may see the project.
        outlines = moved.sudo().opportunity_id.outline_ids
        undelivered = outlines._get_undelivered()
        for order in moved:
            for outline in order.sudo().opportunity_id.outline_ids:
                if outline in undelivered:
                    raise UserError(
                        self.env._(
                            "%(order)s belongs to the project of %(lead)s, whose next step is “%(step)s”: it stays there. (V18)",
                            order=order.name,
                            lead=outline.lead_id.name,
                            step=undelivered[outline].name,
                        )
                    )
        delivered = moved.filtered(lambda order: order.state in DELIVERED)
        self._check_project(delivered._get_project_reasons(lead_id))

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
            if mode != "off":
                by_order[order] = (mode, lead.browse(lead_id) | lead)
        if not by_order:
            return {}
        # Whether a quotation may leave doesn't depend on who may see the project.
        leads = self.env["crm.lead"].sudo().union(*(x[1] for x in by_order.values()))
        unnamed = self.browse(order.id for order in by_order if not by_order[order][1])
        others = unnamed._get_projects_of_customers()
        outlines = leads.outline_ids
        undelivered = (outlines | others)._get_undelivered()
        confirmed = (
            outlines - outlines.browse(o.id for o in undelivered)
        )._get_confirmed()
        heads = outlines._get_heads()
        reasons = {}
        for order, (mode, leads) in by_order.items():
            for outline in others if order in unnamed else ():
                if outline in undelivered and order._is_for(outline):
                    message = self.env._(
                        "%(customer)s has a project, whose next step is “%(step)s”: name its opportunity on the quotation or, if it is about something else, another one. (V18)",
                        customer=outline.partner_id.display_name,
                        step=undelivered[outline].name,
                    )
                    reasons[order] = (mode, message)
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

    def _get_projects_of_customers(self):
        """Return the projects, under sudo, that the customers of quotations without an
        opportunity are in."""
        if not self:
            return self.env["sales.project.outline"]
        # Whether a quotation may leave doesn't depend on who may see the project.
        return (
            self.env["sales.project.outline"]
            .sudo()
            .search(
                [
                    ("company_id", "in", self.company_id.ids),
                    ("partner_id", "in", self.partner_id.commercial_partner_id.ids),
                ]
            )
        )

    def _is_for(self, outline):
        """Tell whether the quotation is for the customer of a project."""
        self.ensure_one()
        return (
            outline.company_id == self.company_id
            and outline.partner_id == self.partner_id.commercial_partner_id
        )

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
        """Return a digest of all that the customer reads in the quotation: to whom, what,
        for how much, on which terms, in which words."""
        self.ensure_one()
        # The same for everybody, whatever taxes and terms one may see.
        order = self.sudo()
        lines = [
            (
                line.display_type,
                line.name,
                line.product_id.id,
                line.product_uom_id.id,
                line.product_uom_qty,
                line.price_unit,
                line.discount,
                sorted(line.tax_ids.ids),
            )
            for line in order.order_line.sorted(lambda line: (line.sequence, line.id))
        ]
        offer = [
            order._fields[name].convert_to_write(order[name], order)
            for name in OFFERED_FIELDS
            if name in order._fields
        ]
        offer.append(lines)
        return sha256(json.dumps(offer, default=str).encode()).hexdigest()
