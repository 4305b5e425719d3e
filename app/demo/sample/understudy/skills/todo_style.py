"""How the tour writes down what is left to do. Change STYLE, save, and begin again at the step that uses it."""

from __future__ import annotations

from typing import Any

from skills import Context, skill

STYLE = "- {text} ({path}, line {line})"


@skill(name="todo-style", effect="pure", touches=[])
def tell(context: Context, todos: list[Any]) -> dict[str, str]:
    """Write what is left to do, a line each.

    Args:
        todos: What was found: each with path, line and text.

    Returns: {text}.
    """
    lines = [
        STYLE.format(text=todo["text"].partition("TODO: ")[2], path=todo["path"], line=todo["line"]) for todo in todos
    ]
    for line in lines:
        context.emit(f"{line}\n")
    return {"text": "\n".join(lines)}
