"""No secret enters a recording, whichever way it came: ten canaries through a model, a tool and HTTP."""

from __future__ import annotations

import json

from tests.integration.cli.test_recordings import serving
from tests.integration.test_secret_leaks import canaries, traces
from tests.support.command_line import CommandLine

TEN = dict(list(canaries().items())[::3][:9]) | {"HORSE": "correct-horse-battery"}

WORKFLOW = """\
name: Leaks
steps:
  - id: fetch
    type: http
    url: URL/x
    headers: {Authorization: "Bearer ${{ secrets.HORSE }}", Cookie: a=plain-cookie-77}
  - {id: read, type: skill, skill: file.read, parameters: {path: told.txt}}
  - id: asked
    type: agent
    agent: parrot
    input: "${{ steps.fetch.output.body | tojson }} ${{ steps.read.output.text }} plain-cookie-77"
  - {id: kept, type: skill, skill: file.write, parameters: {path: kept.txt, text: "${{ steps.asked.output.text }} ALL"}}
outputs: {all: "${{ steps.asked.output.text }}"}
"""

PARROT = """\
---
name: parrot
description: Says what it hears
model: template/plain
---
{{ input }}
"""


def test_ten_canaries_through_every_channel_leave_no_trace(line: CommandLine) -> None:
    told = "\n".join(f"before {value} after" for value in TEN.values())
    sent = " ".join(f"${{{{ secrets.{name} }}}}" for name in TEN)
    line = CommandLine(line.cwd, line.home, {f"UNDERSTUDY_SECRET_{name}": value for name, value in TEN.items()})
    with serving() as site:
        site.says = {"echo": list(TEN.values()), "all": told, "unknown": "ghp_" + "Zz9" * 12}
        line.write("leaks.yaml", WORKFLOW.replace("URL", site.url).replace("ALL", sent))
        line.write("told.txt", told)
        line.write(".understudy/agents/parrot.md", PARROT)
        settings = line.home / "state" / "config" / "settings.yaml"
        settings.parent.mkdir(parents=True)
        settings.write_text(json.dumps({"network": {"allow_hosts": [site.url.removeprefix("http://")]}}))
        assert line.run("trust", "--yes").code == 0
        ended = line.run("run", "leaks.yaml", "--record", "kept")
        assert ended.code == 0, ended.stderr
    recording = (line.cwd / "kept" / "leaks.recording.jsonl").read_text()
    test = (line.cwd / "kept" / "leaks.test.yaml").read_text()
    for value in TEN.values():
        assert not [trace for trace in traces(value) if trace in recording + test]
    assert "cookie-canary-7f3a" not in recording, "what an answer's header set"
    assert "plain-cookie-77" not in recording, "what a header of ours held"
    assert "ghp_Zz9" not in recording, "what looks like a key"
    assert "•••HORSE•••" in recording, "a secret is known by its name"
    without = CommandLine(line.cwd, line.home)
    replayed = without.run("test", "kept")
    assert replayed.code == 0, replayed.stdout
