import re

from odoo import api, fields, models
from odoo.addons.base.models.res_partner import _tz_get
from odoo.exceptions import ValidationError

UN_LOCODE = re.compile(r"[A-Z]{2}[A-Z2-9]{3}")


class FreightLocation(models.Model):
    """A place of carriage: UN/LOCODE, and a facility code for a terminal in it."""

    _name = "freight.location"
    _description = "Freight Location"
    _inherit = ["server.field.mixin"]
    _order = "code, facility_code nulls first"
    _rec_names_search = ["code", "facility_code", "name"]

    name = fields.Char(required=True, translate=True)
    code = fields.Char(string="UN/LOCODE", required=True, size=5)
    facility_code = fields.Char(
        help="Short code of a terminal or depot within the place; empty for the port itself.",
    )
    kind = fields.Selection(
        [
            ("port", "Seaport"),
            ("terminal", "Terminal"),
            ("inland", "Inland Place"),
            ("depot", "Container Depot"),
        ],
        required=True,
        default="port",
    )
    country_id = fields.Many2one(
        "res.country", compute="_compute_country_id", store=True, index=True
    )
    tz = fields.Selection(
        _tz_get,
        string="Time Zone",
        required=True,
        default=lambda self: self.env.user.tz or "UTC",
        help="Cut-offs at this place are read in this zone.",
    )
    active = fields.Boolean(default=True)

    _code_uniq = models.UniqueIndex(
        "(code, COALESCE(facility_code, ''))",
        "A place is listed once per UN/LOCODE and facility code.",
    )

    @api.depends("code")
    def _compute_country_id(self):
        prefixes = {(location.code or "")[:2] for location in self}
        countries = self.env["res.country"].search([("code", "in", list(prefixes))])
        by_code = {country.code: country for country in countries}
        for location in self:
            location.country_id = by_code.get((location.code or "")[:2])

    @api.depends("name", "code", "facility_code")
    def _compute_display_name(self):
        for location in self:
            codes = "/".join(filter(None, (location.code, location.facility_code)))
            location.display_name = f"{location.name or ''} ({codes})"

    @api.constrains("code")
    def _check_code(self):
        for location in self:
            if not UN_LOCODE.fullmatch(location.code):
                raise ValidationError(
                    self.env._(
                        "“%(code)s” is no UN/LOCODE: two letters of the country and three more characters, e.g. CNYTN.",
                        code=location.code,
                    )
                )
