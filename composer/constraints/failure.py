"""don't stop at the first red one, put the old one back: what happens when something fails."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from composer.constraints.reading import Said, found, words
from composer.constraints.sketch import ACTING, CannotHold, Sketch
from composer.edit import Edit, RemoveField, SetField
from composer.evaluation import whole
from composer.evaluation.roles import has_role
from composer.evaluation.subject import Seen
from workflows.records import dataclass

_GO_ON = re.compile(
    words(
        r"(?:don'?t|do not|never|not|without) stop\w*(?: at| on| when| if| after)?[^.;]{0,40}",
        r"(?:keep going|carry on|go on|continue|keep running)(?: even)? (?:if|when|on|after|with|despite)[^.;]{0,40}",
        *(
            r"even if (?:one|some|any|a)[^.;,]{0,30}(?:fail|break|red|error)\w*",
            "run them all anyway",
            r"(?:no|sin) (?:pares|parar|pare|detener\w*|te detengas)[^.;]{0,40}",
        ),
        *(
            r"sigue\w* (?:aunque|si)[^.;]{0,30}",
            r"continua\w* (?:aunque|mesmo|anche|si|se)[^.;]{0,30}",
            r"aunque (?:uno|alguno|una)[^.;]{0,20}fall\w*",
        ),
        *(
            r"(?:n')?(?:arrete|arreter|arretez) pas[^.;]{0,40}",
            r"sans s'arreter[^.;]{0,30}",
            r"continuer? (?:meme|malgre)[^.;]{0,30}",
        ),
        *(
            r"nicht (?:beim ersten|bei dem ersten|nach dem ersten)[^.;]{0,40}",
            r"(?:nicht|ohne) (?:abbrech|anzuhalten|abzubrechen|aufhor|stopp)\w*",
            r"weiter(?:machen|laufen)?[^.;]{0,12} (?:auch )?wenn[^.;]{0,30}",
        ),
        *(
            r"auch wenn (?:einer|eine|ein)[^.;]{0,20}(?:fehl|rot|scheit)\w*",
            r"(?:nao|sem) (?:pare|pares|parar)[^.;]{0,40}",
            r"non (?:fermarti|ti fermare|fermare|interrompere)[^.;]{0,40}",
            "senza fermarsi",
        ),
        *(
            r"niet (?:stoppen|afbreken|ophouden)[^.;]{0,40}",
            r"stop niet[^.;]{0,40}",
            r"ga (?:gewoon )?door[^.;]{0,20}(?:als|ook)[^.;]{0,20}",
        ),
    )
)
_STOP = re.compile(
    words(
        *(
            r"(?:stop|abort|quit|end|cancel)(?: everything| it| all)? (?:at|on|after|with) the first[^.;,]{0,30}",
            "fail fast",
            r"(?:stop|abort) (?:as soon as|when|if) (?:one|any|something|a test)[^.;,]{0,30}",
        ),
        *(
            r"(?:para|parar|detente|pare) (?:al|en el|no) primer[^.;,]{0,20}",
            r"arrete\w*[^.;,]{0,10} (?:au|a la) premier[^.;,]{0,20}",
            r"(?:brich|abbrechen|stopp\w*|hor auf)[^.;,]{0,10} beim ersten[^.;,]{0,20}",
        ),
        *(r"ferma\w* al primo[^.;,]{0,20}", r"stop bij de eerste[^.;,]{0,20}", "beim ersten fehler abbrechen"),
    )
)
_IF = r"(?:if|when|should|in case|unless|on (?:error|failure)|otherwise|si|cuando|en caso|sinon|en cas|quand|falls|wenn|bei|sonst|ansonsten|se|quando|em caso|senao|in caso|altrimenti|als|indien|bij|mocht|anders)"
_BACK = (
    r"(?:roll\w* ?back|put[^.;,]{1,30}back|go back|goes back|switch back|revert\w*|undo\w*|restore\w*|bring[^.;,]{1,30}back|back to (?:the )?(?:old|previous|last)|old one back|"
    r"vuelve[^.;,]{0,15}(?:atras|a la (?:version )?anterior)|volver atras|deshaz\w*|deshacer|revierte\w*|revertir|restaura\w*|reviens en arriere|revenir en arriere|retour arriere|reviens a|annule\w*|remets? [^.;,]{1,20}ancien\w*|"
    r"zuruck\w*|ruckgangig|rollback|wiederherstell\w*|alte version|volta\w* (?:atras|a versao)|desfa[zc]\w*|revert[ae]\w*|torna\w* (?:indietro|alla)|ripristina\w*|annulla\w*|"
    r"terugdraai\w*|draai[^.;,]{0,20}terug|zet[^.;,]{1,20}terug|herstel\w*|terug naar)"
)
_ROLLBACK = re.compile(rf"\b{_IF}\b[^.;]{{0,70}}?\b{_BACK}\b|\b{_BACK}\b[^.;]{{0,40}}?\b{_IF}\b")


@dataclass(frozen=True)
class GoOn:
    """A failure of one does not end the others."""

    said: Said
    means: str = "a failure does not stop the rest"
    assumed: str = ""

    def edits(self, sketch: Sketch) -> Sequence[Edit]:
        picked = _several(sketch)
        if not picked:
            raise CannotHold("There are no steps here of which one could fail and the others go on.")
        if any(seen.step.on_failure == "continue" for seen in picked):
            return []
        return [SetField(("on_failure",), "continue", seen.step.id) for seen in picked]


@dataclass(frozen=True)
class StopAtOnce:
    """The first failure ends it all."""

    said: Said
    means: str = "the first failure ends it"
    assumed: str = ""

    def edits(self, sketch: Sketch) -> Sequence[Edit]:
        going = [seen for seen in sketch.subject.steps if seen.step.on_failure in ("continue", "skip")]
        picked = [seen for seen in _several(sketch) if seen.step.on_failure is None]
        edits: list[Edit] = [RemoveField(("on_failure",), seen.step.id) for seen in going if not picked]
        return edits or [SetField(("on_failure",), "abort", seen.step.id) for seen in picked]


@dataclass(frozen=True)
class PutBack:
    """What was done is undone when it fails."""

    said: Said
    means: str = "what was done is put back when it fails"
    assumed: str = ""

    def edits(self, sketch: Sketch) -> Sequence[Edit]:
        if whole.rollback(sketch.subject):
            return []
        acting = sketch.steps_that(*ACTING)
        if not acting:
            raise CannotHold("There is no step here that changes anything, so there is nothing to put back.")
        order = [seen.step.id for seen in sketch.subject.steps]
        first = order.index(acting[0].step.id)
        after = [seen for seen in sketch.subject.steps if order.index(seen.step.id) >= first and not seen.placed.inside]
        able = [
            seen for seen in after if seen.step.type in ("skill", "http", "workflow") and seen.step.on_failure is None
        ]
        if not able:
            raise CannotHold("Its steps say already what happens when they fail.", "Change their on_failure by hand.")
        return [SetField(("on_failure",), "rollback", seen.step.id) for seen in able]


def read(request: str) -> Iterator[GoOn | StopAtOnce | PutBack]:
    """What a request says of failures."""
    going = next(found(_GO_ON, request), None)
    if going is not None:
        yield GoOn(going[1])
    elif (stop := next(found(_STOP, request), None)) is not None:
        yield StopAtOnce(stop[1])
    if (back := next(found(_ROLLBACK, request), None)) is not None:
        yield PutBack(back[1])


def _several(sketch: Sketch) -> list[Seen]:
    """The steps of which there are several: tests first, else what runs side by side or for each item."""
    steps = [
        seen for seen in sketch.subject.steps if seen.step.type in ("skill", "agent", "http", "workflow", "parallel")
    ]
    tests = [seen for seen in steps if has_role(seen, "test") and seen.step.type != "parallel"]
    each = [seen for seen in steps if seen.step.foreach is not None]
    beside = [seen for seen in steps if seen.placed.siblings is not None]
    return tests or each or beside
