"""Numbers, versions, dates and times of a request, by what stands beside them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from composer.constraints.reading import NUMBER, flat, number
from composer.terms import ADDRESS, VERSION

_PERCENT = re.compile(
    r"(?<![\w.])(\d+(?:[.,]\d+)?)\s?(?:%|percent|per cent|prozent|por ciento|pour ?cents?|por cento|per cento|procent)"
)
UNITS: Mapping[str, str] = {
    "days": r"days?|dias?|jours?|tagen?|tage|giorn[oi]|dag(?:en)?",
    "bullets": r"bullets?(?: points?)?|points?|key points|sentences?|lines|puntos?|vinetas|frases?|points cles|phrases?|stichpunkte?n?|punkten?|satzen?|satze|pontos?|punti|frasi|punten|zinnen|takeaways",
    "milliseconds": r"ms|milliseconds?|millisekunden?|milisegundos?|millisecondes?|millisecondi",
    "keep": r"(?:backups|copies|archives|generations|versions|releases|copias|sicherungen|copie|kopieen)",
}
"""The units by which a number belongs to a purpose."""

_KEEP = re.compile(
    rf"\b(?:keep|keeping|retain|conserva\w*|garde\w*|behalte?\w*|mante\w*|tieni|bewaar|hou)\b(?: only| just| the| los| las| les| die| le| gli| de| os| as| nur)*(?: last| newest| ultim\w+| dernier\w*| letzten?| laatste)? (?P<n>{NUMBER})\b|\b(?:last|ultim[oa]s|derni\w+|letzten|laatste) (?P<n2>{NUMBER}) (?:backups|copies|archives|releases|versions)"
)
_SINCE = r"(?:since|from|after|starting (?:at|with)|seit|ab|nach|desde|depuis|a partir de|apres|dalla|dal|dopo|sinds|vanaf|na|despues de|depois de|between|zwischen|entre|tra)"
_SINCE_REF = re.compile(
    rf"\b{_SINCE}\s+(?:the |la |le |el |der |dem |das |a |o |il |de |het |versione? |version |versao |versie |tag |release |commit |etiqueta )*(?P<ref>v?\d+(?:\.\d+)+(?:-[\w.]+)?|v\d+|\d{{4}}-\d\d-\d\d|[0-9a-f]{{7,40}})\b",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"(?<!\d)(?P<y>20\d\d)-(?P<m>[01]\d)-(?P<d>[0-3]\d)(?!\d)|(?<!\d)(?P<d2>[0-3]?\d)[./](?P<m2>[01]?\d)[./](?P<y2>20\d\d)(?!\d)"
)
_MONTHS = {
    1: "january|enero|janvier|januar|janeiro|gennaio|januari", 2: "february|febrero|fevrier|februar|fevereiro|febbraio|februari",
    3: "march|marzo|mars|marz|marco|maart", 4: "april|abril|avril|aprile", 5: "may|mayo|mai|maio|maggio|mei",
    6: "june|junio|juin|juni|junho|giugno", 7: "july|julio|juillet|juli|julho|luglio", 8: "august|agosto|aout|augustus",
    9: "september|septiembre|septembre|setembro|settembre", 10: "october|octubre|octobre|oktober|outubro|ottobre",
    11: "november|noviembre|novembre|novembro", 12: "december|diciembre|decembre|dezember|dezembro|dicembre",
}  # fmt: skip
_NAMED = {
    number: re.compile(
        rf"\b(?:(?P<d>[0-3]?\d)(?:st|nd|rd|th|\.|er)?\s+(?:of |de |di )?(?:{names})|(?:{names})\s+(?P<d2>[0-3]?\d)(?:st|nd|rd|th)?)(?:,?\s+(?:de |del |of )?(?P<y>20\d\d))\b"
    )
    for number, names in _MONTHS.items()
}
_CLOCK = r"(?:las? |le |les |os? |as |um )?(?P<{0}>[01]?\d|2[0-3])(?:(?::|h|\.)(?P<{0}m>[0-5]\d))?\s?(?:h|uhr|uur|am|pm|o'clock)?"
_SPAN = re.compile(
    rf"\b(?:between|from|von|zwischen|entre|de|desde|das|dalle|tra|fra|tussen|van)\s+{_CLOCK.format('a')}\s*(?:-|and|to|until|till|bis|und|y|a|hasta|et|e|as|alle|en|tot)\s+{_CLOCK.format('b')}"
)
_BOTH = re.compile(
    r"(?<![\d:])(?P<a>[01]?\d|2[0-3]):(?P<am>[0-5]\d)\s*(?:-|–|to|and|until|till|bis|und|a|y|hasta|as|et|e|alle|en|tot)\s*(?P<b>[01]?\d|2[0-3]):(?P<bm>[0-5]\d)\b"
)
_TOP = re.compile(
    rf"\btop[ -]?(?P<n>{NUMBER})\b|(?<![\w.])(?P<n2>{NUMBER}) (?:\w+ )?(?:most|largest|biggest|busiest|slowest|worst|heaviest|"
    r"mas|grandes|plus|gros\w*|grossten|haufigsten|schlimmsten|maior\w*|mais|piu|peggiori|grootste|meest\w*)\b"
)
_PREFIX = re.compile(r"(?<![\w+])\+\d{1,3}(?!\d)")
_BRANCH_WORD = r"(?:branch|rama|branche|zweig|ramo|tak)"
_REF = r"[\w][\w./-]*"
_TRUNK = r"(?:main|master|develop|dev|trunk|staging|production|release)"


def percent(request: str) -> float | None:
    """The first percentage."""
    match = _PERCENT.search(flat(request))
    return _value(match[1]) if match else None


def amount(request: str, purpose: str) -> float | None:
    """The number with a unit of this purpose."""
    low = flat(request)
    if purpose == "keep" and (match := _KEEP.search(low)):
        return _value(match["n"] or match["n2"])
    if purpose not in UNITS:
        return None
    match = re.search(
        rf"(?<![\w.])(?P<n>{NUMBER})[ -]?(?:more |further |weitere |short |key |kurzen? )?(?:{UNITS[purpose]})\b", low
    )
    return _value(match["n"]) if match else None


def limit(request: str) -> float | None:
    """How many are wanted of something: `top 10`, `the 5 largest`."""
    match = _TOP.search(flat(request))
    return _value(match["n"] or match["n2"]) if match else None


def beside(request: str, name: str) -> float | None:
    """The number that stands right beside a parameter's name."""
    words = re.escape(name.replace("_", " ").lower())
    low = flat(request)
    match = re.search(
        rf"\b{words}\s*(?:of|is|=|:|to|at|under|below|above|over|von|de|di|a|auf)?\s*(?P<n>\d+(?:[.,]\d+)?)\b|(?<![\w.])(?P<n2>\d+(?:[.,]\d+)?)\s+{words}\b",
        low,
    )
    return _value(match["n"] or match["n2"]) if match else None


