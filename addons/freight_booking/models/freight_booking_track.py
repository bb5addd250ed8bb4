from odoo import api, fields, models
from odoo.tools import format_datetime

from .freight_guard_mixin import COMMERCIAL, CUSTOMS, DOCUMENTS, OPERATOR, SETTLEMENT

EQUIPMENT_DOTS = ("picked_up", "laden", "on_board")


class FreightBookingTrack(models.Model):
    """The track bar: each dot says what it is, when, and why it can't be taken."""

    _name = "freight.booking"
    _inherit = "freight.booking"

    track = fields.Json(
        compute="_compute_track",
        help="How far the booking is: what was done and when, what is next and by whom.",
    )

    @api.depends_context("lang", "tz")
    def _compute_track(self):
        reasons = self._get_active_reasons("shipping_order")
        pick_up = self.container_ids.filtered(
            lambda container: container.state == "planned"
        )._get_active_reasons("picked_up")
        bills = self.bill_ids.filtered(lambda bill: bill.state == "approved")
        release = bills._get_active_reasons("released")
        # Only how many were collected is shown.
        notes = self.sudo().debit_note_ids
        money = notes._get_freight_collected(), notes._get_freight_dues()
        for booking in self:
            booking.track = [
                {
                    "label": self.env._("Commercial"),
                    "dots": booking._get_commercial_dots(),
                },
                {
                    "label": self.env._("Equipment"),
                    "dots": booking._get_equipment_dots(
                        reasons.get(booking.id, []), pick_up
                    ),
                },
                {"label": self.env._("Customs"), "dots": booking._get_customs_dots()},
                {
                    "label": self.env._("Documents"),
                    "dots": booking._get_document_dots(release),
                },
                {
                    "label": self.env._("Money"),
                    "dots": booking._get_money_dots(*money),
                },
            ]

    def _make_dot(self, label, done, total=1, *, at=False, reasons=(), who=""):
        """Return one dot: what it is, how far, when, and else why not and who can.

        :param who: who takes the step, in words
        """
        if total and done >= total:
            state = "done"
        elif done:
            state = "half"
        elif any(reason["mode"] == "block" for reason in reasons):
            state = "blocked"
        else:
            state = "open"
        count = f"{done}/{total}" if total > 1 else ""
        details = []
        if at:
            details.append(format_datetime(self.env, at, dt_format="d MMM HH:mm"))
        if state != "done":
            if who:
                details.append(self.env._("to be done by: %(who)s", who=who))
            # Containers often share a reason: say it once.
            details += dict.fromkeys(
                f"{reason['rule']} {reason['sentence']} — {reason['release']}"
                for reason in reasons
            )
        return {
            "label": label,
            "state": state,
            "count": count,
            "details": details,
            "text": " · ".join([f"{label} {count}".strip(), *details]),
        }

    def _get_reported_at(self, code, document_type):
        """Return when the last event of a kind was reported, False if none was."""
        return max(
            self.event_ids.filtered(
                lambda event: (
                    event.code == code
                    and event.document_type == document_type
                    and event.classifier == "ACT"
                    and not event.retracted
                )
            ).mapped("event_at"),
            default=False,
        )

    def _get_commercial_dots(self):
        # The salesperson's quote need not be readable; its state is no secret here.
        order = self.sudo().order_id
        dots = []
        if order:
            dots.append(
                self._make_dot(
                    self.env._("Quote confirmed"),
                    order.state == "sale",
                    at=order.state == "sale" and order.date_order,
                    who=self.env._("salesperson"),
                )
            )
        dots.append(
            self._make_dot(
                self.env._("Booked"),
                self.commercial_state == "booked",
                at=self._get_reported_at("REQS", "CBR"),
                who=self._get_role_names((COMMERCIAL, OPERATOR)),
            )
        )
        return dots

    def _get_equipment_dots(self, order_reasons, pick_up):
        containers = self.container_ids.filtered(lambda c: c.state != "cancelled")
        dots = [
            self._make_dot(
                self.env._("S/O received"),
                bool(self.shipping_order_at),
                at=self.shipping_order_at,
                reasons=order_reasons if self.commercial_state == "booked" else (),
                who=self._get_role_names((OPERATOR,)),
            )
        ]
        labels = dict(
            self.env["freight.container"]
            ._fields["state"]
            ._description_selection(self.env)
        )
        reached = ["planned", *EQUIPMENT_DOTS, "empty_returned"]
        for step in EQUIPMENT_DOTS:
            there = containers.filtered(
                lambda c, step=step: reached.index(c.state) >= reached.index(step)
            )
            reasons = [
                reason
                for container in containers - there
                for reason in pick_up.get(container.id, ())
                if step == "picked_up"
            ]
            stamps = [at for at in there.mapped(f"{step}_at") if at]
            dots.append(
                self._make_dot(
                    labels[step],
                    len(there),
                    len(containers),
                    at=max(stamps, default=False),
                    reasons=reasons,
                    who=self._get_role_names((OPERATOR,)),
                )
            )
        return dots

    def _get_customs_dots(self):
        containers = self.container_ids.filtered(lambda c: c.state != "cancelled")
        declared = containers.filtered(lambda c: c.customs_state != "pending")
        released = containers.filtered(lambda c: c.customs_state == "released")
        total = len(containers)
        who = self._get_role_names((CUSTOMS,))
        return [
            self._make_dot(
                self.env._("Declared"),
                len(declared),
                total,
                at=self._get_reported_at("SUBM", "CUS"),
                who=who,
            ),
            self._make_dot(
                self.env._("Cleared by customs"),
                len(released),
                total,
                at=self._get_reported_at("RELS", "CUS"),
                who=who,
            ),
        ]

    def _get_document_dots(self, release):
        bills = self.bill_ids
        approved = bills.filtered(lambda bill: bill.state != "draft")
        released = bills.filtered(lambda bill: bill.state == "released")
        reasons = [reason for bill in bills for reason in release.get(bill.id, ())]
        total = len(bills)
        documents = self._get_role_names((DOCUMENTS,))
        return [
            self._make_dot(
                self.env._("B/L drafted"),
                bool(bills),
                at=min(bills.mapped("create_date"), default=False),
                who=documents,
            ),
            self._make_dot(
                self.env._("B/L approved"),
                len(approved),
                total,
                at=max(
                    approved.filtered("approved_at").mapped("approved_at"),
                    default=False,
                ),
                who=documents,
            ),
            self._make_dot(
                self.env._("B/L released"),
                len(released),
                total,
                at=max(
                    released.filtered("released_at").mapped("released_at"),
                    default=False,
                ),
                reasons=reasons,
                who=self._get_role_names((SETTLEMENT,)),
            ),
        ]

    def _get_money_dots(self, collected, dues):
        # Figures stay out of the track: everybody on the booking sees it.
        charges = self.sudo().charge_ids.filtered("is_receivable")
        billed = charges.filtered("is_billed")
        notes = self.sudo().debit_note_ids.filtered(
            lambda move: move.move_type == "out_invoice" and move.state == "posted"
        )
        paid = notes.filtered(
            lambda move: (
                move.currency_id.compare_amounts(collected[move.id], dues[move.id]) >= 0
            )
        )
        return [
            self._make_dot(
                self.env._("Charges confirmed"),
                len(charges.filtered("customer_confirmed")),
                len(charges),
                who=self._get_role_names((COMMERCIAL, SETTLEMENT)),
            ),
            self._make_dot(
                self.env._("Debit notes"),
                len(billed),
                len(charges),
                who=self._get_role_names((SETTLEMENT,)),
            ),
            self._make_dot(
                self.env._("Collected"),
                len(paid),
                len(notes),
                who=self.env._("customer"),
            ),
        ]
