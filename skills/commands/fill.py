"""The words of a command line, with arguments in the place of `{parameter}`. Pure; nothing here is a shell."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from workflows.errors import fail
from workflows.values import Json

PLACEHOLDER = re.compile(r"(?<!\{)\{([A-Za-z_][A-Za-z0-9_]*)\}(?!\})")
"""`{name}`. Other braces stand for themselves, and `{{name}}` for the text `{name}`."""

_DOUBLED = re.compile(r"\{(\{[A-Za-z_][A-Za-z0-9_]*\})\}")


def names_in(word: str) -> list[str]:
    """The parameters that a word has placeholders for."""
    return PLACEHOLDER.findall(word)


def fill(words: Sequence[str], arguments: Mapping[str, Json], listed: Collection[str] = ()) -> list[str]:
    """The argument list. A word with a placeholder that has no value is left out; a list is a word for each item.

    Raises CallFailed (`validation`) for a text that the program would take for an option: one that begins a word
    with `-` where no word `--` came before. Parameters whose values are `listed` in the declaration may be options.
    """
    return list(_filled(words, arguments, listed))


def _filled(words: Sequence[str], arguments: Mapping[str, Json], listed: Collection[str]) -> Iterator[str]:
    options = True
    for word in words:
        names = names_in(word)
        if any(arguments.get(name) is None for name in names):
            continue
        whole = PLACEHOLDER.fullmatch(word)
        value = arguments.get(names[0]) if whole else None
        made = [_text(item) for item in value] if isinstance(value, list) else [_put(word, arguments)]
        if options and word.startswith("{") and names and names[0] not in listed:
            for text in made:
                if text.startswith("-") and not isinstance(value, (int, float)):
                    message = f"'{text[:80]}' begins with '-', which {words[0]} would take for an option"
                    hint = f'give {names[0]} another value, or put "--" before it in the command'
                    raise fail("validation", message, hint)
        options = options and word != "--"
        yield from made


def _put(word: str, arguments: Mapping[str, Json]) -> str:
    filled = PLACEHOLDER.split(word)
    # The odd ones are names. What was filled in is not looked at again.
    parts = [_text(arguments[part]) if n % 2 else _DOUBLED.sub(r"\1", part) for n, part in enumerate(filled)]
    return "".join(parts)


def _text(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