def since(request: str) -> str:
    """The version or date after which something is wanted."""
    match = _SINCE_REF.search(request)
    return match["ref"] if match else ""


def version(request: str) -> str:
    """The version that is named: as versions are written, else after the word for it."""
    plain = ADDRESS.sub(" ", request)
    found = [match[0] for match in VERSION.finditer(plain) if match[0] != since(request)]
    if found:
        return found[0].rstrip(".")
    match = re.search(
        r"\b(?:version|versao|versione|versie|tag|release|build)\s+(?P<v>v?\d[\w.-]*)", plain, re.IGNORECASE
    )
    return match["v"].rstrip(".") if match else ""


def trunk(request: str) -> str:
    """A branch that is called as main branches are, or by the word for it."""
    low = flat(ADDRESS.sub(" ", request))
    match = re.search(
        r"\b(?:current |latest |newest |aktuellen? |actual )?(?P<b>main|master|develop|trunk|HEAD|head)\b(?!/)", low
    )
    if match:
        return "HEAD" if match["b"] == "head" else match["b"]
    match = re.search(rf"\b{_BRANCH_WORD}\s+[\"'`]?(?P<b>{_REF})|(?P<b2>{_REF})[ -]{_BRANCH_WORD}\b", low)
    name = (match["b"] or match["b2"]) if match else ""
    return "" if name in _NO_BRANCH else name.rstrip(".")


def base(request: str) -> str:
    """The branch that another one is compared with."""
    low = flat(request)
    match = re.search(
        rf"\b(?:compared (?:to|with)|against|versus|vs\.?|relative to|(?:merge|merging|merged|goes?|go)(?: it| this)? (?:in)?to|into|gegen(?:uber)?|im vergleich zu|verglichen mit|contra|frente a|respecto a|"
        rf"comparado con|comparada? com|en|em relacao a|par rapport a|comparee? a|dans|rispetto a|in|ten opzichte van|tegen|vergeleken met|and|und|y|et)\s+(?:the |la |le |den |der |de |o |il )?(?P<b>{_TRUNK})\b(?!/)",
        low,
    )
    return match["b"] if match else ""


def date(request: str) -> str:
    """The day that is named, as 2024-11-03."""
    if match := _DATE.search(request):
        day, month, year = (match[a] or match[b] for a, b in (("d", "d2"), ("m", "m2"), ("y", "y2")))
        return f"{year}-{int(month):02}-{int(day):02}" if 1 <= int(month) <= 12 and 1 <= int(day) <= 31 else ""
    low = flat(request)
    for month_number, pattern in _NAMED.items():
        if match := pattern.search(low):
            return f"{match['y']}-{month_number:02}-{int(match['d'] or match['d2']):02}"
    return ""


def span(request: str) -> tuple[str, str]:
    """From which time of day to which, as 18:00."""
    for match in _SPAN.finditer(flat(request)):
        if match["am"] or match["bm"] or re.search(r"uhr|uur|\dh|\d ?[ap]m|las \d|clock", match[0]):
            return f"{int(match['a']):02}:{match['am'] or '00'}", f"{int(match['b']):02}:{match['bm'] or '00'}"
    if both := _BOTH.search(flat(request)):
        return f"{int(both['a']):02}:{both['am']}", f"{int(both['b']):02}:{both['bm']}"
    return "", ""


def prefix(request: str) -> str:
    """The prefix of telephone numbers."""
    match = _PREFIX.search(request)
    return match[0] if match else ""


_NO_BRANCH = frozenset(
    re.findall(
        r"\w+",
        "my this the our a meine meinen mein diesen mi la ma mon el o meu il mio mijn de der den before after gegen contra to from and in current new latest for with da do del della since",
    )
)


def _value(text: str) -> float:
    found = number(text)
    return int(found) if found == int(found) else found
