from odoo import api, models


class PhoneViewMixin(models.AbstractModel):
    """Views that a phone shows in another way than a desk: cards, which can't be dragged
    there, stand in one column, and a calendar shows a day, since a week is too wide."""

    _name = "sales.visit.phone.view.mixin"
    _description = "Views on a Phone"

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        arch, view = super()._get_view(view_id, view_type, **options)
        if options.get("mobile"):
            arch.attrib.pop("default_group_by", None)
            if view_type == "calendar":
                arch.set("mode", "day")
        return arch, view
