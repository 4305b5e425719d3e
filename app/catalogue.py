"""What exists here and can be named by a step, as workflows see it: skills, agents and workflows of this process."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from app.present.figures import plural
from workflows.definition.checks.allowed import ALL, Allowed
from workflows.definition.children import called
from workflows.definition.parameters import schema_of
from workflows.definition.parse import parse
from workflows.diagnostics import Diagnostic
from workflows.errors import UnderstudyError
from workflows.journal.files import read_plain
from workflows.source import LARGEST
from workflows.steps.kind import Entry, What
from workflows.values import digest

if TYPE_CHECKING:
    from agents.definition import Agent
    from app.performers import Performers
    from app.workflow_files import WorkflowText
    from skills.manifest import Skill
    from skills.permissions.rules import Rule

NOT_TRUSTED = "it belongs to a workspace that is not trusted (`understudy trust`)"
"""Why something that is there cannot be used before a person has trusted it."""


def read_text(path: Path) -> str:
    """The text of a workflow's file, as far as one can be long. Raises UnderstudyError, also for what is no plain file:
    anybody may have put it there, and a pipe or a device would be read for ever."""
    try:
        content = read_plain(path, LARGEST + 4)
    except OSError as error:
        raise UnderstudyError(f"{path} cannot be read: {error.strerror}") from error
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        from workflows.yaml_reading import decode

        found = decode(content, str(path))
        assert isinstance(found, Diagnostic), "that is what it is for"
        where = f" (line {found.line}, column {found.column})" if (found.line, found.column) != (1, 1) else ""
        raise UnderstudyError(f"{path} cannot be read: {found.message}{where}", "Save it as UTF-8.") from None


def unread(path: Path, error: UnderstudyError) -> Diagnostic:
    """What is wrong with a file that `read_text` could not read."""
    return Diagnostic("error", "unreadable", error.message.removeprefix(f"{path} "), error.hint, str(path))


class Inventory:
    """The current snapshots of skills and agents, and the workflow files. Always looks at the newest."""

    def __init__(
        self,
        performers: Performers,
        folders: Mapping[str, Path],
        trusted: Callable[[], bool] = lambda: True,
        allowed: Allowed = ALL,
    ) -> None:
        """`trusted` says whether the workspace's own workflows may be called, `allowed` what any may have."""
        self._allowed = allowed
        self._performers = performers
        self._folders = folders
        self._trusted = trusted
        self.kept: Callable[[Path], WorkflowText | None] = lambda path: None
        """The last good text of a workflow whose newest is broken, where this program has read it."""
        self.keep: Callable[[str, str], None] = lambda reference, digest: None
        """Told of each skill and agent that a run may use, with its digest."""
        self._known: dict[Path, tuple[object, Entry]] = {}
        self._reading: set[Path] = set()

    def find(self, what: What, name: str) -> Entry | None:
        """The entry of this name; one that is there and cannot be used says why in `problem`."""
        if what == "skill":
            skill = self._performers.skills.snapshot.skills.get(name)
            if skill is None:
                why = self._performers.servers.why_held(name)
                return Entry("skill", name, problem=why) if why else None
            return self._kept(_of_skill(skill))
        if what == "agent":
            agent = self._performers.agents.snapshot.agents.get(name)
            return None if agent is None else self._kept(self._of_agent(agent))
        return self._workflow(name)

    def _kept(self, entry: Entry) -> Entry:
        if not entry.problem:
            self.keep(f"{entry.what}:{entry.name}", entry.digest)
        return entry

    def names(self, what: What) -> Sequence[str]:
        """All names, for lists and suggestions."""
        if what == "skill":
            return sorted(self._performers.skills.snapshot.skills)
        if what == "agent":
            return sorted(self._performers.agents.snapshot.agents)
        return sorted({path.stem for folder in self._folders.values() for path in folder.glob("*.y*ml")})

    def digest(self, reference: str) -> str:
        """The digest that `skill:name` or `agent:name` has now; empty where it is not there or cannot be used."""
        what, _, name = reference.partition(":")
        entry = self.find("agent" if what == "agent" else "skill", name)
        return entry.digest if entry and not entry.problem else ""

    def _workflow(self, name: str) -> Entry | None:
        """A workflow that others can call. Read again only when its file, or what it may name, has changed."""
        for scope, folder in self._folders.items():
            for path in (folder / f"{name}.yaml", folder / f"{name}.yml"):
                try:
                    stat = path.stat()
                except OSError:
                    continue
                about = (
                    stat.st_mtime_ns,
                    stat.st_size,
                    self._performers.skills.snapshot,
                    self._performers.agents.snapshot,
                    self._trusted(),
                    self.kept(path),
                )
                known = self._known.get(path)
                if known is None or known[0] != about:
                    known = (about, self._read(name, path, scope))
                    if path not in self._reading:
                        self._known[path] = known
                return known[1]
        return None

    def _read(self, name: str, path: Path, scope: str) -> Entry:
        try:
            text = kept.text if (kept := self.kept(path)) else read_text(path)
        except UnderstudyError as error:
            return Entry("workflow", name, problem=error.message)
        # A workflow that leads back to itself is read without what it names: the check of cycles needs no more.
        inner = path in self._reading
        self._reading.add(path)
        try:
            parsed = parse(text, str(path), self._performers.kinds, None if inner else self, self._allowed)
        finally:
            if not inner:
                self._reading.discard(path)
        errors = [found for found in parsed.diagnostics if found.is_error and found.code != "workflow-cycle"]
        problem = f"it has {plural(len(errors), 'error')} (`understudy validate {name}`)" if errors else ""
        if scope == "workspace" and not self._trusted():
            problem = NOT_TRUSTED
        workflow = parsed.workflow
        if workflow is None:
            return Entry("workflow", name, problem=problem or "it cannot be used")
        return Entry(
            "workflow",
            name,
            workflow.description,
            digest(text),
            schema_of(workflow.parameters),
            problem=problem,
            definition=workflow,
            uses=called(workflow, self),
        )

    def _of_agent(self, agent: Agent) -> Entry:
        names = (self._performers.models.name_of(model) for model in agent.models)
        models = tuple(dict.fromkeys(filter(None, names)))
        return Entry(
            "agent",
            agent.name,
            agent.description,
            self._digest_of(agent),
            models=models,
            tools=self._tools_of(agent),
            asks=self._asks(agent),
            skills=agent.skills,
            agents=agent.agents,
            simulated=bool(models) and all(map(self._performers.models.simulated, models)),
            problem="" if agent.trusted else NOT_TRUSTED,
        )

    def _tools_of(self, agent: Agent) -> tuple[str, ...]:
        """Its tools, with those of a server in the place of the server's name."""
        from skills.mcp.groups import spread

        return spread(agent.tools, self._performers.skills.snapshot.skills) if agent.tools else ()

    def _asks(self, agent: Agent) -> tuple[str, ...]:
        """The tools of an agent that a person may be asked about. Where rules cannot be read, none of them counts."""
        from agents.toolset import shown_folders
        from skills.folders.tools import tools_of
        from skills.permissions.decide import may_ask

        snapshot = self._performers.skills.snapshot
        try:
            rules: tuple[Rule, ...] = (*self._performers.rules(), *agent.rules)
        except UnderstudyError:
            rules = agent.rules
        tools = [snapshot.skills[name] for name in self._tools_of(agent) if name in snapshot.skills]
        tools += tools_of(shown_folders(agent, snapshot))
        return tuple(tool.name for tool in tools if may_ask(rules, tool))

    def _digest_of(self, agent: Agent, over: tuple[str, ...] = ()) -> str:
        """An agent's code is its file, the skills that its model may call or is shown, and the agents that it may hand
        a task over to."""
        names = (*self._tools_of(agent), *agent.skills)
        skills = [self._performers.skills.snapshot.skills.get(name) for name in names]
        members = self._members(agent, over) if agent.agents else []
        if not names and not members:
            return agent.digest
        parts = [skill.digest for skill in skills if skill]
        return digest(agent.digest, [*parts, *(self._digest_of(member, (agent.name, *over)) for member in members)])

    def _members(self, agent: Agent, over: tuple[str, ...]) -> list[Agent]:
        from agents.team import DEPTH  # few agents hand over

        known = self._performers.agents.snapshot.agents if len(over) < DEPTH else {}
        return [known[name] for name in agent.agents if name in known and name not in (agent.name, *over)]


def _of_skill(skill: Skill) -> Entry:
    return Entry(
        "skill",
        skill.name,
        skill.description,
        skill.digest,
        skill.parameters,
        skill.effect,
        skill.touches,
        problem=skill.unusable if skill.trusted else NOT_TRUSTED,
        folder=skill.bundle is not None and skill.trusted and not skill.hidden,
        undo=skill.undo,
    )
