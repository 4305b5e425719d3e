"""The skills of the canary: a new version beside the old one, a switch in front of both, and somebody who watches.

What is served stands in `live/site.json`, which the switch (`site/switch.py`) reads for each request: replacing that
file is switching. Servers and the switch are services: they go on when the run is over, until `site-down`. A release is
a folder in `live/releases`; `live/current` leads to the one that is served.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any, Literal

from skills import Context, Preview, SkillError, skill

# The site's own code: a skill file by itself imports installed packages only.
sys.path.append(str(Path(__file__).parents[2] / "site"))
from measuring import METRICS, Measured, worse  # found by the line above
from serving import Site


class CanaryWorse(SkillError):
    """The canary does worse than the version that is served."""


@skill(effect="idempotent", touches=["reads", "writes", "network", "shell"])
def site_opener(context: Context, fails_every: int = 0, slower_ms: int = 0) -> dict[str, Any]:
    """Serve the last release behind the switch. What is open already stays.

    Args:
        fails_every: Every so many answers of the new version will be errors, to try the rollback.
        slower_ms: So much slower the new version will be, to try the rollback.

    Returns: {url, version}.
    """
    site = Site(context)
    site.live.mkdir(exist_ok=True)
    site.replace("trial.json", {"fails_every": fails_every, "slower_ms": slower_ms})
    if not (site.live / "current").exists():
        for version in site.settings["released"]:
            site.make_release(version)
        site.link(site.settings["released"][-1])
    version = (site.live / "current").resolve().name
    site.switch_to(current=site.serve(version))
    script, file = context.root / "site" / "switch.py", site.live / "site.json"
    url = f"http://127.0.0.1:{site.start('switch', '/-/switch', script, file, 'REPORT', site.settings['port'])['port']}"
    context.emit(f"{site.settings['service']} {version} is served at {url}\n")
    return {"url": url, "version": version}


@skill(effect="idempotent", touches=["reads", "writes", "network"])
def site_closer(context: Context, forget: bool = False) -> dict[str, Any]:
    """End the switch and every version that is served.

    Args:
        forget: Take the releases and all records away too, so that the next opening begins anew.

    Returns: {ended}: what ran.
    """
    site = Site(context)
    reports = sorted(site.live.glob("server-*.json"))
    ended = [name for name in ("switch", *(report.stem for report in reports)) if site.end(name, _page(name))]
    (site.live / "site.json").unlink(missing_ok=True)
    if forget:
        shutil.rmtree(site.live, ignore_errors=True)
    return {"ended": ended}


def _page(name: str) -> str:
    return "/-/switch" if name == "switch" else "/health"


@skill(effect="pure", touches=["reads", "network"])
def performance_profiler(context: Context) -> dict[str, Any]:
    """Measure the version that is served, by real requests: what a canary has to be as good as.

    Returns: {version, requests, error_rate, p50_ms, p95_ms, cpu_ms}: of the answers, the share of errors, the median
        and the 95th percentile, and the server's CPU for a request.
    """
    site = Site(context)
    version, measured = site.state["current"]["version"], Measured("current")
    measured.take(site, site.settings["traffic"]["requests"])
    context.emit(f"{version}: {measured}\n")
    if measured.error_rate > 0:
        raise SkillError(f"{version}, which is served, fails already: {measured}", "mend it first", "business")
    return {"version": version, **measured.figures}


@skill(effect="idempotent", touches=["reads", "writes", "network", "shell"], undo="canary_withdrawer")
def canary_deployer(context: Context, percentage: int) -> dict[str, Any]:
    """Start the new version beside the one that is served, and give it some of the traffic.

    Args:
        percentage: How much of the traffic, from 0 to 100.

    Returns: {version, beside, weight, before, url, pid}.
    """
    site = Site(context)
    version, state = site.settings["version"], site.state
    if version == state["current"]["version"]:
        raise SkillError(f"{version} is served already", "raise `version` in canary.toml", "validation")
    if not site.running(f"server-{version}", "/health"):
        site.make_release(version, **json.loads((site.live / "trial.json").read_text()))
    server = site.serve(version)
    return {**_weigh(site, percentage, canary=server), "beside": state["current"]["version"], "pid": server["pid"]}


@canary_deployer.preview
def show_deployment(context: Context, percentage: int) -> Preview:
    site = Site(context)
    facts = {
        "served": site.state["current"]["version"],
        "canary": site.settings["version"],
        "weight": f"{percentage} %",
    }
    return Preview(f"Serve {site.settings['version']} beside it, with {percentage} % of the traffic", "", facts)


@skill(
    effect="idempotent",
    touches=["writes"],
    undo={"skill": "canary_weight", "parameters": {"percentage": "${{ output.before }}"}},
)
def canary_weight(context: Context, percentage: int) -> dict[str, Any]:
    """Give the canary another share of the traffic, from one request to the next.

    Args:
        percentage: How much of it, from 0 to 100.

    Returns: {version, weight, before, url}.
    """
    site = Site(context)
    return _weigh(site, percentage, canary=_canary(site))


def _weigh(site: Site, percentage: int, canary: dict[str, Any]) -> dict[str, Any]:
    if not 0 <= percentage <= 100:
        raise SkillError(f"{percentage} % is no share", "from 0 to 100", "validation")
    before = site.switch_to(canary=canary, weight=percentage)
    site.context.emit(f"{percentage} % of the traffic goes to {canary['version']}\n")
    port = json.loads((site.live / "switch.json").read_text())["port"]
    weights = {"weight": percentage, "before": before["weight"]}
    return {"version": canary["version"], **weights, "url": f"http://127.0.0.1:{port}"}


def _canary(site: Site) -> dict[str, Any]:
    canary = site.state["canary"]
    if canary is None:
        raise SkillError("there is no canary", "canary_deployer starts one", "dependency")
    return canary


@skill(effect="idempotent", touches=["reads", "writes", "network"])
def canary_withdrawer(context: Context) -> dict[str, Any]:
    """Give all the traffic back to the version that is served, end the canary, and take its release away.

    Returns: {version, withdrawn}: what serves everything, and what does so no more (null where there was no canary).
    """
    site = Site(context)
    state = site.state
    canary = state["canary"]
    if canary is None:
        return {"version": state["current"]["version"], "withdrawn": None}
    site.switch_to(weight=0)
    site.switch_to(canary=None)
    site.end(f"server-{canary['version']}", "/health")
    shutil.rmtree(site.live / "releases" / canary["version"], ignore_errors=True)
    context.emit(f"{state['current']['version']} serves everything again; {canary['version']} is withdrawn\n")
    return {"version": state["current"]["version"], "withdrawn": canary["version"]}


@skill(effect="idempotent", touches=["reads", "writes", "network"])
def canary_promoter(context: Context) -> dict[str, Any]:
    """Make the canary the version that is served, and end the old one's process. Its release stays.

    Returns: {version, before}.
    """
    site = Site(context)
    state = site.state
    if state["canary"] is None and state["current"]["version"] == site.settings["version"]:
        return {"version": site.settings["version"], "before": None}
    canary, old = _canary(site), state["current"]["version"]
    site.link(canary["version"])
    site.switch_to(current=canary, canary=None, weight=0)
    site.end(f"server-{old}", "/health")
    context.emit(f"{canary['version']} serves everything\n")
    return {"version": canary["version"], "before": old}


@skill(effect="pure", touches=["reads", "network"])
def canary_monitor(
    context: Context,
    duration: float,
    metrics: list[Literal["error_rate", "response_time", "cpu_usage"]] | None = None,
) -> dict[str, Any]:
    """Watch the canary for some time: send requests to it and to the version that is served, and compare the answers.

    It checks at once, then every so often, then at the end. As soon as the canary is worse, that is a failure.

    Args:
        duration: For how long, in seconds.
        metrics: What is compared; everything if not given.

    Returns: {checks, canary, current}: the figures of both, as performance_profiler gives them.
    """
    site = Site(context)
    version, traffic = _canary(site)["version"], site.settings["traffic"]
    canary, current = Measured("canary"), Measured("current")
    checks, elapsed = 0, 0.0
    while True:
        canary.take(site, traffic["requests"], current)
        checks += 1
        context.log(f"{_clock(elapsed)} of {_clock(duration)} · {version}: {canary}")
        if fault := worse(canary.figures, current.figures, metrics or METRICS, site.settings["limits"]):
            message = f"{version} is worse than {site.state['current']['version']}: {fault}"
            raise CanaryWorse(message, "", "business", canary=canary.figures, current=current.figures)
        pause = min(float(traffic["every"]), duration - elapsed)
        if pause <= 0:
            return {"checks": checks, "canary": canary.figures, "current": current.figures}
        context.sleep(pause)
        elapsed += pause


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"
