from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools.misc import formatLang

# What takes a person who is certified.
PERSONAL = ("send", "state", "confirm")


class SaleOrder(models.Model):
    """A quotation leaves with a verified selection, by certified people, and is
    confirmed when samples, trials and technical agreements are on record (A05)."""

    _name = "sale.order"
    _inherit = ["sale.order", "authority.selection"]

    trial_ids = fields.One2many(
        "product.trial",
        "order_id",
        string="Samples, Trials and Technical Agreements",
        groups="base.group_user",
    )
    trial_count = fields.Integer(
        compute="_compute_trial_count", groups="base.group_user"
    )

    @api.depends("trial_ids")
    def _compute_trial_count(self):
        for order in self:
            order.trial_count = len(order.trial_ids)

    def action_view_trials(self):
        """Open the samples, trials and technical agreements of these orders."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_receivable.product_trial_action"
        )
        return action | {
            "domain": [("order_id", "in", self.ids)],
            "context": {
                "default_order_id": self[:1].id,
                "default_partner_id": self[:1].partner_id.id,
                "default_company_id": self[:1].company_id.id,
            },
        }

    @api.model
    def _get_chain_sources(self):
        signed = Domain("kind", "=", "agreement") & Domain("state", "=", "passed")
        tried = Domain("kind", "!=", "agreement") & Domain("state", "!=", "open")
        return super()._get_chain_sources() | {
            "technical_agreement": ("trial_ids", Domain("trial_ids", "any", signed)),
            "trial": ("trial_ids", Domain("trial_ids", "any", tried)),
        }

    def _get_selected_products(self):
        self.ensure_one()
        return self.env["product.product"].union(
            *(line.product_id for line in self._get_document_lines())
        )

    def _get_authority_measures(self):
        return super()._get_authority_measures() | {"tenure_gap": "A05"}

    @api.model
    def _get_reason_rules(self):
        return super()._get_reason_rules() | {"A05"}

    # --- tenure -----------------------------------------------------------------------

    def _get_answerable_people(self):
        """Return who of the people behind the order is one: no customer, no system."""
        self.ensure_one()
        return self._get_authority_people().filtered(
            lambda user: not user.share and not user._is_superuser()
        )

    def _get_authority_facts(self):
        """Add the years that the newest of the people behind the order lacks."""
        facts = super()._get_authority_facts()
        Rule = self.env["authority.rule"]
        for company, orders in self.grouped("company_id").items():
            on = company._get_business_date()
            if "tenure_gap" not in Rule._get_controlled_measures(
                company.id, self._name, on
            ):
                continue
            people = {order: order._get_answerable_people() for order in orders}
            everybody = self.env["res.users"].union(*people.values())
            gaps = everybody._get_tenure_gaps(company, on)
            for order, own in people.items():
                if not own:
                    continue  # e.g. of the web shop
                newest = max(own, key=lambda user, gaps=gaps: gaps[user.id])
                self._add_authority_fact(
                    facts,
                    order,
                    {
                        "rule": "A05",
                        "measure": "tenure_gap",
                        "value": gaps[newest.id],
                        "key": f"user {newest.id}",
                        "figures": {
                            "name": newest.name,
                            "needed": company.tenure_years,
                        },
                    },
                )
        return facts

    @api.model
    def _describe_authority_fact(self, fact):
        figures = fact.get("figures")
        if fact["measure"] == "tenure_gap" and figures:
            return self.env._(
                "%(name)s is %(gap)s years short of %(needed)s years with the company:"
                " selection to be verified, order to be guided",
                name=figures["name"],
                gap=formatLang(self.env, fact["value"], digits=2),
                needed=formatLang(self.env, figures["needed"], digits=1),
            )
        return super()._describe_authority_fact(fact)

    # --- certification, trials --------------------------------------------------------

    def _get_own_reasons(self):
        reasons = super()._get_own_reasons()
        for company, orders in self.grouped("company_id").items():
            people = {order: order._get_answerable_people() for order in orders}
            everybody = self.env["res.users"].union(*people.values())
            certified = orders._get_certified(everybody)
            missing = self.env["product.trial"]._get_missing(
                company,
                {
                    order: (order.partner_id, order._get_selected_products())
                    for order in orders
                },
            )
            for order in orders:
                reasons.setdefault(order.id, []).extend(
                    self._describe_uncertified(user)
                    for user in people[order] - certified
                )
                reasons[order.id].extend(
                    reason | {"at": "confirm"} for reason in missing[order]
                )
        return reasons

    def _get_certified(self, users):
        """Return those of the users who are certified in the orders' company."""
        company = self.company_id or self.env.company
        on = company._get_business_date()
        return self.env["sales.certification"]._get_certified(users, company, on)

    @api.model
    def _describe_uncertified(self, user):
        return {
            "rule": "A05",
            "key": f"certified {user.id}",
            "sentence": self.env._("%s isn't certified", user.name),
            "release": self.env._("an examination that is passed"),
        }

    def _get_blocking_reasons(self, action=None):
        """Add that who acts isn't certified, whoever's the quotation is (A05)."""
        reasons = super()._get_blocking_reasons(action)
        user = self.env.user
        if action not in PERSONAL or user.share or user._is_superuser():
            return reasons
        # Rules and certifications decide for everybody; only the sentence is shown.
        modes = self.sudo()._get_authority_modes()
        watched = self.sudo().filtered(lambda order: "A05" in modes[order.id])
        for orders in watched.grouped("company_id").values():
            if orders._get_certified(user):
                continue
            reason = self._describe_uncertified(user) | {
                "figures": [],
                "state": "held",
                "level": self.env["authority.level"],
            }
            for order in orders:
                if user not in order._get_answerable_people():  # said already
                    reasons.setdefault(order.id, []).append(
                        reason | {"mode": modes[order.id]["A05"]}
                    )
        return reasons
