from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..guard import as_server
from ..tools.words import to_readable

KINDS = [
    ("sample", "Sample"),
    ("trial", "Trial"),
    ("agreement", "Technical Agreement"),
]
#: What a product asks for → kinds of records that give it.
NEEDS = {
    "needs_trial": ("sample", "trial"),
    "needs_technical_agreement": ("agreement",),
}


class ProductTrial(models.Model):
    """A sample or trial (样品 / 试验) with its result, or a technical agreement (技术协议),
    of a product with a customer (A05).

    A technical agreement comes after the trial. What has a result stays as it is.
    """

    _name = "product.trial"
    _description = "Sample, Trial or Technical Agreement"
    _inherit = ["server.field.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "date desc, id desc"
    _check_company_auto = True

    kind = fields.Selection(KINDS, required=True, default="trial")
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.company,
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    product_id = fields.Many2one(
        "product.product",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    order_id = fields.Many2one(
        "sale.order",
        index="btree_not_null",
        ondelete="set null",
        check_company=True,
        domain="[('partner_id', 'child_of', partner_id)]",
        help="Among whose papers it is; it counts for the customer's other orders, too.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
    )
    date = fields.Date(required=True, default=fields.Date.context_today)
    state = fields.Selection(
        [("open", "Open"), ("passed", "Passed"), ("failed", "Failed")],
        string="Result",
        required=True,
        readonly=True,
        default="open",
        copy=False,
        tracking=True,
    )
    text = fields.Text(
        string="Findings", help="What was tried and found, or what was agreed."
    )
    attachment_ids = fields.Many2many(
        "ir.attachment",
        string="Documents",
        copy=False,
        help="Report, or the signed agreement.",
    )
    decided_by_id = fields.Many2one(
        "res.users",
        string="Recorded By",
        readonly=True,
        copy=False,
        ondelete="restrict",
    )
    decided_at = fields.Datetime(string="Recorded On", readonly=True, copy=False)

    @api.depends("kind", "product_id", "partner_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for trial in self:
            trial.display_name = " – ".join(
                filter(
                    None,
                    (
                        kinds.get(trial.kind),
                        trial.product_id.display_name,
                        trial.partner_id.name,
                    ),
                )
            )

    # --- guards -----------------------------------------------------------------------

    def write(self, vals):
        if not vals.keys() <= {"message_main_attachment_id", "state"}:
            self._check_open()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_decided(self):
        self._check_open()

    def _check_open(self):
        """Raise UserError where a result is recorded already (A05)."""
        if any(trial.state != "open" for trial in self):
            raise UserError(
                self.env._(
                    "What has a result stays as it is: record another one instead."
                )
            )

    # --- results ----------------------------------------------------------------------

    def action_pass(self):
        """Record that these passed, or that the agreement is signed (A05).

        :raise UserError: without findings; an agreement without its document, or before
            the trial that the product needs
        """
        for trial in self:
            if trial.kind == "agreement":
                trial._check_agreement()
            trial._record_result("passed")
        return True

    def action_fail(self):
        """Record that these failed (A05).

        :raise UserError: without findings
        """
        for trial in self:
            trial._record_result("failed")
        return True

    def _check_agreement(self):
        self.ensure_one()
        if not self.attachment_ids:
            raise UserError(self.env._("Attach the signed agreement first."))
        missing = self._get_missing(
            self.company_id, {self: (self.partner_id, self.product_id)}
        )[self]
        if any(reason["need"] == "needs_trial" for reason in missing):
            raise UserError(
                self.env._(
                    "A passed sample or trial of “%s” comes before its technical"
                    " agreement.",
                    self.product_id.display_name,
                )
            )

    def _record_result(self, result):
        self.ensure_one()
        self.check_access("write")
        self._check_open()
        if not to_readable(self.text):
            raise UserError(self.env._("Write down the findings first."))
        as_server(self).write(
            {
                "decided_by_id": self.env.uid,
                "decided_at": fields.Datetime.now(),
            }
        )
        as_server(self).state = result

    # --- what is missing --------------------------------------------------------------

    @api.model
    def _get_missing(self, company, wanted):
        """Return per document the reasons that trials or agreements are missing (A05).

        :param dict wanted: ``{document: (customer, product.product records)}``
        :return: ``{document: [reason]}`` as of ``_get_own_reasons``
        """
        reasons = {document: [] for document in wanted}
        needing = {
            document: (partner.commercial_partner_id, products.filtered(_needs))
            for document, (partner, products) in wanted.items()
        }
        products = self.env["product.product"].union(*(p for __, p in needing.values()))
        if not products:
            return reasons
        customers = self.env["res.partner"].union(*(c for c, __ in needing.values()))
        # Only whether something is on record is said.
        found = self.sudo().search(
            Domain("state", "=", "passed")
            & Domain("company_id", "=", company.id)
            & Domain("product_id", "in", products.ids)
            & Domain("partner_id.commercial_partner_id", "in", customers.ids)
        )
        passed = {
            (trial.partner_id.commercial_partner_id, trial.product_id, trial.kind)
            for trial in found
        }
        labels = {
            "needs_trial": self.env._("a sample or trial"),
            "needs_technical_agreement": self.env._("a technical agreement"),
        }
        for document, (customer, own) in needing.items():
            for product in own.sorted("id"):
                for need, kinds in NEEDS.items():
                    if product[need] and not any(
                        (customer, product, kind) in passed for kind in kinds
                    ):
                        reasons[document].append(
                            {
                                "rule": "A05",
                                "key": f"{need} {product.id}",
                                "need": need,
                                "sentence": self.env._(
                                    "“%(product)s” needs %(what)s with this customer",
                                    product=product.display_name,
                                    what=labels[need],
                                ),
                                "release": self.env._(
                                    "who puts it on record, with its result"
                                ),
                            }
                        )
        return reasons


def _needs(product):
    return any(product[need] for need in NEEDS)
