"""What is told of models and servers on the Setup screen, and what is next."""

from __future__ import annotations

from pathlib import Path

from agents.models.detect import Finding
from agents.models.port import Reply
from app.credentials import KeptKey
from app.present.setup import Line, model_lines, sections, tally
from app.trial import Tried
from workflows.effects import Usage
from workflows.errors import Failure

NOTHING = Finding("environment", "missing", "no OPENAI_API_KEY … (11 checked)")
OLLAMA = Finding("ollama", "ready", "Ollama is running, 1 model: qwen3:8b", ("ollama_chat/qwen3:8b",))


def lines(
    *found: Finding, kept: tuple[KeptKey, ...] = (), chosen: str = "", tried: dict[str, Tried] | None = None
) -> list[Line]:
    return list(
        model_lines(
            found, kept, chosen, tried or {}, credentials=Path("/c/credentials"), dotenv=False, root=Path("/project")
        )
    )


def test_without_any_it_says_what_works_and_what_needs_one() -> None:
    first, *rest = lines(NOTHING)
    assert (first.text, first.grade, first.command) == (
        "none ready",
        "note",
        "export UNDERSTUDY_MODEL=<provider>/<model>",
    )
    assert "k keeps a key" in first.next
    assert {"works now", "needs a model"} <= {line.name for line in rest}


def test_what_is_there_is_offered_and_never_called_more_than_found() -> None:
    assert lines(OLLAMA)[0].command == "export UNDERSTUDY_MODEL=ollama_chat/qwen3:8b"
    first, *rest = lines(NOTHING, kept=(KeptKey("GROQ_API_KEY", "file"),))
    assert (first.text, first.command) == ("none chosen", "export UNDERSTUDY_MODEL=groq/<model>")
    assert any(line.text == "GROQ_API_KEY kept in /c/credentials, mode 600, not tested" for line in rest)


def test_what_was_tested_says_what_came_of_it() -> None:
    works = Tried(0.8, Reply("ready", usage=Usage(20, 1, cost_usd=0.0001)))
    fails = Tried(0.1, failure=Failure("authentication", "The key is wrong.", "Make a new one."))
    found = {
        line.name: line for line in lines(NOTHING, chosen="openai/a", tried={"openai/a": works, "openai/b": fails})
    }
    assert (found["default model"].text, found["default model"].grade) == ("openai/a", "ok")
    assert found["openai/a"].text.startswith("tested: answered in 0.8 s")
    assert (found["openai/b"].grade, found["openai/b"].next) == ("bad", "Make a new one.")
    assert tally(list(found.values())) == (1, 0)


def test_sections_keep_their_order_whatever_is_known_first() -> None:
    mixed = [Line("Machine", "disk", "ok"), Line("Models", "x", "y")]
    assert [name for name, found in sections(mixed) if found] == ["Models", "Machine"]
