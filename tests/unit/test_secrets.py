"""Secrets stay hidden, and are found in every form that text gives them."""

import base64
import json
import logging
import pickle
from dataclasses import dataclass
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.secrets import MASK, Redactor, Secret

VALUE = 'sk-Ab/9+"é\\=z'


def test_a_secret_shows_itself_only_when_revealed(caplog: pytest.LogCaptureFixture) -> None:
    @dataclass(frozen=True)
    class Holder:
        key: Secret

    secret = Secret(VALUE)
    logging.getLogger("test").warning("%s %r", secret, Holder(secret))
    shown = [repr(secret), str(secret), f"{secret}", f"{secret:>20}", f"{secret!r}", str(Holder(secret)), caplog.text]

    assert secret.reveal() == VALUE
    assert all(VALUE not in text and MASK in text for text in shown)
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    with pytest.raises(TypeError):
        json.dumps(secret)


def test_secrets_are_equal_by_value() -> None:
    assert Secret("abcdef") == Secret("abcdef") != Secret("abcdeg")
    assert Secret("abcdef") != "abcdef"
    assert len({Secret("abcdef"), Secret("abcdef")}) == 1


@pytest.mark.parametrize(
    "form",
    [
        VALUE,
        json.dumps(VALUE),
        json.dumps({"key": VALUE}, ensure_ascii=False),
        quote(VALUE),
        quote(VALUE, safe=""),
        "sk-Ab%2f9%2b%22%c3%a9%5c%3dz",
        urlencode({"key": VALUE}),
        quote_plus(VALUE),
    ],
)
def test_a_secret_is_redacted_in_every_written_form(form: str) -> None:
    text = Redactor([Secret(VALUE)]).redact(f"before {form} after")

    assert MASK in text
    assert text.startswith("before ")
    assert text.endswith(" after")
    assert "sk-Ab" not in text


@given(st.binary(max_size=7), st.binary(max_size=7), st.text(min_size=6, max_size=40))
def test_a_secret_inside_base64_is_redacted_wherever_it_stands(before: bytes, after: bytes, value: str) -> None:
    value = value.encode("utf-8", "ignore").decode() + "padding"
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        text = encode(before + value.encode() + after).decode()
        redacted = Redactor([Secret(value)]).redact(text)

        assert MASK in redacted
        assert len(redacted) - len(MASK) <= len(text) - len(value.encode()) * 8 // 6 + 1


def test_the_longest_secret_wins_and_short_ones_are_left() -> None:
    redactor = Redactor([Secret("secret"), Secret("secret-longer"), Secret("abc"), Secret("")])

    assert redactor.redact("secret-longer, secret, abc") == f"{MASK}, {MASK}, abc"
    assert Redactor([]).redact("nothing to hide") == "nothing to hide"
