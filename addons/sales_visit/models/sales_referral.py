from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import formatLang

from ..guard import as_server, is_server
from .res_company import REFERRAL_POLICIES

STATES = [("open", "Open"), ("earned", "Earned"), ("paid", "Paid")]


class SalesReferral(models.Model):
    """Who brought a lead to us, and the reward for it: earned once the lead is won and
    its orders are signed or, by the company's policy, collected; paid once (V24).

    Rate and policy are those of the company when the referral was recorded. Amounts are
    untaxed, in the currency of the company.
    """

    _name = "sales.referral"
    _inherit = [
        "mail.thread",
        "mail.activity.mixin",
        "sales.visit.server.field.mixin",
        "sales.visit.batch.mixin",
    ]
    _description = "Referral"
    _order = "id desc"
    _rec_name = "lead_id"
    _check_company_auto = True

    lead_id = fields.Many2one(
        "crm.lead", required=True, index=True, ondelete="restrict", check_company=True
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one(
        related="lead_id.user_id",
        string="Salesperson",
        store=True,
        precompute=True,
        index=True,
    )
    referrer_id = fields.Many2one(
        "res.partner",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        tracking=True,
        help="A customer or, by the employee's contact, one of us.",
    )
    customer_id = fields.Many2one(
        "res.partner",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="Whom the referral brings: only this customer's orders count.",
    )
    state = fields.Selection(
        STATES,
        required=True,
        readonly=True,
        default="open",
        copy=False,
        index=True,
        tracking=True,
    )
    rate = fields.Float(
        string="Rate (%)",
        readonly=True,
        copy=False,
        default=lambda self: self.env.company.referral_rate,
    )
    policy = fields.Selection(
        REFERRAL_POLICIES,
        string="Reward At",
        required=True,
        readonly=True,
        copy=False,
        default=lambda self: self.env.company.referral_policy,
    )
    counts_from = fields.Datetime(
        string="Orders Since",
        readonly=True,
        copy=False,
        help="Only orders made since then count: since the referral was recorded or, where a company manager did, since there is the lead.",
    )
    base_amount = fields.Monetary(
        string="Counts",
        readonly=True,
        copy=False,
        help="Untaxed amount that the reward is computed from: of the confirmed orders or, at collection, what of it came in as money.",
    )
    amount = fields.Monetary(string="Reward", readonly=True, copy=False)
    earned_at = fields.Datetime(readonly=True, copy=False)
    paid_at = fields.Datetime(readonly=True, copy=False)
    paid_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="restrict"
    )
    thanked_at = fields.Datetime(readonly=True, copy=False)

    _lead_uniq = models.Constraint("unique(lead_id)", "A lead has one referral.")

    @api.constrains("lead_id", "referrer_id")
    def _check_referrer_id(self):
        for referral in self:
            if message := referral._get_self_referral_message():
                raise ValidationError(message)

    def _get_self_referral_message(self):
        """Return why the referrer earns nothing by the lead as it is now, empty if he
        does (V24)."""
        self.ensure_one()
        # Whoever changes a lead or a contact need not see the other.
        lead, referrer = self.sudo().lead_id, self.sudo().referrer_id
        customer = lead.partner_id.commercial_partner_id
        if customer and referrer.commercial_partner_id == customer:
            return self.env._("Nobody refers himself or herself. (V24)")
        if lead.user_id and referrer == lead.user_id.partner_id:
            return self.env._("The salesperson of a lead earns no reward for it. (V24)")
        return False

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model
    def _prepare_create_values(self, vals_list):
        # Past the guard: the company whose it is decides, not the current one.
        companies = self.env["res.company"].sudo()
        decided = []
        for vals in vals_list:
            company = companies.browse(vals.get("company_id")) or self.env.company
            policy = {"rate": company.referral_rate, "policy": company.referral_policy}
            decided.append({**vals, **policy})
        return super()._prepare_create_values(decided)

    @api.model_create_multi
    def create(self, vals_list):
        referrals = super().create(vals_list)
        referrals.lead_id.check_access("write")
        referrals._begin()
        return referrals

    def write(self, vals):
        if not is_server(self):
            self._check_server_fields(vals.keys())
            if {"lead_id", "referrer_id", "company_id"} & vals.keys():
                self._check_open()
        result = super().write(vals)
        if {"lead_id", "referrer_id"} & vals.keys() and not is_server(self):
            self.lead_id.check_access("write")
            self._begin()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_only_open(self):
        self._check_open()

    def _check_open(self):
        for referral in self:
            if referral.state != "open":
                raise UserError(
                    self.env._(
                        "The reward for %(lead)s has been earned: the referral stays as it is. (V24)",
                        lead=referral.lead_id.sudo().display_name,
                    )
                )

    def _begin(self):
        """Fix since when orders count, and refuse referrals that turn up when there is
        something to earn already: a company manager decides about those (V24)."""
        is_manager = self.env.user.has_group("sales_visit.group_company_manager")
        for referral in self:
            # Whether there are orders doesn't depend on who may see them.
            lead = referral.lead_id.sudo()
            made = lead.order_ids.filtered(lambda order: order.state != "cancel")
            if not is_manager and (lead.won_status == "won" or made):
                raise UserError(
                    self.env._(
                        "%(lead)s has a quotation, an order or is won: only a company manager can still record who referred it. (V24)",
                        lead=lead.display_name,
                    )
                )
            begin = lead.create_date if is_manager else self.env.cr.now()
            as_server(referral)._begin_at(begin)

    def _begin_at(self, moment):
        """Let orders count that the customer of the lead, as it is now, makes since then."""
        for referral in self:
            customer = referral.lead_id.sudo().partner_id.commercial_partner_id
            referral.write({"counts_from": moment, "customer_id": customer.id})

    def _follow_customer(self):
        """Let orders count since the lead has got another customer: what he had ordered
        before isn't what the referral brought (V24)."""
        for referral in self:
            customer = referral.lead_id.partner_id.commercial_partner_id
            if referral.state == "open" and referral.customer_id != customer:
                as_server(referral)._begin_at(self.env.cr.now())

    # ------------------------------------------------------------
    # STEPS
    # ------------------------------------------------------------

    def action_pay(self):
        """Note that the reward has been paid, once (V24).

        :raise AccessError: for anyone but a company manager, and for whoever recorded
            the referral or is rewarded
        :raise UserError: when it isn't earned, has been paid, or its orders have been
            cancelled or reduced since
        """
        user = self.env.user
        # What counts doesn't depend on which orders the manager may see.
        bases = self.sudo()._get_earned_amounts()
        for referral in self:
            if (
                not user.has_group("sales_visit.group_company_manager")
                or user == referral.create_uid
                or user.partner_id == referral.referrer_id
            ):
                raise AccessError(
                    self.env._(
                        "A reward is paid by a company manager who neither recorded nor receives it. (V24)"
                    )
                )
            if referral.state != "earned":
                raise UserError(
                    self.env._(
                        "The reward for %(lead)s isn't earned yet, or has been paid. (V24)",
                        lead=referral.lead_id.display_name,
                    )
                )
            base = bases[referral.sudo()]
            if referral.currency_id.compare_amounts(base, referral.base_amount) < 0:
                raise UserError(
                    self.env._(
                        "The orders of %(lead)s count %(now)s by now, instead of %(then)s: take the reward back, and it is computed anew. (V24)",
                        lead=referral.lead_id.display_name,
                        now=formatLang(
                            self.env, base, currency_obj=referral.currency_id
                        ),
                        then=formatLang(
                            self.env,
                            referral.base_amount,
                            currency_obj=referral.currency_id,
                        ),
                    )
                )
        as_server(self).write(
            {
                "state": "paid",
                "paid_at": fields.Datetime.now(),
                "paid_by_id": self.env.uid,
            }
        )
        return True

    def action_take_back(self):
        """Take an earned reward back, to be computed anew from the orders as they are
        by then (V24).

        :raise AccessError: for anyone but a company manager
        :raise UserError: when it isn't earned, or has been paid
        """
        if not self.env.user.has_group("sales_visit.group_company_manager"):
            raise AccessError(
                self.env._("Only a company manager takes a reward back. (V24)")
            )
        for referral in self:
            if referral.state != "earned":
                raise UserError(
                    self.env._(
                        "The reward for %(lead)s isn't earned yet, or has been paid. (V24)",
                        lead=referral.lead_id.display_name,
                    )
                )
        as_server(self).write(
            {"state": "open", "earned_at": False, "base_amount": 0, "amount": 0}
        )
        # Whoever takes a reward back need not see its orders.
        counted = self.env["sale.order"].sudo()
        counted.search(
            [("visit_referral_id", "in", self.ids)]
        ).visit_referral_id = False
        # The reminder may be another's; it is settled.
        self.sudo().activity_unlink(["sales_visit.mail_activity_type_thank_referrer"])
        return True

    def action_thank(self):
        """Note that the referrer has been thanked, the first time (V24).

        :raise UserError: when that has been noted
        """
        for referral in self:
            if referral.thanked_at:
                raise UserError(
                    self.env._(
                        "%(referrer)s has been thanked already. (V24)",
                        referrer=referral.referrer_id.display_name,
                    )
                )
        as_server(self).write({"thanked_at": fields.Datetime.now()})
        self.activity_feedback(["sales_visit.mail_activity_type_thank_referrer"])
        return True

    # ------------------------------------------------------------
    # EARNING
    # ------------------------------------------------------------

    @api.model
    def _cron_earn(self):
        """Find the rewards that are earned, each once, in batches (V24)."""
        candidates = self.search(
            [("state", "=", "open"), ("lead_id.won_status", "=", "won")]
        )
        bases = candidates._get_earned_amounts()
        earned = [referral.id for referral, base in bases.items() if base > 0]
        if earned:
            self._run_in_batches(Domain("id", "in", earned), "earned_at", "_earn")

    def _get_earned_amounts(self):
        """Return ``{referral: untaxed amount}`` that counts by now, in the currency of
        the company: nothing while something is still to come, nor for who refers himself.
        """
        groups = self.env["sale.order"]._read_group(
            [("opportunity_id", "in", self.lead_id.ids), ("state", "=", "sale")],
            ["opportunity_id", "company_id"],
            ["id:recordset"],
        )
        orders = {(lead, company): found for lead, company, found in groups}
        every = self.env["sale.order"].union(*orders.values())
        amounts = {
            "signing": every._get_signed_amounts(),
            "collection": every._get_collected_amounts(),
        }
        result = {}
        for referral in self:
            found = orders.get((referral.lead_id, referral.company_id), every.browse())
            counted = [
                amounts[referral.policy][order]
                for order in referral._filter_counted(found)
            ]
            lacking = None in counted or referral._get_self_referral_message()
            result[referral] = 0.0 if lacking else sum(counted)
        return result

    def _filter_counted(self, orders):
        """Return the orders that the referral brought: those of the lead's customer, made
        since it counts, whatever has been linked to the lead later; none that another
        referral has been rewarded for (V24)."""
        self.ensure_one()
        # What counts doesn't depend on what its reader may see of orders.
        return orders.sudo().filtered(
            lambda order: (
                self.customer_id
                in order.partner_id | order.partner_id.commercial_partner_id
                and order.visit_referral_id <= self
                and (not self.counts_from or order.create_date >= self.counts_from)
            )
        )

    def _earn(self):
        """Freeze what these referrals have earned, and have the referrers thanked."""
        for referral, base in self._get_earned_amounts().items():
            orders = referral.lead_id.order_ids.filtered(lambda x: x.state == "sale")
            referral._filter_counted(orders).visit_referral_id = referral
            as_server(referral).write(
                {
                    "state": "earned",
                    "base_amount": base,
                    "amount": referral.currency_id.round(base * referral.rate / 100),
                }
            )
        self.env["mail.activity"]._create_reminders(
            "sales_visit.mail_activity_type_thank_referrer",
            {
                referral: referral.user_id
                for referral in self
                if not referral.thanked_at
            },
        )
