"""examples/deployment: the canary pipeline of the reference, as it stands, with real servers behind a real switch."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.container import Services, open_services
from app.desk import Desk
from app.paths import find_paths
from tests.support.clocks import SkippingClock
from tests.support.command_line import CommandLine
from tests.support.processes import is_alive
from tests.support.skill_calls import Caller
from workflows.runs.state import RunState

ROOT = Path(__file__).parents[3]
PIPELINE = "production-deployment-with-canary"


class Site:
    """A copy of the example, and what its shop answers."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "site"
        shutil.copytree(ROOT / "examples" / "deployment", self.root, ignore=shutil.ignore_patterns("live"))
        self.environ = {"PATH": os.environ["PATH"], "HOME": str(folder), "UNDERSTUDY_HOME": str(folder / "state")}
        self.set("requests = 20", "requests = 5")
        self.set("every = 60", "every = 100")
        self.set("_slack_ms = 50 ", "_slack_ms = 250 ")  # what else runs on the machine is not what is tested
        self.set("_slack_ms = 10 ", "_slack_ms = 100 ")

    def set(self, old: str, new: str) -> None:
        """Change a line of the settings."""
        settings = self.root / "canary.toml"
        assert old in settings.read_text()
        settings.write_text(settings.read_text().replace(old, new))

    @property
    def state(self) -> Any:
        return json.loads((self.root / "live" / "site.json").read_text())

    def report(self, service: str) -> Any:
        return json.loads((self.root / "live" / f"{service}.json").read_text())

    def answers(self) -> Counter[str]:
        """Which versions answer a hundred requests."""
        port, found = self.report("switch")["port"], Counter[str]()
        for _ in range(100):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            connection.request("GET", "/")
            found[connection.getresponse().headers["X-Version"]] += 1
            connection.close()
        return found

    def services(self) -> list[Path]:
        """The reports of what is served."""
        return [*(self.root / "live").glob("server-*.json"), *(self.root / "live").glob("switch.json")]

    def end(self) -> None:
        """What a test that failed has left."""
        for report in self.services():
            os.kill(json.loads(report.read_text())["pid"], 15)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    try:
        yield site
    finally:
        site.end()


@pytest.fixture
async def call(site: Site) -> AsyncIterator[Caller]:
    caller = Caller(site.root)
    yield caller
    await caller("site_closer")
    await caller.invoker.aclose()


async def test_the_switch_gives_the_canary_exactly_its_share_and_the_undo_all_back(site: Site, call: Caller) -> None:
    assert (await call("site_opener"))["version"] == "1.9.0"
    assert await call("site_opener") == await call("site_opener")
    assert site.answers() == {"1.9.0": 100}
    assert (await call("canary_deployer", percentage=5))["beside"] == "1.9.0"
    assert site.answers() == {"1.9.0": 95, "2.0.0": 5}
    pid = site.state["canary"]["pid"]
    await call("canary_deployer", percentage=5)
    assert site.state["canary"]["pid"] == pid
    assert (await call("canary_weight", percentage=25))["before"] == 5
    assert site.answers() == {"1.9.0": 75, "2.0.0": 25}
    assert (await call.failure("canary_weight", percentage=101)).kind == "validation"
    assert (await call("canary_withdrawer"))["withdrawn"] == "2.0.0"
    assert site.answers() == {"1.9.0": 100}
    assert not is_alive(pid)
    assert not (site.root / "live" / "releases" / "2.0.0").exists()
    assert (await call("canary_withdrawer"))["withdrawn"] is None
    assert (await call.failure("canary_monitor", duration=1)).message == "there is no canary"
    pids = [site.report(name)["pid"] for name in ("switch", "server-1.9.0")]
    assert (await call("site_closer"))["ended"] == ["switch", "server-1.9.0"]
    assert [pid for pid in pids if is_alive(pid)] == []
    assert "site-up" in (await call.failure("performance_profiler")).hint


