"""Skills and agents in one list: what each is, where it comes from, how it stands, and which workflows use it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from app.present.figures import clock_time
from app.present.reloads import Reloads, version_words
from app.present.skills import KINDS
from app.present.status import Badge
from workflows.definition.modifiers import Action
from workflows.definition.outline import outline
from workflows.diagnostics import Diagnostic
from workflows.records import dataclass

if TYPE_CHECKING:
    from agents.definition import Agent
    from app.container import Services
    from app.named_workflows import WorkflowFile
    from skills.layers import Layered
    from skills.manifest import Skill
    from workflows.definition.model import Workflow

What: TypeAlias = Literal["skill", "agent"]

OK = Badge("✓", "ok", "good")
WARN = Badge("!", "warn", "warning")
ERROR = Badge("✗", "error", "bad")
SHADOWED = Badge("–", "shadowed", "quiet")
UNTRUSTED = Badge("!", "untrusted", "attention")


@dataclass(frozen=True)
class Entry:
    """One line. `found` is the definition, None for a file that never could be read; `said` is about its file.

    `hidden_by` is where the one comes from that hides it. `path` is None for what has no file.
    """

    what: What
    name: str
    kind: str
    scope: str
    state: Badge
    about: str
    path: Path | None
    found: Skill | Agent | None
    said: tuple[Diagnostic, ...] = ()
    hidden_by: str = ""

    @property
    def key(self) -> str:
        """What it is known by while lists change."""
        return f"{self.what} {self.name} {self.scope if self.hidden_by else ''}".strip()

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        return tuple(each for each in self.said if each.is_error)

    @property
    def own(self) -> bool:
        """Whether it is a file of the user's or of the workspace's, which can be edited."""
        return self.path is not None and self.scope != "built-in"

    @property
    def language(self) -> str:
        """What its file is written in."""
        return {".py": "python", ".yaml": "yaml", ".yml": "yaml"}.get(self.path.suffix if self.path else "", "markdown")


def entries(services: Services) -> list[Entry]:
    """All of them: those of the workspace first, then the user's, then the built-in ones, each by name."""
    found = [
        *_of_layers("skill", services.skills.snapshot, services),
        *_of_layers("agent", services.agents.snapshot, services),
    ]
    order = ("workspace", "user", "built-in")
    return sorted(found, key=lambda entry: (order.index(entry.scope), entry.what == "agent", entry.name))


def _of_layers(what: What, snapshot: Layered[Any], services: Services) -> Iterator[Entry]:
    said: dict[str, list[Diagnostic]] = {}
    for each in (*snapshot.problems, *snapshot.notes):
        said.setdefault(each.file, []).append(each)
    left = {each.file for each in snapshot.problems}
    for definition in snapshot.found.values():
        left.discard(str(definition.path))
        yield _entry(what, definition, tuple(said.get(str(definition.path), ())))
    for shadowed in snapshot.shadowed:
        hidden = shadowed.hidden
        left.discard(str(hidden.path))
        entry = _entry(what, hidden, tuple(said.get(str(hidden.path), ())))
        yield replace(entry, state=SHADOWED, hidden_by=shadowed.by.scope)
    for file in sorted(filter(None, left)):
        path = Path(file)
        name = path.parent.name if path.name.lower() == "skill.md" else path.stem
        scope = "workspace" if path.is_relative_to(services.paths.root) else "user"
        yield Entry(what, name, "agent" if what == "agent" else "file", scope, ERROR, "", path, None, tuple(said[file]))


def _entry(what: What, definition: Skill | Agent, said: tuple[Diagnostic, ...]) -> Entry:
    kind = KINDS[getattr(definition, "kind", "")] if what == "skill" else "agent"
    state = ERROR if any(each.is_error for each in said) else WARN if said else OK
    state = state if definition.trusted else UNTRUSTED
    path = None if kind == KINDS["mcp"] else definition.path
    return Entry(what, definition.name, kind, definition.scope, state, definition.description, path, definition, said)


def standing(entry: Entry, reloads: Reloads) -> list[str]:
    """How it stands, where there is something to say: `running v3, file has error since 14:02`."""
    found, lines = entry.found, []
    if entry.hidden_by:
        lines.append(f"hidden by the {entry.what} of the same name ({entry.hidden_by}): that one is used")
    if entry.state is UNTRUSTED:
        lines.append("of a workspace that is not trusted: it is listed and does not act (t trusts it)")
    if entry.errors:
        at = reloads.broken_since(entry.what, entry.name)
        since = f" since {clock_time(at)[:5]}" if at is not None else ""
        if found is None:
            lines.append(f"its file has an error{since}: it cannot be used until it is mended")
        else:
            number = reloads.version(entry.what, entry.name, found.digest)
            lines.append(f"running v{number}, file has error{since}")
    unusable: str = getattr(found, "unusable", "")
    if found is not None and found.trusted and unusable:
        lines.append(f"no step can call it: {unusable}")
    return lines


def version_of(entry: Entry, reloads: Reloads) -> str:
    """The version that is in use."""
    if entry.found is None:
        return ""
    return version_words(reloads.version(entry.what, entry.name, entry.found.digest), entry.found.digest)


def users(files: Sequence[WorkflowFile]) -> Mapping[tuple[What, str], tuple[str, ...]]:
    """The workflows that name each skill and agent: in steps, fallbacks, undos, verifications and handlers."""
    found: dict[tuple[What, str], dict[str, None]] = {}
    for file in files:
        if file.workflow is not None and not file.shadowed:
            for key in _named(file.workflow):
                found.setdefault(key, {})[file.stem] = None
    return {key: tuple(stems) for key, stems in found.items()}


def _named(workflow: Workflow) -> Iterator[tuple[What, str]]:
    for placed in outline(workflow).placed:
        step = placed.step
        yield from _of_fields(step.fields)
        yield from (("agent", name) for name in step.fallback)
        for action in (step.undo, step.verify):
            if isinstance(action, Action):
                yield from _of_fields(action.fields)
    for handler in workflow.error_handlers:
        yield from (("skill", name) for name in handler.steps)


def _of_fields(fields: object) -> Iterable[tuple[What, str]]:
    skill, agent = getattr(fields, "skill", ""), getattr(fields, "agent", "")
    if isinstance(skill, str) and skill:
        yield "skill", skill
    for name in agent if isinstance(agent, tuple | list) else (agent,):
        if isinstance(name, str) and name:
            yield "agent", name


def paths_looked_in(services: Services) -> list[tuple[str, list[Path]]]:
    """Where skills and agents of one's own are looked for, what wins first."""
    held = {"skills": services.skills.folders, "agents": services.agents.folders}
    return [
        (what, [folder.path for folder in reversed(folders) if folder.scope != "built-in"])
        for what, folders in held.items()
    ]
