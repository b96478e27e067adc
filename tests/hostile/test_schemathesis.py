"""Schemathesis over both documents that a server gives: no input is answered 5xx, but for the 501 of what has no rule.

It takes minutes: ``pytest tests/hostile/test_schemathesis.py --heavy -s`` prints how much was sent. The phase
``coverage`` sends the same whatever the seed is, so that only the first seed has it.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.processes import Server

pytestmark = pytest.mark.heavy

SEEDS = (1, 2, 3, 4, 5)
DOCUMENTS = {"api": "/_mock/openapi.json", "control": "/_mock/control/openapi.json"}
EXAMPLES = os.environ.get("MOCKSERVER_FUZZ", "10")
"""For each operation."""

CONFIGURATION = """
[checks]
enabled = false
[checks.not_a_server_error]
enabled = true
expected-statuses = ["2xx", "3xx", "4xx", 501]
"""


@pytest.fixture
def url() -> Iterator[str]:
    server = Server("--auth", "off", "--scenario", "portfolio-switch")
    yield server.url
    server.stop()


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("document", DOCUMENTS)
def test_nothing_that_the_document_allows_or_forbids_breaks_the_server(
    document: str, seed: int, url: str, tmp_path: Path
) -> None:
    configuration = tmp_path / "schemathesis.toml"
    configuration.write_text(CONFIGURATION)
    phases = "examples,coverage,fuzzing,stateful" if seed == SEEDS[0] else "examples,fuzzing"
    client = requests.get(f"{url}/_mock/worlds/default", timeout=60).json()["client_id"]
    arguments = ["--seed", str(seed), "--max-examples", EXAMPLES, "--phases", phases, "--continue-on-failure"]
    found = subprocess.run(
        [
            str(Path(sys.executable).with_name("schemathesis")),
            *("--config-file", str(configuration), "run", f"{url}{DOCUMENTS[document]}", "--url", url, "--no-color"),
            *("-H", f"upvest-client-id: {client}", "--exclude-path-regex", "/feed$", *arguments),  # which has no end
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    counts = re.search(r"Test cases:\n\s+(.*)", found.stdout)
    print(f"{document}, seed {seed}: {counts[1] if counts else 'nothing'}")
    assert found.returncode == 0, found.stdout[-10_000:]
    assert counts is not None, found.stdout[-2_000:]
    assert requests.get(f"{url}/_mock/worlds", timeout=60).status_code == 200
