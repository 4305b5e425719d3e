"""From symptoms to failures: the whole table, and how Retry-After is read."""

import pytest

from agents.models.classify import classify, quoted
from agents.models.symptoms import Symptoms
from skills.network.reading import retry_after
from workflows.errors import FailureClass

MODEL = "openai/gpt-4o"
NOW = 1_700_000_000.0  # Tue, 14 Nov 2023 22:13:20 GMT


@pytest.mark.parametrize(
    ("status", "name", "code", "kind"),
    [
        # By status, whatever class litellm chose.
        (400, "BadRequestError", "", "validation"),
        (401, "AuthenticationError", "", "authentication"),
        (402, "APIError", "", "authentication"),
        (403, "APIError", "", "authentication"),
        (404, "NotFoundError", "", "dependency"),
        (405, "APIError", "", "validation"),
        (408, "Timeout", "", "timeout"),
        (409, "APIError", "", "transient"),
        (413, "RateLimitError", "", "validation"),
        (422, "BadRequestError", "", "validation"),
        (425, "APIError", "", "transient"),
        (429, "InternalServerError", "overloaded_error", "rate_limited"),
        (500, "InternalServerError", "", "transient"),
        (502, "BadGatewayError", "", "transient"),
        (503, "ServiceUnavailableError", "", "transient"),
        (504, "Timeout", "", "transient"),
        (529, "APIError", "", "transient"),
        (307, "APIError", "", "dependency"),
        # By code and class, before the status.
        (429, "RateLimitError", "insufficient_quota", "authentication"),
        (429, "RateLimitError", "billing_hard_limit_reached", "authentication"),
        (400, "BadRequestError", "context_length_exceeded", "validation"),
        (400, "ContextWindowExceededError", "", "validation"),
        (400, "ContentPolicyViolationError", "", "validation"),
        (None, "ContextWindowExceededError", "", "validation"),
        # Without a status: the code of an error document in a stream, then the class.
        (None, "MidStreamFallbackError", "429", "rate_limited"),
        (None, "APIError", "401", "authentication"),
        (None, "APIError", "server_error", "transient"),
        (None, "APIError", "42901", "transient"),
        (None, "MidStreamFallbackError", "", "transient"),
        (None, "APIConnectionError", "", "transient"),
        (None, "ConnectError", "", "transient"),
        (None, "JSONDecodeError", "", "transient"),
        (None, "InternalServerError", "", "transient"),
        (None, "Timeout", "", "timeout"),
        (None, "RateLimitError", "", "rate_limited"),
        (None, "AuthenticationError", "", "authentication"),
        (None, "NotFoundError", "", "dependency"),
        (None, "UnsupportedParamsError", "", "validation"),
        (None, "SomethingNew", "", "unknown"),
    ],
)
def test_the_table(status: int | None, name: str, code: str, kind: FailureClass) -> None:
    failure = classify(Symptoms(status, name, code, "as the provider says"), MODEL, NOW)

    assert failure.kind == kind
    assert failure.message.startswith(f"{MODEL}: ")
    assert failure.detail["error"] == name


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (400, "Your credit balance is too low to access the API"),
        (429, "You exceeded your current quota, check billing"),
    ],
)
def test_used_up_credit_is_never_retried_even_without_a_code(status: int, words: str) -> None:
    failure = classify(Symptoms(status, "BadRequestError", "", words), MODEL, NOW)

    assert failure.kind == "authentication"
    assert "credit" in failure.message
    assert not failure.retryable


def test_what_the_library_stumbled_over_is_an_answer_that_cannot_be_read() -> None:
    words = "litellm.MidStreamFallbackError: 'list' object has no attribute 'choices'"
    assert classify(Symptoms(None, "MidStreamFallbackError", "", words), MODEL, NOW).message == (
        f"{MODEL}: the provider's answer cannot be read."
    )
    said = classify(Symptoms(None, "MidStreamFallbackError", "", "the line went down"), MODEL, NOW).message
    assert said == f"{MODEL}: the provider broke off its answer: the line went down"


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        (" 1.5 ", 1.5),
        ("120", 120.0),
        ("Tue, 14 Nov 2023 22:14:20 GMT", 60.0),
        ("Tue, 14 Nov 2023 22:00:00 GMT", 0.0),
        ("-3", 0.0),
        ("", None),
        ("soon", None),
        ("nan", None),
        ("inf", None),
        ("Tue, 99 Nov 2023", None),
    ],
)
def test_retry_after_is_seconds_or_a_date_and_is_not_capped(header: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": header}, NOW) == seconds


def test_whoever_says_when_to_come_back_is_a_rate_limit() -> None:
    headers = {"retry-after": "9"}

    busy = classify(Symptoms(503, "ServiceUnavailableError", headers=headers), MODEL, NOW)
    refused = classify(Symptoms(401, "AuthenticationError", headers=headers), MODEL, NOW)

    assert (busy.kind, busy.retry_after) == ("rate_limited", 9.0)
    assert (refused.kind, refused.retry_after) == ("authentication", None)


def test_ollama_gets_hints_of_its_own() -> None:
    gone = classify(Symptoms(None, "ConnectError"), "ollama_chat/llama3", NOW)
    unknown = classify(Symptoms(404, "NotFoundError"), "ollama_chat/llama3", NOW)

    assert "ollama serve" in gone.hint
    assert "ollama pull llama3" in unknown.hint


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("litellm.RateLimitError: RateLimitError: OpenAIException - Slow down", "Slow down"),
        ("Slow\x1b[2Jdown\n\tnow", "Slow�down now"),
        ("<html><body>Bad Gateway</body></html>", ""),
        ("Broken. Original exception: APIConnectionError: Broken.", "Broken."),
    ],
)
def test_a_provider_is_quoted_in_one_safe_line(said: str, shown: str) -> None:
    assert quoted(said) == shown


def test_a_long_quotation_is_cut() -> None:
    assert len(quoted("word " * 1000)) <= 300
