"""The one table of what keys do. Bindings, key bar, help, menu and palette are made from it."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from textual.binding import Binding, BindingType

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


def _choice(name: str, *choices: str) -> tuple[str, ...]:
    return tuple(f"choice:{choice}" for choice in (name, *choices))


NOT_ASKED = "nothing waits for this"
NOT_FAILED = "no failed step waits"
NO_MONEY = "no call waits for the budget"

ACTIONS: tuple[Action, ...] = (
    Action(EVERYWHERE, "help", ("question_mark", "f1"), "help", "What the keys do here", bar=True),
    Action(EVERYWHERE, "palette", ("colon", "ctrl+p"), "palette", "Find any action or workflow by name", bar=True),
    Action(EVERYWHERE, "attend", ("exclamation_mark",), "needs you", "Go to the next thing that needs you"),
    Action(EVERYWHERE, "home", ("1",), "home", "Go to the first screen"),
    Action(EVERYWHERE, "history", ("5",), "history", "See all runs", bar=True),
    Action(EVERYWHERE, "back", ("escape",), "back", "Go back to the screen before"),
    Action(EVERYWHERE, "quit", ("q", "ctrl+q", "ctrl+c"), "quit", "Go back, and from the first screen out", bar=True),
    Action(EVERYWHERE, "shell", ("ctrl+z",), "shell", "To the shell; `fg` comes back. Runs stand still meanwhile"),
    Action(EVERYWHERE, "theme", ("ctrl+t",), "colours", "Other colours: dark, light, the terminal's own"),
    # Lists
    Action("list", "cursor_down", ("j", "down"), "down", "Next line"),
    Action("list", "cursor_up", ("k", "up"), "up", "Line before"),
    Action("list", "page_down", ("pagedown",), "page down", "A page down"),
    Action("list", "page_up", ("pageup",), "page up", "A page up"),
    Action("list", "first", ("g", "home"), "top", "To the first line (gg works too)"),
    Action("list", "last", ("G", "end"), "end", "To the last line"),
    Action("list", "choose", ("enter",), "open", "Open what the cursor is on"),
    # Text panes
    Action("text", "line_down", ("j", "down"), "down", "A line down"),
    Action("text", "line_up", ("k", "up"), "up", "A line up; new text no longer moves the view"),
    Action("text", "page_down", ("pagedown", "ctrl+d"), "page down", "A page down"),
    Action("text", "page_up", ("pageup", "ctrl+u"), "page up", "A page up"),
    Action("text", "top", ("g", "home"), "top", "To the beginning"),
    Action("text", "end", ("G", "end"), "end", "To the end, and follow what comes"),
    # Home
    Action("home", "new", ("n",), "new run", "Say what you want, or choose a workflow", bar=True),
    Action("home", "demo", ("d",), "demo", "Run the demo: 60 seconds, no AI", ("demo",), "no demo here", True),
    Action("home", "trust", ("t",), "trust", "Trust this workspace", ("untrusted",), "it is trusted already"),
    Action(
        "home",
        "own",
        ("w",),
        "your workspace",
        "Leave the demo's workspace for the folder you started in",
        ("in demo",),
        "this is your workspace",
    ),
    # Run: what waits
    Action("run", "approve", ("a",), "approve", "Approve exactly what is shown, once", _choice("approve"), NOT_ASKED),
    Action(
        "run",
        "allow_pattern",
        ("A",),
        "allow for this run",
        "Approve it, and what fits the pattern shown, for the rest of this run",
        _choice("allow_pattern"),
        "no tool of an agent waits that has a pattern",
    ),
    Action("run", "deny", ("d",), "deny", "Deny it, and say why", _choice("deny"), NOT_ASKED),
    Action("run", "retry", ("r",), "retry", "Try the failed step again", _choice("retry"), NOT_FAILED),
    Action(
        "run",
        "edit",
        ("e",),
        "edit & retry",
        "Change its input: what is done then, or tried again",
        _choice("edit"),
        "nothing here can be edited",
    ),
    Action(
        "run",
        "retry_from",
        ("R",),
        "retry from",
        "Do an earlier step again, and all after it",
        _choice("retry_from"),
        "nothing waits that could begin earlier",
    ),
    Action(
        "run",
        "fallback",
        ("b",),
        "fallback",
        "Let another one do the failed step",
        _choice("fallback"),
        "nobody else could do what waits",
    ),
    Action("run", "output", ("t",), "type output", "Type the failed step's output in", _choice("output"), NOT_FAILED),
    Action("run", "skip", ("s",), "skip", "Go on without the step", _choice("skip"), NOT_FAILED),
    Action(
        "run",
        "roll_back",
        ("v",),
        "roll back",
        "Undo what was done, and end the run; asks first",
        _choice("roll_back"),
        "nothing waits that could be rolled back",
    ),
    Action(
        "run",
        "happened",
        ("h",),
        "it happened",
        "Say that the call took effect, and what it gave",
        _choice("happened"),
        "no call's outcome is unknown",
    ),
    Action(
        "run",
        "again",
        ("o",),
        "once more",
        "Say that the call did not take effect: make it once more",
        _choice("again"),
        "no call's outcome is unknown",
    ),
    Action("run", "use_new", ("u",), "use new", "Go on with the new code", _choice("use_new"), "no code changed"),
    Action("run", "raise", ("m",), "more money", "Raise the budget, and go on", _choice("raise"), NO_MONEY),
    Action("run", "proceed", ("y",), "this once", "Make this one call all the same", _choice("proceed"), NO_MONEY),
    Action("run", "price", ("w",), "price", "Say what the model costs, and go on", _choice("price"), NO_MONEY),
    Action("run", "choose", ("c",), "answer", "Answer the question", ("question",), "nothing is asked"),
    Action(
        "run",
        "default",
        ("D",),
        "default",
        "Take the question's default",
        _choice("default"),
        "no question with a default waits",
    ),
    Action(
        "run",
        "next_asked",
        ("n",),
        "next",
        "Go to the next step that needs you",
        ("asked",),
        "nothing in this run needs you",
    ),
    Action(
        "run",
        "previous_asked",
        ("N", "p"),
        "one before",
        "Go to the step before that needs you",
        ("asked",),
        "nothing in this run needs you",
    ),
    Action("run", "zoom", ("z",), "zoom", "One pane over the whole screen, and back", bar=True),
    # Run: the list of steps
    Action(
        "run",
        "unfold",
        ("plus",),
        "unfold",
        "Show the steps inside this one (enter works too)",
        ("folded",),
        "nothing is folded here",
    ),
    Action(
        "run", "fold", ("minus",), "fold", "Fold away the steps inside this one", ("foldable",), "nothing to fold here"
    ),
    # Run: the run
    Action(
        "run",
        "pause",
        ("space",),
        "pause",
        "Pause: no new step starts. Again: go on. A stopped run is resumed",
        ("going", "paused", "resumable"),
        "the run is over",
        True,
    ),
    Action(
        "run",
        "follow",
        ("f",),
        "follow",
        "Follow what comes, or stop following",
        ("unfinished",),
        "the run is over",
        True,
    ),
    Action(
        "run",
        "abort",
        ("x",),
        "abort",
        "End the run; asks first",
        ("going", "paused", "resumable", *_choice("abort")),
        "the run is over",
        True,
    ),
    Action(
        "run",
        "rerun",
        ("B",),
        "begin again",
        "Begin a new run at this step; on the run's own line, all of it again. Asks first",
        ("begun",),
        "it has not begun",
    ),
    Action("run", "intervene", ("i",), "menu", "All you can do with this run, and what each leads to", bar=True),
    Action("run", "next_tab", ("right", "l", "right_square_bracket"), "next tab", "Next tab of the step"),
    Action("run", "previous_tab", ("left", "left_square_bracket"), "tab before", "Tab before of the step"),
    # History
    Action("history", "filter", ("slash",), "filter", "Filter: status:failed wf:release text", bar=True),
    Action("history", "again", ("r",), "run again", "Run again with the same inputs", ("run",), "no run here", True),
    # Form
    Action("form", "start", ("f5", "r"), "start", "Start the run", ("startable",), "an input is not right yet", True),
    Action("form", "edit", ("e",), "inputs", "Back to the inputs", ("inputs",), "it takes no inputs", True),
    # Modals
    Action("modal", "dismiss", ("escape",), "close", "Close without doing anything"),
    Action("modal", "submit", ("f5", "ctrl+enter"), "done", "Done, use this"),
)


def actions(*where: str) -> Iterator[Action]:
    """The actions of these places, in the order of the table."""
    return (action for action in ACTIONS if action.where in where)


def find(where: str, name: str) -> Action:
    """One action. Raises KeyError where there is none."""
    for action in ACTIONS:
        if action.where == where and action.name == name:
            return action
    raise KeyError(f"{where}.{name}")


def known(where: str, name: str) -> bool:
    """Whether there is such an action."""
    return any(action.where == where and action.name == name for action in ACTIONS)


def bindings(*where: str, checked: bool = False) -> list[BindingType]:
    """The bindings of these places, for a class's BINDINGS. Checked ones go through `action_act`, which asks here."""
    return [
        Binding(
            ",".join(action.keys),
            f"act({action.name!r})" if checked else action.name,
            action.label,
            show=action.bar,
            id=action.id,
        )
        for action in actions(*where)
    ]
