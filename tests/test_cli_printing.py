"""What commands print, in colour or not, at the width of the terminal or in a pipe."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from mockserver.cli.printing import colour, wrapped

ESCAPE = "\x1b"
SCENARIO = """\
name: narrow
description: A night with a description that is longer than a narrow terminal is wide.
accounts: [{as: savings}]
positions: [{account_id: savings, instrument: IE00BKBF6H24, quantity: "1"}]
steps:
  - note: A note which says at some length that the night passes now
    advance: 1d
  - expect_event: ORDER.NEW
"""


def on_terminal(columns: int, *arguments: str, **variables: str) -> str:
    """What a command prints on a terminal of that width."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    inherited = {name: value for name, value in os.environ.items() if name not in SWITCHES}
    process = subprocess.Popen(
        [sys.executable, "-m", "mockserver", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=follower,
        stderr=follower,
        env={**inherited, "TERM": "xterm", **variables},
    )
    os.close(follower)
    chunks = []
    while True:
        try:
            chunk = os.read(leader, 65_536)
        except OSError:  # EIO: the other side is closed
            break
        if not chunk:
            break
        chunks.append(chunk)
    os.close(leader)
    process.wait(60)
    return b"".join(chunks).decode().replace("\r\n", "\n")


SWITCHES = frozenset({"NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "TERM"})


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "n.yaml").write_text(SCENARIO)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent.parent))
    return "n.yaml"


@pytest.mark.parametrize(
    ("variables", "wanted"),
    [
        ({}, None),
        ({"NO_COLOR": "1"}, False),
        ({"NO_COLOR": ""}, None),  # no-color.org: present and not an empty string
        ({"FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": "1", "TERM": "dumb"}, True),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        ({"TERM": "dumb"}, False),
        ({"TERM": "xterm"}, None),
    ],
)
def test_which_variables_mean_colour(variables: dict[str, str], wanted: bool | None) -> None:
    assert colour(variables) is wanted


PLAIN_40 = """\
narrow  A night with a description that
  is longer than a narrow terminal is
  wide.
       A note which says at some length
         that the night passes now
    1  2023-01-11T08:00:00  advance 1d
       ACCOUNT_VALUATION.CREATED,
         ACCOUNT_RETURNS.CREATED
✗   2  2023-01-11T08:00:00  expect
  ORDER.NEW
"""
"""Each line has its indentation once more and two columns, as docs/command-line.md says."""


def test_a_timeline_at_40_columns(file: str) -> None:
    printed = on_terminal(40, "replay", file, NO_COLOR="1")
    assert ESCAPE not in printed
    assert printed.lstrip("\n").startswith(PLAIN_40)
    assert max(map(len, printed.split("\n"))) <= 40
    assert "narrow: 2 steps, 1 not as expected" in printed


def test_a_timeline_at_80_columns(file: str) -> None:
    printed = on_terminal(80, "replay", file, NO_COLOR="1")
    assert "\n       A note which says at some length that the night passes now\n" in printed
    assert "\n       ACCOUNT_VALUATION.CREATED, ACCOUNT_RETURNS.CREATED\n" in printed
    assert max(map(len, printed.split("\n"))) <= 80


@pytest.mark.parametrize("columns", [40, 80])
@pytest.mark.parametrize(
    "arguments", [["scenarios"], ["check", "nothing-of-that-name"], ["clock", "show", "--url", "http://127.0.0.1:1"]]
)
def test_no_line_is_wider_than_the_terminal(columns: int, arguments: list[str]) -> None:
    printed = on_terminal(columns, *arguments, NO_COLOR="1")
    assert printed.strip()
    assert max(map(len, printed.split("\n"))) <= columns


def test_wrapping_loses_nothing(file: str) -> None:
    def words(text: str) -> list[str]:
        return text.split()

    assert words(on_terminal(40, "replay", file, NO_COLOR="1")) == words(on_terminal(200, "replay", file, NO_COLOR="1"))


def test_a_terminal_has_colours_and_a_dumb_one_none(file: str) -> None:
    assert ESCAPE in on_terminal(80, "replay", file)
    assert ESCAPE not in on_terminal(80, "replay", file, TERM="dumb")


@pytest.mark.parametrize(("variables", "coloured"), [({}, False), ({"FORCE_COLOR": "1"}, True)])
def test_a_pipe_has_whole_lines_and_colours_only_by_force(file: str, variables: dict[str, str], coloured: bool) -> None:
    inherited = {name: value for name, value in os.environ.items() if name not in SWITCHES}
    done = subprocess.run(
        [sys.executable, "-m", "mockserver", "replay", file],
        capture_output=True,
        text=True,
        env={**inherited, **variables, "COLUMNS": "40"},
    )
    assert (ESCAPE in done.stdout) is coloured
    plain = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout)
    assert "A night with a description that is longer than a narrow terminal is wide.\n" in plain


def test_a_word_that_is_too_long_stays_whole() -> None:
    url = "http://127.0.0.1:8080/_mock/worlds/ebabcf4d-61c3-4942-875c-e265a7c2d062"
    assert wrapped(f"see {url}", 40) == f"see\n  {url}"
