"""ask me before: a person says yes before something is written, deployed, deleted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from composer.constraints.reading import Said, found, words
from composer.constraints.sketch import ACTING, CannotHold, Sketch
from composer.edit import Edit, SetField
from composer.evaluation.facts import Fact
from workflows.records import dataclass

_ASK = re.compile(
    words(
        *(
            r"ask (?:me|us|first|before|for (?:my )?(?:ok|approval|permission|confirmation))",
            "check with me",
            "confirm with me",
        ),
        *(
            r"(?:wait|stop) for (?:my|a|our) (?:ok|okay|yes|approval|go|confirmation)",
            r"(?:needs?|with|after) my (?:ok|okay|approval|yes|go)",
        ),
        *(
            r"let me (?:approve|confirm|check|see|read|review|look)\b[^.;]{0,30}\b(?:before|first)",
            "not without (?:asking|my)",
            "i approve",
        ),
        *(
            r"(?:i|we) (?:want|would like|need|have|d like) to (?:read|see|check|approve|confirm|review|look at)\b[^.;]{0,40}\b(?:before|first)",
        ),
        *(
            r"show (?:me|it)\b[^.;]{0,30}\b(?:before|first)",
            "without asking",
            r"my (?:ok|approval|confirmation) (?:before|first)",
        ),
        *(
            "preguntame",
            "preguntar antes",
            "pregunta antes",
            "pideme (?:permiso|confirmacion)",
            "pide (?:mi )?(?:permiso|confirmacion|aprobacion)",
        ),
        *(
            "consultame",
            "sin preguntar(?:me)?",
            "sin mi (?:ok|permiso|aprobacion)",
            r"quiero (?:ver|leer|aprobar|revisar)\w*\b[^.;]{0,30}\bantes",
        ),
        *(
            "demande moi",
            "demander avant",
            "demande avant",
            "attends mon (?:accord|feu vert|ok)",
            "avec mon accord",
            "sans (?:me demander|mon accord)",
        ),
        *(r"je veux (?:le |la |les )?(?:lire|voir|valider|relire)\b[^.;]{0,30}\bavant", "demande(?:z)? confirmation"),
        *(
            "frage? (?:mich|uns|vorher|erst|zuerst|nach|bitte)",
            "(?:erst|vorher) (?:fragen|nachfragen)",
            "nachfragen bevor",
            "nicht ohne (?:meine?|zu fragen|ruckfrage)",
        ),
        *(
            r"(?:ich|wir) (?:will|mochte|wollen|mochten)\b[^.;]{0,30}\b(?:sehen|lesen|freigeben|prufen|anschauen)\b[^.;]{0,20}\b(?:bevor|vorher|erst)",
        ),
        *(
            "mit meiner (?:freigabe|zustimmung)",
            "warte auf (?:mein|meine)",
            r"zeige? (?:es |sie |das )?mir (?:das |es )?(?:vorher|erst|zuerst)",
            "bevor du [^.;]{2,40} frag",
        ),
        *(
            "pergunte?(?: me)?(?: antes)?",
            "perguntame",
            "pede (?:a minha )?(?:confirmacao|aprovacao)",
            "sem (?:me perguntar|a minha aprovacao)",
        ),
        *(
            r"quero (?:ver|ler|aprovar)\b[^.;]{0,30}\bantes",
            "chiedimi",
            "chiedi (?:prima|conferma|il permesso)",
            "chiedere prima",
            "senza (?:chieder|il mio)",
        ),
        *(
            r"voglio (?:veder|legger|approvar)\w*\b[^.;]{0,30}\bprima",
            "aspetta (?:il mio|la mia)",
            "vraag (?:het )?(?:me|mij|eerst|voor|om)",
            "eerst vragen",
        ),
        *(
            "met mijn (?:goedkeuring|akkoord)",
            "niet zonder (?:te vragen|mijn)",
            "wacht op mijn",
            r"ik wil\b[^.;]{0,30}\b(?:zien|lezen|goedkeuren)\b[^.;]{0,20}\b(?:voor|eerst)",
        ),
    )
)
_WHAT = {
    "deploy": r"deploy|switch|live|release|publish|roll|promot|produ|desplieg|desplegar|publi|bascul|deploi|umschalt|ausroll|implant|rilasc|uitrol|omschak|schak",
    "commit": r"commit|push|merge",
    "delete": r"delet|remov|borr|elimin|supprim|losch|apag|cancell|verwijder",
    "write": r"writ|sav|chang|overwrit|touch|edit|updat|escrib|guard|cambi|modific|ecri|enregistr|modif|schreib|geschrieb|speicher|gespeich|ander|escrev|grav|salv|altera|scriv|schrijf|opsla|opgeslagen|wijzig",
}
_LIVE = frozenset({"switch", "promote", "activate", "live", "deploy", "publish", "rollout", "cutover"})
_NEAR = 70
"""Characters after the demand in which it is said what is meant."""


@dataclass(frozen=True)
class Approval:
    """A person is asked before steps of this role; of any that acts, where it is empty."""

    said: Said
    before: str = ""
    assumed: str = ""

    @property
    def means(self) -> str:
        return {
            "": "a person says yes before anything is changed",
            "write": "a person says yes before anything is written",
            "deploy": "a person says yes before it goes live",
            "commit": "a person says yes before anything is committed",
            "delete": "a person says yes before anything is deleted",
        }[self.before]

    def edits(self, sketch: Sketch) -> Sequence[Edit]:
        picked = sketch.steps_that(self.before) if self.before else []
        picked = picked or sketch.steps_that(*ACTING)
        if not picked:
            raise CannotHold("There is no step here that changes anything.", "Nothing needs a yes.")
        gated = Fact("approve", "=", "before")
        if self.before == "deploy":
            if any(gated.holds(seen, sketch.subject, None) for seen in picked):
                return []
            # What makes it live; all before that can be thrown away.
            picked = [seen for seen in picked if seen.words & _LIVE] or picked[-1:]
        return [
            SetField(("approve",), "before", seen.step.id)
            for seen in picked
            if not gated.holds(seen, sketch.subject, None)
        ]


def read(request: str) -> Iterator[Approval]:
    """The gates that a request demands: the first is enough, with what it stands before."""
    for match, said in found(_ASK, request):
        after = match.string[match.end() : match.end() + _NEAR]
        around = match[0] + re.split(r"[.;]| and if | y si ", after)[0]
        role = next((role for role, verbs in _WHAT.items() if re.search(rf"\b(?:{verbs})", around)), "")
        if not role:
            before = re.split(r"[.;]", match.string[max(0, match.start() - _NEAR) : match.start()])[-1]
            role = next((role for role, verbs in _WHAT.items() if re.search(rf"\b(?:{verbs})", before)), "")
        yield Approval(said, role)
        return
