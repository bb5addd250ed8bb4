import re
import unicodedata

from odoo import api, fields, models
from odoo.addons.sales_receivable.guard import as_server
from odoo.exceptions import UserError


class FreightSeal(models.Model):
    """A seal and where it was: used once, and its story is kept (F10)."""

    _name = "freight.seal"
    _description = "Seal"
    _inherit = ["server.field.mixin"]
    _order = "id"
    _rec_name = "number"
    _check_company_auto = True

    container_id = fields.Many2one(
        "freight.container", required=True, index=True, ondelete="restrict"
    )
    booking_id = fields.Many2one(related="container_id.booking_id")
    company_id = fields.Many2one(
        related="container_id.company_id", store=True, index=True, precompute=True
    )
    number = fields.Char(required=True, copy=False)
    source = fields.Selection(
        [("CAR", "Carrier"), ("SHI", "Shipper"), ("CUS", "Customs")],
        required=True,
        default="CAR",
    )
    carrier_id = fields.Many2one(
        "freight.carrier", compute="_compute_carrier_id", store=True, precompute=True
    )
    state = fields.Selection(
        [("intact", "Intact"), ("broken", "Broken")],
        string="Status",
        required=True,
        default="intact",
    )
    broken_at = fields.Datetime(readonly=True, copy=False)

    # Whoever gave it and whichever carrier the booking has by now.
    _number_uniq = models.UniqueIndex(
        "(company_id, number)",
        "This seal was used before; a seal is used once.",
    )
    _intact_uniq = models.UniqueIndex(
        "(container_id) WHERE state = 'intact'",
        "The container has an unbroken seal: break that first.",
    )

    @api.model
    def _get_step_fields(self):
        return super()._get_step_fields() | {"state"}

    @api.depends("container_id")
    def _compute_carrier_id(self):
        """Keep the carrier that gave the seal, whatever the booking does later."""
        for seal in self:
            seal.carrier_id = seal.container_id.booking_id.carrier_id

    @api.model
    def _clean_number(self, number):
        """Return a typed or pasted seal number as its letters and digits, in capitals."""
        plain = unicodedata.normalize("NFKC", number or "").upper()
        return re.sub(r"[^A-Z0-9]", "", plain) or False

    @api.model_create_multi
    def create(self, vals_list):
        # The seal that was broken for the new one comes first in the database, too.
        self.flush_model(["state"])
        return super().create(
            [
                {**vals, "number": self._clean_number(vals.get("number"))}
                for vals in vals_list
            ]
        )

    def write(self, vals):
        """Only break a seal: its number, container and end are history."""
        if vals.get("state") == "intact" or vals.keys() - {"state"}:
            raise UserError(
                self.env._("A seal's record is history: break it and put a new one.")
            )
        intact = self.filtered(lambda seal: seal.state == "intact")
        result = super().write(vals)
        if vals.get("state"):
            super(FreightSeal, as_server(intact)).write(
                {"broken_at": fields.Datetime.now()}
            )
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        """Keep the record of a seal that was broken or left with its container (F10)."""
        left = self.container_id._get_used()
        used = self.filtered(
            lambda seal: seal.state == "broken" or seal.container_id in left
        )
        if used:
            raise UserError(
                self.env._(
                    "Seal %(seal)s was used: its record stays, and %(container)s with it.",
                    seal=used[0].number,
                    container=used[0].container_id.display_name,
                )
            )

    def action_break(self):
        """Record that these seals were broken; they are never used again."""
        self.filtered(lambda seal: seal.state == "intact").write({"state": "broken"})
        return True
