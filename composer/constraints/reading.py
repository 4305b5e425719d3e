"""How sentences are read for what they demand: without accents, with numbers in words, places kept."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from workflows.records import dataclass

_WORDS = [
    "one",
    "1",
    "two",
    "2",
    "three",
    "3",
    "four",
    "4",
    "five",
    "5",
    "six",
    "6",
    "seven",
    "7",
    "eight",
    "8",
    "nine",
    "9",
    "ten",
    "10",
    "eleven",
    "11",
    "twelve",
    "12",
    "fifteen",
    "15",
    "twenty",
    "20",
    "thirty",
    "30",
    "half",
    "0.5",
    "uno",
    "1",
    "una",
    "1",
    "dos",
    "2",
    "cuatro",
    "4",
    "cinco",
    "5",
    "seis",
    "6",
    "siete",
    "7",
    "ocho",
    "8",
    "nueve",
    "9",
    "diez",
    "10",
    "quince",
    "15",
    "veinte",
    "20",
    "treinta",
    "30",
    "medio",
    "0.5",
    "un",
    "1",
    "une",
    "1",
    "deux",
    "2",
    "trois",
    "3",
    "quatre",
    "4",
    "cinq",
    "5",
    "sept",
    "7",
    "huit",
    "8",
    "neuf",
    "9",
    "dix",
    "10",
    "quinze",
    "15",
    "vingt",
    "20",
    "trente",
    "30",
    "ein",
    "1",
    "eine",
    "1",
    "einen",
    "1",
    "einem",
    "1",
    "zwei",
    "2",
    "drei",
    "3",
    "vier",
    "4",
    "funf",
    "5",
    "sechs",
    "6",
    "sieben",
    "7",
    "acht",
    "8",
    "neun",
    "9",
    "zehn",
    "10",
    "zwanzig",
    "20",
    "dreissig",
    "30",
    "um",
    "1",
    "uma",
    "1",
    "dois",
    "2",
    "duas",
    "2",
    "tres",
    "3",
    "quatro",
    "4",
    "sete",
    "7",
    "oito",
    "8",
    "nove",
    "9",
    "dez",
    "10",
    "vinte",
    "20",
    "trinta",
    "30",
    "due",
    "2",
    "tre",
    "3",
    "quattro",
    "4",
    "cinque",
    "5",
    "sei",
    "6",
    "sette",
    "7",
    "otto",
    "8",
    "dieci",
    "10",
    "venti",
    "20",
    "trenta",
    "30",
    "een",
    "1",
    "twee",
    "2",
    "drie",
    "3",
    "vijf",
    "5",
    "zes",
    "6",
    "zeven",
    "7",
    "negen",
    "9",
    "tien",
    "10",
    "twintig",
    "20",
    "dertig",
    "30",
]
NUMBERS = {word: float(value) for word, value in zip(_WORDS[::2], _WORDS[1::2], strict=True)}
NUMBER = rf"(?:\d+(?:[.,]\d+)?|{'|'.join(sorted(NUMBERS, key=len, reverse=True))})"
"""A number, in digits or in words."""


@dataclass(frozen=True)
class Said:
    """Words of a request, and where they stand in it."""

    words: str
    start: int
    end: int


def flat(text: str) -> str:
    """The text in lower case without accents, each character at its place."""
    return "".join(_flat(char) for char in text)


def number(text: str) -> float:
    """The number that a match of NUMBER means."""
    return NUMBERS[text] if text in NUMBERS else float(text.replace(",", "."))


def found(pattern: re.Pattern[str], request: str) -> Iterator[tuple[re.Match[str], Said]]:
    """Where the pattern stands in the request. It is matched without accents and in lower case."""
    for match in pattern.finditer(flat(request)):
        yield match, Said(request[match.start() : match.end()].strip(" ,;."), match.start(), match.end())


def words(*phrases: str) -> str:
    """A pattern for any of these phrases, as whole words; blanks stand for any white space."""
    return rf"\b(?:{'|'.join(phrase.replace(' ', r'[ -]+') for phrase in phrases)})\b"


def _flat(char: str) -> str:
    plain = unicodedata.normalize("NFKD", char.lower())
    kept = "".join(each for each in plain if not unicodedata.combining(each))
    if char in "’‘`´":
        return "'"
    return kept if len(kept) == 1 else {"ß": "s", "œ": "o", "æ": "a"}.get(char.lower(), char if len(kept) != 0 else " ")
