"""A placeholder stands for a secret everywhere but in the call that sends it."""

from __future__ import annotations

import pytest

from workflows.errors import CallFailed
from workflows.secrets import Secret, hide, names_in, placeholder, put_back, reveal, shown

NONCE = "0123456789abcdef"
OTHER = "fedcba9876543210"
KEPT = {"TOKEN": Secret("tok-12345678"), "KEY": Secret("⟦secret:TOKEN:0123456789abcdef⟧"), "PIN": Secret("1234")}


def test_placeholders_are_replaced_in_texts_at_any_depth_and_nowhere_else() -> None:
    token = placeholder("TOKEN", NONCE)
    value = {"headers": [{"Authorization": f"Bearer {token}"}, 1, None], token: True}

    assert reveal(value, NONCE, KEPT.get) == {
        "headers": [{"Authorization": "Bearer tok-12345678"}, 1, None],
        token: True,
    }
    assert names_in(value, NONCE) == {"TOKEN"}


def test_a_placeholder_of_another_run_or_without_a_nonce_is_only_text() -> None:
    for forged in (placeholder("TOKEN", OTHER), placeholder("TOKEN", ""), "⟦secret:TOKEN⟧"):
        for nonce in (NONCE, ""):
            assert reveal(forged, nonce, KEPT.get) == forged
            assert names_in(forged, nonce) == frozenset()


def test_a_value_that_looks_like_a_placeholder_is_not_replaced_again() -> None:
    assert reveal(placeholder("KEY", NONCE), NONCE, KEPT.get) == "⟦secret:TOKEN:0123456789abcdef⟧"


def test_a_missing_secret_fails_the_call_and_names_the_command() -> None:
    with pytest.raises(CallFailed) as caught:
        reveal([placeholder("NONE", NONCE), placeholder("TOKEN", NONCE)], NONCE, KEPT.get)
    assert caught.value.failure.kind == "dependency"
    assert caught.value.message == "the secret NONE is not set"
    assert "`understudy secrets set NONE`" in caught.value.hint


def test_a_secret_too_short_to_be_found_again_is_not_sent() -> None:
    with pytest.raises(CallFailed, match="PIN is shorter than 6 characters") as caught:
        reveal(placeholder("PIN", NONCE), NONCE, KEPT.get)
    assert "1234" not in str(caught.value.failure)


def test_people_see_the_name_and_an_edit_keeps_the_secret() -> None:
    text = f"Bearer {placeholder('TOKEN', NONCE)}"
    seen = hide({"a": [text], placeholder("TOKEN", OTHER): text})

    assert shown(text) == shown(text[:-9]) == "Bearer •••TOKEN•••"
    assert shown(text[:-3] + "… and more") == "Bearer •••TOKEN•••… and more"
    assert seen == {"a": ["Bearer •••TOKEN•••"], "•••TOKEN•••": "Bearer •••TOKEN•••"}
    assert put_back(["Basic •••TOKEN•••", "•••OTHER•••"], NONCE, names_in(text, NONCE)) == [
        f"Basic {placeholder('TOKEN', NONCE)}",
        "•••OTHER•••",
    ]
