import re

import polib
from odoo.modules import get_module_path
from odoo.tests import TransactionCase, tagged
from odoo.tools.translate import TranslationModuleReader

PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%%|%s|</?\w+")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
# An abbreviation, and an expression that names the printed file.
SAME_IN_CHINESE = {"ID", "object.display_name"}

# Where it is installed, the host's calendar adds a field to models with activities.
FOREIGN = {"Next Activity Calendar Event"}


@tagged("post_install", "-at_install")
class TestTranslation(TransactionCase):
    def test_chinese_is_complete(self):
        """X06: every term of the addon is Chinese, with its placeholders kept."""
        path = f"{get_module_path('sales_receivable')}/i18n/zh_CN.po"
        chinese = {entry.msgid: entry.msgstr for entry in polib.pofile(path)}
        reader = TranslationModuleReader(self.env.cr, modules=["sales_receivable"])
        terms = {source for _module, _type, _name, _id, source, *_rest in reader}
        self.assertGreater(len(terms), 400)
        self.assertEqual(terms - chinese.keys() - FOREIGN, set(), "not translated")
        self.assertEqual(chinese.keys() - terms, set(), "no longer used")
        for source, translation in chinese.items():
            with self.subTest(source):
                words = PLACEHOLDER.sub("", source)
                if re.search("[A-Za-z]", words) and source not in SAME_IN_CHINESE:
                    self.assertRegex(translation, CHINESE)
                self.assertEqual(
                    sorted(PLACEHOLDER.findall(source)),
                    sorted(PLACEHOLDER.findall(translation)),
                )

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
