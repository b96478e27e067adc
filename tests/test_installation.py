"""The commands and the plugin of an installed package, beside another distribution whose package is mockserver too."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from shutil import copy

import pytest

import upvest_mockserver
from tests.docs.pages import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
COMMAND = "import sys, upvest_mockserver; sys.argv = ['mockserver', 'scenarios']; upvest_mockserver.main()"

Foreign = Callable[[str], Path]


@pytest.fixture
def foreign(tmp_path: Path) -> Foreign:
    """A folder that has another package called mockserver; the module that looks is found behind it."""

    def made(content: str) -> Path:
        package = tmp_path / "site" / "mockserver"
        package.mkdir(parents=True)
        (package / "__init__.py").write_text(content, encoding="utf-8")
        return package.parent

    return made


def python(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(folder), str(ROOT)])
    return subprocess.run(
        [sys.executable, *arguments], env={**os.environ, "PYTHONPATH": path}, cwd=folder, capture_output=True, text=True
    )


PACKAGES = {
    "MockServer's client": ("from .client import MockServerClient\nclass MockServerClient: pass\n", "fails"),
    "a package that imports well": ("VERSION = '9.2.0'\n", "gives another package"),
    "one of the same kind": ("__distribution__ = 'mockserver-client'\n", "gives another package"),
    "one that ends the program": ("raise RuntimeError('no licence')\n", "RuntimeError: no licence"),
}


@pytest.mark.parametrize("name", PACKAGES)
def test_a_command_says_in_one_line_that_the_package_is_another(name: str, foreign: Foreign) -> None:
    content, said = PACKAGES[name]
    done = python(foreign(content), "-c", COMMAND)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("upvest-mockserver cannot start, since `import mockserver` ")
    assert said in line
    assert "mockserver-client" in line


def test_it_says_where_the_other_package_is(foreign: Foreign) -> None:
    folder = foreign("")
    assert str(folder / "mockserver" / "__init__.py") in python(folder, "-c", COMMAND).stderr


def test_what_an_uninstalled_one_leaves_of_the_package_is_not_taken_for_it(tmp_path: Path) -> None:
    """Uninstalling removes the ``__init__.py`` that both had; a folder without one is a package all the same."""
    (tmp_path / "mockserver" / "kernel").mkdir(parents=True)
    copy(ROOT / "upvest_mockserver.py", tmp_path)
    done = subprocess.run(
        [sys.executable, "-S", "-c", COMMAND],
        env={"PYTHONPATH": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "gives another package" in done.stderr


@pytest.mark.parametrize("name", PACKAGES)
def test_pytest_stops_with_the_same_sentence(name: str, foreign: Foreign) -> None:
    content, said = PACKAGES[name]
    folder = foreign(content)
    done = python(folder, "-m", "pytest", "-p", "upvest_mockserver", "-p", "no:cacheprovider", str(folder))
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "Traceback" not in done.stderr
    assert said in done.stderr


def test_the_right_package_is_no_stranger() -> None:
    assert upvest_mockserver.stranger() is None
    done = python(ROOT, "-c", COMMAND)
    assert (done.returncode, done.stderr) == (0, "")
    assert "portfolio-switch" in done.stdout


def test_both_commands_and_the_plugin_start_where_that_is_looked_at() -> None:
    assert PROJECT["name"] == "upvest-mockserver"
    assert PROJECT["scripts"] == dict.fromkeys(("mockserver", "upvest-mockserver"), "upvest_mockserver:main")
    assert PROJECT["entry-points"]["pytest11"] == {"upvest_mockserver": "upvest_mockserver"}


def test_looking_costs_no_import() -> None:
    script = "import sys; before = set(sys.modules); import upvest_mockserver; print(*set(sys.modules) - before)"
    done = python(ROOT, "-S", "-c", script)
    assert set(done.stdout.split()) <= {"upvest_mockserver", "typing", "__future__", "_typing", "collections.abc"} | {
        name for name in done.stdout.split() if name.split(".")[0] in sys.stdlib_module_names
    }
    assert not {"mockserver", "pytest", "click", "importlib.metadata"} & set(done.stdout.split())


# --- What the pages say ---

PAGES = sorted(
    path
    for path in (ROOT / "README.md", ROOT / "Dockerfile", *(ROOT / "docs").rglob("*"), *(ROOT / "examples").rglob("*"))
    if path.suffix in {"", ".md", ".yml", ".toml", ".txt", ".py"}
    and path.is_file()
    and not any(part.startswith((".", "__")) for part in path.relative_to(ROOT).parts)
)
INSTALLING = re.compile(
    r"\b(?:pip3?|uv pip|pipx|uv tool|uv|poetry|pdm|uvx)\b(?: install| add| run| inject)?\b([^\n`#|&;]*)"
)
BARE = re.compile(r"(?:upvest-)?mockserver(?:\[[^]]*\])?(?:[=<>~!].*)?")
URL = "git+https://git.example.com/your-team/mockserver"
"""Where nobody publishes anything: example.com is reserved for this (RFC 2606)."""


def bare_names(text: str) -> list[str]:
    """What commands that install would look up by its name alone."""
    found = []
    for line in INSTALLING.finditer(text):
        words = [word.strip("\"',()") for word in line[1].split()]
        found += [
            word
            for place, word in enumerate(words)
            if BARE.fullmatch(word) and "--from" not in words[:place] and words[place + 1 : place + 2] != ["@"]
        ]
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_page_installs_by_a_name_that_nobody_owns_yet(page: Path) -> None:
    assert bare_names(page.read_text(encoding="utf-8")) == [], f"show {URL}, or an index of one's own"


@pytest.mark.parametrize(
    "line",
    [
        "pip install mockserver",
        "pip install upvest-mockserver",
        "pip install -q 'upvest-mockserver[test]'",
        "pip install mockserver pytest pytest-xdist",
        "uvx upvest-mockserver demo",
        "uv add --dev upvest-mockserver",
        "pipx run upvest-mockserver serve",
    ],
)
def test_such_a_line_would_be_found(line: str) -> None:
    assert bare_names(line)


@pytest.mark.parametrize(
    "line",
    [
        f"pip install '{URL}'",
        f"pip install 'upvest-mockserver @ {URL}'",
        f"uvx --from {URL} mockserver serve",
        "pip install . && mockserver replay scenarios/*.yaml",
        "pip install -r requirements-test.txt # with mockserver, for its fixtures",
    ],
)
def test_other_lines_would_not(line: str) -> None:
    assert not bare_names(line)


def test_every_address_of_a_repository_is_the_same_placeholder() -> None:
    found = {
        url for page in PAGES for url in re.findall(r"git\+[a-z]+://[^\s'\"`)@#,]+", page.read_text(encoding="utf-8"))
    }
    assert found == {URL}
