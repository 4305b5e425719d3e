"""Values of tables as people write them: dates, numbers and telephone numbers in their many forms. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_OTHER_MONTHS = {"mai": 5, "okt": 10, "dez": 12, "mär": 3, "ene": 1, "abr": 4, "ago": 8, "dic": 12, "fév": 2, "avr": 4}
_OTHER_MONTHS |= {"aoû": 8, "déc": 12, "fev": 2, "set": 9, "out": 10}
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(T.*| \d.*)?")
_PARTED = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})( \d.*)?")
_NAMED = re.compile(r"(\d{1,2})\.?[ -]([^\W\d_]{3})[^\W\d_]*\.?,?[ -](\d{4})", re.IGNORECASE)
_NAMED_FIRST = re.compile(r"([^\W\d_]{3})[^\W\d_]*\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})", re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?(?:\d+|\d{1,3}(?:[., '\u00a0]\d{3})+)(?:[.,]\d+)?")
_MONEY = re.compile(r"^[€$£]\s*|\s*(?:[€$£%]|EUR|USD|GBP)$")
_PHONE = re.compile(r"[+(]?\d[\d ()/.\-\u00a0]{5,20}\d")
_PHONE_NAME = re.compile(r"phone|telef|tel\b|tel_|mobil|handy|fax|cell|rufnummer|móvil|celular", re.IGNORECASE)


def filled(value: Any) -> bool:
    """Whether there is anything: no null, no empty text, nothing that stands for nothing."""
    return value is not None and not (
        isinstance(value, str) and value.strip().lower() in ("", "null", "n/a", "nan", "#n/a")
    )


def day_first(values: Iterable[Any]) -> bool | None:
    """Whether days stand before months in dates such as 3/4/2024; None where their values do not tell."""
    found = [match for value in values if isinstance(value, str) and (match := _PARTED.fullmatch(value.strip()))]
    if any(int(match[1]) > 12 for match in found) or (found and all(match[2] == "." for match in found)):
        return True
    return False if any(int(match[3]) > 12 for match in found) else None


def as_date(value: Any, days_first: bool | None = None) -> str | None:
    """A date as ISO 8601, a time behind it kept; None for what is none, or could be one of two."""
    if not isinstance(value, str):
        return None
    text = " ".join(value.split())
    if match := _ISO.fullmatch(text):
        return _date(match[1], match[2], match[3], match[4])
    if match := _PARTED.fullmatch(text):
        first = days_first if days_first is not None else True if match[2] == "." else None
        year = match[4] if len(match[4]) == 4 else f"{'20' if int(match[4]) < 70 else '19'}{match[4]}"
        if first is None:
            if int(match[1]) != int(match[3]) and int(match[1]) < 13 and int(match[3]) < 13:
                return None
            first = int(match[1]) > 12
        day, month = (match[1], match[3]) if first else (match[3], match[1])
        return _date(year, month, day, match[5])
    for pattern, order in ((_NAMED, (2, 1, 3)), (_NAMED_FIRST, (1, 2, 3))):
        if (match := pattern.fullmatch(text)) and (month := _month(match[order[0]])):
            return _date(match[order[2]], str(month), match[order[1]], None)
    return None


def is_date(value: Any) -> bool:
    """Whether it is a date, with days or months first."""
    return any(as_date(value, first) is not None for first in (True, False))


def _month(word: str) -> int:
    short = word[:3].lower()
    return _MONTHS.index(short) + 1 if short in _MONTHS else _OTHER_MONTHS.get(short, 0)


def _date(year: str, month: str, day: str, rest: str | None) -> str | None:
    try:
        return date(int(year), int(month), int(day)).isoformat() + (rest or "").replace(" ", "T")
    except ValueError:
        return None


def as_number(value: Any) -> float | int | None:
    """A number, also one written as `1.234,56`, `1 234.5` or `12 €`; None for what is none."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    if not isinstance(value, str):
        return None
    text = _MONEY.sub("", value.strip())
    if not _NUMBER.fullmatch(text) or len(text) > 30:
        return None
    text = re.sub(r"[ '\u00a0]", "", text)
    last = max(text.rfind("."), text.rfind(","))
    if last >= 0:
        mark, other = text[last], "," if text[last] == "." else "."
        groups = text.count(mark) > 1 or (
            text.count(mark) == 1 and mark == "," and other not in text and _is_group(text)
        )
        text = text.replace(mark, "").replace(other, "") if groups else text.replace(other, "").replace(mark, ".")
    return float(text) if "." in text else int(text)


def _is_group(text: str) -> bool:
    """Whether a comma parts thousands: `1,234` does; `0,234` and `12,5` are fractions."""
    whole, _, rest = text.lstrip("+-").partition(",")
    return len(rest) == 3 and whole != "0"


def as_phone(value: Any, prefix: str) -> str | None:
    """A telephone number in international form, such as +4930123456; None for what is none."""
    text = str(value).strip() if isinstance(value, (str, int)) else ""
    if not _PHONE.fullmatch(text):
        return None
    digits = re.sub(r"\D", "", text.replace("(0)", ""))
    if text.startswith("+"):
        return f"+{digits}"
    if digits.startswith("00"):
        return f"+{digits[2:]}"
    country = "+" + re.sub(r"\D", "", prefix)
    return country + digits.removeprefix("0")


def phone_column(name: str, values: Iterable[Any]) -> bool:
    """Whether a column holds telephone numbers: by its name, or because most of its values cannot be anything else."""
    if _PHONE_NAME.search(name):
        return True
    there = [value for value in values if filled(value)]
    sure = sum(
        isinstance(value, str) and value.strip().startswith(("+", "00")) and as_phone(value, "") is not None
        for value in there
    )
    return bool(there) and sure > len(there) / 2


def _can(read: Any) -> bool:
    return read is not None and read is not False


def mostly(values: Iterable[Any], meant: Callable[[Any], Any]) -> bool:
    """Whether most of the values that are there can be read so: four of five."""
    there = [value for value in values if filled(value)]
    return bool(there) and sum(_can(meant(value)) for value in there) >= 0.8 * len(there)
