from odoo import api, models
from odoo.exceptions import AccessError
from odoo.tools import format_list

from ..guard import is_server


class ServerFieldMixin(models.AbstractModel):
    """Keeps callers out of the fields that only the server writes.

    To the host, ``readonly`` is a matter of views: by RPC or import anybody who may
    write a record may write its stored computed fields and stamps too. Computes don't
    pass through ``create`` and ``write``; our own steps write ``as_server``.
    """

    _name = "server.field.mixin"
    _description = "Fields that Only the Server Writes"

    #: Whether every readonly field is the server's: yes for a model of ours; of a model
    #: of the host, whose own code writes some of them, only the named ones are.
    _guards_readonly = True

    @api.model
    def _get_server_fields(self):
        """Return fields that no caller writes, besides the model's readonly ones."""
        return set()

    @api.model
    def _get_step_fields(self):
        """Return fields whose values take a guarded step: given, never by a default."""
        return set()

    @api.model
    def _get_unruled_fields(self, vals_list):
        """Return server fields that are anybody's where no rule is in force: fields of
        the host, whose behaviour an installation alone doesn't change.

        :param vals_list: what is created, or written to ``self``
        """
        return set()

    @api.model
    def _is_server_field(self, name):
        field = self._fields.get(name)
        return name in self._get_server_fields() or bool(
            self._guards_readonly
            and field
            and field.store
            and field.readonly
            and name not in models.MAGIC_COLUMNS
            and self._original_module in field._modules
        )

    @api.model
    def _check_server_fields(self, vals_list):
        """Raise AccessError if a caller's values name a field of the server."""
        if is_server(self):
            return
        names = {
            name for vals in vals_list for name in vals if self._is_server_field(name)
        }
        if names:
            names -= self._get_unruled_fields(vals_list)
        if names:
            labels = [
                self._fields[name]._description_string(self.env) for name in names
            ]
            raise AccessError(
                self.env._(
                    "%(fields)s of %(model)s can't be set: the system keeps it.",
                    fields=format_list(self.env, sorted(labels)),
                    model=self.env["ir.model"]._get(self._name).sudo().name,
                )
            )

    @api.model
    def default_get(self, fields):
        """Give guarded fields their own default, never a context's or a user's, where
        no guard looks."""
        steps = self._get_step_fields()
        unruled = self._get_unruled_fields([{}])
        guarded = {
            name
            for name in fields
            if name in steps or (name not in unruled and self._is_server_field(name))
        }
        values = super().default_get([name for name in fields if name not in guarded])
        for name in guarded:
            field = self._fields.get(name)
            if field and field.default:
                own = field.convert_to_cache(field.default(self), self, validate=False)
                values[name] = field.convert_to_write(own, self)
        return values

    @api.model_create_multi
    def create(self, vals_list):
        self._check_server_fields(vals_list)
        return super().create(vals_list)

    def write(self, vals):
        self._check_server_fields([vals])
        return super().write(vals)
