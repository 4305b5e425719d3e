"""`understudy alerts` and `understudy top`: a failure is noticed, told to a channel, seen to, and over when it is."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

from tests.support.command_line import CommandLine

FAILS = "name: Fails\nsteps:\n  - {id: read, type: skill, skill: file.read, parameters: {path: here.txt}}\n"


def test_a_failure_is_an_alert_until_a_run_succeeds(line: CommandLine) -> None:
    told: list[bytes] = []

    class Channel(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Channel) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        host = f"127.0.0.1:{server.server_port}"
        line.write(
            "../home/state/config/settings.yaml",
            f"network: {{allow_hosts: ['{host}']}}\n"
            f"channels: {{team: {{type: webhook, url: 'http://{host}/'}}}}\nmonitoring: {{channels: [team]}}\n",
        )
        assert line.run("alerts", "--json").document["alerts"] == []
        line.write("fails.yaml", FAILS)
        first, second = (line.run("run", "fails.yaml", "--unattended", "--json").document["run"] for _ in range(2))
        server.shutdown()
    (message,) = told
    assert b"Alert (failure): fails: a run failed." in message
    (alert,) = line.run("alerts", "--json").document["alerts"]
    assert (alert["rule"], alert["about"], alert["until"]) == ("failure", "fails", None)
    assert f"`understudy show {first}`".encode() in message
    assert alert["run"] == second
    shown = line.run("alerts").stdout
    assert alert["id"] in shown
    assert line.run("alerts", "--acknowledge", "zzz").code != 0
    assert "1 alert acknowledged." in line.run("alerts", "--acknowledge", alert["id"][:3]).stderr
    (seen,) = line.run("alerts", "--json").document["alerts"]
    assert seen["acknowledged_by"]
    line.write("here.txt", "now it is")
    assert line.run("run", "fails.yaml").code == 0
    nothing = line.run("alerts")
    assert (nothing.stdout, "No alert lasts." in nothing.stderr) == ("", True)
    (over,) = line.run("alerts", "--all", "--json").document["alerts"]
    assert over["until"] is not None


def test_how_it_goes_just_now(line: CommandLine) -> None:
    assert "Nothing is under way." in line.run("top").stdout
    line.write("asks.yaml", "name: Asks\nsteps:\n  - {id: sure, type: approval, show: Sure?}\n")
    assert line.run("run", "asks.yaml", "--attended").code == 3
    twice = line.run("top", "--json", "--times", "2", "--every", "0.1").stdout.splitlines()
    first, second = map(json.loads, twice)
    (run,) = second["runs"]
    assert (run["workflow"], run["status"], run["steps"]["queued"]) == ("asks", "waiting", 1)
    assert first["memory"] > 0
    assert second["cpu"] is not None
    assert "1 run for" in line.run("top").stdout
