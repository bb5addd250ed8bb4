from odoo import api, fields, models
from odoo.fields import Domain

from .sale_order_contract import IN_FORCE

ACTIVITY = "sales_receivable.mail_activity_type_chain"
BATCH = 200


class SaleOrder(models.Model):
    """The document chain of an order: which papers are there, which are missing (A22)."""

    _name = "sale.order"
    _inherit = "sale.order"

    chain_paper_ids = fields.One2many(
        "sales.chain.paper",
        "order_id",
        string="Papers Attached",
        copy=False,
        groups="base.group_user",
    )
    chain_chase_ids = fields.One2many(
        "sales.chain.chase",
        "order_id",
        string="Papers Chased",
        copy=False,
        groups="base.group_user",
    )
    chain_missing_ids = fields.Many2many(
        "sales.chain.kind",
        string="Papers Missing",
        compute="_compute_chain",
        search="_search_chain_missing_ids",
        groups="base.group_user",
    )
    chain_progress = fields.Char(
        string="Papers There",
        compute="_compute_chain",
        groups="base.group_user",
        help="How many of the papers that are needed or attached are there.",
    )
    chain_overview = fields.Html(
        compute="_compute_chain", sanitize=False, groups="base.group_user"
    )

    # --- what is there ----------------------------------------------------------------

    @api.model
    def _get_chain_sources(self):
        """Return which papers the system's own documents are (A22).

        :return: ``{code of sales.chain.kind: (path from the order to the documents,
            Domain of the orders that have the paper)}``
        """
        return {
            "contract": (
                "contract_id",
                Domain("contract_id.state", "in", IN_FORCE),
            )
        }

    def _get_chain_papers(self):
        """Return the papers of these orders, the same number of queries for all (A22).

        :return: ``{order.id: [dict]}`` with ``kind`` (``sales.chain.kind``), ``name``,
            ``state`` (``"there"``, ``"missing"`` or ``"not needed"``) and ``record``
            (the newest document, may be empty)
        """
        # Whoever reads an order may know which of its papers there are.
        orders = self.sudo()._origin
        sources = self._get_chain_sources()
        papers = {order.id: [] for order in self}
        for kind in self._get_chain_kinds():
            there = orders.filtered_domain(self._domain_chain_there(kind))
            missing = orders.search(
                Domain("id", "in", (orders - there).ids)
                & self.env["sales.chain.need"]._domain_needing(kind)
            )
            path = sources.get(kind.code, ("",))[0]
            for order in self:
                saved = order.sudo()._origin
                own = saved.chain_paper_ids.filtered(
                    lambda paper, kind=kind: paper.kind_id == kind
                )
                record = own[-1:] or (saved.mapped(path)[-1:] if path else own)
                state = "missing" if saved in missing else "not needed"
                papers[order.id].append(
                    {
                        "kind": kind,
                        "name": kind.name,
                        "state": "there" if saved in there else state,
                        "record": record,
                    }
                )
        return papers

    @api.model
    def _get_chain_kinds(self):
        return self.env["sales.chain.kind"].search([("active", "=", True)])

    @api.model
    def _domain_chain_there(self, kind):
        """Return the domain of the orders that have a kind of paper."""
        there = Domain("chain_paper_ids.kind_id", "in", kind.ids)
        if source := self._get_chain_sources().get(kind.code):
            there |= source[1]
        return there

    @api.model
    def _domain_chain_missing(self, kind):
        """Return the domain of the orders that need a kind of paper and have none."""
        need = self.env["sales.chain.need"]._domain_needing(kind)
        return need & ~self._domain_chain_there(kind)

    # --- at a glance ------------------------------------------------------------------

    @api.depends("state", "sales_channel_id", "contract_id.state", "chain_paper_ids")
    @api.depends_context("lang")
    def _compute_chain(self):
        chains = self._get_chain_papers()
        for order in self:
            papers = [p for p in chains[order.id] if p["state"] != "not needed"]
            missing = [paper for paper in papers if paper["state"] == "missing"]
            order.chain_missing_ids = [paper["kind"].id for paper in missing]
            order.chain_progress = (
                papers and f"{len(papers) - len(missing)}/{len(papers)}"
            )
            order.chain_overview = self.env["ir.qweb"]._render(
                "sales_receivable.order_chain", {"papers": chains[order.id]}
            )

    @api.model
    def _search_chain_missing_ids(self, operator, value):
        """Find orders by the papers they lack, by one subquery for each kind."""
        kinds = self._get_chain_kinds()
        if operator in ("any", "any!"):
            domain = (
                value if isinstance(value, (list, Domain)) else [("id", "in", value)]
            )
            value = kinds.search(Domain(domain)).ids
        elif operator != "in":
            return NotImplemented
        lacking = {kind.id: self._domain_chain_missing(kind) for kind in kinds}
        found = Domain.OR(
            domain
            for kind_id, domain in lacking.items()
            if kind_id in value or True in value
        )
        if False in value:
            found |= ~Domain.OR(lacking.values())
        # Which papers there are may be known to whoever may read the order.
        return Domain("id", "in", self.sudo()._search(found))

    def action_view_papers(self):
        """Open the papers that were attached to this order by hand (A22)."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_receivable.sales_chain_paper_action"
        )
        return action | {
            "domain": [("order_id", "=", self.id)],
            "context": {"default_order_id": self.id},
        }

    # --- chased -----------------------------------------------------------------------

    def _end_chasing(self):
        """Take away the activities about papers that aren't missing any longer."""
        # Whoever has the activity, it has lost its reason.
        chased = self.sudo().chain_chase_ids.filtered("activity_id")
        for kind, rows in chased.grouped("kind_id").items():
            missing = self.sudo().search(
                Domain("id", "in", rows.order_id.ids) & self._domain_chain_missing(kind)
            )
            rows.filtered(
                lambda row, missing=missing: row.order_id not in missing
            ).activity_id.unlink()

    @api.model
    def _cron_chase_papers(self):
        """End the chasing of what is there by now, and chase what is overdue: one
        activity per order and paper, once, however often the job runs (A22)."""
        Cron = self.env["ir.cron"]
        chased = self.env["sales.chain.chase"].search([("activity_id", "!=", False)])
        orders = chased.order_id
        for start in range(0, len(orders), BATCH):
            batch = orders[start : start + BATCH]
            batch._end_chasing()
            Cron._commit_progress(len(batch))
        for need in self.env["sales.chain.need"].search([("is_needed", "=", True)]):
            overdue = self._get_overdue_papers(need)
            for start in range(0, len(overdue), BATCH):
                batch = overdue[start : start + BATCH]
                batch._chase_paper(need)
                remaining = len(overdue) - start - len(batch)
                Cron._commit_progress(len(batch), remaining=remaining)

    @api.model
    def _get_overdue_papers(self, need):
        """Return the orders whose paper is overdue and was not chased yet."""
        kind = need.kind_id
        return self.search(
            need._domain_due(need.search([("kind_id", "=", kind.id)]))
            & ~self._domain_chain_there(kind)
            & ~Domain("chain_chase_ids", "any", [("kind_id", "=", kind.id)]),
            order="id",
        )

    def _chase_paper(self, need):
        kind = need.kind_id
        chases = self.env["sales.chain.chase"].create(
            [{"order_id": order.id, "kind_id": kind.id} for order in self]
        )
        for order, chase in zip(self, chases, strict=True):
            user = need.user_id or order.user_id or order.create_uid
            chase.activity_id = order.activity_schedule(
                ACTIVITY,
                summary=order.with_context(lang=user.lang).env._(
                    "Missing: %s", kind.with_context(lang=user.lang).name
                ),
                user_id=user.id,
            )
