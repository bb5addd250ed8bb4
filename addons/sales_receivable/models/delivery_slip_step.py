from datetime import datetime, time, timedelta

from dateutil import tz
from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from ..guard import as_server
from .delivery_slip_signature import GROUPS

ACCOUNTING = ("account.group_account_invoice", "sales_receivable.group_finance")


class DeliverySlip(models.Model):
    """The steps of a slip (A13): the only way its status changes."""

    _name = "delivery.slip"
    _inherit = "delivery.slip"

    _steps = {
        "issue": (("draft",), "issued"),
        "sign": (("issued",), "issued"),
        "return": (("issued", "returned"), "returned"),
        "receive": (("returned",), "received"),
        "void": (("draft", "issued", "returned"), "void"),
    }

    # --- issued -----------------------------------------------------------------------

    def action_issue(self):
        """Freeze the slips and draw their numbers, as the last thing (A13).

        :raise UserError: with what is missing
        """
        for slip in self:
            slip._start_step("issue")
            slip._check_authority("issue")
            slip._end_step(
                "issue", issued_at=fields.Datetime.now(), issued_by_id=self.env.uid
            )
            slip._draw_number()
        return True

    def _get_issue_reasons(self, reason):
        if self._is_as_taken() and self._is_as_ordered():
            return []
        return [
            self.env._(
                "The slip isn't what the delivery takes along: take the goods over."
            )
        ]

    def _is_as_taken(self):
        """Tell whether the slip says exactly what the delivery takes along, and to whom
        (A13)."""
        self.ensure_one()
        # What is on the delivery decides, whoever may read it.
        slip = self.sudo()
        Line = slip.env["delivery.slip.line"]
        if not slip.line_ids or slip.recipient_id != slip.picking_id.partner_id:
            return False
        return {
            (move.id, move.product_id.id): (
                move.product_uom.round(Line._get_taken_quantity(move)),
                Line._describe_lots(move),
            )
            for move in slip.picking_id._get_slip_moves()
        } == {
            (line.move_id.id, line.product_id.id): (
                line.uom_id.round(line.quantity),
                # Slips of earlier versions have them in another order.
                ", ".join(sorted(filter(None, (line.lots or "").split(", ")))),
            )
            for line in slip.line_ids
        }

    def _is_as_ordered(self):
        """Tell whether the slip's prices, and who has to sign it, are those of the orders
        that these goods leave for now (A13)."""
        self.ensure_one()
        return (
            self.kind == self._get_kind()
            and self.currency_id == self._get_ordered_currency()
            and all(line._has_ordered_price() for line in self.line_ids)
        )

    def _draw_number(self):
        """Draw the next number of the company; it is never given back."""
        self.ensure_one()
        as_server(self).number = self.env["ir.sequence"]._draw_of_company(
            "delivery.slip", self.company_id
        )

    # --- signed -----------------------------------------------------------------------

    def action_sign_warehouse(self):
        """Sign for the warehouse, as oneself (A13)."""
        return self._sign("warehouse")

    def action_sign_clerk(self):
        """Sign as the clerk who made the slip out (A13)."""
        return self._sign("clerk")

    def action_sign_handler(self):
        """Sign as who handles the delivery (A13)."""
        return self._sign("handler")

    def action_sign_manager(self):
        """Sign as the manager, for free issues and goods that come in (A13)."""
        return self._sign("manager")

    def _sign(self, role):
        groups = GROUPS.get(role)
        if groups and not any(map(self.env.user.has_group, groups)):
            raise AccessError(self.env._("This signature isn't yours to give."))
        for slip in self:
            slip._start_step("sign")
            as_server(self.env["delivery.slip.signature"].sudo()).create(
                {
                    "slip_id": slip.id,
                    "role": role,
                    # Nobody signs for somebody else.
                    "user_id": self.env.uid,
                    "signed_at": fields.Datetime.now(),
                }
            )
        return True

    def _get_sign_reasons(self, reason):
        # All signatures count, also of people one can't see.
        if self.env.user in self.sudo().signature_ids.user_id:
            return [self.env._("You have signed already: it takes different people.")]
        if not self._is_as_taken():
            return [
                self.env._(
                    "%s isn't what the delivery takes along: void it and make another"
                    " one.",
                    self.display_name,
                )
            ]
        if not self._is_as_ordered():
            return [
                self.env._(
                    "%s isn't what the order says by now: void it and make another one.",
                    self.display_name,
                )
            ]
        return []

    # --- the signed copy --------------------------------------------------------------

    def action_copy_back(self):
        """Note that the copy which the customer signed is back (A13).

        It is due at accounting the next working day.
        """
        for slip in self:
            slip._start_step("return")
            today = slip.company_id._get_business_date()
            slip._end_step(
                "return",
                copy_back_on=slip.copy_back_on or today,
                copy_due_on=slip.copy_due_on or slip._get_next_working_day(today),
            )
        self._settle_by_copy()
        return True

    def _get_return_reasons(self, reason):
        missing = []
        if not self.copy_file:
            missing.append(self.env._("Attach the copy that the customer signed."))
        if not self._has_left():
            missing.append(self.env._("The goods haven't left yet."))
        mode = self.env["business.rule.mode"]._get_mode(
            "A14", self.company_id, self._get_authority_date()
        )
        if mode == "block" and self._owes_cash():
            missing.append(
                self.env._(
                    "%s isn't settled in cash, as its order says: accounting voids it.",
                    self.display_name,
                )
            )
        return missing

    def _has_left(self):
        """Tell whether goods of this slip have left, or come in: what a transfer says of
        itself, and of what is in it, can be written."""
        # The goods may be somebody else's business to read.
        return "done" in self.sudo().line_ids.move_id.mapped("state")

    def _get_next_working_day(self, day):
        """Return the first working day of the company after a day."""
        # Who brings copies back needn't read calendars.
        calendar = self.company_id.sudo().resource_calendar_id
        following = day + timedelta(days=1)
        zone = tz.gettz(self.company_id._get_local_tz())
        start = datetime.combine(following, time.min, tzinfo=zone)
        end = calendar and calendar.plan_days(1, start, compute_leaves=True)
        return end.astimezone(zone).date() if end else following

    def action_receive_copy(self):
        """Take the signed copy into accounting, which has compared it (A13).

        :raise AccessError: by anybody but accounting
        :raise UserError: items or amounts don't match
        """
        if not any(map(self.env.user.has_group, ACCOUNTING)):
            raise AccessError(self.env._("Accounting receives signed copies."))
        for slip in self:
            slip._start_step("receive")
            late = slip.company_id._get_business_date() > slip.copy_due_on
            slip._end_step(
                "receive",
                copy_received_at=fields.Datetime.now(),
                copy_received_by_id=self.env.uid,
                is_copy_late=late,
            )
            # Whoever chases the paper, it is there now.
            slip.sudo().picking_id._get_dispatch_orders()._end_chasing()
        return True

    def _get_receive_reasons(self, reason):
        return [
            self.env._(
                "“%(goods)s”: %(quantity)s delivered, %(signed)s signed for,"
                " %(back)s back in stock.",
                goods=line.description,
                quantity=line.quantity,
                signed=line.quantity_signed,
                back=line.quantity_back,
            )
            for line in self.line_ids
            if line._get_difference()
        ]

    # --- void -------------------------------------------------------------------------

    def action_void(self, reason):
        """Void slips with a reason; a number that was drawn isn't used again (A13).

        :raise UserError: no reason, or the goods have left with it
        """
        for slip in self:
            slip._start_step("void", reason=reason)
            slip._end_step("void", reason=reason, void_reason=reason)
        return True

    def _get_void_reasons(self, reason):
        reasons = self._get_lack_of_reason(reason)
        # A slip lost or spoilt on the way is voided by accounting, who ask for another.
        if self._has_left() and not any(map(self.env.user.has_group, ACCOUNTING)):
            reasons.append(self.env._("The goods have left with it: ask accounting."))
        # Whoever may read settlements: what was settled with the driver stays.
        if self._is_cash_in() or self.sudo().driver_settlement_id.state == "closed":
            reasons.append(self.env._("The driver has settled this slip already."))
        return reasons

    def action_open_void(self):
        """Open the dialog that asks for the reason."""
        if not self:
            raise UserError(self.env._("Choose a slip."))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Void"),
            "res_model": "delivery.slip.void",
            "view_mode": "form",
            "target": "new",
            "context": {"default_slip_ids": self.ids},
        }
