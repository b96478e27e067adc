"""What a replay gives when it is over: a line for people, JSON and JUnit for pipelines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

import click
import orjson

from mockserver.cli.timeline import place
from mockserver.scenario.timeline import Replay


def print_outcome(replays: Sequence[Replay]) -> None:
    """A line for each scenario."""
    click.echo()
    for replay in replays:
        steps = f"{len(replay.entries)} steps"
        if replay.passed:
            click.secho(f"{replay.scenario}: {steps}, all as expected", fg="green")
        else:
            click.secho(f"{replay.scenario}: {steps}, {len(replay.failures)} not as expected", fg="red")


def as_json(replays: Sequence[Replay], versions: Mapping[str, str]) -> bytes:
    """All that happened, for programs; ``versions`` are those of what the worlds' data came from."""
    scenarios = [
        {
            "scenario": replay.scenario,
            "file": replay.file,
            "passed": replay.passed,
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
    """A JUnit report: a scenario is a test suite, a step a test case."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', "<testsuites>"]
    for replay in replays:
        counts = f'tests="{len(replay.entries)}" failures="{len(replay.failures)}" errors="0"'
        lines.append(f"  <testsuite name={quoteattr(replay.scenario)} {counts}>")
        for entry in replay.entries:
            title = f"{entry.number} {entry.note or entry.title}"
            case = f"    <testcase classname={quoteattr(replay.scenario)} name={_attribute(title)}"
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


def _attribute(text: str) -> str:
    return quoteattr(_printable(text))


def _text(text: str) -> str:
    return escape(_printable(text))


def _printable(text: str) -> str:
    """Without the control characters that XML cannot hold."""
    return "".join(letter for letter in text if letter >= " " or letter in "\n\t")
