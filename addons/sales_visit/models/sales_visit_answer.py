from odoo import api, fields, models


class SalesVisit(models.Model):
    """The answers that the type of a visit requires in its report (V11)."""

    _name = "sales.visit"
    _inherit = ["sales.visit"]

    # Names of the fields that the form marks, in the order of the sections.
    required_answers = fields.Char(compute="_compute_required_answers")

    @api.depends("state", "visit_type_id")
    def _compute_required_answers(self):
        for visit in self:
            sections = visit._get_required_sections()[1]
            visit.required_answers = ",".join(sections.mapped("field_name"))

    @api.depends(lambda self: ["visit_type_id", *self._get_section_fields()])
    def _compute_step_reasons(self):
        return super()._compute_step_reasons()

    @api.model
    def _get_section_fields(self):
        """Return the names of the fields that a visit type may require."""
        return [
            "outcome_id",
            "summary",
            "needs",
            "order_intent",
            "complaint",
            "competitor",
            "outlook",
            "evaluation",
            "refusal",
            "objection",
            "contact_ids",
            "next_visit_date",
        ]

    def _get_required_sections(self):
        """Return how the company treats required answers of this visit, and which
        sections they are: none where the rule is off, or nothing is to be answered (V11).

        :return: ``(mode, sales.visit.section)``
        """
        self.ensure_one()
        sections = self.visit_type_id.required_section_ids
        if self.state not in ("in_progress", "to_report"):
            return "off", sections.browse()
        mode = self._get_rule_mode("V11")
        return mode, sections.browse() if mode == "off" else sections.sorted()

    def _is_answered(self, name):
        """Tell whether an answer has been given; blanks say nothing."""
        value = self[name]
        return bool(value.strip() if isinstance(value, str) else value)

    def _get_step_reasons(self, state):
        reasons = super()._get_step_reasons(state)
        if state != "reported":
            return reasons
        for visit in self:
            mode, required = visit._get_required_sections()
            missing = required.filtered(
                lambda section, visit=visit: not visit._is_answered(section.field_name)
            )
            if not missing:
                continue
            facts = {
                "answers": ", ".join(missing.mapped("name")),
                "type": visit.visit_type_id.name,
            }
            if mode == "block":
                message = self.env._(
                    "Missing: %(answers)s, required for visits of type “%(type)s”. The report can't be submitted without; an administrator can change the requirement. (V11)",
                    **facts,
                )
            else:
                message = self.env._(
                    "Missing: %(answers)s, required for visits of type “%(type)s”. (V11)",
                    **facts,
                )
            reasons[visit].append({"rule": "V11", "mode": mode, "message": message})
        return reasons
