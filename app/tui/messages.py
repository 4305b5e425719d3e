"""What the app tells its screens, besides what the bridge hands on."""

from __future__ import annotations

from textual.message import Message

from app.named_workflows import WorkflowFile
from workflows.errors import UnderstudyError
from workflows.journal.port import Waiting
from workflows.records import dataclass


@dataclass
class ServicesOpened(Message):
    """The journal and all else is there: screens may fill."""


@dataclass
class ServicesFailed(Message):
    """The services could not be opened. Nothing can be run."""

    error: UnderstudyError


@dataclass
class InboxChanged(Message):
    """What waits for a person, in all runs, is another list now."""

    waiting: tuple[Waiting, ...]


@dataclass
class WorkflowsListed(Message):
    """The workflow files were read again."""

    files: tuple[WorkflowFile, ...]


@dataclass
class Reloaded(Message):
    """A skill, an agent or a workflow was read again, or is broken now."""
