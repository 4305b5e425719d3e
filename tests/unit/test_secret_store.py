"""Secrets are kept where only their owner can read them, or not at all."""

from __future__ import annotations

import json
import logging
import os
import stat
from pathlib import Path

import pytest

from agents.models.keys import known_keys, named_secrets
from app.logs import keep_out_of_log, start_log
from app.secret_store import Kept, SecretStore, SecretsUnusable
from workflows.errors import UnderstudyError
from workflows.secrets import MASK, Redactor, Secret


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config" / "secrets.json"


def test_what_is_set_can_be_got_by_another_process_and_removed(path: Path) -> None:
    SecretStore(path, {}).set("TOKEN", "tok-12345678")
    other = SecretStore(path, {})

    assert other.get("TOKEN") == Secret("tok-12345678")
    assert other.get("OTHER") is None
    assert other.names() == ["TOKEN"]
    assert other.remove("TOKEN") is True
    assert other.remove("TOKEN") is False
    assert SecretStore(path, {}).names() == []


def test_file_and_folder_are_the_owners_alone_whatever_the_umask(path: Path) -> None:
    before = os.umask(0)
    try:
        SecretStore(path, {}).set("TOKEN", "tok-12345678")
        SecretStore(path, {}).set("OTHER", "tok-87654321")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert sorted(each.name for each in path.parent.iterdir()) == ["secrets.json", "secrets.lock"]


def test_the_environment_wins_and_says_so(path: Path) -> None:
    SecretStore(path, {}).set("TOKEN", "from-the-file")
    SecretStore(path, {}).set("FILE", "from-the-file")
    environ = {
        "UNDERSTUDY_SECRET_TOKEN": "from-outside",
        "UNDERSTUDY_SECRET_EMPTY": "",
        "UNDERSTUDY_SECRET_a-b": "ignored",
    }
    store = SecretStore(path, environ)

    assert store.get("TOKEN") == Secret("from-outside")
    assert store.kept() == [Kept("FILE", "file"), Kept("TOKEN", "environment", shadowed=True)]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o700, 0o666])
def test_a_file_that_others_can_open_is_refused_with_the_remedy(path: Path, mode: int) -> None:
    SecretStore(path, {}).set("TOKEN", "tok-12345678")
    path.chmod(mode)
    store = SecretStore(path, {"UNDERSTUDY_SECRET_OTHER": "tok-87654321"})
    for use in (
        lambda: store.get("TOKEN"),
        store.names,
        lambda: store.set("X", "123456"),
        lambda: store.remove("TOKEN"),
    ):
        with pytest.raises(SecretsUnusable, match=f"{mode:04o}") as caught:
            use()
        assert f"chmod 600 {path}" in caught.value.hint
    assert store.get("OTHER") == Secret("tok-87654321"), "the environment does not depend on the file"


@pytest.mark.parametrize("text", ["", "[]", '{"secrets": []}', '{"secrets": {"A": 1}}', "[" * 100_000])
def test_a_file_that_holds_something_else_is_refused_and_kept(path: Path, text: str) -> None:
    path.parent.mkdir()
    path.write_text(text)
    path.chmod(0o600)
    store = SecretStore(path, {})
    with pytest.raises(SecretsUnusable, match="cannot be relied on"):
        store.get("TOKEN")
    with pytest.raises(SecretsUnusable):
        store.set("TOKEN", "tok-12345678")
    assert path.read_text() == text


def test_a_pipe_in_its_place_holds_nobody_up(path: Path) -> None:
    path.parent.mkdir()
    os.mkfifo(path, 0o600)
    with pytest.raises(SecretsUnusable, match="not a file"):
        SecretStore(path, {}).names()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("a-b", "long enough"),
        ("", "long enough"),
        ("1A", "long enough"),
        ("A", "12345"),
        ("A", "x" * 70_000),
        ("A", "zero\0byte"),
        ("A", "half\udc80byte"),
    ],
)
def test_what_cannot_be_a_secret_is_refused_without_being_told(path: Path, name: str, value: str) -> None:
    with pytest.raises(UnderstudyError) as caught:
        SecretStore(path, {}).set(name, value)
    assert value not in caught.value.message + caught.value.hint
    assert not path.exists()


def test_a_full_disk_leaves_the_old_secrets(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = SecretStore(path, {})
    store.set("TOKEN", "tok-12345678")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SecretsUnusable, match="No space left"):
        store.set("TOKEN", "tok-87654321")
    monkeypatch.undo()
    assert SecretStore(path, {}).get("TOKEN") == Secret("tok-12345678")
    assert sorted(each.name for each in path.parent.iterdir()) == ["secrets.json", "secrets.lock"]


def test_the_redactor_knows_all_that_is_kept_set_and_given(path: Path) -> None:
    SecretStore(path, {}).set("TOKEN", "tok-12345678")
    store = SecretStore(path, {"UNDERSTUDY_SECRET_E": "env-12345678"}, [Secret("sk-0123456789abcdef")])
    assert store.redactor.redact("tok-12345678 env-12345678 sk-0123456789abcdef") == f"{MASK} {MASK} {MASK}"
    other = SecretStore(path, {})
    other.set("LATER", "new-12345678")
    assert other.redactor.redact("new-12345678") == MASK
    assert store.redactor.redact("new-12345678") == "new-12345678"
    assert store.get("LATER") is not None
    assert store.redactor.redact("new-12345678") == MASK


def test_keys_of_models_are_known_and_words_given_to_local_servers_are_not() -> None:
    environ = {
        "OPENAI_API_KEY": "sk-0123456789abcdef",
        "OLLAMA_API_KEY": "ollama",
        "ANTHROPIC_API_KEY": "",
        "X": "y" * 20,
    }
    assert known_keys(environ) == (Secret("sk-0123456789abcdef"),)


def test_the_log_holds_no_secret_not_even_in_a_traceback(tmp_path: Path) -> None:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    try:
        log = start_log(tmp_path)
        keep_out_of_log(Redactor([Secret("tok-12345678")]))
        assert start_log(tmp_path) == log
        try:
            raise ValueError(json.dumps({"token": "tok-12345678"}))
        except ValueError:
            logging.getLogger("x").exception("with %s", "tok-12345678")
        text = (tmp_path / "understudy.log").read_text()
    finally:
        for handler in root.handlers:
            handler.close()
        root.handlers[:], root.level = before[0], before[1]
    assert "ValueError" in text
    assert "tok-12345678" not in text


def test_variables_whose_names_say_so_are_secret() -> None:
    long = "0123456789abcdef"
    environ = {
        "GITHUB_TOKEN": f"{long}a",
        "db_password": f"{long}b",
        "AWS_SECRET_ACCESS_KEY": f"{long}c",
        "MY_PAT": f"{long}d",
    }
    others = {
        "PATH": long,
        "TOKENIZER": long,
        "MONKEY": long,
        "API_KEY": "short",
        "SSH_PRIVATE_KEY": "/home/ada/.ssh/id_rsa",
    }
    assert named_secrets({**environ, **others}) == tuple(map(Secret, environ.values()))
