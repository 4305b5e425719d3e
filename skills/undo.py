"""What a skill says of how it is undone: another skill, and what that is called with."""

from __future__ import annotations

from typing import Any

from workflows.values import Json


def undo_of(said: Any) -> Json:
    """What stands in `@skill(undo=…)`, as {skill, parameters}; None where nothing stands there."""
    if said is None:
        return None
    return {"skill": said, "parameters": {}} if isinstance(said, str) else {"parameters": {}, **said}


def wrong_undo(said: object) -> tuple[str, str] | None:
    """What is wrong with what stands in `@skill(undo=…)`, and what to write; None where nothing is."""
    hint = "the name of a skill, or {'skill': '…', 'parameters': {…}}"
    if isinstance(said, str):
        return None if said else ("'undo' names no skill", hint)
    if not isinstance(said, dict) or not said.keys() <= {"skill", "parameters"} or not said.get("skill"):
        return ("'undo' is no undo", hint)
    parameters = said.get("parameters", {})
    if not isinstance(said["skill"], str) or not isinstance(parameters, dict):
        return ("'undo' is no undo", hint)
    from workflows.expressions import ExpressionError, compile_value  # few skills have parameters here

    try:
        compile_value(parameters, roots={"output"})
    except ExpressionError as error:
        return (f"'undo': {error.message}", error.hint or "its expressions read `output`: what the skill returned")
    return None
