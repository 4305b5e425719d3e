"""`understudy compose` finds a workflow by words, says so, and runs nothing."""

from __future__ import annotations

from tests.support.command_line import CommandLine

REQUEST = "release notes for developers since last tag"


def test_it_shows_what_was_chosen_why_the_plan_the_yaml_and_the_command(line: CommandLine) -> None:
    ended = line.run("compose", REQUEST)
    assert ended.code == 0
    assert ended.stdout.startswith("release-notes: Release notes (built-in)\n  chosen by word search, not AI; score ")
    assert "audience = developers   (you said 'developers')" in ended.stdout
    assert "Plan of Release notes" in ended.stdout
    assert "workflow:\n  name: Release notes" in ended.stdout
    assert ended.stdout.rstrip().endswith("understudy run release-notes --input audience=developers")
    assert line.run("runs", "--json").document["runs"] == []
    assert not list(line.cwd.iterdir())


def test_where_nothing_fits_it_says_so_and_names_the_closest(line: CommandLine) -> None:
    ended = line.run("compose", "translate the notes of a podcast")
    assert ended.code == 2
    assert "No workflow fits this request well enough (word search, not AI)" in ended.stderr
    assert "The closest:" in ended.stderr
    document = line.run("compose", "translate the notes of a podcast", "--json").document
    assert (document["fits"], document["match"], document["command"]) == (False, None, None)
    assert document["closest"]


def test_the_document_says_that_no_model_had_a_part_in_it(line: CommandLine) -> None:
    document = line.run("compose", *REQUEST.split(), "--json").document
    assert (document["how"], document["model"]) == ("word search, not AI", None)
    assert document["parameters"] == [{"name": "audience", "value": "developers", "why": "you said 'developers'"}]
    assert document["plan"]["summary"]["gates"] == ["publish"]


def test_a_saved_one_has_what_was_filled_in_and_is_never_written_over(line: CommandLine) -> None:
    ended = line.run("compose", REQUEST, "--save", "weekly")
    assert ended.code == 0
    assert ended.stdout.rstrip().endswith("understudy trust\nunderstudy run weekly")
    saved = (line.cwd / ".understudy" / "workflows" / "weekly.yaml").read_text()
    assert "default: developers" in saved
    assert line.run("validate", "weekly").code == 0
    again = line.run("compose", REQUEST, "--save", "weekly")
    assert again.code == 2
    assert "is there already" in again.stderr
    assert line.run("trust", "--yes").code == 0
    assert line.run("plan", "weekly", "--json").document["parameters"]["audience"] == "developers"
