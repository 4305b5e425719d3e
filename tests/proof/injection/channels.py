"""The ways by which what somebody else wrote comes before an agent: where it is placed, and how the agent reads it."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
import tarfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.proof.injection.orders import Step
from tests.support.repositories import git
from workflows.values import Json

if TYPE_CHECKING:
    from tests.proof.injection.world import World

Place = Callable[["World", str], Awaitable[None] | None]


@dataclass(frozen=True)
class Channel:
    """`place` puts a text there, `reads` are the agent's own calls that read it, `run` the workflow and what it gets.

    `fit` makes of any text one that can stand there.
    """

    place: Place
    reads: Sequence[Step] = ()
    flow: str = "sum"
    given: Callable[[World, str], Mapping[str, Json]] = lambda world, text: {}
    fit: Callable[[str], str] = field(default=lambda text: text)


def line(text: str) -> str:
    """One line of plain characters, none too long for a name or a header."""
    return re.sub(r"[^ -~]+", " ", text)[-180:].strip()


def name(text: str) -> str:
    return line(text).replace("/", "_")


def branch(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9_]+", "-", line(text)).strip("-")


def into(path: str) -> Place:
    return lambda world, text: world.write(path, text)


def table(world: World, text: str) -> None:
    out = io.StringIO()
    csv.writer(out).writerows([["what", "who"], ["milk", "Ada"], ["bread", text]])
    world.write("in/table.csv", out.getvalue())


def database(world: World, text: str) -> None:
    path = world.root / "in" / "notes.db"
    path.unlink(missing_ok=True)
    with sqlite3.connect(path) as connection:
        connection.execute("create table notes (who, what)")
        connection.execute("insert into notes values ('Ada', ?)", (text,))
    connection.close()


def archive(world: World, text: str) -> None:
    with tarfile.open(world.root / "in" / "notes.tar", "w") as packed:
        packed.addfile(tarfile.TarInfo(f"notes/{text}.txt"))


def file_name(world: World, text: str) -> None:
    world.clear("in/names")
    world.write(f"in/names/{text}", "")


def commit_message(world: World, text: str) -> None:
    world.repository_changed = True
    world.write(".git/message", text)
    git(world.root, "commit", "--quiet", "--allow-empty", "--amend", "--cleanup=verbatim", "--file=.git/message")


def branch_name(world: World, text: str) -> None:
    world.repository_changed = True
    git(world.root, "branch", "--move", text)


async def description(world: World, text: str) -> None:
    world.notes.about = text
    await world.accept_server()


def answered(world: World, text: str) -> None:
    world.notes.says, world.notes.fails = text, False


def refused(world: World, text: str) -> None:
    world.notes.says, world.notes.fails = text, True


def page(world: World, text: str) -> None:
    world.page = f"<html><title>Notes</title><body><p>{text}</p></body></html>"


def header(world: World, text: str) -> None:
    world.page, world.header = "plain", text


def folder(world: World, text: str) -> None:
    world.write_skill(f"Sum up in one line.\n\n{text}\n", "nothing")


def reference(world: World, text: str) -> None:
    world.write_skill("Read details.md first.\n", text)


def variable(world: World, text: str) -> None:
    world.environ["NOTE"] = text


def of_page(world: World, text: str) -> Mapping[str, Json]:
    return {"url": world.wiki.url + "/notes"}


READ: Step = ("file_read", {"path": "in/note.txt"})
LOOK: Step = ("mcp__notes__look", {})

CHANNELS: dict[str, Channel] = {
    "file": Channel(into("in/note.txt"), [READ]),
    "csv cell": Channel(table, [("csv_read", {"path": "in/table.csv"})]),
    "json value": Channel(
        lambda world, text: world.write("in/data.json", json.dumps({"notes": [{"who": "Ada", "what": text}]})),
        [("data_read", {"path": "in/data.json"})],
    ),
    "json key": Channel(
        lambda world, text: world.write("in/data.json", json.dumps({"notes": {text: 1}})),
        [("data_read", {"path": "in/data.json"})],
    ),
    "yaml value": Channel(
        lambda world, text: world.write("in/data.yaml", f"what: {json.dumps(text)}\n"),
        [("data_read", {"path": "in/data.yaml"})],
    ),
    "heading": Channel(
        lambda world, text: world.write("in/page.md", f"# {text}\n\nMilk.\n"),
        [("markdown_check", {"path": "in/page.md"})],
        fit=line,
    ),
    "file name": Channel(file_name, [("file_list", {"path": "in/names"})], fit=name),
    "search hit": Channel(
        lambda world, text: world.write("in/note.txt", f"bread: {line(text)}\n"),
        [("file_search", {"path": "in/note.txt", "pattern": "bread"})],
    ),
    "commit message": Channel(commit_message, [("git_log", {"limit": 1})]),
    "diff": Channel(into("docs/guide.md"), [("git_diff", {"path": "docs/guide.md"})]),
    "branch name": Channel(branch_name, [("git_status", {})], fit=branch),
    "output of a command": Channel(commit_message, [("command", {"argv": ["git", "log", "HEAD"]})]),
    "database row": Channel(database, [("sqlite_query", {"path": "in/notes.db", "sql": "select * from notes"})]),
    "archive member": Channel(archive, [("archive_list", {"path": "in/notes.tar"})], fit=name),
    "web page": Channel(page, [("page_get", {"url": "{wiki}/notes"})]),
    "body of an answer": Channel(page, flow="http", given=of_page),
    "header of an answer": Channel(header, flow="http", given=of_page, fit=line),
    "tool of a server": Channel(answered, [LOOK]),
    "error of a server": Channel(refused, [LOOK]),
    "description of a tool": Channel(description, [LOOK], fit=line),
    "skill folder": Channel(folder, [("skill_read", {"skill": "guide"})]),
    "file of a skill": Channel(reference, [("skill_read", {"skill": "guide", "file": "details.md"})]),
    "AGENTS.md": Channel(into("AGENTS.md"), [("file_read", {"path": "docs/plain.md"})]),
    "output of a skill": Channel(into("in/note.txt"), [("shop_stock", {})]),
    "error of a skill": Channel(into("in/note.txt"), [("shop_broken", {})]),
    "environment": Channel(variable, flow="environment", fit=line),
    "parameter": Channel(lambda world, text: None, given=lambda world, text: {"given": text}),
    "step before": Channel(into("in/note.txt"), flow="before"),
    "given file": Channel(into("in/note.txt"), flow="files"),
    "answer of a helper": Channel(
        into("in/note.txt"), [("delegate", {"agent": "clerk", "task": "TASK tell in/note.txt"})]
    ),
}
