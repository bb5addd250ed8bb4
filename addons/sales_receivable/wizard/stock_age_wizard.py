from odoo import fields, models


class StockAgeWizard(models.TransientModel):
    """Choose the day of the stock age, compute and open it (K03)."""

    _name = "stock.age.wizard"
    _description = "Stock Age As Of"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    as_of = fields.Date(required=True, default=fields.Date.context_today)

    def action_open(self):
        """Compute the snapshot of the day and open its layers; one of an approved
        period is opened as it is."""
        self.ensure_one()
        snapshot = self.env["stock.age.snapshot"]._get_snapshot(
            self.company_id, self.as_of
        )
        if snapshot.state != "frozen":
            snapshot.action_compute()
        return snapshot.action_view_lines()
