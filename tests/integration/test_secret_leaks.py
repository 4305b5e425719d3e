"""A skill that is given secrets and tells them in every way it can: nothing of them is kept or shown.

Run through the real command line. What is searched is every byte of the user's state (journal, spool, blobs, backups,
logs; only the file of the secrets itself is left out) and every byte that any command printed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.canaries import canaries, traces
from tests.support.command_line import CommandLine, Ended

CHANNELS = (
    "stdout",
    "stderr",
    "log",
    "raised",
    "refused",
    "died",
    "returned",
    "keys",
    "url",
    "base64",
    "escaped",
    "quoted",
    "pieces",
    "drowned",
    "told",
)

SKILL = '''
import base64, json, logging, os, sys
from urllib.parse import quote, quote_plus

from skills import SkillError, skill


@skill(effect="pure")
def digests(tokens: list[str]) -> list[str]:
    """Proves that it was given the secrets."""
    import hashlib
    return [hashlib.sha256(token.encode()).hexdigest() for token in tokens]


@skill(effect="pure")
def leak(how: str, tokens: list[str]) -> object:
    """Tells what it was given."""
    if how == "stdout":
        print("\\n".join(tokens))
    elif how == "stderr":
        for token in tokens:
            sys.stderr.write(f"fatal: bad token {token}\\n")
    elif how == "log":
        logging.basicConfig(stream=sys.stderr)
        for token in tokens:
            logging.getLogger("leak").warning("Authorization: Bearer %s", token)
    elif how == "raised":
        raise ValueError("\\n".join(tokens))
    elif how == "refused":
        raise SkillError(tokens[0] + " is wrong", "not " + tokens[1], given=tokens, **{tokens[2]: tokens[3]})
    elif how == "died":
        print("\\n".join(tokens), flush=True)
        os._exit(3)
    elif how == "returned":
        return {"tokens": tokens, "text": " ".join(tokens)}
    elif how == "keys":
        return {token: {token: 1} for token in tokens}
    elif how == "url":
        return ["https://example.org/?a=" + encode(token) for token in tokens for encode in (quote, quote_plus)]
    elif how == "base64":
        data = [before + token.encode() for token in tokens for before in (b"", b"u:", b"user:")]
        return [encode(each).decode() for each in data for encode in (base64.b64encode, base64.urlsafe_b64encode)]
    elif how == "escaped":
        return [json.dumps({"token": token}, ensure_ascii=plain) for token in tokens for plain in (True, False)]
    elif how == "quoted":
        return [repr(token) for token in tokens] + [str(KeyError(token)) for token in tokens]
    elif how == "pieces":
        for token in tokens:
            for piece in (token[:1], token[1 : len(token) // 2], token[len(token) // 2 :]):
                os.write(1, piece.encode())
            os.write(1, b"\\n")
        # More than is read at once, so that many are cut in two on their way.
        os.write(1, ("\\n".join(tokens * 400) + "\\n").encode())
    elif how == "drowned":
        print("\\n".join(("x" * 4000 + token) * 3 for token in tokens))
        return ("x" * 7001).join(tokens)
    return how


@skill(effect="pure")
def tell(text: str, tokens: list[str]) -> str:
    """Has a preview that would show all that it is given."""
    return f"{text}: {' '.join(tokens)}"
'''


def workflow(names: list[str]) -> str:
    tokens = json.dumps([f"${{{{ secrets.{name} }}}}" for name in names])
    given = f"tokens: {tokens}"
    read = "${{ steps.returned.output | tojson }} ${{ steps.told.output }}"
    steps = [
        f"- {{id: proof, type: skill, skill: digests, parameters: {{{given}}}}}",
        *(
            f"- {{id: {how}, type: skill, skill: leak, on_failure: continue, parameters: {{how: {how}, {given}}}}}"
            for how in CHANNELS[:-1]
        ),
        f"- {{id: told, type: skill, skill: tell, approve: before, parameters: {{text: hello, {given}}}}}",
        f'- {{id: asked, type: agent, agent: parrot, input: "{read}"}}',
        f'- {{id: kept, type: skill, skill: file.write, parameters: {{path: kept.txt, text: "{read}"}}}}',
    ]
    outputs = ", ".join(f'{channel}: "${{{{ steps.{channel}.output }}}}"' for channel in (*CHANNELS, "proof", "asked"))
    return "name: Leaks\nsteps:\n" + "\n".join(f"  {step}" for step in steps) + f"\noutputs: {{{outputs}}}\n"


GATE = """\
name: Gate
steps:
  - {id: write, type: skill, skill: file.write, approve: before, parameters: {path: old.txt, text: new}}
