from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..guard import as_server, is_server


class StepMixin(models.AbstractModel):
    """A document that is applied for, approved by authority and then goes on in steps,
    the only way its ``state`` changes.

    A model says with ``_steps`` from which states a step starts and where it leads, and
    with ``_get_<step>_reasons(reason)`` what stands against it. *submit*, *approve* and
    *reopen* are here.
    """

    _name = "step.mixin"
    _description = "Document in Steps"
    _inherit = ["authority.mixin", "reason.mixin"]

    #: ``{step: (states it starts from, state it leads to)}``
    _steps = {}
    #: What ``_prepare_submission`` freezes and an application made again thaws.
    _frozen_fields = ()
    #: ``{state: fields that nobody changes in it any more}``
    _locked_fields = {}

    submitted_at = fields.Datetime(
        string="Applied On", readonly=True, copy=False, tracking=True
    )
    submitted_by_id = fields.Many2one(
        "res.users",
        string="Applied By",
        readonly=True,
        copy=False,
        ondelete="restrict",
    )
    approved_at = fields.Datetime(string="Approved On", readonly=True, copy=False)

    # --- authority --------------------------------------------------------------------

    def _get_authority_date(self):
        """An application counts as one of the day on which it is made."""
        return self.submitted_at or fields.Datetime.now()

    def _get_authority_people(self):
        return super()._get_authority_people() | self.submitted_by_id

    @api.model
    def _get_lack_of_approver(self, company, rule, measure, at):
        """Return, as own reasons, that the matrix names nobody who decides a measure:
        an approval that a rule asks for isn't left out because nobody is set up."""
        if measure in self.env["authority.rule"]._get_controlled_measures(
            company.id, self._name, company._get_business_date()
        ):
            return []
        labels = dict(
            self.env["authority.rule"]
            ._fields["measure"]
            ._description_selection(self.env)
        )
        return [
            {
                "rule": rule,
                "key": f"approver {measure}",
                "at": at,
                "sentence": self.env._("nobody is named who approves it"),
                "release": self.env._(
                    "the rules administrator, with a limit or a reviewer of “%s”",
                    labels[measure],
                ),
            }
        ]

    # --- guards -----------------------------------------------------------------------

    def write(self, vals):
        if not is_server(self):
            self._check_locked(vals)
        return super().write(vals)

    def _get_locked_fields(self):
        """Return the fields of this document that nobody changes any more."""
        self.ensure_one()
        return self._locked_fields.get(self.state, frozenset())

    def _check_locked(self, names):
        """Raise UserError for fields that the document's state keeps as they are."""
        for record in self:
            # Whoever may write a part of it may know its name.
            locked = record.sudo()._get_locked_fields() & set(names)
            if locked:
                labels = sorted(
                    self._fields[name]._description_string(self.env) for name in locked
                )
                raise UserError(
                    self.env._(
                        "%(record)s stays as it is: %(fields)s.",
                        record=record.sudo().display_name,
                        fields=", ".join(labels),
                    )
                )

    # --- application and approval -----------------------------------------------------

    def action_submit(self):
        """Apply, and ask for every approval that is missing; with none it is approved.

        :raise UserError: something is missing, or nobody can approve
        """
        for record in self:
            record._start_step("submit")
            if record.state == "draft":
                record._end_step(
                    "submit",
                    **record._prepare_submission(),
                    submitted_at=fields.Datetime.now(),
                    submitted_by_id=self.env.uid,
                )
            if record._get_authority_errors():
                record.action_authority_request()
            else:
                record._approve()
        return True

    def _prepare_submission(self):
        """Return the values frozen with the application."""
        return {}

    def _approve(self):
        """Go on, once nothing stands against the application."""
        self._start_step("approve")
        self._end_step(
            "approve", **self._prepare_approval(), approved_at=fields.Datetime.now()
        )

    def _prepare_approval(self):
        """Return the values that come with the approval."""
        return {}

    def _authority_closed(self, request):
        result = super()._authority_closed(request)
        if self.state == "submitted":
            if request.state == "approved" and not self._get_authority_errors():
                self._approve()
            elif request.state in ("refused", "withdrawn"):
                self._withdraw_authority()
                if self.state == "submitted":
                    self._reopen()
        return result

    def action_reopen(self):
        """Make an application of it again, and withdraw what was asked.

        :raise UserError: it is too late
        """
        for record in self:
            record._start_step("reopen")
            record._withdraw_authority()
            if record.state != "draft":
                record._reopen()
        return True

    def _reopen(self):
        self._end_step(
            "reopen",
            **dict.fromkeys(self._frozen_fields, False),
            submitted_at=False,
            submitted_by_id=False,
            approved_at=False,
        )

    # --- steps ------------------------------------------------------------------------

    def _get_step_reasons(self, step, reason=None):
        """Return ``{record.id: [why the step isn't possible now, in words]}``."""
        reasons = {record.id: [] for record in self}
        for record in self:
            if record.state not in self._steps[step][0]:
                reasons[record.id].append(record._describe_standing())
            elif checker := getattr(record, f"_get_{step}_reasons", None):
                reasons[record.id] += checker(reason)
        return reasons

    def _check_recorder(self):
        """Raise AccessError for who may not record steps of these documents."""
        self.check_access("write")
        if self.env.user.share:
            raise AccessError(self.env._("This is kept by employees."))

    def _start_step(self, step, reason=None):
        """Check right and reasons, then take the row against everybody else."""
        self.ensure_one()
        self._check_recorder()
        if reasons := self._get_step_reasons(step, reason)[self.id]:
            raise UserError("\n".join(reasons))
        self._take_row(self._steps[step][0])

    def _take_row(self, states):
        self.flush_recordset()
        rows = self.env.execute_query(
            SQL(
                """UPDATE %s SET write_date = NOW() AT TIME ZONE 'UTC'
                    WHERE id = %s AND state = ANY(%s) RETURNING id""",
                SQL.identifier(self._table),
                self.id,
                list(states),
            )
        )
        if not rows:
            raise UserError(self.env._("Somebody else was faster; reload the page."))

    def _end_step(self, step, reason=None, **values):
        as_server(self).write({"state": self._steps[step][1], **values})
        if reason:
            self.message_post(body=self.env._("Reason: %s", reason))

    @api.model
    def _get_reasoned_steps(self):
        return super()._get_reasoned_steps() | {"cancel", "void"} & self._steps.keys()

    @api.model
    def _get_lack_of_reason(self, reason):
        """Return, as reasons against a step, that it needs a reason."""
        return [] if (reason or "").strip() else [self.env._("Give a reason.")]

    def _get_missing(self, names):
        """Return, as reasons against a step, which of these fields are empty."""
        self.ensure_one()
        values = {name: self[name] for name in names}
        missing = [
            self._fields[name]._description_string(self.env)
            for name, value in values.items()
            if not (value.strip() if isinstance(value, str) else value)
        ]
        return missing and [self.env._("Missing: %s", ", ".join(missing))]

    def _get_form_action(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
        }
