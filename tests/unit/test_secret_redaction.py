"""Redacting JSON data, cut texts, and texts that come in pieces."""

from __future__ import annotations

import base64
import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.secrets import MASK, Redactor, Secret, StreamRedactor

VALUE = "sk-live-4f9a8e7d6c5b"
KEY = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\nAQEFAASCBKcwggSjAgEAAoIB\n-----END PRIVATE KEY-----\n"


def test_texts_keys_and_numbers_of_json_data_are_redacted() -> None:
    redactor = Redactor([Secret(VALUE), Secret("20261231")])
    value = {
        VALUE: [f"a {VALUE}", 20261231, 1.5, None, True],
        "plain": {"deep": base64.b64encode(VALUE.encode()).decode()},
    }

    redacted = redactor.redact_json(value)

    assert redacted[MASK] == [f"a {MASK}", MASK, 1.5, None, True]
    assert set(redacted) == {MASK, "plain"}
    assert MASK in redacted["plain"]["deep"]
    plain = {"nothing": ["here", 1]}
    assert redactor.redact_json(plain) is plain


def test_overlapping_secrets_leave_nothing_of_either() -> None:
    assert Redactor([Secret("abcdefgh"), Secret("efghijkl")]).redact("<abcdefghijkl>") == f"<{MASK}>"


def test_what_is_learnt_later_is_redacted_from_then_on() -> None:
    redactor = Redactor()
    stream = StreamRedactor(redactor)
    assert redactor.redact(VALUE) == VALUE
    redactor.learn([Secret(VALUE)])
    assert redactor.redact(VALUE) == MASK
    assert stream.feed(VALUE) + stream.flush() == MASK


def test_each_line_of_a_private_key_is_a_secret_and_so_is_the_key_without_its_last_line_end() -> None:
    redactor = Redactor([Secret(KEY)])
    assert redactor.redact("| MIIEvQIBADANBgkqhkiG9w0B |") == f"| {MASK} |"
    assert redactor.redact(json.dumps({"key": KEY.strip()})) == json.dumps({"key": MASK}, ensure_ascii=False)


@pytest.mark.parametrize(
    "quoted", [repr('it\'s\\n-a-"secret"'), str(KeyError('it\'s\\n-a-"secret"')), 'it\'s\\n-a-"secret"']
)
def test_a_secret_is_found_as_python_quotes_it(quoted: str) -> None:
    assert "a-" not in Redactor([Secret('it\'s\\n-a-"secret"')]).redact(quoted)


@pytest.mark.parametrize(
    "cut",
    [
        "head sk-live-4f9a\n… 812 bytes left out …\ntail",
        "head\n… 812 characters left out …\n8e7d6c5b tail",
        "called with sk-live-4f9a8…",
    ],
)
def test_the_rest_of_a_secret_beside_a_cut_is_redacted(cut: str) -> None:
    redacted = Redactor([Secret(VALUE)]).redact(cut)
    assert MASK in redacted
    assert "4f9a" not in redacted
    assert "6c5b" not in redacted
    assert Redactor([Secret(VALUE)]).redact(cut.replace("…", "-")) == cut.replace("…", "-")


LONG = "ghp_0123456789abcdefghijklmnopqrst"


def test_half_of_a_long_secret_is_one_wherever_it_was_cut_off() -> None:
    redactor = Redactor([Secret(LONG)])
    assert redactor.redact(f"no name fits '{LONG[:20]}'") == f"no name fits '{MASK}{LONG[17:20]}'"
    assert redactor.redact(f"{LONG[15:]} was the last line") == f"{LONG[15:17]}{MASK} was the last line"
    assert redactor.redact(f"<{LONG}>") == f"<{MASK}>"
    encoded = base64.b64encode(LONG.encode()).decode()
    assert MASK in redactor.redact(encoded[: len(encoded) - 20])


def test_a_json_text_within_a_json_text_is_looked_into() -> None:
    value = 'quo"te\\and\nline'
    nested = json.dumps({"log": json.dumps({"key": value})})
    assert Redactor([Secret(value)]).redact(nested).count(MASK) == 1


def test_hexadecimal_digits_are_the_same_in_capital_letters() -> None:
    value = "5d41402abc4b2a76b9719d911017c592"
    assert Redactor([Secret(value)]).redact(value.upper()) == MASK
    assert Redactor([Secret("not-hex-but-secret")]).redact("NOT-HEX-BUT-SECRET") == "NOT-HEX-BUT-SECRET"


SECRETS = [VALUE, LONG, "aaaaaaaa", "abababab", "abcdefgh", "efghijkl", "abcdefgh-longer"]
PIECES = st.lists(
    st.sampled_from(
        [*SECRETS, *(value[:5] for value in SECRETS), *(value[5:] for value in SECRETS), LONG[:17], LONG[17:], "-", " "]
    )
)


@given(PIECES, st.lists(st.integers(0, 60), max_size=12))
def test_a_stream_gives_what_the_whole_text_gives_wherever_it_is_cut(pieces: list[str], cuts: list[int]) -> None:
    redactor = Redactor(map(Secret, SECRETS))
    text = "".join(pieces)
    places = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    stream = StreamRedactor(redactor)

    passed = [stream.feed(text[start:end]) for start, end in itertools.pairwise(places)]

    assert "".join([*passed, stream.flush()]) == redactor.redact(text)
    assert stream.flush() == ""


def test_a_stream_holds_back_only_what_may_become_a_secret() -> None:
    stream = StreamRedactor(Redactor([Secret(VALUE)]))
    assert stream.feed("words that are no secret") == "words that are no secret"
    assert stream.feed(" sk-li") == " "
    assert stream.feed("mits!") == "sk-limits!"
    assert stream.feed("sk-live-4f9a8e7d6c5") == ""
    assert stream.feed("b!") == f"{MASK}!"


def test_an_endless_repetition_is_masked_and_not_held() -> None:
    stream = StreamRedactor(Redactor([Secret("aaaaaaaa")]))
    assert "".join(stream.feed("a" * 50) for _ in range(100)) + stream.flush() == MASK
