"""Putting versions of the tea shop into service, and out of it."""

import json
import os
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from skills import Context, SkillError, skill

# The project's own code, as the server and the build are: a skill file by itself imports installed packages only.
sys.path.append(str(Path(__file__).parents[2] / "ops"))
from environments import NAMES, Environment, precedence, unpack  # found by the line above


class ValidationError(SkillError):
    """The version cannot be deployed."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message, hint, "validation")


class DeploymentError(SkillError):
    """The version could not be put into service."""


@skill(effect="pure", touches=["reads"])
def version_validator(context: Context, version: str) -> dict:
    """Check that a version can be deployed: a semantic one, not older than what is served, and not served everywhere.

    Args:
        version: The version, such as 1.1.0.

    Returns: {version, served}: what each environment serves.
    """
    try:
        wanted = precedence(version)
    except ValueError as error:
        raise ValidationError(str(error), "such as 1.1.0, see semver.org") from None
    served = {name: Environment(context.root, name).release for name in NAMES}
    newest = max((release for release in served.values() if release), key=precedence, default=None)
    if newest is not None and wanted < precedence(newest):
        raise ValidationError(f"{version} is older than {newest}, which is served", "a new version has a higher number")
    if all(release == version for release in served.values()):
        raise ValidationError(f"{version} is served everywhere", "a new version has a higher number")
    return {"version": version, "served": served}


@skill(
    effect="idempotent",
    touches=["reads", "writes", "shell", "network"],
    undo={
        "skill": "release_switcher",
        "parameters": {
            "environment": "${{ output.environment }}",
            "release": "${{ output.previous_release }}",
        },
    },
)
def deployer(context: Context, environment: str, artifact: Path) -> dict:
    """Serve a wheel: unpacked as a release, switched to in one step, by a server that goes on when the run is over.

    Whether what is served is healthy is another skill's question. The workflow `stop` ends the servers.

    Args:
        environment: `staging` or `production`.
        artifact: The wheel.

    Returns: {environment, release, endpoint, previous_release, previous_endpoint}.
    """
    try:
        place = Environment(context.root, environment)
        release = unpack(context.root, artifact)
        with place.changing():
            before = _before(context, place)
            if place.release == release and place.endpoint:
                context.log(f"{environment} serves {release} already")
                endpoint = place.endpoint
            else:
                _refuse_older(place, release)
                endpoint = place.serve(release, _starting(context))
                context.log(
                    f"{environment} serves {release} at {endpoint}, before it was {before['release'] or 'nothing'}"
                )
        _answers(endpoint, release, place)
    except (OSError, ValueError) as error:
        raise DeploymentError(f"{artifact.name} is not served in {environment}: {error}") from error
    return {
        "environment": environment,
        "release": release,
        "endpoint": endpoint,
        "previous_release": before["release"],
        "previous_endpoint": before["endpoint"],
    }


@skill(effect="idempotent", touches=["reads", "writes", "shell"])
def release_switcher(context: Context, environment: str, release: str | None = None) -> dict:
    """Serve a release that is there already, or nothing.

    Args:
        environment: `staging` or `production`.
        release: The release, such as 1.0.0; nothing is served where it is null.
    """
    place = Environment(context.root, environment)
    if release is not None and not (context.root / "releases" / release).is_dir():
        raise DeploymentError(f"there is no release {release}", f"there are {_releases(context.root)}")
    with place.changing():
        endpoint = place.endpoint
        if place.release != release or endpoint is None:
            endpoint = place.serve(release, _starting(context))
        if release is None:
            place.stop()
    return {"environment": environment, "release": release, "endpoint": endpoint}


@skill(effect="idempotent", touches=["shell"])
def server_stopper(context: Context, environment: str = "") -> dict:
    """End the servers that were deployed. What they serve is served again by the next deployment.

    Args:
        environment: `staging` or `production`; both if not given.

    Returns: {stopped}: the environments whose server was ended.
    """
    places = [Environment(context.root, name) for name in ([environment] if environment else NAMES)]
    stopped = []
    for place in places:
        if place.kept:
            with place.changing():
                stopped += [place.name] if place.stop() else []
    return {"stopped": stopped}


def _starting(context: Context):
    def start(place: Environment, argv: list[str], log: Path) -> None:
        context.start_service(f"the server of {place.name}", argv, output=log)

    return start


def _before(context: Context, place: Environment) -> dict:
    """What was served before this call, also where an attempt before this one has changed it already."""
    note = place.folder / "deployments" / f"{context.idempotency_key[:16]}.json"
    if not note.exists():
        note.parent.mkdir(exist_ok=True)
        new = note.with_suffix(".new")
        new.write_text(json.dumps({"release": place.release, "endpoint": place.endpoint}))
        os.replace(new, note)
    return json.loads(note.read_text())


def _refuse_older(place: Environment, release: str) -> None:
    if place.release is not None and precedence(release) < precedence(place.release):
        raise ValueError(f"{place.release}, which is newer, is served there")


def _answers(endpoint: str | None, release: str, place: Environment) -> None:
    """The server of this release answers, whatever it says. Raises OSError."""
    opener, late = urllib.request.build_opener(urllib.request.ProxyHandler({})), time.monotonic() + 10
    while True:
        try:
            with opener.open(f"{endpoint}/", timeout=1) as answer:
                version = json.load(answer).get("version")
            break
        except urllib.error.HTTPError:
            return
        except OSError as error:
            if place.failing or time.monotonic() > late:
                raise OSError(f"it does not answer ({error}): {place.last_words()}") from None
    if version != release:
        raise OSError(f"{version} answers there")


def _releases(root: Path) -> str:
    return ", ".join(sorted(path.name for path in (root / "releases").glob("[0-9]*"))) or "none"
