"""What the Setup screen tells: lines in sections, each with what to do about it. Pure; what is found is handed in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from app.present.figures import clock_time, plural
from app.present.mcp import WORDS, change_lines, effects, entry_lines, started
from app.present.models import USABLE
from app.present.permissions import USUAL
from workflows.records import dataclass
from workflows.text import one_line

if TYPE_CHECKING:
    from agents.models.detect import Finding as ModelFinding
    from app.checkup import Finding
    from app.credentials import KeptKey
    from app.trial import Tried
    from skills.mcp.known import Known
    from skills.permissions.rules import Rule
    from workflows.runs.state import RunState

Grade: TypeAlias = Literal["", "ok", "note", "bad"]

GLYPHS: Mapping[str, str] = {"ok": "✓", "note": "!", "bad": "✗", "": " "}

SECTIONS = ("Models", "MCP servers", "Tools & permissions", "Workspace", "Machine", "Paths", "Theme", "Keys")
"""In the order in which they are shown."""

TOPICS = {
    **dict.fromkeys(("skills", "agents", "workflows", "workspace", "runs", "owners"), "Workspace"),
    **dict.fromkeys(("settings", "data", "logs"), "Paths"),
    **dict.fromkeys(("models",), "Models"),
    **dict.fromkeys(("permissions",), "Tools & permissions"),
    **dict.fromkeys(("mcp",), "MCP servers"),
}
"""The section of each topic of a checkup; all others are the machine's."""

WORKS_NOW = "all built-in tools, templates, history, editing, validation, agents that answer from a template"
NEEDS_A_MODEL = "writing workflows from text, agent steps with an AI"


@dataclass(frozen=True)
class Line:
    """One line. `next` says what to do about it, `command` what is typed for that; `more` is for who looks closer.

    `act` is what `enter` does: `choose` the default model, test a `model`, look at a `server`, `revoke` what was
    allowed, change the `theme`.
    `subject` is what it does that with.
    """

    section: str
    name: str
    text: str
    grade: Grade = ""
    next: str = ""
    command: str = ""
    act: str = ""
    subject: str = ""
    more: Sequence[str] = field(default=())

    @property
    def key(self) -> str:
        """What it is known by while others come and go."""
        return f"{self.section}/{self.name}/{self.subject or self.text[:40]}"


def finding_line(finding: Finding) -> Line:
    """A line of the checkup."""
    section = TOPICS.get(finding.topic, "Machine")
    return Line(section, finding.topic, finding.text, finding.grade, finding.next, finding.command)


def model_lines(
    found: Sequence[ModelFinding],
    kept: Sequence[KeptKey],
    chosen: str,
    tried: Mapping[str, Tried],
    *,
    credentials: Path,
    dotenv: bool,
    root: Path,
) -> Iterator[Line]:
    """What there is for agents, and where there is nothing, what works all the same. None was asked but those tried."""
    usable = [finding for finding in found if finding.state in USABLE]
    first = chosen or ("none chosen" if usable or kept else "none ready")
    yield Line(
        "Models",
        "default model",
        f"{first}{'' if not chosen or chosen in tried else ' (not tested)'}",
        "ok" if chosen else "note",
        "" if chosen else _how_to_choose(usable, kept),
        "" if chosen else f"export UNDERSTUDY_MODEL={_example(usable, kept)}",
        "choose",
        chosen,
    )
    for name, outcome in tried.items():
        hint = outcome.failure.hint if outcome.failure and not outcome.works else ""
        words = f"tested: {outcome.words()}"
        yield Line(
            "Models",
            name,
            words,
            "ok" if outcome.works else "bad",
            hint,
            f"understudy doctor --model {name}",
            "model",
            name,
        )
    for finding in found:
        subject = finding.models[0] if finding.models else ""
        grade: Grade = "ok" if finding in usable else "note" if finding.state == "incomplete" else ""
        yield Line(
            "Models",
            finding.name,
            finding.words,
            grade,
            act="model" if subject else "",
            subject=subject,
            more=finding.models,
        )
    for key in kept:
        yield Line("Models", "key", key.words(credentials), "ok", subject=key.name, act="key")
    yield Line("Models", ".env", _dotenv(root, there=dotenv))
    if not chosen:
        yield Line("Models", "works now", WORKS_NOW)
        yield Line("Models", "needs a model", NEEDS_A_MODEL)