"""

PARROT = """\
---
name: parrot
description: Says what it hears
model: template/plain
---
{{ input }}
"""


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    base = tmp_path_factory.mktemp("leaks")
    for name in ("work", "home"):
        (base / name).mkdir()
    # Every other secret comes from the environment. A model's key is one more.
    environ = {f"UNDERSTUDY_SECRET_{name}": value for name, value in list(canaries().items())[::2]}
    return CommandLine(base / "work", base / "home", environ)


@pytest.fixture(scope="module")
def printed(line: CommandLine) -> dict[str, Ended]:
    """Everything that the commands of a whole session said."""
    secrets = canaries()
    line.write(".understudy/skills/leak.py", SKILL)
    line.write(".understudy/agents/parrot.md", PARROT)
    line.write("leaks.yaml", workflow(list(secrets)))
    said: dict[str, Ended] = {}

    def typed(*arguments: str, stdin: str = "") -> Ended:
        said[" ".join(arguments)] = ended = line.run(*arguments, stdin=stdin)
        return ended

    for name, value in list(secrets.items())[1::2]:
        assert typed("secrets", "set", name, stdin=value + "\n").code == 0
    typed("secrets", "list", "--json")
    typed("trust", "--yes")
    typed("plan", "leaks.yaml", "--json")
    run = typed("run", "leaks.yaml", "--json")
    assert run.code == 3, run.stderr
    typed("show", "last")
    typed("show", "last", "--json")
    document = run.document
    approve = next(each["command"] for each in document["waiting"][0]["choices"] if each["choice"] == "approve")
    answered = typed(*approve.split()[1:])
    assert answered.code == 0, answered.stderr
    for arguments in (
        ("show", "last", "--details"),
        ("show", "last", "--events"),
        ("show", "last", "--json"),
        ("runs", "--json"),
    ):
        typed(*arguments)
    # A gate whose preview shows a file that somebody has written secrets into.
    line.write("old.txt", "\n".join(secrets.values()))
    line.write("gate.yaml", GATE)
    assert typed("run", "gate.yaml", "--json").code == 3
    typed("show")
    return said


def kept(line: CommandLine) -> Iterator[tuple[Path, bytes]]:
    state = line.home / "state"
    for path in (*state.rglob("*"), line.cwd / "kept.txt"):
        if path.is_file() and path != state / "config" / "secrets.json":
            yield path, path.read_bytes()


def test_the_skill_was_given_every_secret(line: CommandLine, printed: dict[str, Ended]) -> None:
    outputs = printed["show last --json"].document["outputs"]
    # What came from a pipe has lost the shell's line end and nothing else.
    assert outputs["proof"] == [hashlib.sha256(value.encode()).hexdigest() for value in canaries().values()]
    assert outputs["returned"]["tokens"] == ["•••"] * 25
    assert outputs["told"] == f"hello: {' '.join(['•••'] * 25)}"


def test_every_channel_was_used(line: CommandLine, printed: dict[str, Ended]) -> None:
    document = printed["show last --json"].document
    status = {step["id"]: step["status"] for step in document["steps"]}
    assert {name for name, each in status.items() if each == "failed"} == {"raised", "refused", "died"}
    events = [json.loads(line) for line in printed["show last --events"].stdout.splitlines()]
    failures = {each["step"]: each["failure"] for each in events if each["event"] == "CallFailed"}
    assert failures["raised"]["message"].startswith("leak failed: ValueError: •••")
    assert failures["refused"]["message"] == "••• is wrong"
    assert failures["refused"]["hint"] == "not •••"
    assert failures["refused"]["detail"] == {"given": ["•••"] * 25, "•••": "•••"}
    assert failures["died"]["detail"]["output"].endswith("•••\n•••\n")
    spools = b"".join(data for path, data in kept(line) if "spool" in path.parts)
    assert spools.count("•••".encode()) > 25 * 5
    assert "•••" in printed["show last --events"].stdout


def test_nothing_of_any_secret_is_kept_or_printed(line: CommandLine, printed: dict[str, Ended]) -> None:
    texts = {f"understudy {name}": (ended.stdout + ended.stderr).encode() for name, ended in printed.items()}
    texts |= {str(path.relative_to(line.home.parent)): data for path, data in kept(line)}
    assert sum(name.endswith((".db", ".db-wal", ".text")) for name in texts) >= 2
    hits = {
        (name, where)
        for name, value in canaries().items()
        for trace in set(traces(value))
        if len(trace) >= 8
        for where, data in texts.items()
        if trace.encode() in data
    }
    assert hits == set()


def test_people_are_shown_names_and_never_what_marks_a_placeholder(
    line: CommandLine, printed: dict[str, Ended]
) -> None:
    shown = "".join(ended.stdout + ended.stderr for ended in printed.values())
    assert "•••CANARY_0•••" in printed["run leaks.yaml --json"].document["waiting"][0]["body"]
    assert "⟦secret:" not in shown


def test_a_gate_shows_a_file_without_the_secrets_in_it(line: CommandLine, printed: dict[str, Ended]) -> None:
    (waiting,) = printed["run gate.yaml --json"].document["waiting"]
    assert waiting["body"].count("•••") >= 25
    assert (line.cwd / "old.txt").read_text() == "\n".join(canaries().values()), "nothing was written"


def test_a_run_does_not_begin_without_its_secrets_and_names_the_command(
    line: CommandLine, printed: dict[str, Ended]
) -> None:
    line.write("unset.yaml", workflow(["NOBODY_SET_IT"]).replace("on_failure: continue", "on_failure: abort"))
    ended = line.run("run", "unset.yaml", "--json")
    assert "the secret NOBODY_SET_IT is not set" in json.dumps(ended.document)
    assert "understudy secrets set NOBODY_SET_IT" in json.dumps(ended.document)
    assert ended.code == 4
    assert "unset" not in {run["workflow"] for run in line.run("runs", "--json").document["runs"]}
    planned = line.run("plan", "unset.yaml", "--json").document
    assert planned["summary"]["secrets"] == ["NOBODY_SET_IT"]


PICKY = '''
from skills import SkillError, skill


@skill(effect="pure")
def picky(word: str, token: str) -> list[str]:
    """Wants the word to be please."""
    if word != "please":
        raise SkillError(f"with {token} say please")
    return [word, token[::-1]]
'''


def test_an_edited_input_keeps_its_secrets(line: CommandLine, printed: dict[str, Ended]) -> None:
    line.write(".understudy/skills/picky.py", PICKY)
    given = '{word: now, token: "${{ secrets.CANARY_3 }}"}'
    step = f"{{id: ask, type: skill, skill: picky, on_failure: ask, parameters: {given}}}"
    line.write("picky.yaml", f"name: Picky\nsteps:\n  - {step}\noutputs: {{said: '${{{{ steps.ask.output }}}}'}}\n")
    waits = line.run("run", "picky.yaml", "--json")
    assert waits.code == 3, waits.stderr
    (given,) = (each["input"] for each in waits.document["steps"])
    assert given["parameters"]["token"] == "•••CANARY_3•••"

    edited = {**given, "parameters": {**given["parameters"], "word": "please"}}
    entry = waits.document["waiting"][0]["entry"]
    by_value = json.dumps({**given, "parameters": {"word": "please", "token": canaries()["CANARY_3"]}})
    refused = line.run("answer", waits.document["run"], entry, "edit", "--value", by_value)
    assert "the history never holds one" in refused.stderr
    ended = line.run("answer", waits.document["run"], entry, "edit", "--value", json.dumps(edited))

    assert ended.code == 0, ended.stderr
    assert json.loads(ended.stdout) == ["please", canaries()["CANARY_3"][::-1]]
