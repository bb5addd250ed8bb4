from odoo import api, fields, models

from ..guard import as_server, is_server


class ResourceCalendarLeaves(models.Model):
    _name = "resource.calendar.leaves"
    _inherit = ["resource.calendar.leaves", "sales.visit.server.field.mixin"]

    is_self_entered = fields.Boolean(
        string="Entered by the Person",
        readonly=True,
        copy=False,
        help="The person on leave entered or changed this without anybody else: it moves no deadline of his or hers.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        leaves = super().create(vals_list)
        leaves._note_who_entered()
        return leaves

    def write(self, vals):
        result = super().write(vals)
        if not is_server(self):
            self._note_who_entered()
        return result

    def _note_who_entered(self):
        """Note which leaves people have just entered or changed for themselves, as the
        host lets everybody (V10). What the server enters for them, such as a request that
        was granted, isn't their own word alone."""
        if self.env.su:
            return
        # The note isn't the person's to write, whoever's leave it has become.
        leaves = as_server(self.sudo())
        own = leaves.filtered(lambda leave: leave.resource_id.user_id == self.env.user)
        own.write({"is_self_entered": True})
        (leaves - own).write({"is_self_entered": False})
