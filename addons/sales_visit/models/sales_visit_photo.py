from odoo import api, fields, models
from odoo.exceptions import ValidationError


class SalesVisit(models.Model):
    """Photos of what was seen: files of the visit, and locked with its report (V11)."""

    _name = "sales.visit"
    _inherit = ["sales.visit"]

    photo_ids = fields.Many2many(
        "ir.attachment", "sales_visit_photo_rel", string="Photos", copy=False
    )

    @api.constrains("photo_ids")
    def _check_photo_ids(self):
        for visit in self:
            # Where a file belongs is no secret; one of another document could be
            # changed behind the lock of the report.
            for photo in visit.photo_ids.sudo():
                if (photo.res_model, photo.res_id) != (visit._name, visit.id):
                    raise ValidationError(
                        self.env._(
                            "“%(file)s” isn't a file of %(visit)s.",
                            file=photo.name,
                            visit=visit.display_name,
                        )
                    )

    @api.model
    def _get_section_fields(self):
        return [*super()._get_section_fields(), "photo_ids"]
