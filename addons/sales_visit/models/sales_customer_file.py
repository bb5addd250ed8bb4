from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError, UserError, ValidationError
from psycopg2.errors import UniqueViolation

from ..guard import as_server, is_server
from .sales_visit import CHANNELS


class SalesCustomerFile(models.Model):
    """What a company's sales work needs to know of a customer: one record per company and
    commercial partner, so that ``res.partner`` stays as slim as the host made it.

    Files come on demand (:meth:`_get_or_create`). The grade changes through
    :meth:`change_grade` only, which keeps its history (V17).
    """

    _name = "sales.customer.file"
    _inherit = [
        "mail.thread",
        "mail.activity.mixin",
        "sales.visit.server.field.mixin",
    ]
    _description = "Customer File"
    _rec_name = "partner_id"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        index=True,
        tracking=True,
        check_company=True,
        domain="[('share', '=', False), ('company_ids', '=', company_id)]",
    )
    grade_id = fields.Many2one(
        "sales.customer.grade",
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
    )
    preferred_channel = fields.Selection(
        CHANNELS, help="How the customer wishes to be contacted (V20)."
    )
    last_visit = fields.Datetime(
        readonly=True, copy=False, help="Start of the last reported visit."
    )
    next_due = fields.Date(
        string="Next Visit Due", index=True, help="Day of the next visit agreed on."
    )
    history_ids = fields.One2many(
        "sales.customer.grade.history", "file_id", string="Grade History"
    )
    visit_count = fields.Integer(compute="_compute_visit_count")

    _company_partner_uniq = models.Constraint(
        "unique(company_id, partner_id)", "A company has one file of a customer."
    )

    def _compute_visit_count(self):
        counts = {
            (company, partner): count
            for company, partner, count in self.env["sales.visit"]._read_group(
                [
                    ("company_id", "in", self.company_id.ids),
                    ("commercial_partner_id", "in", self.partner_id.ids),
                ],
                ["company_id", "commercial_partner_id"],
                ["__count"],
            )
        }
        for file in self:
            file.visit_count = counts.get((file.company_id, file.partner_id), 0)

    @api.constrains("partner_id")
    def _check_partner_id(self):
        for file in self:
            if file.partner_id != file.partner_id.commercial_partner_id:
                raise ValidationError(
                    self.env._(
                        "%(partner)s is a contact: the file is kept on %(customer)s.",
                        partner=file.partner_id.display_name,
                        customer=file.partner_id.commercial_partner_id.display_name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        files = super().create(vals_list)
        files._log_grades({}, self.env._("First grade"))
        return files

    def write(self, vals):
        if "grade_id" in vals and not is_server(self):
            raise UserError(
                self.env._(
                    "A grade is changed with a reason: use “Change grade” on the customer file."
                )
            )
        if {"company_id", "partner_id"} & vals.keys() and not is_server(self):
            raise UserError(self.env._("A customer file stays with its customer."))
        result = super().write(vals)
        if "user_id" in vals:
            # Nobody hands a file to somebody whose files he could not see.
            self.check_access("write")
        return result

    def action_change_grade(self):
        """Open the wizard that changes the grade."""
        return {
            "name": self.env._("Change Grade"),
            "type": "ir.actions.act_window",
            "res_model": "sales.grade.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_file_ids": self.ids},
        }

    def action_view_visits(self):
        """Open the visits of these customers."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_visit.sales_visit_action_all"
        )
        action["domain"] = [
            ("commercial_partner_id", "in", self.partner_id.ids),
            ("company_id", "in", self.company_id.ids),
        ]
        action["context"] = {
            "default_partner_id": self.partner_id[:1].id,
            "sales_visit_suggest_time": True,
        }
        return action

    def change_grade(self, grade_id, reason):
        """Give the customers another grade, with its history, and their open leads its
        priority (V17).

        :param grade_id: id of a ``sales.customer.grade``, ``False`` to take it away
        :param str reason: why; may not be empty
        :raise UserError: without a reason
        :raise AccessError: for a file the user may not write
        """
        if not (reason or "").strip():
            raise UserError(self.env._("Say why the grade changes."))
        self.check_access("write")
        self._set_grade(
            self.env["sales.customer.grade"].browse(grade_id), reason.strip()
        )
        return True

    def _set_grade(self, grade, reason):
        """Set a grade (may be empty) where it differs, log it and tell open leads."""
        changed = self.filtered(lambda file: file.grade_id != grade)
        before = {file: file.grade_id for file in changed}
        as_server(changed).write({"grade_id": grade.id})
        changed._log_grades(before, reason)
        changed._push_grade_to_leads()

    def _log_grades(self, before, reason):
        """Append to the history what each file's grade has become.

        :param dict before: earlier grade by file
        """
        empty = self.env["sales.customer.grade"]
        now = fields.Datetime.now()
        # Users may only read the history.
        history = as_server(self.env["sales.customer.grade.history"].sudo())
        history.create(
            [
                {
                    "file_id": file.id,
                    "date": now,
                    "user_id": self.env.uid,
                    "from_grade_id": before.get(file, empty).id,
                    "to_grade_id": file.grade_id.id,
                    "reason": reason,
                }
                for file in self
                if before.get(file, empty) != file.grade_id
            ]
        )

    def _push_grade_to_leads(self):
        """Give the open leads of these customers the grade of the file (V17)."""
        # The grade is the customer's: it reaches his leads whoever owns them.
        leads = self.env["crm.lead"].sudo()
        for (company, grade), files in self.grouped(
            lambda file: (file.company_id, file.grade_id)
        ).items():
            leads.search(
                [
                    ("partner_id.commercial_partner_id", "in", files.partner_id.ids),
                    ("company_id", "in", [company.id, False]),
                    ("won_status", "=", "pending"),
                    ("customer_grade_id", "!=", grade.id),
                ]
            )._apply_grade(grade)

    @api.model
    def _get_files(self, company, partners):
        """Return ``{commercial partner: file}`` of those that have a file, under sudo."""
        # One lookup for whoever needs a customer's grade or due date, which aren't secret.
        files = self.sudo().search(
            [
                ("company_id", "=", company.id),
                ("partner_id", "in", partners.commercial_partner_id.ids),
            ]
        )
        return {file.partner_id: file for file in files}

    @api.model
    def _get_or_create(self, company, owner_by_partner):
        """Return the files of customers, creating those that don't exist, in one batch.

        :param dict owner_by_partner: ``{partner: res.users}``; the user becomes the owner
            of a new file unless somebody deals with the customer already: who
            visited first, else the host's salesperson (V25)
        :return: ``{commercial partner: file}``, under sudo
        :raise ConcurrencyError: somebody created one meanwhile; the host tries again
        """
        partners = self.env["res.partner"].union(*owner_by_partner)
        files = self._get_files(company, partners)
        owners = {}
        for partner, owner in owner_by_partner.items():
            if (customer := partner.commercial_partner_id) not in files:
                owners.setdefault(customer, owner)
        owners |= self._get_first_dealing(
            company, self.env["res.partner"].union(*owners)
        )
        vals_by_partner = {
            customer: self._prepare_file_vals(company, customer, owner)
            for customer, owner in owners.items()
        }
        if vals_by_partner:
            try:
                with self.env.cr.savepoint():
                    created = self.sudo().create(list(vals_by_partner.values()))
            except UniqueViolation as error:
                raise ConcurrencyError(str(error)) from error
            files.update({file.partner_id: file for file in created})
        return files

    @api.model
    def _prepare_file_vals(self, company, customer, owner):
        """Return the values of a new file; extend to fill more of it."""
        return {
            "company_id": company.id,
            "partner_id": customer.id,
            "user_id": owner.id,
        }

    def _merge_into(self, kept):
        """Merge these files into one of them, when their customers become one.

        The grade of the file kept stays; what it lacks is taken from the others. Their
        history, messages and activities move to it.
        """
        others = self - kept
        if not others:
            return
        as_server(others.history_ids).write({"file_id": kept.id})
        for file in others:
            as_server(kept).user_id = kept.user_id or file.user_id
            if not kept.grade_id and file.grade_id:
                kept._set_grade(file.grade_id, self.env._("Customers merged"))
        visits = [file.last_visit for file in self if file.last_visit]
        dues = [file.next_due for file in self if file.next_due]
        as_server(kept).write(
            {
                "last_visit": max(visits, default=False),
                "next_due": min(dues, default=False),
            }
        )
        for model in ("mail.message", "mail.activity"):
            field = "model" if model == "mail.message" else "res_model"
            self.env[model].search(
                [(field, "=", self._name), ("res_id", "in", others.ids)]
            ).write({"res_id": kept.id})
        self.env.flush_all()
        others.unlink()
