from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools.misc import formatLang

from ..guard import as_server
from ..tools.digest import get_digest
from ..tools.place import get_place

CONTENT = {
    "location_dest_id",
    "location_id",
    "move_ids",
    "partner_id",
    "picking_type_id",
    "sale_id",
}


class StockPicking(models.Model):
    """A delivery passes the gate of its channel before the goods leave (A11).

    Others add what stands against it by ``_get_reason_rules`` and ``_get_own_reasons``;
    of a finished delivery, only what an edit can make worse.
    """

    _name = "stock.picking"
    _inherit = ["stock.picking", "authority.mixin"]
    _guards_readonly = False

    dispatch_check_digest = fields.Char(
        readonly=True, copy=False, groups="base.group_user"
    )
    dispatch_checked_at = fields.Datetime(
        string="Goods Checked On", readonly=True, copy=False, groups="base.group_user"
    )
    dispatch_checked_by_id = fields.Many2one(
        "res.users",
        string="Goods Checked By",
        readonly=True,
        copy=False,
        ondelete="restrict",
        groups="base.group_user",
    )
    is_dispatch = fields.Boolean(
        compute="_compute_is_dispatch", compute_sudo=True, groups="base.group_user"
    )
    is_dispatch_checked = fields.Boolean(
        string="Goods Checked",
        compute="_compute_is_dispatch_checked",
        compute_sudo=True,
        groups="base.group_user",
    )

    @api.model
    def _get_server_fields(self):
        return super()._get_server_fields() | {
            "dispatch_check_digest",
            "dispatch_checked_at",
            "dispatch_checked_by_id",
        }

    def write(self, vals):
        if vals.get("state") == "done":
            self.move_ids._check_finished()
        if CONTENT.isdisjoint(vals):
            return super().write(vals)
        with self._watch_authority():
            return super().write(vals)

    def action_cancel(self):
        result = super().action_cancel()
        self.filtered(lambda picking: picking.state == "cancel")._withdraw_authority()
        return result

    # --- what leaves ------------------------------------------------------------------

    def _get_leaving_moves(self):
        """Return the movements that bring these deliveries' goods to customers."""
        moves = self.move_ids
        leaving = moves.filtered(
            lambda move: move.state != "cancel" and move._is_leaving()
        )
        return leaving.with_prefetch(moves._prefetch_ids)

    @api.depends(
        "picking_type_id",
        "move_ids.state",
        "partner_id",
        "move_ids.location_dest_id",
        "move_ids.location_id",
        "move_ids.origin_returned_move_id",
        "move_ids.purchase_line_id",
        "move_ids.quantity",
        "move_ids.sale_line_id",
        "move_ids.scrap_id",
        "move_line_ids.location_dest_id",
        "move_line_ids.location_id",
    )
    def _compute_is_dispatch(self):
        for picking in self:
            picking.is_dispatch = bool(picking._get_leaving_moves())

    def _get_leaving_quantities(self):
        """Return ``{product: quantity in its unit}`` of what leaves: what was asked for,
        or more where more is taken."""
        self.ensure_one()
        quantities = {}
        for move in self._get_leaving_moves():
            product = move.product_id
            quantities[product] = quantities.get(product, 0.0) + move._get_taken(
                product.uom_id
            )
        return quantities

    # --- goods are checked ------------------------------------------------------------

    @api.depends(
        "dispatch_check_digest",
        "partner_id",
        "move_ids.product_id",
        "move_ids.quantity",
        "move_ids.state",
    )
    def _compute_is_dispatch_checked(self):
        for picking in self:
            digest = picking.dispatch_check_digest
            picking.is_dispatch_checked = bool(digest) and (
                digest == picking._get_dispatch_digest()
            )

    def _get_dispatch_digest(self):
        """Return a digest of what is checked: products, lots and quantities that are
        taken, and for whom."""
        self.ensure_one()
        moves = self._get_leaving_moves()
        content = sorted(
            [
                move.product_id.id,
                sorted(move.move_line_ids.lot_id.ids),
                round(move.quantity, 6),
                move.product_uom.id,
            ]
            for move in moves
            if move.quantity
        )
        return get_digest([self.partner_id.id, content])

    def action_dispatch_check(self):
        """Note that the current user has checked these goods as they stand (A11)."""
        self.check_access("write")
        for picking in self:
            as_server(picking).write(
                {
                    "dispatch_check_digest": picking.sudo()._get_dispatch_digest(),
                    "dispatch_checked_at": fields.Datetime.now(),
                    "dispatch_checked_by_id": self.env.uid,
                }
            )
        return True

    # --- the document -----------------------------------------------------------------

    def _get_dispatch_orders(self):
        """Return the orders that the goods of this delivery leave for."""
        return self._get_leaving_moves().sale_line_id.order_id

    def _get_authority_date(self):
        """A delivery is as old as its orders: also what is still to come of them."""
        own = super()._get_authority_date()
        if self.authority_since:
            return own
        # What was ordered last counts: for several orders the youngest, and what was put
        # to an old one since.
        lines = self._get_leaving_moves().sale_line_id
        ordered = max((line._get_ordered_at() for line in lines), default=own)
        # What wasn't ordered is of today, whichever order somebody links it to.
        if ordered.date() < own.date() and not self._get_unordered():
            return ordered
        return own

    def _get_authority_party(self):
        """An approval is for this customer at this address."""
        partner = self.partner_id
        return [partner.commercial_partner_id.id, partner.id, get_place(partner)]

    def _get_authority_people(self):
        people = super()._get_authority_people() | self.user_id
        return people | self._get_dispatch_orders().user_id

    def _is_authority_settled(self):
        return self.state == "done"

    def _filter_authority_gated(self, action):
        pickings = super()._filter_authority_gated(action)
        if action == "dispatch":
            return pickings
        # Read without a right on places; only which pickings are deliveries is asked.
        return pickings.filtered(
            lambda picking: (
                picking.state not in ("done", "cancel") and picking.sudo().is_dispatch
            )
        )

    @api.model
    def _domain_authority_candidates(self):
        return (
            super()._domain_authority_candidates()
            & Domain("state", "not in", ("done", "cancel"))
            & (
                Domain("move_ids.location_dest_id.usage", "in", ("customer", "transit"))
                | Domain("move_ids.sale_line_id", "!=", False)
                | Domain("picking_type_code", "=", "outgoing")
            )
        )

    def _get_authority_summary(self):
        summary = super()._get_authority_summary()
        for picking in self:
            order = picking._get_dispatch_orders()[:1]
            summary[picking.id] = {
                "partner": picking.partner_id,
                "currency": order.currency_id or picking.company_id.currency_id,
                "amount": order.amount_untaxed,
                "cost": None,
            }
        return summary

    @api.model
    def _get_authority_depends(self):
        return [
            *super()._get_authority_depends(),
            "dispatch_check_digest",
            "partner_id",
            "state",
            "move_ids.location_dest_id",
            "move_ids.product_id",
            "move_ids.product_uom_qty",
            "move_ids.quantity",
            "move_ids.state",
        ]

    # --- facts and reasons ------------------------------------------------------------

    @api.model
    def _get_authority_measures(self):
        return super()._get_authority_measures() | {
            "dispatch_money": "A11",
            "dispatch_note": "A11",
        }

    def _get_authority_facts(self):
        """Add the content of the dispatch note, which is what is approved, and the money
        that isn't there, where the matrix says who decides it."""
        facts = super()._get_authority_facts()
        for pickings, controlled in self._group_by_control():
            if "dispatch_note" in controlled:
                for picking in pickings:
                    picking._add_note_facts(facts)
            if "dispatch_money" in controlled:
                for picking, points in pickings._get_money_points():
                    for point in points:
                        self._add_authority_fact(
                            facts,
                            picking,
                            {"rule": "A11", "measure": "dispatch_money"} | point,
                        )
        return facts

    def _group_by_control(self):
        """Yield the pickings of each company with the measures that it controls."""
        Rule = self.env["authority.rule"]
        for company, pickings in self.grouped("company_id").items():
            yield (
                pickings,
                Rule._get_controlled_measures(
                    company.id,
                    self._get_authority_document(),
                    company._get_business_date(),
                ),
            )

    def _add_note_facts(self, facts):
        for product, quantity in self._get_leaving_quantities().items():
            self._add_authority_fact(
                facts,
                self,
                {
                    "rule": "A11",
                    "measure": "dispatch_note",
                    "value": 1,
                    "key": f"product {product.id}",
                    "extent": round(quantity, 6),
                    "figures": {
                        "product": product.display_name,
                        "quantity": quantity,
                        "unit": product.uom_id.name,
                    },
                },
            )

    def _get_money_points(self):
        """Yield per delivery ``(picking, [point])`` of money that isn't there: a dict
        with ``key``, ``value`` (share of what is asked for, in %), ``extent`` and
        ``figures``."""
        orders = self._get_dispatch_orders()
        prepaid = {
            picking: picking._filter_prepaid(picking._get_dispatch_orders())
            for picking in self
        }
        missing = orders._get_missing_before_dispatch(orders.union(*prepaid.values()))
        first = orders._get_missing_before_dispatch()
        # Read at once what has left for all lines.
        self._get_leaving_moves().sale_line_id.move_ids.mapped("quantity")
        for picking in self:
            points = []
            for order in picking._get_dispatch_orders():
                own = missing if order in prepaid[picking] else first
                amount, asked = own[order.id]
                if amount:
                    points.append(
                        {
                            "key": f"order {order.id}",
                            "value": round(amount / asked * 100.0, 2) or 0.01,
                            "figures": {"order": order.name},
                        }
                    )
            for product, quantity in picking._get_unordered().items():
                points.append(
                    {
                        "key": f"extra {product.id}",
                        "value": 100.0,
                        "extent": round(quantity, 6),
                        "figures": {
                            "product": product.display_name,
                            "quantity": quantity,
                            "unit": product.uom_id.name,
                        },
                    }
                )
            yield picking, points

    def _get_channels(self, orders):
        """Return the channels that count: of the orders, of who orders, and of who gets
        the goods."""
        self.ensure_one()
        partners = (orders.partner_id | self.partner_id).with_company(self.company_id)
        return orders.sales_channel_id | partners.sales_channel_id

    def _filter_prepaid(self, orders):
        """Return the orders that are paid in full before this delivery leaves."""
        return orders.filtered(
            lambda order: any(self._get_channels(order).mapped("is_prepaid"))
        )

    def _get_unordered(self):
        """Return ``{product: quantity}`` of what leaves without having been ordered, or
        beyond what was: nobody pays for it."""
        self.ensure_one()
        extra = {}
        by_line = self._get_leaving_moves().grouped("sale_line_id")
        for line, moves in by_line.items():
            free = moves.filtered(lambda move: not move._is_ordered())
            for move in free.filtered(lambda move: move._needs_order()):
                product = move.product_id
                extra[product] = extra.get(product, 0.0) + move._get_taken(
                    product.uom_id
                )
            ordered = moves - free
            unit = line.product_uom_id
            taken = sum(
                move._get_taken(unit)
                for move in ordered
                if move.product_id == line.product_id
            )
            left = line._get_left_quantity() if taken else 0.0
            still = 0.0 if self.state == "done" else taken
            beyond = min(taken, left + still - line.product_uom_qty)
            if taken and unit.compare(beyond, 0.0) > 0:
                product = line.product_id
                extra[product] = extra.get(product, 0.0) + unit._compute_quantity(
                    beyond, product.uom_id, round=False
                )
        return extra

    @api.model
    def _describe_authority_fact(self, fact):
        figures = fact.get("figures")
        if fact["measure"] == "dispatch_note" and figures:
            return self.env._(
                "dispatch note: %(quantity)s %(unit)s of “%(product)s”",
                quantity=formatLang(self.env, figures["quantity"]),
                unit=figures["unit"],
                product=figures["product"],
            )
        if fact["measure"] == "dispatch_money" and figures:
            return self._describe_money(fact)
        return super()._describe_authority_fact(fact)

    @api.model
    def _describe_money(self, point):
        """Say what money isn't there, as a share: amounts are not for everybody."""
        figures = point["figures"]
        if "order" in figures:
            return self.env._(
                "%(order)s: %(share)s %% of the money due before dispatch isn't there",
                order=figures["order"],
                share=formatLang(self.env, point["value"], digits=2),
            )
        return self.env._(
            "no order for %(quantity)s %(unit)s of “%(product)s”",
            quantity=formatLang(self.env, figures["quantity"]),
            unit=figures["unit"],
            product=figures["product"],
        )

    @api.model
    def _get_reason_rules(self):
        return super()._get_reason_rules() | {"A09", "A11"}

    def _get_own_reasons(self):
        reasons = super()._get_own_reasons()
        for pickings, controlled in self._group_by_control():
            for picking in pickings:
                own = reasons.setdefault(picking.id, [])
                own += picking._get_paper_reasons()
                own += picking._get_check_reasons()
            if "dispatch_money" in controlled:
                continue
            for picking, points in pickings._get_money_points():
                reasons[picking.id] += [
                    {
                        "rule": "A11",
                        "key": point["key"],
                        "sentence": self._describe_money(point),
                        "release": self.env._("accounting, when the money is there")
                        if "order" in point["figures"]
                        else self.env._("sales, with an order"),
                    }
                    for point in points
                ]
        return reasons

    def _get_paper_reasons(self):
        """Return that a contract isn't valid, where the channel asks for one (A09)."""
        orders = self._get_dispatch_orders().filtered(
            lambda order: any(
                self._get_channels(order).mapped("dispatch_needs_contract")
            )
        )
        for own in orders._describe_missing_contracts().values():
            for reason in own:
                yield {name: reason[name] for name in reason if name != "at"}

    def _get_check_reasons(self):
        """Return that the goods weren't checked as they stand; gone is gone."""
        if (
            self.state not in ("done", "cancel")
            and self.company_id.dispatch_needs_check
            and self._get_leaving_moves()
            and not self.is_dispatch_checked
        ):
            yield {
                "rule": "A11",
                "key": "check",
                "sentence": self.env._("the goods haven't been checked as they stand"),
                "release": self.env._("who checks the goods"),
            }
