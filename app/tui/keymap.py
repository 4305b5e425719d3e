"""Keys of one's own: what the settings say, held against the table of actions. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from textual.keys import Keys, _character_to_key

from app.tui.actions import ACTIONS
from app.tui.actions.action import EVERYWHERE, KEYS, Action, shown_key
from workflows.diagnostics import suggest
from workflows.records import dataclass

PANES = ("list", "text", "modal")
"""Parts of screens: while they have the focus their keys come first, so they may have keys that screens have too."""

NEVER_APPROVE = ("enter", "space")
"""Keys that are pressed without a thought: nothing that waits for a person is answered with them."""

_NAMES = {shown: name for name, shown in KEYS.items()} | {"return": "enter", "del": "delete", "ins": "insert"}
_KNOWN = frozenset(key.value for key in Keys if not key.value.startswith("<"))


@dataclass(frozen=True)
class Keymap:
    """The keys that actions have instead of those in the table, by the action's id; and what could not be done."""

    keys: Mapping[str, tuple[str, ...]]
    problems: tuple[str, ...] = ()


def read_keymap(wanted: Mapping[str, Sequence[str]], table: Sequence[Action] = ACTIONS) -> Keymap:
    """The keymap of what is wanted: keys as people write them, by action id. What clashes keeps the keys it had."""
    known = {action.id: action for action in table}
    keys: dict[str, tuple[str, ...]] = {}
    problems: list[str] = []
    for name, texts in wanted.items():
        action = known.get(name)
        if action is None:
            hint = suggest(name, known) or "Setup lists them all (7)"
            problems.append(f"keys: there is no action '{name}': {hint}")
            continue
        read = [(text, key_of(text)) for text in texts]
        unread = [text for text, key in read if not key]
        answers = any(need.startswith("choice:") for need in action.needs)
        if unread or not read:
            problems.append(f"keys: {name}: '{unread[0] if unread else ''}' is no key, such as f2, x or ctrl+x")
        elif answers and any(key in NEVER_APPROVE for _, key in read):
            problems.append(f"keys: {name} answers what waits, and cannot be on enter or space")
        else:
            keys[name] = tuple(key for _, key in read)
    while (clash := next(_clashes(keys, table), None)) is not None:
        mine, other, key = clash
        del keys[mine.id]
        problems.append(
            f"keys: {mine.id} and {other.id} would both be on {shown_key(key)}: {mine.id} stays on {mine.key}"
        )
    return Keymap(keys, tuple(problems))


def _clashes(keys: Mapping[str, tuple[str, ...]], table: Sequence[Action]) -> Iterator[tuple[Action, Action, str]]:
    """Actions with keys of their own, the action each would hide or be hidden by, and the key of both."""
    for mine in table:
        for other in table if mine.id in keys else ():
            if other.id != mine.id and _meet(mine.where, other.where):
                both = set(keys[mine.id]) & set(keys.get(other.id, other.keys))
                for key in sorted(both):
                    yield mine, other, key


def _meet(one: str, other: str) -> bool:
    """Whether actions of both places can be asked for at the same moment."""
    return one == other or (EVERYWHERE in (one, other) and not {one, other} & set(PANES))


def key_of(text: str) -> str:
    """Textual's name of a key as people write it: `ctrl+x`, `?`, `esc`; empty where it is none."""
    text = text.strip()
    if len(text) == 1:
        return _character_to_key(text)
    *held, last = text.lower().split("+") if not text.endswith("++") else [*text[:-2].lower().split("+"), "+"]
    name = _NAMES.get(last) or (_character_to_key(last) if len(last) == 1 else last)
    if any(each not in ("ctrl", "shift", "alt") for each in held):
        return ""
    key = "+".join((*held, name))
    return key if key in _KNOWN or (held and len(last) == 1) or name in KEYS else ""
