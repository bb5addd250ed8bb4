from odoo import api, fields, models


class SalesVisit(models.Model):
    """An order placed at the visit is handled at once: its quotation is made from the
    visit, and both know each other (V14)."""

    _name = "sales.visit"
    _inherit = ["sales.visit"]

    order_ids = fields.One2many(
        "sale.order", "visit_id", string="Quotations and Orders"
    )
    order_count = fields.Integer(compute="_compute_order_count")

    @api.depends("order_ids")
    def _compute_order_count(self):
        counts = dict(
            self.env["sale.order"]._read_group(
                [("visit_id", "in", self.ids)], ["visit_id"], ["__count"]
            )
        )
        for visit in self:
            visit.order_count = counts.get(visit, 0)

    @api.depends("outcome_id", "order_ids.state", "order_ids.amount_untaxed")
    def _compute_step_reasons(self):
        return super()._compute_step_reasons()

    def action_new_quotation(self):
        """Open a new quotation for the customer of this visit (V14)."""
        self.ensure_one()
        return {
            "name": self.env._("New Quotation"),
            "type": "ir.actions.act_window",
            "res_model": "sale.order",
            "view_mode": "form",
            "context": {
                "default_visit_id": self.id,
                "default_partner_id": self.partner_id.id,
                "default_company_id": self.company_id.id,
                "default_user_id": self.user_id.id,
                "default_team_id": self.team_id.id,
                "default_opportunity_id": self.lead_id.id,
            },
        }

    def action_view_orders(self):
        """Open the quotations and orders of this visit."""
        self.ensure_one()
        return {
            "name": self.env._("Quotations and Orders"),
            "type": "ir.actions.act_window",
            "res_model": "sale.order",
            "view_mode": "list,kanban,form",
            "domain": f"[('visit_id', '=', {self.id})]",
            "context": {"create": False},
        }

    def _filter_unhandled(self):
        """Return the visits at which an order was placed that none of their quotations
        stands for: made since the visit began, not cancelled, and with a price (V14)."""
        ordered = self.filtered("outcome_id.is_order")
        # Whether there is an order doesn't depend on who may see it.
        orders = self.env["sale.order"].sudo()
        made = orders.search_fetch(
            [
                ("visit_id", "in", ordered.ids),
                ("state", "!=", "cancel"),
                ("amount_untaxed", ">", 0),
            ],
            ["visit_id", "create_date"],
        ).filtered(lambda order: order.create_date >= order.visit_id.actual_start)
        return ordered - self.browse(made.visit_id.ids)

    def _get_step_reasons(self, state):
        reasons = super()._get_step_reasons(state)
        if state != "reported":
            return reasons
        for visit in self._filter_unhandled():
            mode = visit._get_rule_mode("V14")
            if mode != "off":
                message = self.env._(
                    "“%(outcome)s”, but no quotation with a price has been made from the visit since it began: use “New Quotation”. (V14)",
                    outcome=visit.outcome_id.name,
                )
                reasons[visit].append({"rule": "V14", "mode": mode, "message": message})
        return reasons
