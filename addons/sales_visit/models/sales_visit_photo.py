from base64 import b64encode

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools.image import image_data_uri, image_process

FILE_FIELDS = ("photo_ids", "floor_plan_ids")
PRINTED_TYPES = ("image/png", "image/jpeg", "image/webp", "image/gif")
PRINTED_SIZE = (800, 800)


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

    def _get_report_files(self, name):
        """Return the files of one kind as the printed report shows them.

        :param str name: one of ``FILE_FIELDS``
        :return: ``[{"name", "image"}]``: the picture as a data URI small enough to print,
            ``None`` for what is none
        """
        self.ensure_one()
        return [
            {"name": file.name, "image": self._get_printed_image(file)}
            for file in self[name]
        ]

    @api.model
    def _get_printed_image(self, file):
        if file.mimetype not in PRINTED_TYPES:
            return None
        try:
            image = image_process(file.raw, size=PRINTED_SIZE)
        except UserError:  # says that it can't be decoded: its name is printed
            return None
        return image_data_uri(b64encode(image))
