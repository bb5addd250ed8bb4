from odoo import api, models


class TaxInvoice(models.Model):
    """What was installed is accepted before its tax invoice is issued (A24)."""

    _name = "tax.invoice"
    _inherit = "tax.invoice"

    @api.model
    def _get_reason_rules(self):
        return super()._get_reason_rules() | {"A24"}

    def _get_own_reasons(self):
        reasons = super()._get_own_reasons()
        for record in self:
            unordered = record.line_ids.move_id.filtered(
                lambda move: move._get_unordered_to_install()
            )
            reasons.setdefault(record.id, []).extend(
                {
                    "rule": "A24",
                    "key": f"acceptance invoice {move.id}",
                    "at": "issue",
                    "sentence": self.env._(
                        "no acceptance report of the installation for %s", move.name
                    ),
                    "release": self.env._(
                        "accounting, with an invoice of the order that was installed"
                    ),
                }
                for move in unordered
            )
            reasons[record.id].extend(
                {
                    "rule": "A24",
                    "key": f"acceptance {order.id}",
                    "at": "issue",
                    "sentence": self.env._(
                        "no acceptance report of the installation for %s", order.name
                    ),
                    "release": self.env._(
                        "%s, with the report that the customer has signed",
                        order.user_id.name or self.env._("the salesperson"),
                    ),
                }
                for order in record._get_orders()._filter_unaccepted()
            )
        return reasons
