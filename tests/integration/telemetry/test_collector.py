"""A run as a collector gets it: one trace over two processes, metrics, and nothing of what was said."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.support.collector import collecting, plain
from tests.support.command_line import CommandLine

PAGE = Path(__file__).parents[3] / "docs" / "agents.md"
ERROR = 2
CLIENT = 3


@pytest.fixture
def line(tmp_path: Path) -> CommandLine:
    for name in ("work", "home"):
        (tmp_path / name).mkdir()
    return CommandLine(tmp_path / "work", tmp_path / "home")


def test_a_run_is_a_trace_with_metrics_and_no_content(line: CommandLine) -> None:
    written = PAGE.read_text().partition("### Without a model")[2].partition("```markdown\n")[2].partition("```")[0]
    line.write(".understudy/agents/note-taker.md", written)
    line.write("README.md", "# Here\n")
    line.write(
        "w.yaml",
        "name: W\nsteps:\n  - {id: note, type: agent, agent: note-taker, input: Canary input.}\n"
        "  - {id: gone, type: skill, skill: file.read, parameters: {path: canary-path}, on_failure: continue}\n",
    )
    assert line.run("trust", "--yes").code == 0
    with collecting() as collector:
        environ = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.address, "OTEL_RESOURCE_ATTRIBUTES": "team=tea"}
        assert line.run("run", "w.yaml", **environ).code == 3
        assert line.run("answer", "last", "note:1", "approve", **environ).code == 0
    assert {resource["service.name"] for resource in collector.resources} == {"understudy"}
    assert {resource["team"] for resource in collector.resources} == {"tea"}
    assert len({span.trace_id for span in collector.spans}) == 1
    by_id = {span.span_id: span for span in collector.spans}

    def path(span: object) -> list[str]:
        parent = by_id.get(span.parent_span_id)  # type: ignore[attr-defined]  # made by protobuf
        return [*(path(parent) if parent else []), span.name]  # type: ignore[attr-defined]

    paths = [" / ".join(path(span)) for span in collector.spans]
    begin = "invoke_workflow w / step note / invoke_agent note-taker / "
    assert begin + "execute_tool file.read" in paths, paths
    assert any(each.startswith(begin + "chat ") for each in paths), paths
    chat = collector.named("chat ")[0]
    attributes = plain(chat.attributes)
    assert chat.kind == CLIENT
    assert attributes["gen_ai.operation.name"] == "chat"
    assert {"gen_ai.provider.name", "gen_ai.request.model", "gen_ai.usage.input_tokens"} <= set(attributes)
    assert chat.end_time_unix_nano >= chat.start_time_unix_nano > 1_600_000_000 * 10**9
    failed = {span.name: plain(span.attributes)["error.type"] for span in collector.spans if span.status.code == ERROR}
    assert set(failed) == {"step gone", "attempt 1", "execute_tool file.read"}
    (wait,) = collector.named("wait for approval")[:1]
    assert wait.status.code == 0, "that a person is needed is no error"
    assert {"gen_ai.client.operation.duration", "gen_ai.client.token.usage"} <= set(collector.metrics)
    assert any(labels.get("error.type") for labels, _, _ in collector.metrics["understudy.attempt.duration"])
    for word in (b"Canary", b"canary-path", b"# Here", b"notes.md"):
        assert not any(word in body for body in collector.bodies)


@pytest.mark.parametrize("what", ["refuses", "is gone", "never answers"])
def test_a_collector_that_fails_costs_a_run_nothing(line: CommandLine, what: str) -> None:
    line.write("w.yaml", "name: W\nsteps:\n  - {id: look, type: skill, skill: file.list, parameters: {path: .}}\n")
    with collecting(500) as collector, socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        address = {
            "refuses": collector.address,
            "is gone": "http://127.0.0.1:9",
            "never answers": f"http://127.0.0.1:{port}",
        }
        done = line.run("run", "w.yaml", "--json", OTEL_EXPORTER_OTLP_ENDPOINT=address[what])
    assert (done.code, done.document["status"]) == (0, "succeeded")
    assert "Traceback" not in done.stderr


def test_without_an_address_nothing_of_it_is_loaded_and_another_protocol_is_said(line: CommandLine) -> None:
    line.write("w.yaml", "name: W\nsteps:\n  - {id: look, type: transform, value: 1}\n")
    environ = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}
    assert line.run("run", "w.yaml", **environ).code == 0
    log = (line.home / "state" / "log" / "understudy.log").read_text()
    assert "only http/protobuf is spoken here, not grpc" in log
