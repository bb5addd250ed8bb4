from odoo import api, models


class PerformanceVersionLineMixin(models.AbstractModel):
    """A part of a version, locked with it (K10)."""

    _name = "performance.version.line.mixin"
    _description = "Part of a Version"

    #: Field that names the version.
    _version_field = None

    def _check_version(self):
        self[self._version_field]._check_not_computed()

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._check_version()
        return lines

    def write(self, vals):
        self._check_version()
        result = super().write(vals)
        # A line moved to another version changes that one, too.
        self._check_version()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_computed(self):
        self._check_version()
