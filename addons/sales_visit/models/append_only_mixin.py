from odoo import api, models
from odoo.exceptions import UserError

from ..guard import is_server


class AppendOnlyMixin(models.AbstractModel):
    """History that the steps it tells of write, and that nobody changes or deletes."""

    _name = "sales.visit.append.only.mixin"
    _description = "History Written by Steps"

    @api.model_create_multi
    def create(self, vals_list):
        self._check_append_only()
        return super().create(vals_list)

    def write(self, vals):
        self._check_append_only()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        self._check_append_only()

    def _check_append_only(self):
        if not is_server(self):
            raise UserError(self._get_append_only_message())

    @api.model
    def _get_append_only_message(self):
        return self.env._("This history is written by steps, and by nothing else.")
