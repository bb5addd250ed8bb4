from odoo import models

from .authority_mixin import AuthorityMixin


class IrActionsReport(models.Model):
    """No print of what waits for approval, in no format (A16)."""

    _name = "ir.actions.report"
    _inherit = "ir.actions.report"

    def _check_authority_to_print(self, report_ref, res_ids):
        report = self._get_report(report_ref)
        model = self.env.get(report.model)
        if res_ids and isinstance(model, AuthorityMixin):
            ids = [res_ids] if isinstance(res_ids, int) else res_ids
            # Whoever prints has been let in; the error names no costs.
            model.sudo().browse(ids).exists()._check_authority("print")

    def _pre_render_qweb_pdf(self, report_ref, res_ids=None, data=None):
        self._check_authority_to_print(report_ref, res_ids)
        return super()._pre_render_qweb_pdf(report_ref, res_ids=res_ids, data=data)

    def _render_qweb_html(self, report_ref, docids, data=None):
        self._check_authority_to_print(report_ref, docids)
        return super()._render_qweb_html(report_ref, docids, data=data)

    def _render_qweb_text(self, report_ref, docids, data=None):
        self._check_authority_to_print(report_ref, docids)
        return super()._render_qweb_text(report_ref, docids, data=data)
