from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class TaxInvoiceLine(models.Model):
    """How much of a customer invoice a tax invoice is about (A12)."""

    _name = "tax.invoice.line"
    _description = "Invoice on a Tax Invoice"
    _inherit = ["finite.mixin", "server.field.mixin"]
    _order = "tax_invoice_id, id"
    _rec_name = "move_id"
    _check_company_auto = True

    tax_invoice_id = fields.Many2one(
        "tax.invoice", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="tax_invoice_id.company_id", store=True, index=True, precompute=True
    )
    move_id = fields.Many2one(
        "account.move",
        string="Invoice",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    currency_id = fields.Many2one(related="move_id.currency_id")
    amount = fields.Monetary(
        compute="_compute_amount",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        help="With tax, in the invoice's currency. By default what no tax invoice is"
        " about yet.",
    )
    move_total = fields.Monetary(
        string="Invoice Total", compute="_compute_move_figures", compute_sudo=True
    )
    move_collected = fields.Monetary(
        string="Collected", compute="_compute_move_figures", compute_sudo=True
    )

    _move_uniq = models.Constraint(
        "unique(tax_invoice_id, move_id)", "An invoice is on a tax invoice once."
    )

    @api.depends("move_id")
    def _compute_amount(self):
        # Whoever may read the invoice may know what of it is left.
        left = self._get_known_moves().sudo()._get_tax_uninvoiced()
        for line in self:
            line.amount = max(left.get(line.move_id._origin.id, 0.0), 0.0)

    @api.depends("move_id")
    def _compute_move_figures(self):
        known = self._get_known_moves().sudo()
        amounts = known._get_collected_amounts()
        for line in self:
            move = line.move_id._origin & known
            line.move_total = move.amount_total
            line.move_collected = amounts[move.id][1] if move else 0.0

    def _get_known_moves(self):
        """Return the invoices of which the current user may know amounts: which they
        may read, and which are on a tax invoice already that they may read.

        What a form that isn't saved yet names is anybody's choice.
        """
        saved = self._origin.filtered(lambda line: line.move_id)
        chosen = (self.move_id._origin - saved.move_id).sudo(False)
        return saved.move_id | chosen._filtered_access("read")

    @api.constrains("move_id", "amount", "tax_invoice_id")
    def _check_invoice(self):
        # Who may not read an invoice neither learns its amounts nor takes it away from
        # those whose it is; constraints run with all rights.
        self.move_id.sudo(False).check_access("read")
        # Only whether they belong together is said.
        for line in self.sudo():
            move, tax_invoice = line.move_id, line.tax_invoice_id
            if move.move_type != "out_invoice" or move.state != "posted":
                raise ValidationError(
                    self.env._(
                        "%s is not a posted customer invoice.", move.display_name
                    )
                )
            customer = tax_invoice.partner_id.commercial_partner_id
            if (
                move.commercial_partner_id != customer
                or move.company_id != tax_invoice.company_id
                or move.currency_id != tax_invoice.currency_id
            ):
                raise ValidationError(
                    self.env._(
                        "The invoices of a tax invoice are of its customer and company,"
                        " in one currency."
                    )
                )
            if move.currency_id.compare_amounts(line.amount, 0.0) <= 0:
                raise ValidationError(
                    self.env._("%s: nothing to invoice for tax.", move.display_name)
                )

    # --- guards -----------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.tax_invoice_id._check_locked({"line_ids"})
        lines._check_left()
        return lines

    def write(self, vals):
        self.tax_invoice_id._check_locked({"line_ids"})
        result = super().write(vals)
        self.tax_invoice_id._check_locked({"line_ids"})
        self._check_left()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_from_applications(self):
        self.tax_invoice_id._check_locked({"line_ids"})

    def _check_left(self):
        """Refuse more than an invoice's total over all its tax invoices (A12).

        Two at once meet in the invoice's row: the later one is tried again and finds
        what the first has left.

        :raise UserError: names the invoices
        """
        # All tax invoices count, whoever may read them; only the excess is said.
        moves = self.sudo().move_id
        moves._touch_authority()
        if over := moves._get_tax_overinvoiced():
            raise UserError("\n".join(over))
