"""What is served, and the processes behind it. The skills of this workspace are written with it.

live/site.json             what the switch does: replacing it is switching
live/releases/2.0.0/       a release; live/current is a link to the one that is served
live/switch.json           the report of a service that runs, and live/switch.log what it says
"""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import sys
import time
import tomllib
from pathlib import Path
from typing import Any

from skills import Context, SkillError

SECONDS = 15.0
"""How long a server has until it answers, or is gone."""


class Site:
    """What is served here, and the processes behind it."""

    def __init__(self, context: Context) -> None:
        self.context, self.root = context, context.root
        self.live = self.root / "live"
        try:
            self.settings = tomllib.loads((self.root / "canary.toml").read_text(encoding="utf-8"))
        except (OSError, tomllib.TOMLDecodeError) as error:
            raise SkillError(f"canary.toml cannot be read: {error}", "it has the settings", "dependency") from None

    @property
    def state(self) -> dict[str, Any]:
        """{current, canary, weight}. Raises SkillError where nothing is served."""
        try:
            return json.loads((self.live / "site.json").read_text())
        except FileNotFoundError:
            hint = "`understudy run site-up` opens the shop"
            raise SkillError("nothing is served here", hint, "dependency") from None

    def switch_to(self, **changes: Any) -> dict[str, Any]:
        """Change what the switch does, in one step. Gives what it did before."""
        before = self.state if (self.live / "site.json").exists() else {}
        self.replace("site.json", {"canary": None, "weight": 0, **before, **changes})
        return before

    def replace(self, name: str, data: Any) -> None:
        written = self.live / f"{name}.part"
        written.write_text(json.dumps(data, indent=1))
        written.replace(self.live / name)

    def get(self, path: str, try_: str = "", port: int | None = None) -> tuple[int, Any]:
        """Ask the switch, or a port. Gives the status and the body. Raises OSError where nobody answers."""
        port = port or json.loads((self.live / "switch.json").read_text())["port"]
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("GET", path, headers={"X-Try": try_} if try_ else {})
            answer = connection.getresponse()
            body = answer.read()
            return answer.status, json.loads(body) if answer.headers["Content-Type"] == "application/json" else body
        except http.client.HTTPException as error:
            raise OSError(f"it answers what is no HTTP: {error}") from None
        finally:
            connection.close()

    def running(self, name: str, page: str) -> dict[str, Any] | None:
        """The report of a service that answers, and is the one that wrote it."""
        try:
            report = json.loads((self.live / f"{name}.json").read_text())
            return report if self.get(page, port=report["port"])[1]["pid"] == report["pid"] else None
        except (OSError, KeyError, TypeError):
            return None

    def start(self, name: str, page: str, *argv: object) -> dict[str, Any]:
        """The report of a service: of the one that runs already, or of a new one that answers."""
        if found := self.running(name, page):
            return found
        report, output = self.live / f"{name}.json", self.live / f"{name}.log"
        report.unlink(missing_ok=True)
        command = [sys.executable, "-I", *(str(report) if word == "REPORT" else str(word) for word in argv)]
        self.context.start_service(name, command, cwd=self.root, output=output)
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            if found := self.running(name, page):
                return found
            time.sleep(0.01)
        raise SkillError(
            f"{name} does not answer", f"see {output.name}", "dependency", output=output.read_text()[-2000:]
        )

    def serve(self, version: str) -> dict[str, Any]:
        """{version, pid, port} of the server of a release."""
        release = self.live / "releases" / version
        return self.start(f"server-{version}", "/health", release / "app.py", release, "REPORT")

    def end(self, name: str, page: str) -> bool:
        """End a service, after the requests under way. False where it does not run."""
        found = self.running(name, page)
        if found is not None:
            os.kill(found["pid"], signal.SIGTERM)
            deadline = time.monotonic() + SECONDS
            while _lives(found["pid"]):
                if time.monotonic() > deadline:
                    os.kill(found["pid"], signal.SIGKILL)
                time.sleep(0.01)
        (self.live / f"{name}.json").unlink(missing_ok=True)
        return found is not None

    def make_release(self, version: str, **about: Any) -> Path:
        """The folder of a release, whole or not at all."""
        release, making = self.live / "releases" / version, self.live / "releases" / f".making-{version}"
        for folder in (making, release):
            shutil.rmtree(folder, ignore_errors=True)
        making.mkdir(parents=True)
        shutil.copy(self.root / self.settings["source"], making / "app.py")
        (making / "release.json").write_text(json.dumps({"version": version, **about}, indent=1))
        making.rename(release)
        return release

    def link(self, version: str) -> None:
        """`current` leads to this release, from one moment to the next."""
        link = self.live / ".current"
        link.unlink(missing_ok=True)
        link.symlink_to(Path("releases", version))
        link.replace(self.live / "current")


def _lives(pid: int) -> bool:
    """Whether a process is there and has not ended; one that has may stay listed until somebody looks."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[0] not in (b"Z", b"X")
    except ProcessLookupError:
        return False
    except FileNotFoundError:
        return not Path("/proc/self").exists()
