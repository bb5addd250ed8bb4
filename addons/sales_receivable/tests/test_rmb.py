from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from odoo.tests import BaseCase, tagged

from ..tools.rmb import DIGITS, to_capitals

UNITS = {"拾": 10, "佰": 100, "仟": 1000}


def read(text):
    """Read capitals back the plain way, digit by digit, into fen."""
    sign = -1 if text.startswith("负") else 1
    total = section = digit = yuan = 0
    for letter in text.removeprefix("负").removesuffix("整"):
        if letter in DIGITS:
            digit = DIGITS.index(letter)
        elif letter in UNITS:
            section += digit * UNITS[letter]
            digit = 0
        elif letter == "万":
            total, section, digit = total + (section + digit) * 10**4, 0, 0
        elif letter == "亿":
            # What stands before it is counted in it, also its own 万.
            total, section, digit = (total + section + digit) * 10**8, 0, 0
        elif letter == "元":
            yuan, section, digit = total + section + digit, 0, 0
        elif letter == "角":
            section, digit = digit * 10, 0
        elif letter == "分":
            section, digit = section + digit, 0
    return sign * (yuan * 100 + section)


@tagged("post_install", "-at_install")
class TestRmb(BaseCase):
    """The total of a contract in RMB capitals (A09)."""

    def test_examples_of_the_rules(self):
        """A09: those that the People's Bank gives."""
        for amount, text in {
            1409.50: "壹仟肆佰零玖元伍角",
            6007.14: "陆仟零柒元壹角肆分",
            1680.32: "壹仟陆佰捌拾元零叁角贰分",
            107000.53: "壹拾万柒仟元零伍角叁分",
            16409.02: "壹万陆仟肆佰零玖元零贰分",
            325.04: "叁佰贰拾伍元零肆分",
        }.items():
            with self.subTest(amount):
                self.assertEqual(to_capitals(amount), text)

    def test_hard_cases(self):
        """A09: noughts, jiao and fen alone, the borders of 万 and 亿, rounding, signs."""
        for amount, text in {
            0: "零元整",
            0.05: "伍分",
            0.5: "伍角",
            0.55: "伍角伍分",
            1: "壹元整",
            10: "壹拾元整",
            10.05: "壹拾元零伍分",
            20.5: "贰拾元零伍角",
            101: "壹佰零壹元整",
            1001: "壹仟零壹元整",
            1010: "壹仟零壹拾元整",
            9999.99: "玖仟玖佰玖拾玖元玖角玖分",
            10000: "壹万元整",
            10001: "壹万零壹元整",
            10010: "壹万零壹拾元整",
            100001: "壹拾万零壹元整",
            101000: "壹拾万壹仟元整",
            1000000: "壹佰万元整",
            99999999: "玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元整",
            100000000: "壹亿元整",
            100000001: "壹亿零壹元整",
            100010000: "壹亿零壹万元整",
            110000000: "壹亿壹仟万元整",
            1000000000000: "壹万亿元整",
            1000100000000: "壹万零壹亿元整",
            Decimal("9999999999999999.99"): "玖仟玖佰玖拾玖万玖仟玖佰玖拾玖亿"
            "玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分",
            0.004: "零元整",
            0.005: "壹分",
            1.005: "壹元零壹分",
            1.995: "贰元整",
            -3.2: "负叁元贰角",
            -0.001: "零元整",
        }.items():
            with self.subTest(amount):
                self.assertEqual(to_capitals(amount), text)

    @given(st.integers(-(10**18) + 1, 10**18 - 1))
    def test_reads_back(self, fen):
        """A09: no two amounts look alike, and none has two noughts in a row."""
        text = to_capitals(Decimal(fen) / 100)
        self.assertEqual(read(text), fen)
        self.assertNotIn("零零", text)
        self.assertNotRegex(text, "零[万亿拾佰仟角分]|^零[^元]")

    def test_what_cannot_be_written(self):
        """A09: refused in a sentence, never cut off."""
        for amount in (float("nan"), float("inf"), 10**16, -(10**16)):
            with self.subTest(amount), self.assertRaises(ValueError):
                to_capitals(amount)
