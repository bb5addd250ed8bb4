from odoo import api, fields, models
from odoo.fields import Domain

from .sale_order_contract import IN_FORCE


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

    # --- chased -----------------------------------------------------------------------

    def _end_chasing(self):
        """Take away the activities about papers that are there by now."""
        # Whoever has the activity, it has lost its reason.
        chased = (
            self.env["sales.chain.chase"]
            .sudo()
            .search([("order_id", "in", self.ids), ("activity_id", "!=", False)])
        )
        for kind, rows in chased.grouped("kind_id").items():
            there = rows.order_id.filtered_domain(self._domain_chain_there(kind))
            rows.filtered(
                lambda row, there=there: row.order_id in there
            ).activity_id.unlink()
