from odoo import api, models
from odoo.fields import Domain


class InstallationOrder(models.Model):
    """Who approves an installation, and the money that comes first (A24)."""

    _name = "installation.order"
    _inherit = "installation.order"

    def _get_authority_measures(self):
        return super()._get_authority_measures() | {"installation": "A24"}

    def _get_authority_depends(self):
        return [*super()._get_authority_depends(), "state", "order_id", "kind"]

    def _get_authority_party(self):
        """An approval is for this order, kind, address and these works."""
        return [
            self.order_id.id,
            self.kind,
            self.address_id.id,
            [
                [line.name, round(line.quantity, 6), *line.order_line_id.ids]
                for line in self.line_ids
            ],
        ]

    def _get_authority_people(self):
        return super()._get_authority_people() | self.user_id

    def _is_authority_settled(self):
        return self.state in ("begun", "done", "accepted", "cancelled")

    def _filter_authority_gated(self, action):
        records = super()._filter_authority_gated(action)
        if action == "print":  # the paper says that it is an application
            return records.browse()
        return records.filtered(lambda record: not record._is_authority_settled())

    @api.model
    def _domain_authority_candidates(self):
        return super()._domain_authority_candidates() & Domain(
            "state", "in", ("draft", "submitted", "approved")
        )

    def _get_authority_facts(self):
        facts = super()._get_authority_facts()
        for record in self:
            self._add_authority_fact(
                facts,
                record,
                {
                    "rule": "A24",
                    "measure": "installation",
                    "value": 1.0,
                    "figures": {"kind": record.kind, "order": record.order_id.name},
                },
            )
        return facts

    @api.model
    def _describe_authority_fact(self, fact):
        figures = fact.get("figures") or {}
        if fact["measure"] != "installation" or "kind" not in figures:
            return super()._describe_authority_fact(fact)
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        return self.env._(
            "%(kind)s for %(order)s",
            kind=kinds.get(figures["kind"], figures["kind"]),
            order=figures["order"],
        )

    def _get_authority_summary(self):
        return super()._get_authority_summary() | {
            record.id: {
                "partner": record.partner_id,
                "currency": record.order_id.currency_id,
                "amount": record.order_id.amount_untaxed,
                "cost": None,
            }
            for record in self
        }

    # --- the first instalment ---------------------------------------------------------

    @api.model
    def _get_reason_rules(self):
        return super()._get_reason_rules() | {"A24"}

    def _get_own_reasons(self):
        reasons = super()._get_own_reasons()
        missing = self.order_id._origin._get_missing_first_instalment()
        for company, records in self.grouped("company_id").items():
            lacking = self._get_lack_of_approver(
                company, "A24", "installation", "begin"
            )
            for record in records:
                own = reasons.setdefault(record.id, [])
                own += lacking
                order = record.order_id
                if amount := missing.get(order._origin.id):
                    own.append(
                        {
                            "rule": "A24",
                            "key": "instalment",
                            "at": "begin",
                            "sentence": self.env._(
                                "%(amount)s of the first instalment of %(order)s are"
                                " missing",
                                amount=order._format_named(
                                    amount, order.currency_id.name
                                ),
                                order=order.name,
                            ),
                            "release": self.env._("the customer's payment"),
                        }
                    )
        return reasons