def _how_to_choose(usable: Sequence[ModelFinding], kept: Sequence[KeptKey]) -> str:
    if usable or kept:
        return "enter chooses one, and keeps it in settings.yaml; UNDERSTUDY_MODEL wins over that. p tests one."
    return "k keeps a key; o says how to set up Ollama, which needs none; the demo on the first screen needs no model."


def _example(usable: Sequence[ModelFinding], kept: Sequence[KeptKey]) -> str:
    if usable:
        return usable[0].models[0] if usable[0].models else f"{usable[0].name}/<model>"
    return f"{kept[0].provider if kept else '<provider>'}/<model>"


def _dotenv(root: Path, *, there: bool) -> str:
    if there:
        return f"not read: the one in {root} is the project's; keep a key of it with k, or export it"
    return f"not found in {root}; keys come from the environment, from k, and from the keyring"


def server_line(known: Known, log: Sequence[str]) -> Line:
    """A server: its state, what its entry says, its tools, and the end of what it said on stderr."""
    grade: Grade = (
        "ok" if known.state == "ready" else "bad" if known.state in ("changed", "unset", "broken") else "note"
    )
    grade = "" if known.state in ("off", "hidden") else grade
    tools = f", {plural(len(known.skills), 'tool')}" if known.state == "ready" else ""
    text = f"{WORDS[known.state].partition(' ')[2]}{tools} · {started(known)}"
    return Line(
        "MCP servers",
        known.name,
        one_line(text, 300),
        grade,
        next_of(known),
        command_of(known),
        "server",
        known.name,
        tuple(_server_more(known, log)),
    )


def next_of(known: Known) -> str:
    """What to do about a server."""
    if known.state in ("new", "changed"):
        return f"{known.why}. a looks at it and accepts it.".strip(". ") + "."
    return f"{known.why}. {known.hint}".strip(". ") if known.why else ""


def command_of(known: Known) -> str:
    """What is typed to do the same."""
    from app.checkup import command_of_server  # what it is in the report of the doctor

    return "" if known.state in ("off", "hidden") else command_of_server(known)


def _server_more(known: Known, log: Sequence[str]) -> Iterator[str]:
    yield from entry_lines(known)
    if known.skills:
        yield "tools:"
        yield from (f"  {name}  {effect}  {words}" for name, effect, words in effects(known))
    yield from (f"✗ {refused.name} cannot be used: {refused.why}" for refused in known.refused)
    if known.pin and known.pin.offered and known.state != "ready":
        yield "what it has now:"
        yield from change_lines(known, known.pin.offered)
    if log:
        yield "the end of what it said (stderr):"
        yield from (f"  {line}" for line in log)


def rule_lines(rules: Sequence[Rule], lost: Sequence[tuple[Rule, str]]) -> Iterator[Line]:
    """The rules for agents' tools, those that deny first, each with where it stands; then what is usual."""
    meant = dict(lost)
    for word in ("deny", "ask", "allow"):
        for rule in (rule for rule in rules if rule.word == word):
            aimless = rule in meant
            text = f"{rule.text} · {rule.source}" + ("  (for no tool that is here)" if aimless else "")
            hint = f"Did you mean: {meant[rule]}" if aimless and meant[rule] else ""
            yield Line("Tools & permissions", word, text, "note" if aimless else "", hint, subject=str(rule))
    yield Line("Tools & permissions", "usual", USUAL if rules else f"There are no rules. {USUAL}")


def permit_lines(states: Sequence[RunState]) -> Iterator[Line]:
    """What was allowed for the rest of runs that are not over, and can be taken back."""
    for state in states:
        for number, permit in enumerate(state.permits, 1):
            if permit.revoked is None:
                by = f" by {one_line(permit.by, 40)}" if permit.by else ""
                text = f"{permit.pattern} · allowed for run {state.run_id} at {clock_time(permit.at)[:5]}{by}"
                command = f"understudy permissions revoke {state.run_id} {number}"
                hint = "x takes it back: it is asked for again."
                subject = f"{state.run_id} {number}"
                yield Line("Tools & permissions", "allowed", text, "note", hint, command, "revoke", subject)


def sections(lines: Sequence[Line]) -> Iterator[tuple[str, Sequence[Line]]]:
    """The lines by section, in their order."""
    for name in SECTIONS:
        yield name, [line for line in lines if line.section == name]


def tally(lines: Sequence[Line]) -> tuple[int, int]:
    """How many are wrong, and how many are to be known."""
    return sum(line.grade == "bad" for line in lines), sum(line.grade == "note" for line in lines)
