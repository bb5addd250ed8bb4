from odoo import api, fields, models


class AuthorityRequest(models.Model):
    """What the approver wants to know: customer, amount, margin, what is overdue (A01).

    All of it comes through the request, without access to anything else. Margin and
    debts are shown as long as the request waits, to who may decide it.
    """

    _name = "authority.request"
    _inherit = "authority.request"

    partner_id = fields.Many2one(
        "res.partner", string="Customer", compute="_compute_summary"
    )
    currency_id = fields.Many2one("res.currency", compute="_compute_summary")
    amount = fields.Monetary(
        compute="_compute_summary", help="Untaxed, in the document's currency."
    )
    has_margin = fields.Boolean(compute="_compute_summary")
    margin = fields.Monetary(
        compute="_compute_summary", help="Amount less the products' present cost."
    )
    margin_percent = fields.Float(string="Margin (%)", compute="_compute_summary")
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    open_amount = fields.Monetary(
        string="Customer's Open Amount",
        compute="_compute_balance",
        currency_field="company_currency_id",
    )
    overdue_amount = fields.Monetary(
        string="Overdue",
        compute="_compute_balance",
        currency_field="company_currency_id",
        help="What the customer owes past its due date, today.",
    )
    shows_balance = fields.Boolean(compute="_compute_balance")

    @api.depends("res_model", "res_id", "state")
    @api.depends_context("uid")
    def _compute_summary(self):
        summaries = self._get_summaries()
        visible = self._filter_confidential()
        for request in self:
            summary = summaries.get((request.res_model, request.res_id), {})
            amount, cost = summary.get("amount", 0.0), summary.get("cost")
            known = request in visible and cost is not None
            request.partner_id = summary.get("partner")
            request.currency_id = summary.get("currency")
            request.amount = amount
            request.has_margin = known
            request.margin = amount - cost if known else 0.0
            request.margin_percent = (
                (amount - cost) / amount * 100.0 if known and amount else 0.0
            )

    @api.depends("partner_id")
    @api.depends_context("uid")
    def _compute_balance(self):
        visible = self._filter_confidential().filtered("partner_id")
        # The customer's debts are shown to who has to decide, in two figures.
        report = (
            self.env["receivable.ageing.report"]
            .sudo()
            .with_context(allowed_company_ids=visible.company_id.ids)
        )
        customers = visible.partner_id.commercial_partner_id
        domain = [("commercial_partner_id", "in", customers.ids)]
        amounts = {}
        for name, extra in (
            ("open_amount", []),
            ("overdue_amount", [("days_overdue", ">", 0)]),
        ):
            rows = customers and report._read_group(
                domain + extra,
                ["company_id", "commercial_partner_id"],
                ["residual:sum"],
            )
            for company, customer, residual in rows:
                amounts[name, company.id, customer.id] = residual
        for request in self:
            customer = request.partner_id.commercial_partner_id
            request.shows_balance = request in visible
            for name in ("open_amount", "overdue_amount"):
                key = (name, request.company_id.id, customer.id)
                request[name] = amounts.get(key, 0.0) if request in visible else 0.0

    def _filter_confidential(self):
        """Return the requests whose margin and debts the reader may know."""
        waiting = self.filtered(lambda request: request.state == "waiting")
        if self.env.user.has_group("sales_receivable.group_company_manager"):
            return waiting
        return waiting.filtered("may_decide")

    def _get_summaries(self):
        """Return ``{(model, id): summary}`` of the documents, one calculation each."""
        summaries = {}
        for model, requests in self.grouped("res_model").items():
            if model not in self.env:
                continue
            # Readers of the request see these figures without the document.
            documents = self.env[model].sudo().browse(set(requests.mapped("res_id")))
            summaries |= {
                (model, res_id): summary
                for res_id, summary in documents.exists()
                ._get_authority_summary()
                .items()
            }
        return summaries
