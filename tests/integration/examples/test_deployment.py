"""The deployment pipeline of the reference, word for word, on a project that is built, served and rolled back."""

from __future__ import annotations

import hashlib
import venv
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.support.clocks import SkippingClock
from tests.support.command_line import CommandLine
from tests.support.skill_calls import Caller
from tests.support.skill_flows import SkillFlow
from tests.support.teashop import EXAMPLE, ask, copied, endpoint, left_running, running
from workflows.runs import events as e
from workflows.runs.state import RunState

PIPELINE = EXAMPLE / ".understudy" / "workflows" / "complex-deployment-pipeline.yaml"
WORD_FOR_WORD = "24c1cc2f52cb055e22000afc4ec1ddf31713927bf6ff994d6a246ead58d44182"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Path]:
    with copied(tmp_path / "work") as folder:
        yield folder


@pytest.fixture
def quick(shop: Path) -> Path:
    """The same with a Python of its own that has no pip: its backend builds alone, which takes a tenth of the time."""
    venv.create(shop / ".venv", symlinks=True)
    return shop


@pytest.fixture
async def flow(quick: Path) -> AsyncIterator[SkillFlow]:
    """The pipeline on the real engine, its skills in workers, real servers, and waits that are over at once."""
    flow = SkillFlow(quick, clock=SkippingClock(0.3))
    for name in ("create_backup", "notify_team"):
        flow.add(name, (quick / ".understudy" / "workflows" / f"{name}.yaml").read_text())
    yield flow
    await flow.close()


async def deploy(flow: SkillFlow, version: str, *, attended: bool = False) -> RunState:
    driver = await flow.start(
        PIPELINE.read_text(), attended=attended, version=version, environment="staging", run_tests=False
    )
    return await flow.finished(driver)


async def stories(flow: SkillFlow, state: RunState, kind: type[e.Event]) -> list[e.Event]:
    return [each.event for each in await flow.store.read(state.run_id) if isinstance(each.event, kind)]


def test_it_is_the_reference_word_for_word() -> None:
    assert hashlib.sha256(PIPELINE.read_bytes()).hexdigest() == WORD_FOR_WORD


def test_the_command_builds_tests_backs_up_serves_and_checks_and_stop_ends_it(shop: Path, tmp_path: Path) -> None:
    line = CommandLine(shop, tmp_path / "home")
    line.home.mkdir()
    assert line.run("trust", "--yes").code == 0
    ran = line.run(
        *("run", "complex-deployment-pipeline", "--input", "version=1.1.0", "--input", "environment=staging"),
        *("--unattended", "--json"),
    )
    assert ran.code == 0, ran.stderr
    steps = line.run("show", "last", "--json").document["steps"]
    assert {step["id"]: step["status"] for step in steps} == dict.fromkeys(
        (
            *("validate_version", "backup_current", "backup_current>make", "backup_current>verify"),
            *("build_application", "run_unit_tests", "run_integration_tests", "deploy_to_environment", "health_check"),
        ),
        "succeeded",
    )
    [tests] = [step["output"] for step in steps if step["id"] == "run_unit_tests"]
    assert tests["coverage"] >= 80
    assert tests["passed"] > 5
    assert ask(f"{endpoint(shop)}/health") == (200, {"version": "1.1.0", "orders": 0, "status": "ok"})
    assert len(running(shop)) == 2  # what keeps the server, and the server
    assert line.run("run", "stop", "--unattended").code == 0
    assert left_running(shop) == []


async def test_a_broken_version_is_rolled_back_and_the_old_one_serves_with_its_data(
    flow: SkillFlow, shop: Path
) -> None:
    assert (await deploy(flow, "1.1.0")).status == "succeeded"
    where = endpoint(shop)
    assert ask(f"{where}/orders", tea="assam", cups=2)[0] == 201
    for attended in (False, True):
        await rolled_back(flow, await deploy(flow, "1.2.0", attended=attended), where)


async def rolled_back(flow: SkillFlow, state: RunState, where: str) -> None:
    assert state.status == "failed"
    failure = state.steps["health_check"].failure
    assert failure is not None
    assert (failure.name, failure.message.partition(": ")[2]) == (
        "HealthCheckFailed",
        "/health says 503, not 200: no such table: loyalty",
    )
    taken = await stories(flow, state, e.HandlerTaken)
    assert [(each.action, each.step) for each in taken] == [  # type: ignore[attr-defined]  # handlers
        *[("retry", "health_check")] * 3,
        ("rollback", "health_check"),
    ]
    assert state.inquiries == {}
    restored = state.steps["restore_from_backup"].output
    assert (restored["environment"], restored["release"]) == ("staging", "1.1.0")
    checked = state.steps["verify_rollback"].output
    assert (checked["healthy"], checked["version"], checked["endpoint"]) == (True, "1.1.0", where)
    assert state.steps["deploy_to_environment"].status == "undone"
    assert ask(f"{where}/") == (200, {"shop": "tea", "version": "1.1.0"})
    assert ask(f"{where}/orders") == (200, {"orders": [{"tea": "assam", "cups": 2}]})
    waited = [each.key for each in await stories(flow, state, e.TimerSet)]  # type: ignore[attr-defined]  # timers
    assert "call/sleep1" in waited


