from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestTranslation(TransactionCase):
    def test_sentences_are_spoken_in_chinese(self):
        """X06: what explains a figure does so in the reader's language."""
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env["ir.module.module"]._load_module_terms(["sales_receivable"], ["zh_CN"])
        line = self.env["performance.run.line"].new(
            {
                "rule": "K03",
                "target": -150,
                "source_name": "WH/IN/00001",
                "inputs": {"value": 15000, "rate": 1, "age_days": 400},
            }
        )
        self.assertIn("库龄 400 天", line.with_context(lang="zh_CN").explanation)
