"""Who takes part: the floor, ourselves, and the peers, with the durability that they have by themselves."""

from __future__ import annotations

from benchmarks.entrant import Profile

FLOOR = Profile("floor", "floor", "floor.py", "start and end of each step, before anything that follows acts")
OURS = Profile("understudy", "Understudy", "ours.py", "every event of each step, before anything that follows acts")
COMMAND = Profile("command", "Understudy, its command", "ours.py", OURS.keeps, rows=("process", "killed"))

NO_RESUME = ("chain", "fan-out", "runs", "process")

PEERS = (
    Profile("burr", "Burr", "peers/burr.py", "the state after each step"),
    Profile(
        "langgraph", "LangGraph", "peers/langgraph.py", "the state after each step, while the next one already runs"
    ),
    Profile(
        "langgraph-sync",
        "LangGraph, sync and FULL",
        "peers/langgraph.py",
        "the state after each step",
        environ={"DURABILITY": "sync"},
    ),
    Profile("dbos", "DBOS", "peers/dbos.py", "the result of each step"),
    Profile(
        "crewai",
        "CrewAI flows",
        "peers/crewai.py",
        "the state after each step, but not how far it came",
        rows=NO_RESUME,
        environ={"CREWAI_DISABLE_TELEMETRY": "true", "CREWAI_TRACING_ENABLED": "false", "OTEL_SDK_DISABLED": "true"},
    ),
    Profile(
        "llamaindex",
        "LlamaIndex workflows",
        "peers/llamaindex.py",
        "nothing, unless the caller saves the context",
        durable=False,
        rows=NO_RESUME,
    ),
    Profile(
        "prefect",
        "Prefect",
        "peers/prefect.py",
        "the state of each task, but not its result",
        durable=False,
        rows=("chain", "fan-out", "process"),
        environ={
            "PREFECT_LOGGING_LEVEL": "CRITICAL",
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
        },
    ),
)
