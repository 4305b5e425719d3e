"""The engine inside other programs: `from workflows.embedding import Engine`. docs/embedding.md shows how."""

from workflows.embedding.engine import Engine, Invalid, Options
from workflows.embedding.functions import step_kind
from workflows.embedding.metrics import Metrics
from workflows.embedding.middleware import Middleware, Next
from workflows.runs.events import facts_in

__all__ = ["Engine", "Invalid", "Metrics", "Middleware", "Next", "Options", "facts_in", "step_kind"]
