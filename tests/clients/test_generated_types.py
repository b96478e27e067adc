"""The types that openapi-typescript makes of the control API's document, compiled with a program that uses them."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import orjson
import pytest

from tests.control.answers import document

PROGRAM = Path(__file__).with_name("typed_client.ts")
TOOLS = [shutil.which(name) for name in ("node", "openapi-typescript", "tsc")]

pytestmark = pytest.mark.skipif(
    None in TOOLS,
    reason="NOT TESTED HERE: generated TypeScript, since 'npm install -g openapi-typescript typescript' was not run",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``control.ts``, as generated, and the program."""
    found = tmp_path_factory.mktemp("typescript")
    (found / "control.json").write_bytes(orjson.dumps(document()))
    _run(found, "openapi-typescript", "control.json", "--output", "control.ts")
    shutil.copy(PROGRAM, found)
    return found


def test_a_program_compiles_strictly(folder: Path) -> None:
    """Its ``@ts-expect-error`` lines are errors, and the type ``Unknown`` of all that is unknown is empty."""
    _run(folder, "tsc", "--strict", "--noEmit", "--target", "es2022", "--moduleResolution", "node", PROGRAM.name)


def test_no_member_is_unknown(folder: Path) -> None:
    """What remains: headers of answers, unknown in every such document, and arrays in arrays in arrays of any JSON."""
    lines = (folder / "control.ts").read_text("utf-8").splitlines()
    unknown = [line.strip() for line in lines if re.search(r"(: unknown|\| unknown)[;\[]", line)]
    assert [line for line in unknown if not line.startswith(("[name: string]:", "JsonValue:"))] == []


def _run(folder: Path, tool: str, *arguments: str) -> None:
    found = shutil.which(tool)
    assert found is not None
    run = subprocess.run(
        [found, *arguments], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120
    )
    assert run.returncode == 0, run.stdout
