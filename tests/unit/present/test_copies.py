"""What can be copied of a step: its command as it would be typed, its output as it was written."""

from __future__ import annotations

from app.present.copies import command_of, copied, failure_text
from workflows.errors import Failure
from workflows.planning.plan import PlannedStep
from workflows.runs.state import RunState, StepState


def test_a_command_is_copied_as_it_would_be_typed() -> None:
    planned = PlannedStep(
        "say", "skill", fields={"skill": "command", "parameters": {"argv": ["echo", "two words", "$HOME"]}}
    )
    assert command_of(RunState("r"), StepState("say", planned)) == "echo 'two words' '$HOME'"
    assert command_of(RunState("r"), None) == ""


def test_what_an_agent_wrote_is_copied_as_it_wrote_it_and_data_as_json() -> None:
    assert copied({"text": "# Title\n\n**bold**"}) == "# Title\n\n**bold**"
    assert copied({"rows": [1]}) == '{\n  "rows": [\n    1\n  ]\n}'
    assert copied("x" * 9_000) == "x" * 9_000, "long lines stay whole"
    assert copied(None) == ""


def test_a_copy_pastes_no_escape_sequence_into_a_shell() -> None:
    assert "\x1b" not in copied("\x1b[201~rm -rf /\n")
    assert "\x1b" not in failure_text(Failure("business", "\x1b]52;c;x\x07"))


def test_an_error_has_its_class_and_what_to_do() -> None:
    assert failure_text(Failure("business", "exit 1", "Mend it.")) == "exit 1\nclass: business\nhint: Mend it."
