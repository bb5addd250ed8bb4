from collections import namedtuple

from odoo import api, fields, models, tools
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..authority import UNKNOWN, exceeds

# A row in force: plain values, kept in the server's cache.
Review = namedtuple("Review", "id measure value_from rank level_id")
FUNCTION = ("user_id", "group_id", "job_id", "level_id")


class AuthorityReviewer(models.Model):
    """A function, as finance or legal, that is asked besides the levels (A01).

    Its condition is a figure of the document, from a value on, whether or not that
    figure exceeds anybody's limit; or, without a measure, whatever exceeds a limit. All
    functions and levels that are asked must approve, each for itself.
    """

    _name = "authority.reviewer"
    _description = "Reviewer"
    _inherit = ["cached.rows.mixin", "finite.mixin"]
    _order = "company_id, document, measure, name, date_from desc, id"
    _check_company_auto = True

    name = fields.Char(
        string="Function", required=True, translate=True, help="E.g. Finance or Legal."
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="cascade",
        default=lambda self: self.env.company,
    )
    document = fields.Selection(
        selection="_selection_document", required=True, default="sale.order"
    )
    measure = fields.Selection(
        selection="_selection_measure", help="Empty = whatever exceeds a limit."
    )
    value_from = fields.Float(
        string="From Value",
        digits=(16, 2),
        aggregator=None,
        help="Reviewed are figures from this one on.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Person",
        index=True,
        ondelete="restrict",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    group_id = fields.Many2one("res.groups", index=True, ondelete="restrict")
    job_id = fields.Many2one(
        "hr.job", index=True, ondelete="restrict", check_company=True
    )
    level_id = fields.Many2one("authority.level", index=True, ondelete="restrict")
    date_from = fields.Date(
        string="Valid From", required=True, default=fields.Date.context_today
    )
    date_to = fields.Date(string="Valid To")

    _dates = models.Constraint(
        "CHECK(date_to IS NULL OR date_to >= date_from)",
        "A reviewer can't end before it starts.",
    )
    _one_function = models.Constraint(
        "CHECK(num_nonnulls(user_id, group_id, job_id, level_id) = 1)",
        "Name who reviews: a person, a group, a job or a level, one of them.",
    )
    _value_of_measure = models.Constraint(
        "CHECK(measure IS NOT NULL OR value_from = 0)",
        "A figure to start from needs its measure.",
    )

    @api.model
    def _selection_document(self):
        return (
            self.env["authority.rule"]
            ._fields["document"]
            ._description_selection(self.env)
        )

    @api.model
    def _selection_measure(self):
        return (
            self.env["authority.rule"]
            ._fields["measure"]
            ._description_selection(self.env)
        )

    @api.constrains("document", "measure")
    def _check_measure(self):
        for reviewer in self.filtered("measure"):
            if (
                reviewer.measure
                not in self.env[reviewer.document]._get_authority_measures()
            ):
                raise ValidationError(
                    self.env._(
                        "%(document)s has no measure “%(measure)s”.",
                        document=self.env["ir.model"]._get(reviewer.document).name,
                        measure=reviewer.measure,
                    )
                )

    def write(self, vals):
        # The log says who was asked and why: only the end of that may change.
        if vals.keys() - {"date_to", "name"} and self._has_asked():
            raise UserError(
                self.env._(
                    "Who was asked stays on record. Give this line an end date and add"
                    " another one."
                )
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_unless_asked(self):
        if self._has_asked():
            raise UserError(
                self.env._("Who was asked stays on record. Give it an end date.")
            )

    def _has_asked(self):
        # A request keeps its reviewer whoever may read it.
        asked = self.env["authority.request"].sudo()
        return bool(asked.search_count([("reviewer_id", "in", self.ids)], limit=1))

    # --- what is reviewed -------------------------------------------------------------

    @api.model
    @tools.ormcache("company_id", "document", "on")
    def _get_reviews(self, company_id, document, on):
        """Return the reviews in force: a tuple of ``Review``."""
        # Who reviews what is decided for everybody, whatever records a user may read.
        rows = self.sudo().search(
            Domain("company_id", "=", company_id)
            & Domain("document", "=", document)
            & self.env["authority.assignment"]._domain_in_force(on)
        )
        return tuple(
            Review(
                *(row.id, row.measure, row.value_from),
                *(row.level_id.sequence or 0, row.level_id.id),
            )
            for row in rows
        )

    @api.model
    def _find_reviews(self, reviews, facts, excess):
        """Return which functions review what of these facts.

        :param reviews: as from ``_get_reviews``
        :param facts: all facts of one document
        :param excess: what of them exceeds limits, as from
            ``authority.find_excess``, whose dicts these are like
        """
        found = {}
        beyond = [(need, fact) for need in excess for fact in need["facts"]]
        for review in reviews:
            reviewed = [
                fact
                for fact in facts
                if fact["measure"] == review.measure
                and 0 < fact["value"] < UNKNOWN
                and not exceeds(review.value_from, fact["value"])
            ]
            if not review.measure:
                reviewed = [fact for need, fact in beyond if need["level_id"]]
            for fact in reviewed:
                need = found.setdefault(
                    (review.id, fact["rule"], fact["measure"]),
                    {
                        "rule": fact["rule"],
                        "measure": fact["measure"],
                        "rank": review.rank,
                        "level_id": review.level_id,
                        "rule_id": False,
                        "reviewer_id": review.id,
                        "facts": [],
                    },
                )
                need["facts"].append(fact)
        return list(found.values())

    # --- who reviews ------------------------------------------------------------------

    def _get_function(self):
        """Return what says whose approval it is; the same for another row of the same
        function, so that a new version asks for nothing again."""
        return tuple(self[name].id for name in FUNCTION)

    def _get_members(self):
        """Return ``{id: set of user ids}`` of the active members of functions; those of
        a level aren't members, it is walked to like any level."""
        # Who decides is asked for everybody, whatever people the asker may read.
        members = {}
        for reviewer in self.sudo().filtered(lambda row: not row.level_id):
            company = reviewer.company_id
            users = (
                reviewer.user_id
                | reviewer.group_id.all_user_ids
                | reviewer.job_id.employee_ids.filtered(
                    lambda employee, own=company: employee.company_id == own
                ).user_id
            )
            members[reviewer.id] = set(
                users.filtered(
                    lambda user, own=company: (
                        user.active
                        and not user.share
                        and not user._is_superuser()
                        and own in user.company_ids
                    )
                ).ids
            )
        return members

    @api.model
    @tools.ormcache()
    def _get_functions(self):
        """Return ``((id, company id, user id, group id, job id), …)`` of all rows."""
        rows = self.sudo().search([("level_id", "=", False)])  # compared only
        return tuple(
            (
                *(row.id, row.company_id.id),
                *(row.user_id.id, row.group_id.id, row.job_id.id),
            )
            for row in rows
        )

    @api.model
    def _get_held_by(self, user):
        """Return the ids of the rows whose function a user holds now; asked at every
        access check, so without a query unless jobs review."""
        rows = self._get_functions()
        if not rows:
            return []
        groups = set(user._get_group_ids())
        jobs = set()
        if any(row[4] for row in rows):
            # One's own job is no secret.
            for employee in user.sudo().employee_ids.filtered("active"):
                jobs.add((employee.company_id.id, employee.job_id.id))
        return [
            row_id
            for row_id, company_id, user_id, group_id, job_id in rows
            if user_id == user.id
            or group_id in groups
            or (job_id and (company_id, job_id) in jobs)
        ]
