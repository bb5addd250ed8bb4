from odoo import api, fields, models

from .freight_charge_type import BASES


class FreightTariffLine(models.Model):
    """The price of one charge on one route and size, bought and sold."""

    _name = "freight.tariff.line"
    _description = "Freight Tariff Line"
    _inherit = ["server.field.mixin"]
    _order = "tariff_id, sequence, id"
    _check_company_auto = True

    tariff_id = fields.Many2one(
        "freight.tariff", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="tariff_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="tariff_id.currency_id")
    sequence = fields.Integer(default=10)
    charge_type_id = fields.Many2one(
        "freight.charge.type", string="Charge", required=True, ondelete="restrict"
    )
    basis = fields.Selection(
        BASES,
        compute="_compute_basis",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
    )
    pol_id = fields.Many2one(
        "freight.location", string="Port of Loading", ondelete="restrict"
    )
    pod_id = fields.Many2one(
        "freight.location", string="Port of Discharge", ondelete="restrict"
    )
    equipment_type_id = fields.Many2one(
        "freight.equipment.type",
        string="Size/Type",
        ondelete="restrict",
        help="Empty: the price holds for every size.",
    )
    buy_price = fields.Monetary()
    sell_price = fields.Monetary()

    @api.depends("charge_type_id")
    def _compute_basis(self):
        for line in self:
            line.basis = line.charge_type_id.basis or line.basis or "fixed"

    @api.depends("tariff_id", "charge_type_id")
    def _compute_display_name(self):
        for line in self:
            line.display_name = (
                f"{line.tariff_id.display_name} · {line.charge_type_id.code or ''}"
            )

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.tariff_id._check_unlocked()
        return lines

    def write(self, vals):
        self.tariff_id._check_unlocked()
        result = super().write(vals)
        self.tariff_id._check_unlocked()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_approved(self):
        self.tariff_id._check_unlocked()

    def _get_quantity(self, quantity_by_type):
        """Return how many units of this line a shipment needs.

        :param dict quantity_by_type: containers per ``freight.equipment.type``
        """
        self.ensure_one()
        if self.basis != "container":
            return 1.0
        if self.equipment_type_id:
            return quantity_by_type.get(self.equipment_type_id, 0.0)
        return sum(quantity_by_type.values())
