"""tell me when it fails: who is told how it ended, and by which channel."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from composer.constraints.reading import Said, found
from composer.constraints.sketch import CannotHold, Sketch
from composer.edit import Edit, SetField
from composer.evaluation import whole
from workflows.records import dataclass

_LOUD = (
    r"(?:alarm|alert|shout|scream|page|ping|warn|notify|notification|alarma\w*|alert[ae]\w*|notifi\w*|avis\w*|previens|prevenir|previen|avertis\w*|"
    r"benachrichtig\w*|bescheid|alarmier\w*|warne?|melde?|avvis\w*|avvert\w*|segnala\w*|waarschuw\w*)"
)
_SOFT = r"(?:tell|let (?:me|us) know|message|mail|email|e mail|e-mail|slack|write|inform|dime|manda\w*|envia\w*|dis moi|envoie|ecris|sag|schreib|schick|diz|me diga|scrivimi|dimmi|manda\w*|laat[^.;,]{0,10}weten|meld|stuur)"
_FAILS = (
    r"(?:fail\w*|goes? wrong|went wrong|breaks?|broken|down|red|not|isn'?t|doesn'?t|error\w*|problem\w*|unreachable|expire\w*|"
    r"fall\w*|va mal|sale mal|no (?:responde|funciona)|cae|caid\w*|echou\w*|rate|plante|ne [^.;,]{1,20} (?:pas|plus)|sinon|tombe|erreur|"
    r"fehl\w*|schief\w*|nicht|kaputt|rot|ausfall\w*|ausfallt|scheit\w*|falh\w*|der erro|da erro|nao|cair|caiu|errad\w*|fallisc\w*|non|errore|va storto|giu|"
    r"mislukt|faalt|fout\w*|niet|misgaat|stuk|otherwise|sonst|si no|senao|altrimenti|anders|if so|when so)"
)
_IF = r"(?:if|when|whenever|in case|should|on|as soon as|once|si|cuando|en caso|quand|en cas|des que|falls|wenn|sobald|bei|se|quando|em caso|in caso|als|zodra|indien|bij)"
_TOLD = re.compile(
    rf"\b(?:{_LOUD}|{_SOFT})\b(?P<middle>[^.;]{{0,45}}?)\b{_IF}\b[^.;]{{0,35}}?\b(?P<fails>{_FAILS})\b"
    rf"|\b{_IF}\b[^.;]{{0,45}}?\b(?P<fails2>{_FAILS})\b[^.;]{{0,30}}?\b(?:{_LOUD}|{_SOFT})\b(?P<middle2>[^.;]{{0,30}})"
    rf"|\b(?:{_LOUD}|{_SOFT})\b(?P<middle3>[^.;]{{0,30}}?)\b(?P<fails3>otherwise|sonst|ansonsten|sinon|si no|senao|altrimenti|anders)\b"
)
_DONE = re.compile(
    rf"\b(?:{_LOUD}|{_SOFT})\b(?P<middle>[^.;]{{0,30}}?)\b{_IF}\b[^.;]{{0,20}}?\b(?:done|finished|ready|over|through|termin\w*|acab\w*|list[oa]|fini\w*|pret|fertig|vorbei|pronto|finit\w*|klaar)\b"
)
CHANNELS = {
    "slack": r"slack",
    "mail": r"e-?mail\w*|mail\w*|correo|courriel|posta",
    "desktop": r"desktop|escritorio|bureau|schreibtisch",
    "terminal": r"terminal|konsole|console",
    "webhook": r"webhook|teams|discord|mattermost|telegram",
}
_CHANNEL_WORDS = "slack|e-?mail|mail|correo|courriel|posta|teams|discord|mattermost|telegram|webhook"
_BY = re.compile(
    rf"\b(?:{_SOFT}|{_LOUD}|send|post|schicke?|sende|publica|publie|envoie[rz]?|mande|invia\w*)\b(?P<middle>[^.;]{{0,40}}?)"
    rf"\b(?:on|by|via|over|in|into|to|per|por|par|auf|an|su|op|em|en|no|ao|sur)\s+(?:our |the |el |le |o |il |de |den )?(?:{_CHANNEL_WORDS})\b"
)
_ALARM = re.compile(rf"\b{_LOUD}\b(?P<middle>[^.;]{{0,30}})")


@dataclass(frozen=True)
class Telling:
    """Somebody is told when it fails, or at its end. `channel` is empty where nobody said which."""

    said: Said
    when: Literal["failure", "always"]
    channel: str = ""
    assumed: str = ""

    @property
    def means(self) -> str:
        by = f" by {self.channel}" if self.channel else ""
        return f"you are told{by} when it fails" if self.when == "failure" else f"you are told{by} how it ended"

    def caveat(self, sketch: Sketch) -> str:
        """What is not quite as it was said; empty where all is."""
        if not self.channel or self.channel in sketch.channels:
            return ""
        return (
            f"there is no channel '{self.channel}' here, so it is said on the terminal: "
            f"add it to `channels` in the settings, and `channel: {self.channel}` to the notice"
        )

    def edits(self, sketch: Sketch) -> Sequence[Edit]:
        failure = "failure" if self.when == "failure" else ""
        known = self.channel if self.channel in sketch.channels else ""
        if whole.notifies(sketch.subject, failure, known):
            return []
        steps = [seen for seen in sketch.subject.steps if not seen.placed.inside]
        able = [
            seen for seen in steps if seen.step.type in ("skill", "agent", "http", "workflow", "parallel", "decision")
        ]
        told = able if self.when == "failure" else able[-1:]
        if not told:
            raise CannotHold(
                "Nothing in it can tell.", "A notice stands beside a skill, an agent, an address or a workflow."
            )
        value = {"when": self.when, **({"channel": known} if known else {})}
        return [SetField(("notify",), value, seen.step.id) for seen in told if not seen.step.notify]


def read(request: str) -> Iterator[Telling]:
    """Whom a request wants told. Only alarms count without it being said of what: `tell me why` is no notice."""
    for pattern, when in ((_TOLD, "failure"), (_DONE, "always"), (_BY, "always"), (_ALARM, "failure")):
        for match, said in found(pattern, request):
            around = match.string[match.start() : match.end() + 25]
            if pattern is _ALARM and not re.search(
                rf"\b{_FAILS}\b|\b{_IF}\b", match[0] + match.string[match.end() : match.end() + 40]
            ):
                continue
            channel = next((name for name, told in CHANNELS.items() if re.search(rf"\b(?:{told})\b", around)), "")
            yield Telling(said, "failure" if when == "failure" else "always", channel)
            return
