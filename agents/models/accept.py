"""When an answer counts as one: whole, ended by the model itself, and with something in it."""

from __future__ import annotations

from agents.models.port import Reply
from agents.models.wire import Answer
from workflows.effects import Usage
from workflows.errors import CallFailed, Failure, FailureClass
from workflows.text import one_line

CUT = frozenset({"length", "max_tokens", "compaction"})
FILTERED = frozenset(
    {"content_filter", "refusal", "safety", "recitation", "language", "blocklist", "prohibited_content", "spii"}
    | {"sensitive", "guardrail_intervened", "error_toxic"}
)
BROKEN = frozenset({"error", "network_error", "malformed_function_call", "malformed_response", "unexpected_tool_call"})
"""Finish reasons in lower case, of OpenAI, Anthropic, Gemini, Bedrock, Cohere and GLM. All others mean: finished."""


def accept(answer: Answer, reason: str | None, usage: Usage) -> Reply:
    """The reply, or CallFailed. `reason` is the finish reason that was received, None if there was none.

    Tool calls of an answer that was cut are never returned: half an argument can be a valid one. A failure's detail
    carries the usage, because a useless answer is paid for too.
    """
    ended = (reason or "").lower()
    if reason is None and not answer.size:
        hint = "If it stays so, check the provider's address: what answers there may be no model."
        raise _failed("transient", usage, reason, "the provider sent no answer", hint)
    if reason is None:
        raise _failed("transient", usage, reason, "the answer ended before it was complete")
    if ended in CUT:
        hint = "Raise the agent's max_tokens, or ask for a shorter answer."
        raise _failed("agent", usage, reason, "the answer was cut at the token limit", hint)
    if ended in FILTERED:
        hint = "Change the input, or give the agent another model."
        raise _failed("agent", usage, reason, "the provider's content filter ended the answer", hint)
    if ended in BROKEN:
        raise _failed("agent", usage, reason, f"the answer ended in an error ({one_line(reason, 40)})")
    calls = answer.tool_calls()
    if not answer.text.strip() and not calls:
        raise _failed("agent", usage, reason, "the answer is empty")
    return Reply(answer.text, usage, calls)


def _failed(kind: FailureClass, usage: Usage, reason: str | None, words: str, hint: str = "") -> CallFailed:
    spent = {"tokens_in": usage.tokens_in, "tokens_out": usage.tokens_out, "cost_usd": usage.cost_usd}
    detail = {"model": usage.model, "finish_reason": reason, "usage": spent}
    return CallFailed(Failure(kind, f"{usage.model}: {words}.", hint, detail), usage)
