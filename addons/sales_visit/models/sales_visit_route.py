from datetime import timedelta
from urllib.parse import quote

from odoo import api, fields, models
from pytz import timezone, utc

from ..guard import as_server
from ..route import Stop, order_stops
from .sales_visit import BEFORE_START

MAP_URL = (
    "https://uri.amap.com/marker?position={longitude},{latitude}"
    "&coordinate=wgs84&name={name}"
)
MAP_SEARCH_URL = "https://uri.amap.com/search?keyword={address}"
MAP_ROUTE_URL = (
    "https://www.google.com/maps/dir/?api=1&origin={origin}"
    "&destination={destination}&waypoints={waypoints}"
)
HORIZON = timedelta(hours=18)  # from the evening before to the end of the working day


class SalesVisit(models.Model):
    """The order in which a day's visits are made, and where a map shows them (V04)."""

    _name = "sales.visit"
    _inherit = ["sales.visit"]

    route_sequence = fields.Integer(
        string="Stop", copy=False, help="Place of the visit in the route of its day."
    )
    route_ordered_at = fields.Datetime(readonly=True, copy=False)
    map_url = fields.Char(string="Map", compute="_compute_map_url")

    @api.depends("partner_id")
    def _compute_map_url(self):
        for visit in self:
            partner = visit.partner_id.sudo()  # the visit shows where its customer is
            visit.map_url = self._get_map_url(partner, visit._get_point(partner))

    @api.model
    def _get_map_url(self, partner, point):
        """Return the address of a map that shows a point, or else where a partner's
        address is; ``False`` without either.

        :param point: ``(latitude, longitude)`` or ``None``
        """
        get_param = self.env["ir.config_parameter"].sudo().get_param
        if point:
            return self._fill_url(
                get_param("sales_visit.map_url", MAP_URL),
                latitude=str(point[0]),
                longitude=str(point[1]),
                name=partner.name,
            )
        address = " ".join(partner._display_address(True).split())
        return address and self._fill_url(
            get_param("sales_visit.map_search_url", MAP_SEARCH_URL), address=address
        )

    def action_order_route(self):
        """Order the days of these visits by the least way (V04)."""
        self.check_access("write")
        self._order_routes()
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def action_view_route(self):
        """Open the map with the route of these visits, in their order."""
        points = [
            "{},{}".format(*point)
            for visit in self.sorted(lambda v: (v.route_sequence, v.planned_start))
            if (point := visit._get_point(visit.partner_id.sudo()))
        ]
        start, end = self.user_id[:1]._get_route_ends(self.company_id[:1])
        points = [
            *(["{},{}".format(*start)] if start else []),
            *points,
            *(["{},{}".format(*end)] if end else []),
        ]
        url = (
            self.env["ir.config_parameter"]
            .sudo()
            .get_param("sales_visit.map_route_url")
        )
        return {
            "type": "ir.actions.act_url",
            "target": "new",
            "url": self._fill_url(
                url or MAP_ROUTE_URL,
                origin=points[0] if points else "",
                destination=points[-1] if points else "",
                waypoints="|".join(points[1:-1]),
            ),
        }

    @api.model
    def _fill_url(self, url, **values):
        for name, value in values.items():
            url = url.replace("{" + name + "}", quote(value or "", safe=","))
        return url

    @api.model
    def _get_point(self, partner):
        """Return ``(latitude, longitude)`` of a partner; ``None`` where unknown."""
        point = (partner.partner_latitude, partner.partner_longitude)
        return point if any(point) else None

    @api.model
    def _cron_order_routes(self):
        """The evening before, order the days of those who have visits (V04). A visit is
        looked at once: what a salesperson reorders afterwards stays."""
        now = fields.Datetime.now()
        self._run_in_batches(
            [
                ("state", "in", ("planned", "confirmed")),
                ("planned_start", ">", now),
                ("planned_start", "<=", now + HORIZON),
            ],
            "route_ordered_at",
            "_order_routes",
        )

    def _order_routes(self):
        """Order every day that one of these visits is on; confirmed ones keep their time."""
        groups = self._get_same_days()._group_by_planned_day()
        for (user, company, _day), visits in groups.items():
            if not visits & self:
                continue
            stops = [
                Stop(
                    visit,
                    visit.planned_start if visit.state == "confirmed" else None,
                    # Where customers are is what the route is made of.
                    self._get_point(visit.partner_id.sudo()),
                )
                for visit in visits.sorted("planned_start")
            ]
            route = order_stops(stops, *user._get_route_ends(company))
            for number, stop in enumerate(route, start=1):
                as_server(stop.key).write({"route_sequence": number})

    def _get_same_days(self):
        """Return all visits to come of these salespeople around these days."""
        starts = [visit.planned_start for visit in self if visit.planned_start]
        if not starts:
            return self.browse()
        day = timedelta(days=1)
        return self.search(
            [
                ("user_id", "in", self.user_id.ids),
                ("company_id", "in", self.company_id.ids),
                ("state", "in", list(BEFORE_START)),
                ("planned_start", ">=", min(starts) - day),
                ("planned_start", "<=", max(starts) + day),
            ]
        )

    def _group_by_planned_day(self):
        """Return ``{(user, company, day): visits}`` by each salesperson's clock."""
        days = {
            visit: utc.localize(visit.planned_start).astimezone(timezone(tz)).date()
            for visit, tz in self._get_zones().items()
        }
        return self.grouped(
            lambda visit: (visit.user_id, visit.company_id, days[visit])
        )
