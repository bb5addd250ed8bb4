from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import format_date


class AuthorityRule(models.Model):
    """The limits as one matrix: measures down, levels across (A01, A03).

    What is typed into a cell starts a version of that limit; the version before it stays
    as it was.
    """

    _name = "authority.rule"
    _inherit = ["authority.rule"]

    @api.model
    def get_matrix(
        self, document="sale.order", company_id=False, team_id=False, on=False
    ):
        """Return the matrix of a document in a company on a day, for its screen.

        Shown is who may read limits; the language is the user's.

        :param str document: technical name of the kind of document
        :param int company_id: company, default the current one
        :param int team_id: sales team whose special limits are shown; where a level has
            none, the company's limit stands in, marked as inherited
        :param str on: ISO date, default today in the company
        :return: dict of ``documents``, ``companies``, ``teams`` (lists of id and name),
            ``levels``, ``rows`` with their ``cells``, ``on``, ``can_edit``
        :raise AccessError: by who may not read limits
        """
        self.check_access("read")
        self._check_document(document)
        company = self._get_matrix_company(company_id)
        today = company._get_business_date()
        day = fields.Date.to_date(on) or today
        levels = self.env["authority.level"].search(Domain.TRUE)
        cells = self._get_matrix_cells(document, company, team_id, day)
        labels = dict(self._fields["measure"]._description_selection(self.env))
        measures = self.env[document]._get_authority_measures()
        rules = self.env["business.rule"].search([("code", "in", [*measures.values()])])
        names = {rule.code: rule.display_name for rule in rules}
        get_mode = self.env["business.rule.mode"]._get_mode
        return {
            "documents": self._fields["document"]._description_selection(self.env),
            "document": document,
            "companies": [[allowed.id, allowed.name] for allowed in self.env.companies],
            "company_id": company.id,
            "teams": self._get_matrix_teams(company),
            "team_id": team_id or False,
            "on": day.isoformat(),
            "today": today.isoformat(),
            "can_edit": self.has_access("write") and day >= today,
            "levels": [{"id": level.id, "name": level.name} for level in levels],
            "rows": [
                {
                    "measure": measure,
                    "label": labels[measure],
                    "rule": names.get(code, code),
                    "mode": get_mode(code, company),
                    "cells": [
                        {
                            "level_id": level.id,
                            **cells.get((measure, level.id), {"limit": None}),
                        }
                        for level in levels
                    ],
                }
                for measure, code in measures.items()
                if measure in labels
            ],
        }

    @api.model
    def set_limit(self, cell, limit, on=False):
        """Let a level decide a measure up to a limit from a day on (A01).

        :param dict cell: ``document``, ``measure``, ``level_id``, and optionally
            ``company_id`` (default the current one) and ``team_id``
        :param limit: the highest figure the level decides; ``None`` takes the level's
            limit away from that day on
        :param str on: ISO date, default today in the company; not before today
        :raise UserError: for a day that has passed
        :raise AccessError: by who may not write limits
        """
        self.check_access("write")
        self._check_document(cell["document"])
        company = self._get_matrix_company(cell.get("company_id"))
        today = company._get_business_date()
        day = fields.Date.to_date(on) or today
        if day < today:
            raise UserError(
                self.env._(
                    "Limits of days that have passed stay as they were: choose today or a day to come."
                )
            )
        versions = self._get_cell_versions(cell)
        current = self._find_version(versions, day)
        if limit is None:
            current._end_version(day)
        elif not current:
            following = versions.filtered(lambda rule: rule.date_from > day)[-1:]
            self.create(
                {
                    **self._prepare_cell(cell),
                    "limit": limit,
                    "date_from": day,
                    "date_to": following.date_from
                    and fields.Date.subtract(following.date_from, days=1),
                }
            )
        elif current.limit != limit:
            current._replace_version(day, limit)

    @api.model
    def action_open_history(self, cell):
        """Open all versions of one cell, also those replaced on their first day.

        :param dict cell: as for :meth:`set_limit`
        """
        level = self.env["authority.level"].browse(cell["level_id"])
        labels = dict(self._fields["measure"]._description_selection(self.env))
        return {
            "name": self.env._(
                "%(measure)s: %(level)s",
                measure=labels[cell["measure"]],
                level=level.name,
            ),
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "views": [[False, "list"]],
            "domain": self._get_cell_domain(cell),
            "context": {"active_test": False, "create": False},
        }

    @api.model
    def explain_document(self, document, text):
        """Say which limits a document meets as it is now, for the administrator who has
        just changed them (X01).

        :param str document: technical name of the kind of document
        :param str text: number or name of the document, as people search for it
        :return: dict of ``name`` and ``needs``, each with ``sentence``, ``level``,
            ``release`` and ``state``
        :raise UserError: when no such document is found
        """
        self._check_document(document)
        found = self.env[document].name_search((text or "").strip(), limit=1)
        if not text or not found:
            raise UserError(
                self.env._("No document “%(text)s” was found.", text=text or "")
            )
        record = self.env[document].browse(found[0][0])
        states = dict(
            record._fields["authority_state"]._description_selection(self.env)
        )
        modes = {
            record.id: dict.fromkeys(record._get_authority_measures().values(), "block")
        }
        # Facts need prices and employees that an administrator of limits may not read;
        # the sentences hide figures from who may not know them.
        trusted = record.sudo()
        needs = trusted._get_authority_excess(modes)
        trusted._resolve_authority(needs, describes_approved=True)
        return {
            "id": record.id,
            "name": record.display_name,
            "needs": [
                {
                    "sentence": need["sentence"],
                    "level": (need["reviewer"] or need["level"]).name or "",
                    "release": record._describe_release(need),
                    "state": states[need["state"]],
                }
                for need in needs[record.id]
            ],
        }

    # --- parts ------------------------------------------------------------------------

    @api.model
    def _check_document(self, document):
        if document not in dict(self._fields["document"].selection):
            raise UserError(self.env._("Limits don't control such documents."))

    @api.model
    def _get_matrix_company(self, company_id):
        """Return the company asked for, the current one where none is.

        :raise AccessError: for a company in which the user isn't working now
        """
        company = self.env["res.company"].browse(company_id or self.env.company.id)
        if company not in self.env.companies:
            raise AccessError(self.env._("You aren't working in that company now."))
        return company

    @api.model
    def _get_matrix_teams(self, company):
        teams = self.env["crm.team"].search([("company_id", "in", [company.id, False])])
        return [[team.id, team.name] for team in teams]

    @api.model
    def _prepare_cell(self, cell):
        return {
            "company_id": self._get_matrix_company(cell.get("company_id")).id,
            "team_id": cell.get("team_id") or False,
            "document": cell["document"],
            "measure": cell["measure"],
            "level_id": cell["level_id"],
        }

    @api.model
    def _get_cell_domain(self, cell):
        return [(name, "=", value) for name, value in self._prepare_cell(cell).items()]

    @api.model
    def _get_cell_versions(self, cell):
        """Return the versions of one cell, the newest first."""
        return self.search(self._get_cell_domain(cell), order="date_from desc, id desc")

    @api.model
    def _find_version(self, versions, day):
        """Return the version that counts on a day; empty if there is none."""
        return versions.filtered(
            lambda rule: (
                rule.date_from <= day and (not rule.date_to or rule.date_to >= day)
            )
        )[:1]

    def _end_version(self, day):
        """Let this version, if it is one, count no more from a day on."""
        for rule in self:
            if rule.date_from < day:
                rule.date_to = fields.Date.subtract(day, days=1)
            elif rule._has_counted():
                rule.active = False
            else:
                rule.unlink()

    def _replace_version(self, day, limit):
        """Let another limit count from a day on, until this version would have ended."""
        self.ensure_one()
        if self.date_from == day and not self._has_counted():
            self.limit = limit
            return
        ended, version = self._prepare_version(
            {"limit": limit, "date_from": day, "date_to": self.date_to}
        )
        self.write(ended)
        self.create(version)

    @api.model
    def _get_matrix_cells(self, document, company, team_id, day):
        """Return ``{(measure, level id): {"limit", "since", "inherited"}}``."""
        matrix = self._get_matrix(company.id, document, day)
        rows = [
            (measure, team, cell)
            for (measure, team), cells in matrix.items()
            for cell in cells
            if team in (False, team_id)
        ]
        since = {
            rule.id: format_date(self.env, rule.date_from)
            for rule in self.browse(cell[3] for _measure, _team, cell in rows)
        }
        cells = {}
        # The company's rows first: those of the team replace them.
        for measure, team, (_rank, level_id, limit, rule_id) in sorted(
            rows, key=lambda row: bool(row[1])
        ):
            cells[measure, level_id] = {
                "limit": limit,
                "since": since[rule_id],
                "inherited": bool(team_id) and not team,
            }
        return cells
