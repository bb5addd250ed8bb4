from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

PRECISION = 0.5  # percent
# At this discount about every line is below its references: from what it measures then
# and at none follows what it measures at any other.
REFERENCES = (0.0, 99.0)


class AuthoritySimulation(models.TransientModel):
    """What if: who would have to approve a quotation at other prices, before anybody is
    asked and before the quotation is changed (X04)."""

    _name = "authority.simulation"
    _description = "What If"
    _inherit = ["finite.mixin"]

    order_id = fields.Many2one(
        "sale.order", required=True, readonly=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="order_id.currency_id")
    further_discount = fields.Float(
        string="Further Discount (%)",
        help="Taken off every line, after its own discount.",
    )
    line_ids = fields.One2many("authority.simulation.line", "simulation_id")
    amount_untaxed = fields.Monetary(compute="_compute_result")
    is_free = fields.Boolean(compute="_compute_result")
    result = fields.Html(compute="_compute_result", sanitize=False)
    ladder = fields.Html(compute="_compute_ladder", sanitize=False)

    _check_further_discount = models.Constraint(
        "CHECK(further_discount >= 0 AND further_discount <= 100)",
        "A further discount is between 0 and 100 %.",
    )

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        order = self.env["sale.order"].browse(values.get("order_id"))
        if "line_ids" in fields and order:
            values["line_ids"] = [
                (0, 0, self._prepare_line(line)) for line in order._get_document_lines()
            ]
        return values

    @api.model
    def _prepare_line(self, line):
        return {
            "order_line_id": line.id,
            "quantity": line.product_uom_qty,
            "price_unit": line.price_unit,
            "discount": line.discount,
        }

    @api.depends(
        "order_id",
        "further_discount",
        "line_ids.quantity",
        "line_ids.price_unit",
        "line_ids.discount",
    )
    @api.depends_context("uid", "lang")
    def _compute_result(self):
        for simulation in self:
            order = simulation._get_virtual_order(simulation.further_discount)
            needs = order._get_authority_needs()[order.id]
            simulation.is_free = not needs
            simulation.result = needs and order._render_authority_banner(
                [need | {"facts": need["shown"]} for need in needs]
            )
            simulation.amount_untaxed = sum(
                line._get_untaxed_amount() for line in order._get_document_lines()
            )

    @api.depends("order_id")
    @api.depends_context("uid", "lang")
    def _compute_ladder(self):
        for simulation in self:
            simulation.ladder = self.env["ir.qweb"]._render(
                "sales_receivable.authority_ladder",
                {"rungs": simulation._get_ladder()},
            )

    def action_apply(self):
        """Write the prices tried out to the quotation.

        :raise UserError: for a quotation that has been confirmed or cancelled
        """
        self.ensure_one()
        if self.order_id.state not in ("draft", "sent"):
            raise UserError(
                self.env._("Only the prices of a quotation can be changed here.")
            )
        for line in self.line_ids:
            vals = line._prepare_order_line(self.further_discount)
            target = line.order_line_id
            changed = {
                name: value for name, value in vals.items() if target[name] != value
            }
            if changed:
                target.write(changed)
        return {"type": "ir.actions.act_window_close"}

    @api.constrains("order_id", "line_ids")
    def _check_line_ids(self):
        for simulation in self:
            if simulation.line_ids.order_line_id.order_id - simulation.order_id:
                raise UserError(self.env._("Try the lines of this quotation only."))

    # --- parts ------------------------------------------------------------------------

    def _get_virtual_order(self, further_discount):
        """Return the quotation as it would be, in memory only."""
        self.ensure_one()
        self._check_figures_known()
        order = self.env["sale.order"].new(origin=self.order_id._origin)
        lines = {line._origin.id: line for line in order.order_line}
        for line in self.line_ids:
            # The price last: what the others would make of it isn't what was typed.
            for name, value in line._prepare_order_line(further_discount).items():
                lines[line.order_line_id._origin.id][name] = value
        return order

    def _check_figures_known(self):
        if self.order_id - self.order_id._filter_authority_figures():
            raise AccessError(
                self.env._("“What if” is for sales, approvers and accounting.")
            )

    def _get_ladder(self):
        """Return up to which further discount each level may decide this quotation as it
        stands: ``[{"level", "is_own", "percent"}]``, the lowest level first.

        ``percent`` is ``None`` where the level doesn't suffice even without, 100 where
        any discount will do. Found by halving; in between both ends the figures are
        scaled and not measured anew, where the document knows how they move.
        """
        self.ensure_one()
        own = self._get_own_rank()
        facts = {}
        for percent in REFERENCES:
            # One after the other: virtual orders of one quotation are the same record.
            order = self._get_virtual_order(percent).sudo()
            facts[percent] = order._get_authority_facts().get(order.id, [])
        needed = {}

        def suffices(rank, step):
            if step not in needed:
                needed[step] = self._get_needed_rank(step * PRECISION, order, facts)
            return needed[step] <= rank

        last = int(100 / PRECISION)
        rungs = []
        for rank, level_id in self.env["authority.level"]._get_ranks():
            if rank < own:
                continue
            low, high = (0, last) if suffices(rank, 0) else (None, None)
            if high and suffices(rank, high):
                low = high
            while high and high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if suffices(rank, middle) else (low, middle)
            rungs.append(
                {
                    # Names of levels are no secret.
                    "level": self.env["authority.level"].sudo().browse(level_id).name,
                    "is_own": rank == own,
                    "percent": None if low is None else low * PRECISION,
                }
            )
        return rungs

    def _get_own_rank(self):
        order = self.order_id
        company = order.company_id
        # Who holds which level decides for everybody.
        ranks = (
            self.env["authority.assignment"]
            .sudo()
            ._get_ranks(company, company._get_business_date())
        )
        return order.sudo()._get_authority_requester(ranks)[1]

    def _get_needed_rank(self, further_discount, order, facts):
        """Return the rank of the highest level that a discount needs, 0 if none.

        :param order: the virtual order, at whatever prices
        :param facts: ``{further discount: facts}`` where they are known
        """
        scaled = None
        if further_discount not in (0, 100):
            scaled = self._scale_facts(order, further_discount, facts)
        elif further_discount in facts:
            scaled = facts[further_discount]
        if scaled is None:
            # Facts need limits that who asks may not read; only the level leaves here.
            order = self._get_virtual_order(further_discount).sudo()
        excess = order._get_authority_excess(
            order._get_authority_modes(), None if scaled is None else {order.id: scaled}
        )
        levels = [need for need in excess[order.id] if not need["reviewer_id"]]
        return max((need["rank"] for need in levels), default=0)

    @api.model
    def _scale_facts(self, order, further_discount, facts):
        """Return the facts at a discount, ``None`` if one of them can't be scaled."""
        scaled = []
        for percent, known in facts.items():
            left = (100 - further_discount) / (100 - percent)
            for fact in known:
                value = order._scale_authority_fact(fact, left)
                if value is None:
                    return None
                scaled.append(fact | {"value": value})
        return scaled
