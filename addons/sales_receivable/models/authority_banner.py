from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_datetime

SEVERITY = {"held": 4, "open": 3, "refused": 2, "waiting": 1, "approved": 0}


class AuthorityMixin(models.AbstractModel):
    """Says on a document's screen, and in searches, how far its approvals are (X01)."""

    _name = "authority.mixin"
    _inherit = "authority.mixin"

    authority_state = fields.Selection(
        [
            ("held", "To complete"),
            ("open", "To ask"),
            ("refused", "Refused"),
            ("waiting", "Waiting"),
            ("approved", "Approved"),
        ],
        string="Approval",
        compute="_compute_authority",
        groups="base.group_user",
    )
    # Customers read documents by RPC: limits, floors and names are not for them.
    authority_banner = fields.Html(
        compute="_compute_authority", sanitize=False, groups="base.group_user"
    )
    authority_approval = fields.Char(
        string="Approved",
        compute="_compute_authority_approval",
        groups="base.group_user",
    )
    authority_can_ask = fields.Boolean(
        compute="_compute_authority", groups="base.group_user"
    )
    authority_can_withdraw = fields.Boolean(
        compute="_compute_authority", groups="base.group_user"
    )
    authority_can_decide = fields.Boolean(
        compute="_compute_authority", groups="base.group_user"
    )
    authority_blocked = fields.Boolean(
        string="Waits for Approval",
        compute="_compute_authority_blocked",
        search="_search_authority_blocked",
        compute_sudo=True,
        groups="base.group_user",
    )

    @api.depends(
        lambda self: (
            "authority_request_ids.state",
            "company_id",
            *self._get_authority_depends(),
        )
    )
    @api.depends_context("uid", "lang")
    def _compute_authority(self):
        gated = self._filter_authority_gated("read")
        needs = gated._get_authority_needs()
        held = gated._get_held_reasons()
        for record in self:
            own = needs.get(record.id, [])
            points = self._merge_held(held.get(record.id, []))
            points += [need | {"facts": need["shown"]} for need in own]
            states = {point["state"] for point in points}
            record.authority_state = max(states, key=SEVERITY.get, default=False)
            waiting = self.env["authority.request"].union(
                *(need["request"] for need in own if need["state"] == "waiting")
            )
            record.authority_can_ask = any(
                need["is_known"] and need["state"] in ("open", "refused")
                for need in own
            )
            record.authority_can_withdraw = bool(
                waiting.filtered(
                    lambda request: (
                        self.env.user in (request.requester_id | request.asked_by_id)
                    )
                )
            )
            record.authority_can_decide = any(
                waiting.with_env(self.env).sudo().mapped("may_decide")
            )
            record.authority_banner = points and record._render_authority_banner(points)

    @api.depends("authority_request_ids.state")
    @api.depends_context("lang", "tz")
    def _compute_authority_approval(self):
        for record in self:
            # Who approved is shown to everybody who may read the document.
            approved = record.sudo().authority_request_ids.filtered(
                lambda request: request.state == "approved"
            )
            record.authority_approval = " · ".join(
                self.env._(
                    "Approved by %(name)s on %(at)s",
                    name=request.decided_by_id.name,
                    at=format_datetime(self.env, request.decided_at, dt_format="short"),
                )
                for request in approved.sorted("decided_at")
            )

    def _render_authority_banner(self, needs):
        """Return the banner's HTML.

        :param needs: needs and own reasons, their sentences as the reader may know them
        """
        missing = [need["mode"] for need in needs if need["state"] != "approved"]
        blocked = missing.count("block")
        heading = ""
        if blocked and all(need.get("at") == "confirm" for need in needs):
            heading = self.env._("This can't be confirmed yet")
        elif blocked and any(need["state"] == "held" for need in needs):
            heading = self.env._("This can't go on yet")
        elif blocked == 1:
            heading = self.env._("1 approval needed before this can go on")
        elif blocked:
            heading = self.env._("%s approvals needed before this can go on", blocked)
        elif missing:
            heading = self.env._("Beyond the limits; nothing is held up")
        return self.env["ir.qweb"]._render(
            "sales_receivable.authority_banner",
            {
                "heading": heading,
                "needs": needs,
                "names": self._get_authority_rule_names(need["rule"] for need in needs),
                "release": self._describe_release,
                "describe": self._describe_answer,
            },
        )

    @api.model
    def _describe_answer(self, need):
        """Say how far an approval is."""
        if need["state"] == "held":
            return ""
        request = need["request"]
        if need["state"] == "waiting":
            at = format_datetime(self.env, request.create_date, dt_format="short")
            waiting = self.env._("waiting since %s", at)
            return ", ".join(filter(None, (waiting, request._describe_escalation())))
        if need["state"] in ("approved", "refused"):
            figures = {
                "name": request.decided_by_id.name,
                "at": format_datetime(self.env, request.decided_at, dt_format="short"),
                "reason": request.reason or "",
            }
            if need["state"] == "approved":
                return self.env._("approved by %(name)s, %(at)s", **figures)
            return self.env._("refused by %(name)s, %(at)s: %(reason)s", **figures)
        return self.env._("not asked yet")

    @api.depends(lambda self: tuple(self._get_authority_depends()))
    def _compute_authority_blocked(self):
        reasons = self._filter_authority_gated("read")._get_blocking_reasons()
        for record in self:
            record.authority_blocked = any(
                reason["mode"] == "block" for reason in reasons.get(record.id, ())
            )

    def _search_authority_blocked(self, operator, value):
        if operator != "in":
            return NotImplemented
        codes = self._get_authority_codes()
        if not codes & self.env["business.rule.mode"]._get_blocking_codes():
            blocked = self.browse()
        else:
            candidates = self.sudo().search(self._domain_authority_candidates())
            blocked = candidates.filtered("authority_blocked")
        wanted = Domain("id", "in", blocked.ids)
        return wanted if True in value else ~wanted

    @api.model
    def _domain_authority_candidates(self):
        """Return the domain of the documents among which blocked ones are sought."""
        return Domain.TRUE
