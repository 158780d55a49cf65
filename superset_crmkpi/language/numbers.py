"""How numbers are written in texts, which are made in SQL (`text_of`) or beforehand (`written`).

They look like those that charts draw by d3's formats: amounts are shortened by the same letters in
every language, while decimal mark, sign of percent and side of the currency are the language's.
"""

from __future__ import annotations

from dataclasses import dataclass

from babel.numbers import get_currency_symbol, get_decimal_symbol

from superset_crmkpi.language.language import ENGLISH, Language
from superset_crmkpi.language.text import marked

MONEY = ("money", "money per day")
#: decimals of a number in a text; those of no other unit one
_DECIMALS = {"count": 0, "ratio": 2, "score 0-100": 0, "score -1..1": 2, "score -100..100": 0}
_DECIMALS |= {"days": 0}
#: from so much on an amount is shortened: the divisor, the decimals and the letter
_SHORTENED = ((1e9, 1e9, 2, "B"), (1e6, 1e6, 2, "M"), (1e3, 1e3, 1, "k"))
_WITH_UNIT = {
    "days": marked("{number} days"),
    "months": marked("{number} months"),
    "duration": marked("{number} h"),
}
#: of a difference of two percents
_POINTS = marked("{number} points")


def currency_symbol(code: str) -> str:
    """As Superset writes a currency: by its symbol in English, or by its code without one."""
    return get_currency_symbol(code, "en_US")


def percent_sign(language: Language) -> str:
    """What follows a number of percent, with a space before it where the language has one."""
    return str(language.locale.percent_formats[None].suffix[0])


@dataclass(frozen=True)
class Numbers:
    """Writes numbers of a KPI's unit; `currency` is a symbol."""

    currency: str
    language: Language = ENGLISH

    @property
    def currency_first(self) -> bool:
        """Whether the currency stands before an amount."""
        return self.language.locale.currency_formats["standard"].pattern.startswith("¤")

    def rounded(self, unit: str, value: str) -> str:
        """Canonical SQL: `value` as it is written in a text, so zero where nothing is told."""
        if unit == "percent":
            return _floor(value, 1000, 10)
        scale = 1 if unit in MONEY else 10 ** _DECIMALS.get(unit, 1)
        return _floor(value, scale, scale)

    def text_of(self, unit: str, value: str, difference: bool = False) -> str:
        """Canonical SQL: the number `value` as people write it."""
        if unit in MONEY:
            cases = " ".join(
                f"when abs({value}) >= {least:.0f} then "
                f"{self._text(_floor(value, 10**decimals / divisor, 10**decimals))} || '{letter}'"
                for least, divisor, decimals, letter in _SHORTENED
            )
            number = f"case {cases} else {self._text(self.rounded(unit, value))} end"
        else:
            number = self._text(self.rounded(unit, value))
        before, after = self._around(unit, difference)
        return " || ".join(filter(None, [literal(before), number, literal(after)]))

    def written(self, unit: str, value: float) -> str:
        """A number that is known beforehand, as `text_of` writes it."""
        before, after = self._around(unit)
        return f"{before}{self._short(unit, value)}{after}"

    def _around(self, unit: str, difference: bool = False) -> tuple[str, str]:
        """What stands before and after a number of that unit."""
        if unit in MONEY:
            pattern = "{symbol} {number}" if self.currency_first else "{number} {symbol}"
            pattern = pattern.replace("{symbol}", self.currency)
        elif unit == "percent" and not difference:
            pattern = "{number}" + percent_sign(self.language)
        elif unit == "percent":
            pattern = self.language.say(_POINTS)
        else:
            pattern = self.language.say(_WITH_UNIT.get(unit, "{number}"))
        before, _, after = pattern.partition("{number}")
        return before, after

    def _text(self, number: str) -> str:
        mark = get_decimal_symbol(self.language.code)
        return (
            f"crm_text({number})" if mark == "." else f"replace(crm_text({number}), '.', '{mark}')"
        )

    def _short(self, unit: str, value: float) -> str:
        divisor, decimals, letter = 1.0, _DECIMALS.get(unit, 1), ""
        if unit in MONEY:
            decimals = 0
            for least, over, digits, sign in _SHORTENED:
                if abs(value) >= least:
                    divisor, decimals, letter = over, digits, sign
                    break
        elif unit == "percent":
            divisor, decimals = 0.01, 1
        text = f"{value / divisor:.{decimals}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
        return text.replace(".", get_decimal_symbol(self.language.code)) + letter


def literal(text: str) -> str:
    """A text of canonical SQL; nothing of an empty one."""
    doubled = text.replace("'", "''")
    return f"'{doubled}'" if text else ""


def _floor(value: str, times: float, over: float) -> str:
    whole = f"floor({value} * {times:.10g} + 0.5)"
    return whole if over == 1 else f"{whole} / {over:.1f}"
