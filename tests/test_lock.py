"""The lock files: every version that the image and CI install is in them, and is one that pyproject.toml allows."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
NEEDED = {"image": [Requirement(each) for each in PROJECT["project"]["dependencies"]]}
NEEDED["constraints"] = [
    *NEEDED["image"],
    *(Requirement(each) for extra in PROJECT["project"]["optional-dependencies"].values() for each in extra),
    *(Requirement(each) for each in PROJECT["build-system"]["requires"]),
]


def pins(name: str) -> dict[str, list[Requirement]]:
    """The pinned versions by name, hashes left out; several where they differ by Python or machine."""
    found: dict[str, list[Requirement]] = {}
    for line in (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith((" ", "#")):
            requirement = Requirement(line.rstrip("\\").strip())
            found.setdefault(canonicalize_name(requirement.name), []).append(requirement)
    return found


def version_of(pin: Requirement) -> str:
    (specifier,) = pin.specifier
    assert specifier.operator == "=="
    return specifier.version


def all_needed(requirements: Iterable[Requirement]) -> Iterator[str]:
    """The names of what is needed here, directly or by others, as the installed packages say."""
    waiting = [(each, extra) for each in requirements for extra in ("", *each.extras)]
    seen = set()
    while waiting:
        requirement, extra = waiting.pop()
        name = canonicalize_name(requirement.name)
        if (name, extra) in seen or (requirement.marker and not requirement.marker.evaluate({"extra": extra})):
            continue
        seen.add((name, extra))
        yield name
        try:
            needs = [Requirement(each) for each in requires(name) or ()]
        except PackageNotFoundError:
            continue  # not installed here, such as an extra that was left out
        for need in needs:
            if need.marker is None or need.marker.evaluate({"extra": extra}):
                plain = Requirement(str(need).partition(";")[0])
                waiting += [(plain, inner) for inner in ("", *need.extras)]


@pytest.mark.parametrize("name", NEEDED)
def test_every_pinned_version_is_one_that_the_project_allows(name: str) -> None:
    found = pins(name)
    wrong = [
        str(need)
        for need in NEEDED[name]
        for pin in found.get(canonicalize_name(need.name), [None])
        if pin is None or version_of(pin) not in need.specifier
    ]
    assert wrong == [], "run .ci/lock"


@pytest.mark.parametrize("name", NEEDED)
def test_what_the_dependencies_need_is_pinned_too(name: str) -> None:
    assert set(all_needed(NEEDED[name])) - pins(name).keys() == set(), "run .ci/lock"


def test_the_image_has_the_versions_that_the_tests_run_on() -> None:
    constraints = pins("constraints")
    assert {name: list(map(version_of, found)) for name, found in pins("image").items()} == {
        name: list(map(version_of, constraints[name])) for name in pins("image")
    }


def test_every_file_of_the_image_is_known_by_its_hash() -> None:
    text = (ROOT / "requirements" / "image.txt").read_text(encoding="utf-8")
    entries = re.split(r"\n(?=\S)", text.strip())
    assert entries
    assert all("--hash=sha256:" in entry for entry in entries)


def test_the_image_and_ci_install_from_them() -> None:
    docker, ci = ((ROOT / name).read_text(encoding="utf-8") for name in ("Dockerfile", ".ci/run"))
    assert "--require-hashes -r requirements/image.txt" in docker
    assert 'PIP_CONSTRAINT="$PWD/requirements/constraints.txt"' in ci


# --- Private names ---

PRIVATE = {"aiohttp", "pydantic"}
"""Dependencies of which names are used that they may change without a word: their next large version is kept out."""


def test_dependencies_whose_private_names_are_used_have_upper_bounds() -> None:
    bounded = {
        each.name for each in NEEDED["image"] if any(part.operator in ("<", "==", "~=") for part in each.specifier)
    }
    assert bounded >= PRIVATE


def _imported(node: ast.AST) -> Iterator[ast.ImportFrom]:
    """Every import but those for type checks, and those made only with versions that the module names (``DEFERS``)."""
    if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id in ("TYPE_CHECKING", "DEFERS"):
        for each in node.orelse:
            yield from _imported(each)
        return
    if isinstance(node, ast.ImportFrom):
        yield node
    for child in ast.iter_child_nodes(node):
        yield from _imported(child)


def test_no_private_name_of_a_dependency_is_imported() -> None:
    found = []
    for path in sorted((ROOT / "mockserver").rglob("*.py")):
        for node in _imported(ast.parse(path.read_text(encoding="utf-8"))):
            if node.level or (node.module or "").startswith("mockserver"):
                continue
            names = [*(node.module or "").split("."), *(alias.name for alias in node.names)]
            private = [each for each in names if each.startswith("_") and not each.startswith("__")]
            found += [f"{path.relative_to(ROOT)}:{node.lineno}: {each} of {node.module}" for each in private]
    assert found == []


def test_the_classifiers_name_only_versions_that_python_requires_allows() -> None:
    named = re.findall(r"Python :: (3\.\d+)", "\n".join(PROJECT["project"]["classifiers"]))
    assert named
    assert all(f"{each}.0" in Requirement(f"python{PROJECT['project']['requires-python']}").specifier for each in named)