async def run(services: Services, name: str, **given: Any) -> RunState:
    desk = Desk(services)
    driver = await desk.start(desk.propose(desk.load(name), given), attended=False)
    return await services.engine.finished(driver.state.run_id)


def statuses(state: RunState) -> dict[str, str]:
    return {name: step.status for name, step in state.steps.items()}


async def test_the_pipeline_of_the_reference_brings_the_new_version_to_all(site: Site) -> None:
    reference = ROOT / "tests" / "conformance" / "reference" / f"{PIPELINE}.yaml"
    assert (site.root / ".understudy" / "workflows" / f"{PIPELINE}.yaml").read_bytes() == reference.read_bytes()
    clock = SkippingClock()
    async with open_services(find_paths(site.environ, site.root), site.environ, trusted=True, clock=clock) as services:
        assert (await run(services, "site-up")).status == "succeeded"
        old = site.state["current"]["pid"]
        state = await run(services, PIPELINE)
        assert (state.status, state.failure) == ("succeeded", None)
        assert set(statuses(state).values()) == {"succeeded"}
        assert 2690 < sum(clock.skipped) <= 300 + 4 * 600  # less what the requests took
        weights = [state.steps[f"increase_traffic>stage[{n}]>weigh"].output["weight"] for n in range(4)]
        assert weights == [10, 25, 50, 100]
        assert site.answers() == {"2.0.0": 100}
        assert not is_alive(old)
        assert state.steps["cleanup_old_versions"].output["removed"] == ["1.8.0", "1.7.0"]
        assert sorted(path.name for path in (site.root / "live" / "releases").iterdir()) == ["1.9.0", "2.0.0"]
        assert "## 2.0.0" in (site.root / "live" / "releases.md").read_text()
        assert "shop 2.0.0 serves everything" in (site.root / "live" / "announcements.txt").read_text()
        assert "2.0.0 is served already" in str((await run(services, PIPELINE)).failure)
        await run(services, "site-down")
    assert site.services() == []


async def test_a_stage_that_is_too_slow_gives_everything_back(site: Site) -> None:
    site.set("requests = 5", "requests = 2")
    async with open_services(
        find_paths(site.environ, site.root), site.environ, trusted=True, clock=SkippingClock()
    ) as services:
        await run(services, "site-up", slower_ms=500)
        caller = Caller(site.root)
        await caller("canary_deployer", percentage=5)
        canary = site.state["canary"]["pid"]
        state = await run(services, "progressive_traffic_increase", stages=[10, 100], interval=60)
        assert state.status == "failed"
        assert "its median answer takes" in str(state.failure)
        assert state.steps["stage[0]>weigh"].status == "undone"
        assert state.steps["stage[0]>weigh~undo"].output["weight"] == 5
        assert state.steps["withdraw"].status == "succeeded"
        assert site.answers() == {"1.9.0": 100}
        assert not is_alive(canary)
        await caller("site_closer")
        await caller.invoker.aclose()


async def test_a_canary_that_fails_is_rolled_back_and_the_old_version_serves_all(site: Site, call: Caller) -> None:
    await call("site_opener", fails_every=3)
    line = CommandLine(site.root, site.root.parent)
    assert line.run("trust", "--yes").code == 0
    ended = line.run("run", PIPELINE)
    assert ended.code == 1
    assert "monitor_canary: 0:00 of 5:00 · 2.0.0: 5 requests, 20.0% errors" in ended.stderr
    assert "2.0.0 is worse than 1.9.0: 20.0% of its answers are errors, not 0.0%" in ended.stderr
    assert "rolled back: 1 step undone" in ended.stderr
    assert (site.state["canary"], site.state["weight"]) == (None, 0)
    assert site.answers() == {"1.9.0": 100}
    [canary] = re.findall(r"started server-2.0.0, .* process (\d+)", ended.stderr)
    assert not is_alive(int(canary))
