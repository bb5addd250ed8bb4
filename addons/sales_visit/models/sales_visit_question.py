from odoo import api, fields, models
from odoo.exceptions import UserError

from ..guard import as_server, is_server


class SalesVisitQuestion(models.Model):
    """A question of the customer that nobody could answer on the spot: open, and in the
    brief of every later visit, until it is closed with its answer (V16)."""

    _name = "sales.visit.question"
    _inherit = ["sales.visit.owned.mixin", "sales.visit.server.field.mixin"]
    _description = "Open Question of a Customer"
    _order = "is_answered, id"
    _rec_name = "question"
    _check_company_auto = True

    visit_id = fields.Many2one(
        "sales.visit",
        string="Asked At",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="visit_id.company_id",
        default=None,
        required=False,
        store=True,
        precompute=True,
    )
    commercial_partner_id = fields.Many2one(
        related="visit_id.commercial_partner_id",
        string="Customer",
        store=True,
        precompute=True,
    )
    user_id = fields.Many2one(
        string="Responsible",
        compute="_compute_user_id",
        default=None,
        required=False,
        store=True,
        readonly=False,
        precompute=True,
    )
    question = fields.Char(required=True)
    answer = fields.Text()
    is_answered = fields.Boolean(string="Answered", readonly=True, copy=False)
    answered_at = fields.Datetime(readonly=True, copy=False)
    answered_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="restrict"
    )

    _open_idx = models.Index(
        "(commercial_partner_id, company_id) WHERE is_answered IS NOT TRUE"
    )

    @api.depends("visit_id")
    def _compute_user_id(self):
        for question in self:
            question.user_id = question.visit_id.user_id

    @api.model_create_multi
    def create(self, vals_list):
        questions = super().create(vals_list)
        # Nobody asks in the report of somebody else, nor in one that is locked.
        questions.visit_id.check_access("write")
        questions._check_visit_open()
        return questions

    def write(self, vals):
        if not is_server(self):
            self._check_server_fields(vals.keys())
            self._check_open()
            if {"visit_id", "question"} & vals.keys():
                self._check_visit_open()
        result = super().write(vals)
        if "visit_id" in vals:
            # Nor does anybody move one there.
            self.visit_id.check_access("write")
            self._check_visit_open()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_only_unreported(self):
        self._check_open()
        self._check_visit_open()

    def action_open(self):
        """Open the question to answer it."""
        self.ensure_one()
        return {
            "name": self.env._("Answer"),
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_close(self):
        """Close questions with their answers, which stay from here on (V16).

        :raise UserError: without an answer
        """
        self._check_open()
        for question in self:
            if not (question.answer or "").strip():
                raise UserError(
                    self.env._(
                        "“%(question)s” has no answer yet. (V16)",
                        question=question.question,
                    )
                )
        as_server(self).write(
            {
                "is_answered": True,
                "answered_at": fields.Datetime.now(),
                "answered_by_id": self.env.uid,
            }
        )
        return True

    def _check_open(self):
        for question in self:
            if question.is_answered:
                raise UserError(
                    self.env._(
                        "“%(question)s” has been answered: it stays as it is. (V16)",
                        question=question.question,
                    )
                )

    def _check_visit_open(self):
        """Refuse to change what was asked once it has been reported (V10)."""
        # Whether the report is locked doesn't depend on who may see it.
        for visit in self.visit_id.sudo()._filter_locked():
            raise UserError(visit._get_locked_message())
