"""From the symptoms of a failed model call to its failure: a table, read by status first, then by class."""

from __future__ import annotations

import re

from agents.models.symptoms import Symptoms
from skills.network.reading import retry_after
from workflows.errors import Failure, FailureClass
from workflows.records import dataclass
from workflows.text import one_line

MAX_QUOTE = 300
"""Characters of the provider's own words that a message repeats."""


@dataclass(frozen=True)
class Verdict:
    """How a failure is classed and told. The words complete `<model>: …`."""

    kind: FailureClass
    words: str
    hint: str = ""


QUOTA = Verdict(
    "authentication",
    "the account's quota or credit is used up",
    "Add credit or raise the limit in the provider's billing page, or give the agent another model.",
)
CONTEXT = Verdict(
    "validation",
    "the conversation is longer than the model can read",
    "Make the input shorter, or give the agent a model with a larger context window.",
)
POLICY = Verdict(
    "validation",
    "the provider's content policy refused the request",
    "Change the input, or give the agent another model.",
)
REFUSED = Verdict(
    "authentication",
    "the provider refused the key",
    "Check that the key is right and may use this model. `understudy doctor` shows where it comes from.",
)
NOT_FOUND = Verdict(
    "dependency",
    "the provider knows no such model",
    "Check the model's name and the provider's address.",
)
INVALID = Verdict(
    "validation",
    "the provider refused the request",
    "The request itself is at fault: sending it again will not help.",
)
TIMED_OUT = Verdict("timeout", "the provider took too long")
LIMITED = Verdict("rate_limited", "the provider's rate limit is reached")
BUSY = Verdict("transient", "the provider is overloaded or out of order")
CONFLICT = Verdict("transient", "the provider was not ready for the request")
LOST = Verdict("transient", "the connection to the provider was lost")
BROKEN_OFF = Verdict("transient", "the provider broke off its answer")
GARBLED = Verdict("transient", "the provider's answer cannot be read")
UNREACHABLE = Verdict("transient", "the provider cannot be reached", "Check the network and the provider's address.")
ELSEWHERE = Verdict(
    "dependency", "the provider's address answers with a redirection", "Check the provider's address (API base)."
)
UNKNOWN = Verdict("unknown", "the call failed")

QUOTA_CODES = frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"})
QUOTA_WORDS = re.compile(r"credit balance is too low|insufficient balance|exceeded your current quota", re.IGNORECASE)
PYTHON_WORDS = re.compile(r"'[\w.]+' object |NoneType|unexpected keyword argument|list index out of range")
CONTEXT_CODES = frozenset({"context_length_exceeded"})
POLICY_CODES = frozenset({"content_policy_violation", "content_filter"})

BY_STATUS: dict[int, Verdict] = {
    401: REFUSED,
    402: QUOTA,
    403: REFUSED,
    404: NOT_FOUND,
    408: TIMED_OUT,
    409: CONFLICT,
    425: CONFLICT,
    429: LIMITED,
}
BY_NAME: dict[str, Verdict] = {
    "Timeout": TIMED_OUT,
    "APITimeoutError": TIMED_OUT,
    "AuthenticationError": REFUSED,
    "PermissionDeniedError": REFUSED,
    "NotFoundError": NOT_FOUND,
    "BadRequestError": INVALID,
    "UnprocessableEntityError": INVALID,
    "UnsupportedParamsError": INVALID,
    "RateLimitError": LIMITED,
    "ConnectError": UNREACHABLE,
    "APIConnectionError": LOST,
    "MidStreamFallbackError": BROKEN_OFF,
    "JSONDecodeError": GARBLED,
    "APIError": BUSY,
    "InternalServerError": BUSY,
    "BadGatewayError": BUSY,
    "ServiceUnavailableError": BUSY,
}


def classify(symptoms: Symptoms, model: str, now: float) -> Failure:
    """The failure of a call to `model`. `now`, in seconds since the epoch, turns a Retry-After date into seconds."""
    status = _status(symptoms)
    verdict = _verdict(symptoms, status)
    wait = retry_after(symptoms.headers, now)
    kind: FailureClass = "rate_limited" if verdict.kind == "transient" and wait is not None else verdict.kind
    quote = quoted(symptoms.message) if verdict not in (LOST, UNREACHABLE, GARBLED) else ""
    message = f"{model}: {verdict.words}" + (f" ({status})" if status else "") + (f": {quote}" if quote else ".")
    detail = {"model": model, "status": status, "code": symptoms.code or None, "error": symptoms.name}
    hint = verdict.hint
    if model.startswith("ollama_chat/") and verdict in (UNREACHABLE, NOT_FOUND):
        name = model.partition("/")[2]
        hint = f"Try `ollama pull {name}`." if verdict is NOT_FOUND else "Is Ollama running? Try `ollama serve`."
    return Failure(kind, message, hint, detail, wait if kind in ("rate_limited", "timeout") else None)


def is_too_long(failure: Failure) -> bool:
    """Whether the conversation was longer than this model can read: another one may be able to."""
    detail = failure.detail if isinstance(failure.detail, dict) else {}
    return detail.get("code") in CONTEXT_CODES or detail.get("error") == "ContextWindowExceededError"


def _status(symptoms: Symptoms) -> int | None:
    """The status, or the one that the error document names: in the midst of a stream there is no other."""
    if symptoms.status is None and re.fullmatch("[45][0-9][0-9]", symptoms.code):
        return int(symptoms.code)
    return symptoms.status


def _verdict(symptoms: Symptoms, status: int | None) -> Verdict:
    code, name = symptoms.code, symptoms.name
    if name == "MidStreamFallbackError" and PYTHON_WORDS.search(symptoms.message):
        return GARBLED  # the library stumbled over what came: its words mean nothing to anybody
    if code in QUOTA_CODES or (status in (400, 429) and QUOTA_WORDS.search(symptoms.message)):
        return QUOTA
    if code in CONTEXT_CODES or name == "ContextWindowExceededError":
        return CONTEXT
    if code in POLICY_CODES or name == "ContentPolicyViolationError":
        return POLICY
    if status is None:
        return BY_NAME.get(name, UNKNOWN)
    if status < 400:
        return ELSEWHERE
    return BY_STATUS.get(status, BUSY if status >= 500 else INVALID)


def quoted(text: str) -> str:
    """A provider's words as one line that is safe to show; nothing of a page of markup."""
    text = re.sub(r"^((litellm\.)?\w*(Error|Exception|Timeout)\w*( -|:)\s*)+", "", text.strip())
    text = text.partition(" Original exception: ")[0]
    return "" if text.startswith("<") else one_line(text, MAX_QUOTE)
