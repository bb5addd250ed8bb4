from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..guard import as_server, is_server

OPEN_VISITS = ("draft", "planned", "confirmed")


class SalesCustomerFile(models.Model):
    """The owner of a customer, his history, and the hand-over to the next one (V25)."""

    _name = "sales.customer.file"
    _inherit = ["sales.customer.file"]

    handover_ids = fields.One2many(
        "sales.customer.handover", "file_id", string="Owners"
    )

    @api.model
    def _get_owners(self, company, partners):
        """Return ``{commercial partner: owner under sudo}`` of those that have one: the
        owner of the file, else the salesperson whom the host's contact names. Who has
        left owns nobody (V25)."""
        owners = {}
        files = self._get_files(company, partners)
        for customer in partners.commercial_partner_id:
            if customer in files:
                owner = files[customer].user_id
            else:
                # May be hidden; only who it is, is taken.
                owner = customer.sudo().user_id
                owner = owner.filtered(lambda user: company in user.company_ids)
            if owner := owner.sudo().filtered("active"):
                owners[customer] = owner
        return owners

    @api.model_create_multi
    def create(self, vals_list):
        files = super().create(vals_list)
        if not self.env.su:
            files._check_nobody_elses()
        return files

    def _check_nobody_elses(self):
        """Refuse to open a file on a customer whom somebody else deals with: it would
        make him one's own (V25).

        :raise AccessError: for who doesn't manage those who deal with him
        """
        for company, files in self.grouped("company_id").items():
            self._check_manages(company, self._get_dealing(company, files.partner_id))

    @api.model
    def _get_dealing(self, company, customers):
        """Return ``{customer: res.users under sudo}``: whom the host's contact names, and
        who has visited or is going to."""
        dealing = {customer: customer.sudo().user_id for customer in customers}
        # Who visits is asked for everybody; only names leave, in the refusal.
        for customer, user in (
            self.env["sales.visit"]
            .sudo()
            ._read_group(
                [
                    ("company_id", "=", company.id),
                    ("commercial_partner_id", "in", customers.ids),
                    ("state", "!=", "cancelled"),
                ],
                ["commercial_partner_id", "user_id"],
            )
        ):
            dealing[customer] |= user
        return {
            customer: users.filtered(
                lambda user: user.active and company in user.company_ids
            )
            for customer, users in dealing.items()
        }

    @api.model
    def _get_first_dealing(self, company, customers):
        """Return ``{customer: user}`` of those whom somebody deals with: who began the
        first visit, else the host's salesperson. A draft makes nobody's customer."""
        # Who visited first is asked for everybody; only who it is, is taken.
        first = (
            self.env["sales.visit"]
            .sudo()
            ._read_group(
                [
                    ("company_id", "=", company.id),
                    ("commercial_partner_id", "in", customers.ids),
                    ("actual_start", "!=", False),
                    ("state", "!=", "cancelled"),
                ],
                ["commercial_partner_id", "user_id"],
                ["actual_start:min"],
                order="actual_start:min DESC",
            )
        )
        named = [(customer, customer.sudo().user_id) for customer in customers]
        visited = [(customer, user) for customer, user, _begin in first]
        return {
            customer: user.with_env(self.env)
            for customer, user in named + visited  # the last one wins
            if user.active and company in user.company_ids
        }

    @api.model
    def _check_manages(self, company, dealing):
        """Refuse what would give the current user, or one of them, the customers of
        others (V25).

        :param dict dealing: ``{customer: res.users}`` who deal with each
        :raise AccessError: unless the user manages all the others
        """
        others = self.env["res.users"].union(*dealing.values()) - self.env.user
        if not others or self.env.user in others._get_company_managers(company):
            return
        managers = others.with_env(self.env)._get_visit_managers(company)
        for customer, users in dealing.items():
            foreign = (users - self.env.user).filtered(
                lambda user: self.env.user not in managers[user]
            )
            if foreign:
                raise AccessError(
                    self.env._(
                        "%(customer)s is a customer of %(owners)s: only a manager of theirs can do that. (V25)",
                        customer=customer.sudo().display_name,
                        owners=", ".join(foreign.sudo().mapped("name")),
                    )
                )

    def write(self, vals):
        if "user_id" not in vals:
            return super().write(vals)
        if not (self.env.su or is_server(self)) and any(
            file.user_id and file.user_id.id != vals["user_id"] for file in self
        ):
            raise UserError(
                self.env._(
                    "A customer goes to another salesperson with a reason: use “Hand Over”. (V25)"
                )
            )
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
        :raise UserError: when the new owner isn't one who visits customers
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
        if not user.has_group("sales_visit.group_user"):
            raise UserError(
                self.env._(
                    "%(user)s doesn't visit customers: choose a salesperson. (V25)",
                    user=user.name,
                )
            )
        # Users may only read the history; the reason is that of these lines.
        history = self.env["sales.customer.handover"].sudo()
        known = history.search([("file_id", "in", changed.ids)])
        as_server(changed).write({"user_id": user.id})
        # The host's contacts name the salesperson too; who may hand over a customer need
        # not be allowed to write contacts.
        for file, owner in owners.items():
            contact = file.partner_id.sudo()
            if contact.user_id == owner:
                contact.user_id = user
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
