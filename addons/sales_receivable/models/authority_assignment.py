from collections import defaultdict

from odoo import api, fields, models, tools
from odoo.fields import Domain
from odoo.tools import SQL


class AuthorityAssignment(models.Model):
    """Who holds which level of authority in which company, since when and until when."""

    _name = "authority.assignment"
    _description = "Assignment of Authority"
    _inherit = ["cached.rows.mixin"]
    _order = "company_id, level_id, user_id, date_from desc"
    _rec_name = "user_id"

    user_id = fields.Many2one(
        "res.users",
        required=True,
        index=True,
        ondelete="cascade",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="cascade",
        default=lambda self: self.env.company,
    )
    level_id = fields.Many2one("authority.level", required=True, ondelete="restrict")
    date_from = fields.Date(
        string="From", required=True, default=fields.Date.context_today
    )
    date_to = fields.Date(string="To", help="Last day; empty = until further notice.")

    _dates = models.Constraint(
        "CHECK(date_to IS NULL OR date_to >= date_from)",
        "An assignment can't end before it starts.",
    )
    _user_company_from_uniq = models.Constraint(
        "unique(user_id, company_id, level_id, date_from)",
        "This person already holds this level from that day on.",
    )

    @api.model
    def _domain_in_force(self, on):
        """Return the domain of dated rows (from, to) in force on a date."""
        return Domain("date_from", "<=", on) & (
            Domain("date_to", "=", False) | Domain("date_to", ">=", on)
        )

    @api.model
    def _get_ranks(self, company, on):
        """Return ``{user id: rank}`` of the active holders in a company.

        :param company: ``res.company`` record
        :param on: date
        """
        ranks = {}
        # Who may decide is asked for everybody, whatever records the asker may read.
        rows = self.sudo().search(
            Domain("company_id", "=", company.id)
            & Domain("user_id.active", "=", True)
            & self._domain_in_force(on)
        )
        for row in rows:
            rank = row.level_id.sequence
            ranks[row.user_id.id] = max(rank, ranks.get(row.user_id.id, rank))
        return ranks

    @api.model
    @tools.ormcache("user_id")
    def _get_powers(self, user_id):
        """Return what a user may decide, with its dates; asked at every access check.

        :return: ``(levels held, people stood in for)``: tuples of ``(company id, rank,
            from, to)`` and of ``(company id, absent user id, from, to)``
        """
        # What one may decide oneself is no secret.
        held = self.sudo().search([("user_id", "=", user_id)])
        absent = self.env["authority.substitute"].sudo()
        absent = absent.search([("substitute_id", "=", user_id)])
        return (
            tuple(
                (row.company_id.id, row.level_id.sequence, row.date_from, row.date_to)
                for row in held
            ),
            tuple(
                (row.company_id.id, row.user_id.id, row.date_from, row.date_to)
                for row in absent
            ),
        )

    @api.model
    def _find_candidates(self, company, wanted, on):
        """Find for each case who may approve it, in the order of asking (A01, A17).

        The requester's chain of line managers is walked to who holds the level or the
        function, then come the leader of the team, any other holder (the lowest
        sufficient level first), and the company's fallback person. An absent one is
        replaced by the substitute of that day; the requester never approves.

        :param company: ``res.company`` record
        :param wanted: set of ``(requester id, team leader id or False, rank, id of the
            authority.reviewer or False)``; a reviewer without a level has no rank
        :param on: date
        :return: ``{case: res.users, empty when nobody is found}``
        """
        # Names of those who decide are shown to everybody who has to ask them.
        self = self.sudo()  # noqa: PLW0642
        Users = self.env["res.users"]
        if not wanted:
            return {}
        ranks = self._get_ranks(company, on)
        chains = self._get_chains(company, {case[0] for case in wanted})
        substitutes = self.env["authority.substitute"]._get_substitutes(company, on)
        leaders = Users.browse({case[1] for case in wanted if case[1]})
        active_leaders = set(leaders.filtered("active").ids)
        fallback = company.sudo().authority_fallback_user_id.filtered("active").id
        reviewers = self.env["authority.reviewer"].browse(
            {case[3] for case in wanted if case[3]}
        )
        members = reviewers._get_members()
        found = {}
        for case in wanted:
            requester, leader, rank, reviewer = case
            holders = members.get(reviewer)
            if holders is None:
                holders = {user for user in ranks if ranks[user] >= rank}
            walk = [user for user in chains[requester] if user in holders]
            if leader in active_leaders and leader in holders:
                walk.append(leader)
            walk += sorted(holders, key=lambda user: (ranks.get(user, 0), user))
            if fallback:
                walk.append(fallback)
            found[case] = self._filter_present(walk, requester, substitutes)
        return found

    @api.model
    def _find_managers(self, company, requester_ids, on):
        """Return ``{requester id: res.users}``: the line managers who are there, the
        nearest first; see :meth:`_find_candidates`."""
        # Names of those who decide are shown to everybody who has to ask them.
        self = self.sudo()  # noqa: PLW0642
        Users = self.env["res.users"]
        if not requester_ids:
            return {}
        chains = self._get_chains(company, requester_ids)
        substitutes = self.env["authority.substitute"]._get_substitutes(company, on)
        active = set(Users.browse(set().union(*chains.values())).filtered("active").ids)
        return {
            requester: self._filter_present(
                [user for user in chains[requester] if user in active],
                requester,
                substitutes,
            )
            for requester in requester_ids
        }

    @api.model
    def _filter_present(self, walk, requester, substitutes):
        """Return who is there of a walk, each once, where it first comes past."""
        present = (self._get_present(user, requester, substitutes) for user in walk)
        return self.env["res.users"].browse(dict.fromkeys(filter(None, present)))

    @api.model
    def _get_present(self, user, requester, substitutes):
        """Return the user or who stands in for them; never the requester, else None.

        A substitute who is away, too, hands on nothing: the absent one named nobody
        else.
        """
        if user in substitutes:
            user = substitutes[user]
            if user in substitutes:
                return None
        return None if user == requester else user

    @api.model
    def _get_chains(self, company, user_ids):
        """Return ``{user id: [user ids of the line managers, nearest first]}``.

        Employees of the company only; a circle in the organisation ends the walk.
        """
        self.env["hr.employee"].flush_model(
            ["user_id", "parent_id", "company_id", "active"]
        )
        rows = self.env.execute_query(
            SQL(
                """
                WITH RECURSIVE chain AS (
                    SELECT e.user_id AS start, e.parent_id, 1 AS depth,
                           ARRAY[e.id] AS path
                      FROM hr_employee e
                     WHERE e.company_id = %(company)s AND e.active
                       AND e.user_id = ANY(%(users)s)
                    UNION ALL
                    SELECT chain.start, e.parent_id, chain.depth + 1,
                           chain.path || e.id
                      FROM chain
                      JOIN hr_employee e ON e.id = chain.parent_id
                     WHERE NOT e.id = ANY(chain.path)
                )
                SELECT chain.start, boss.user_id
                  FROM chain
                  JOIN hr_employee boss ON boss.id = chain.parent_id
                 WHERE boss.user_id IS NOT NULL
                 ORDER BY chain.start, chain.depth
                """,
                company=company.id,
                users=list(user_ids),
            )
        )
        chains = defaultdict(list)
        for start, boss in rows:
            chains[start].append(boss)
        return chains
