"""The finish reason that a stream received: the proof that an answer is whole. litellm makes one up where none came."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

MADE_UP = frozenset({"stop", "tool_calls", "function_call"})
"""What litellm's Gemini adapter calls every chunk's end."""


class Finish:
    """Reads litellm's stream wrapper. For Gemini it also looks at the provider's own chunks, as they are parsed."""

    def __init__(self) -> None:
        self._stream: Any = None
        self._native: str | None = None

    async def watch(self, stream: Any, model: str) -> None:
        """Begin with a stream just opened. Raises what its connection raises."""
        self._stream = stream
        if not model.startswith(("gemini/", "vertex_ai/gemini")):
            return
        await stream.fetch_stream()
        source = stream.completion_stream
        source.chunk_parser = self._noting(source.chunk_parser)

    @property
    def reason(self) -> str | None:
        if self._stream is None:
            return None
        received = self._stream.received_finish_reason or self._native
        passing = self._stream.intermittent_finish_reason
        return received or (None if passing in MADE_UP else passing)

    def _noting(self, parse: Callable[..., Any]) -> Callable[..., Any]:
        def parse_and_note(chunk: Any) -> Any:
            for candidate in chunk.get("candidates") or () if isinstance(chunk, dict) else ():
                self._native = candidate.get("finishReason") or self._native
            return parse(chunk=chunk)

        return parse_and_note
