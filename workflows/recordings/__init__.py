"""Recordings: what a run asked of the outside and was answered, in a file, to be played again without the outside."""

from workflows.recordings.file import Unreadable, read_recording, write_recording
from workflows.recordings.play import Played, play
from workflows.recordings.recording import Consulted, Exchange, Head, Recording, Reply
from workflows.recordings.replay import Difference
from workflows.recordings.taking import Unrecordable, recording_of

__all__ = [
    "Consulted",
    "Difference",
    "Exchange",
    "Head",
    "Played",
    "Recording",
    "Reply",
    "Unreadable",
    "Unrecordable",
    "play",
    "read_recording",
    "recording_of",
    "write_recording",
]
