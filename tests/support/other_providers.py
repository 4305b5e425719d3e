"""Anthropic, Gemini and Ollama as they stream an answer: "Hello", " there", and with Anthropic one tool call.

Behaviours for an `OpenAIServer(any_path=True)`, which tells the protocols apart by their paths.
"""

from __future__ import annotations

import json
from typing import Any, Literal

from tests.support.openai_server import Behaviour, Exchange

End = Literal["whole", "cut", "none", "lost"]
"""whole: finished by the model. cut: at the token limit. none: the stream ends cleanly without a finish reason.
lost: the connection ends in the midst of the stream."""


def say_hello(end: End = "whole") -> Behaviour:
    async def behave(exchange: Exchange) -> None:
        async def send(pieces: list[str]) -> None:
            await exchange.start_stream()
            for piece in pieces:
                await exchange.piece(piece.encode())
            if end != "lost":
                await exchange.end_stream()

        path = exchange.received.path
        if path.endswith("/messages"):
            await send([f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in _anthropic(end)])
        elif "/models/" in path:
            await send([f"data: {json.dumps(event)}\n\n" for event in _gemini(end)])
        elif path == "/api/chat":
            await send([json.dumps(event) + "\n" for event in _ollama(end)])
        else:
            await exchange.hang()

    return behave


def _anthropic(end: End) -> list[dict[str, Any]]:
    usage = {"input_tokens": 25, "output_tokens": 1, "cache_read_input_tokens": 5}
    message = {"id": "m", "type": "message", "role": "assistant", "content": [], "model": "c", "usage": usage}
    call = {"type": "tool_use", "id": "call_a", "name": "read", "input": {}}
    events: list[dict[str, Any]] = [
        {"type": "message_start", "message": message},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hello"}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": " there"}},
        {"type": "content_block_stop", "index": 0},
        {"type": "content_block_start", "index": 1, "content_block": call},
        {"type": "content_block_delta", "index": 1, "delta": {"type": "input_json_delta", "partial_json": '{"path": '}},
        {"type": "content_block_delta", "index": 1, "delta": {"type": "input_json_delta", "partial_json": '"a"}'}},
        {"type": "content_block_stop", "index": 1},
    ]
    if end in ("none", "lost"):
        return events
    reason = {"stop_reason": "max_tokens" if end == "cut" else "tool_use", "stop_sequence": None}
    return [
        *events,
        {"type": "message_delta", "delta": reason, "usage": {"output_tokens": 15}},
        {"type": "message_stop"},
    ]


def _gemini(end: End) -> list[dict[str, Any]]:
    def event(text: str, answered: int, **more: Any) -> dict[str, Any]:
        candidate = {"content": {"parts": [{"text": text}], "role": "model"}, "index": 0, **more}
        counts = {"promptTokenCount": 30, "candidatesTokenCount": answered, "totalTokenCount": 30 + answered}
        return {"candidates": [candidate], "usageMetadata": counts}

    reason = {"whole": {"finishReason": "STOP"}, "cut": {"finishReason": "MAX_TOKENS"}, "none": {}, "lost": {}}[end]
    return [event("Hello", 1), event(" there", 15, **reason)]


def _ollama(end: End) -> list[dict[str, Any]]:
    def event(text: str, **more: Any) -> dict[str, Any]:
        message = {"role": "assistant", "content": text}
        return {"model": "m", "created_at": "2024-01-01T00:00:00Z", "message": message, "done": False, **more}

    events = [event("Hello"), event(" there")]
    if end in ("none", "lost"):
        return events
    counts = {"prompt_eval_count": 30, "eval_count": 15}
    return [*events, event("", done=True, done_reason="length" if end == "cut" else "stop", **counts)]
