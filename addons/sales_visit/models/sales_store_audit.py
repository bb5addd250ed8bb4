from odoo import api, fields, models

from .sales_store_weight import CRITERIA

PUBLICITY = [("good", "Good"), ("fair", "In part"), ("poor", "None")]
MARKS = {"good": 1.0, "fair": 0.5, "poor": 0.0}


class SalesVisit(models.Model):
    """The audit of a store: publicity, shelf, price tags, what is out of stock, and the
    score that comes of it (V31)."""

    _name = "sales.visit"
    _inherit = ["sales.visit"]

    is_store_audit = fields.Boolean(related="visit_type_id.is_store_audit")
    outdoor_publicity = fields.Selection(PUBLICITY, copy=False)
    indoor_publicity = fields.Selection(PUBLICITY, copy=False)
    shelf_line_ids = fields.One2many(
        "sales.store.shelf", "visit_id", string="Products on the Shelf", copy=False
    )
    # {criterion: [mark from 0 to 1, weight]}, as they were when the score was found
    store_marks = fields.Json(compute="_compute_store_score", store=True)
    store_score = fields.Float(
        compute="_compute_store_score",
        store=True,
        digits=(5, 1),
        aggregator="avg",
        help="0 to 100: the mean of the marks by their weights. What was not looked at doesn't count.",
    )
    is_audited = fields.Boolean(
        string="Store Audited", compute="_compute_store_score", store=True
    )
    store_score_detail = fields.Char(
        string="Marks", compute="_compute_store_score_detail"
    )

    # Not on the weights: a score is that of its day.
    @api.depends(
        "outdoor_publicity",
        "indoor_publicity",
        "shelf_line_ids.position",
        "shelf_line_ids.facings",
        "shelf_line_ids.has_price_tag",
        "shelf_line_ids.is_out_of_stock",
    )
    def _compute_store_score(self):
        for company, visits in self.grouped("company_id").items():
            weights = self.env["sales.store.weight"]._get_weights(company)
            for visit in visits:
                target = (
                    weights["facings"].facings_target if "facings" in weights else 1
                )
                marks = {
                    criterion: [mark, weights[criterion].weight]
                    for criterion, mark in visit._get_store_marks(target).items()
                    if criterion in weights and weights[criterion].weight
                }
                total = sum(weight for _mark, weight in marks.values())
                earned = sum(mark * weight for mark, weight in marks.values())
                visit.store_marks = marks or False
                visit.is_audited = bool(marks)
                visit.store_score = 100 * earned / total if total else 0.0

    def _get_store_marks(self, facings_target):
        """Return ``{criterion: mark from 0 to 1}`` of what was looked at (V31).

        :param int facings_target: facings of a product that earn full marks
        """
        self.ensure_one()
        lines = self.shelf_line_ids
        placed = lines.filtered("position")
        seen = {
            "outdoor": self.outdoor_publicity and [MARKS[self.outdoor_publicity]],
            "indoor": self.indoor_publicity and [MARKS[self.indoor_publicity]],
            "position": [MARKS[line.position] for line in placed],
            "facings": [min(line.facings / facings_target, 1.0) for line in lines],
            "price_tag": [float(line.has_price_tag) for line in lines],
            "stock": [float(not line.is_out_of_stock) for line in lines],
        }
        return {
            criterion: round(sum(marks) / len(marks), 4)
            for criterion, marks in seen.items()
            if marks
        }

    @api.depends("store_marks")
    @api.depends_context("lang")
    def _compute_store_score_detail(self):
        criterion = self.env["sales.store.weight"]._fields["criterion"]
        labels = dict(criterion._description_selection(self.env))
        for visit in self:
            marks = visit.store_marks or {}
            visit.store_score_detail = " · ".join(
                self.env._(
                    "%(criterion)s %(mark)s %% × %(weight)s",
                    criterion=labels[key],
                    mark=round(100 * marks[key][0]),
                    weight=marks[key][1],
                )
                for key, _label in CRITERIA
                if key in marks
            )

    @api.model
    def _get_section_fields(self):
        return [
            *super()._get_section_fields(),
            "outdoor_publicity",
            "indoor_publicity",
            "shelf_line_ids",
        ]

    def action_add_last_products(self):
        """List the products that the last audit of each store looked at, to be looked at
        again.

        :raise UserError: once the report has been submitted
        """
        self.check_access("write")
        last = {}
        # The products of a colleague's audit of the store, nothing of what was seen.
        audits = self.sudo()._read_group(
            [
                ("is_audited", "=", True),
                ("shelf_line_ids", "!=", False),
                ("partner_id", "in", self.partner_id.ids),
                ("company_id", "in", self.company_id.ids),
                ("id", "not in", self.ids),
            ],
            ["company_id", "partner_id"],
            ["id:max"],
        )
        for company, partner, visit_id in audits:
            last[company, partner] = self.sudo().browse(visit_id)
        vals_list = []
        for visit in self:
            audit = last.get((visit.company_id, visit.partner_id), self.browse())
            missing = audit.shelf_line_ids.product_id - visit.shelf_line_ids.product_id
            vals_list += [
                {"visit_id": visit.id, "product_id": product.id} for product in missing
            ]
        self.env["sales.store.shelf"].create(vals_list)
        return True

    def action_view_store_trend(self):
        """Show how the score of the store has gone."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_visit.sales_visit_action_store_trend"
        )
        action["domain"] = [
            ("is_audited", "=", True),
            ("partner_id", "=", self.partner_id.id),
            ("company_id", "=", self.company_id.id),
        ]
        action["context"] = {"graph_mode": "line"}
        return action
