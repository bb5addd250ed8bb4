import math

from odoo import api, models
from odoo.exceptions import UserError

NUMBERS = ("float", "integer", "monetary")


class FiniteMixin(models.AbstractModel):
    """Takes real numbers only, whether typed, imported, called or by default.

    "Not a number" and infinity, which JSON and imports can bring, compare with nothing:
    a limit would never be exceeded.
    """

    _name = "finite.mixin"
    _description = "Real Numbers Only"

    @api.model
    def _check_finite(self, vals):
        """Raise UserError, with the field's name, on a value that isn't a number."""
        for name, value in vals.items():
            if not isinstance(value, (float, str)):
                continue
            field = self._fields.get(name)
            if not field or field.type not in NUMBERS:
                continue
            try:
                finite = math.isfinite(float(value or 0.0))
            except ValueError:  # a word: the host says so
                continue
            if not finite:
                raise UserError(
                    self.env._(
                        "%(field)s: “%(value)s” is not an amount that can be compared."
                        " Enter a number.",
                        field=field._description_string(self.env),
                        value=value,
                    )
                )

    @api.model
    def default_get(self, fields):
        """Take no default of a context or a user that isn't a number."""
        # Before the host rounds what can't be rounded.
        context = self.env.context
        self._check_finite({name: context.get(f"default_{name}") for name in fields})
        values = super().default_get(fields)
        self._check_finite(values)
        return values

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_finite(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_finite(vals)
        return super().write(vals)
