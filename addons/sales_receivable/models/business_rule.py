from odoo import fields, models


class BusinessRule(models.Model):
    """The catalogue of rules that can refuse something, one record per rule ID.

    Addons declare their rules as data; nobody creates them by hand. Whether a rule is
    in force is said per company and date by ``business.rule.mode``.
    """

    _name = "business.rule"
    _description = "Business Rule"
    _order = "code"
    _rec_names_search = ["code", "name"]

    code = fields.Char(required=True, readonly=True)
    name = fields.Char(required=True, readonly=True, translate=True)
    description = fields.Text(readonly=True, translate=True)
    mode_ids = fields.One2many("business.rule.mode", "rule_id", string="Modes")

    _code_uniq = models.Constraint("unique(code)", "There is one rule per rule ID.")

    def _compute_display_name(self):
        for rule in self:
            rule.display_name = f"{rule.code} {rule.name or ''}".strip()
