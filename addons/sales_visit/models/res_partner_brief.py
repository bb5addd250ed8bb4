from odoo import api, fields, models
from odoo.tools import format_amount, format_date, format_datetime

LAST_VISITS = 5
OPEN_ORDERS = 5


class ResPartner(models.Model):
    """What to know before visiting a customer, so that nobody asks twice (V06).

    Only what the viewer may see is in it: each part searches with the viewer's rights.
    """

    _name = "res.partner"
    _inherit = ["res.partner"]

    def _get_visit_brief(self, company):
        """Return the brief of one customer in a company, in a constant number of queries.

        Addons extend it with parts of their own; an empty part is left out.

        :param company: ``res.company`` whose business with the customer is meant
        :return: ``[{"title", "lines": [{"text", "note", "url"}]}]``; note and url may be
            missing
        """
        self.ensure_one()
        customer = self.commercial_partner_id
        parts = [
            (self.env._("Customer"), customer._get_brief_customer(company)),
            (self.env._("Open complaints"), customer._get_brief_complaints(company)),
            (self.env._("Questions to answer"), customer._get_brief_questions(company)),
            (self.env._("Confirmed needs"), customer._get_brief_needs(company)),
            (self.env._("Last visits"), customer._get_brief_visits(company)),
            (
                self.env._("Open quotations and orders"),
                customer._get_brief_orders(company),
            ),
            (self.env._("Receivables"), customer._get_brief_receivables(company)),
        ]
        return [{"title": title, "lines": lines} for title, lines in parts if lines]

    def _get_brief_customer(self, company):
        files = self.env["sales.customer.file"]
        file = files.search(self._get_brief_domain(company, "partner_id"))
        if not file:
            # Whose customer it is, is no secret; the rest of the file is.
            owners = files._get_owners(company, self)
            return [
                {"text": f"{self.env._('Owner')}: {owner.name}"}
                for owner in owners.values()
            ]
        channels = file._fields["preferred_channel"]._description_selection(self.env)
        lines = [
            (self.env._("Grade"), file.grade_id.name),
            (self.env._("Owner"), file.user_id.name),
            (
                self.env._("Prefers"),
                dict(channels).get(file.preferred_channel),
            ),
            (self.env._("Building"), file.building_id.name),
            (
                self.env._("Lease ends"),
                file.lease_end and format_date(self.env, file.lease_end),
            ),
            (
                self.env._("Next visit agreed"),
                file.next_due and format_date(self.env, file.next_due),
            ),
        ]
        team = file._get_work_teams()[file]
        lines += [(role, names) for role, names in team if names]
        missing = ", ".join(role for role, names in team if not names)
        lines.append((self.env._("Missing in the team"), missing))
        return [{"text": f"{label}: {value}"} for label, value in lines if value]

    def _get_brief_visits(self, company):
        visits = self.env["sales.visit"]
        files = self.env["sales.customer.file"]
        if files.search_count(
            [*self._get_brief_domain(company, "partner_id")], limit=1
        ):
            # Whoever may see the customer's file may know what was said to colleagues.
            visits = visits.sudo()
        found = visits.search(
            [
                *self._get_brief_domain(company),
                ("state", "in", ("reported", "reviewed")),
            ],
            order="actual_start desc, id desc",
            limit=LAST_VISITS,
        )
        found.fetch(["actual_start", "user_id", "outcome_id", "summary", "name"])
        return [
            {
                "text": " · ".join(
                    filter(
                        None,
                        (
                            format_datetime(
                                self.env, visit.actual_start, dt_format="short"
                            ),
                            visit.user_id.sudo().name,
                            visit.outcome_id.name,
                        ),
                    )
                ),
                "note": visit.summary,
                "url": self._get_brief_url(visit),
            }
            for visit in found
        ]

    def _get_brief_questions(self, company):
        questions = self.env["sales.visit.question"].search(
            [*self._get_brief_domain(company), ("is_answered", "=", False)]
        )
        return [
            {"text": question.question, "note": question.answer}
            for question in questions
        ]

    def _get_brief_needs(self, company):
        needs = self.env["sales.need"].search(
            [*self._get_brief_domain(company), ("is_confirmed", "=", True)]
        )
        kinds = dict(needs._fields["kind"]._description_selection(self.env))
        return [
            {
                "text": f"{kinds[need.kind]}: {need.text}",
                "note": f"“{need.words}” ({format_date(self.env, need.confirmed_on)})",
            }
            for need in needs
        ]

    def _get_brief_complaints(self, company):
        complaints = self.env["sales.visit.complaint"].search(
            [*self._get_brief_domain(company), ("state", "!=", "closed")]
        )
        states = dict(complaints._fields["state"]._description_selection(self.env))
        return [
            {
                "text": f"{complaint.name} · {states[complaint.state]}",
                "note": complaint.description,
                "url": self._get_brief_url(complaint),
            }
            for complaint in complaints
        ]

    def _get_brief_orders(self, company):
        orders = self.env["sale.order"].search(
            [
                ("partner_id", "child_of", self.ids),
                ("company_id", "=", company.id),
                ("state", "!=", "cancel"),
                "|",
                ("state", "!=", "sale"),
                ("invoice_status", "in", ("no", "to invoice")),
            ],
            limit=OPEN_ORDERS,
        )
        states = dict(orders._fields["state"]._description_selection(self.env))
        return [
            {
                "text": " · ".join(
                    (
                        order.name,
                        states[order.state],
                        format_amount(self.env, order.amount_total, order.currency_id),
                        format_date(self.env, order.date_order),
                    )
                ),
                "url": self._get_brief_url(order),
            }
            for order in orders
        ]

    def _get_brief_receivables(self, company):
        """What the viewer may see of it: nobody's rights are widened here."""
        moves = self.env["account.move"]
        if not moves.has_access("read"):
            return []
        domain = [
            *self._get_brief_domain(company),
            ("move_type", "in", ("out_invoice", "out_refund")),
            ("state", "=", "posted"),
            ("payment_state", "in", ("not_paid", "partial")),
        ]
        today = fields.Date.context_today(self)
        overdue = [*domain, ("invoice_date_due", "<", today)]
        lines = []
        for label, wanted in (
            (self.env._("Outstanding"), domain),
            (self.env._("Overdue"), overdue),
        ):
            [(amount, count)] = moves._read_group(
                wanted, [], ["amount_residual_signed:sum", "__count"]
            )
            if count:
                total = format_amount(self.env, amount, company.sudo().currency_id)
                lines.append({"text": f"{label}: {total} ({count})"})
        return lines

    def _get_brief_domain(self, company, field="commercial_partner_id"):
        return [(field, "=", self.id), ("company_id", "=", company.id)]

    @api.model
    def _get_brief_url(self, record):
        return f"/odoo/{record._name}/{record.id}"
