from markupsafe import Markup
from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

COMMERCIAL = "freight_booking.group_commercial"
OPERATOR = "freight_booking.group_operator"
CUSTOMS = "freight_booking.group_customs"
DOCUMENTS = "freight_booking.group_documents"
SETTLEMENT = "freight_booking.group_settlement"
#: Who sees what a customer owes; others see that it is not paid.
MONEY_GROUPS = (
    COMMERCIAL,
    SETTLEMENT,
    "account.group_account_invoice",
    "account.group_account_readonly",
    "sales_receivable.group_company_manager",
)


def will_change(record, vals, names):
    """Tell whether values would change one of these fields of a record."""
    for name in names:
        if name in vals:
            field = record._fields[name]
            new = field.convert_to_cache(vals[name], record)
            if field.convert_to_record(new, record) != record[name]:
                return True
    return False


class FreightGuardMixin(models.AbstractModel):
    """What every guarded document of a booking shares: reasons, modes, roles.

    A step is a word such as ``"picked_up"``. A model says in ``_get_step_reasons``
    what stands against it; the banner, the track bar and the error all come from there.
    """

    _name = "freight.guard.mixin"
    _description = "Freight Guard"
    _inherit = ["server.field.mixin"]

    guard_banner = fields.Html(
        compute="_compute_guard_banner",
        sanitize=False,
        help="What stands against the next step, by which rule, and who can change it.",
    )

    def _get_guarded_booking(self):
        """Return the booking whose company and date decide the rules' modes."""
        raise NotImplementedError

    def _get_next_step(self):
        """Return the step that the user will take next, or False at the end."""
        raise NotImplementedError

    def _get_step_roles(self):
        """Return ``{step: (group, …)}``: external IDs of the groups that may take it."""
        return {}

    def _get_step_reasons(self, step):
        """Return what stands against a step, whatever the rules' modes.

        :return: ``{id: [reason]}``, see ``_make_reason``
        """
        return {record.id: [] for record in self}

    def _make_reason(self, rule, sentence, release, public=None):
        """Return one reason: rule ID, sentence with its figures, who does what about it.

        :param public: the sentence without amounts, for who doesn't deal with money
        """
        return {
            "rule": rule,
            "sentence": sentence,
            "release": release,
            "public": public or sentence,
        }

    def _sees_money(self):
        """Tell whether the user may know what a customer owes (F18)."""
        return self.env.su or any(
            self.env.user.has_group(name) for name in MONEY_GROUPS
        )

    def _hide_amounts(self, reasons):
        """Return reasons as everybody may read them, each sentence once (F18)."""
        public = []
        for reason in reasons:
            shown = {**reason, "sentence": reason["public"]}
            if shown not in public:
                public.append(shown)
        return public

    def _get_active_reasons(self, step):
        """Return the reasons of the rules that warn or block, each with its mode."""
        get_mode = self.env["business.rule.mode"]._get_mode
        result = {}
        # Seals, invoices and credit decide for people who may not read them; only the
        # sentences leave this method.
        records = self.sudo()
        for record_id, reasons in records._get_step_reasons(step).items():
            booking = records.browse(record_id)._get_guarded_booking()
            active = []
            for reason in reasons:
                mode = get_mode(reason["rule"], booking.company_id, booking.create_date)
                if mode != "off":
                    active.append({**reason, "mode": mode})
            result[record_id] = (
                active if self._sees_money() else self._hide_amounts(active)
            )
        return result

    def _check_step_role(self, step):
        """Raise AccessError unless the user's role takes this step."""
        groups = self._get_step_roles().get(step)
        if not groups or self.env.su:
            return
        if not any(self.env.user.has_group(group) for group in groups):
            raise AccessError(
                self.env._(
                    "This step belongs to: %(roles)s.",
                    roles=self._get_role_names(groups),
                )
            )

    def _get_role_names(self, groups):
        """Return the names of the roles that these external IDs of groups stand for."""
        # Names of groups are no secret.
        return ", ".join(self.env.ref(group).sudo().name for group in groups)

    def _check_step(self, step):
        """Raise unless these records may take a step: role first, then the rules."""
        self._check_step_role(step)
        self._check_reasons(step)

    def _check_reasons(self, step):
        """Raise UserError if a blocking rule stands against a step; log warnings.

        Holds for every caller, superuser included: a rule is switched off by its mode
        and by nothing else.
        """
        warned = {}
        blocked = []
        for record_id, reasons in self._get_active_reasons(step).items():
            record = self.browse(record_id)
            blocking = [reason for reason in reasons if reason["mode"] == "block"]
            if blocking:
                blocked.append((record, blocking))
            elif reasons:
                warned[record] = reasons
        if blocked:
            raise UserError(
                "\n\n".join(
                    record._format_reasons(reasons) for record, reasons in blocked
                )
            )
        for record, reasons in warned.items():
            # Who may take the step need not be allowed to write the booking.
            record._get_guarded_booking().sudo()._message_log(
                body=Markup("<p>%s</p>")
                % self.env._(
                    "Done in spite of warnings: %(reasons)s",
                    # Every role reads the chatter of a booking.
                    reasons=record._format_reasons(self._hide_amounts(reasons)),
                )
            )

    def _format_reasons(self, reasons):
        """Return the reasons of one record as plain text, a line each."""
        self.ensure_one()
        lines = [self.display_name or ""]
        for reason in reasons:
            lines.append(
                self.env._(
                    "%(rule)s — %(sentence)s What to do: %(release)s.",
                    rule=reason["rule"],
                    sentence=reason["sentence"],
                    release=reason["release"],
                )
            )
        return "\n".join(lines)

    @api.depends_context("uid")
    def _compute_guard_banner(self):
        steps = {}
        for record in self:
            step = record.id and record._get_next_step()
            if step:
                steps.setdefault(step, []).append(record.id)
        reasons = {}
        for step, ids in steps.items():
            reasons.update(self.browse(ids)._get_active_reasons(step))
        for record in self:
            record.guard_banner = record._render_reasons(reasons.get(record.id))

    def _render_reasons(self, reasons):
        """Return reasons as the host's alerts.

        What is still to be done before the next step is no error: yellow, and blue
        where the rule only warns. Red is for what is late, its cut-off past.
        """
        self.ensure_one()
        style, title = "warning", self.env._("Before the next step")
        if reasons and self.sudo()._get_guarded_booking().cutoff_urgency == "late":
            style = "danger"
            title = self.env._("A cut-off has passed, and this is still to be done")
        check = self.env._("Please check")
        html = Markup()
        for mode, css, heading in (
            ("block", style, title),
            ("warn", "info", check),
        ):
            items = Markup().join(
                Markup("<li><b>%s</b> %s → %s</li>")
                % (reason["rule"], reason["sentence"], reason["release"])
                for reason in reasons or ()
                if reason["mode"] == mode
            )
            if items:
                html += Markup(
                    "<div class='o_freight_guard alert alert-%s mb-0' role='%s'>"
                    "<div class='fw-bold'>%s</div><ul class='mb-0 ps-3'>%s</ul></div>"
                ) % (css, "alert" if css == "danger" else "status", heading, items)
        return html or False
