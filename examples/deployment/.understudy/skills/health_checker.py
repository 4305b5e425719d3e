"""Asking a server how it is."""

import asyncio
import json
import time
import urllib.error
import urllib.request

from skills import Context, SkillError, skill


class HealthCheckFailed(SkillError):
    """What was deployed is not healthy."""


@skill(effect="pure", touches=["network"])
async def health_checker(
    context: Context,
    endpoint: str | None = None,
    checks: list[dict] | None = None,
    retries: int = 2,
    interval: float = 0.5,
) -> dict:
    """Ask a server how it is, until all checks pass or the tries are used up.

    Args:
        endpoint: Where it is served, such as http://127.0.0.1:8000.
        checks: Each has a `type`: `http` (`path`, /health, has `expected_status`, 200, within `timeout`, 5 s) or
            `database` (the server reads its database within `connection_timeout`, 5 s). One of `http` if not given.
        retries: How often it is asked again.
        interval: Seconds in between.

    Returns: {endpoint, healthy, version, checks: [{type, status, seconds}], tries}.
    """
    if not endpoint:
        raise HealthCheckFailed("there is nothing to check: nothing was served", "the first deployment?", "validation")
    wanted = checks or [{"type": "http"}]
    for tries in range(1, retries + 2):
        found = [await asyncio.to_thread(_check, endpoint, check) for check in wanted]
        bad = [each["problem"] for each in found if each["problem"]]
        if not bad:
            told = [{name: each[name] for name in ("type", "status", "seconds")} for each in found]
            version = next((each["version"] for each in found if each["version"]), None)
            return {"endpoint": endpoint, "healthy": True, "version": version, "checks": told, "tries": tries}
        context.log(f"try {tries}: {'; '.join(bad)}")
        if tries <= retries:
            await context.sleep(interval)
    raise HealthCheckFailed(f"{endpoint} is not healthy: {'; '.join(bad)}", endpoint=endpoint, tries=tries)


def _check(endpoint: str, check: dict) -> dict:
    match check.get("type"):
        case "http":
            path, status = check.get("path", "/health"), check.get("expected_status", 200)
            seconds = check.get("timeout", 5)
        case "database":
            path, status, seconds = "/health/database", 200, check.get("connection_timeout", 5)
        case other:
            raise SkillError(f"there is no check of the type {other!r}", "http or database", "validation")
    began = time.monotonic()
    got, told, problem = None, {}, ""
    try:
        got, told = _get(f"{endpoint}{path}", float(seconds))
    except (OSError, ValueError) as error:
        problem = f"{path} does not answer ({error})"
    if not problem and got != status:
        why = f": {told['error']}" if told.get("error") else ""
        problem = f"{path} says {got}, not {status}{why}"
    took = round(time.monotonic() - began, 3)
    return {"type": check["type"], "status": got, "seconds": took, "version": told.get("version"), "problem": problem}


def _get(url: str, timeout: float) -> tuple:
    if not url.startswith(("http://", "https://")):
        raise ValueError("an endpoint begins with http:// or https://")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=timeout) as answer:
            status, body = answer.status, answer.read(100_000)
    except urllib.error.HTTPError as error:
        status, body = error.code, error.read(100_000)
    try:
        told = json.loads(body)
    except ValueError:
        told = {}
    return status, told if isinstance(told, dict) else {}
