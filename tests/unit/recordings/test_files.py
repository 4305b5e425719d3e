"""Recordings as files: read as they were written, 0600, and never with a secret in them."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from workflows.effects import Usage
from workflows.errors import Failure, UnderstudyError
from workflows.recordings import (
    Consulted,
    Exchange,
    Head,
    Recording,
    Reply,
    Unreadable,
    read_recording,
    write_recording,
)
from workflows.recordings.taking import veiled
from workflows.recordings.veil import Veil
from workflows.secrets import Redactor, Secret

NOBODY = Redactor()

RECORDING = Recording(
    Head(
        "letter", "ab12", "0.2.0", 1_700_000_000.5, {"to": "Ada"}, {"HOME": "/"}, True, False, "failed", {"x": [1]}, 0.5
    ),
    (
        Exchange("one", "call", "pure", {"skill": "git.log"}, None, "c" * 64, output={"commits": ["é\u2028\n", None]}),
        Exchange(
            "two",
            "turn1",
            "idempotent",
            {"agent": "writer", "heard": "x"},
            {"instructions": "Write.\n"},
            outcome="failed",
            failure=Failure("rate_limited", "429", "Wait.", {"status": 429}, 2.5),
            usage=Usage("openai/m", 1, 2, None, 0.25),
        ),
        Exchange("three", "call", "unsafe", {}, outcome="stopped"),
    ),
    (
        Consulted(
            "one:1", "one", "gate", "approval", "Do it?", "+1", {"file": "x"}, "diff", Reply("approve", [1], "ok")
        ),
    ),
)


def test_what_was_written_is_read_and_nobody_else_can(tmp_path: Path) -> None:
    path = tmp_path / "tests" / "letter.recording.jsonl"
    write_recording(RECORDING, path, NOBODY)
    assert read_recording(path) == RECORDING
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == [path.name], "no draft is left"
    assert all(isinstance(json.loads(line), dict) for line in path.read_text().splitlines())


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('{"recording": 1', '{"recording": 9', "format 9"),
        ('{"recording": 1, ', "{", "no recording"),
        ('"skill": "git.log"', '"skill": "git.push"', ":2: its request was changed by hand"),
        ('"commits": [', '"commits": ', ":2: this is no line of a recording"),
        ('"effect": "pure", ', '"effect": "pure", "surprise": 1, ', ":2: this is no line of a recording"),
    ],
)
def test_what_cannot_be_played_says_where(tmp_path: Path, old: str, new: str, says: str) -> None:
    path = tmp_path / "a.recording.jsonl"
    write_recording(RECORDING, path, NOBODY)
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(Unreadable, match=says):
        read_recording(path)


def test_answers_may_be_edited_by_hand(tmp_path: Path) -> None:
    path = tmp_path / "a.recording.jsonl"
    write_recording(RECORDING, path, NOBODY)
    path.write_text(path.read_text().replace('"commits": [', '"commits": ["more", '))
    assert read_recording(path).exchanges[0].output["commits"][0] == "more"


def test_a_file_in_which_a_secret_could_be_found_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "a.recording.jsonl"
    with pytest.raises(UnderstudyError, match="a secret could still be found"):
        write_recording(RECORDING, path, Redactor([Secret("git.log")]))
    assert not path.exists()


KEYS = (
    "sk-proj-" + "a1B2" * 10,
    "sk-ant-api03-" + "a1B2" * 10,
    "ghp_" + "a1B2" * 9,
    "github_pat_" + "a1B2" * 9,
    "AKIA" + "A1B2" * 4,
    "AIza" + "a1B2c" * 7,
    "xoxb-1234567890-abcdef",
    "glpat-" + "a1B2" * 5,
    "hf_" + "a1B2" * 8,
    "sk_live_" + "a1B2" * 6,
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIB\nAAAA\n-----END RSA PRIVATE KEY-----",
)


@pytest.mark.parametrize("key", KEYS)
def test_keys_that_nobody_told_us_of_are_known_by_their_look(key: str) -> None:
    veil = Veil(NOBODY)
    hidden = veil.over({"text": f"use {key} for it", key: [key]})
    assert key not in json.dumps(hidden, ensure_ascii=False)
    assert hidden["text"] == "use ••• for it"
    assert veil.leaks(f"use {key} for it")


def test_what_headers_hold_is_hidden_there_and_everywhere_after() -> None:
    veil = Veil(NOBODY)
    request = {"url": "http://x", "headers": {"Authorization": "Bearer opensesame42", "X-Plain": "seen"}}
    answer = {"headers": {"set-cookie": ["sid=cookievalue99; Path=/"]}, "body": "you sent opensesame42"}
    for value in (request, answer):
        veil.learn(value)
    assert veil.over(request)["headers"] == {"Authorization": "•••", "X-Plain": "seen"}
    assert veil.over(answer) == {"headers": {"set-cookie": "•••"}, "body": "you sent •••"}
    assert veil.over({"later": "Cookie: sid=cookievalue99"}) == {"later": "Cookie: sid=•••"}


def test_nothing_of_a_recording_escapes_the_veil() -> None:
    secret = "SWORDFISH"  # what is looked for
    text = json.dumps([repr(RECORDING)]).replace("Ada", secret)
    assert secret in text
    whole = Recording(
        Head("letter", "ab12", "0", 0.0, {"to": secret}, {"E": secret}, outputs={secret: secret}),
        (
            Exchange(
                "one",
                "call",
                "pure",
                {"a": f"x{secret}y"},
                {"instructions": secret},
                output=[secret],
                failure=Failure("unknown", secret, secret, {"detail": secret}),
            ),
        ),
        (
            Consulted(
                "one:1", "one", "gate", "approval", secret, secret, {"f": secret}, reply=Reply("x", secret, secret)
            ),
        ),
    )
    assert secret not in repr(veiled(whole, Veil(Redactor([Secret(secret)]))))
