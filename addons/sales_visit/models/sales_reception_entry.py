import re

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..guard import as_server, has_changes, is_server

KINDS = [("walk_in", "Walk-in"), ("call", "Incoming Call")]
STATES = [
    ("new", "To Pass On"),
    ("routed", "Passed On"),
    ("returned", "Turn Given Back"),
]
ACTIVITY = "sales_visit.mail_activity_type_visitor"
# Who the visitor was, when he attests that he is no customer.
ATTESTED_FIELDS = {"partner_id", "source_id", "note"}
CANDIDATES = 8
SHORT = 2  # letters of a name that are looked for where a word begins
MIN_DIGITS, MAX_DIGITS = 7, 8  # of a phone number: fewer say nothing, more differ


class SalesReceptionEntry(models.Model):
    """A visitor or caller at reception, and who takes care of him (V12).

    A customer goes to his salesperson, a new walk-in to the one whose turn it is, a new
    caller stays with reception.
    """

    _name = "sales.reception.entry"
    _inherit = [
        "mail.thread",
        "mail.activity.mixin",
        "sales.visit.server.field.mixin",
    ]
    _description = "Visitor or Caller"
    _order = "received_at desc, id desc"
    _check_company_auto = True

    name = fields.Char(
        string="Company or Name",
        required=True,
        help="As the visitor says it; a tax number finds its company, too.",
    )
    phone = fields.Char()
    kind = fields.Selection(KINDS, required=True, default="walk_in")
    source_id = fields.Many2one(
        "utm.source",
        string="How They Know Us",
        ondelete="restrict",
        help="The channel by which the visitor or caller came to us.",
    )
    note = fields.Text()
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    rota_id = fields.Many2one(
        "sales.rota",
        check_company=True,
        ondelete="restrict",
        default=lambda self: self.env["sales.rota"]._get_default(),
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('partner_share', '=', True)]",
    )
    candidate_ids = fields.Many2many(
        "res.partner", string="In Our Records", compute="_compute_candidate_ids"
    )
    candidates = fields.Text(string="Whose Customers", compute="_compute_candidate_ids")
    is_stranger = fields.Boolean(string="None of These")
    owner_id = fields.Many2one(
        "res.users",
        compute="_compute_owner_id",
        compute_sudo=True,
        help="Salesperson of the customer.",
    )
    state = fields.Selection(
        STATES,
        required=True,
        readonly=True,
        default="new",
        copy=False,
        index=True,
        tracking=True,
    )
    received_at = fields.Datetime(
        readonly=True, copy=False, index=True, default=fields.Datetime.now
    )
    received_by_id = fields.Many2one(
        "res.users",
        readonly=True,
        copy=False,
        ondelete="restrict",
        default=lambda self: self.env.uid,
    )
    routed_to_id = fields.Many2one(
        "res.users", readonly=True, copy=False, index=True, ondelete="restrict"
    )
    rota_line_id = fields.Many2one(
        "sales.rota.line",
        string="Turn",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    is_new = fields.Boolean(
        string="New Customer",
        readonly=True,
        copy=False,
        help="Nobody's customer when he came.",
    )
    new_count = fields.Integer(
        string="New Customers", compute="_compute_new_count", store=True
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("name", "phone", "company_id")
    def _compute_candidate_ids(self):
        for entry in self:
            found = entry._find_customers()
            entry.candidate_ids = found
            owners = self._get_owners(entry.company_id, found)
            entry.candidates = "\n".join(
                f"{partner.display_name}: {owners[partner].name or '–'}"
                for partner in found
            )

    @api.depends("is_new")
    def _compute_new_count(self):
        for entry in self:
            entry.new_count = int(entry.is_new)

    @api.depends("partner_id", "company_id")
    def _compute_owner_id(self):
        for company, entries in self.grouped("company_id").items():
            owners = self._get_owners(company, entries.partner_id)
            for entry in entries:
                entry.owner_id = owners.get(entry.partner_id)

    @api.model
    def _get_owners(self, company, partners):
        """Return ``{partner: owner under sudo}``: reception sees names and owners, not
        the files they come from. Who has left owns nobody."""
        owners = self.env["sales.customer.file"]._get_owners(company, partners)
        nobody = self.env["res.users"].sudo()
        return {
            partner: owners.get(partner.commercial_partner_id, nobody)
            for partner in partners
        }

    def _find_customers(self):
        """Return what our records know by this name or tax number, or by the last digits
        of this phone."""
        self.ensure_one()
        name = (self.name or "").strip()
        wanted = Domain.FALSE
        if len(name) > 1:
            wanted |= self._get_name_domain(name)
            wanted |= Domain("vat", "=", "".join(name.split()).upper())
        # Country and area code may be written, on either side, or not.
        digits = re.sub(r"\D", "", self.phone or "")[-MAX_DIGITS:]
        if len(digits) >= MIN_DIGITS:
            # Without the sign the host takes 00 for the beginning of a country code.
            wanted |= Domain("phone_mobile_search", "like", f"%{digits}")
        if wanted.is_false():
            return self.env["res.partner"]
        domain = wanted & Domain("partner_share", "=", True)
        domain &= Domain("company_id", "in", (False, self.company_id.id))
        return self.env["res.partner"].search(domain, limit=CANDIDATES)

    @api.model
    def _get_name_domain(self, name):
        """Return the contacts with this in their name, in a way that their index answers:
        it knows runs of three letters, and two where a word begins."""
        if name.lower() == name.upper():
            # Chinese has no case: names of two characters are read through quickly.
            return Domain("complete_name", "like", name)
        if len(name) <= SHORT and name.isalnum():
            begin = Domain("complete_name", "=ilike", f"{name}%")
            return begin | Domain("complete_name", "ilike", f" {name}")
        return Domain("complete_name", "ilike", name)

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def write(self, vals):
        if not is_server(self):
            self._check_server_fields(vals.keys())
            fixed = {"name", "phone", "kind", "company_id", "rota_id", "is_stranger"}
            if (changed := fixed & vals.keys()) and any(
                entry.state != "new" for entry in self
            ):
                raise UserError(
                    self.env._(
                        "%(fields)s stay as they were when the visitor came. (V12)",
                        fields=self._get_labels(changed),
                    )
                )
            self._check_customer_kept(vals)
            self._check_not_attested(vals)
        return super().write(vals)

    def _check_customer_kept(self, vals):
        """Let it be said later who a stranger was, once.

        :raise UserError: for a visitor passed on as a customer of ours
        """
        for entry in self:
            if (
                entry.state != "new"
                and entry.partner_id
                and entry.partner_id.id != vals.get("partner_id", entry.partner_id.id)
            ):
                raise UserError(
                    self.env._(
                        "%(fields)s stay as they were when the visitor came. (V12)",
                        fields=self._get_labels(["partner_id"]),
                    )
                )

    def _check_not_attested(self, vals):
        """Keep the visitor as he was when he attested that he is no customer (V12).

        :raise UserError: for the one whose turn is asked back
        """
        said = {name: vals[name] for name in ATTESTED_FIELDS & vals.keys()}
        # Whether a turn is asked back doesn't depend on who may see that.
        attested = (
            self.env["sales.rota.return"]
            .sudo()
            .search([("entry_id", "in", self.ids), ("attested_by_id", "!=", False)])
        )
        for entry in attested.entry_id.with_env(self.env):
            if has_changes(entry, said):
                raise UserError(
                    self.env._(
                        "%(visitor)s has attested why the turn is given back: %(fields)s stay as they are. (V12)",
                        visitor=entry.name,
                        fields=self._get_labels(said),
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_only_new(self):
        for entry in self:
            if entry.state != "new":
                raise UserError(
                    self.env._(
                        "%(visitor)s has been routed and stays on record. (V12)",
                        visitor=entry.name,
                    )
                )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_route(self):
        """Send the visitor to whom he belongs, and tell that person (V12).

        :raise UserError: when it has been done, when our records know somebody of that
            name or phone and nobody said which, or when nobody is on the rota
        """
        for entry in self:
            if entry.state != "new":
                raise UserError(
                    self.env._(
                        "%(visitor)s has been routed already.", visitor=entry.name
                    )
                )
            entry._check_recognised()
            entry._route()
        return True

    def action_new_visit(self):
        """Open a new visit of this visitor to us."""
        self.ensure_one()
        return {
            "name": self.env._("New Visit"),
            "type": "ir.actions.act_window",
            "res_model": "sales.visit",
            "view_mode": "form",
            "context": {
                "default_partner_id": self.partner_id.id,
                "default_direction": "in",
                "default_channel": "phone" if self.kind == "call" else "in_person",
                "default_planned_start": self.received_at,
            },
        }

    def action_return_turn(self):
        """Open the request to give this turn back (V12)."""
        self.ensure_one()
        document = self.env["sales.rota.return"].search([("entry_id", "=", self.id)])
        return {
            "name": self.env._("Give Turn Back"),
            "type": "ir.actions.act_window",
            "res_model": "sales.rota.return",
            "res_id": document.id,
            "view_mode": "form",
            "context": {
                "default_entry_id": self.id,
                "default_company_id": self.company_id.id,
            },
        }

    def _check_recognised(self):
        """Refuse to treat as new whom our records may know (V12)."""
        self.ensure_one()
        if self.partner_id or self.is_stranger or not self.candidate_ids:
            return
        raise UserError(
            self.env._(
                "Our records know: %(candidates)s. Choose the customer, or tick “None of These”. (V12)",
                candidates=self.candidates.replace("\n", "; "),
            )
        )

    def _route(self):
        self.ensure_one()
        vals = {"state": "routed", "is_new": not self.owner_id}
        if self.owner_id:
            vals["routed_to_id"] = self.owner_id.id
        elif self.kind == "call":
            vals["routed_to_id"] = self.env.uid
        else:
            if not self.rota_id:
                raise UserError(self.env._("Choose the rota for a new walk-in. (V12)"))
            line = self.rota_id._take_turn()
            vals["routed_to_id"] = line.user_id.id
            vals["rota_line_id"] = line.id
        as_server(self).write(vals)
        if self.routed_to_id != self.env.user:
            self.env["mail.activity"]._create_reminders(
                ACTIVITY, {self: self.routed_to_id}
            )
