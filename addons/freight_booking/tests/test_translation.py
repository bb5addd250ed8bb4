import re

import polib
from odoo.modules import get_module_path
from odoo.tests import TransactionCase, tagged
from odoo.tools.translate import TranslationModuleReader

PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%s|</?\w+")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
SAME_IN_CHINESE = {"ID"}

# Where it is installed, the host's calendar adds a field to models with activities.
FOREIGN = {"Next Activity Calendar Event"}


@tagged("post_install", "-at_install")
class TestTranslation(TransactionCase):
    def test_chinese_is_complete(self):
        """X06: every term of the addon is Chinese, with its placeholders kept."""
        path = f"{get_module_path('freight_booking')}/i18n/zh_CN.po"
        chinese = {entry.msgid: entry.msgstr for entry in polib.pofile(path)}
        reader = TranslationModuleReader(self.env.cr, modules=["freight_booking"])
        terms = {source for _module, _type, _name, _id, source, *_rest in reader}
        self.assertGreater(len(terms), 300)
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
