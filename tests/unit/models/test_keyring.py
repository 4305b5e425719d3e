"""Keys from a keyring: only where the environment has none, each looked up once, and known to be a secret."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from agents.models.keyring import KeyringKeys, from_keyring
from agents.models.keys import Key, Missing
from workflows.secrets import Redactor

KEY = "sk-of-the-keyring-0123456789"


def test_the_environment_wins_and_then_the_keyring_is_asked_once() -> None:
    asked: list[str] = []

    def lookup(name: str) -> str | None:
        asked.append(name)
        return KEY if name == "OPENAI_API_KEY" else None

    redactor = Redactor()
    keys = KeyringKeys({"ANTHROPIC_API_KEY": "sk-ant-environment"}, lookup, redactor.learn)
    own = keys.find("anthropic/claude-x")
    assert isinstance(own, Key)
    assert asked == [], "nobody is asked for what is there"
    assert (keys.at_hand("anthropic/claude-x"), keys.at_hand("gpt-4o")) == (True, False)
    for _ in range(2):
        found = keys.find("gpt-4o")
        assert isinstance(found, Key)
        assert found.value is not None
        assert found.value.reveal() == KEY
    assert (asked, keys.at_hand("gpt-4o")) == (["OPENAI_API_KEY"], True)
    assert redactor.redact(f"it is {KEY}") == "it is •••"
    missing = keys.find("groq/x")
    assert isinstance(missing, Missing)
    assert isinstance(keys.find("nobody/x"), Missing)


@pytest.mark.parametrize(
    ("library", "found"),
    [
        ("def get_password(service, name): return f'{service} {name}'", "understudy KEY"),
        ("def get_password(service, name): raise RuntimeError('locked')", None),
        ("def get_password(service, name): return b'bytes'", None),
        ("raise ImportError", None),
    ],
)
def test_a_library_that_is_there_broken_or_not_there(
    library: str, found: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "keyring.py").write_text(library)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "keyring", raising=False)
    assert from_keyring("KEY") == found
    sys.modules.pop("keyring", None)
