from odoo import api, fields, models
from odoo.exceptions import ValidationError

FILE_FIELDS = ("photo_ids", "floor_plan_ids")


class SalesVisit(models.Model):
    """Photos of what was seen and plans of the premises: files of the visit, each of its
    kind, and locked with its report (V11)."""

    _name = "sales.visit"
    _inherit = ["sales.visit"]

    photo_ids = fields.Many2many(
        "ir.attachment", "sales_visit_photo_rel", string="Photos", copy=False
    )
    floor_plan_ids = fields.Many2many(
        "ir.attachment", "sales_visit_floor_plan_rel", string="Floor Plans", copy=False
    )

    @api.constrains(*FILE_FIELDS)
    def _check_files(self):
        for visit in self:
            # Where a file belongs is no secret; one of another document could be
            # changed behind the lock of the report.
            for file in (visit.photo_ids | visit.floor_plan_ids).sudo():
                if (file.res_model, file.res_id) != (visit._name, visit.id):
                    raise ValidationError(
                        self.env._(
                            "“%(file)s” isn't a file of %(visit)s.",
                            file=file.name,
                            visit=visit.display_name,
                        )
                    )

    @api.model
    def _get_section_fields(self):
        return [*super()._get_section_fields(), *FILE_FIELDS]
