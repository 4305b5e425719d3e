"""What a run is given and would record, and whether a secret stands in it by its value: the history never holds one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from workflows.errors import UnderstudyError
from workflows.secrets import Redactor
from workflows.values import Json

WHY = "holds a secret, or the key of a model, by its value; the history never holds one."


def refuse_in_answer(redactor: Redactor, *given: Json) -> None:
    """Raise UnderstudyError where what a person gives a step may not be kept in its run's history."""
    if _tells(redactor, list(given)):
        hint = "Leave out the value. Where •••NAME••• stands in a step's input, that is the secret itself."
        raise UnderstudyError(f"What was given {WHY}", hint)


def refuse_in_run(
    redactor: Redactor, files: Mapping[Path, str], parameters: Json, environment: Mapping[str, str]
) -> None:
    """Raise UnderstudyError where a run would record a secret by its value: the text of its workflow and of those that
    it calls, its parameters, or the variables that it reads."""
    for path, text in files.items():
        if _tells(redactor, text):
            hint = "Write ${{ secrets.NAME }} in its place, and keep it with `understudy secrets set NAME`."
            raise UnderstudyError(f"{path.name} {WHY}", hint)
    for name, value in parameters.items() if isinstance(parameters, dict) else ():
        if _tells(redactor, value):
            hint = f"Write ${{{{ secrets.NAME }}}} in the workflow where it reads parameters.{name}."
            raise UnderstudyError(f"The parameter '{name}' {WHY}", hint)
    for name, value in environment.items():
        if _tells(redactor, value):
            secret = name.removeprefix("UNDERSTUDY_SECRET_")
            hint = (
                f"`understudy secrets set {secret}`, then write ${{{{ secrets.{secret} }}}} in the place of env.{name}."
            )
            raise UnderstudyError(f"The variable {name}, which the workflow reads, {WHY}", hint)


def _tells(redactor: Redactor, value: Json) -> bool:
    return bool(redactor.redact_json(value) != value)
