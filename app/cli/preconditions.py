"""What a run of a fresh draft needs of a person first: values that nobody gave yet, and trust in the workspace."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from app.cli.output import Output
from workflows.definition.parameters import Parameter, bind
from workflows.errors import UnderstudyError
from workflows.parts import changed
from workflows.text import one_line

if TYPE_CHECKING:
    from app.desk import Desk
    from workflows.definition.model import Workflow

Ask = Callable[[str], Awaitable[str | None]]
"""Says a prompt and reads a line; None where there is none any more."""


async def ask_values(workflow: Workflow, ask: Ask, out: Output) -> dict[str, str] | None:
    """A value for each parameter that has to be given; None where the person would rather not."""
    from app.drafting import missing_of

    given: dict[str, str] = {}
    for parameter in missing_of(workflow):
        value = await _value(parameter, ask, out)
        if value is None:
            return None
        given[parameter.name] = value
    return given


async def _value(parameter: Parameter, ask: Ask, out: Output) -> str | None:
    about = one_line(parameter.description, 120) or parameter.type
    among = f"; one of {', '.join(map(str, parameter.enum))}" if parameter.enum else ""
    while True:
        given = await ask(f"{parameter.name} ({about}{among}); - to leave it:")
        if given is None or given == "-":
            return None
        try:
            if given:
                bind([changed(parameter, required=True)], {parameter.name: given})
                return given
        except UnderstudyError as error:
            out.say(f"{error.message} {error.hint}".strip(), "bad")


async def ask_trust(desk: Desk, ask: Ask, out: Output) -> bool:
    """Whether the workspace may act: it is trusted already, or now, after a look at what there is."""
    from app.cli.trust import what_would_act

    if desk.trusted():
        return True
    out.say("This workspace was never trusted, and nothing of it acts before that. These files would act as you:")
    for line in what_would_act(desk):
        out.say(f"  {line}")
    if await ask("Type `trust` to trust them, and what is changed in them later; anything else: not now:") != "trust":
        out.say("Not trusted, so nothing is started.", "attention")
        return False
    desk.trust()
    return True
