from odoo import Command, api, fields, models


class SalesVisit(models.Model):
    """The kit: what is ready before the salesperson leaves for the customer (V07)."""

    _name = "sales.visit"
    _inherit = ["sales.visit"]

    kit_item_ids = fields.Many2many(
        "sales.visit.kit.item",
        string="Kit of the Type",
        compute="_compute_kit_item_ids",
    )
    packed_item_ids = fields.Many2many(
        "sales.visit.kit.item",
        "sales_visit_packed_rel",
        string="Packed",
        copy=False,
        domain="[('id', 'in', kit_item_ids)]",
    )

    @api.depends("direction", "channel", "visit_type_id")
    def _compute_kit_item_ids(self):
        for visit in self:
            leaves = visit.direction == "out" and visit.channel == "in_person"
            visit.kit_item_ids = leaves and visit.visit_type_id.kit_item_ids

    @api.depends("kit_item_ids", "packed_item_ids")
    def _compute_step_reasons(self):
        return super()._compute_step_reasons()

    def _get_fact_fields(self):
        return super()._get_fact_fields() | {"packed_item_ids"}

    def action_pack_all(self):
        """Tick the whole kit.

        :raise UserError: once the visit has begun
        """
        for items, visits in self.grouped("kit_item_ids").items():
            visits.write({"packed_item_ids": [Command.set(items.ids)]})
        return True

    def _get_step_reasons(self, state):
        reasons = super()._get_step_reasons(state)
        if state != "in_progress":
            return reasons
        for visit in self:
            required = visit.kit_item_ids.filtered("is_required")
            missing = required - visit.packed_item_ids
            mode = visit._get_rule_mode("V07") if missing else "off"
            if mode != "off":
                message = self.env._(
                    "Not packed: %(items)s. Tick what is ready under “Kit”. (V07)",
                    items=", ".join(missing.mapped("name")),
                )
                reasons[visit].append({"rule": "V07", "mode": mode, "message": message})
        return reasons
