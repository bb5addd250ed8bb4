from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..guard import as_server

FINANCE = "sales_receivable.group_finance"
MANAGERS = "sales_receivable.group_company_manager"
ACTIVITY = "sales_receivable.mail_activity_type_commission"
#: Step → group that takes it, level of authority that it needs besides.
TAKERS = {
    "review": (FINANCE, None),
    "confirm": (FINANCE, "sales_receivable.authority_level_vice_president"),
    "approve": (MANAGERS, "sales_receivable.authority_level_general_manager"),
    "export": (FINANCE, None),
}
FOLLOWING = {
    "draft": "review",
    "reviewed": "confirm",
    "confirmed": "approve",
    "approved": "export",
}


class CommissionStatement(models.Model):
    """The steps of a commission form (K02): the only way its status changes.

    Finance reviews, somebody of finance with a vice president's level confirms, the
    general manager approves: three people, none of them the one who is paid.
    """

    _name = "commission.statement"
    _inherit = "commission.statement"

    #: ``{step: (states it starts from, state it leads to)}``
    _steps = {
        "review": (("draft",), "reviewed"),
        "confirm": (("reviewed",), "confirmed"),
        "approve": (("confirmed",), "approved"),
        "refuse": (("reviewed", "confirmed", "approved"), "draft"),
        "export": (("approved",), "exported"),
    }

    @api.depends("state", "payable_amount", "period_id.state")
    @api.depends_context("uid", "lang")
    def _compute_blocking_reasons(self):
        for form in self:
            step = FOLLOWING.get(form.state)
            reasons = form._get_step_reasons(step) if step and form.id else []
            if (
                step
                and form.id
                and not reasons
                and self.env.user not in form._get_takers(step)
            ):
                reasons = [form._describe_takers(step)]
            form.blocking_reasons = "\n".join(reasons)

    # --- steps ------------------------------------------------------------------------

    def action_review(self):
        """Note that finance has checked the figures."""
        return self._take_steps("review", "reviewed")

    def action_confirm(self):
        """Confirm the figures for finance, with a vice president's level."""
        return self._take_steps("confirm", "confirmed")

    def action_approve(self):
        """Approve the figures, which freezes them.

        :raise UserError: an earlier form of the person isn't approved, or somebody has
            taken two steps
        :raise AccessError: for anyone but who holds the general manager's level
        """
        return self._take_steps("approve", "approved")

    def _take_steps(self, step, stamp):
        for form in self.sorted(lambda form: form.period_id.date_start):
            form._start_step(step)
            form._end_step(
                step,
                **form._get_carried(),
                **{
                    f"{stamp}_by_id": self.env.uid,
                    f"{stamp}_at": fields.Datetime.now(),
                },
            )
            form._ask_next()
        return True

    def action_refuse(self, reason):
        """Send a form back to be reviewed, with a reason; what is handed over stays.

        Whoever takes a step from here on may refuse it, and who has approved it.
        """
        if not (reason or "").strip():
            raise UserError(self.env._("Give a reason."))
        for form in self:
            form._start_step("refuse")
            form._go_back(self.env._("Refused: %s", reason))
        return True

    def action_open_refuse(self):
        """Open the dialog that asks for the reason."""
        return self._open_reason("refuse", self.env._("Refuse"))

    @api.model
    def _get_reasoned_steps(self):
        return super()._get_reasoned_steps() | {"refuse"}

    def _go_back(self, message, **values):
        """Make a form one to review again, and say why."""
        stamps = ("reviewed", "confirmed", "approved")
        self._end_step(
            "refuse",
            **{f"{stamp}_by_id": False for stamp in stamps},
            **{f"{stamp}_at": False for stamp in stamps},
            **values,
        )
        # Other people's activities end with what they asked for.
        self.sudo().activity_unlink([ACTIVITY])
        self.message_post(body=message)

    # --- what a step needs ------------------------------------------------------------

    def _get_step_reasons(self, step):
        """Return the sentences that say why a step isn't possible now, none if it is."""
        self.ensure_one()
        labels = dict(self._fields["state"]._description_selection(self.env))
        if self.state not in self._steps[step][0]:
            return [self.env._("The form is: %s.", labels[self.state])]
        if step == "refuse":
            return self._get_later_reasons()
        reasons = []
        if self.period_id.state == "open":
            reasons.append(self.env._("The month isn't computed."))
        if step != "export":
            reasons += self._get_own_reasons()
        if step == "approve":
            reasons += self._get_order_reasons()
        if step == "export":
            reasons += self._get_export_reasons()
        return reasons

    def _get_own_reasons(self):
        user = self.env.user
        if user == self.beneficiary_id:
            return [self.env._("Nobody decides on their own commission.")]
        if user in (self.reviewed_by_id | self.confirmed_by_id):
            return [
                self.env._(
                    "You have taken a step before: somebody else takes this one."
                )
            ]
        return []

    def _get_later_reasons(self):
        """What a later form has carried on from this one stays."""
        # Whose forms are approved is no secret to who refuses one of them.
        later = self.sudo().search(
            [
                ("company_id", "=", self.company_id.id),
                ("beneficiary_id", "=", self.beneficiary_id.id),
                ("period_id.date_start", ">", self.period_id.date_start),
                ("state", "in", ("approved", "exported")),
            ],
            limit=1,
        )
        return [
            self.env._("%s is approved: refuse it first.", form.display_name)
            for form in later
        ]

    def _get_order_reasons(self):
        earlier = self._get_earlier().filtered(
            lambda form: form.state not in ("approved", "exported")
        )
        return [
            self.env._("%s comes first.", form.display_name) for form in earlier[:1]
        ]

    def _get_export_reasons(self):
        reasons = []
        if self.period_id.state != "closed":
            reasons.append(self.env._("The month isn't closed yet."))
        if self.payable_amount <= 0:
            reasons.append(
                self.env._("Nothing is payable; what is below is carried forward.")
            )
        return reasons

    def _get_earlier(self):
        """Return the person's earlier forms, the latest first."""
        # What is carried forward doesn't depend on who asks.
        return (
            self.sudo()
            .search(
                [
                    ("company_id", "=", self.company_id.id),
                    ("beneficiary_id", "=", self.beneficiary_id.id),
                    ("period_id.date_start", "<", self.period_id.date_start),
                ],
            )
            .sorted(lambda form: form.period_id.date_start, reverse=True)
        )

    def _get_carried(self):
        """Return what the form before leaves to carry, and what is payable with it."""
        carried = min(self._get_earlier()[:1].payable_amount, 0.0)
        return {"carried_amount": carried, "payable_amount": self.amount + carried}

    def _get_takers(self, step):
        """Return the users who may take a step; an absent one's substitute, too."""
        self.ensure_one()
        group, level = TAKERS[step]
        company = self.company_id
        # Who decides is no secret to who has to ask them.
        found = (
            self.env["res.users"]
            .sudo()
            .search(
                Domain("all_group_ids", "in", self.env.ref(group).id)
                & Domain("company_ids", "in", company.id)
            )
        )
        if level:
            on = company._get_business_date()
            rank = self.env.ref(level).sudo().sequence
            ranks = self.env["authority.assignment"]._get_ranks(company, on)
            substitutes = self.env["authority.substitute"]._get_substitutes(company, on)
            holders = {user for user in ranks if ranks[user] >= rank}
            holders |= {substitutes[user] for user in holders & substitutes.keys()}
            found = found.filtered(lambda user: user.id in holders)
        return found - self.beneficiary_id

    def _describe_takers(self, step):
        takers = self._get_takers(step) - (self.reviewed_by_id | self.confirmed_by_id)
        if not takers:
            # The names of groups and levels are no secret to who is refused.
            needs = [self.env.ref(name).sudo() for name in TAKERS[step] if name]
            return self.env._(
                "Nobody else can take this step, which is for: %s.",
                " + ".join(need.display_name for need in needs),
            )
        return self.env._("This step is for: %s.", ", ".join(takers.mapped("name")))

    def _start_step(self, step):
        """Check right and reasons, then take the row against everybody else."""
        self.ensure_one()
        self.check_access("write")
        # Whoever may confirm or approve a form may also refuse it.
        steps = ("confirm", "approve") if step == "refuse" else (step,)
        takers = self.env["res.users"].union(*map(self._get_takers, steps))
        if not self.env.su and self.env.user not in takers:
            raise AccessError(self._describe_takers(steps[-1]))
        if reasons := self._get_step_reasons(step):
            raise UserError("\n".join(reasons))
        self.flush_recordset()
        rows = self.env.execute_query(
            SQL(
                """UPDATE commission_statement SET write_date = NOW() AT TIME ZONE 'UTC'
                    WHERE id = %s AND state = ANY(%s) RETURNING id""",
                self.id,
                list(self._steps[step][0]),
            )
        )
        if not rows:
            raise UserError(self.env._("Somebody else was faster; reload the page."))

    def _update_figures(self, values):
        """Take over what the period has been computed to."""
        self.write(values)
        self.write(self._get_carried())
        if self.state != "draft":
            self._go_back(
                self.env._("The month was computed again with other figures.")
            )

    def _end_step(self, step, **values):
        as_server(self).write({"state": self._steps[step][1], **values})

    def _ask_next(self):
        """Let those know whose step is next."""
        form = (
            self.sudo()
        )  # whoever takes a step may have no right on others' activities
        form.activity_unlink([ACTIVITY])
        if step := FOLLOWING.get(self.state):
            people = form._get_takers(step) - (
                form.reviewed_by_id | form.confirmed_by_id | form.approved_by_id
            )
            for user in people[:3]:
                form.activity_schedule(
                    ACTIVITY,
                    date_deadline=form.company_id._get_business_date(),
                    summary=form.display_name,
                    user_id=user.id,
                )
