"""every Monday at 7:30 Madrid time: when it starts by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from composer.constraints.limits import UNIT, seconds_of
from composer.constraints.reading import NUMBER, Said, flat, found, number
from composer.constraints.sketch import Sketch
from composer.edit import Edit, SetField
from workflows.definition.dump import written
from workflows.definition.schedules import known_zones, length
from workflows.records import dataclass
from workflows.values import Json

_DAYS = {
    1: r"mondays?|mon|lunes|lundis?|montage?s?|montags|segundas?(?: feiras?)?|segunda-feira|lunedi|maandag(?:en)?",
    2: r"tuesdays?|tue|tues|martes|mardis?|dienstage?s?|tercas?(?: feiras?)?|martedi|dinsdag(?:en)?",
    3: r"wednesdays?|wed|miercoles|mercredis?|mittwochs?|quartas?(?: feiras?)?|mercoledi|woensdag(?:en)?",
    4: r"thursdays?|thu|thurs|jueves|jeudis?|donnerstage?s?|quintas?(?: feiras?)?|giovedi|donderdag(?:en)?",
    5: r"fridays?|fri|viernes|vendredis?|freitage?s?|sextas?(?: feiras?)?|venerdi|vrijdag(?:en)?",
    6: r"saturdays?|sat|sabados?|samedis?|samstage?s?|sonnabends?|sabato|zaterdag(?:en)?",
    0: r"sundays?|sun|domingos?|dimanches?|sonntage?s?|domenica|domeniche|zondag(?:en)?",
}
_DAY = "|".join(_DAYS.values())
_EVERY = r"(?:every|each|cada|todos? (?:los|las|os)|todas? (?:las|as)|tou(?:s|tes) les|chaque|jeden|jede|jedes|alle|toda|todo|ogni|elke|iedere|tutti i|tutte le)"
_WEEKDAY = r"(?:week ?days?|working days?|work ?days?|dias? laborables?|entre semana|jours? (?:ouvres?|ouvrables?|de semaine)|werktags?|werktage?n?|wochentags?|arbeitstage?n?|dias? uteis|giorni? (?:feriali|lavorativi)|giorno feriale|werkdag(?:en)?|mon(?:day)? ?(?:-|to|bis|through) ?fri(?:day)?|lunes a viernes|montag bis freitag|lundi au vendredi|segunda a sexta|lunedi a venerdi|maandag tot vrijdag|mo-fr)"
_DAILY = r"(?:daily|every ?day|day|dia|diario|diariamente|cada dia|jours?|quotidien\w*|taglich|tag|giorno|giorni|quotidianamente|dagelijks|dag|dias)"
_MORNING = r"(?:mornings?|mananas?|matins?|morgens?|morgen|fruh|manhas?|mattin[ae]|ochtend(?:en)?)"
_NIGHT = r"(?:nightly|nights?|noches?|nuits?|nachts?|nacht|noites?|nott[ei])"
_EVENING = r"(?:evenings?|tardes?|soirs?|abends?|abend|ser[ae]|avond(?:en)?)"
_WEEKLY = r"(?:weekly|weeks?|semana(?:s|l|lmente)?|semaines?|hebdomadaire|wochentlich|woche|settiman[ae]|settimanalmente|wekelijks|week)"
_MONTHLY = r"(?:monthly|months?|mes(?:es)?|mensual\w*|mensal\w*|mois|mensuel\w*|monatlich|monat|mesi|mese|mensilmente|maandelijks|maand)"
_HOURLY = r"(?:hourly|hours?|horas?|heures?|stundlich|stunde|or[ae]|uur|elk uur)"
_INTERVAL = re.compile(
    rf"\b{_EVERY}\s+(?P<n>{NUMBER})\s?(?P<unit>{UNIT})\b|\b(?P<single>every|each|cada|chaque|jede|ogni|elke?|iedere?|toutes les|a cada) (?P<unit1>minutes?|minuto|minuut|hours?|hora|heures?|stunde|ora|uur)\b|\b(?P<hourly>hourly|stundlich|once an hour|elk uur)\b"
)
_TIME = (
    r"(?:(?:at|a las?|a|as|alle|um|om|gegen|@|vers|ab)\s+)?(?P<h>[01]?\d|2[0-4])(?:(?::|h|\.|uhr ?)(?P<m>[0-5]\d))?\s?"
    r"(?P<ap>am\b|pm\b|a\.m\.|p\.m\.|uhr\b|h\b|o'?clock\b|uur\b|de la manana\b|de la tarde\b|de la noche\b|du matin\b|du soir\b|da manha\b|da tarde\b|di mattina\b|di sera\b)?"
)
_WHEN = re.compile(
    rf"\b(?:(?:{_EVERY}|on|los|le|am|immer|op|il|aos|as|jeweils)\s+(?P<kind>(?:weekday|working day|{_WEEKDAY})|(?:(?:{_DAY})(?:(?:\s*,\s*|\s+(?:and|y|et|und|e|en)\s+)(?:{_DAY}))*)(?:\s+(?:{_MORNING}|{_EVENING}|{_NIGHT}))?|{_MORNING}|{_NIGHT}|{_EVENING}|{_DAILY}|{_WEEKLY}|{_MONTHLY})"
    rf"|(?P<alone>{_WEEKDAY}|daily|nightly|weekly|monthly|taglich|wochentlich|monatlich|werktags|nachts|diariamente|a diario|semanalmente|mensualmente|mensalmente|dagelijks|wekelijks|maandelijks|quotidiennement|once a (?:day|week|month)|einmal (?:am tag|pro woche|im monat)|montags|dienstags|mittwochs|donnerstags|freitags|samstags|sonntags|mondays|tuesdays|wednesdays|thursdays|fridays|saturdays|sundays))\b"
)
_CLOCK = re.compile(
    r"\b(?:at|a las?|a|as|alle|um|om|gegen|vers)\s+(?P<h>[01]?\d|2[0-4])(?:(?::|h|\.)(?P<m>[0-5]\d))?\s?(?P<ap>am|pm|a\.m\.|p\.m\.|uhr|h|o'?clock|uur|de la manana|de la tarde|de la noche|du matin|du soir|da manha|da tarde|da noite|di mattina|di sera|'s ochtends|'s avonds)?\b(?!\s?(?:%|\w+ at a time|percent))"
    r"|\b(?P<h2>[01]?\d|2[0-4]):(?P<m2>[0-5]\d)\s?(?P<ap2>am|pm)?\b|\b(?P<h3>[01]?\d)\s?(?P<ap3>am|pm)\b|\b(?P<h4>[01]?\d|2[0-4])\s?(?:h(?P<m4>[0-5]\d)?|uhr)\b|\b(?P<word>noon|midday|midnight|mediodia|medianoche|midi|minuit|mittags?|mitternachts?|meio-dia|meia-noite|mezzogiorno|mezzanotte|middernacht)\b"
    r"|(?<=\w )(?P<h5>[01]?\d|2[0-3])(?= (?:madrid|berlin|paris|london|lisbon|rome|amsterdam|new york|tokyo|utc|gmt|cet|o'clock))"
)
_WORDS = {"no": 12, "midd": 12, "midn": 0, "mediod": 12, "median": 0, "midi": 12, "minu": 0, "mitta": 12, "mitte": 0,
          "meio": 12, "meia": 0, "mezzog": 12, "mezzan": 0, "middern": 0}  # fmt: skip
_MONTH_DAY = re.compile(
    r"\b(?:on )?(?:the )?(?P<d>first|1st|last|\d{1,2}(?:st|nd|rd|th)?)(?: day)? of (?:the|each|every) month\b|\b(?:el|le|am|o|il|op de) (?P<d2>1|primero|premier|1er|ersten|primeiro|primo|eerste|\d{1,2})\.? (?:de cada mes|de chaque mois|jedes monats|jeden monats|de cada mes|di ogni mese|van elke maand)\b"
)
_ALSO = {
    "londres": "Europe/London", "lisboa": "Europe/Lisbon", "lisbonne": "Europe/Lisbon", "lissabon": "Europe/Lisbon",
    "lisbona": "Europe/Lisbon", "roma": "Europe/Rome", "rom": "Europe/Rome", "milan": "Europe/Rome", "milano": "Europe/Rome",
    "mailand": "Europe/Rome", "munich": "Europe/Berlin", "munchen": "Europe/Berlin", "hamburg": "Europe/Berlin",
    "germany": "Europe/Berlin", "deutsche": "Europe/Berlin", "german": "Europe/Berlin", "berliner": "Europe/Berlin",
    "barcelona": "Europe/Madrid", "espana": "Europe/Madrid", "spanish": "Europe/Madrid", "spain": "Europe/Madrid",
    "parigi": "Europe/Paris", "french": "Europe/Paris", "france": "Europe/Paris", "pariser": "Europe/Paris",
    "vienne": "Europe/Vienna", "wien": "Europe/Vienna", "wiener": "Europe/Vienna", "zurich": "Europe/Zurich",
    "bruxelles": "Europe/Brussels", "brussel": "Europe/Brussels", "bruselas": "Europe/Brussels", "geneva": "Europe/Zurich",
    "nueva york": "America/New_York", "nova york": "America/New_York", "nova iorque": "America/New_York", "nyc": "America/New_York",
    "eastern": "America/New_York", "est": "America/New_York", "pacific": "America/Los_Angeles", "central": "America/Chicago",
    "pst": "America/Los_Angeles", "california": "America/Los_Angeles", "san francisco": "America/Los_Angeles",
    "tokio": "Asia/Tokyo", "pekin": "Asia/Shanghai", "beijing": "Asia/Shanghai", "china": "Asia/Shanghai",
    "india": "Asia/Kolkata", "mumbai": "Asia/Kolkata", "delhi": "Asia/Kolkata", "bangalore": "Asia/Kolkata",
    "brasilia": "America/Sao_Paulo", "rio": "America/Sao_Paulo", "brazil": "America/Sao_Paulo", "cet": "Europe/Berlin",
    "londoner": "Europe/London", "uk": "Europe/London", "amsterdamse": "Europe/Amsterdam", "utc": "UTC", "gmt": "UTC", "zulu": "UTC",
    "mexico": "America/Mexico_City", "ciudad de mexico": "America/Mexico_City", "moscou": "Europe/Moscow", "moskau": "Europe/Moscow",
}  # fmt: skip
_ZONED = re.compile(
    r"\b(?:hora(?:rio)? de|heure de|l'heure de|ora di|orario di|tijd in|uhrzeit in|ortszeit in|time (?:in|of)|fuso de)\s+(?P<after>[a-z]+(?: [a-z]+){0,2})"
    r"|\b(?P<before>[a-z]+(?: [a-z]+){0,2})[ -](?:time|zeit|ortszeit|tijd)\b|\b(?P<plain>utc|gmt|cet|est|pst)\b|\b(?P<name>(?:europe|america|asia|africa|australia|pacific|atlantic)/[a-z_/]+)"
)


_BESIDE = 14
"""Characters between the days and the time of day that still belong to them."""


@dataclass(frozen=True)
class Starting:
    """A rule of when it starts by itself: a cron line, or seconds between two starts."""

    said: Said
    cron: str = ""
    every: float = 0.0
    zone: str = ""
    assumed: str = ""

    @property
    def rule(self) -> dict[str, Json]:
        if self.every:
            return {"every": length(self.every)}
        return {"cron": self.cron, **({"timezone": self.zone} if self.zone else {})}

    @property
    def means(self) -> str:
        words = f"every {length(self.every)}" if self.every else f"by {self.cron}"
        return f"it starts {words}{f' ({self.zone})' if self.zone else ''}, once it is published to a server"

    def edits(self, sketch: Sketch) -> Sequence[Edit]:
        now = [written(rule) for rule in sketch.subject.workflow.schedules]
        return [] if now == [self.rule] else [SetField(("schedule",), self.rule)]


def read(request: str) -> Iterator[Starting]:
    """The schedule of a request."""
    for match, said in found(_INTERVAL, request):
        if match["n"]:
            seconds = number(match["n"]) * seconds_of(match["unit"])
        else:
            seconds = 3600.0 if match["hourly"] else float(seconds_of(match["unit1"]))
        if 60 <= seconds < 86400:
            yield Starting(said, every=seconds)
            return
    if (monthly := next(found(_MONTH_DAY, request), None)) is not None:
        match, said = monthly
        digits = re.sub(r"\D", "", match["d"] or match["d2"] or "")
        day = int(digits) if digits else 1
        if 1 <= day <= 28:
            yield _at(request, said, f"{day} * *", 8)
            return
    for match, said in found(_WHEN, request):
        kind = match["kind"] or match["alone"]
        days = _days(kind)
        if (
            match["kind"]
            and not days
            and re.match(r"\b(?:on|am|le|los|il|op|as)\s", match[0])
            and not re.search(_DAY, kind)
        ):
            continue
        if days and re.match(r"(?:on|am|le|il|op|los|as)\s", match[0]) and not re.search(r"(?:days|s)\b", kind):
            continue  # on friday: once, not each week
        hour = 20 if re.search(_EVENING, kind) else 2 if re.search(_NIGHT, kind) else 8
        if re.search(rf"^{_MONTHLY}$|^(?:once a month|einmal im monat)$", kind):
            yield _at(request, said, "1 * *", hour)
        elif re.search(rf"^{_WEEKLY}$|week$|woche$", kind) and not days:
            yield _at(request, said, "* * 1", hour)
        else:
            yield _at(request, said, f"* * {days or '*'}", hour)
        return


def _days(kind: str) -> str:
    if re.search(_WEEKDAY, kind):
        return "1-5"
    named = [day for day, names in _DAYS.items() if re.search(rf"\b(?:{names})\b", kind)]
    return ",".join(str(day) for day in sorted(named))


def _at(request: str, said: Said, days: str, usual: int) -> Starting:
    """The cron line for these days, at the time that stands nearest to where they are said."""
    times = [
        (_distance(said, place), time, place)
        for match, place in found(_CLOCK, request)
        if (time := _time(match)) is not None
    ]
    _, (hour, minute), place = min(times, default=(0, (usual, 0), said), key=lambda entry: entry[0])
    assumed = "" if times else f"no time of day was said: it starts at {usual}:00"
    beside = _distance(said, place) <= _BESIDE
    start, end = (min(said.start, place.start), max(said.end, place.end)) if beside else (said.start, said.end)
    zone = _zone(flat(request))
    if zone:
        after = _ZONED.search(flat(request), end)
        end = after.end() if after and after.start() - end < 4 else end
    whole = Said(request[start:end].strip(), start, end)
    return Starting(whole, f"{minute} {hour} {days}", 0.0, zone, assumed)


def _distance(one: Said, other: Said) -> int:
    return max(0, one.start - other.end, other.start - one.end)


def _time(match: re.Match[str]) -> tuple[int, int] | None:
    if match["word"]:
        return next(((hour, 0) for start, hour in _WORDS.items() if match["word"].startswith(start)), None)
    hour = int(next(match[name] for name in ("h", "h2", "h3", "h4", "h5") if match[name]))
    minute = int(match["m"] or match["m2"] or match["m4"] or 0)
    half = match["ap"] or match["ap2"] or match["ap3"] or ""
    if re.match(r"pm|p\.m|de la tarde|de la noche|du soir|da tarde|da noite|di sera|'s avonds", half) and hour < 12:
        hour += 12
    if re.match(r"am|a\.m", half) and hour == 12:
        hour = 0
    return (hour % 24, minute) if hour <= 24 else None


def _zone(request: str) -> str:
    cities = _cities()
    for match in _ZONED.finditer(request):
        if match["name"]:
            named = next((zone for zone in known_zones() if zone.lower() == match["name"]), "")
            if named:
                return named
            continue
        words = (match["after"] or match["before"] or match["plain"]).split()
        tries = (
            [words[:end] for end in range(len(words), 0, -1)]
            if match["after"]
            else [words[start:] for start in range(len(words))]
        )
        for part in tries:
            if zone := cities.get(" ".join(part)):
                return zone
    return ""


@cache
def _cities() -> Mapping[str, str]:
    """The time zones by the names of cities."""
    zones = sorted(zone for zone in known_zones() if "/" in zone and not zone.startswith(("Etc/", "SystemV/", "US/")))
    return {**{flat(zone.rpartition("/")[2].replace("_", " ")): zone for zone in zones}, **_ALSO}
