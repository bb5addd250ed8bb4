from odoo import api, fields, models

RULE_MODES = [("off", "Off"), ("warn", "Warn"), ("block", "Block")]
# Rule ID -> prefix of the company's two fields `<prefix>_mode` and `<prefix>_from`.
RULE_PREFIXES = {"V11": "visit_answers"}
ONE_YES_LEVELS = [
    ("potential", "Potential"),
    ("nurture", "Nurture"),
    ("invalid", "Invalid"),
]


class ResCompany(models.Model):
    _inherit = "res.company"

    visit_answers_mode = fields.Selection(
        RULE_MODES,
        string="Required Answers",
        required=True,
        default="off",
        help="What happens when a visit report is submitted without the answers that its visit type requires (V11).",
    )
    visit_answers_from = fields.Date(
        string="Required Answers From",
        compute="_compute_visit_answers_from",
        store=True,
        readonly=False,
        help="Visits created before this day are not touched.",
    )
    man_one_yes_level = fields.Selection(
        ONE_YES_LEVELS,
        string="Level With One Yes",
        required=True,
        default="nurture",
        help="MAN level of a lead with a single yes among money, authority and need. It applies when the answers of a lead change next.",
    )

    @api.depends("visit_answers_mode")
    def _compute_visit_answers_from(self):
        for company in self:
            if company.visit_answers_mode != "off" and not company.visit_answers_from:
                company.visit_answers_from = fields.Date.context_today(company)

    def _get_visit_rule_mode(self, rule, on):
        """Return the mode in which a rule of this addon treats a document.

        :param str rule: rule ID, a key of ``RULE_PREFIXES``
        :param date on: day on which the document was created
        :return: ``"off"``, ``"warn"`` or ``"block"``; documents older than the
            effective-from date are grandfathered
        :rtype: str
        """
        self.ensure_one()
        prefix = RULE_PREFIXES[rule]
        date_from = self[f"{prefix}_from"]
        return "off" if date_from and on < date_from else self[f"{prefix}_mode"]
