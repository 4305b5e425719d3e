"""Real models' library against a server of ours. One litellm for all tests of a file: importing it takes seconds."""

from collections.abc import AsyncIterator, Iterator

import pytest

from agents.models.litellm_model import LitellmModel
from tests.support.openai_server import OpenAIServer
from tests.support.real_models import LocalKeys, litellm_model


@pytest.fixture(scope="module")
def loaded() -> Iterator[tuple[LitellmModel, LocalKeys]]:
    with litellm_model() as loaded:
        yield loaded


@pytest.fixture
async def server(loaded: tuple[LitellmModel, LocalKeys]) -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer() as server:
        loaded[1].serve_from(server)
        yield server


@pytest.fixture
def model(loaded: tuple[LitellmModel, LocalKeys]) -> LitellmModel:
    return loaded[0]
