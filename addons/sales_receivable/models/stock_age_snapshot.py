from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL
from odoo.tools.misc import format_date

from ..tools.planner import whole_tables
from ..tools.workbook import Column, Table, Workbook


class StockAgeSnapshot(models.Model):
    """The stock of a company as of the end of a day, by receipt layer (K03).

    Computing it again replaces the lines; the snapshot of an approved performance
    period stays as it is.
    """

    _name = "stock.age.snapshot"
    _description = "Stock Age Snapshot"
    _inherit = ["sales.xlsx.mixin"]
    _order = "date desc, company_id"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        readonly=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(
        string="As Of",
        required=True,
        default=fields.Date.context_today,
        help="The stock at the end of this day in the company's time zone.",
    )
    state = fields.Selection(
        [("draft", "To Compute"), ("computed", "Computed"), ("frozen", "Frozen")],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        help="Frozen: belongs to an approved or closed performance period.",
    )
    computed_at = fields.Datetime(readonly=True, copy=False)
    computed_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    line_ids = fields.One2many("stock.age.line", "snapshot_id", string="Layers")
    line_count = fields.Integer(string="Layers Found", compute="_compute_totals")
    value = fields.Monetary(compute="_compute_totals")

    _company_date_uniq = models.Constraint(
        "unique(company_id, date)", "A company has one stock age snapshot per day."
    )

    @api.depends_context("uid")  # everybody's total is of what they may see
    @api.depends("line_ids.value")
    def _compute_totals(self):
        totals = {
            snapshot: (count, value)
            for snapshot, count, value in self.env["stock.age.line"]._read_group(
                [("snapshot_id", "in", self.ids)],
                ["snapshot_id"],
                ["__count", "value:sum"],
            )
        }
        for snapshot in self:
            snapshot.line_count, snapshot.value = totals.get(snapshot, (0, 0.0))

    @api.depends("date")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for snapshot in self:
            snapshot.display_name = self.env._(
                "Stock age as of %(date)s",
                date=format_date(self.env, snapshot.date) or "…",
            )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            vals.update(state="draft", computed_at=False, computed_by_id=False)
        return super().create(vals_list)

    def write(self, vals):  # pylint: disable=method-required-super
        # Day and company say what the lines are, the rest is what the run found out.
        raise UserError(self.env._("A snapshot isn't edited; compute another one."))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_frozen(self):
        if any(snapshot.state == "frozen" for snapshot in self):
            raise UserError(
                self.env._("The stock age of an approved period can't be deleted.")
            )

    def action_compute(self):
        """Compute or recompute the layers; running it twice changes nothing.

        :raise UserError: when the snapshot belongs to an approved or closed period
        """
        self.check_access("write")
        for snapshot in self:
            snapshot._compute_lines()
        return True

    def action_view_lines(self):
        """Open the layers, oldest first."""
        self.ensure_one()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "sales_receivable.stock_age_line_action"
            ),
            "display_name": self.display_name,
            "domain": [("snapshot_id", "=", self.id)],
            "context": {},
        }

    @api.model
    def action_view_latest(self):
        """Open the newest snapshot's layers, as far as the user may see them."""
        latest = self.search(
            [("company_id", "in", self.env.companies.ids), ("state", "!=", "draft")],
            limit=1,
        )
        if latest:
            return latest.action_view_lines()
        return self.env["ir.actions.act_window"]._for_xml_id(
            "sales_receivable.stock_age_line_action"
        )

    @api.model
    def _get_snapshot(self, company, date):
        """Return the one snapshot of a company and day, created if need be."""
        domain = [("company_id", "=", company.id), ("date", "=", date)]
        return self.search(domain) or self.create(
            {"company_id": company.id, "date": date}
        )

    def _compute_lines(self):
        self.ensure_one()
        self._claim()
        self.env.cr.execute(
            SQL("DELETE FROM stock_age_line WHERE snapshot_id = %s", self.id)
        )
        with whole_tables(self.env.cr):
            self.env.execute_query(self._get_lines_sql())
        self.env["stock.age.line"].invalidate_model()
        self.invalidate_recordset()

    def _get_product_table(self):
        """Return the stock by product and bucket, as far as the user may see it.

        :return: dict with ``buckets`` (in order) and ``rows`` of ``(product, values per
            bucket, total)``, in company currency, ordered by value, largest first
        :rtype: dict
        """
        self.ensure_one()
        values = {}
        for product, bucket, value in self.env["stock.age.line"]._read_group(
            [("snapshot_id", "=", self.id)],
            ["product_id", "bucket_id"],
            ["value:sum"],
        ):
            values.setdefault(product, {})[bucket] = value
        buckets = self.env["stock.age.bucket"]._get_buckets(self.company_id)
        buckets = buckets.union(
            *(bucket for spread in values.values() for bucket in spread)
        )
        rows = [
            (
                # Which layers is the reader's rules' business; names come with them.
                product.sudo(),
                [spread.get(bucket, 0.0) for bucket in buckets],
                self.currency_id.round(sum(spread.values())),
            )
            for product, spread in values.items()
        ]
        rows.sort(key=lambda row: (-row[2], row[0].display_name or ""))
        return {"buckets": buckets, "rows": rows}

    def _get_xlsx(self):
        self.ensure_one()
        columns = [
            Column(self.env._("Product"), width=36),
            Column(self.env._("Lot/Serial"), width=16),
            Column(self.env._("Received On"), "date"),
            Column(self.env._("Age (Days)"), "integer"),
            Column(self.env._("Bucket"), width=16),
            Column(self.env._("Purchase Order"), width=14),
            Column(self.env._("Buyer"), width=20),
            Column(self.env._("Quantity"), "quantity"),
            Column(self.env._("Unit"), width=10),
            Column(self.env._("Value"), "money", total=True),
        ]
        # Which lines is the reader's rules' business; names come with the line.
        lines = (
            self.env["stock.age.line"].search([("snapshot_id", "=", self.id)]).sudo()
        )
        rows = (
            [
                line.product_id.display_name,
                line.lot_id.name,
                line.receipt_date,
                line.age_days if line.move_id else None,
                line.bucket_id.name,
                line.purchase_id.name,
                line.buyer_id.name,
                line.quantity,
                line.uom_id.name,
                line.value,
            ]
            for line in lines
        )
        book = Workbook(self.currency_id.decimal_places)
        book.write_table(
            self.env._("Stock age"),
            Table(
                self.display_name,
                [f"{self.company_id.name} · {self.currency_id.name}"],
                columns,
                rows,
                self.env._("Total"),
            ),
        )
        return self.display_name, book.getvalue()

    def _claim(self):
        """Take the snapshot's row: of two runs at once the host retries the later."""
        self.flush_recordset()
        self.env.cr.execute(
            SQL(
                """UPDATE stock_age_snapshot
                      SET state = 'computed', computed_by_id = %s,
                          computed_at = NOW() AT TIME ZONE 'UTC'
                    WHERE id = %s AND state <> 'frozen' RETURNING id""",
                self.env.uid,
                self.id,
            )
        )
        if not self.env.cr.rowcount:
            raise UserError(
                self.env._(
                    "%(snapshot)s belongs to an approved period and stays as it is.",
                    snapshot=self.display_name,
                )
            )

    def _get_lines_sql(self):
        rate = (
            self.env["performance.rate"]
            ._get_rates("K03", self.company_id, [self.date])
            .get(self.date)
        )
        return SQL(
            """
            INSERT INTO stock_age_line (
                snapshot_id, company_id, currency_id, product_id, lot_id, move_id,
                purchase_id, buyer_id, receipt_date, age_days, quantity, unit_value,
                value, bucket_id, is_over_threshold)
            SELECT %(snapshot)s, layer.company_id, %(currency)s, layer.product_id,
                   layer.lot_id, layer.move_id, layer.purchase_id, layer.buyer_id,
                   layer.receipt_date, layer.age_days, layer.quantity, layer.unit_value,
                   layer.value,
                   CASE WHEN layer.move_id IS NULL THEN %(unknown)s ELSE span.bucket_id END,
                   COALESCE(layer.age_days > %(threshold)s, FALSE)
              FROM (%(layers)s) layer
         LEFT JOIN (%(spans)s) span
                ON span.company_id = layer.company_id
               AND layer.age_days BETWEEN span.low AND span.high
             ORDER BY layer.product_id, layer.receipt_date, layer.move_id, layer.lot_id
            """,
            snapshot=self.id,
            currency=self.company_id.currency_id.id,
            unknown=self.env.ref("sales_receivable.stock_age_bucket_unknown").id,
            threshold=rate and rate.threshold_days,
            layers=self.env["stock.move"]._get_age_layers_sql(
                [(self.company_id, self.date)]
            ),
            spans=self.env["stock.age.bucket"]._get_ranges_sql(),
        )
