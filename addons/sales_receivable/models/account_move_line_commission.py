from odoo import api, models
from odoo.tools import SQL

from .sale_order_contract import IN_FORCE

ACCRUAL_FIELDS = {
    "account.move": (
        "amount_total",
        "company_id",
        "invoice_user_id",
        "move_type",
        "name",
        "state",
        "team_id",
    ),
    "account.move.line": (
        "balance",
        "display_type",
        "move_id",
        "price_subtotal",
        "price_total",
        "product_id",
        "product_uom_id",
        "quantity",
        "sale_line_ids",
    ),
    "commission.plan": ("basis", "contract_required", "in_transit", "name"),
    "commission.plan.line": (
        "category_id",
        "min_margin",
        "plan_id",
        "rate",
        "sequence",
    ),
    "product.category": ("parent_path",),
    "product.product": ("product_tmpl_id", "default_code"),
    "product.template": ("categ_id", "name", "type", "uom_id"),
    "sale.order": ("contract_id", "name"),
    "sale.order.line": ("frozen_cost", "invoice_lines"),
    "sales.contract": ("date_signed", "number", "state"),
    "uom.uom": ("factor",),
}


class AccountMoveLine(models.Model):
    """What of each collection is a line's, and what commission it bears (K02)."""

    _name = "account.move.line"
    _inherit = "account.move.line"

    @api.model
    def _get_accruals_sql(self, company, plans, move_ids, as_of, policies):
        """Return the query of collected money by invoice line and day, with the plan's
        rate, or the reason why none accrues (K02).

        A collection is every line's in proportion to the document's total, with tax, in
        the document's currency; in company currency it is what the money was worth when
        it settled. Each line's part is rounded on what has come in up to a day and the
        day before, so that the parts of a line that is fully collected add up to it.

        The rate is of the plan in force in the month of the collection: of its first
        line that fits the product's category and the margin, over the cost frozen with
        the order. A month that has been booked keeps the rate it was booked with,
        whatever has become of category, team or cost.

        Columns: ``line_id``, ``move_id``, ``move_name``, ``user_id``, ``slice`` (month),
        ``date``, ``base`` (company currency), ``rate``, ``plan_id``, ``plan_name``,
        ``product``, ``contract`` and ``reason``: empty, or ``no_plan``, ``no_line``,
        ``no_order``, ``no_contract``.

        :param SQL plans: rows as of ``commission.plan._get_plans_sql``
        :param SQL move_ids: array of ids of ``account.move``
        :param date as_of: last day of collections
        :param policies: values of ``in_transit`` among the plans
        """
        Partial = self.env["account.partial.reconcile"]
        # Money without a plan is listed as the money that it is.
        collections = SQL(" UNION ALL ").join(
            SQL(
                "SELECT collection.*, %s AS in_transit FROM (%s) collection",
                policy,
                Partial._get_collections_sql(move_ids, as_of, policy),
            )
            for policy in sorted({True, *policies})
        )
        return SQL(
            """
            WITH document AS (
                SELECT move.id, move.name, move.amount_total, move.invoice_user_id,
                       COALESCE(move.team_id, 0) AS team_id
                  FROM account_move move
                 WHERE move.id = ANY(%(move_ids)s) AND move.company_id = %(company)s
                   AND move.state = 'posted' AND move.amount_total > 0
                   AND move.move_type IN ('out_invoice', 'out_receipt', 'out_refund')
            ),
            money AS (
                SELECT collection.move_id, collection.date, version.plan_id,
                       SUM(collection.amount) AS amount
                  FROM (%(collections)s) collection
                  JOIN document ON document.id = collection.move_id
             LEFT JOIN %(plans)s version
                    ON version.team_id = document.team_id
                   AND version.slice = TO_CHAR(collection.date, 'YYYY-MM')
             LEFT JOIN commission_plan plan ON plan.id = version.plan_id
                 WHERE collection.in_transit = COALESCE(plan.in_transit, TRUE)
                 GROUP BY 1, 2, 3
            ),
            reached AS (
                SELECT money.*, SUM(amount) OVER (
                           PARTITION BY move_id ORDER BY date) AS upto
                  FROM money
            ),
            item AS (%(items)s),
            accrual AS (
                SELECT item.*, reached.date, TO_CHAR(reached.date, 'YYYY-MM') AS slice,
                       plan.id AS plan_id, plan.name AS plan_name,
                       plan.contract_required,
                       ROUND(upto * part.share, %(digits)s)
                       - ROUND((upto - amount) * part.share, %(digits)s) AS base
                  FROM item
                  JOIN reached ON reached.move_id = item.move_id
             LEFT JOIN commission_plan plan ON plan.id = reached.plan_id
            CROSS JOIN LATERAL (
                    SELECT CASE WHEN plan.basis = 'taxed' THEN item.price_total
                                ELSE item.price_subtotal END
                           / item.amount_total AS share) part
            )
            SELECT accrual.line_id, accrual.move_id, accrual.move_name, accrual.user_id,
                   accrual.slice, accrual.date, accrual.base,
                   COALESCE(kept.rate, fitting.rate) AS rate, accrual.plan_id,
                   COALESCE(kept.plan_name, accrual.plan_name) AS plan_name,
                   accrual.product, contract.number AS contract,
                   CASE WHEN COALESCE(kept.rate, fitting.rate) IS NULL
                        THEN CASE WHEN accrual.plan_id IS NULL THEN 'no_plan'
                                  ELSE 'no_line' END
                        WHEN NOT accrual.contract_required THEN NULL
                        WHEN accrual.order_id IS NULL THEN 'no_order'
                        WHEN contract.state = ANY(%(in_force)s)
                             AND contract.date_signed <= accrual.date THEN NULL
                        ELSE 'no_contract' END AS reason
              FROM accrual
         LEFT JOIN sale_order sold ON sold.id = accrual.order_id
         LEFT JOIN sales_contract contract ON contract.id = sold.contract_id
         LEFT JOIN LATERAL (
                SELECT line.rate FROM commission_plan_line line
             LEFT JOIN product_category category ON category.id = line.category_id
                 WHERE line.plan_id = accrual.plan_id
                   AND (category.id IS NULL OR STARTS_WITH(
                            accrual.category_path, category.parent_path))
                   AND (COALESCE(line.min_margin, 0) = 0
                        OR accrual.margin >= line.min_margin)
                 ORDER BY line.sequence, line.id LIMIT 1) fitting ON TRUE
         LEFT JOIN LATERAL (
                SELECT (part ->> 'rate')::numeric AS rate, part ->> 'plan' AS plan_name
                  FROM performance_entry entry
            CROSS JOIN LATERAL (
                    SELECT COALESCE(entry.inputs -> 'parts' -> 0, entry.inputs)
                        AS part) first
                 WHERE entry.company_id = %(company)s AND entry.rule = 'K02'
                   AND entry.source_model = 'account.move.line'
                   AND entry.source_id = accrual.line_id
                   AND entry.slice = accrual.slice
                 ORDER BY entry.id LIMIT 1) kept ON TRUE
             WHERE accrual.base <> 0
            """,
            company=company.id,
            move_ids=move_ids,
            collections=collections,
            plans=plans,
            items=self._get_commissioned_items_sql(),
            digits=company.currency_id.decimal_places,
            in_force=list(IN_FORCE),
            to_flush=[
                self.env[model]._fields[name]
                for model, names in ACCRUAL_FIELDS.items()
                for name in names
            ],
        )

    @api.model
    def _get_commissioned_items_sql(self):
        """Return the product lines of the documents in ``document``, with their order,
        category and margin in percent: none for what wasn't ordered or confirmed with
        its cost, 0 for goods without a cost, which count at their price."""
        return SQL(
            """
            SELECT line.id AS line_id, line.move_id, document.name AS move_name,
                   document.invoice_user_id AS user_id, document.amount_total,
                   line.price_subtotal, line.price_total, ordered.order_id,
                   COALESCE(product.default_code, template.name ->> 'en_US', line.name)
                   AS product,
                   category.parent_path AS category_path,
                   CASE WHEN ordered.frozen_cost IS NULL THEN NULL
                        WHEN ordered.frozen_cost <= 0 AND template.type = 'consu' THEN 0
                        ELSE 100 * (1 - ordered.frozen_cost * ABS(line.quantity)
                                    * COALESCE(uom.factor / NULLIF(own.factor, 0), 1)
                                    / NULLIF(ABS(line.balance), 0)) END AS margin
              FROM document
              JOIN account_move_line line
                ON line.move_id = document.id AND line.display_type = 'product'
         LEFT JOIN product_product product ON product.id = line.product_id
         LEFT JOIN product_template template ON template.id = product.product_tmpl_id
         LEFT JOIN product_category category ON category.id = template.categ_id
         LEFT JOIN uom_uom uom ON uom.id = line.product_uom_id
         LEFT JOIN uom_uom own ON own.id = template.uom_id
         LEFT JOIN (
                SELECT billed.id, billed.order_id, sold.frozen_cost
                  FROM (%(billed)s) billed
                  JOIN sale_order_line_invoice_rel link
                    ON link.invoice_line_id = billed.id
                  JOIN sale_order_line sold ON sold.id = link.order_line_id
              ) ordered ON ordered.id = line.id
            """,
            billed=self.env["sale.order.line"]._get_billed_sql(
                SQL(
                    """line.id IN (SELECT link.order_line_id
                                     FROM sale_order_line_invoice_rel link
                                     JOIN account_move_line item
                                       ON item.id = link.invoice_line_id
                                     JOIN document ON document.id = item.move_id)"""
                )
            ),
        )
