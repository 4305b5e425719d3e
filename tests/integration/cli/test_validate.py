"""`understudy validate` shows every error of every file, for people and for programs."""

from __future__ import annotations

from tests.support.broken_files import broken_files
from tests.support.command_line import CommandLine


def test_all_broken_files_at_once_with_every_place_and_caret(line: CommandLine) -> None:
    files = broken_files()
    ended = line.run("validate", *(str(file.path) for file in files))
    assert ended.code == 2
    for file in files:
        for expected in file.expected:
            place = f"{file.path}:{expected.line}:{expected.column}: {expected.severity}: "
            assert place in ended.stdout, f"{place}{expected.message}"
    assert f"{len(files)} files: " in ended.stderr
    assert "^~" in ended.stdout


def test_the_same_as_one_document(line: CommandLine) -> None:
    files = broken_files()
    document = line.run("validate", "--json", *(str(file.path) for file in files)).document
    assert document["valid"] is False
    assert [entry["file"] for entry in document["files"]] == [str(file.path) for file in files]
    for entry, file in zip(document["files"], files, strict=True):
        found = [(d["line"], d["column"], d["code"]) for d in entry["diagnostics"]]
        # What exists here differs from the small catalogue that the files were written for.
        named = {"unknown-skill", "unknown-agent", "unknown-workflow"}
        wanted = [(e.line, e.column, e.code) for e in file.expected if e.code not in named]
        assert [place for place in found if place[2] not in named] == wanted, file.path.name


def test_what_comes_with_it_is_valid(line: CommandLine) -> None:
    ended = line.run("validate", "release-notes")
    assert (ended.code, ended.stdout.count(": ok")) == (0, 1)


def test_names_paths_and_what_is_not_there_in_one_command(line: CommandLine) -> None:
    line.write("good.yaml", "workflow:\n  name: Good\n  steps:\n    - {id: a, type: transform, value: 1}\n")
    line.write("binary.yaml", "")
    (line.cwd / "binary.yaml").write_bytes(b"\xff\xfe\x00\x01")
    ended = line.run("validate", "good.yaml", "release-notes", "nowhere.yaml", "binary.yaml", "no-such-name")
    assert ended.code == 2
    assert "good.yaml: ok" in ended.stdout
    assert "nowhere.yaml" in ended.stdout
    assert "no-such-name" in ended.stdout
    assert "binary.yaml" in ended.stdout


def test_a_file_that_is_no_utf8_says_so_in_plain_words(line: CommandLine) -> None:
    (line.cwd / "w.yaml").write_bytes("name: W\nsteps: []\n".encode("latin-1") + b"# caf\xe9\n")
    for command in ("validate", "run", "plan"):
        ended = line.run(command, "w.yaml")
        assert (
            ended.code,
            "cannot be read: the byte 0xE9 is not UTF-8 (line 3, column 6)" in ended.stderr + ended.stdout,
        ) == (2, True)
        assert "codec" not in ended.stderr + ended.stdout


def test_without_a_name_it_checks_what_is_yours(line: CommandLine) -> None:
    line.write(".understudy/workflows/mine.yaml", "workflow:\n  name: Mine\n  descripton: x\n")
    ended = line.run("validate")
    assert ended.code == 2
    assert "mine.yaml:3:3" in ended.stdout
    assert "did you mean 'description'" in ended.stdout
    assert line.run("run", "mine").code == 4, "and nothing of it runs before the folder is trusted"
