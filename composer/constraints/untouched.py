"""don't change anything: the steps that write are left out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from composer.constraints.reading import Said, found, words
from composer.constraints.sketch import Sketch
from composer.edit import Edit, RemoveField, RemoveStep
from workflows.records import dataclass

_NOTHING = re.compile(
    words(
        r"(?:don'?t|do not|never|without|not) (?:chang|touch|modify|edit|writ|alter)\w* (?:any|anything|a|the|my)?\s?(?:files?|thing|code|anything)?",
        *(
            "read only",
            "just look",
            "only look",
            "leave (?:the |all |my )?(?:files|code|everything) (?:alone|as)",
            "change nothing",
            "no changes",
        ),
        *(
            r"(?:no|sin) (?:cambi|toc|modific|escrib)\w*",
            "solo lectura",
            r"ne (?:change|modifie|touche|ecris)\w* (?:rien|aucun|pas)",
            "sans (?:rien )?(?:modifier|toucher|changer)",
        ),
        *(
            "lecture seule",
            r"(?:nichts|keine dateien?|nicht) (?:ander|verander|anfass|schreib)\w*",
            r"ohne (?:etwas |was )?zu (?:ander|verander)\w*",
            "nur lesen",
        ),
        *(
            r"(?:nao|sem) (?:mud|alter|mexer|modific|escrev|mexas)\w*",
            "apenas leitura",
            r"(?:non|senza) (?:cambi|modific|tocc)\w*",
            "sola lettura",
        ),
        *(
            r"(?:niets|geen bestanden?|niet) (?:wijzig|verander|aanrak)\w*",
            "zonder (?:iets )?te wijzigen",
            "alleen lezen",
            "nichts anfassen",
            r"(?:andere?|verandere?|schreibe?|fass) (?:bitte )?(?:nichts|keine dateien?)",
            r"wijzig (?:niets|geen)",
        ),
    )
)


@dataclass(frozen=True)
class Untouched:
    """No step writes, commits or deletes."""

    said: Said
    means: str = "nothing is written or changed"
    assumed: str = ""

    def edits(self, sketch: Sketch) -> Sequence[Edit]:
        gone = [seen.step.id for seen in sketch.steps_that("write", "commit", "delete")]
        reading = [
            name
            for name, value in sketch.subject.workflow.outputs.items()
            if any(re.search(rf"\bsteps\.{re.escape(step)}\b", str(value)) for step in gone)
        ]
        return [*(RemoveField(("outputs", name)) for name in reading), *(RemoveStep(step) for step in gone)]


def read(request: str) -> Iterator[Untouched]:
    """Whether a request forbids changes. `don't change x but …` is none: what follows is looked at."""
    for match, said in found(_NOTHING, request):
        if not re.match(
            r"\s*(?:without|unless|before|until|sin preg|sans me|ohne zu|bevor)", match.string[match.end() :]
        ):
            yield Untouched(said)
            return
