from odoo import api, fields, models


class DeliverySlip(models.Model):
    """What must be on a slip before it is issued (A13, A14)."""

    _name = "delivery.slip"
    _inherit = "delivery.slip"

    def _get_authority_date(self):
        """A slip counts as one of the day on which it was made."""
        return self.authority_since or self.create_date or fields.Datetime.now()

    def _is_authority_settled(self):
        return self.state != "draft"

    def _filter_authority_gated(self, action):
        slips = super()._filter_authority_gated(action)
        return slips.filtered(lambda slip: slip.state == "draft")

    @api.model
    def _domain_authority_candidates(self):
        return super()._domain_authority_candidates() & fields.Domain(
            "state", "=", "draft"
        )

    @api.model
    def _get_authority_depends(self):
        return [
            *super()._get_authority_depends(),
            "state",
            "partner_id",
            "contact",
            "phone",
            "address",
            "driver_id",
            "plate",
            "forwarder_id",
            "forwarder_phone",
            "line_ids.quantity",
            "line_ids.price",
            "line_ids.secondary_code",
            "line_ids.box_code",
        ]

    @api.model
    def _get_reason_rules(self):
        return super()._get_reason_rules() | {"A13", "A14"}

    def _get_own_reasons(self):
        reasons = super()._get_own_reasons()
        for slip in self.filtered(lambda slip: slip.state == "draft"):
            own = reasons.setdefault(slip.id, [])
            for rule, missing in (
                ("A13", slip._get_missing_content()),
                ("A14", slip._get_missing_transport()),
            ):
                own += [
                    {
                        "rule": rule,
                        "key": name,
                        "sentence": self.env._("missing: %s", label),
                        "release": self.env._("who completes the slip"),
                    }
                    for name, label in missing.items()
                ]
        return reasons

    def _get_missing_content(self):
        """Return ``{name: label}`` of the mandatory fields that are empty (A13)."""
        self.ensure_one()
        missing = self._get_empty("partner_id", "contact", "phone", "address")
        lines = self.line_ids.filtered("quantity")
        if not lines:
            missing["line_ids"] = self.env._("items")
        for line in lines:
            if self.kind != "goods_in" and not line.price and line._needs_price():
                missing[f"price {line.product_id.id}"] = self.env._(
                    "price of “%s”", line.description
                )
            if line.product_id.slip_needs_codes and not (
                self._is_said(line.secondary_code) and self._is_said(line.box_code)
            ):
                missing[f"codes {line.product_id.id}"] = self.env._(
                    "secondary code and box code of “%s”", line.description
                )
        return missing

    def _get_missing_transport(self):
        """Return ``{name: label}`` of what a driver needs (A14)."""
        self.ensure_one()
        if self.kind == "goods_in":
            return {}
        names = ["driver_id", "plate", "settlement_kind"]
        if self.sales_channel_id.needs_forwarder:
            names += ["forwarder_id", "forwarder_phone"]
        missing = self._get_empty(*names)
        if self._owes_cash():
            missing["settlement_kind"] = self.env._(
                "settlement in cash, as its order says"
            )
        return missing

    def _get_empty(self, *names):
        return {
            name: self._fields[name]._description_string(self.env)
            for name in names
            if not self._is_said(self[name])
        }
