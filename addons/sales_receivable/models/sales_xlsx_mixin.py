from odoo import models


class SalesXlsxMixin(models.AbstractModel):
    """A record that can be downloaded as a workbook (K11)."""

    _name = "sales.xlsx.mixin"
    _description = "Workbook Download"

    def action_xlsx(self):
        """Download the record's workbook, with the companies that are on screen."""
        self.ensure_one()
        companies = "-".join(map(str, self.env.companies.ids))
        return {
            "type": "ir.actions.act_url",
            "url": f"/sales_receivable/xlsx/{self._name}/{self.id}?companies={companies}",
            "target": "download",
        }

    def _get_xlsx(self):
        """Return the workbook: its file name without extension and its content.

        :rtype: tuple[str, bytes]
        """
        raise NotImplementedError
