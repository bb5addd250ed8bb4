from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools.translate import LazyTranslate

from ..guard import as_server, is_server

_lt = LazyTranslate(__name__)

MAN_ANSWERS = [("yes", "Yes"), ("no", "No"), ("unknown", "Unknown")]
MAN_FIELDS = ("man_money", "man_authority", "man_need")
MAN_EVIDENCE = ("man_money_note", "man_authority_note", "man_need_note")
MAN_LEVELS = [
    ("qualified", "Qualified"),
    ("potential", "Potential"),
    ("nurture", "Nurture"),
    ("invalid", "Invalid"),
]
INVALID_REASON = "sales_visit.crm_lost_reason_invalid"
LEVEL_BY_YES = {3: "qualified", 2: "potential"}  # one yes: the company's choice


class CrmLead(models.Model):
    _name = "crm.lead"
    _inherit = ["crm.lead", "sales.visit.server.field.mixin"]

    # The columns of the MAN fields come from the pre_init_hook: a new default or stored
    # compute would rewrite every lead of a company that installs this.
    man_money = fields.Selection(
        MAN_ANSWERS,
        string="Money",
        default="unknown",
        tracking=True,
        help="Does the customer have the money?",
    )
    man_money_note = fields.Char(string="Evidence of Money")
    man_authority = fields.Selection(
        MAN_ANSWERS,
        string="Authority",
        default="unknown",
        tracking=True,
        help="Does our contact decide?",
    )
    man_authority_note = fields.Char(string="Evidence of Authority")
    man_need = fields.Selection(
        MAN_ANSWERS,
        string="Need",
        default="unknown",
        tracking=True,
        help="Does the customer need what we sell?",
    )
    man_need_note = fields.Char(string="Evidence of Need")
    man_level = fields.Selection(
        MAN_LEVELS,
        string="MAN Level",
        compute="_compute_man_level",
        store=True,
        index="btree_not_null",
        tracking=True,
        # The host doesn't collect this attribute's terms by itself.
        falsy_value_label=_lt("No Level Yet"),  # pylint: disable=translation-field
        help="Qualified: 3 yes; potential: 2; nurture: 1 (see settings); invalid: none, once all three are answered. “Unknown” is not “no”: without a yes and with an answer open a lead has no level yet.",
    )
    man_evidence_lack = fields.Char(
        string="Missing Evidence", compute="_compute_man_evidence_lack"
    )
    customer_grade_id = fields.Many2one(
        "sales.customer.grade",
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
        help="Grade of the customer; sets the priority of the lead.",
    )
    visit_ids = fields.One2many(
        "sales.visit", "lead_id", string="Visits", groups="sales_visit.group_user"
    )
    referral_ids = fields.One2many(
        "sales.referral",
        "lead_id",
        string="Referrals",
        groups="sales_visit.group_user",
    )
    visit_count = fields.Integer(
        compute="_compute_visit_count", groups="sales_visit.group_user"
    )

    @api.constrains("lost_reason_id", *MAN_FIELDS)
    def _check_lost_reason_id(self):
        """Keep the reason “invalid” for leads that are (V19)."""
        invalid = self.env.ref(INVALID_REASON, raise_if_not_found=False)
        if invalid:
            self.filtered(lambda lead: lead.lost_reason_id == invalid)._check_invalid()

    @api.constrains("partner_id", "user_id")
    def _check_referrer(self):
        """Refuse a customer or salesperson who is rewarded for the lead (V24)."""
        # Whoever changes a lead need not see its referral.
        referrals = self.sudo().referral_ids
        referrals.filtered(lambda r: r.state == "open")._check_referrer_id()

    @api.depends(*MAN_FIELDS)
    def _compute_man_level(self):
        for lead in self:
            lead.man_level = lead._get_man_level()

    def _get_man_level(self):
        """Return the MAN level by the number of yes (V19).

        Only complete answers make a lead invalid: while one is unknown a lead with no
        yes has no level, and one with some yes the level it has earned so far.
        """
        self.ensure_one()
        answers = [self[name] or "unknown" for name in MAN_FIELDS]
        yes = answers.count("yes")
        if yes == 1:
            return (self.company_id or self.env.company).sudo().man_one_yes_level
        if not yes:
            return False if "unknown" in answers else "invalid"
        return LEVEL_BY_YES[yes]

    @api.depends(*MAN_FIELDS, *MAN_EVIDENCE)
    @api.depends_context("lang")
    def _compute_man_evidence_lack(self):
        for lead in self:
            lead.man_evidence_lack = lead._get_evidence_lack()[1]

    @api.constrains(*MAN_FIELDS, *MAN_EVIDENCE)
    def _check_man_evidence(self):
        for lead in self:
            mode, message = lead._get_evidence_lack()
            if mode == "block":
                raise ValidationError(message)

    def _get_evidence_lack(self):
        """Return how the company treats a yes without its evidence, and what is said about
        those of this lead: nothing where there is none, or the rule is off (V19).

        :return: ``(mode, message or False)``
        """
        self.ensure_one()
        lacking = [
            answer
            for answer, note in zip(MAN_FIELDS, MAN_EVIDENCE, strict=True)
            if self[answer] == "yes" and not (self[note] or "").strip()
        ]
        company = self.company_id or self.env.company
        modes = self.env["sales.visit.rule.mode"]
        mode = modes._get_mode("V19", company, self.create_date) if lacking else "off"
        if mode == "off":
            return mode, False
        return mode, self.env._(
            "“Yes” needs its evidence: say how we know about %(answers)s. (V19)",
            answers=self._get_labels(lacking),
        )

    def _compute_visit_count(self):
        counts = dict(
            self.env["sales.visit"]._read_group(
                [("lead_id", "in", self.ids)], ["lead_id"], ["__count"]
            )
        )
        for lead in self:
            lead.visit_count = counts.get(lead, 0)

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        leads = super().create(vals_list)
        graded = [bool(vals.get("customer_grade_id")) for vals in vals_list]
        by_lead = dict(zip(leads, graded, strict=True))
        for is_graded, group in leads.grouped(by_lead.__getitem__).items():
            group._sync_customer_grade(is_graded)
        return leads

    def write(self, vals):
        if is_server(self):
            return super().write(vals)
        touched = {"customer_grade_id", "partner_id"} & vals.keys()
        if not touched:
            self._check_priority(vals)
            return super().write(vals)
        customers = {lead: lead.partner_id.commercial_partner_id for lead in self}
        result = super().write(vals)
        graded = "customer_grade_id" in vals
        if not graded:
            # A grade that came from another customer doesn't move to this one.
            self.filtered(
                lambda lead: (
                    customers[lead]
                    and customers[lead] != lead.partner_id.commercial_partner_id
                )
            )._apply_grade(self.env["sales.customer.grade"])
        self._sync_customer_grade(graded)
        if "partner_id" in vals:
            # Whoever changes a lead need not see its referral.
            self.sudo().referral_ids._follow_customer()
        if "priority" in vals:
            for grade, leads in self.grouped("customer_grade_id").items():
                leads._apply_grade(grade)
        return result

    def _check_priority(self, vals):
        """Refuse a priority that isn't the one of a lead's grade (V17)."""
        if "priority" not in vals:
            return
        for lead in self:
            # The priority it has may stay: grades are given a new one now and then.
            grade = lead.customer_grade_id
            if grade and vals["priority"] not in (grade.priority, lead.priority):
                raise UserError(
                    self.env._(
                        "The priority of “%(lead)s” is that of its customer's grade %(grade)s. “Change grade” gives the customer another, with a reason. (V17)",
                        lead=lead.name,
                        grade=grade.name,
                    )
                )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_man_invalid(self):
        """Close invalid leads as lost, with that reason (V19).

        :raise UserError: for a lead that isn't invalid
        """
        self._check_invalid()
        reason = self.env.ref(INVALID_REASON)
        return self.action_set_lost(lost_reason_id=reason.id)

    def _check_invalid(self):
        if doubtful := self.filtered(lambda lead: lead.man_level != "invalid"):
            raise UserError(
                self.env._(
                    "%(leads)s: only a lead whose money, authority and need are all answered, none with yes, is invalid. (V19)",
                    leads=", ".join(doubtful.mapped("name")),
                )
            )

    def action_change_grade(self):
        """Open the wizard that changes the customers' grade with a reason (V17)."""
        files = self.env["sales.customer.file"]
        for company, leads in (
            self.filtered("partner_id")
            .grouped(lambda lead: lead.company_id or lead.env.company)
            .items()
        ):
            owners = {lead.partner_id: lead.user_id or self.env.user for lead in leads}
            files = files.union(files, *files._get_or_create(company, owners).values())
        return files.sudo(False).action_change_grade()

    def action_view_visits(self):
        """Open the visits of this lead."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_visit.sales_visit_action_all"
        )
        action["domain"] = [("lead_id", "=", self.id)]
        action["context"] = {
            "default_lead_id": self.id,
            "default_partner_id": self.partner_id.id,
            "sales_visit_suggest_time": True,
        }
        return action

    # ------------------------------------------------------------
    # GRADE
    # ------------------------------------------------------------

    def _sync_customer_grade(self, graded):
        """Bring the grade of leads in line with that of their customers (V17).

        A customer's grade goes to the lead. A grade set on the lead of an ungraded
        customer becomes the customer's first. A lead without a customer keeps its own.

        :param bool graded: whether the grade of these leads has just been set
        :raise UserError: when the grade just set isn't the customer's
        """
        if graded:
            for grade, leads in self.grouped("customer_grade_id").items():
                leads._apply_grade(grade)
        for company, leads in (
            self.filtered("partner_id")
            .grouped(lambda lead: lead.company_id or lead.env.company)
            .items()
        ):
            files = self.env["sales.customer.file"]._get_files(
                company, leads.partner_id
            )
            newly_graded = leads.browse()
            for lead in leads:
                file = files.get(lead.partner_id.commercial_partner_id)
                grade = (file and file.grade_id) or lead.customer_grade_id.browse()
                if not grade:
                    newly_graded |= lead.filtered("customer_grade_id")
                elif grade != lead.customer_grade_id:
                    if graded:
                        raise UserError(lead._get_grade_conflict_message(grade))
                    lead._apply_grade(grade.sudo(False))
            newly_graded._grade_customers(company)

    def _grade_customers(self, company):
        """Give ungraded customers the grade of these leads as their first.

        :raise UserError: for customers whose grade isn't the user's to decide
        """
        owners = {lead.partner_id: lead.user_id or self.env.user for lead in self}
        files = self.env["sales.customer.file"]._get_or_create(company, owners)
        for lead in self:
            file = files[lead.partner_id.commercial_partner_id]
            if not file.grade_id:
                if not self.env.su and not file.sudo(False).has_access("write"):
                    raise UserError(
                        self.env._(
                            "%(customer)s is a customer of %(owner)s, who grades it. (V17)",
                            customer=lead.partner_id.commercial_partner_id.display_name,
                            owner=file.user_id.name,
                        )
                    )
                reason = self.env._("From the lead “%(lead)s”", lead=lead.name)
                file._set_grade(lead.customer_grade_id, reason)

    def _apply_grade(self, grade):
        """Write a grade (may be empty) and the priority it stands for."""
        vals = {"customer_grade_id": grade.id}
        if grade:
            vals["priority"] = grade.priority
        as_server(self).write(vals)

    def _get_grade_conflict_message(self, grade):
        return self.env._(
            "%(customer)s has grade %(grade)s. “Change grade” gives the customer another, with a reason. (V17)",
            customer=self.partner_id.commercial_partner_id.display_name,
            grade=grade.name,
        )

    # ------------------------------------------------------------
    # MERGE
    # ------------------------------------------------------------

    def action_view_referral(self):
        """Open the referral of the lead, or a new one (V24)."""
        self.ensure_one()
        return {
            "name": self.env._("Referral"),
            "type": "ir.actions.act_window",
            "res_model": "sales.referral",
            "res_id": self.referral_ids.id,
            "view_mode": "form",
            "context": {
                "default_lead_id": self.id,
                "default_company_id": (self.company_id or self.env.company).id,
            },
        }

    def _merge_data(self, fnames=None):
        data = super()._merge_data(fnames)
        if not data.get("partner_id"):
            grades = self.customer_grade_id
            data["customer_grade_id"] = grades[:1].id
        return data

    def _merge_get_fields_specific(self):
        """Keep, of each MAN answer, the first that is known, with its evidence."""
        specific = super()._merge_get_fields_specific()

        def get_source(fname, leads):
            known = leads.filtered(lambda lead: lead[fname] in ("yes", "no"))
            return (known or leads)[:1]

        for answer, note in zip(MAN_FIELDS, MAN_EVIDENCE, strict=True):
            specific[answer] = lambda fname, leads: get_source(fname, leads)[fname]
            specific[note] = lambda fname, leads, answer=answer: get_source(
                answer, leads
            )[fname]
        return specific

    def _merge_dependences(self, opportunities):
        result = super()._merge_dependences(opportunities)
        # Visits follow the lead, also those that others made or whose report is locked.
        visits = self.env["sales.visit"].sudo()
        found = visits.search([("lead_id", "in", opportunities.ids)])
        as_server(found).write({"lead_id": self.id})
        self._merge_referrals(opportunities)
        return result

    def _merge_referrals(self, opportunities):
        """Keep one referral of merged leads: one that has earned, else the oldest (V24).

        :raise UserError: when several have earned
        """
        # Who merges the leads need not see the referrals of all.
        model = self.env["sales.referral"].sudo()
        found = model.search(
            [("lead_id", "in", (self | opportunities).ids)], order="id"
        )
        kept = found.sorted(lambda referral: referral.state == "open")[:1]
        (found - kept).unlink()
        as_server(kept).write({"lead_id": self.id})
