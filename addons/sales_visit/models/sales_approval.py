from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

MIXIN = "sales.approval.mixin"
WAITING = Domain("approval_state", "=", "submitted")
MODELS = 100_000  # more than a database has


class SalesApproval(models.Model):
    """What waits for approval, of whatever kind, in one list: whoever manages approves or
    refuses it here. Rows are those of the documents that the user may see, by the
    documents' own rules; the documents themselves check who decides."""

    _name = "sales.approval"
    _description = "Waiting for Approval"
    _auto = False
    _order = "requested_at, id"
    _rec_name = "document"

    res_model = fields.Selection(
        selection="_get_kinds", string="Kind", readonly=True, required=True
    )
    res_id = fields.Integer(string="Document ID", readonly=True, required=True)
    document = fields.Char(compute="_compute_document")
    detail = fields.Char(
        compute="_compute_document", help="What there is to know to decide."
    )
    company_id = fields.Many2one("res.company", readonly=True)
    requested_by_id = fields.Many2one("res.users", string="Asked By", readonly=True)
    requested_at = fields.Datetime(string="Asked On", readonly=True)
    can_decide = fields.Boolean(
        string="For Me to Decide",
        compute="_compute_document",
        search="_search_can_decide",
    )

    @property
    def _table_query(self):
        return SQL(" UNION ALL ").join(
            self._select_waiting(self.env[name]) for name, _label in self._get_kinds()
        )

    @api.model
    def _get_kinds(self):
        """Return ``[(model, label)]`` of the documents that are approved."""
        kinds = self.env.registry.descendants([MIXIN], "_inherit")
        return [
            (name, self.env["ir.model"]._get(name).name)
            for name in sorted(kinds)
            if not self.env[name]._abstract
        ]

    @api.model
    def _select_waiting(self, documents):
        """Return the query of the documents of a model that wait, as far as the user may
        see them."""
        seen = documents.has_access("read")
        query = documents._search(
            WAITING if seen else Domain.FALSE, bypass_access=not seen
        )
        model_id = self.env["ir.model"]._get_id(documents._name)
        columns = ("company_id", "requested_by_id", "requested_at")
        return query.select(
            SQL(
                "%s * %s::bigint + %s AS id",
                SQL.identifier(query.table, "id"),
                MODELS,
                model_id,
            ),
            SQL("%s AS res_model", documents._name),
            SQL("%s AS res_id", SQL.identifier(query.table, "id")),
            *(documents._field_to_sql(query.table, name, query) for name in columns),
        )

    @api.depends("res_model", "res_id")
    @api.depends_context("uid", "lang")
    def _compute_document(self):
        for row, document in self._get_documents().items():
            row.document = document.display_name
            row.detail = document._get_approval_detail()
            row.can_decide = document.can_decide

    def _search_can_decide(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        others = self.search([("requested_by_id", "!=", self.env.uid)])
        return Domain("id", "in", others.filtered("can_decide").ids)

    def action_open(self):
        """Open the document."""
        self.ensure_one()
        return self._get_documents()[self].get_formview_action()

    def action_approve(self):
        """Approve these documents.

        :raise AccessError: for anyone but who may decide, and for who asked
        """
        for documents in self._get_documents_by_model():
            documents.action_approve()
        return True

    def action_refuse(self):
        """Ask for the reason, then refuse these documents."""
        wizard = self.env["sales.visit.reason.wizard"]
        return wizard._ask(self.env._("Refuse"), self, "refuse")

    def refuse(self, reason):
        """Refuse these documents.

        :param str reason: why, for those who asked
        :raise AccessError: for anyone but who may decide, and for who asked
        :raise UserError: without a reason
        """
        for documents in self._get_documents_by_model():
            documents.refuse(reason)
        return True

    def _get_documents_by_model(self):
        return [
            self.env[name].browse(rows.mapped("res_id"))
            for name, rows in self.grouped("res_model").items()
        ]

    def _get_documents(self):
        """Return ``{row: document}``, those of one model prefetching together."""
        return {
            row: document
            for documents in self._get_documents_by_model()
            for row, document in zip(
                self.filtered(lambda row, name=documents._name: row.res_model == name),
                documents,
                strict=True,
            )
        }
