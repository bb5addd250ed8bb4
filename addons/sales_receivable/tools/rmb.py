"""Amounts in the capitals of Chinese contracts, receipts and cheques (人民币大写).

The form is that of the payment and settlement rules of the People's Bank (正确填写票据和
结算凭证的基本规定). Of the forms they allow, the one is taken that leaves no gap to fill
in: 零 stands between yuan and jiao where the yuan end in nought.
"""

from decimal import ROUND_HALF_UP, Decimal

DIGITS = "零壹贰叁肆伍陆柒捌玖"
PLACES = ("", "拾", "佰", "仟")
GROUPS = ((10**8, "亿"), (10**4, "万"))
FEN = Decimal("0.01")
LIMIT = 10**16


def to_capitals(amount):
    """Return an amount in RMB capitals, e.g. ``壹仟陆佰捌拾元零叁角贰分``.

    :param amount: number of yuan; what is less than a fen is rounded half up
    :raise ValueError: for what isn't a number, or has more than sixteen digits
    """
    yuan = Decimal(str(amount))
    if not yuan.is_finite() or abs(yuan) >= LIMIT:
        raise ValueError(f"{amount!r} can't be written in capitals")
    fen = int(abs(yuan).quantize(FEN, ROUND_HALF_UP) * 100)
    yuan_, jiao, fen_ = fen // 100, fen // 10 % 10, fen % 10
    text = f"{_spell(yuan_)}元" if yuan_ or not fen else ""
    if not fen % 100:
        text += "整"
    else:
        if yuan_ and (not jiao or not yuan_ % 10):
            text += "零"
        text += f"{DIGITS[jiao]}角" if jiao else ""
        text += f"{DIGITS[fen_]}分" if fen_ else ""
    return f"负{text}" if yuan < 0 and fen else text


def _spell(number):
    """Return a whole number in capitals: what is above 亿, and then 万, is spelled like a
    number of its own."""
    for size, name in GROUPS:
        above, below = divmod(number, size)
        if not above:
            continue
        gap = DIGITS[0] if 0 < below < size // 10 else ""
        return f"{_spell(above)}{name}{gap}{_spell(below) if below else ''}"
    return _spell_section(number) or DIGITS[0]


def _spell_section(section):
    """Return one to four digits in capitals, one 零 for the noughts between others."""
    text, gap = "", False
    for place in (3, 2, 1, 0):
        digit = section // 10**place % 10
        if not digit:
            gap = bool(text)
            continue
        text += (DIGITS[0] if gap else "") + DIGITS[digit] + PLACES[place]
        gap = False
    return text
