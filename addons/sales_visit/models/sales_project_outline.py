from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..guard import as_server, is_server
from .approval_mixin import ACTIVITY

# What an outline says; each change of it is a revision.
CONTENT_FIELDS = ("summary", "works_progress", "payment_progress")


class SalesProjectOutline(models.Model):
    """The outline of a customer's project, from the accepted proposal to after-sales (V18).

    Its steps are taken in the order of :class:`SalesProjectStep`; each, and each change of
    what the outline says, is kept as a revision. A step taken back takes the later ones
    with it: a new proposal is accepted, quoted and confirmed anew.
    """

    _name = "sales.project.outline"
    _inherit = [
        "mail.thread",
        "mail.activity.mixin",
        "sales.visit.server.field.mixin",
        "sales.visit.phone.view.mixin",
    ]
    _description = "Project Outline"
    _order = "id desc"
    _rec_name = "lead_id"
    _check_company_auto = True

    lead_id = fields.Many2one(
        "crm.lead", required=True, index=True, ondelete="restrict", check_company=True
    )
    user_id = fields.Many2one(
        related="lead_id.user_id",
        string="Salesperson",
        store=True,
        precompute=True,
        index=True,
    )
    file_id = fields.Many2one(
        "sales.customer.file",
        string="Customer File",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        copy=False,
    )
    company_id = fields.Many2one(
        related="file_id.company_id", store=True, index=True, precompute=True
    )
    partner_id = fields.Many2one(related="file_id.partner_id", string="Customer")
    step_id = fields.Many2one(
        "sales.project.step",
        string="Last Step",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
    )
    next_step_id = fields.Many2one(
        "sales.project.step", compute="_compute_next_step_id"
    )
    can_take_step = fields.Boolean(compute="_compute_can_take_step")
    step_hint = fields.Char(compute="_compute_can_take_step")
    summary = fields.Text(string="Proposal", help="What is proposed to the customer.")
    works_progress = fields.Integer(string="Works (%)")
    payment_progress = fields.Integer(string="Payments (%)")
    revision_ids = fields.One2many(
        "sales.project.revision", "outline_id", string="Revisions"
    )

    _lead_uniq = models.Constraint("unique(lead_id)", "A lead has one project outline.")
    _check_progress = models.Constraint(
        "CHECK(works_progress BETWEEN 0 AND 100 AND payment_progress BETWEEN 0 AND 100)",
        "Progress is between 0 and 100 %.",
    )

    @api.depends("lead_id.name")
    def _compute_display_name(self):
        for outline in self:
            # Members of the work team need not see the lead.
            outline.display_name = outline.lead_id.sudo().name

    @api.depends("step_id")
    def _compute_next_step_id(self):
        steps = self.env["sales.project.step"].search([("active", "=", True)])
        for outline in self:
            outline.next_step_id = steps._get_next(steps, outline.step_id)

    @api.depends("step_id", "user_id", "company_id")
    @api.depends_context("uid", "lang")
    def _compute_can_take_step(self):
        heads = self._get_heads()
        writable = self._filtered_access("write")
        for outline in self:
            outline.can_take_step = bool(outline.next_step_id) and outline in writable
            outline.step_hint = False
            if outline.next_step_id.needs_manager:
                outline.can_take_step &= self.env.user in heads[outline]
                outline.step_hint = self.env._(
                    "“%(step)s” is taken by %(heads)s. (V18)",
                    step=outline.next_step_id.name,
                    heads=", ".join(heads[outline].sudo().mapped("name")) or "–",
                )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model
    def _prepare_create_values(self, vals_list):
        # Past the guard: the lead says whose project it is.
        leads = self.env["crm.lead"]
        ids = [vals["lead_id"] for vals in vals_list if vals.get("lead_id")]
        files = {
            lead.id: file.id
            for lead, file in leads.browse(ids)._get_customer_files().items()
        }
        return super()._prepare_create_values(
            [{**vals, "file_id": files.get(vals.get("lead_id"))} for vals in vals_list]
        )

    @api.model_create_multi
    def create(self, vals_list):
        outlines = super().create(vals_list)
        outlines.lead_id.check_access("write")
        outlines.filtered(
            lambda outline: any(outline[name] for name in CONTENT_FIELDS)
        )._log("change")
        return outlines

    def write(self, vals):
        if is_server(self):
            return super().write(vals)
        self._check_server_fields(vals.keys())
        if "lead_id" in vals:
            raise UserError(self.env._("A project stays with its lead. (V18)"))
        before = {outline: outline._get_content() for outline in self}
        result = super().write(vals)
        self.filtered(lambda outline: outline._get_content() != before[outline])._log(
            "change"
        )
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_only_unbegun(self):
        for outline in self:
            if outline.revision_ids and not is_server(self):
                raise UserError(
                    self.env._(
                        "The project of %(lead)s has revisions: it stays. (V18)",
                        lead=outline.lead_id.sudo().display_name,
                    )
                )

    def _get_content(self):
        self.ensure_one()
        return {name: self[name] for name in CONTENT_FIELDS}

    # ------------------------------------------------------------
    # STEPS
    # ------------------------------------------------------------

    def action_take_step(self):
        """Take the next step of each project: see :meth:`take_step`."""
        for step, outlines in self.grouped("next_step_id").items():
            outlines.take_step(step.id)
        return True

    def take_step(self, step_id):
        """Take a step, which has to be the next one of these projects (V18).

        :param int step_id: id of a ``sales.project.step``
        :raise UserError: when another step comes first, or there is none left
        :raise AccessError: for a step of the sales head: for anyone but a manager of the
            salesperson, and for who took the step before
        """
        self.check_access("write")
        step = self.env["sales.project.step"].browse(step_id)
        heads = self._get_heads() if step.needs_manager else {}
        for outline in self:
            if not step or outline.next_step_id != step:
                raise UserError(outline._get_order_message(step))
            if step.needs_manager and self.env.user not in heads[outline]:
                raise AccessError(outline.step_hint)
        as_server(self).write({"step_id": step.id})
        self._log("step", step)
        self._remind_heads()
        return True

    def action_take_back(self):
        """Open the wizard that takes a step back with a reason."""
        self.ensure_one()
        return {
            "name": self.env._("Take Back"),
            "type": "ir.actions.act_window",
            "res_model": "sales.project.back.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_outline_id": self.id},
        }

    def take_back(self, step_id, reason):
        """Take a step back, and with it the later ones (V18).

        :param int step_id: id of the ``sales.project.step`` to be taken again
        :param str reason: why, kept as a revision
        :raise UserError: without a reason, or when the step hasn't been taken
        """
        self.check_access("write")
        reason = (reason or "").strip()
        if not reason:
            raise UserError(self.env._("Give a reason."))
        steps = self.env["sales.project.step"]
        step = steps.browse(step_id)
        earlier = steps.search([("active", "=", True)]).filtered(
            lambda other: other._get_position() < step._get_position()
        )
        for outline in self:
            if outline.step_id._get_position() < step._get_position():
                raise UserError(
                    self.env._(
                        "“%(step)s” hasn't been taken for %(project)s. (V18)",
                        step=step.name,
                        project=outline.display_name,
                    )
                )
        as_server(self).write({"step_id": earlier[-1:].id})
        self._log("back", step, reason)
        self._remind_heads()
        return True

    def _get_order_message(self, step):
        self.ensure_one()
        if not self.next_step_id:
            return self.env._(
                "%(project)s has taken all its steps. (V18)", project=self.display_name
            )
        return self.env._(
            "The next step of %(project)s is “%(next)s”: “%(step)s” can't be taken now. (V18)",
            project=self.display_name,
            next=self.next_step_id.name,
            step=step.name or "–",
        )

    def _get_heads(self):
        """Return ``{outline: res.users}``: who takes the steps of the sales head, which
        are the salesperson's managers and those of the company; never who took the last
        step, nor the salesperson."""
        heads = {}
        for company, outlines in self.grouped("company_id").items():
            managers = outlines.user_id._get_visit_managers(company)
            above = self.env["res.users"]._get_company_managers(company)
            takers = outlines._get_last_takers()
            for outline in outlines:
                user = outline.user_id
                heads[outline] = (managers.get(user, above.browse()) | above) - (
                    user | takers[outline]
                )
        return heads

    def _remind_heads(self):
        """Remind the sales head, once, of the step that is his, and of none that isn't."""
        # The reminder isn't the salesperson's to delete, but what it asked for is settled.
        self.sudo().activity_unlink([ACTIVITY])
        waiting = self.filtered("next_step_id.needs_manager")
        heads = waiting._get_heads()
        self.env["mail.activity"]._create_reminders(
            ACTIVITY, {outline: heads[outline][:1] for outline in waiting}
        )

    def _get_last_takers(self):
        """Return ``{outline: res.users}`` who took the last step of each."""
        # Whoever looks need not see every revision; who it was decides only.
        revisions = self.env["sales.project.revision"].sudo()
        newest = revisions._read_group(
            [("outline_id", "in", self.ids), ("kind", "=", "step")],
            ["outline_id", "step_id"],
            ["id:max"],
        )
        ids = {(outline.id, step): id_ for outline, step, id_ in newest}
        return {
            outline: revisions.browse(
                ids.get((outline.id, outline.step_id))
            ).user_id.with_env(self.env)
            for outline in self
        }

    def _log(self, kind, step=None, reason=None):
        """Append a revision to each of these projects."""
        now = fields.Datetime.now()
        digests = {}
        if kind == "step" and step.needs_manager:
            # What is confirmed is every quotation, whoever made it.
            quotations = self.sudo().lead_id.order_ids.filtered(
                lambda order: order.state in ("draft", "sent")
            )
            for lead, orders in quotations.grouped("opportunity_id").items():
                digests[lead.id] = {o.id: o._get_project_digest() for o in orders}
        # Users may only read revisions.
        revisions = as_server(self.env["sales.project.revision"].sudo())
        revisions.create(
            [
                {
                    "outline_id": outline.id,
                    "date": now,
                    "user_id": self.env.uid,
                    "kind": kind,
                    "step_id": (step or outline.step_id).id,
                    "reason": reason,
                    "quotations": digests.get(outline.lead_id.id, {}),
                    **outline._get_content(),
                }
                for outline in self
            ]
        )

    # ------------------------------------------------------------
    # QUOTATION
    # ------------------------------------------------------------

    def _get_undelivered(self):
        """Return ``{outline: step}`` of the projects whose quotation isn't to be delivered
        yet, with the step that comes first (V18)."""
        steps = self.env["sales.project.step"].search([("active", "=", True)])
        delivery = steps.filtered("is_delivery")[:1]
        undelivered = {}
        for outline in self if delivery else self.browse():
            step = steps._get_next(steps, outline.step_id)
            if step and step._get_position() < delivery._get_position():
                undelivered[outline] = step
        return undelivered

    def _get_confirmed(self):
        """Return ``{outline: revision}`` by which the sales head last confirmed the
        quotations of each project; without those that he has confirmed none of."""
        steps = self.env["sales.project.step"].search([("active", "=", True)])
        delivery = steps.filtered("is_delivery")[:1]
        confirming = steps.filtered(
            lambda step: (
                step.needs_manager and step._get_position() < delivery._get_position()
            )
        )
        revisions = self.env["sales.project.revision"]
        newest = revisions._read_group(
            [
                ("outline_id", "in", self.ids),
                ("kind", "=", "step"),
                ("step_id", "in", confirming.ids),
            ],
            ["outline_id"],
            ["id:max"],
        )
        return {outline: revisions.browse(id_) for outline, id_ in newest}

    def _note_delivery(self):
        """Take the step that sending the quotation is, where it is the next one."""
        for step, outlines in self.grouped("next_step_id").items():
            if step.is_delivery:
                as_server(outlines).write({"step_id": step.id})
                outlines._log("step", step)
                outlines._remind_heads()

    # ------------------------------------------------------------
    # MERGE
    # ------------------------------------------------------------

    @api.model
    def _move_to_file(self, files, kept):
        as_server(self.search([("file_id", "in", files.ids)])).write(
            {"file_id": kept.id}
        )

    def _merge_into(self, lead):
        """Keep, of the projects of merged leads, the one that has come furthest, with the
        revisions of all."""
        kept = self.sorted(lambda outline: outline.step_id._get_position())[-1:]
        others = self - kept
        as_server(others.revision_ids).write({"outline_id": kept.id})
        self.env.flush_all()
        as_server(others).unlink()
        as_server(kept).write({"lead_id": lead.id})
