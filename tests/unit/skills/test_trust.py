"""Who is trusted: this very folder, and nobody where that cannot be told."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from skills.trust import TrustStore
from workflows.clock import SystemClock
from workflows.errors import UnderstudyError


@pytest.fixture
def store(tmp_path: Path) -> TrustStore:
    return TrustStore(tmp_path / "state" / "trusted.json", SystemClock())


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    (tmp_path / "work" / "inner").mkdir(parents=True)
    return tmp_path / "work"


def test_trust_is_given_kept_and_taken_back(store: TrustStore, workspace: Path, tmp_path: Path) -> None:
    assert not store.is_trusted(workspace)
    store.trust(workspace)
    assert store.is_trusted(workspace)
    assert TrustStore(tmp_path / "state" / "trusted.json", SystemClock()).is_trusted(workspace)
    assert store.entries()[str(workspace.resolve())] > 1_600_000_000
    store.revoke(workspace)
    assert not store.is_trusted(workspace)


def test_a_folder_is_trusted_by_itself_alone(store: TrustStore, workspace: Path, tmp_path: Path) -> None:
    store.trust(workspace)
    assert not store.is_trusted(workspace / "inner")
    assert not store.is_trusted(tmp_path)
    assert not store.is_trusted(tmp_path / "work-evil")


def test_identity_is_the_real_path(store: TrustStore, workspace: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(workspace)
    store.trust(link)
    assert store.is_trusted(workspace)
    link.unlink()
    (tmp_path / "evil").mkdir()
    link.symlink_to(tmp_path / "evil")
    assert not store.is_trusted(link)


def test_files_are_private_whatever_the_umask(store: TrustStore, workspace: Path, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        store.trust(workspace)
    finally:
        os.umask(before)
    folder = tmp_path / "state"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


@pytest.mark.parametrize("content", ["", "{", "[]", '{"workspaces": []}', '{"workspaces": {"/": "yes"}}', "\xff"])
def test_a_broken_file_trusts_nobody_and_is_not_overwritten(content: str, store: TrustStore, workspace: Path) -> None:
    store.trust(workspace)
    path = workspace.parent / "state" / "trusted.json"
    path.write_bytes(content.encode("latin-1"))
    assert not store.is_trusted(workspace)
    with pytest.raises(UnderstudyError, match="cannot be relied on") as caught:
        store.trust(workspace)
    assert "delete the file" in caught.value.hint
    assert path.read_bytes() == content.encode("latin-1")


def test_a_file_that_others_can_write_trusts_nobody(store: TrustStore, workspace: Path, tmp_path: Path) -> None:
    store.trust(workspace)
    (tmp_path / "state" / "trusted.json").chmod(0o622)
    assert not store.is_trusted(workspace)


def test_only_a_folder_can_be_trusted(store: TrustStore, tmp_path: Path) -> None:
    with pytest.raises(UnderstudyError, match="is not a folder"):
        store.trust(tmp_path / "nowhere")


def test_two_writers_lose_nothing(tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    path = tmp_path / "trusted.json"
    roots = [tmp_path / str(number) for number in range(20)]
    for root in roots:
        root.mkdir()
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda root: TrustStore(path, SystemClock()).trust(root), roots))
    assert len(json.loads(path.read_text())["workspaces"]) == 20


def test_a_folder_that_became_another_users_is_not_trusted(store: TrustStore, workspace: Path, tmp_path: Path) -> None:
    store.trust(workspace)
    path = tmp_path / "state" / "trusted.json"
    data = json.loads(path.read_text())
    assert data["owners"] == {str(workspace.resolve()): os.stat(workspace).st_uid}
    for owners, trusted in (({str(workspace.resolve()): os.geteuid() + 1}, False), ({}, True), ([], False)):
        path.write_text(json.dumps({**data, "owners": owners}))
        assert store.is_trusted(workspace) is trusted
    del data["owners"]  # as versions before this one wrote it
    path.write_text(json.dumps(data))
    assert store.is_trusted(workspace)
