from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG

REFERENCE_MODELS = (
    "freight.location",
    "freight.carrier",
    "freight.equipment.type",
    "freight.charge.type",
)


def uninstall_hook(env):
    """Leave nothing that names what is gone.

    Requests for the release of a bill have lost their bill. Reference data goes with
    its tables: without its external IDs the host does not try to delete it row by row,
    which the bookings still standing would refuse.
    """
    flagged = env(context={**env.context, MODULE_UNINSTALL_FLAG: True})
    domain = [("res_model", "=", "freight.bill")]
    flagged["authority.step"].search(domain).unlink()
    flagged["authority.request"].search(domain).unlink()
    env["ir.model.data"].search(
        [("module", "=", "freight_booking"), ("model", "in", REFERENCE_MODELS)]
    ).unlink()
