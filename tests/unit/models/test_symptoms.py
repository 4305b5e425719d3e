"""What is read off a chain of exceptions: the innermost facts, and none that litellm made up."""

import itertools
from typing import Any

import pytest

from agents.models.symptoms import Symptoms, symptoms_of


class Response:
    def __init__(self, status_code: int, headers: dict[str, str] | None = None) -> None:
        self.status_code = status_code
        self.headers = headers or {}


def link(module: str, name: str, text: str = "", **attributes: Any) -> Exception:
    """An exception that looks as if it came from that package."""
    made = type(name, (Exception,), {"__module__": module})(text)
    for attribute, value in attributes.items():
        setattr(made, attribute, value)
    return made


def chain(*links: BaseException) -> BaseException:
    """The first was raised from the second, and so on."""
    for outer, inner in itertools.pairwise(links):
        outer.__cause__ = inner
    return links[0]


def test_the_innermost_status_headers_and_document_count() -> None:
    document = {"message": "Request too large", "code": "too_large"}
    error = chain(
        link("litellm.exceptions", "RateLimitError", status_code=429, response=Response(429), code="429"),
        link("openai", "APIStatusError", status_code=413, response=Response(413), body=document),
        link("httpx", "HTTPStatusError", response=Response(413, {"Retry-After": "5"})),
    )

    found = symptoms_of(error)

    assert found == Symptoms(413, "RateLimitError", "too_large", "Request too large", {"retry-after": "5"})


def test_a_document_is_found_in_the_text_of_an_exception() -> None:
    text = 'b\'{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\''
    found = symptoms_of(link("litellm.llms.anthropic", "AnthropicError", text, status_code=529))

    assert (found.status, found.code, found.message) == (529, "overloaded_error", "Overloaded")


def test_litellms_own_500_is_no_status() -> None:
    assert symptoms_of(link("litellm.exceptions", "InternalServerError", status_code=500)).status is None
    assert symptoms_of(link("litellm.exceptions", "Timeout", status_code=408)).status == 408


@pytest.mark.parametrize(
    ("innermost", "name"),
    [
        (link("httpcore", "ReadError"), "APIConnectionError"),
        (link("h11", "RemoteProtocolError"), "APIConnectionError"),
        (ConnectionResetError(), "APIConnectionError"),
        (link("httpx", "ReadTimeout"), "Timeout"),
        (ConnectionRefusedError(), "ConnectError"),
    ],
)
def test_a_transport_error_has_no_status(innermost: Exception, name: str) -> None:
    error = chain(link("litellm.exceptions", "InternalServerError", status_code=500, response=Response(500)), innermost)

    assert symptoms_of(error) == Symptoms(None, name)


def test_a_chain_that_bites_its_tail_ends() -> None:
    one, two = link("openai", "One", status_code=418), link("openai", "Two")
    one.__cause__, two.__cause__ = two, one

    assert symptoms_of(one).status == 418


@pytest.mark.parametrize("text", ['{"a":' * 100_000, "{", '{"error": [1]}', '{"error": {"message": {"deep": 1}}}'])
def test_a_strange_document_is_only_text(text: str) -> None:
    assert symptoms_of(link("litellm.llms", "SomeError", text, status_code=400)).status == 400
