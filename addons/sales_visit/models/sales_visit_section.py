from odoo import api, fields, models
from odoo.exceptions import ValidationError


class SalesVisitSection(models.Model):
    """A part of the visit report that a visit type may require (V11).

    The addon that brings a field of the report declares its section as data.
    """

    _name = "sales.visit.section"
    _description = "Visit Report Section"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    field_name = fields.Char(
        required=True, readonly=True, help="Field of the visit that holds the answer."
    )

    _field_name_uniq = models.Constraint(
        "unique(field_name)", "A field of the report has one section."
    )

    @api.constrains("field_name")
    def _check_field_name(self):
        for section in self:
            if section.field_name not in self.env["sales.visit"]._fields:
                raise ValidationError(
                    self.env._(
                        "A visit has no field “%(field)s”.", field=section.field_name
                    )
                )
