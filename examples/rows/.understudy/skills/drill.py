"""A fire drill: skills that fail as they are told, so that every way out of a failure can be watched."""

from typing import Literal

from skills import Context, SkillError, skill


class DeploymentError(Exception):
    """The new version cannot be put into service."""


@skill(name="drill", effect="idempotent", touches=["reads", "writes"])
def drill(
    context: Context,
    what: str,
    fails: Literal[
        "no", "transient", "rate_limited", "resource", "business", "authentication", "validation", "dependency"
    ] = "no",
    times: int = 1000,
) -> dict:
    """Pretend to do something, and fail the first times.

    Args:
        what: What is pretended, such as "copy the database".
        fails: The class of the failure.
        times: How many tries fail before one succeeds.

    Returns: {what, tries}.
    """
    # The key is the same for every try of the same call, and another one in the next run.
    tries = context.root / "out" / "drill" / context.key
    tries.parent.mkdir(parents=True, exist_ok=True)
    count = int(tries.read_text()) + 1 if tries.exists() else 1
    tries.write_text(str(count))
    if fails != "no" and count <= times:
        raise SkillError(f"could not {what}", "this is a drill", fails)
    return {"what": what, "tries": count}


@skill(name="deploy", effect="idempotent")
def deploy(context: Context, version: str) -> dict:
    """Pretend to deploy a version, and raise DeploymentError."""
    raise DeploymentError(f"version {version} does not start")
