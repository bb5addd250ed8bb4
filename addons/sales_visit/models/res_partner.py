from odoo import api, fields, models
from odoo.modules.db import FunctionStatus
from odoo.tools import SQL


def _define_name_index(registry):
    """Return the index by which any part of a name is found; none where the database
    lacks trigrams. It stands beside the host's, which sorts."""
    if not registry.has_trigram:
        return ""
    column = "complete_name"
    if registry.has_unaccent == FunctionStatus.INDEXABLE:
        column = registry.unaccent(column)
    return f"USING gin ({column} gin_trgm_ops)"


POSITION = {"partner_latitude", "partner_longitude"}


class ResPartner(models.Model):
    _inherit = "res.partner"

    _complete_name_trigram_idx = models.Index(_define_name_index)

    visit_count = fields.Integer(
        compute="_compute_visit_count", groups="sales_visit.group_user"
    )
    is_own_customer = fields.Boolean(compute="_compute_is_own_customer")

    # Out of everybody's reach: whoever sets coordinates by hand is noted by the server.
    visit_located_by_id = fields.Many2one(
        "res.users",
        string="Coordinates Set By",
        readonly=True,
        copy=False,
        ondelete="set null",
        groups=fields.NO_ACCESS,
    )

    @api.model_create_multi
    def create(self, vals_list):
        partners = super().create(vals_list)
        # Wherever they come from: values, an import, defaults of the context.
        partners.filtered(
            lambda partner: partner.partner_latitude or partner.partner_longitude
        )._note_who_located()
        return partners

    def write(self, vals):
        result = super().write(vals)
        if POSITION & vals.keys():
            self._note_who_located()
        return result

    def _note_who_located(self):
        """Note who set these customers' coordinates by hand, who can't have a presence
        verified by them (V08). Where a manager approves them, he is who."""
        self.sudo().visit_located_by_id = self.env.user

    @property
    def _order(self):
        """Own customers first, where a choice of customers asks for it."""
        order = super()._order
        if not self.env.context.get("sales_visit_own_first"):
            return order
        return f"is_own_customer DESC, {order}"

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        if field_name != "is_own_customer":
            return super()._order_field_to_sql(
                alias, field_name, direction, nulls, query
            )
        return SQL(
            "(COALESCE(%s, 0) = %s OR %s IN %s) %s",
            SQL.identifier(alias, "user_id"),
            self.env.uid,
            SQL.identifier(alias, "commercial_partner_id"),
            self._search_own_files([]).subselect("partner_id"),
            direction,
        )

    @api.depends_context("uid", "company")
    @api.depends("user_id", "commercial_partner_id")
    def _compute_is_own_customer(self):
        customers = self.commercial_partner_id
        found = self._search_own_files([("partner_id", "in", customers.ids)])
        own = self.env["sales.customer.file"].sudo().browse(found).partner_id
        for partner in self:
            partner.is_own_customer = (
                partner.user_id == self.env.user or partner.commercial_partner_id in own
            )

    def _search_own_files(self, domain):
        """Return the query of the current user's own customer files."""
        # Nothing of their content is read: only whose they are decides.
        files = self.env["sales.customer.file"].sudo()
        return files._search(
            [
                ("user_id", "=", self.env.uid),
                ("company_id", "=", self.env.company.id),
                *domain,
            ]
        )

    def _compute_visit_count(self):
        counts = dict(
            self.env["sales.visit"]._read_group(
                [("commercial_partner_id", "in", self.commercial_partner_id.ids)],
                ["commercial_partner_id"],
                ["__count"],
            )
        )
        for partner in self:
            partner.visit_count = counts.get(partner.commercial_partner_id, 0)

    def action_view_visits(self):
        """Open the visits of this customer, whichever contact they were at."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_visit.sales_visit_action_all"
        )
        action["domain"] = [
            ("commercial_partner_id", "=", self.commercial_partner_id.id)
        ]
        action["context"] = {
            "default_partner_id": self.id,
            "sales_visit_suggest_time": True,
        }
        return action
