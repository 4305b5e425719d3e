"""A few of the calls that `./dev proof api` makes: no fault of ours, and every answer is as the document says."""

from __future__ import annotations

import json
import urllib.request

import pytest

from tests.proof.api import fuzz, threaded


@pytest.mark.filterwarnings("ignore:Do not use the `random` module")  # the library's own
def test_a_few_calls_of_each_kind_are_answered_as_the_document_says() -> None:
    with threaded() as (url, token, names):
        request = urllib.request.Request(  # our own server
            f"{url}/api/v1/openapi.json", headers={"Authorization": f"Bearer {token}"}
        )
        with urllib.request.urlopen(request, timeout=60) as answer:  # our own server
            document = json.load(answer)
        statuses = fuzz(document, url, token, names, 2)
    assert sum(statuses.values()) >= 2 * len(document["paths"])
    assert not [line for line in statuses if line.rpartition(" ")[2].startswith("5")]
