"""Looks at all that is set up here, a group at a time, and gives each line as it is known. No model is asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from app import checkup
from app.checkup import Finding
from app.present.permissions import aimless
from app.present.setup import Line, finding_line, model_lines, permit_lines, rule_lines, server_line
from app.server_entries import end_of_log
from workflows.errors import UnderstudyError
from workflows.journal.port import Query

if TYPE_CHECKING:
    from app.credentials import Credentials, KeptKey
    from app.desk import Desk
    from app.trial import Tried

GROUPS = ("models", "servers", "rules", "permits", "workspace", "runs", "programs", "machine")
"""What can be looked at by itself."""

GOING = ("pending", "running", "waiting", "paused", "interrupted")

MOST_RUNS = 200
"""Runs that are looked through for what was allowed in them."""


def gather(group: str, desk: Desk, tried: Mapping[str, Tried]) -> AsyncIterator[Line]:
    """The lines of a group. `tried` is what came of models that were tested. Raises UnderstudyError."""
    services = desk.services
    match group:
        case "models":
            return _models(desk, tried)
        case "servers":
            return _servers(desk)
        case "rules":
            return _rules(desk)
        case "permits":
            return _permits(desk)
        case "workspace":
            # Servers have lines of their own.
            return _of_findings(_in_thread(partial(checkup.check_workspace, desk)), without=("mcp",))
        case "runs":
            return _of_findings(checkup.check_up(desk))
        case "programs":
            return _of_findings(checkup.check_programs(services.environ))
    return _of_findings(_in_thread(partial(checkup.check_machine, services.paths, services.environ)))


async def _models(desk: Desk, tried: Mapping[str, Tried]) -> AsyncIterator[Line]:
    from agents.models.detect import detect

    services = desk.services
    credentials, root = services.performers.credentials, services.paths.root
    found = await detect(services.environ)
    kept, broken = await asyncio.to_thread(_kept, credentials)
    there = await asyncio.to_thread((root / ".env").exists)
    chosen = services.settings.model
    for each in model_lines(found, kept, chosen, tried, credentials=credentials.path, dotenv=there, root=root):
        yield each
    if broken is not None:
        yield Line("Models", "keys", broken.message, "bad", broken.hint, f"chmod 600 {credentials.path}")


def _kept(credentials: Credentials) -> tuple[Sequence[KeptKey], UnderstudyError | None]:
    try:
        return credentials.kept(), None
    except UnderstudyError as error:
        return (), error


async def _servers(desk: Desk) -> AsyncIterator[Line]:
    services = desk.services
    assert services.skills is not None  # their files are read with the skills
    for known in services.servers.known:
        yield server_line(known, await asyncio.to_thread(end_of_log, services.servers, known))
    if not services.servers.known:
        yield Line("MCP servers", "none", "m writes one down: its tools are skills once you accept them")


async def _rules(desk: Desk) -> AsyncIterator[Line]:
    from agents.team import DELEGATE
    from skills.folders.tools import READ, RUN

    services = desk.services
    try:
        rules = services.performers.rules()
    except UnderstudyError:
        return  # it is said in `permissions`, with all else that is looked at there
    lost = aimless(rules, (*services.skills.snapshot.skills, READ, RUN, DELEGATE))
    for each in rule_lines(rules, lost):
        yield each


async def _permits(desk: Desk) -> AsyncIterator[Line]:
    for summary in await desk.runs(Query(status=GOING, limit=MOST_RUNS)):
        for each in permit_lines([await desk.state(summary.run_id)]):
            yield each


async def _in_thread(check: Callable[[], Iterator[Finding]]) -> AsyncIterator[Finding]:
    """What a check finds, each as it is found, off this thread."""
    findings = await asyncio.to_thread(check)
    while (finding := await asyncio.to_thread(next, findings, None)) is not None:
        yield finding


async def _of_findings(findings: AsyncIterator[Finding], without: Sequence[str] = ()) -> AsyncIterator[Line]:
    async for finding in findings:
        if finding.topic not in without:
            yield finding_line(finding)
