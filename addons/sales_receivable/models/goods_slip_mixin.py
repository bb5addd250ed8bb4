from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL
from odoo.tools.misc import formatLang

from ..guard import as_server, is_server
from ..tools.digest import get_digest


class GoodsSlipMixin(models.AbstractModel):
    """A slip over goods that is applied for and approved by authority, with its value as
    the measure: a loan, goods given away, a production notice (A06, A20, A21).

    draft → in approval → approved; what comes after is the model's own. The slip names
    its rule and measure, and a sequence with the model's name as its code.
    """

    _name = "goods.slip.mixin"
    _description = "Slip over Goods"
    _inherit = ["authority.mixin", "mail.thread", "mail.activity.mixin"]
    _check_company_auto = True

    _slip_rule = None
    _slip_measure = None
    #: Fields that are what is approved: open in the draft only.
    _slip_agreed = {"company_id", "line_ids", "reason", "user_id"}

    name = fields.Char(string="Number", readonly=True, copy=False, tracking=True)
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("submitted", "In Approval"),
            ("approved", "Approved"),
            ("cancelled", "Cancelled"),
        ],
        string="Status",
        required=True,
        readonly=True,
        default="draft",
        copy=False,
        tracking=True,
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one(
        "res.users",
        string="Requested By",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        tracking=True,
    )
    reason = fields.Text()
    amount = fields.Monetary(string="Value", compute="_compute_amount", store=True)
    submitted_at = fields.Datetime(string="Applied On", readonly=True, copy=False)
    submitted_by_id = fields.Many2one(
        "res.users",
        string="Applied By",
        readonly=True,
        copy=False,
        ondelete="restrict",
    )

    @api.depends("name")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for slip in self:
            slip.display_name = slip.name or self.env._("Draft")

    @api.depends("line_ids.value")
    def _compute_amount(self):
        for slip in self:
            slip.amount = sum(slip.line_ids.mapped("value"))

    # --- guards -----------------------------------------------------------------------

    def write(self, vals):
        if self._slip_agreed & vals.keys() and not is_server(self):
            self._check_is_draft()
        return super().write(vals)

    def _check_is_draft(self):
        """Raise UserError where it is asked or approved already."""
        for slip in self.filtered(lambda slip: slip.state != "draft"):
            raise UserError(
                self.env._(
                    "%s is no longer a draft: what is approved stays as it is. Set it"
                    " back to draft, which withdraws what was asked, or cancel it.",
                    slip.display_name,
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_if_never_numbered(self):
        if any(slip.name or slip.state != "draft" for slip in self):
            raise UserError(
                self.env._("A slip stays on record once it was applied for: cancel it.")
            )

    # --- authority --------------------------------------------------------------------

    def _get_authority_date(self):
        return self.submitted_at or fields.Datetime.now()

    def _get_authority_people(self):
        return super()._get_authority_people() | self.user_id | self.submitted_by_id

    def _get_authority_party(self):
        """An approval is for exactly these goods and whom they go to."""
        return [get_digest(self._get_slip_content())]

    def _get_slip_content(self):
        """Return what is approved, JSON-able."""
        self.ensure_one()
        return sorted(line._get_slip_content() for line in self.line_ids)

    def _is_authority_settled(self):
        return self.state not in ("draft", "submitted")

    def _filter_authority_gated(self, action):
        slips = super()._filter_authority_gated(action)
        return slips.filtered(lambda slip: slip.state in ("draft", "submitted"))

    @api.model
    def _domain_authority_candidates(self):
        return super()._domain_authority_candidates() & fields.Domain(
            "state", "in", ("draft", "submitted")
        )

    def _get_authority_summary(self):
        return super()._get_authority_summary() | {
            slip.id: {
                "partner": slip._get_slip_partner(),
                "currency": slip.currency_id,
                "amount": slip.amount,
                "cost": None,
            }
            for slip in self
        }

    def _get_slip_partner(self):
        """Return the ``res.partner`` whom the goods are for, may be empty."""
        return self.env["res.partner"]

    def _get_selected_products(self):
        return self.line_ids.product_id

    @api.model
    def _get_authority_measures(self):
        return super()._get_authority_measures() | {self._slip_measure: self._slip_rule}

    @api.model
    def _get_authority_depends(self):
        return [
            *super()._get_authority_depends(),
            "state",
            "user_id",
            "line_ids.product_id",
            "line_ids.quantity",
        ]

    def _get_authority_facts(self):
        facts = super()._get_authority_facts()
        for slip in self:
            self._add_authority_fact(
                facts,
                slip,
                {
                    "rule": self._slip_rule,
                    "measure": self._slip_measure,
                    "value": round(slip._get_slip_value(), 6),
                    "figures": {
                        "amount": slip.amount,
                        "currency": slip.currency_id.name,
                    },
                },
            )
        return facts

    def _get_slip_value(self):
        """Return the figure that limits are compared with."""
        self.ensure_one()
        return self.amount

    @api.model
    def _describe_authority_fact(self, fact):
        figures = fact.get("figures")
        if fact["measure"] == self._slip_measure and figures:
            return self.env._(
                "goods worth %(amount)s %(currency)s",
                amount=formatLang(self.env, figures["amount"], digits=2),
                currency=figures["currency"],
            )
        return super()._describe_authority_fact(fact)

    # --- steps ------------------------------------------------------------------------

    def action_submit(self):
        """Freeze values and number and ask for every approval that is missing; with none
        missing the slip is approved.

        :raise UserError: no goods, no reason, or nobody can approve
        """
        for slip in self:
            slip.check_access("write")
            slip._check_submit()
            slip._take_row(("draft", "submitted"))
            if slip.state == "draft":
                slip.line_ids._freeze_values()
                as_server(slip).write(
                    {
                        "name": slip.name or slip._draw_number(),
                        "state": "submitted",
                        "submitted_at": fields.Datetime.now(),
                        "submitted_by_id": self.env.uid,
                    }
                )
            if slip._get_authority_errors():
                slip.action_authority_request()
            else:
                as_server(slip).state = "approved"
        return True

    def _check_submit(self):
        """Raise UserError where something is missing to apply."""
        self.ensure_one()
        if not self.line_ids:
            raise UserError(self.env._("Which goods? Add a line."))
        if "reason" in self._slip_agreed and not (self.reason or "").strip():
            raise UserError(self.env._("Give a reason."))

    def _draw_number(self):
        # Who may apply needn't read sequences.
        sequence = self.env["ir.sequence"].sudo().with_company(self.company_id)
        number = sequence.next_by_code(self._name)
        if not number:
            raise UserError(self.env._("There is no sequence for these numbers."))
        return number

    def _authority_closed(self, request):
        result = super()._authority_closed(request)
        if self.state == "submitted":
            if request.state == "approved" and not self._get_authority_errors():
                as_server(self).state = "approved"
            elif request.state in ("refused", "withdrawn"):
                self._withdraw_authority()
                as_server(self).state = "draft"
        return result

    def action_reopen(self):
        """Set back to draft and withdraw what was asked; not once goods have moved."""
        for slip in self:
            slip._end_early("draft")
        return True

    def action_cancel(self):
        """Cancel; not once goods have moved."""
        for slip in self:
            slip._end_early("cancelled")
        return True

    def _end_early(self, state):
        self.check_access("write")
        self._take_row(("draft", "submitted", "approved"))
        self._check_nothing_moved()
        self._withdraw_authority()
        as_server(self).state = state

    def _check_nothing_moved(self):
        """Raise UserError where goods have moved on this slip."""

    def _take_row(self, states):
        """Let the row decide between two who take a step at once."""
        self.ensure_one()
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
            raise UserError(self._describe_standing())
