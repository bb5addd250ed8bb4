from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools.misc import formatLang

from ..guard import as_server
from ..tools.digest import get_digest


class ProductLoan(models.Model):
    """Products lent to a customer or a colleague (产品借用), back by a day (A20).

    draft → in approval → approved → lent → closed, once every piece came back, was charged
    or written off. Lent goods lie in the company's place for loans: they stay ours.
    """

    _name = "product.loan"
    _description = "Product Loan"
    _inherit = ["goods.slip.mixin", "authority.selection"]
    _order = "id desc"

    _slip_rule = "A20"
    _slip_measure = "loan_value"
    _slip_agreed = {
        "borrower_id",
        "company_id",
        "date_due",
        "line_ids",
        "partner_id",
        "reason",
        "user_id",
        "warehouse_id",
    }

    state = fields.Selection(
        selection_add=[("lent", "Lent"), ("closed", "Closed"), ("cancelled",)],
        ondelete={"lent": "set default", "closed": "set default"},
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        tracking=True,
    )
    borrower_id = fields.Many2one(
        "res.users",
        string="Colleague",
        index="btree_not_null",
        ondelete="restrict",
        domain="[('share', '=', False)]",
        tracking=True,
    )
    reason = fields.Text(string="Purpose")
    date_due = fields.Date(string="Due Back", required=True, tracking=True)
    warehouse_id = fields.Many2one(
        "stock.warehouse",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        default=lambda self: self.env["stock.warehouse"].search(
            [("company_id", "=", self.env.company.id)], limit=1
        ),
    )
    line_ids = fields.One2many(
        "product.loan.line", "slip_id", string="Products", copy=True
    )
    outcome_ids = fields.One2many("product.loan.outcome", "loan_id", string="Outcomes")
    lent_at = fields.Datetime(string="Lent On", readonly=True, copy=False)
    is_overdue = fields.Boolean(
        string="Overdue", compute="_compute_is_overdue", search="_search_is_overdue"
    )
    overdue_noted_on = fields.Date(readonly=True, copy=False)
    move_count = fields.Integer(compute="_compute_move_count", compute_sudo=True)

    # --- computes ---------------------------------------------------------------------

    @api.depends("state", "date_due")
    def _compute_is_overdue(self):
        for loan in self:
            company = loan.company_id or self.env.company
            loan.is_overdue = bool(
                loan.state == "lent"
                and loan.date_due
                and loan.date_due < company._get_business_date()
            )

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        # Days are those of each company, as everywhere.
        companies = self.env["res.company"].sudo().search(Domain.TRUE)
        overdue = Domain("state", "=", "lent") & Domain.OR(
            Domain("company_id", "in", same.ids) & Domain("date_due", "<", day)
            for day, same in companies.grouped(lambda c: c._get_business_date()).items()
        )
        return overdue if True in value else ~overdue

    def _compute_move_count(self):
        for loan in self:
            loan.move_count = len(loan.line_ids.move_ids)

    @api.constrains("partner_id", "borrower_id")
    def _check_borrower(self):
        """A customer or a colleague, one of them."""
        for loan in self:
            if bool(loan.partner_id) == bool(loan.borrower_id):
                raise ValidationError(
                    self.env._("Who borrows: a customer or a colleague, one of them.")
                )

    def _check_is_draft(self):
        for loan in self.filtered(lambda loan: loan.state == "lent"):
            raise UserError(
                self.env._(
                    "%s is lent as it was approved. To lend the goods for longer, or to"
                    " somebody else, apply for another loan: the warehouse takes them back"
                    " with this one and lends them with that one.",
                    loan.display_name,
                )
            )
        return super()._check_is_draft()

    # --- authority --------------------------------------------------------------------

    def _get_slip_partner(self):
        # Who borrows is named to who decides.
        return self.partner_id or self.sudo().borrower_id.partner_id

    def _get_slip_content(self):
        return [
            self.partner_id.id,
            self.borrower_id.id,
            fields.Date.to_string(self.date_due) or "",
            super()._get_slip_content(),
        ]

    def _get_authority_people(self):
        return super()._get_authority_people() | self.borrower_id

    def _filter_authority_gated(self, action):
        """What was lent is asked about again where a loss is to be written off."""
        loans = super()._filter_authority_gated(action)
        return loans | self.filtered(lambda loan: loan._get_waiting())

    @api.model
    def _get_authority_measures(self):
        return super()._get_authority_measures() | {"loan_write_off": "A20"}

    @api.model
    def _get_authority_depends(self):
        return [
            *super()._get_authority_depends(),
            "partner_id",
            "borrower_id",
            "outcome_ids.state",
        ]

    def _get_waiting(self):
        """Return the losses of this loan whose writing off is asked about."""
        return self.outcome_ids.filtered(lambda outcome: outcome.state == "waiting")

    def _get_authority_facts(self):
        facts = super()._get_authority_facts()
        for loan in self:
            if waiting := loan._get_waiting():
                self._add_authority_fact(
                    facts,
                    loan,
                    {
                        "rule": "A20",
                        "measure": "loan_write_off",
                        "at": "write_off",
                        "value": round(sum(waiting.mapped("amount")), 6),
                        "key": get_digest(sorted(waiting.ids)),
                        "figures": {
                            "amount": sum(waiting.mapped("amount")),
                            "currency": loan.currency_id.name,
                            "products": ", ".join(
                                waiting.line_id.product_id.mapped("display_name")
                            ),
                        },
                    },
                )
        return facts

    @api.model
    def _describe_authority_fact(self, fact):
        figures = fact.get("figures")
        if fact["measure"] == "loan_write_off" and figures:
            return self.env._(
                "loss to be written off: %(products)s, %(amount)s %(currency)s",
                products=figures["products"],
                amount=formatLang(self.env, figures["amount"], digits=2),
                currency=figures["currency"],
            )
        if fact["measure"] == "loan_value" and figures:
            return self.env._(
                "loan worth %(amount)s %(currency)s",
                amount=formatLang(self.env, figures["amount"], digits=2),
                currency=figures["currency"],
            )
        return super()._describe_authority_fact(fact)

    def _authority_closed(self, request):
        result = super()._authority_closed(request)
        waiting = self.state == "lent" and self._get_waiting()
        if waiting and "loan_write_off" in {f["measure"] for f in request.facts or []}:
            if request.state in ("refused", "withdrawn"):
                # Outcomes are written by the steps of a loan only.
                as_server(waiting.sudo()).write({"state": "refused"})
            elif request.state == "approved":
                self._write_off()
        return result

    # --- steps ------------------------------------------------------------------------

    def action_lend(self):
        """Move approved goods to the company's place for loans (A20).

        :raise UserError: not approved, or not in stock
        """
        for loan in self:
            loan._check_keeper()
            loan._take_row(("approved",))
            source = loan.warehouse_id.lot_stock_id
            place = loan.company_id._get_loan_location()
            for line in loan.line_ids:
                line._move(line.quantity, source, place)
            as_server(loan).write({"state": "lent", "lent_at": fields.Datetime.now()})
        return True

    def _check_keeper(self):
        """Raise AccessError for who doesn't keep the warehouse: salespeople may move
        goods in the host, for the deliveries of their orders."""
        self.check_access("write")
        if not self.env.user.has_group("stock.group_stock_user"):
            raise AccessError(self.env._("The warehouse lends and takes back."))

    def action_return_all(self):
        """Take back all that is still lent (A20)."""
        for line in self.line_ids.filtered("left_quantity"):
            line._end("returned", line.left_quantity)
        return True

    def _write_off(self):
        """Write off the losses that nothing stands against any more (A20)."""
        self.ensure_one()
        if self._get_authority_errors(action="write_off"):
            return
        for outcome in self._get_waiting():
            # Decided by authority, whoever of them may move goods.
            outcome.sudo()._carry_out()

    def _close_if_settled(self):
        if (
            self.state == "lent"
            and not self._get_waiting()
            and not any(line.left_quantity for line in self.line_ids)
        ):
            as_server(self).state = "closed"

    def action_view_moves(self):
        """Open the movements of these loans."""
        return {
            "type": "ir.actions.act_window",
            "res_model": "stock.move",
            "view_mode": "list,form",
            "domain": [("loan_line_id.slip_id", "in", self.ids)],
            "name": self.env._("Movements"),
        }

    # --- overdue ----------------------------------------------------------------------

    def _cron_note_overdue(self):
        """Raise an activity, once, for each loan that is overdue (A20)."""
        overdue = Domain("is_overdue", "=", True) & Domain(
            "overdue_noted_on", "=", False
        )
        remaining = self.search_count(overdue)
        self.env["ir.cron"]._commit_progress(remaining=remaining)
        while loans := self.search(overdue, limit=100):
            for loan in loans:
                loan.activity_schedule(
                    "sales_receivable.mail_activity_type_loan",
                    date_deadline=loan.company_id._get_business_date(),
                    summary=self.env._("%s is overdue", loan.display_name),
                    user_id=(loan.borrower_id or loan.user_id).id,
                )
                as_server(loan).overdue_noted_on = loan.company_id._get_business_date()
            if not self.env["ir.cron"]._commit_progress(len(loans)):
                break
