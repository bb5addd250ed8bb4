from odoo import SUPERUSER_ID, Command, api

IN_PERSON = ("regular", "first", "negotiation", "service")


def migrate(cr, version):
    """Give the types and outcomes that came with the addon, where they are still there,
    what they have in a new database: their kit, no appointment for a call, an order."""
    env = api.Environment(cr, SUPERUSER_ID, {})

    def find(name):
        return env.ref(f"sales_visit.sales_visit_{name}", raise_if_not_found=False)

    items = env["sales.visit.kit.item"].search([])
    # A later version brings those of a store along.
    items -= env["sales.visit.kit.item"].union(
        *filter(
            None, map(find, ("kit_item_cutter", "kit_item_cloth", "kit_item_policy"))
        )
    )
    for name in IN_PERSON:
        if visit_type := find(f"type_{name}"):
            visit_type.kit_item_ids = [Command.set(items.ids)]
    if call := find("type_call"):
        call.needs_appointment = False
    if order := find("outcome_order"):
        order.is_order = True
