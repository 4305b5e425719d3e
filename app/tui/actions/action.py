"""One thing that a key does, and how keys are shown."""

from __future__ import annotations

from collections.abc import Collection

from workflows.records import dataclass

EVERYWHERE = "everywhere"

KEYS = {
    "question_mark": "?",
    "colon": ":",
    "exclamation_mark": "!",
    "slash": "/",
    "escape": "esc",
    "pagedown": "pgdn",
    "pageup": "pgup",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "plus": "+",
    "dollar_sign": "$",
    "minus": "-",
}
"""How keys are shown whose names in Textual are not what stands on them."""


@dataclass(frozen=True)
class Action:
    """One thing a key does.

    `where` is the screen, or part of one, it belongs to; `name` names it there, and the method `action_<name>`. `keys`
    are Textual's names, the first is the one that is shown. `label` is for the key bar, `about` for help and palette.
    It is legal where one of the facts in `needs` holds (always, if there are none); `otherwise` says why it is not.
    """

    where: str
    name: str
    keys: tuple[str, ...]
    label: str
    about: str
    needs: tuple[str, ...] = ()
    otherwise: str = ""
    bar: bool = False
    first: bool = False
    """Whether its keys mean this wherever the focus is, also where a list or a text has them too; but where one types.

    What goes into a field is so too: it is done before the next key is looked at, however fast that comes.
    """

    @property
    def id(self) -> str:
        return f"{self.where}.{self.name}"

    @property
    def key(self) -> str:
        """The first key, as people know it."""
        return shown_key(self.keys[0])

    def illegal(self, facts: Collection[str]) -> str:
        """Why it cannot be done where these facts hold; empty where it can."""
        return "" if not self.needs or any(need in facts for need in self.needs) else self.otherwise


def shown_key(key: str) -> str:
    return KEYS.get(key, key)


def choice(name: str, *choices: str) -> tuple[str, ...]:
    """The facts of a run that waits for one of these choices, for `needs`."""
    return tuple(f"choice:{choice}" for choice in (name, *choices))
