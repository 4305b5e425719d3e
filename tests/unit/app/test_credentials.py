"""Keys of models: where they are kept, who may read them, and which one counts."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from agents.models.keyring import KeyringKeys
from agents.models.keys import Key
from app.credentials import Credentials, keys_wanted
from app.secret_store import SecretsUnusable
from workflows.errors import UnderstudyError
from workflows.secrets import Secret

KEY = "sk-0123456789-abcdef"


def credentials(tmp: Path, environ: dict[str, str] | None = None, **ring: str) -> Credentials:
    return Credentials(tmp / "config", environ or {}, lookup=ring.get)


def test_a_key_is_kept_for_its_owner_alone_and_found_by_models(tmp_path: Path) -> None:
    kept = credentials(tmp_path)
    keys = KeyringKeys({}, kept.get)
    kept.listen(keys.forget)
    assert not isinstance(keys.find("openai/gpt-4o"), Key)
    kept.keep("OPENAI_API_KEY", f"  {KEY}\n")
    assert stat.S_IMODE(kept.path.stat().st_mode) == 0o600
    found = keys.find("openai/gpt-4o")
    assert isinstance(found, Key)
    assert found.value is not None
    assert found.value.reveal() == KEY
    assert credentials(tmp_path).get("OPENAI_API_KEY") == KEY
    assert kept.forget("OPENAI_API_KEY")
    assert not kept.forget("OPENAI_API_KEY")
    assert not isinstance(keys.find("openai/gpt-4o"), Key)


def test_what_is_given_for_a_session_is_written_nowhere_and_wins_over_the_file_and_the_keyring(tmp_path: Path) -> None:
    kept = credentials(tmp_path, GROQ_API_KEY="of-the-keyring")
    assert kept.get("GROQ_API_KEY") == "of-the-keyring"
    kept.keep("GROQ_API_KEY", KEY, session=True)
    assert not kept.path.exists()
    assert (kept.get("GROQ_API_KEY"), [each.place for each in kept.kept()]) == (KEY, ["session"])


def test_the_environment_wins_and_it_is_said(tmp_path: Path) -> None:
    kept = credentials(tmp_path, {"OPENAI_API_KEY": "sk-environment"})
    kept.keep("OPENAI_API_KEY", KEY)
    assert [each.shadowed for each in kept.kept()] == [True]
    assert "the one of the environment is used" in kept.kept()[0].words(kept.path)
    found = KeyringKeys({"OPENAI_API_KEY": "sk-environment"}, kept.get).find("openai/gpt-4o")
    assert isinstance(found, Key)
    assert found.value is not None
    assert found.value.reveal() == "sk-environment"


def test_every_key_that_is_read_is_made_known_to_be_hidden(tmp_path: Path) -> None:
    learned: list[Secret] = []
    kept = Credentials(tmp_path, {}, learned.extend, lookup=lambda name: None)
    kept.keep("OPENAI_API_KEY", KEY)
    Credentials(tmp_path, {}, learned.extend, lookup=lambda name: None).get("OPENAI_API_KEY")
    assert [secret.reveal() for secret in learned] == [KEY, KEY]


@pytest.mark.parametrize("value", ["", "two words", "line\nbreak", "ünïcode-0123456"])
def test_what_can_be_no_key_is_refused(tmp_path: Path, value: str) -> None:
    with pytest.raises(UnderstudyError, match="can be no key"):
        credentials(tmp_path).keep("OPENAI_API_KEY", value)


def test_a_name_that_no_provider_has_is_refused_with_a_suggestion(tmp_path: Path) -> None:
    with pytest.raises(UnderstudyError) as caught:
        credentials(tmp_path).keep("OPENAI_APIKEY", KEY)
    assert "OPENAI_API_KEY" in caught.value.hint


def test_a_file_that_others_can_read_is_not_used_and_told_of(tmp_path: Path) -> None:
    kept = credentials(tmp_path, OPENAI_API_KEY="of-the-keyring")
    kept.keep("OPENAI_API_KEY", KEY)
    kept.path.chmod(0o644)
    assert kept.get("OPENAI_API_KEY") == "of-the-keyring"
    with pytest.raises(SecretsUnusable) as caught:
        kept.kept()
    assert "chmod 600" in caught.value.hint


def test_providers_that_need_one_key_can_be_given_it() -> None:
    assert ("openai", "OPENAI_API_KEY") in keys_wanted()
    assert not {"azure", "bedrock", "vertex_ai", "ollama_chat"} & {provider for provider, _ in keys_wanted()}
