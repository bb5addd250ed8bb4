from odoo import fields, models


class SalesContractClause(models.Model):
    """A clause of the printed contract, in every language of the database (A09).

    Contracts keep the text that they were applied for with.
    """

    _name = "sales.contract.clause"
    _description = "Contract Clause"
    _order = "sequence, id"
    _check_company_auto = True

    sequence = fields.Integer(default=10)
    name = fields.Char(string="Title", required=True, translate=True)
    text = fields.Text(required=True, translate=True)
    company_id = fields.Many2one(
        "res.company", index=True, ondelete="cascade", help="Empty = every company."
    )
    active = fields.Boolean(default=True)

    def _get_texts(self):
        """Return the clauses as they are printed.

        :return: list of ``{language code: [title, text]}``, Chinese before English
        """
        installed = {code for code, __ in self.env["res.lang"].get_installed()}
        languages = [code for code in ("zh_CN", "en_US") if code in installed]
        clauses = []
        for clause in self.sorted():
            texts = {}
            for code in languages or [self.env.lang or "en_US"]:
                said = clause.with_context(lang=code)
                text = [said.name, said.text]
                if text not in texts.values():  # not translated: printed once
                    texts[code] = text
            clauses.append(texts)
        return clauses
