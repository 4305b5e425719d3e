"""In a replay nothing is connected to, started or written: the interpreter itself says so."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.integration.cli.test_recordings import TOKEN, WORKFLOW, WRITER, serving
from tests.support.command_line import CommandLine

WATCHED = """\
import os, sys

ACTS = ("socket.connect", "socket.getaddrinfo", "socket.sendto", "subprocess.Popen", "os.system", "os.exec", "os.fork",
        "os.posix_spawn", "os.remove", "os.rename", "os.mkdir", "shutil.rmtree")

def hear(event, arguments):
    writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
    if event in ACTS or writes:
        text = f"{event} {arguments!r}"
        if os.environ["UNDERSTUDY_HOME"] not in text and "/dev/null" not in text:
            sys.stderr.write(f"ACT {text}\\n")

from app.cli.main import main
sys.addaudithook(hear)
sys.argv = ["understudy", *sys.argv[1:]]
main()
"""

SKILL = """\
from pathlib import Path

from skills import Context, Preview, skill


@skill(effect="unsafe")
def shout(context: Context, text: str) -> str:
    \"\"\"Shouts.\"\"\"
    Path("shouted.txt").write_text(text)
    return text.upper()


@shout.preview
def _(context: Context, text: str) -> Preview:
    Path("previewed.txt").write_text(text)
    return Preview("shout", text)
"""

MORE = """\
        - {id: shout, type: skill, skill: shout, approve: before, parameters: {text: hey}}
        - {id: command, type: skill, skill: command, parameters: {argv: [touch, touched.txt]}}
        - {id: tell, type: notification, channel: terminal, text: done}
"""


def test_nothing_is_touched(line: CommandLine) -> None:
    with serving() as site:
        text = WORKFLOW.replace("URL", site.url).replace("        - id: keep\n", f"{MORE}        - id: keep\n")
        line.write("news.yaml", text)
        line.write(".understudy/agents/writer.md", WRITER)
        line.write(".understudy/skills/shout.py", SKILL)
        line.write("facts.txt", "It rains.")
        settings = line.home / "state" / "config" / "settings.yaml"
        settings.parent.mkdir(parents=True)
        settings.write_text(json.dumps({"network": {"allow_hosts": [site.url.removeprefix("http://")]}}))
        assert line.run("trust", "--yes").code == 0
        ended = line.run("run", "news.yaml", "--record", "--yes", "-i", "who=Ada", UNDERSTUDY_SECRET_TOKEN=TOKEN)
        assert ended.code == 0, ended.stderr
    made = [name for name in ("previewed.txt", "shouted.txt", "touched.txt") if (line.cwd / name).exists()]
    assert made[-2:] == ["shouted.txt", "touched.txt"]
    for name in made:
        (line.cwd / name).unlink()
    watched = subprocess.run(
        [sys.executable, "-c", WATCHED, "test", "--plain"],
        cwd=line.cwd,
        env={**line.environment, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert watched.returncode == 0, watched.stdout + watched.stderr
    assert "ACT" not in watched.stderr, watched.stderr
    assert not [name for name in made if (line.cwd / name).exists()]
