from odoo import api, fields, models
from odoo.addons.sales_receivable.guard import as_server, is_server
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

APPROVER_GROUP = "sales_receivable.group_company_manager"


class FreightTariff(models.Model):
    """Buy and sell prices of a carrier for a period, in versions.

    An approved tariff never changes: a new version takes its place. Old quotes keep
    pointing at the version that they were drawn from.
    """

    _name = "freight.tariff"
    _description = "Freight Tariff"
    _inherit = ["mail.thread", "server.field.mixin"]
    _order = "date_from desc, version desc, id desc"
    _check_company_auto = True

    name = fields.Char(required=True)
    version = fields.Integer(default=1, readonly=True, copy=False)
    previous_id = fields.Many2one(
        "freight.tariff",
        string="Previous Version",
        readonly=True,
        copy=False,
        index="btree_not_null",
        check_company=True,
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    carrier_id = fields.Many2one(
        "freight.carrier",
        index=True,
        tracking=True,
        help="Empty: the prices hold whatever carrier is used.",
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        tracking=True,
        default=lambda self: self.env.company.currency_id,
    )
    date_from = fields.Date(
        string="Valid From",
        required=True,
        default=fields.Date.context_today,
        tracking=True,
    )
    date_to = fields.Date(string="Valid To", tracking=True)
    state = fields.Selection(
        [("draft", "Draft"), ("approved", "Approved"), ("replaced", "Replaced")],
        string="Status",
        required=True,
        default="draft",
        copy=False,
        tracking=True,
    )
    approved_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    approved_at = fields.Datetime(readonly=True, copy=False)
    line_ids = fields.One2many("freight.tariff.line", "tariff_id", copy=True)

    _dates_check = models.Constraint(
        "CHECK(date_to IS NULL OR date_to >= date_from)",
        "A tariff ends after it starts.",
    )

    @api.depends("name", "version")
    def _compute_display_name(self):
        for tariff in self:
            tariff.display_name = f"{tariff.name or ''} v{tariff.version}"

    @api.model
    def _get_step_fields(self):
        return super()._get_step_fields() | {"state"}

    @api.model_create_multi
    def create(self, vals_list):
        if any(vals.get("state", "draft") != "draft" for vals in vals_list):
            self._check_approval()
        return super().create(vals_list)

    def write(self, vals):
        """Refuse every change of an approved tariff (F02: locked in ``write``)."""
        if not is_server(self):
            self._check_unlocked()
            if vals.get("state", "draft") != "draft":
                self._check_approval()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_approved(self):
        self._check_unlocked()

    def _check_approval(self):
        raise UserError(
            self.env._("A tariff is approved by its button, not by writing its state.")
        )

    def _check_unlocked(self):
        """Raise UserError if a tariff is locked."""
        locked = self.filtered(lambda tariff: tariff.state != "draft")
        if locked:
            raise UserError(
                self.env._(
                    "Tariff %(tariff)s is approved and locked. Make a new version of it.",
                    tariff=locked[0].display_name,
                )
            )

    def action_approve(self):
        """Approve and lock draft tariffs; the version before is replaced (F02).

        :raise AccessError: unless the user is company manager
        """
        user = self.env.user
        if not user.has_group(APPROVER_GROUP):
            raise AccessError(
                self.env._("Tariffs are approved by the company manager.")
            )
        drafts = self.filtered(lambda tariff: tariff.state == "draft")
        if not drafts.line_ids:
            raise UserError(self.env._("A tariff without prices can't be approved."))
        drafts.check_access("read")
        # A company manager reads tariffs and approves them, but edits none.
        trusted = as_server(drafts.sudo())
        trusted.write(
            {
                "state": "approved",
                "approved_by_id": user.id,
                "approved_at": fields.Datetime.now(),
            }
        )
        trusted.previous_id.write({"state": "replaced"})
        return True

    def action_new_version(self):
        """Return the form of a draft that will replace this approved tariff."""
        self.ensure_one()
        successor = as_server(self).copy(
            {
                "name": self.name,
                "version": self.version + 1,
                "previous_id": self.id,
                "date_from": max(self.date_from, fields.Date.context_today(self)),
            }
        )
        return successor.with_env(self.env)._get_records_action()

    @api.model
    def _get_route_domain(self, company, pol, pod, on):
        """Return the domain of the tariff lines that are valid on a route and day."""
        return (
            Domain("tariff_id.state", "=", "approved")
            & Domain("tariff_id.company_id", "=", company.id)
            & Domain("tariff_id.date_from", "<=", on)
            & (
                Domain("tariff_id.date_to", "=", False)
                | Domain("tariff_id.date_to", ">=", on)
            )
            & Domain("pol_id", "in", [False, pol.id])
            & Domain("pod_id", "in", [False, pod.id])
        )

    @api.model
    def _get_carriers(self, company, pol, pod, on):
        """Return the carriers that have approved prices on a route and day."""
        # Their names are no secret; the prices stay where they are.
        lines = self.env["freight.tariff.line"].sudo()
        lines = lines.search(self._get_route_domain(company, pol, pod, on))
        return lines.tariff_id.carrier_id.sudo(False)

    @api.model
    def _get_lines(self, company, carrier, pol, pod, on):
        """Return the valid tariff lines of a route, the best one per charge and size.

        Valid are approved tariffs of the company on that day; a line of the very
        carrier and route beats a general one, then the newer tariff wins.

        :param on: date
        :rtype: freight.tariff.line
        """
        # Salespeople draw selling prices without seeing the tariff's buying side.
        lines = (
            self.env["freight.tariff.line"]
            .sudo()
            .search(
                self._get_route_domain(company, pol, pod, on)
                & Domain("tariff_id.carrier_id", "in", [False, carrier.id])
            )
        )

        def rank(line):
            tariff = line.tariff_id
            return (
                bool(tariff.carrier_id),
                bool(line.pol_id) + bool(line.pod_id),
                tariff.date_from,
                tariff.version,
                line.id,
            )

        best = {}
        for line in lines.sorted(rank):
            best[line.charge_type_id, line.equipment_type_id] = line
        return lines.browse([line.id for line in best.values()])
