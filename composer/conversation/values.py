"""What a parameter is by default, and other plain values: `set the limit to 50`."""

from __future__ import annotations

import re

from composer.conversation import vocabulary as v
from composer.conversation.said import Said, Understood, folded
from composer.edit import SetField
from workflows.definition.parameters import Parameter, bind
from workflows.errors import UnderstudyError
from workflows.parts import changed

_TO = re.compile(r"\s+(?:to|be|as|=|auf|zu|in|a|en|para|por|als|como|de)\s+|\s*=\s*", re.IGNORECASE)


def value(said: Said) -> Understood | None:
    """Another default for a parameter that is named, beside a value that fits it."""
    if not (said.has(v.SET) or "=" in said.original):
        return None
    stages = said.subject.workflow
    for index, parameter in enumerate(stages.parameters):
        name = folded(parameter.name.replace("_", " "))
        if not re.search(rf"(?<!\w){re.escape(name)}s?(?!\w)|(?<!\w){re.escape(parameter.name)}(?!\w)", said.words):
            continue
        parts = _TO.split(said.original.strip().rstrip(".!"))
        if len(parts) < 2:
            continue
        given = parts[-1].strip("\"'`“” ")
        try:
            typed = bind([changed(parameter, required=False, default=None)], {parameter.name: given})[parameter.name]
        except UnderstudyError as error:
            return Understood(refused=f"{error.message} {error.hint}".strip())
        return Understood((SetField(("parameters", index, "default"), typed),), _means(parameter, given))
    return None


def _means(parameter: Parameter, given: str) -> str:
    return f"{parameter.name} is {given} where nothing else is said"
