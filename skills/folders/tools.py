"""The tools by which an agent uses skill folders: it reads the instructions, then what they point to, and runs scripts.

An agent is told the names and descriptions; nothing else of a skill is in its prompt before it asks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from skills.commands.perform import shown
from skills.declare import TOUCHES, Context, Preview, SkillError
from skills.folders.entry import USUAL_TIMEOUT
from skills.folders.perform import argv_of, read_bytes, run_script
from skills.manifest import Bundle, Skill
from workflows.text import one_line, safe_text
from workflows.values import Json, digest

READ = "skill.read"
RUN = "skill.run"

LONGEST_ANSWER = 64 * 1024
"""Characters of a file of a skill that an agent is given: its head and its tail."""

_LISTED = 100


def tools_of(skills: Sequence[Skill]) -> tuple[Skill, ...]:
    """`skill.read` and, where there is anything to run, `skill.run`, for exactly these skill folders."""
    bundles = {skill.name: skill.bundle for skill in skills if skill.bundle is not None}
    if not bundles:
        return ()
    version = digest(sorted([skill.name, skill.digest] for skill in skills))
    named: Json = {"enum": list(bundles), "description": "The skill."}
    reads = Skill(
        name=READ,
        description=(
            "Read a skill before you do what it is for: its instructions, or with `file` one of the files that the "
            "instructions name."
        ),
        parameters=_schema(
            {
                "skill": named,
                "file": {"type": "string", "description": "A file of the skill; its instructions if not given."},
            },
            ["skill"],
        ),
        returns="the text",
        effect="pure",
        touches=frozenset(),  # it gives what was read with the skill, and nothing of the workspace
        digest=version,
        scope="built-in",
        path=None,
        kind="folder",
        performer=_Reading(bundles),
        instructs=True,
    )
    running = {name: bundle for name, bundle in bundles.items() if any(map(_runs, bundle.files))}
    if not running:
        return (reads,)
    script: Json = {"type": "string", "description": "The file to run, such as scripts/convert.py."}
    args: Json = {
        "type": "array",
        "items": {"type": "string"},
        "description": "Its arguments, one item each. No shell.",
    }
    stdin: Json = {"type": "string", "description": "What it reads from its input."}
    runs = Skill(
        name=RUN,
        description="Run a script of a skill in the workspace, as its instructions say.",
        parameters=_schema(
            {"skill": {**named, "enum": list(running)}, "script": script, "args": args, "stdin": stdin},
            ["skill", "script"],
        ),
        returns="{exit, stdout, stderr, truncated}",
        effect="unsafe",
        touches=TOUCHES,
        digest=version,
        scope="built-in",
        path=None,
        kind="folder",
        performer=_Running(running),
    )
    return (reads, runs)


def guide(skills: Sequence[Skill]) -> str:
    """What an agent's prompt says of its skill folders; empty where it has none."""
    lines = [f"- {skill.name}: {one_line(skill.description, 1024)}" for skill in skills if skill.bundle is not None]
    if not lines:
        return ""
    return "\n".join(
        [
            "# Skills",
            "",
            "Read a skill with skill_read before you do what it is for, and follow its instructions.",
            "",
            *lines,
        ]
    )


class _Reading:
    def __init__(self, bundles: Mapping[str, Bundle]) -> None:
        self._bundles = bundles

    async def perform(self, skill: Skill, arguments: Mapping[str, Json], context: Context) -> Json:
        name, file = arguments["skill"], arguments.get("file") or ""
        bundle = self._bundles[name]
        if file:
            try:
                text = read_bytes(bundle, file).decode("utf-8")
            except UnicodeDecodeError:
                raise SkillError(f"{file} is no text", "a script can use it: run one", "validation") from None
            return f"[{file} of the skill {name}]\n{_clean(text)}\n[end of {file}]"
        return f"[the skill {name}]\n{_clean(bundle.body)}\n{_files(bundle)}[end of the skill {name}]"

    async def preview(self, skill: Skill, arguments: Mapping[str, Json], context: Context) -> Preview:
        return Preview(f"Read the skill {arguments['skill']}", arguments.get("file") or "its instructions")


class _Running:
    def __init__(self, bundles: Mapping[str, Bundle]) -> None:
        self._bundles = bundles

    async def perform(self, skill: Skill, arguments: Mapping[str, Json], context: Context) -> Json:
        bundle, args = self._bundles[arguments["skill"]], arguments.get("args") or ()
        script, stdin = arguments["script"], arguments.get("stdin")
        done = await run_script(bundle, script, args, stdin, context, timeout=USUAL_TIMEOUT)
        return {"exit": done.exit, "stdout": done.stdout, "stderr": done.stderr, "truncated": done.truncated}

    async def preview(self, skill: Skill, arguments: Mapping[str, Json], context: Context) -> Preview:
        bundle, script = self._bundles[arguments["skill"]], arguments["script"]
        preview = shown(argv_of(bundle, script, arguments.get("args") or ()), context, {"skill": arguments["skill"]})
        return Preview(
            f"Run {script} of the skill {arguments['skill']}", preview.body, preview.facts, bundle.files[script]
        )


def _files(bundle: Bundle) -> str:
    if not bundle.files:
        return ""
    names = sorted(bundle.files)
    lines = [f"- {one_line(name, 200)}{' (runs, with skill_run)' if _runs(name) else ''}" for name in names[:_LISTED]]
    more = [f"- and {len(names) - _LISTED} more"] if len(names) > _LISTED else []
    return "\n".join(["", "Files of this skill, read with skill_read and `file`:", *lines, *more, ""])


def _runs(name: str) -> bool:
    return name.startswith("scripts/")


def _clean(text: str) -> str:
    return safe_text(text, limit=LONGEST_ANSWER, max_line=None)


def _schema(properties: Mapping[str, Json], required: Sequence[str]) -> dict[str, Json]:
    return {"type": "object", "properties": dict(properties), "required": list(required), "additionalProperties": False}
