"""What skills and agents said when runs began with them, so that a change of one can be shown and not only told.

Kept are the files of users and workspaces, by the digest under which a run knows them. What comes with Understudy is
known by its version alone.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from workflows.journal.files import make_folder, open_private, read_plain
from workflows.text import safe_text

if TYPE_CHECKING:
    from agents.definition import Agent
    from app.performers import Performers
    from app.present.inquiry import Card
    from skills.manifest import Skill
    from workflows.runs.state import RunState
    from workflows.secrets import Redactor

KEPT_FOR = 400 * 86_400.0
"""Seconds since a run last began with it for which a text is kept."""

LARGEST = 4 * 1024 * 1024
"""Bytes of all texts of one agent with its skills; more is not kept."""

_log = logging.getLogger(__name__)


class KeptCode:
    """`folder` is where texts are kept, a file for each digest. What cannot be kept or read is never an error."""

    def __init__(self, folder: Path, performers: Performers, root: Path, redactor: Redactor) -> None:
        """`root` is the workspace whose skills and agents the performers have. What `redactor` knows is left out."""
        self._folder = folder
        self._performers = performers
        self._root = str(root)
        self._redactor = redactor
        self._known: set[str] = set()

    def keep(self, reference: str, digest: str) -> None:
        """Keep what `skill:name` or `agent:name` says now, which has this digest."""
        if not digest.isalnum() or digest in self._known:
            return
        self._known.add(digest)
        path = self._folder / digest
        try:
            if path.exists():
                os.utime(path)
                return
            parts = self._parts_of(reference)
            if all(text.startswith(_VERSION) for text in parts.values()):
                return
            text = json.dumps(parts).encode()
            if len(text) <= LARGEST:
                _write(path, text)
        except OSError as error:
            _log.warning("the text of %s cannot be kept: %s", reference, error)

    def explained(self, state: RunState, card: Card) -> Card:
        """The card; one about changed code says in its body which lines changed, where both are known."""
        asked = state.inquiries[card.entry].asked
        if asked.reason != "changed" or not asked.digest or state.root != self._root:
            return card
        reference = asked.facts.get("code", "")
        before = self._read(state.digests.get(reference, ""))
        if before is None:
            return card
        after = self._parts_of(reference)
        self.keep(reference, asked.digest)
        lines = "\n".join(_differences(before, after))
        return replace(card, body=safe_text(f"{card.body}\n{lines}"), language="diff") if lines else card

    def waiting(self, state: RunState) -> tuple[Card, ...]:
        """All that waits for a person in a run, explained."""
        from app.present.run import waiting_cards  # few commands show what waits

        return tuple(self.explained(state, card) for card in waiting_cards(state))

    def _read(self, digest: str) -> Mapping[str, str] | None:
        if not digest.isalnum():
            return None
        try:
            parts = json.loads(read_plain(self._folder / digest, LARGEST))
        except (OSError, ValueError):
            return None
        return {str(name): str(text) for name, text in parts.items()} if isinstance(parts, dict) else None

    def _parts_of(self, reference: str) -> Mapping[str, str]:
        return {name: self._redactor.redact(text) for name, text in self._parts(reference)}

    def _parts(self, reference: str) -> Iterator[tuple[str, str]]:
        """All that the digest of a reference is made of, each by a name that people know."""
        what, _, name = reference.partition(":")
        if what == "agent":
            if (agent := self._performers.agents.snapshot.agents.get(name)) is not None:
                yield from self._of_agent(agent, ())
        elif (skill := self._performers.skills.snapshot.skills.get(name)) is not None:
            yield f"skill {skill.name}", _of_skill(skill)

    def _of_agent(self, agent: Agent, over: tuple[str, ...]) -> Iterator[tuple[str, str]]:
        from skills.mcp.groups import spread

        yield f"agent {agent.name}", _of_file(agent)
        known = self._performers.skills.snapshot.skills
        for name in (*spread(agent.tools, known), *agent.skills):
            if name in known:
                yield f"skill {name}", _of_skill(known[name])
        agents = self._performers.agents.snapshot.agents
        for name in agent.agents:
            if name in agents and name not in (agent.name, *over):
                yield from self._of_agent(agents[name], (agent.name, *over))


def forget_old(folder: Path, now: float) -> int:
    """Remove what no run began with for long. Gives how many. Raises OSError."""
    old = [path for path in folder.glob("*") if now - path.stat().st_mtime > KEPT_FOR] if folder.is_dir() else []
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


_VERSION = "version "


def _of_skill(skill: Skill) -> str:
    if skill.scope == "built-in" or not skill.source:
        return f"{_VERSION}{skill.version}"
    files = sorted(skill.bundle.files.items()) if skill.bundle else ()
    return "\n".join([skill.source.decode("utf-8", "replace"), *(f"{name}: {digest}" for name, digest in files)])


def _of_file(agent: Agent) -> str:
    """An agent's file, where it still is the one that was read."""
    if agent.scope != "built-in" and agent.path is not None:
        try:
            content = read_plain(agent.path, LARGEST)
        except OSError:
            content = b""
        if hashlib.sha256(content).hexdigest() == agent.digest:
            return content.decode("utf-8", "replace")
    return f"{_VERSION}{agent.version}"


def _differences(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    from difflib import unified_diff  # little code changes while a run waits

    for name in dict.fromkeys((*before, *after)):
        texts = (before.get(name, "").splitlines(), after.get(name, "").splitlines())
        yield from unified_diff(*texts, f"{name}, as the run began", f"{name}, now", lineterm="")


def _write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    make_folder(path.parent)
    beside = path.with_name(f".{path.name}.{os.getpid()}.{time.monotonic_ns()}")
    descriptor = open_private(beside)
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise
