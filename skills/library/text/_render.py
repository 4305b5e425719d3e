"""The program that `text.template` runs: a template can ask for any amount of time and memory, a process can be ended.

Run by its path, with {template, data} as JSON on stdin; writes {text} or {error, line} as JSON.
"""

from __future__ import annotations

import json
import resource
import sys
from typing import Any

_MAX_MEMORY = 512 * 1024**2
_MAX_TEXT = 1_000_000


def main() -> None:
    """Render once: what the data holds is never taken for a template."""
    request = json.load(sys.stdin)
    resource.setrlimit(resource.RLIMIT_AS, (_MAX_MEMORY, _MAX_MEMORY))
    try:
        answer: dict[str, Any] = {"text": render(request["template"], request["data"])}
    except MemoryError:
        answer = {"error": f"it takes more than {_MAX_MEMORY // 1024**2} MB of memory", "line": None}
    except Exception as error:  # whatever a template raises is the answer: undefined names, its own divisions by zero
        answer = {"error": str(error) or type(error).__name__, "line": getattr(error, "lineno", None)}
    json.dump(answer, sys.stdout)


def render(template: str, data: dict[str, Any]) -> str:
    """The text of a Jinja2 template, with the data's keys as names. Raises what Jinja2 raises, and ValueError."""
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    pieces: list[str] = []
    size = 0
    for piece in environment.from_string(template).generate(data):
        size += len(piece)
        if size > _MAX_TEXT:
            raise ValueError(f"the text is longer than {_MAX_TEXT} characters")
        pieces.append(piece)
    return "".join(pieces)


if __name__ == "__main__":
    main()
