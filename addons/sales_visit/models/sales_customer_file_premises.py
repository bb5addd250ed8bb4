from dateutil.relativedelta import relativedelta
from odoo import api, fields, models

from ..guard import as_server

MOVE_PLANS = [("keeps", "Keeps"), ("expands", "Expands"), ("shrinks", "Shrinks")]


class SalesCustomerFile(models.Model):
    """The customer's premises, and when its lease is followed up (V22, V23)."""

    _name = "sales.customer.file"
    _inherit = ["sales.customer.file"]

    building_id = fields.Many2one(
        "sales.building",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    floor = fields.Char()
    lease_end = fields.Date(string="Lease Ends", tracking=True)
    area = fields.Float(string="Area (m²)", digits=(12, 1))
    zones = fields.Char(help="How the space is divided.")
    headcount = fields.Integer()
    currency_id = fields.Many2one(related="company_id.currency_id")
    fitout_budget = fields.Monetary(string="Fit-out Budget")
    move_plan = fields.Selection(MOVE_PLANS, string="Space at the Lease's End")
    moving_date = fields.Date()
    works_end = fields.Date(string="Works Finish")
    lease_follow_up_ids = fields.One2many(
        "sales.lease.follow.up", "file_id", string="Lease Follow-ups"
    )

    _check_premises = models.Constraint(
        "CHECK(area >= 0 AND headcount >= 0 AND fitout_budget >= 0)",
        "Area, headcount and budget aren't negative.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        files = super().create(vals_list)
        files.filtered("lease_end")._plan_lease_follow_ups()
        return files

    def write(self, vals):
        if "lease_end" not in vals:
            return super().write(vals)
        ends = {file: file.lease_end for file in self}
        result = super().write(vals)
        self.filtered(
            lambda file: file.lease_end != ends[file]
        )._plan_lease_follow_ups()
        return result

    def action_measure(self):
        """Open a new visit that measures the customer's premises."""
        self.ensure_one()
        visit_type = self.env.ref(
            "sales_visit.sales_visit_type_measuring", raise_if_not_found=False
        )
        return {
            "name": self.env._("Measuring Visit"),
            "type": "ir.actions.act_window",
            "res_model": "sales.visit",
            "view_mode": "form",
            "context": {
                "default_partner_id": self.partner_id.id,
                "default_company_id": self.company_id.id,
                "sales_visit_suggest_time": True,
                **({"default_visit_type_id": visit_type.id} if visit_type else {}),
            },
        }

    def _plan_lease_follow_ups(self):
        """Plan anew when these leases are followed up (V22).

        What has been done for a lease isn't planned again. Of the times that have passed
        already only the last is caught up with; a lease that has ended needs none.
        """
        today = fields.Date.context_today(self)
        # Users see follow-ups; when they come about isn't theirs to say.
        follow_ups = as_server(self.env["sales.lease.follow.up"].sudo())
        earlier = follow_ups.search([("file_id", "in", self.ids)])
        done = earlier.filtered("done_at")
        (earlier - done).unlink()
        known = {(row.file_id.id, row.lease_end, row.months) for row in done}
        vals_list = []
        for company, files in self.grouped("company_id").items():
            all_months = self.env["sales.lease.rule"]._get_months(company)
            for file in files.filtered(
                lambda file: file.lease_end and file.lease_end > today
            ):
                dates = {
                    months: file.lease_end - relativedelta(months=months)
                    for months in all_months
                }
                passed = [months for months in all_months if dates[months] <= today]
                vals_list += [
                    {
                        "file_id": file.id,
                        "lease_end": file.lease_end,
                        "months": months,
                        "date": dates[months],
                    }
                    for months in all_months
                    if months not in passed[1:]
                    and (file.id, file.lease_end, months) not in known
                ]
        follow_ups.create(vals_list)

    def _merge_into(self, kept):
        result = super()._merge_into(kept)
        kept.sudo()._plan_lease_follow_ups()
        return result
