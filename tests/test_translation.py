"""What the addons say can be said in Chinese: the template holds every term of the code
and the data, the translation every term of the template, with its placeholders."""

import re

import polib
import pytest

from bootstrap.databases import ALL_ADDONS
from bootstrap.project import ADDONS, OWN_ADDONS

PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%%|%s|</?\w+")
CHINESE = re.compile(r"[\u4e00-\u9fff]")

# Grades, abbreviations, and an expression that names the printed file.
SAME_IN_CHINESE = {"A", "B", "C", "ID", "MAN", "object.display_name"}

# The host's calendar adds this field to models with activities where it is installed.
FOREIGN = {"Next Activity Calendar Event"}


def read(addon, name):
    """Return {term: translation} of a catalogue, less what isn't the addon's own."""
    catalogue = polib.pofile(ADDONS / addon / "i18n" / name)
    assert not catalogue.fuzzy_entries()
    assert not catalogue.obsolete_entries()
    return {
        entry.msgid: entry.msgstr for entry in catalogue if entry.msgid not in FOREIGN
    }


def has_words(term):
    return re.search("[A-Za-z]", PLACEHOLDER.sub("", term))


@pytest.mark.parametrize("addon", OWN_ADDONS)
def test_template_holds_every_term_and_no_other(addon, databases, tmp_path):
    """X06: the .pot is what the host would export today."""
    file = tmp_path / "exported.pot"
    # One by one: of several, the host ascribes a term they share to the first.
    databases.odoo(
        *("i18n", "export", "-d", databases.layer(ALL_ADDONS)),
        *("-l", "pot", "-o", file, addon),
        problem=f"The terms of {addon} could not be exported.",
    )
    terms = {entry.msgid for entry in polib.pofile(file)} - FOREIGN
    assert len(terms) > 300
    template = read(addon, f"{addon}.pot").keys()
    assert terms - template == set(), "not in the template: export it again"
    assert template - terms == set(), "no longer used: export the template again"


@pytest.mark.parametrize("addon", OWN_ADDONS)
def test_chinese_is_complete(addon):
    """X06: every term of the template is Chinese, and nothing else is translated."""
    template = read(addon, f"{addon}.pot").keys()
    chinese = read(addon, "zh_CN.po")
    assert template ^ chinese.keys() == set()
    english = {
        term
        for term, translation in chinese.items()
        if has_words(term)
        and term not in SAME_IN_CHINESE
        and not CHINESE.search(translation)
    }
    assert english == set()


@pytest.mark.parametrize("addon", OWN_ADDONS)
def test_placeholders_are_kept(addon):
    """X06: a translation fills in the same figures and keeps the same marks."""
    differing = {
        term: translation
        for term, translation in read(addon, "zh_CN.po").items()
        if sorted(PLACEHOLDER.findall(term)) != sorted(PLACEHOLDER.findall(translation))
    }
    assert differing == {}
