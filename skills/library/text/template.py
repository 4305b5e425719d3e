"""`text.template`: text from a template and data."""

from __future__ import annotations

from pathlib import Path

from skills import Context, SkillError, skill
from skills.asking import ask_program
from workflows.values import Json

_RENDER = Path(__file__).with_name("_render.py")
_SECONDS = 10.0
_MAX_OUTPUT = 8 * 1024 * 1024


@skill(name="text.template", effect="pure")
async def template(context: Context, template: str, data: dict[str, Json] | None = None) -> dict[str, Json]:
    """Fill a Jinja2 template with data. The same template and data always give the same text.

    A block on a line of its own (`{% for … %}`) leaves no empty line. A name that the data does not have is an error;
    `{{ name | default('…') }}` allows for it. Nothing outside the data can be reached.

    Args:
        template: The template's text.
        data: What its names stand for.

    Returns: {text}, at most a million characters.
    """
    answer = await ask_program(
        _RENDER,
        {"template": template, "data": data or {}},
        context,
        doing="the template",
        hint="make it do less: are its loops as short as you think?",
        seconds=_SECONDS,
        most=_MAX_OUTPUT,
        packages=True,
    )
    if "error" in answer:
        where = f"line {answer['line']} of the template" if answer["line"] else "the template"
        raise SkillError(f"{where}: {answer['error']}", "its names are the keys of `data`", "validation")
    return {"text": answer["text"]}
