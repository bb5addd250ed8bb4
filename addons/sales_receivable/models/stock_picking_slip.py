from odoo import api, fields, models
from odoo.exceptions import UserError


class StockPicking(models.Model):
    """Goods leave with a slip that three different people have signed (A13)."""

    _name = "stock.picking"
    _inherit = "stock.picking"

    slip_ids = fields.One2many(
        "delivery.slip",
        "picking_id",
        string="Delivery Slips",
        copy=False,
        groups="base.group_user",
    )
    slip_return_id = fields.Many2one(
        "delivery.slip",
        string="Returned from Slip",
        readonly=True,
        index="btree_not_null",
        copy=False,
        ondelete="restrict",
        groups="base.group_user",
    )
    slip_id = fields.Many2one(
        "delivery.slip",
        string="Delivery Slip",
        compute="_compute_slip_id",
        groups="base.group_user",
    )

    @api.model
    def _get_server_fields(self):
        return super()._get_server_fields() | {"slip_ids", "slip_return_id"}

    @api.depends("slip_ids.state")
    def _compute_slip_id(self):
        for picking in self:
            picking.slip_id = picking.slip_ids.filtered(lambda s: s.state != "void")[:1]

    def write(self, vals):
        if vals.get("state", "done") != "done":
            self._check_stays_finished()
        # Movements take their places from their transfer, past their own guard.
        if {"location_id", "location_dest_id", "partner_id"}.isdisjoint(vals):
            return super().write(vals)
        with self.move_ids._keep_slips():
            return super().write(vals)

    def _check_stays_finished(self):
        """Refuse to say that a delivery that has left hasn't (A13, A14): the status
        follows the movements."""
        companies = self.env["business.rule.mode"]._get_blocking_companies("A13", "A14")
        for picking in self:
            if picking.state == "done" and picking.company_id in companies:
                raise UserError(
                    self.env._(
                        "%s has left: what comes back is recorded by a return.",
                        picking.name,
                    )
                )

    def _get_slip_moves(self):
        """Return the movements that a slip is about: what is taken and leaves, or what
        comes in."""
        self.ensure_one()
        moves = self.move_ids.filtered(
            lambda move: move.state != "cancel" and move.quantity > 0
        )
        if self.picking_type_code != "incoming":
            moves &= self._get_leaving_moves()
        # What isn't picked while other goods are stays here.
        return moves.filtered("picked") or moves

    def action_delivery_slip(self):
        """Open the slip of this delivery, made if there is none (A13)."""
        self.ensure_one()
        slip = self.slip_id or self.env["delivery.slip"].create({"picking_id": self.id})
        return slip._get_form_action()

    @api.model
    def _get_reason_rules(self):
        return super()._get_reason_rules() | {"A13", "A14"}

    def _get_own_reasons(self):
        reasons = super()._get_own_reasons()
        for picking in self:
            if picking.state in ("done", "cancel") or not picking._get_leaving_moves():
                continue
            reasons.setdefault(picking.id, []).extend(
                {"rule": "A13", "key": "slip"} | reason
                for reason in picking._get_slip_reasons()
            )
        return reasons

    def _get_slip_reasons(self):
        slip = self.slip_id
        if not slip:
            yield {
                "sentence": self.env._("there is no delivery slip"),
                "release": self.env._("who makes the slip out"),
            }
        elif slip.state == "draft":
            yield {
                "sentence": self.env._("the delivery slip isn't issued"),
                "release": self.env._("who makes the slip out"),
            }
        else:
            if slip.signatures_missing:
                yield {
                    "sentence": self.env._(
                        "%(slip)s isn't signed yet by: %(roles)s",
                        slip=slip.number,
                        roles=slip.signatures_missing,
                    ),
                    "release": self.env._(
                        "three different people, each for themselves"
                    ),
                }
            if not slip._is_as_taken():
                yield {
                    "sentence": self.env._(
                        "%s isn't what the delivery takes along", slip.number
                    ),
                    "release": self.env._("who voids it and makes another one out"),
                }
            elif not slip._is_as_ordered():
                yield {
                    "sentence": self.env._(
                        "%s isn't what the order says by now: its prices, or that there"
                        " is one",
                        slip.number,
                    ),
                    "release": self.env._("who voids it and makes another one out"),
                }
            if slip._owes_cash():
                yield {
                    "rule": "A14",
                    "key": "cash",
                    "sentence": self.env._(
                        "%s isn't settled in cash, as its order says", slip.number
                    ),
                    "release": self.env._("who voids it and makes another one out"),
                }

    @api.model
    def _get_authority_depends(self):
        return [
            *super()._get_authority_depends(),
            "slip_ids.state",
            "slip_ids.signature_ids",
        ]
