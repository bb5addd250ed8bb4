"""What can be read of words. No database, no records."""

import unicodedata

#: Letters without a shape: fillers of Korean, and a Braille cell without dots.
BLANK = "\u115f\u1160\u3164\uffa0\u2800"


def to_readable(text):
    """Return a text on one line, without characters that have no shape, no width or that
    turn the direction of reading.

    :param text: str or False
    """
    shown = "".join(
        char if not _is_shapeless(char) else " " if char.isspace() else ""
        for char in text or ""
    )
    return " ".join(shown.split())


def wrap(text, columns):
    """Return the lines of a text, none wider than so many columns; Chinese letters take
    two, and words break wherever a line ends."""
    lines, width = [""], 0
    for char in text:
        own = 2 if unicodedata.east_asian_width(char) in "WF" else 1
        if width + own > columns:
            lines.append("")
            width = 0
        lines[-1] += char
        width += own
    return lines


def _is_shapeless(char):
    return char in BLANK or unicodedata.category(char)[0] == "C"
