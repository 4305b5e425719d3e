"""The path rule: what is refused and by which rule, and that swapping folders for links never leads out."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skills.paths import PathRefused, check_writable, open_beneath, open_folder, real_root, resolve, shown


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "ws"
    (root / "sub").mkdir(parents=True)
    (root / "sub" / "file.txt").write_text("inside")
    (tmp_path / "ws-evil").mkdir()
    (tmp_path / "ws-evil" / "secret").write_text("outside")
    (root / "out").symlink_to(tmp_path / "ws-evil")
    (root / "out-file").symlink_to(tmp_path / "ws-evil" / "secret")
    (root / "in").symlink_to("sub")
    (root / "loop").symlink_to("loop")
    (root / "chain").symlink_to("out")
    return root


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (".", "."),
        ("sub/file.txt", "sub/file.txt"),
        ("in/file.txt", "sub/file.txt"),
        ("sub/../sub/./file.txt", "sub/file.txt"),
        ("new/deep/file", "new/deep/file"),
        ("..hidden", "..hidden"),
        ("~/file", "~/file"),
        ("-rf", "-rf"),
        ("a\\b", "a\\b"),
        ("sub/" + "é" * 50, "sub/" + "é" * 50),
    ],
)
def test_paths_inside_resolve(given: str, wanted: str, root: Path) -> None:
    assert shown(root, resolve(root, given)) == wanted
    assert shown(root, resolve(root, str(root / given))) == wanted


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        ("", "empty"),
        ("a\0b", "nul"),
        ("..", "parent"),
        ("../ws-evil/secret", "parent"),
        ("sub/../../ws-evil/secret", "parent"),
        ("../ws-evil/../ws-evil", "parent"),
        ("/etc/passwd", "absolute"),
        ("/", "absolute"),
        ("//etc/passwd", "absolute"),
        ("/proc/self/root/etc/passwd", "absolute"),
        ("/proc/self/cwd", "absolute"),
        ("out/secret", "link"),
        ("out-file", "link"),
        ("chain/secret", "link"),
        ("out/new-file", "link"),
        ("loop", "name"),
        ("x\ud800", "name"),
    ],
)
def test_paths_outside_are_refused_by_name(given: str, rule: str, root: Path) -> None:
    with pytest.raises(PathRefused) as caught:
        resolve(root, given)
    assert caught.value.failure.detail == {"rule": rule}
    assert caught.value.failure.kind == "denied"


def test_a_twin_prefix_is_not_inside(root: Path) -> None:
    with pytest.raises(PathRefused):
        resolve(root, f"{root}-evil/secret")


def test_a_relative_path_starts_at_cwd(root: Path) -> None:
    assert shown(root, resolve(root, "file.txt", cwd=root / "sub")) == "sub/file.txt"
    with pytest.raises(PathRefused):
        resolve(root, "file.txt", cwd=root.parent)


def test_a_workspace_may_be_reached_through_a_link(root: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(root)
    assert resolve(real_root(link), "sub/file.txt") == root.resolve() / "sub" / "file.txt"


@given(
    st.lists(st.sampled_from(["..", ".", "sub", "out", "in", "chain", "new", "/", "ws", "ws-evil", ""]), max_size=12)
)
def test_whatever_resolves_is_inside(tmp_path_factory: pytest.TempPathFactory, parts: list[str]) -> None:
    base = tmp_path_factory.getbasetemp() / "property"
    root = base / "ws"
    if not root.exists():
        (root / "sub").mkdir(parents=True)
        (base / "ws-evil").mkdir()
        (root / "out").symlink_to(base / "ws-evil")
        (root / "in").symlink_to("sub")
        (root / "chain").symlink_to("out")
    try:
        found = resolve(root, "/".join(parts))
    except PathRefused:
        return
    assert os.path.realpath(found) == str(found)
    assert os.path.commonpath([found, root.resolve()]) == str(root.resolve())


@pytest.mark.parametrize(
    "given", [".git/hooks/x", ".understudy/skills/a.py", "sub/.git/config", ".GIT/config", ".git./x", ".git", "."]
)
def test_tools_never_write_what_is_run_or_obeyed(given: str, root: Path) -> None:
    with pytest.raises(PathRefused) as caught:
        check_writable(root, resolve(root, given))
    assert caught.value.failure.detail == {"rule": "protected"}


@pytest.mark.parametrize("given", [".gitignore", "git/x", "understudy/x", ".github/workflows/x.yml"])
def test_names_that_only_look_alike_may_be_written(given: str, root: Path) -> None:
    check_writable(root, resolve(root, given))


def test_only_plain_files_open(root: Path) -> None:
    os.mkfifo(root / "pipe")
    with open(open_beneath(root, resolve(root, "sub/file.txt"))) as file:
        assert file.read() == "inside"
    for name in ("pipe", "sub", "."):
        with pytest.raises(PathRefused, match="not a plain file"):
            open_beneath(root, resolve(root, name))
    with pytest.raises(FileNotFoundError):
        open_beneath(root, resolve(root, "sub/none"))


def test_a_link_that_appears_after_resolving_is_refused(root: Path, tmp_path: Path) -> None:
    path = resolve(root, "sub/file.txt")
    (root / "sub").rename(root / "moved")
    (root / "sub").symlink_to(tmp_path / "ws-evil")
    (tmp_path / "ws-evil" / "file.txt").write_text("outside")
    for call in (lambda: open_beneath(root, path), lambda: open_folder(root, path.parent, create=True)):
        with pytest.raises(PathRefused) as caught:
            call()
        assert caught.value.failure.detail == {"rule": "link"}


def test_swapping_a_folder_for_a_link_never_leads_out(root: Path, tmp_path: Path) -> None:
    (tmp_path / "ws-evil" / "file.txt").write_text("outside")
    stop = threading.Event()

    def swap() -> None:
        while not stop.is_set():
            (root / "sub").rename(root / "aside")
            (root / "sub").symlink_to(tmp_path / "ws-evil")
            (root / "sub").unlink()
            (root / "aside").rename(root / "sub")

    swapper = threading.Thread(target=swap)
    swapper.start()
    read: set[str] = set()

    def look() -> None:
        with open(open_beneath(root, resolve(root, "sub/file.txt"))) as file:
            read.add(file.read())

    try:
        for _ in range(3000):
            try:
                look()
            except (PathRefused, OSError):
                pass  # caught in the middle of a swap
    finally:
        stop.set()
        swapper.join()
    look()  # maybe every one before was caught
    assert read == {"inside"}
