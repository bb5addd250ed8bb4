from contextlib import contextmanager
from datetime import date

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL

CREDIT_GROUPS = (
    "account.group_account_invoice,account.group_account_readonly,"
    "sales_receivable.group_credit_control"
)
EXPOSURE_GROUPS = (
    "sales_receivable.group_credit_control,sales_receivable.group_company_manager"
)
LIMIT_FIELDS = {"credit_limit", "use_partner_credit_limit"}
#: Rules that ask what a customer owes, has bought, or has on file.
DEBTOR_RULES = ("A04", "A05", "A09", "A18", "A21", "R02")
#: By which a contact joins or leaves a company, whose limit and papers count for it.
MOVING_FIELDS = {"parent_id", "is_company", "child_ids", "commercial_partner_id"}
PARTS = ("receivable", "delivered", "ordered", "unapplied")


class ResPartner(models.Model):
    """What a customer stands for, and who sets up to how much (R02)."""

    _name = "res.partner"
    _inherit = "res.partner"

    credit_limit = fields.Float(groups=CREDIT_GROUPS)
    use_partner_credit_limit = fields.Boolean(groups=CREDIT_GROUPS)
    show_credit_limit = fields.Boolean(groups=CREDIT_GROUPS)
    credit_exposure = fields.Monetary(
        string="Exposure",
        compute="_compute_credit_exposure",
        groups=EXPOSURE_GROUPS,
        help="Receivable + delivered not invoiced + confirmed not delivered − unapplied"
        " payments, in company currency.",
    )
    credit_receivable = fields.Monetary(
        string="Receivable",
        compute="_compute_credit_exposure",
        groups=EXPOSURE_GROUPS,
    )
    credit_delivered = fields.Monetary(
        string="Delivered, Not Invoiced",
        compute="_compute_credit_exposure",
        groups=EXPOSURE_GROUPS,
    )
    credit_ordered = fields.Monetary(
        string="Confirmed, Not Delivered",
        compute="_compute_credit_exposure",
        groups=EXPOSURE_GROUPS,
        help="Less what down payments have invoiced beforehand.",
    )
    credit_unapplied = fields.Monetary(
        string="Unapplied Payments",
        compute="_compute_credit_exposure",
        groups=EXPOSURE_GROUPS,
    )
    credit_overdue = fields.Monetary(
        string="Overdue", compute="_compute_credit_exposure", groups=EXPOSURE_GROUPS
    )

    @api.depends_context("company")
    def _compute_credit_exposure(self):
        exposures = {}
        if customers := self.commercial_partner_id:
            # The fields' groups say who sees the figures; the documents behind them
            # need not be readable one by one.
            exposures = customers.sudo()._get_credit_exposure(self.env.company)
        for partner in self:
            own = exposures.get(partner.commercial_partner_id.id, {})
            partner.credit_exposure = own.get("total", 0.0)
            partner.credit_overdue = own.get("overdue", 0.0)
            for part in PARTS:
                partner[f"credit_{part}"] = own.get(part, 0.0)

    @api.depends_context("company")
    def _compute_show_credit_limit(self):
        result = super()._compute_show_credit_limit()
        if self.env["business.rule.mode"]._get_mode("R02", self.env.company) != "off":
            self.show_credit_limit = True
        return result

    # --- exposure ---------------------------------------------------------------------

    def _get_credit_exposure(self, company, orders=None):
        """Return what these commercial partners stand for in a company (R02).

        One calculation for all, three queries. Foreign orders count at today's rate.

        :param company: ``res.company``; amounts are in its currency
        :param orders: ``sale.order`` records whose own share is wanted, too
        :return: ``{partner.id: dict}`` with ``receivable`` (posted and open, credit notes
            taken off), ``unapplied`` (payments that settle nothing yet), ``delivered``
            (not invoiced) and ``ordered`` (confirmed, neither delivered nor invoiced),
            with tax; their ``total``; ``overdue`` (past due by more than the company's
            days of grace, less all credits, never negative); ``unknown`` (names of
            currencies without a rate, left out of the figures); ``orders``
            (``{order.id: what it counts for in the total}``)
        :rtype: dict[int, dict]
        """
        exposures = {
            partner.id: dict.fromkeys((*PARTS, "total", "overdue"), 0.0)
            | {"unknown": set(), "orders": {}}
            for partner in self
        }
        if not self.ids:
            return exposures
        self._add_open_items(exposures, company)
        self._add_open_orders(exposures, company, orders)
        for exposure in exposures.values():
            exposure["total"] = (
                sum(exposure[part] for part in PARTS) - 2 * exposure["unapplied"]
            )
            exposure["overdue"] = max(exposure["overdue"], 0.0)
        return exposures

    def _add_open_items(self, exposures, company):
        due_before = fields.Date.subtract(
            company._get_business_date(), days=company.arrears_grace_days
        )
        items = self.env["account.move.line"]._get_open_items_sql(
            date.max, company.ids, self.ids
        )
        for partner_id, receivable, unapplied, overdue in self.env.execute_query(
            SQL(
                """
                SELECT commercial_partner_id,
                       COALESCE(SUM(residual) FILTER (WHERE NOT is_unapplied), 0),
                       COALESCE(-SUM(residual) FILTER (WHERE is_unapplied), 0),
                       COALESCE(SUM(residual) FILTER (
                           WHERE residual < 0 OR date_due < %(due_before)s), 0)
                  FROM (%(items)s) item
            CROSS JOIN LATERAL (
                    SELECT item_type = 'payment' AND residual < 0 AS is_unapplied) kind
              GROUP BY commercial_partner_id
                """,
                items=items,
                due_before=due_before,
            )
        ):
            exposures[partner_id] |= {
                "receivable": float(receivable),
                "unapplied": float(unapplied),
                "overdue": float(overdue),
            }

    def _add_open_orders(self, exposures, company, orders):
        rows = self.env.execute_query(
            self.env["sale.order.line"]._get_uninvoiced_sql(
                company, self.ids, orders._origin.ids if orders else []
            )
        )
        Currency = self.env["res.currency"]
        own = company.currency_id
        rates = self.env["authority.priced"]._get_rates(
            {(Currency.browse(row[1]), own) for row in rows},
            company,
            company._get_business_date(),
        )
        for partner_id, currency_id, order_id, delivered, ordered in rows:
            exposure = exposures[partner_id]
            currency = Currency.browse(currency_id)
            rate = rates[currency, own]
            if rate is None:
                exposure["unknown"].add(currency.name)
                continue
            exposure["delivered"] += delivered * rate
            exposure["ordered"] += ordered * rate
            if order_id:
                exposure["orders"][order_id] = (delivered + ordered) * rate

    # --- who sets limits --------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        with self._watch_debtors(vals_list):
            partners = super().create(vals_list)
        if not self._may_set_credit_limit():
            default = self._get_default_credit_limit()
            # Also what came by a default of the context or of one's own.
            for partner in partners.sudo():
                if partner.credit_limit != default:
                    partner._check_credit_limit()
        return partners

    def write(self, vals):
        before = {}
        if not LIMIT_FIELDS.isdisjoint(vals) and not self._may_set_credit_limit():
            before = {partner.id: partner.credit_limit for partner in self.sudo()}
        with self._watch_debtors([vals]):
            result = super().write(vals)
        for partner in self.sudo().browse(before):
            if partner.credit_limit != before[partner.id]:
                partner._check_credit_limit()
        return result

    @contextmanager
    def _watch_debtors(self, vals_list):
        """Let only credit control move customers into a company, out of it, or both for
        a moment: they would stand under its limit, with its papers (A09, R02).

        :raise AccessError: for who has a limit or stands on documents
        """
        companies = touched = self.browse()
        if any(not MOVING_FIELDS.isdisjoint(vals) for vals in vals_list):
            # The host links children as superuser, where nobody is asked any more.
            touched = self | self._get_linked_children(vals_list)
        if touched:
            companies = self._get_debtor_companies(*DEBTOR_RULES)
        if not companies:
            yield
            return
        # Whose limit counts is compared, whoever may read these contacts.
        family = self.sudo().with_context(active_test=False)
        family = family.search([("id", "child_of", touched.ids)])
        before = {partner: partner.commercial_partner_id for partner in family}
        limited = family.filtered(
            lambda partner: partner == before[partner]
        )._filter_limited(companies)
        yield
        moved = family.filtered(lambda p: p.commercial_partner_id != before[p])
        if moved & limited or moved._stands_on_documents(companies):
            raise AccessError(
                self.env._(
                    "%s has a credit limit or is on quotations, orders or invoices: to"
                    " which company it belongs is changed by credit control.",
                    moved[:1].display_name,
                )
            )
        for company in self._get_debtor_companies("R02"):
            # Who leaves a company takes no limit of it along.
            leaving = moved.filtered(lambda p: p.commercial_partner_id == p)
            for partner in leaving._filter_limited(company).with_company(company):
                default = partner._get_default_credit_limit()
                # Part of write: its own guard doesn't ask again.
                super(ResPartner, partner).write({"credit_limit": default})  # pylint: disable=super-method-mismatch

    @api.model
    def _get_linked_children(self, vals_list):
        """Return the contacts that values put under a company."""
        ids = set()
        for vals in vals_list:
            for command in vals.get("child_ids") or ():
                match command:
                    case (Command.SET, _, child_ids):
                        ids |= {*child_ids}
                    case (_, int(child_id), *_):
                        ids.add(child_id)
        return self.browse(filter(None, ids)).exists()

    @api.model
    def _get_debtor_companies(self, *rules):
        """Return the companies in which one of these rules blocks, and the user isn't
        of credit control."""
        Company = self.env["res.company"]
        if self.env.user._is_superuser() or self.env.user.has_group(
            "sales_receivable.group_credit_control"
        ):
            return Company
        return self.env["business.rule.mode"]._get_blocking_companies(*rules)

    def _get_default_credit_limit(self):
        field = self._fields["credit_limit"]
        return field.get_company_dependent_fallback(self)

    def _filter_limited(self, companies):
        """Return who has a limit of its own in one of the companies."""
        limited = self.browse()
        for company in companies:
            limited |= self.with_company(company).filtered(
                lambda p: p.credit_limit != p._get_default_credit_limit()
            )
        return limited.with_env(self.env)

    def _stands_on_documents(self, companies):
        """Tell whether sales documents of these companies name one of the partners."""
        if not self:
            return False
        own = Domain("company_id", "in", companies.ids)
        named = Domain("partner_id", "in", self.ids)
        orders = named | Domain("partner_invoice_id", "in", self.ids)
        invoices = named & Domain("move_type", "in", ("out_invoice", "out_refund"))
        live = Domain("state", "!=", "cancel")
        return bool(
            self.env["sale.order"].search(own & live & orders, limit=1)
            or self.env["account.move"].search(own & live & invoices, limit=1)
        )

    @api.model
    def _may_set_credit_limit(self, company=None):
        """Tell whether the user may change limits: anybody whom the host lets where the
        rule is off, credit control and finance where it is on (R02)."""
        company = company or self.env.company
        return (
            # First: while the addon is uninstalled, there are no rules to ask any more.
            self.env.user._is_superuser()
            or self.env["business.rule.mode"]._get_mode("R02", company) == "off"
            or self.env.user.has_group("sales_receivable.group_credit_control")
        )

    def _check_credit_limit(self):
        """Refuse a limit of its own; an address takes over that of its company."""
        self.ensure_one()
        company = self.commercial_partner_id
        if company == self or self.credit_limit != company.credit_limit:
            self._refuse_credit_limit()

    @api.model
    def _refuse_credit_limit(self):
        raise AccessError(
            self.env._("Credit limits are set by credit control and finance (R02).")
        )

    @api.model
    def _reads_credit_figures(self):
        """Tell whether the user may know what customers stand for and what is overdue."""
        user = self.env.user
        return not user.share and any(
            user.has_group(group)
            for group in (
                "sales_receivable.group_credit_control",
                "sales_receivable.group_company_manager",
                "account.group_account_invoice",
                "account.group_account_readonly",
            )
        )
