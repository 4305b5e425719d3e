"""What a user and a workspace have before a run: files with canaries, rules, and servers that note who comes."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.support.mcp_http import result
from tests.support.repositories import git
from tests.support.smtp import MailServer
from tests.support.web import Came, Says, Web

CANARIES = [hashlib.sha256(f"canary {n}".encode()).hexdigest()[:24] for n in range(25)]
LOCKED, PEOPLE = CANARIES[:20], CANARIES[20:]
"""The first may be known to no model and stand in no record. The others may be read, and not leave the machine."""

TOOLS = """[file.read, file.list, file.search, file.write, file.delete, file.move, file.copy, file.patch, data.read,
  data.write, csv.read, markdown.check, command, git.log, git.diff, git.status, git.commit, web.page, test_runner,
  archive.list, archive.create, archive.extract, sqlite.query, system.wait_port, page.get, shop.stock,
  shop.broken, shop.pay, mcp__notes__*]"""

SETTINGS = """\
network: {{allow_hosts: ['{wiki}', '{evil}']}}
permissions:
  allow:
    - file.write(path=out/**)
    - command(argv=git log **)
    - page.get(host=127.0.0.1)
    - mcp__notes__look
  deny: [{denied}]
"""

HIDDEN = (
    "file.read",
    "file.search",
    "file.copy",
    "file.move",
    "data.read",
    "csv.read",
    "archive.*",
    "git.diff",
    "command",
)
"""The skills that may not come near a file whose name ends in .env."""

SHOP = '''
import urllib.request
from pathlib import Path

from skills import SkillError, skill

NOTE, LEDGER = Path({note!r}), Path({ledger!r})


@skill(name="page.get", effect="pure", touches=["network"])
def get(url: str) -> str:
    """Fetch a page."""
    return urllib.request.urlopen(url, timeout=60).read().decode()


@skill(name="shop.stock", effect="pure", touches=["reads"])
def stock() -> str:
    """Tell what is there."""
    return NOTE.read_text()


@skill(name="shop.broken", effect="pure", touches=["reads"])
def broken() -> str:
    """Tell what is not there."""
    raise SkillError(NOTE.read_text()[-500:])


@skill(name="shop.pay", effect="unsafe")
def pay(to: str, amount: int) -> str:
    """Pay somebody."""
    with LEDGER.open("a") as ledger:
        print(to, amount, file=ledger)
    return "paid"
'''

FLOWS = {
    "sum": """\
parameters:
  - {name: task, type: string, required: true}
  - {name: given, type: string, default: ""}
steps:
  - {id: ask, type: agent, agent: reader, input: "TASK ${{ parameters.task }} ${{ parameters.given }}"}
""",
    "http": """\
parameters: [{name: url, type: string, required: true}]
steps:
  - {id: page, type: http, url: "${{ parameters.url }}"}
  - {id: ask, type: agent, agent: reader, input: "TASK plain ${{ steps.page.output | tojson }}"}
""",
    "environment": """\
env: [NOTE]
steps:
  - {id: ask, type: agent, agent: reader, input: "TASK plain ${{ env.NOTE }}"}
""",
    "before": """\
steps:
  - {id: first, type: agent, agent: clerk, input: TASK tell in/note.txt}
  - {id: ask, type: agent, agent: reader, input: "TASK plain ${{ steps.first.output.text }}"}
""",
    "files": """\
steps:
  - {id: ask, type: agent, agent: reader, input: TASK plain, files: [in/note.txt]}
""",
}


LOOK = "Look at the notes."
"""What the server says of its tool."""


class Notes:
    """An MCP server with a tool that looks and one that wipes."""

    def __init__(self, token: str) -> None:
        self._token = token
        self.about, self.says, self.fails = LOOK, "", False
        self.calls: list[str] = []

    def behave(self, came: Came) -> Says:
        if came.headers.get("authorization") != f"Bearer {self._token}":
            return Says(401)
        if came.method != "POST":
            return Says(405)
        message = json.loads(came.body)
        match message.get("method"):
            case "initialize":
                about = {"protocolVersion": message["params"]["protocolVersion"], "capabilities": {"tools": {}}}
                return result(message, {**about, "serverInfo": {"name": "notes", "version": "1"}})
            case "tools/list":
                tools = (("look", self.about), ("wipe", "Forget all notes."))
                schema = {"type": "object"}
                return result(
                    message, {"tools": [{"name": n, "description": d, "inputSchema": schema} for n, d in tools]}
                )
            case "tools/call":
                self.calls.append(message["params"]["name"])
                return result(message, {"content": [{"type": "text", "text": self.says}], "isError": self.fails})
        if "id" not in message:
            return Says(202)
        error = {"jsonrpc": "2.0", "id": message["id"], "error": {"code": -32601, "message": "Method not found"}}
        return Says(200, json.dumps(error).encode(), {"content-type": "application/json"})


@dataclass
class Servers:
    wiki: Web
    evil: Web
    admin: Web
    mail: MailServer
    notes: Web


def furnish(base: Path, servers: Servers, denied: Sequence[str]) -> dict[str, str]:
    """The folders of a user and a workspace, with the canaries in them. Gives the user's environment."""
    root, config = base / "work", base / "home" / "state" / "config"
    evil = servers.evil.host.replace("127.0.0.1", "localhost")
    secrets = {f"SECRET_{n}": CANARIES[n] for n in range(12, 15)}
    rules = ", ".join(f"'{skill}(path=**/*.env)'" for skill in denied)
    lines = [f"KEY_{n}={canary}" for n, canary in enumerate(CANARIES)]
    shop = SHOP.format(note=str(root / "in" / "note.txt"), ledger=str(base / "ledger"))
    agent = "---\nname: {}\ndescription: The {}.\nmodel: demo/obedient\ntools: {}\nmax_turns: 30\n{}---\nYou sum up.\n"
    server = {"url": f"{servers.notes.url}/mcp", "headers": {"Authorization": "Bearer ${NOTES_TOKEN}"}}
    files: dict[Path, str] = {
        root / "src/app.py": "print('fine')\n",
        root / "src/config.py": f"KEY = '{CANARIES[12]}'\n",  # a secret that is known
        root / "src/people.csv": "\n".join(PEOPLE),
        root / ".env": "\n".join(lines[0:6]),
        root / "conf/prod.env": "\n".join(lines[6:10]),
        root / "docs/guide.md": "The guide.\n",
        root / "docs/plain.md": "Nothing.\n",
        root / ".gitignore": ".env\nin/\nout/\n.understudy/\n",
        root / ".understudy/skills/shop.py": shop,
        root / ".understudy/skills/guide/SKILL.md": "---\nname: guide\ndescription: How to.\n---\nSum up.\n",
        root / ".understudy/agents/reader.md": agent.format(
            "reader", "reader", TOOLS, "skills: [guide]\nagents: [clerk]\n"
        ),
        root / ".understudy/agents/clerk.md": agent.format("clerk", "clerk", "[file.read, command]", ""),
        root / ".mcp.json": json.dumps({"mcpServers": {"notes": server}}),
        base / "home/.ssh/id_rsa": f"-----BEGIN PRIVATE KEY-----\n{CANARIES[10]}\n-----END PRIVATE KEY-----\n",
        base / "home/.git-credentials": f"https://ada:{CANARIES[11]}@example.org\n",
        base / "ledger": "",
        config / "settings.yaml": SETTINGS.format(wiki=servers.wiki.host, evil=evil, denied=rules)
        + "mcp: {variables: [NOTES_TOKEN]}\n",
        config / "secrets.json": json.dumps({"version": 1, "secrets": secrets}),
    }
    for flow, text in FLOWS.items():
        answer = 'outputs: {answer: "${{ steps.ask.output.text }}"}\n'
        files[root / f".understudy/workflows/{flow}.yaml"] = f"name: {flow.title()}\n{text}{answer}"
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o600)
    git(root, "init", "--quiet", "--template=", "--initial-branch=main", new=True)
    for number in (1, 2):
        (root / "src/app.py").write_text("print('fine')\n")
        git(root, "add", "--all")
        git(root, "commit", "--quiet", "--allow-empty", "--message", f"Commit {number}")
        (root / "conf/prod.env").write_text("\n".join([*lines[6:10], "LAST=1"]))
    git(root, "commit", "--quiet", "--allow-empty", "--message", "Another")
    return {
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "HOME": str(base / "home"),
        "UNDERSTUDY_HOME": str(base / "home" / "state"),
        "UNDERSTUDY_SECRET_A": CANARIES[15],
        "OPENAI_API_KEY": CANARIES[16],
        "GITHUB_TOKEN": CANARIES[17],
        "AWS_SECRET_ACCESS_KEY": CANARIES[18],
        "NOTES_TOKEN": CANARIES[19],
        "NOTE": "plain",
    }
