from odoo import api, models
from odoo.exceptions import AccessError

from ..guard import is_server

MODULE = __name__.split(".")[2]  # odoo.addons.<module>.models…


class ServerFieldMixin(models.AbstractModel):
    """Keeps callers out of the fields that only the server writes.

    To the host, ``readonly`` is a matter of views: by RPC or import anybody who may
    write a record writes its stored computed fields and what its steps freeze too.
    Computes don't pass through ``create`` and ``write``; our steps write ``as_server``.
    """

    _name = "sales.visit.server.field.mixin"
    _description = "Fields That Only the Server Writes"

    @api.model
    def _get_server_fields(self):
        """Return the names of the fields that no caller gives a value: those that this
        addon stores and declares readonly."""
        return {
            name
            for name, field in self._fields.items()
            if field.store
            and field.readonly
            and MODULE in field._modules
            and name not in models.MAGIC_COLUMNS
        }

    @api.model
    def default_get(self, fields):
        """Give what only the server writes its own default, not a context's or user's."""
        guarded = self._get_server_fields()
        values = super().default_get([name for name in fields if name not in guarded])
        for name in guarded.intersection(fields):
            if default := self._fields[name].default:
                values[name] = default(self)
        return values

    @api.model_create_multi
    def create(self, vals_list):
        if not is_server(self):
            guarded = self._get_server_fields()
            # Forms send some along, empty; nothing stays of them either.
            vals_list = [
                {
                    key: value
                    for key, value in vals.items()
                    if value or key not in guarded
                }
                for vals in vals_list
            ]
            self._check_server_fields(set().union(*vals_list))
        return super().create(vals_list)

    def write(self, vals):
        self._check_server_fields(vals.keys())
        return super().write(vals)

    def _check_server_fields(self, names):
        """Refuse values for what only the server writes.

        :param names: names of the fields that are given a value
        :raise AccessError: naming them
        """
        forged = self._get_server_fields().intersection(names)
        if forged and not is_server(self):
            raise AccessError(
                self.env._(
                    "%(fields)s can't be set directly: the steps and the other fields of “%(document)s” decide.",
                    fields=self._get_labels(forged),
                    document=self.env["ir.model"]._get(self._name).name,
                )
            )

    def _get_labels(self, names):
        """Return the labels of fields in the user's language, in one string."""
        labels = self.fields_get(list(names), ["string"])
        return ", ".join(sorted(label["string"] for label in labels.values()))
