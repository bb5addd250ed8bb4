from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ..authority import ENGINE, ENGINE_KEY, filter_unfit

STATES = [
    ("waiting", "Waiting"),
    ("approved", "Approved"),
    ("refused", "Refused"),
    ("withdrawn", "Withdrawn"),
    ("superseded", "Superseded"),
]


class AuthorityRequest(models.Model):
    """A document's request to one person to approve what exceeds limits (A01, A17).

    It freezes the facts it was asked for: they, not the document, are what is approved.
    Only the engine's methods write it. Two people who decide at once both update this
    row: the database lets one of them pass, the other is told that it is decided.
    """

    _name = "authority.request"
    _description = "Approval Request"
    _inherit = ["authority.facts.mixin"]
    _order = "id desc"
    _rec_name = "res_name"

    res_id = fields.Many2oneReference(
        string="Document ID",
        model_field="res_model",
        required=True,
        readonly=True,
        index=True,
    )
    res_name = fields.Char(string="Document", readonly=True)
    document_model = fields.Char(compute="_compute_document_model", string="Kind")
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="restrict"
    )
    requester_id = fields.Many2one(
        "res.users",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        help="Whose document exceeds limits.",
    )
    asked_by_id = fields.Many2one(
        "res.users", required=True, readonly=True, ondelete="restrict"
    )
    create_date = fields.Datetime(string="Asked On", readonly=True)
    level_id = fields.Many2one(
        "authority.level", string="Level Needed", readonly=True, ondelete="restrict"
    )
    reviewer_id = fields.Many2one(
        "authority.reviewer",
        string="Function",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="Who reviews besides the levels; empty: a level is asked.",
    )
    approver_id = fields.Many2one(
        "res.users", required=True, readonly=True, index=True, ondelete="restrict"
    )
    state = fields.Selection(STATES, required=True, readonly=True, default="waiting")
    rule_ids = fields.Many2many("authority.rule", string="Limits", readonly=True)
    decided_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    decided_at = fields.Datetime(readonly=True)
    reason = fields.Text(readonly=True)
    step_ids = fields.One2many("authority.step", "request_id", string="Log")
    may_decide = fields.Boolean(
        string="I May Decide",
        compute="_compute_may_decide",
        search="_search_may_decide",
        help="You are asked, stand in for who is asked, or hold the level needed.",
    )
    waits_for_me = fields.Boolean(
        string="Waiting for Me",
        compute="_compute_may_decide",
        search="_search_waits_for_me",
        help="You are asked or stand in for who is asked.",
    )

    _waiting_uniq = models.UniqueIndex(
        "(res_model, res_id, approver_id, COALESCE(reviewer_id, 0),"
        " COALESCE(previous_id, 0)) WHERE state = 'waiting'",
        "This person has already been asked for this document.",
    )
    _inbox_idx = models.Index("(company_id, approver_id) WHERE state = 'waiting'")

    @api.depends("res_model")
    def _compute_document_model(self):
        for request in self:
            # The name of a model is no secret.
            model = self.env["ir.model"].sudo()._get(request.res_model)
            request.document_model = model.name

    @api.depends("state", "approver_id", "level_id", "company_id")
    @api.depends_context("uid")
    def _compute_may_decide(self):
        # Saved requests only: new ones don't exist outside the engine.
        saved = self.browse(self.ids).sudo()
        allowed = saved.filtered_domain(self._domain_may_decide())
        mine = saved.filtered_domain(self._domain_may_decide(personal=True))
        for request in self:
            request.may_decide = request in allowed
            request.waits_for_me = request in mine

    def _search_may_decide(self, operator, value):
        if operator != "in" or True not in value:
            return NotImplemented
        return self._domain_may_decide()

    def _search_waits_for_me(self, operator, value):
        if operator != "in" or True not in value:
            return NotImplemented
        return self._domain_may_decide(personal=True)

    @api.model
    def _domain_may_decide(self, personal=False):
        """Return the domain of the waiting requests that the current user may decide.

        The person asked, who stands in for that person today, and everybody who holds
        the level needed, or the function that reviews, in the company of the document;
        never who asked (A17).

        :param personal: without those that wait for others of one's own or lower level
        """
        user = self.env.user
        deciders = [self._domain_asked(user)]
        held, absent = self.env["authority.assignment"]._get_powers(user.id)
        # Calendar days of companies are no secret.
        companies = self.env["res.company"].sudo()
        for company_id, absent_id, date_from, date_to in absent:
            on = companies.browse(company_id)._get_business_date()
            if date_from <= on <= date_to:
                deciders.append(
                    Domain("company_id", "=", company_id)
                    & Domain("approver_id", "=", absent_id)
                )
        for company_id, rank, date_from, date_to in () if personal else held:
            on = companies.browse(company_id)._get_business_date()
            if date_from <= on and (not date_to or on <= date_to):
                deciders.append(
                    Domain("company_id", "=", company_id)
                    & Domain("level_id.sequence", "<=", rank)
                )
        if not personal:
            functions = self.env["authority.reviewer"]._get_held_by(user)
            deciders.append(Domain("reviewer_id", "in", functions))
        return (
            Domain("state", "=", "waiting")
            & Domain("requester_id", "!=", user.id)
            & Domain("asked_by_id", "!=", user.id)
            & Domain.OR(deciders)
        )

    def _get_request(self):
        return self

    @api.model
    def _domain_asked(self, user):
        """Return the domain of the requests that ask this person."""
        return Domain("approver_id", "=", user.id)

    # --- guards -----------------------------------------------------------------------

    def _check_engine(self):
        if self.env.context.get(ENGINE_KEY) is not ENGINE:
            raise AccessError(
                self.env._("Approvals change only by asking, deciding or withdrawing.")
            )

    @api.model_create_multi
    def create(self, vals_list):
        self._check_engine()
        return super().create(vals_list)

    def write(self, vals):
        self._check_engine()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise AccessError(self.env._("Approvals stay on record."))

    # --- decisions --------------------------------------------------------------------

    def action_approve(self, reason=None):
        """Approve the frozen facts of these requests (A01, A17).

        :param reason: optional remark
        :raise UserError: somebody else has decided, or the user may not
        """
        self._decide("approved", reason)
        return True

    def action_refuse(self, reason):
        """Refuse these requests; the reason is mandatory (A17).

        :raise UserError: no reason, somebody else has decided, or the user may not
        """
        if not (reason or "").strip():
            raise UserError(self.env._("A refusal needs a reason."))
        self._decide("refused", reason)
        return True

    def action_open_refuse(self):
        """Open the dialog that asks for the reason of a refusal."""
        return self._open_decision("refused")

    def action_open_approve(self):
        """Open the dialog that approves with a remark."""
        return self._open_decision("approved")

    def _open_decision(self, decision):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Refuse")
            if decision == "refused"
            else self.env._("Approve"),
            "res_model": "authority.decision",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_request_ids": self.ids,
                "default_decision": decision,
            },
        }

    def action_open_document(self):
        """Open the document that asks."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": self.res_id,
            "view_mode": "form",
        }

    def _check_may_decide(self):
        self.check_access("read")
        own = self._get_own_causes()
        for request in self.sudo():  # may be read, checked above; names only
            if request.state != "waiting":
                raise UserError(
                    self.env._(
                        "%(document)s is no longer waiting: %(state)s by %(user)s.",
                        document=request.res_name,
                        state=dict(
                            request._fields["state"]._description_selection(self.env)
                        )[request.state],
                        user=(request.decided_by_id or request.asked_by_id).name,
                    )
                )
            if self.env.user in (request.requester_id, request.asked_by_id):
                raise UserError(
                    self.env._(
                        "Who asks never approves: %(document)s waits for %(approver)s.",
                        document=request.res_name,
                        approver=request.approver_id.name,
                    )
                )
            if request in own:
                raise UserError(
                    self.env._(
                        "Nobody approves their own document: %(document)s waits for"
                        " somebody of the level “%(level)s”.",
                        document=request.res_name,
                        level=request._get_authority_name(),
                    )
                )
            if not request.with_user(self.env.user).may_decide:
                raise UserError(
                    self.env._(
                        "%(document)s waits for %(approver)s or somebody of the level"
                        " “%(level)s”.",
                        document=request.res_name,
                        approver=request.approver_id.name,
                        level=request._get_authority_name(),
                    )
                )

    def _get_own_causes(self):
        """Return the requests whose document the user has come to stand behind since,
        as its salesperson or by its figures, without holding the level needed (A17).
        """
        found = self.browse()
        # Only whose documents they are is asked, whatever one may read.
        for model, requests in self.sudo().grouped("res_model").items():
            documents = self.env[model].sudo().browse(requests.mapped("res_id"))
            by_id = documents.exists().grouped("id")
            for company, own in requests.grouped("company_id").items():
                on = company._get_business_date()
                ranks = self.env["authority.assignment"]._get_ranks(company, on)
                for request in own.filtered(lambda r, by_id=by_id: r.res_id in by_id):
                    people = by_id[request.res_id]._get_authority_involved()
                    if self.env.user in request._filter_unfit(people, ranks):
                        found += request
        return found

    def _filter_unfit(self, people, ranks):
        """Return who of these people involved can't decide about this request (A17)."""
        self.ensure_one()
        needed = self.level_id.sequence
        return filter_unfit(people, ranks, self.reviewer_id, needed)

    def _get_authority_name(self):
        """Return the name of the level or function that is asked."""
        return (self.reviewer_id or self.level_id).name

    def _is_asked_of(self, company, reviewer):
        """Tell whether this asks in a company the function of a reviewer, or a level."""
        self.ensure_one()
        return (
            self.company_id == company
            and self.reviewer_id._get_function() == reviewer._get_function()
        )

    def _get_people(self):
        """Return who is asked by this request, may be empty, and by those after it."""
        return self.approver_id

    def _decide(self, state, reason):
        self._check_may_decide()
        self._close(state, reason)

    def _close(self, state, reason=None):
        """Move waiting requests to a final state, log it, tidy activities, tell."""
        # Rights were checked by the caller; nobody may write requests by themselves.
        requests = self.sudo().with_context(**{ENGINE_KEY: ENGINE})
        requests.write(
            {
                "state": state,
                "decided_by_id": self.env.uid,
                "decided_at": fields.Datetime.now(),
                "reason": reason,
            }
        )
        # The update decides between two people at once; meet the other one here.
        requests.flush_recordset()
        requests._log(state, reason)
        for model, group in requests.grouped("res_model").items():
            documents = (
                self.env[model].sudo().browse(set(group.mapped("res_id"))).exists()
            )
            by_id = documents.grouped("id")
            for request in group:
                if document := by_id.get(request.res_id):
                    document._authority_closed(request.with_env(self.env).sudo())

    def _log(self, kind, reason=None):
        """Append one step per request to the log."""
        self.env["authority.step"].sudo().with_context(**{ENGINE_KEY: ENGINE}).create(
            [
                {
                    "request_id": request.id,
                    "res_model": request.res_model,
                    "res_id": request.res_id,
                    "res_name": request.res_name,
                    "company_id": request.company_id.id,
                    "kind": kind,
                    "user_id": self.env.uid,
                    "approver_id": (
                        request.escalated_to_id
                        if kind == "escalated"
                        else request.approver_id
                    ).id,
                    "level_id": request.level_id.id,
                    "reviewer_id": request.reviewer_id.id,
                    "reason": reason,
                    "facts": request.facts,
                    "rules": [
                        {
                            "id": rule.id,
                            "measure": rule.measure,
                            "level": rule.level_id.code,
                            "limit": rule.limit,
                            "date_from": rule.date_from.isoformat(),
                        }
                        for rule in request.rule_ids
                    ],
                }
                for request in self
            ]
        )
