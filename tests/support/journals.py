"""Makers of small, real lists of events and of their summaries."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from workflows.effects import Spending, Usage
from workflows.errors import Failure
from workflows.journal.codec import encode
from workflows.journal.port import Summary, Waiting
from workflows.runs import events as e

BEGAN = 1_700_000_000.0
"""When runs of the tests begin, in seconds since the epoch. Each event is one second after the one before it."""


def recorded(*events: e.Event, after: int = 0) -> list[e.Recorded]:
    """The events with their places behind `after`, and times."""
    return [e.Recorded(after + place, BEGAN + after + place, event) for place, event in enumerate(events, 1)]


def started(workflow: str = "release-notes", **more: Any) -> e.RunStarted:
    """The first event of a run."""
    return e.RunStarted(
        workflow=workflow,
        title=workflow.replace("-", " ").capitalize(),
        source=f"name: {workflow}\nsteps:\n  - {{id: log, type: skill, skill: git.log}}\n",
        parameters={"audience": "users", "since": None, "limit": 20},
        plan={"title": workflow, "steps": [{"id": "log"}, {"id": "notes"}]},
        root="/home/ada/project",
        digests={"skill:git.log": "a" * 64},
        environment={"LANG": "en"},
        attended=True,
        nonce="7" * 32,
        **more,
    )


def short_run() -> list[e.Recorded]:
    """A run of two steps, skill and agent, from its start to its end."""
    output = {"commits": [{"id": "c0ffee", "subject": "Say “déjà vu” twice"}], "count": 1}
    usage = Usage("demo/scripted", 120, 30, None, 0.0, simulated=True)
    return recorded(
        started(),
        e.StepStarted("log", {"parameters": {"repo": "."}}),
        e.AttemptStarted("log", 1, "git.log", "a" * 64),
        e.CallStarted("log", "run", 1, "pure", {"skill": "git.log"}, "b" * 64, "c" * 64),
        e.CallFinished("log", "run", output),
        e.AttemptFinished("log", 1, "succeeded"),
        e.StepFinished("log", "succeeded", output),
        e.StepStarted("notes", {"input": "Write release notes"}),
        e.AttemptStarted("notes", 1, "writer"),
        e.CallStarted("notes", "turn1", 1, "unsafe", {"model": "demo/scripted"}, "d" * 64, "f" * 64),
        e.CallFinished("notes", "turn1", {"text": "## Notes"}, usage),
        e.AttemptFinished("notes", 1, "succeeded"),
        e.StepFinished("notes", "succeeded", {"text": "## Notes"}),
        e.RunFinished("succeeded", {"notes": "## Notes"}),
    )


def asked(entry: str = "notes/approve1", step: str = "notes") -> e.Asked:
    """A person is needed."""
    return e.Asked(
        entry=entry,
        step=step,
        key="approve",
        reason="approval",
        title="Write RELEASE_NOTES.md?",
        body="--- a\n+++ b\n",
        facts={"file": "RELEASE_NOTES.md"},
        choices=("approve", "deny"),
        digest="e" * 64,
        until=BEGAN + 3600.5,
        default="deny",
        language="diff",
        tool="file.write",
        pattern="file.write(path=docs/**)",
    )


def every_event() -> list[e.Recorded]:
    """Each kind of event, its optional fields filled. No run is like this; it shows all that a journal can hold."""
    failure = Failure("rate_limited", "429 from the model", "Wait a little", {"status": 429}, 12.5, "RateLimitError")
    spent = Spending(90, 12, 0.125, False, True)
    reused = e.StepReused(
        "log", "0a1b2c3d", "failed", {"x": 1}, [2], failure, "continue", "why", 1, spent, ("m",), "ada"
    )
    return recorded(
        started(
            forked_from="0a1b2c3d", fork_at="notes", fresh=True, published="release-notes@2", cause="schedule:nightly"
        ),
        reused,
        e.RunPaused("lunch"),
        e.RunContinued(),
        e.RunInterrupted("The program was closed"),
        e.RunQueued("all places for runs are taken", 3),
        e.RunAdmitted("cancelled by ada"),
        e.RunResumed(attended=True, interrupted=True),
        e.StepStarted("notes", {"input": "x"}),
        e.StepSkipped("tests", "when was false", "ada"),
        e.InputEdited("notes", {"input": "y"}, "ada"),
        e.AttemptStarted("notes", 1, "writer", "d" * 64, "notes/approve1"),
        e.CallStarted("notes", "turn1", 1, "idempotent", {"model": "m"}, "1" * 64, "2" * 64, "3" * 64),
        e.CallFailed("notes", "turn1", "failed", failure, Usage("openai/gpt-4o", 90, 0, 10, 0.125)),
        e.AttemptFinished("notes", 1, "failed", failure),
        e.RetryScheduled("notes", BEGAN + 60.25, "429, 12.5 s asked for"),
        e.PerformerChosen("notes", "editor", "round robin: its last turn is the longest ago"),
        e.FallbackTaken("notes", "editor", "writer", "the writer failed twice"),
        e.AttemptStarted("notes", 2, "editor"),
        e.CallStarted(
            "notes",
            "turn1",
            2,
            "unsafe",
            {"model": "m"},
            "1" * 64,
            "4" * 64,
            "",
            "openai/m",
            0.25,
            "notes/approve1",
            {"instructions": "Write."},
            "allowed by file.write(path=notes/**), a rule of .understudy/settings.yaml",
        ),
        e.CallFinished("notes", "turn1", {"text": "é\u0000😀\ud800"}, Usage("m", 1, None, 0, None, at_most_usd=0.125)),
        e.CallSettled("notes", "turn1", True, {"found": []}, "ada"),
        e.TimerSet("notes", "sleep1", BEGAN + 90),
        asked(),
        e.PersonTold("notes/approve1", "ops", "the mail server refuses every address (550)"),
        e.ApprovalVoided("notes/approve1", "the file changed"),
        e.Answered("notes/approve1", "approve", {"typed": [1, 2.5, None, True]}, "looks good", "ada", "e" * 64),
        e.CodeAccepted("skill:git.log", "5" * 64, "ada"),
        e.AttemptFinished("notes", 2, "unknown", failure, interrupted=True),
        e.StepFinished("notes", "failed", None, failure, "continue"),
        e.ScopeOpened("all", "all", "each", {"items": ["a", 1, None]}),
        e.ScopeAborted("all", "another was first", failure, "first"),
        e.ScopeClosed("all", "failed", failure, None, "rollback"),
        e.StepFinished("all", "succeeded", [1], cache_key="6" * 64, cached_from="0a1b2c3d", by="ada", spent=spent),
        e.StepsReset(("all", "all[0]"), "again from all", "ada"),
        e.HandlerTaken("all", 0, "retry", "the handler for timeout retries, 1 of 3"),
        e.BudgetRaised("all", 1.5, "ada", "all[0]"),
        e.PriceGiven("openai/m", 2.5, "ada"),
        e.PatternAllowed("notes/approve1", "file.write(path=docs/**)", "ada"),
        e.PatternRevoked(1, "ada"),
        e.Noted("all", "host:api.example.org is left alone for 60 s: 5 failures in a row"),
        e.RequestTaken(7, "pause", "ada"),
        e.RunFinished("failed", {"notes": None}, failure),
    )


def summary(run_id: str, **changes: Any) -> Summary:
    """What a run comes to, as a list shows it: running since BEGAN, unless changed."""
    usual = Summary(
        run_id, "release-notes", "Release notes", "running", BEGAN, BEGAN + 1, steps_total=2, root="/home/ada/project"
    )
    return replace(usual, **changes)


def waiting(run_id: str, entry: str = "notes/approve1", when: float = BEGAN) -> Waiting:
    """One entry of a run's inbox."""
    return Waiting(run_id, entry, "notes", "approval", "Write RELEASE_NOTES.md?", when, ("approve", "deny"))


def lines(events: Iterable[e.Recorded]) -> str:
    """The events as JSON lines: seq, at, type, version, body."""
    return "".join(
        json.dumps(
            {
                "seq": one.seq,
                "at": one.at,
                "type": type(one.event).__name__,
                "version": one.event.version,
                "body": encode(one.event),
            }
        )
        + "\n"
        for one in events
    )


if __name__ == "__main__":
    # Run before a release: `python -m tests.support.journals tests/contract/journals/<version>.jsonl`
    Path(sys.argv[1]).write_text(lines(every_event()), encoding="utf-8")
