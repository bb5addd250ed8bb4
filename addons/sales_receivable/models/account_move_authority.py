from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..authority import ENGINE
from .payment_transaction import POST_PROCESSING

INVOICES = ("out_invoice", "out_receipt")
# What the prices of a posted invoice mean, and to whom.
KEPT_FIELDS = ("currency_id", "partner_id", "move_type")


class AccountMove(models.Model):
    """An invoice typed by hand meets the price floors like an order (A02, A16).

    What a confirmed order of the same customer says, at its price and no more of it,
    passed the order's gates. The limits are those of quotations. Asked is before
    posting; a posted invoice can't be changed. Judged is again what the posting made:
    all documents of the call together, with whatever the call changed along.
    """

    _name = "account.move"
    _inherit = ["account.move", "authority.priced"]
    _guards_readonly = False

    # --- what is measured -------------------------------------------------------------

    @api.model
    def _get_authority_document(self):
        return "sale.order"

    def _get_authority_measures(self):
        return super()._get_authority_measures() | {"floor_gap_percent": "A02"}

    def _get_authority_depends(self):
        return [
            *super()._get_authority_depends(),
            "state",
            "partner_id",
            "currency_id",
            "invoice_line_ids.product_id",
            "invoice_line_ids.quantity",
            "invoice_line_ids.product_uom_id",
            "invoice_line_ids.price_unit",
            "invoice_line_ids.discount",
            "invoice_line_ids.tax_ids",
            # What is asked for in the end, see _get_asked_share.
            "line_ids.account_id",
            "line_ids.amount_currency",
            "line_ids.currency_id",
        ]

    def _get_authority_people(self):
        """Whoever touched the figures: the lowest level counts (A01)."""
        people = super()._get_authority_people() | self.invoice_user_id
        # Not who wrote the lines last: posting and paying write them, too.
        creators = (line.create_uid for line in self._get_document_lines())
        return people.union(self._get_authority_authors(), *creators)

    def _is_authority_settled(self):
        return bool(self._filter_posted_invoices())

    def _get_authority_actors(self):
        """Who posts an invoice answers for it with their own level, too (A01)."""
        return super()._get_authority_actors() | self.env.user

    def _get_authority_date(self):
        """An invoice is of the day on which it is posted, however old its draft is."""
        return fields.Datetime.now()

    def _get_authority_team(self):
        """Take a team's special limits only for people who belong to that team."""
        team = self.team_id
        people = self._get_authority_people() | self._get_authority_actors()
        return team if people <= (team.member_ids | team.user_id) else team.browse()

    def _get_authority_facts(self):
        facts = super()._get_authority_facts()
        Rule = self.env["authority.rule"]
        for company, moves in self.grouped("company_id").items():
            on = company._get_business_date()
            document = self._get_authority_document()
            if "floor_gap_percent" in Rule._get_controlled_measures(
                company.id, document, on
            ):
                figures = [line for move in moves for line in move._get_net_lines()]
                moves._add_floor_facts(facts, figures, company, on)
        return facts

    def _get_document_lines(self):
        self.ensure_one()
        return [
            line for line in self.invoice_line_ids if line.display_type == "product"
        ]

    def _get_measured_lines(self):
        """Leave out what is as ordered, unless something else on the invoice makes it
        cheaper."""
        self.ensure_one()
        lines = super()._get_measured_lines()
        typed = [(at, line) for at, line in lines if not line._is_as_ordered()]
        if self._get_asked_share() < 1.0 or any(
            line._takes_off() for _at, line in typed
        ):
            return lines
        return typed

    def _get_net_lines(self):
        figures = super()._get_net_lines()
        share = self._get_asked_share()
        for figure in figures:
            figure["share"] *= share
            figure["net"] *= share
        return figures

    def _get_asked_share(self):
        """Return the part of what the lines come to, with tax, that is asked for, 1 at
        most: journal items of other kinds (roundings, deductions, edited taxes) make an
        invoice cheaper as well as a discount does (A02).
        """
        self.ensure_one()
        lines = self._get_document_lines()
        if not self.id or not lines:  # what is on screen has no items yet
            return 1.0
        total = sum(line._get_total_amount() for line in lines)
        asked = -self.direction_sign * sum(
            item.amount_currency
            for item in self.line_ids
            if item._is_owed() and item.currency_id == self.currency_id
        )
        # The host rounds each line's tax, or all of them together.
        rounded = self.currency_id.rounding * (len(lines) + 1)
        if total <= 0.0 or asked >= total - rounded:
            return 1.0
        return max(asked, 0.0) / total

    # --- gates ------------------------------------------------------------------------

    def _filter_authority_gated(self, action):
        """Customer invoices until they are posted."""
        return (
            super()
            ._filter_authority_gated(action)
            ._filter_invoices()
            .filtered(lambda move: move.state == "draft")
        )

    def _filter_invoices(self):
        """Return the invoices to customers. A till's invoice has been paid for at the
        till; refunds, bills and entries sell nothing."""
        moves = self.filtered(lambda move: move.move_type in INVOICES)
        if "pos_order_ids" in self._fields:  # the host's till, where it is installed
            moves = moves.filtered(lambda move: not move.pos_order_ids)
        return moves

    @api.model
    def _domain_authority_candidates(self):
        return (
            super()._domain_authority_candidates()
            & Domain("state", "=", "draft")
            & Domain("move_type", "in", INVOICES)
        )

    @api.model
    def _get_step_fields(self):
        # A default of a context would post without passing ``write``.
        return super()._get_step_fields() | {"state"}

    def write(self, vals):
        self.filtered(
            lambda move: any(
                self._field_will_change(move, vals, name) for name in KEPT_FIELDS
            )
        )._refuse_rewriting()
        if "currency_id" in vals:
            self._note_typing()
        passing = self.browse()
        if not vals.keys().isdisjoint({"state", "move_type"}):
            passing = self - self._filter_posted_invoices()
        if vals.get("state") == "posted":
            # Refused here as the drafts they are; every way of posting ends here.
            passing._filter_authority_gated("post")._refuse_unapproved()
        involved = {}
        if "invoice_user_id" in vals:
            involved = self.sudo()._get_involved_when_settled()  # compared only
        result = super().write(vals)
        # The same call may bring lines or another type along, and several drafts may
        # take the same ordered quantity.
        passing._filter_posted_invoices()._refuse_unapproved()
        if involved:
            self.sudo()._keep_from_judges(involved)  # who approved is asked only
        return result

    def _note_typing(self):
        """Keep who types what drafts of invoices ask for: their level counts (A01)."""
        drafts = self._filter_invoices().filtered(
            lambda move: (
                move.state == "draft" and move._is_authority_on(move.company_id)
            )
        )
        # Noted on behalf of who writes the lines, whatever else they may write.
        drafts.sudo()._note_authority_author()

    def _filter_posted_invoices(self):
        """Return what has passed the gates of customer invoices."""
        return self._filter_invoices().filtered(lambda move: move.state == "posted")

    def _get_keeping_rules(self):
        """Return ``{move: rule}`` of the posted documents that stay as they were checked,
        and by which rule: invoices where price floors block."""
        Mode = self.env["business.rule.mode"]
        return {
            move: "A02"
            for move in self._filter_posted_invoices()
            if Mode._get_mode("A02", move.company_id) == "block"
        }

    def _refuse_rewriting(self):
        """Refuse to change what posted documents were judged by.

        The host's own refusal has a key of the context that switches it off.
        """
        for move, rule in self._get_keeping_rules().items():
            raise UserError(
                self.env._(
                    "%(move)s is posted: customer, currency, products, quantities,"
                    " prices and what is owed stay as they were checked (%(rule)s)."
                    " Reset it to draft or make a credit note.",
                    move=move.display_name,
                    rule=rule,
                )
            )

    def _post(self, soft=True):
        if self.env.context.get(POST_PROCESSING) is not ENGINE:
            return super()._post(soft)
        # Money is being booked: an error here would lose it. The draft stays. One by
        # one, since drafts that are fine by themselves may be too much together.
        posted = self.browse()
        for move in self:
            if not move._filter_authority_gated("post")._get_authority_errors():
                posted |= super(AccountMove, move)._post(soft)
        return posted

    def button_cancel(self):
        self._withdraw_authority()
        return super().button_cancel()
