from odoo import fields, models

from ..guard import as_server

OPEN_VISITS = ("draft", "planned", "confirmed")


class SalesCustomerFile(models.Model):
    """The owner of a customer, his history, and the hand-over to the next one (V25)."""

    _name = "sales.customer.file"
    _inherit = ["sales.customer.file"]

    handover_ids = fields.One2many(
        "sales.customer.handover", "file_id", string="Owners"
    )

    def write(self, vals):
        if "user_id" not in vals:
            return super().write(vals)
        before = {file: file.user_id for file in self}
        result = super().write(vals)
        self._log_owners(before)
        return result

    def _log_owners(self, before):
        """Append to the history who each customer's owner was and has become."""
        now = fields.Datetime.now()
        # Users may only read the history.
        history = as_server(self.env["sales.customer.handover"].sudo())
        history.create(
            [
                {
                    "file_id": file.id,
                    "date": now,
                    "user_id": self.env.uid,
                    "from_user_id": before[file].id,
                    "to_user_id": file.user_id.id,
                }
                for file in self
                if before[file] != file.user_id
            ]
        )

    def action_hand_over(self):
        """Open the wizard that hands these customers over."""
        return {
            "name": self.env._("Hand Over"),
            "type": "ir.actions.act_window",
            "res_model": "sales.handover.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_file_ids": self.ids},
        }

    def _hand_over(self, user, reason):
        """Hand these customers to another salesperson: with them go the visits that have
        not begun, open leads, questions and complaints of the earlier owner, and his
        activities about all of them; what has begun stays whose it is (V25).

        :param user: ``res.users``, the new owner
        :param str reason: why, for the history
        :raise AccessError: for a file or document that the user may not hand over
        """
        changed = self.filtered(lambda file: file.user_id != user)
        owners = {file: file.user_id for file in changed}
        moved = {}
        for (company, owner), files in changed.grouped(
            lambda file: (file.company_id, owners[file])
        ).items():
            for model, domain in files._get_handover_domains(company, owner):
                moved.setdefault(model, self.env[model])
                moved[model] |= self.env[model].search(domain)
        # Users may only read the history; the reason is that of these lines.
        history = self.env["sales.customer.handover"].sudo()
        known = history.search([("file_id", "in", changed.ids)])
        changed.write({"user_id": user.id})
        added = history.search(
            [("file_id", "in", changed.ids), ("id", "not in", known.ids)]
        )
        as_server(added).write({"reason": reason})
        former = self.env["res.users"].union(*owners.values())
        moved[self._name] = changed
        for model, records in moved.items():
            if model != self._name:
                records.write({"user_id": user.id})
            self.env["mail.activity"].search(
                [
                    ("res_model", "=", model),
                    ("res_id", "in", records.ids),
                    ("user_id", "in", former.ids),
                ]
            ).write({"user_id": user.id})

    def _get_handover_domains(self, company, owner):
        """Return ``[(model, domain)]`` of what goes with these customers of one owner."""
        own = [("user_id", "=", owner.id), ("company_id", "=", company.id)]
        customer = [("commercial_partner_id", "in", self.partner_id.ids)]
        return [
            ("sales.visit", [*own, *customer, ("state", "in", OPEN_VISITS)]),
            ("sales.visit.question", [*own, *customer, ("is_answered", "=", False)]),
            ("sales.visit.complaint", [*own, *customer, ("state", "!=", "closed")]),
            ("sales.need", [*own, *customer, ("is_confirmed", "=", False)]),
            (
                "crm.lead",
                [
                    ("user_id", "=", owner.id),
                    ("company_id", "in", (company.id, False)),
                    ("partner_id.commercial_partner_id", "in", self.partner_id.ids),
                    ("won_status", "=", "pending"),
                ],
            ),
        ]

    def _merge_into(self, kept):
        as_server((self - kept).handover_ids).write({"file_id": kept.id})
        return super()._merge_into(kept)
