from odoo import api, fields, models
from odoo.tools import SQL

from ..guard import as_server
from .commission_statement import RULES

FIGURES = ("commission_amount", "interest_amount", "amount", "line_count", "digest")


class PerformancePeriod(models.Model):
    """The commission forms of a period (K02): made with its run, frozen by approval."""

    _name = "performance.period"
    _inherit = "performance.period"

    commission_form_ids = fields.One2many("commission.statement", "period_id")
    commission_exception_ids = fields.One2many("commission.exception", "period_id")
    commission_form_count = fields.Integer(compute="_compute_commission_counts")
    commission_exception_count = fields.Integer(compute="_compute_commission_counts")

    @api.depends_context("uid")  # everybody's are those they may see
    @api.depends("commission_form_ids", "commission_exception_ids")
    def _compute_commission_counts(self):
        for period in self:
            own = [("period_id", "=", period.id)]
            forms = self.env["commission.statement"].search_count(own)
            period.commission_form_count = forms
            exceptions = self.env["commission.exception"].search_count(own)
            period.commission_exception_count = exceptions

    @api.model
    def _get_server_fields(self):
        return super()._get_server_fields() | {
            "commission_form_ids",
            "commission_exception_ids",
        }

    def action_view_commission_forms(self):
        """Open the period's commission forms."""
        return self._get_commission_action("commission_statement_action")

    def action_view_commission_exceptions(self):
        """Open what was collected in the period without commission."""
        return self._get_commission_action("commission_exception_action")

    def _get_commission_action(self, name):
        self.ensure_one()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(f"sales_receivable.{name}"),
            "domain": [("period_id", "=", self.id)],
        }

    def _make_statements(self):
        result = super()._make_statements()
        self._make_commission_forms()
        return result

    def action_reopen(self):
        """Go back to open; forms that nobody has approved go, too (K02, K10)."""
        result = super().action_reopen()
        self._get_commission_forms().unlink()
        return result

    def _get_commission_forms(self):
        # Forms are made and taken away by who computes, whoever may write them.
        forms = as_server(self.env["commission.statement"].sudo())
        return forms.search([("period_id", "in", self.ids)])

    def _get_blocking_reasons(self, step):
        reasons = super()._get_blocking_reasons(step)
        if step in ("compute", "reopen"):
            reasons += [
                self.env._("%s is approved: refuse it first.", form.display_name)
                for form in self._get_commission_forms()
                if form.state in ("approved", "exported")
            ]
        return reasons

    def _make_commission_forms(self):
        """Make, update or take away the forms of the run's people.

        A form with the same lines keeps its status; one with others is reviewed again.
        """
        figures = self._get_commission_figures()
        known = self._get_commission_forms()
        new = []
        for form in known:
            values = figures.pop(form.beneficiary_id.id, None)
            if not values:
                form.unlink()
            elif values["digest"] != form.digest:
                form._update_figures(values)
        for person, values in figures.items():
            new.append(
                {
                    "period_id": self.id,
                    "company_id": self.company_id.id,
                    "beneficiary_id": person,
                    **values,
                }
            )
        for form in known.create(new):
            form.write(form._get_carried())

    def _get_commission_figures(self):
        """Return ``{user id: figures of their form}``."""
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT beneficiary_id,
                       COALESCE(SUM(amount) FILTER (WHERE rule = 'K02'), 0)
                       AS commission_amount,
                       COALESCE(SUM(amount) FILTER (WHERE rule = 'R08'), 0)
                       AS interest_amount,
                       SUM(amount) AS amount, COUNT(*) AS line_count,
                       ENCODE(SHA256(CONVERT_TO(STRING_AGG(
                           CONCAT_WS('|', rule, source_name, slice, TRIM_SCALE(target),
                                     TRIM_SCALE(amount), inputs), E'\\n'
                           ORDER BY rule COLLATE "C", source_name COLLATE "C", slice,
                                    inputs::text COLLATE "C", amount), 'UTF8')), 'hex')
                       AS digest
                  FROM performance_run_line
                 WHERE period_id = %s AND rule = ANY(%s) AND beneficiary_id IS NOT NULL
                 GROUP BY beneficiary_id ORDER BY beneficiary_id
                """,
                self.id,
                list(RULES),
            )
        )
        return {
            row["beneficiary_id"]: {name: row[name] for name in FIGURES} for row in rows
        }
