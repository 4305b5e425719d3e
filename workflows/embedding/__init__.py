"""The engine inside other programs: `from workflows.embedding import Engine`. docs/embedding.md shows how."""

from workflows.embedding.engine import Engine, Invalid, Options
from workflows.embedding.functions import step_kind
from workflows.embedding.metrics import Metrics
from workflows.embedding.middleware import Middleware, Next

__all__ = ["Engine", "Invalid", "Metrics", "Middleware", "Next", "Options", "step_kind"]
