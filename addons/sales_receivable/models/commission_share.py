from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL

from ..guard import is_server

KEEPERS = ("sales_receivable.group_finance", "sales_receivable.group_company_manager")


class CommissionShare(models.Model):
    """Who gets how many percent of an order's or an invoice's commission (K02).

    Of an order it is the agreement, copied to its invoices when they are posted; of an
    invoice it is what counts. Without any the invoice's salesperson gets all of it.
    Managers of the salesperson, finance and company managers decide, never for
    themselves and never the salesperson. What a closed period has paid by stays: then
    only a dated reassignment helps.
    """

    _name = "commission.share"
    _description = "Commission Share"
    _inherit = ["finite.mixin", "server.field.mixin"]
    _order = "order_id, move_id, id"
    _rec_name = "user_id"

    order_id = fields.Many2one("sale.order", index="btree_not_null", ondelete="cascade")
    move_id = fields.Many2one(
        "account.move", string="Invoice", index="btree_not_null", ondelete="cascade"
    )
    company_id = fields.Many2one(
        "res.company",
        compute="_compute_company_id",
        store=True,
        index=True,
        precompute=True,
    )
    user_id = fields.Many2one(
        "res.users",
        string="Person",
        required=True,
        index=True,
        ondelete="restrict",
        domain="[('share', '=', False)]",
    )
    percent = fields.Float(
        string="Share (%)",
        required=True,
        digits=(16, 4),
        default=100.0,
        aggregator=None,
    )

    _one_document = models.Constraint(
        "CHECK (num_nonnulls(order_id, move_id) = 1)",
        "A share is of an order or of an invoice.",
    )
    _percent_range = models.Constraint(
        "CHECK (percent > 0 AND percent <= 100)", "A share is above 0 and up to 100 %."
    )
    _person_uniq = models.UniqueIndex(
        "((COALESCE(order_id, 0)), (COALESCE(move_id, 0)), user_id)",
        "A person has one share.",
    )

    @api.depends("order_id", "move_id")
    def _compute_company_id(self):
        for share in self:
            share.company_id = share.order_id.company_id or share.move_id.company_id

    @api.constrains("order_id", "move_id", "percent")
    def _check_sum(self):
        # Shares that one may not read count, too.
        for document in ("order_id", "move_id"):
            sums = self.sudo()._read_group(
                [(document, "in", self[document].ids)],
                [document],
                ["percent:sum"],
                having=[("percent:sum", ">", 100.00005)],
            )
            if sums:
                raise ValidationError(
                    self.env._(
                        "Shares of %(document)s come to more than 100 %%.",
                        document=sums[0][0].display_name,
                    )
                )

    # --- guards -----------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        shares = super().create(vals_list)
        shares._check_may_decide()
        return shares

    def write(self, vals):
        if {"order_id", "move_id"} & vals.keys():
            raise UserError(self.env._("A share stays with its document."))
        self._check_may_decide()
        result = super().write(vals)
        # Nobody gives it to themselves, either.
        self._check_may_decide()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_if_may_decide(self):
        self._check_may_decide()

    def _check_may_decide(self):
        """Raise unless the user may decide on these shares now, and take their documents
        against everybody who decides at the same time.

        :raise AccessError: for who isn't a manager of the salesperson, or gets a share
        :raise UserError: a closed period has paid by them
        """
        if is_server(self):
            return
        # Who may decide is asked for everybody, whatever they may read.
        shares = self.sudo()
        shares.flush_model()
        shares._check_not_counted()
        user = self.env.user
        for document in [*shares.order_id, *shares.move_id]:
            if not user._is_superuser() and user not in self._get_deciders(document):
                raise AccessError(
                    self.env._(
                        "Shares of %(document)s are decided by a manager of its"
                        " salesperson, finance or a company manager.",
                        document=document.display_name,
                    )
                )
        if not user._is_superuser() and user in shares.user_id:
            raise AccessError(self.env._("Nobody decides on their own commission."))
        for table in ("order_id", "move_id"):
            self._take_documents(shares[table])

    def _get_deciders(self, document):
        """Return the user, if they may decide on a document's shares.

        Who manages the salesperson counts, not the document's team, which the
        salesperson chooses.
        """
        user = self.env.user
        seller = document[
            "user_id" if document._name == "sale.order" else "invoice_user_id"
        ]
        managers = (
            seller.employee_ids.parent_id.user_id
            | seller.crm_team_member_ids.crm_team_id.user_id
        )
        if any(map(user.has_group, KEEPERS)):
            managers |= user
        return managers - seller

    @api.model
    def _take_documents(self, documents):
        if documents:
            self.env.execute_query(
                SQL(
                    """UPDATE %s SET write_date = write_date WHERE id = ANY(%s)
                       RETURNING id""",
                    SQL.identifier(documents._table),
                    documents.ids,
                )
            )

    def _check_not_counted(self):
        """Raise UserError where a closed period has paid by these shares."""
        moves = self.move_id
        if not moves:
            return
        counted = self.env.execute_query(
            SQL(
                """
                SELECT move.id
                  FROM account_move move
                 WHERE move.id = ANY(%(moves)s)
                   AND (EXISTS (SELECT FROM performance_entry entry
                                  JOIN account_move_line line
                                    ON line.id = entry.source_id
                                 WHERE entry.rule = 'K02'
                                   AND entry.company_id = move.company_id
                                   AND entry.source_model = 'account.move.line'
                                   AND line.move_id = move.id)
                     OR EXISTS (SELECT FROM performance_entry entry
                                 WHERE entry.rule = 'R08'
                                   AND entry.company_id = move.company_id
                                   AND entry.source_model = 'account.move'
                                   AND entry.source_id = move.id))
                """,
                moves=moves.ids,
            )
        )
        if counted:
            move = moves.browse(counted[0][0])
            raise UserError(
                self.env._(
                    "A closed month has paid by the shares of %(document)s. Reassign its"
                    " further months instead.",
                    document=move.display_name,
                )
            )

    # --- freezing ---------------------------------------------------------------------

    @api.model
    def _freeze(self, move_ids):
        """Keep the shares of posted documents that have none yet: a credit note's are
        those of its invoice, others those of the orders, each by its part of the
        document; what has none is the salesperson's.

        :param SQL move_ids: array of ids of ``account.move``
        """
        self.flush_model()
        self.env["account.move"].flush_model(["invoice_user_id", "reversed_entry_id"])
        lacking = SQL(
            """move.id = ANY(%s) AND move.state = 'posted'
               AND move.move_type IN ('out_invoice', 'out_receipt', 'out_refund')
               AND NOT EXISTS (SELECT FROM commission_share kept
                                WHERE kept.move_id = move.id)""",
            move_ids,
        )
        agreed = self._get_agreed_sql(lacking)
        reversed_one = SQL(
            """
            SELECT move.id AS move_id, move.company_id, share.user_id, share.percent
              FROM account_move move
              JOIN commission_share share ON share.move_id = move.reversed_entry_id
             WHERE %s
            """,
            lacking,
        )
        invoices = SQL("%s AND move.reversed_entry_id IS NULL", lacking)
        for query in (self._get_agreed_sql(invoices), reversed_one, agreed):
            self.env.execute_query(
                SQL(
                    """
                    INSERT INTO commission_share (move_id, company_id, user_id, percent,
                                create_uid, write_uid, create_date, write_date)
                    SELECT move_id, company_id, user_id, percent, %(uid)s, %(uid)s,
                           NOW() AT TIME ZONE 'UTC', NOW() AT TIME ZONE 'UTC'
                      FROM (%(query)s) share ORDER BY move_id, percent DESC, user_id
                 RETURNING id
                    """,
                    query=query,
                    uid=self.env.uid,
                )
            )
        self.invalidate_model()

    @api.model
    def _get_agreed_sql(self, condition):
        """Return the query of what orders agree for documents.

        :param SQL condition: on ``move``
        """
        return SQL(
            """
            WITH wanted AS (
                SELECT move.id, move.company_id, move.invoice_user_id
                  FROM account_move move WHERE %(condition)s
            ),
            billed AS (%(billed)s),
            part AS (
                SELECT wanted.id AS move_id, wanted.company_id, wanted.invoice_user_id,
                       billed.order_id, SUM(line.price_total) AS weight
                  FROM wanted
                  JOIN account_move_line line
                    ON line.move_id = wanted.id AND line.display_type = 'product'
             LEFT JOIN billed ON billed.id = line.id
                 GROUP BY 1, 2, 3, 4
            ),
            person AS (
                SELECT part.move_id, part.company_id,
                       COALESCE(share.user_id, part.invoice_user_id) AS user_id,
                       part.weight * COALESCE(share.percent, 100)
                       / NULLIF(SUM(part.weight) FILTER (
                             WHERE share.id IS NULL OR share.id = first.id)
                           OVER (PARTITION BY part.move_id), 0) AS percent
                  FROM part
             LEFT JOIN commission_share share ON share.order_id = part.order_id
             LEFT JOIN (SELECT order_id, MIN(id) AS id FROM commission_share
                         GROUP BY order_id) first ON first.order_id = part.order_id
            )
            SELECT move_id, company_id, user_id,
                   LEAST(TRUNC(SUM(percent)::numeric, 4), 100) AS percent
              FROM person
             WHERE user_id IS NOT NULL
             GROUP BY move_id, company_id, user_id
            HAVING TRUNC(SUM(percent)::numeric, 4) > 0
            """,
            condition=condition,
            billed=self.env["sale.order.line"]._get_billed_sql(
                SQL(
                    """line.id IN (SELECT link.order_line_id
                                     FROM sale_order_line_invoice_rel link
                                     JOIN account_move_line item
                                       ON item.id = link.invoice_line_id
                                     JOIN wanted ON wanted.id = item.move_id)"""
                )
            ),
        )
