from datetime import timedelta

from odoo import models


class PerformancePeriod(models.Model):
    """What people see of a period: their figures to answer, and the ways to them (K10)."""

    _name = "performance.period"
    _inherit = "performance.period"

    def _get_answer_deadline(self):
        """Return until when people may answer to their figures (UTC), None without
        waiting for them."""
        days = self.company_id.performance_answer_days
        return days and self.reviewed_at and self.reviewed_at + timedelta(days=days)

    def _tell_people(self):
        """Tell everybody who has figures in this period that they may be looked at."""
        # Whose figures there are is finance's to see; the note itself tells no figure.
        people = self.sudo().statement_ids.beneficiary_id
        if people and self._get_answer_deadline():
            self.message_notify(
                partner_ids=people.partner_id.ids,
                subject=self.env._(
                    "Your figures of %(month)s", month=self.display_name
                ),
                body=self.env._(
                    "Your figures have been reviewed. Look at your statement and agree,"
                    " or say what is wrong, within %(days)s days.",
                    days=self.company_id.performance_answer_days,
                ),
            )

    def action_view_lines(self):
        """Open the lines: the run's while the period is open, then the entries."""
        return self._get_lines_action([])

    def action_verify(self):
        """Compute a closed period again from what was kept with it (X07).

        :raise UserError: the period isn't closed
        """
        self.ensure_one()
        verification = self.env["performance.verification"]._verify(self)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Verification"),
            "res_model": verification._name,
            "res_id": verification.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_view_stock_age(self):
        """Open the stock age that the deductions were computed with."""
        self.ensure_one()
        return self.snapshot_id.action_view_lines()

    def _get_lines_action(self, domain):
        self.ensure_one()
        name = "entry" if self.state == "closed" else "run_line"
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                f"sales_receivable.performance_{name}_action"
            ),
            "display_name": self.display_name,
            "domain": [("period_id", "=", self.id), *domain],
            "context": {},
        }
