from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..guard import as_server, is_server

APPROVAL_STATES = [
    ("draft", "Draft"),
    ("submitted", "Waiting for Approval"),
    ("approved", "Approved"),
    ("refused", "Refused"),
]
ACTIVITY = "sales_visit.mail_activity_type_approval"


class ApprovalMixin(models.AbstractModel):
    """Documents that one person asks for and one manager decides about.

    Whoever asks never decides. What has been asked for stays as it is while it waits and
    once it is decided, with who asked and decided when and why. A document names the one
    whose managers decide in :meth:`_get_approval_subject`.
    """

    _name = "sales.approval.mixin"
    _inherit = [
        "mail.thread",
        "mail.activity.mixin",
        "sales.visit.server.field.mixin",
    ]
    _description = "Document That a Manager Approves"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    approval_state = fields.Selection(
        APPROVAL_STATES,
        string="Status",
        required=True,
        readonly=True,
        default="draft",
        copy=False,
        index=True,
        tracking=True,
    )
    requested_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="restrict"
    )
    requested_at = fields.Datetime(readonly=True, copy=False)
    decided_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="restrict"
    )
    decided_at = fields.Datetime(readonly=True, copy=False)
    decision_reason = fields.Text(readonly=True, copy=False)
    approver_ids = fields.Many2many(
        "res.users",
        string="Who Can Decide",
        compute="_compute_approver_ids",
    )
    can_decide = fields.Boolean(compute="_compute_approver_ids")

    @api.depends("company_id", "approval_state", "requested_by_id")
    @api.depends_context("uid")
    def _compute_approver_ids(self):
        approvers = self._get_approvers()
        for document in self:
            document.approver_ids = approvers[document]
            document.can_decide = (
                document.approval_state == "submitted"
                and self.env.user in approvers[document]
            )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def write(self, vals):
        if not is_server(self) and not vals.keys() <= self._get_free_fields():
            self._check_server_fields(vals.keys())
            self._check_is_draft()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_draft(self):
        self._check_is_draft()

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_request(self):
        """Ask for approval: from here the document stays as it is.

        :raise UserError: when it has been asked for, or nobody could decide
        """
        self._check_approval_state("draft")
        approvers = self._get_approvers(requester=self.env.user)
        for document in self:
            if not approvers[document]:
                raise UserError(
                    self.env._(
                        "Nobody could decide about %(document)s: %(company)s has no company manager.",
                        document=document.display_name,
                        company=document.company_id.display_name,
                    )
                )
        as_server(self).write(
            {
                "approval_state": "submitted",
                "requested_by_id": self.env.uid,
                "requested_at": fields.Datetime.now(),
            }
        )
        self._tell_approvers(approvers)
        return True

    def action_withdraw(self):
        """Take back a request that waits.

        :raise AccessError: for anyone but who asked
        :raise UserError: once it has been decided
        """
        self._check_approval_state("submitted")
        for document in self:
            if document.requested_by_id != self.env.user:
                raise AccessError(
                    self.env._(
                        "%(user)s has asked for it, nobody else takes it back.",
                        user=document.requested_by_id.sudo().name,
                    )
                )
        as_server(self).write(
            {
                "approval_state": "draft",
                "requested_by_id": False,
                "requested_at": False,
            }
        )
        # The reminders are the managers'; what they ask for is gone.
        self.sudo().activity_unlink([ACTIVITY])
        return True

    def action_approve(self):
        """Approve what waits.

        :raise AccessError: for anyone but who may decide, and for who asked
        :raise UserError: when it doesn't wait
        """
        self._decide("approved")
        return True

    def action_refuse(self):
        """Ask for the reason, then refuse."""
        wizard = self.env["sales.visit.reason.wizard"]
        return wizard._ask(self.env._("Refuse"), self, "refuse")

    def refuse(self, reason):
        """Refuse what waits.

        :param str reason: why, for the one who asked
        :raise AccessError: for anyone but who may decide, and for who asked
        :raise UserError: without a reason, or when it doesn't wait
        """
        reason = (reason or "").strip()
        if not reason:
            raise UserError(self.env._("Give a reason."))
        self._decide("refused", reason)
        return True

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    @api.model
    def _get_free_fields(self):
        """Return the names of the fields that are written whatever has been decided."""
        mixins = ("mail.thread", "mail.activity.mixin")
        return set().union(*(self.env[mixin]._fields for mixin in mixins))

    def _get_approval_detail(self):
        """Return in a line what there is to know to decide, for the list of all that
        waits."""
        self.ensure_one()
        return ""

    def _get_approval_subject(self):
        """Return the user whose managers decide about this document."""
        self.ensure_one()
        return self.requested_by_id or self.env.user

    def _get_approvers(self, requester=None):
        """Return who may decide: the managers of the subject, else the company managers;
        never who asks.

        :param requester: ``res.users`` who is about to ask
        :return: ``{document: res.users}``
        """
        approvers = {}
        for company, documents in self.grouped("company_id").items():
            subjects = {
                document: document._get_approval_subject() for document in documents
            }
            users = self.env["res.users"].union(*subjects.values())
            managers = users._get_visit_managers(company)
            fallback = self.env["res.users"]._get_company_managers(company)
            for document, subject in subjects.items():
                asking = requester or document.requested_by_id
                approvers[document] = (managers[subject] - asking) or (
                    fallback - asking - subject
                )
        return approvers

    def _check_approval_state(self, state):
        labels = dict(self._fields["approval_state"]._description_selection(self.env))
        for document in self:
            if document.approval_state != state:
                raise UserError(
                    self.env._(
                        "%(document)s is “%(current)s”, not “%(needed)s”.",
                        document=document.display_name,
                        current=labels[document.approval_state],
                        needed=labels[state],
                    )
                )

    def _check_is_draft(self):
        for document in self:
            if document.approval_state != "draft":
                raise UserError(
                    self.env._(
                        "%(document)s has been asked for and stays as it is.",
                        document=document.display_name,
                    )
                )

    def _decide(self, state, reason=False):
        self.check_access("read")
        approvers = self._get_approvers()
        for document in self:
            if self.env.user not in approvers[document]:
                raise AccessError(
                    self.env._(
                        "Only %(approvers)s can decide about %(document)s.",
                        approvers=", ".join(approvers[document].sudo().mapped("name")),
                        document=document.display_name,
                    )
                )
        self._check_approval_state("submitted")
        # Who decides has been checked here; he need not own the document.
        documents = as_server(self.sudo())
        documents.write(
            {
                "approval_state": state,
                "decided_by_id": self.env.uid,
                "decided_at": fields.Datetime.now(),
                "decision_reason": reason,
            }
        )
        documents.activity_unlink([ACTIVITY])
        label = dict(self._fields["approval_state"]._description_selection(self.env))
        for document in documents:
            document.message_post(
                body=": ".join(filter(None, (label[state], reason))),
                partner_ids=document.requested_by_id.partner_id.ids,
            )
        if state == "approved":
            self._after_approval()

    def _after_approval(self):
        """Do what follows from the approval; nothing unless a document says so."""

    def _tell_approvers(self, approvers):
        """Create one activity for the first approver of each document, in one batch."""
        self.env["mail.activity"]._create_reminders(
            ACTIVITY, {document: approvers[document][:1] for document in self}
        )
