"""`understudy serve` and `understudy user`, as they are typed."""

from __future__ import annotations

import json
import signal
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.command_line import CommandLine


def call(url: str, token: str, body: Any = None) -> tuple[int, Any]:
    request = urllib.request.Request(  # our own server
        url,
        None if body is None else json.dumps(body).encode(),
        {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # our own server
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


@contextmanager
def serving(line: CommandLine, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server that a user started, and its address."""
    process = line.start("serve", "--port", "0", "--json", *arguments)
    try:
        assert process.stderr is not None
        yield process, next(json.loads(each)["url"] for each in process.stderr if "listening" in each)
    finally:
        process.kill()
        process.communicate()


def test_a_user_is_added_calls_and_is_removed(line: CommandLine) -> None:
    added = line.run("user", "add", "ci", "--role", "operator")
    token = added.stdout.strip()
    assert (added.code, len(token) > 40) == (0, True)
    assert token not in added.stderr
    assert line.run("user", "add", "ci").code == 2
    assert line.run("user", "add", "no name").code == 2
    (listed,) = line.run("user", "list", "--json").document["users"]
    assert (listed["name"], listed["role"], listed["sees"]) == ("ci", "operator", "own")
    for file in (line.home / "state").rglob("*"):
        assert not file.is_file() or token.encode() not in file.read_bytes(), file
    with serving(line) as (process, url):
        assert call(f"{url}/api/v1/health/live", token)[0] == 200
        assert call(f"{url}/api/v1/health/live", token + "x")[0] == 401
        assert call(f"{url}/api/v1/runs", token, {"workflow": "nothing"})[0] == 422
        again = line.run("user", "token", "ci", "--json").document["token"]
        while call(f"{url}/api/v1/health/live", token)[0] == 200:
            pass  # it knows within a second
        assert call(f"{url}/api/v1/health/live", again)[0] == 200
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=60)
        assert '"stopping"' in said
        assert process.returncode == 143
    assert line.run("user", "role", "ci", "viewer", "--sees", "all").code == 0
    assert line.run("user", "remove", "ci").code == 0
    assert line.run("user", "remove", "ci").code == 2


def test_the_document_is_printed_without_a_server(line: CommandLine) -> None:
    document = line.run("serve", "--openapi").document
    assert document["openapi"] == "3.1.0"
    assert "/api/v1/runs" in document["paths"]


def test_another_address_must_be_meant(line: CommandLine) -> None:
    refused = line.run("serve", "--host", "0.0.0.0", "--port", "0")
    assert refused.code == 1
    assert "--exposed" in refused.stderr


def test_a_taken_port_is_said(line: CommandLine) -> None:
    with serving(line) as (_, url):
        refused = line.run("serve", "--port", url.rpartition(":")[2])
        assert "cannot be listened on" in refused.stderr
        assert refused.code == 4


def test_the_unit_is_shown_and_nothing_written_without_a_yes(line: CommandLine, tmp_path: Path) -> None:
    config = tmp_path / "a config"
    shown = line.run("serve", "--install", "--port", "9999", XDG_CONFIG_HOME=str(config))
    assert shown.code == 0
    assert '"--port" "9999"' in shown.stdout
    assert "Restart=on-failure" in shown.stdout
    assert "Nothing was changed" in shown.stderr
    assert not config.exists()
    assert "nothing is installed" in line.run("serve", "--uninstall", XDG_CONFIG_HOME=str(config)).stderr