async def test_what_does_not_start_is_tried_again_after_its_delay_then_restored_and_the_team_is_told(
    flow: SkillFlow, shop: Path
) -> None:
    assert (await deploy(flow, "1.0.0")).status == "succeeded"
    server = shop / "src" / "teashop" / "server.py"
    server.write_text(server.read_text().replace("def main() -> None:", "def main() -> None:\n    sys.exit('no tea')"))

    state = await deploy(flow, "1.1.0")

    assert state.status == "failed"
    failed = state.steps["deploy_to_environment"]
    assert failed.failure is not None
    assert failed.failure.name == "DeploymentError"
    assert "no tea" in failed.failure.message
    assert len(failed.attempts) == 2
    assert [each.step for each in await stories(flow, state, e.RetryScheduled)] == ["deploy_to_environment"]  # type: ignore[attr-defined]  # retries
    done = {name: step.status for name, step in state.steps.items() if "handler" in name or "~rollback" in step.scope}
    assert done == dict.fromkeys(
        (
            "deploy_to_environment~handler1>restore_backup",
            "deploy_to_environment~handler1>notify_team",
            "deploy_to_environment~handler1>notify_team>tell",
            "restore_from_backup",
            "verify_rollback",
        ),
        "succeeded",
    )
    assert state.run_id in flow.world.of("deploy_to_environment~handler1>notify_team>tell")[0].input["text"]
    assert ask(f"{endpoint(shop)}/") == (200, {"shop": "tea", "version": "1.0.0"})


async def test_the_first_version_of_all_that_fails_leaves_nothing_behind(flow: SkillFlow, shop: Path) -> None:
    state = await deploy(flow, "1.2.0")
    assert state.status == "failed"
    assert state.steps["restore_from_backup"].status == "succeeded"
    failure = state.steps["verify_rollback"].failure
    assert failure is not None
    assert failure.message == "there is nothing to check: nothing was served"
    assert len(state.steps["verify_rollback"].attempts) == 1
    assert left_running(shop) == []
    assert not (shop / "releases" / "staging").exists()
    assert not (shop / "environments" / "staging" / "shop.db").exists()


async def test_a_version_that_is_none_is_refused_before_anything_is_done(flow: SkillFlow, shop: Path) -> None:
    state = await deploy(flow, "1.1")
    assert state.status == "failed"
    assert {name for name, step in state.steps.items() if step.attempts} == {
        "validate_version",
        "validate_version~handler1~notify",
    }
    failure = state.steps["validate_version"].failure
    assert failure is not None
    assert (failure.name, failure.message) == ("ValidationError", "'1.1' is no semantic version")
    assert not (shop / "backups").exists()


async def test_versions_backups_and_checks_one_by_one(quick: Path) -> None:
    shop, call = quick, Caller(quick)
    older, newer = (f"dist/teashop-1.0.0rc{number}-py3-none-any.whl" for number in (2, 10))
    try:
        for version in ("1.0.0-rc.2", "1.0.0-rc.10"):
            await call("build_manager", version=version)
        first = await call("deployer", key="a" * 64, environment="staging", artifact=older)
        second = await call("deployer", key="b" * 64, environment="staging", artifact=newer)
        again = await call("deployer", key="b" * 64, environment="staging", artifact=newer)
        assert (first["previous_release"], second["previous_release"]) == (None, "1.0.0-rc.2")
        assert again == second  # a repeated call knows what was there before the first
        failure = await call.failure("deployer", environment="staging", artifact=older)
        assert "1.0.0-rc.10, which is newer, is served there" in failure.message

        assert (await call.failure("version_validator", version="1.0.0-rc.9")).name == "ValidationError"
        assert (await call("version_validator", version="1.0.0"))["served"]["staging"] == "1.0.0-rc.10"

        [server] = [process for process in running(shop) if "teashop.server" in process.cmdline()]
        server.kill()
        assert ask(f"{second['endpoint']}/health")[0] == 200  # who asks meanwhile waits, and is not refused

        made = await call("backup_maker", environment="staging")
        assert (made["release"], made["endpoint"]) == ("1.0.0-rc.10", second["endpoint"])
        assert await call("backup_maker", environment="staging") == made
        ask(f"{second['endpoint']}/orders", tea="assam", cups=2)
        await call("release_switcher", environment="staging", release="1.0.0-rc.2")
        assert (await call("backup_restorer", backup_id=made["backup_id"]))["release"] == "1.0.0-rc.10"
        assert ask(f"{second['endpoint']}/orders") == (200, {"orders": []})
        archive = shop / made["archive"]
        archive.write_bytes(archive.read_bytes().replace(b"shop.db", b"shop.bd"))
        for skill in ("backup_verifier", "backup_restorer"):
            failure = await call.failure(skill, backup_id=made["backup_id"])
            assert "is not what was written" in failure.message
        assert "made no backup" in (await call.failure("restore_backup")).message
        assert "no name of a backup" in (await call.failure("backup_verifier", backup_id="../x")).message

        checks = [{"type": "http", "expected_status": 404, "path": "/coffee"}, {"type": "database"}]
        assert (await call("health_checker", endpoint=second["endpoint"], checks=checks))["tries"] == 1
        quick = {"retries": 1, "interval": 0}
        failure = await call.failure("health_checker", endpoint="http://127.0.0.1:1", **quick)
        assert (failure.name, failure.detail["tries"]) == ("HealthCheckFailed", 2)
        failure = await call.failure("health_checker", endpoint=second["endpoint"], checks=[{"type": "karma"}])
        assert failure.kind == "validation"
        assert (await call("server_stopper"))["stopped"] == ["staging"]
        assert (await call("server_stopper"))["stopped"] == []
        assert left_running(shop) == []
    finally:
        await call.invoker.aclose()
