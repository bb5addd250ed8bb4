"""Steps of the story: what people did on documents, replayed as those people.

A step names a public method of the document's model, which is called as an RPC client
would, or one of the :data:`STEPS` below where the host's screens go through a wizard.
"""

import json
import re
from dataclasses import dataclass

from odoo import fields
from odoo.service.model import call_kw, get_public_method

from . import clock

PART = re.compile(r"(\w+)(?:\[(?:(\w+(?:\.\w+)*)=(\w+)|(\d+))\])?")


@dataclass
class Step:
    """One row of a story file, in the environment of the person who does it."""

    env: object
    do: str
    on: object
    values: dict

    def run(self):
        """Do it; return the document it made, or the one it was done on.

        :raises AttributeError: the model has no such method
        """
        if self.do in STEPS:
            return STEPS[self.do](self.on, **self.values) or self.on
        get_public_method(self.on, self.do)
        call_kw(self.on, self.do, [self.on.ids], dict(self.values))
        return self.on


def resolve(env, text):
    """Return the records that a cell names, found whoever may read them.

    ``so_001`` is a record by its external ID, ``so_001.picking_ids`` what its field
    holds, ``so_001.picking_ids[state=done]`` those in which a (dotted) field says so,
    ``so_001.picking_ids[0]`` the first; several names have commas between them.
    """
    found = [_resolve_one(env, path) for path in text.split(",")]
    return found[0].union(*found[1:])


def _resolve_one(env, path):
    name, _, rest = path.partition(".")
    records = env.ref(f"sample.{name}").sudo()
    for field, key, value, position in PART.findall(rest):
        records = records[field]
        if key:
            records = records.filtered(lambda r, k=key, v=value: v in r.mapped(k))
        elif position:
            records = records[int(position)]
    return records


def arguments(env, text, today):
    """Return the arguments in a JSON cell: moments and external IDs resolved.

    A datetime is meant in the person's time zone; ``key/id`` holds an external ID.
    """

    def convert(value):
        if isinstance(value, dict):
            return {
                key.removesuffix("/id"): (
                    reference(item) if key.endswith("/id") else convert(item)
                )
                for key, item in value.items()
            }
        if isinstance(value, list):
            return [convert(item) for item in value]
        if isinstance(value, str) and clock.is_moment(value):
            moment = clock.parse(value, today)
            if hasattr(moment, "hour"):
                moment = clock.to_utc(moment, env.tz)
            return moment.isoformat(sep=" ") if hasattr(moment, "hour") else str(moment)
        return value

    def reference(name):
        return env.ref(name if "." in name else f"sample.{name}").id

    return convert(json.loads(text or "{}"))


def transfer(orders, share=1.0):
    """Receive or deliver what is open of orders, or a share of each line."""
    pickings = orders.picking_ids.filtered(lambda p: p.state not in ("done", "cancel"))
    pickings.action_assign()
    if share < 1:
        for move in pickings.move_ids:
            move.quantity = move.product_uom.round(move.product_uom_qty * share)
            move.picked = True
    done = pickings.with_context(skip_backorder=True).button_validate()
    if done is not True or pickings.filtered(lambda p: p.state != "done"):
        raise ValueError(f"{orders.mapped('name')}: transfer not done: {done}")
    return pickings


def invoice(orders, *, post=True, **values):
    """Invoice what is to be invoiced of orders, each by itself, and post it if told."""
    before = orders.invoice_ids
    if orders._name == "purchase.order":
        orders.action_create_invoice()
    else:
        wizard = orders.env["sale.advance.payment.inv"].with_context(
            active_model=orders._name, active_ids=orders.ids
        )
        wizard.create(
            {"advance_payment_method": "delivered", "consolidated_billing": False}
        ).create_invoices()
    moves = orders.invoice_ids - before
    moves.write({"invoice_date": fields.Date.context_today(moves), **values})
    if post:
        moves.action_post()
    return moves


def pay(moves, share=None, **values):
    """Register a payment a partner of invoices or bills, or of a share of one."""
    wizard = (
        moves.env["account.payment.register"]
        .with_context(active_model=moves._name, active_ids=moves.ids)
        .create({"group_payment": True, **values})
    )
    if share is not None:
        wizard.amount = moves.currency_id.round(moves.amount_total * share)
    wizard.action_create_payments()


def give_back(order, share=1.0):
    """Take back a share of what an order delivered (a customer's return)."""
    delivery = order.picking_ids.filtered(lambda p: p.state == "done")[:1]
    wizard = order.env["stock.return.picking"].create({"picking_id": delivery.id})
    for line in wizard.product_return_moves:
        line.quantity = line.move_id.product_uom.round(line.move_id.quantity * share)
    action = wizard.action_create_returns()
    picking = order.env["stock.picking"].browse(action["res_id"])
    picking.button_validate()
    return picking


def credit(move, reason):
    """Credit an invoice in full and post the credit note."""
    wizard = (
        move.env["account.move.reversal"]
        .with_context(active_model=move._name, active_ids=move.ids)
        .create({"reason": reason, "journal_id": move.journal_id.id})
    )
    wizard.refund_moves()
    note = wizard.new_move_ids
    note.action_post()
    return note


def apply(order):
    """Set an order's credit notes against its invoice."""
    notes = order.invoice_ids.filtered(lambda m: m.move_type == "out_refund")
    lines = notes.line_ids.filtered(lambda i: i.account_type == "asset_receivable")
    for line in lines:
        (order.invoice_ids - notes).js_assign_outstanding_line(line.id)


def name(document):
    """Give a document that the host made the step's external ID."""
    return document


STEPS = {
    "name": name,
    "transfer": transfer,
    "invoice": invoice,
    "pay": pay,
    "return": give_back,
    "credit": credit,
    "apply": apply,
}
