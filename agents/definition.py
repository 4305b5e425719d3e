"""An agent as its Markdown file says: front matter for who it is and what it may use, the prompt as the body.

The shape is the one that people keep in `.claude/agents`, so those files are read too: what they say beyond our own
fields is named as not used here and never acted on, above all `permissionMode`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import Any, Literal

from agents.fields import FIELDS, NOT_YET, RENAMED, REQUIRED, SERVERS, UNUSED
from agents.foreign_tools import ALL, agents_of, denials_of, servers_of, tools_of
from agents.models.script import Script
from agents.output import schema_problem
from agents.permissions import parted, read_permissions
from skills.front_matter import split
from skills.layers import Scope
from skills.manifest import SHORT_DIGEST
from skills.permissions.rules import Rule, RuleError
from workflows.definition.shapes import read_value
from workflows.diagnostics import Diagnostic, suggest
from workflows.errors import UnderstudyError
from workflows.records import dataclass
from workflows.source import Document, Node, Scalar
from workflows.source import Mapping as MappingNode
from workflows.values import Json

State = Literal["ready", "untrusted"]

MAX_TURNS = 10
"""Model turns of one step, where the agent does not say."""

TURN_SECONDS = 300.0
"""Seconds for one model turn, from the request to the end of the answer, where the agent does not say."""

IDLE_SECONDS = 60.0
"""Seconds without a word, once a model has begun to answer, where the agent does not say."""

MODEL_WORDS: Mapping[str, str | None] = {
    "inherit": None,
    # The newest of each family that litellm 1.106 has a price for.
    "haiku": "anthropic/claude-haiku-5-5",
    "sonnet": "anthropic/claude-sonnet-5-5",
    "opus": "anthropic/claude-opus-5-5",
}
"""Short words for models, as `.claude/agents` has them. None is the default model of the settings."""


SCRIPTED = "demo/scripted"
PLAYED = ("demo/", "scripted/")
"""Beginnings of model names that a script can stand for."""


@dataclass(frozen=True)
class Agent:
    """Who performs an agent step.

    `model` is a full model name, None for the default model of the settings. `tools` are names of skills that the
    model may call, `agents` those whom it may hand a part of its task over to. `script` is what the scripted model
    says. `digest` is the SHA-256, in hex, of the whole file. `ignored` are keys of the file that are not used here.
    `trusted` is false for a workspace's agent until a person trusts the workspace: it is listed and never run.
    """

    name: str
    description: str
    prompt: str
    model: str | None = None
    tools: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    fallback: tuple[str, ...] = ()
    max_turns: int = MAX_TURNS
    max_tokens: int | None = None
    max_total_tokens: int | None = None
    """Tokens of all its turns in one step, read and written; None where nothing limits them."""
    turn_timeout: float = TURN_SECONDS
    idle_timeout: float = IDLE_SECONDS
    context_window: int | None = None
    """Tokens of a conversation, its answer included; None where only what is known of the model limits it."""
    images: bool = False
    """Whether its models take images, though that is not known of them."""
    temperature: float | None = None
    output_schema: Json = None
    script: Json = None
    fallback_models: tuple[str, ...] = ()
    """Models that take over, in this order, where the one before cannot answer. "" is the default model."""
    digest: str = ""
    scope: Scope = "built-in"
    path: Path | None = None
    ignored: tuple[str, ...] = ()
    trusted: bool = True
    rules: tuple[Rule, ...] = ()
    """What its file says its tools may not do, or only when asked."""

    @property
    def models(self) -> tuple[str, ...]:
        """The models that it may ask, the first one first; "" is the default model."""
        return (self.model or "", *self.fallback_models)

    @property
    def version(self) -> str:
        """The digest, short enough to show."""
        return self.digest[:SHORT_DIGEST]

    @property
    def standing(self) -> int:
        """Before trust it hides nothing that is trusted."""
        return int(self.trusted)

    @property
    def state(self) -> State:
        return "ready" if self.trusted else "untrusted"


@dataclass(frozen=True)
class Reading:
    """A file that was read: the agent, None where there are errors, and all that is to be said of it."""

    agent: Agent | None
    diagnostics: tuple[Diagnostic, ...] = ()


def read_agent(source: bytes, path: Path, scope: Scope = "workspace", *, foreign: bool = False) -> Reading:
    """Read one agent file. Never raises: whatever is wrong becomes a diagnostic with its line and column.

    `foreign` is for files that were written for other programs: keys that nobody here knows are warned of instead of
    refused, and texts that YAML cannot read for their colons are taken as they are. A workspace's agent comes back
    untrusted.
    """
    matter = split(source, str(path), foreign=foreign)
    reader = _Reader(matter.document, foreign, list(matter.document.diagnostics))
    values = reader.values(bool(matter.body.strip()))
    if any(diagnostic.is_error for diagnostic in reader.found):
        return Reading(None, tuple(reader.found))
    denied = values.pop("disallowed_tools", ())
    tools = tuple(dict.fromkeys(tool for tool in values.pop("tools", ()) if tool not in denied))
    named = (*values.pop("model", ("inherit",)), *values.pop("fallback_models", ()))
    model, *others = (MODEL_WORDS.get(name, name) for name in named)
    agent = Agent(
        **values,
        prompt=matter.body.strip(),
        model=model,
        fallback_models=tuple(other or "" for other in others),
        tools=tools,
        digest=hashlib.sha256(source).hexdigest(),
        scope=scope,
        path=path,
        ignored=tuple(reader.ignored),
        trusted=scope != "workspace",
    )
    return Reading(agent, tuple(reader.found))


@dataclass
class _Reader:
    """Reads the keys of one front matter, all of them whatever is wrong with some."""

    document: Document
    foreign: bool
    found: list[Diagnostic]
    ignored: list[str] = field(default_factory=list)

    def report(self, node: Node, code: str, message: str, hint: str = "", *, warning: bool = False) -> None:
        self.found.append(self.document.diagnose(node.mark, code, message, hint, warning=warning))

    def values(self, prompted: bool) -> dict[str, Any]:
        """Values by field. `prompted` is whether a prompt follows."""
        root = self.document.root
        if not isinstance(root, MappingNode):
            if root is not None:
                self.report(root, "wrong-type", "front matter is written as 'key: value'")
            return {}
        values: dict[str, Any] = {}
        for key, node in root.entries:
            name = RENAMED.get(key.text, key.text)
            if shape := FIELDS.get(name):
                values[name] = read_value(shape, node, key.text, self.report)
            if (name not in FIELDS or name in NOT_YET) and name != SERVERS:
                self._unused(key)
        for name in REQUIRED:
            if name not in values:
                self.report(root, "missing-key", f"an agent needs '{name}'", f"add '{name}: …' to the front matter")
        if schema := values.get("output_schema"):
            self._check("output_schema", "bad-schema", schema_problem(schema))
        if "script" in values:
            self._check("script", "bad-script", script_problem(values["script"]))
            named = (*values.setdefault("model", (SCRIPTED,)), *values.get("fallback_models", ()))
            if not all(model.startswith(PLAYED) for model in named):
                self._check("model", "conflict", f"a script is played by {SCRIPTED}, not by a model with a name")
        elif not prompted:
            self.report(root, "missing-prompt", "the agent has no prompt", "write it below the front matter")
        values.pop("permissions", None)
        values["rules"] = (
            *read_permissions(root.get("permissions"), self.document.file, self.report),
            *self._only(values),
        )
        values["tools"] = (*values.get("tools", ()), *servers_of(root.get(SERVERS), self.report))
        return values

    def _only(self, values: dict[str, Any]) -> tuple[Rule, ...]:
        """The rules of tools that are given in part. Other programs have other tools, and say it in another way."""
        if self.foreign:
            file = self.document.file
            words, team = agents_of(values.get("tools", ()), values.get("disallowed_tools", ()))
            values["agents"] = tuple(dict.fromkeys((*values.get("agents", ()), *team)))
            values["tools"], given = tools_of(words, file) if "tools" in values else (ALL, ())
            values["disallowed_tools"], denied = denials_of(values.get("disallowed_tools", ()), file)
            return (*given, *denied)
        try:
            values["tools"], rules = parted(values.get("tools", ()), self.document.file)
        except RuleError as error:
            self._check("tools", "bad-rule", error.message, error.hint)
            return ()
        return rules

    def _check(self, key: str, code: str, problem: str, hint: str = "") -> None:
        node = self.document.root.get(key) if isinstance(self.document.root, MappingNode) else None
        if node and problem:
            self.report(node, code, problem, hint)

    def _unused(self, key: Scalar) -> None:
        """A key that says nothing here: a warning where other programs know it, else most likely a slip."""
        name = key.text
        if not self.foreign and name not in UNUSED and name not in NOT_YET:
            hint = suggest(name, FIELDS) or f"an agent's keys are {', '.join(FIELDS)}"
            self.report(key, "unknown-key", f"unknown key '{name}' in an agent", hint)
            return
        self.ignored.append(name)
        why = UNUSED.get(name) or NOT_YET.get(name, "")
        self.report(key, "not-used", f"'{name}' is not used here", why, warning=True)


def script_problem(script: Json) -> str:
    """What is wrong with a script, in one line; empty where nothing is."""
    try:
        Script.from_data(script)
    except UnderstudyError as error:
        return error.message.replace("\n", " ")
    return ""
