"""What a replay gives when it is over: a line for people, JSON and JUnit for pipelines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

import click
import orjson

from mockserver.cli.printing import say
from mockserver.cli.timeline import place, print_entry
from mockserver.replay.timeline import Entry, Replay


def print_outcome(replays: Sequence[Replay]) -> None:
    """A line for each scenario."""
    click.echo()
    for replay in replays:
        steps = f"{len(replay.entries)} steps"
        if replay.passed:
            say(f"{replay.scenario}: {steps}, all as expected", fg="green")
        else:
            say(f"{replay.scenario}: {steps}, {len(replay.failures)} not as expected", fg="red")


def print_failures(replays: Sequence[Replay]) -> None:
    """The steps that did not go as expected, on standard error."""
    for replay in replays:
        for entry in replay.failures:
            print_entry(entry, replay.file, err=True)


def print_kept(replays: Sequence[Replay], url: str | None) -> None:
    """Where the worlds are that were left on the server at ``url``."""
    for replay in replays:
        if replay.kept is not None:
            click.echo(f"{replay.scenario}: its world stays, {url}/_mock/worlds/{replay.kept}")
            click.echo(f"  mockserver clock show --url {url} --world {replay.kept}")


def as_json(replays: Sequence[Replay], versions: Mapping[str, str]) -> bytes:
    """All that happened, for programs; ``versions`` are those of what the worlds' data came from."""
    scenarios = [
        {
            "scenario": replay.scenario,
            "file": replay.file,
            "passed": replay.passed,
            "world": replay.kept,
            "digest": replay.digest,
            "steps": [
                {
                    "number": entry.number,
                    "line": entry.line or None,
                    "at": entry.at,
                    "action": entry.action,
                    "title": entry.title,
                    "note": entry.note,
                    "events": list(entry.events),
                    "passed": entry.passed,
                    "problems": list(entry.problems),
                    "diff": list(entry.diff),
                    "deliveries": list(entry.deliveries),
                }
                for entry in replay.entries
            ],
        }
        for replay in replays
    ]
    passed = all(replay.passed for replay in replays)
    content = {"passed": passed, "versions": versions, "scenarios": scenarios}
    return orjson.dumps(content, option=orjson.OPT_INDENT_2)


def as_junit(replays: Sequence[Replay]) -> str:
    """A JUnit report: a scenario is a test suite, a step a test case, whose name is the same in every run."""
    entries = [entry for replay in replays for entry in replay.entries]
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<testsuites name="mockserver replay" {_totals(entries)}>']
    for replay in replays:
        file = _attribute(replay.file)
        lines.append(f"  <testsuite name={_attribute(replay.scenario)} file={file} {_totals(replay.entries)}>")
        for entry in replay.entries:
            name = _attribute(f"{entry.number} {entry.caption or entry.note or entry.title}")
            line = f' line="{entry.line}"' if entry.line else ""
            case = f"    <testcase classname={_attribute(replay.scenario)} name={name} file={file}{line}"
            case += f' time="{entry.seconds:.3f}"'
            if entry.passed:
                lines.append(f"{case}/>")
                continue
            details = "\n".join(
                [f"{place(entry, replay.file)}: {entry.title}", *entry.problems, *entry.diff, *entry.deliveries]
            )
            lines += [
                f"{case}>",
                f"      <failure message={_attribute(entry.problems[0])}>{_text(details)}</failure>",
                "    </testcase>",
            ]
        lines.append("  </testsuite>")
    return "\n".join([*lines, "</testsuites>", ""])


def _totals(entries: Sequence[Entry]) -> str:
    failures = sum(not entry.passed for entry in entries)
    seconds = sum(entry.seconds for entry in entries)
    return f'tests="{len(entries)}" failures="{failures}" errors="0" time="{seconds:.3f}"'


def _attribute(text: str) -> str:
    return quoteattr(_printable(text))


def _text(text: str) -> str:
    return escape(_printable(text))


def _printable(text: str) -> str:
    """Without the control characters that XML cannot hold."""
    return "".join(letter for letter in text if letter >= " " or letter in "\n\t")
