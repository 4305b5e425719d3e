"""give up after 10 minutes, try it three times: timeouts and retries."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from composer.constraints.reading import NUMBER, Said, found, number
from composer.constraints.sketch import Sketch
from composer.edit import Edit, SetField
from composer.evaluation.roles import has_role
from workflows.definition.schedules import length
from workflows.records import dataclass

UNITS = {
    "second": 1, "sec": 1, "s": 1, "segundo": 1, "seconde": 1, "sekunde": 1, "secondi": 1, "secondo": 1, "seconden": 1,
    "minute": 60, "min": 60, "m": 60, "minuto": 60, "minuti": 60, "minuten": 60, "minuut": 60,
    "hour": 3600, "h": 3600, "hr": 3600, "hora": 3600, "heure": 3600, "stunde": 3600, "ora": 3600, "ore": 3600, "uur": 3600,
    "day": 86400, "d": 86400, "dia": 86400, "jour": 86400, "tag": 86400, "giorno": 86400, "giorni": 86400, "dag": 86400,
}  # fmt: skip
UNIT = r"(?:s|secs?|seconds?|segundos?|secondes?|sekunden?|secondi|secondo|seconden|mins?|minutes?|minutos?|minuten?|minuti|minuut|m|h|hrs?|hours?|horas?|heures?|stunden?|or[ae]|uur|days?|dias?|jours?|tage?n?|giorn[oi]|dag(?:en)?)"
"""A unit of time in words."""

_LIMIT = (
    r"(?:at most|max(?:imum|imal|imaal|imo|imum of)?\.?|no more than|not (?:more|longer) than|less than|within|up to|under|in under|"
    r"give up after|stop after|abort after|time ?out(?: of| after)?|cancel after|no mas de|como maximo|en menos de|menos de|"
    r"au (?:plus|maximum)|pas plus de|en moins de|moins de|hochstens|nicht langer als|nach spatestens|innerhalb von|abbruch nach|"
    r"brich nach|no maximo|nao mais de|em menos de|al massimo|non piu di|in meno di|entro|maximaal|hoogstens|binnen|niet langer dan)"
)
_HALF = r"half|halbe[nr]?|halve|media|meia|demi|mezz[ao]?"
_MANY = rf"(?:{NUMBER}|{_HALF}|an|quarter of an)"
_TIMEOUT = re.compile(
    rf"\b{_LIMIT}\s+(?:of\s+|de\s+|von\s+|einer\s+|una?\s+|uma\s+|une\s+)?(?P<n>{_MANY})[\s'-]?(?:an?\s+)?(?P<unit>{UNIT})\b"
    rf"|\b(?P<n2>{NUMBER})\s?(?P<unit2>{UNIT})\s+(?:max|at most|tops|timeout|time limit|maximum|maximal|hochstens)\b"
)
_NOT_A_LIMIT = re.compile(
    r"response|respon|respond|answer|older|old\b|valid|good for|expir|latency|scad|caduc|vence|perim|ablauf|lauft ab|verloop|antwort|gultig|days? (?:left|old)|last|past"
)
_TRY = re.compile(
    rf"\b(?P<verb>retry|retries|try(?: it)?(?: again)?|attempts?|reintent\w*|intent\w*|reessa\w*|essaie|essaye|wiederhol\w*|versuch\w*|tenta\w*|tente|riprova\w*|prova\w*|probeer\w*|herhaal)\b"
    rf"[^.;,]{{0,30}}?(?:\b(?P<n>{NUMBER})\s*(?:x|times|attempts|tries|retries|veces|fois|mal|vezes|volte|keer|more)\b|\b(?P<word>once|twice)\b|\b(?P<dreimal>zweimal|dreimal|viermal|funfmal)\b)"
    rf"|\b(?P<n2>{NUMBER})\s*(?:x\s+)?(?P<noun>attempts|tries|retries|intentos|reintentos|essais|tentatives|versuche|wiederholungen|tentativas|tentativi|pogingen)\b"
)
_MAL = {"zweimal": 2, "dreimal": 3, "viermal": 4, "funfmal": 5, "once": 1, "twice": 2}


@dataclass(frozen=True)
class Timeout:
    """The longest that a run may be at work, in seconds."""

    said: Said
    seconds: float
    assumed: str = ""

    @property
    def means(self) -> str:
        return f"at most {length(self.seconds)} at work"

    def edits(self, sketch: Sketch) -> Sequence[Edit]:
        workflow = sketch.subject.workflow
        inside = workflow.metadata is not None and workflow.metadata.timeout is not None
        now = workflow.metadata.timeout if inside and workflow.metadata else workflow.timeout
        path = ("metadata", "timeout") if inside else ("timeout",)
        return [] if now == self.seconds else [SetField(path, length(self.seconds))]


@dataclass(frozen=True)
class Retries:
    """How often a step that fails is tried in all."""

    said: Said
    attempts: int
    assumed: str = ""

    @property
    def means(self) -> str:
        return f"what fails is tried {self.attempts} times in all"

    def edits(self, sketch: Sketch) -> Sequence[Edit]:
        able = [seen for seen in sketch.subject.steps if seen.step.type in ("skill", "http", "agent")]
        for role in ("fetch", "deploy", "test"):
            if picked := [seen for seen in able if has_role(seen, role)]:
                able = picked
                break
        return [
            SetField(("retry", "max_attempts"), self.attempts, seen.step.id)
            for seen in able
            if seen.step.retry is None
            or (seen.step.retry.attempts != self.attempts and not seen.step.retry.max_retries)
        ]


def read(request: str) -> Iterator[Timeout | Retries]:
    """The limits that a request gives to time and to tries."""
    for match, said in found(_TIMEOUT, request):
        value = _many(match["n"] or match["n2"]) * seconds_of(match["unit"] or match["unit2"])
        if value > 0 and not _NOT_A_LIMIT.search(match.string[max(0, match.start() - 30) : match.end() + 10]):
            yield Timeout(said, value)
            break
    for match, said in found(_TRY, request):
        word = match["word"] or match["dreimal"]
        count = _MAL[word] if word else int(number(match["n"] or match["n2"]))
        again = (
            re.match(r"retr|reint|reess|wiederh|riprov|herhaal|try again", match["verb"] or match["noun"])
            or "again" in match[0]
        )
        if 1 <= count <= 20:
            yield Retries(said, count + 1 if again else max(count, 2))
            break


def _many(text: str) -> float:
    """The number of units: `half` of an hour is the half of one, `an` hour is one."""
    if re.fullmatch(_HALF, text):
        return 0.5
    return {"an": 1.0, "quarter of an": 0.25}.get(text) or number(text)


def seconds_of(unit: str) -> int:
    """Seconds of a unit in words."""
    for word in (unit, unit.rstrip("s"), unit.rstrip("n"), unit.removesuffix("en"), unit.removesuffix("e")):
        if word in UNITS:
            return UNITS[word]
    return UNITS.get(unit[:3], 60)
