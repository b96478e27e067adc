"""``coverage``: the fidelity table, made from the tables that the mock itself works by."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import orjson
from pydantic import BaseModel

import mockserver.server  # attaches the functions that serve operations
from mockserver.cli import statuses
from mockserver.cli.fidelity import BASES, basis, page
from mockserver.contract import contract
from mockserver.domain.onboarding.check_rules import FAILING
from mockserver.domain.payments import outcomes
from mockserver.domain.sizes import SIZES
from mockserver.kernel.durations import written
from mockserver.kernel.lifecycle import CYCLES
from mockserver.kernel.operations import operation
from mockserver.kernel.profile import Profile
from mockserver.protocol.chain import ISSUE_TOKEN
from mockserver.scenario.refusals import refusals


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.option("--markdown", is_flag=True, help="Print it as the page docs/fidelity.md.")
def coverage(as_json: bool, markdown: bool) -> None:
    """Show which operations and events of the API are here, and where each rule comes from.

    \b
    mockserver coverage
    mockserver coverage --json | jq '.rules[] | select(.inferred)'
    mockserver coverage --markdown > docs/fidelity.md
    """
    if as_json and markdown:
        raise click.UsageError("--json and --markdown are two ways of printing: choose one")
    table = {
        "contract": contract().version,
        "operations": operations(),
        "statuses": statuses.table(),
        "webhooks": webhooks(),
        "rules": list(rules()),
    }
    if markdown:
        click.echo(page(table), nl=False)
    elif as_json:
        click.echo(orjson.dumps(table, option=orjson.OPT_INDENT_2))
    else:
        _print(table)


def operations() -> dict[str, Any]:
    """Which operations of the contract have a rule; the others answer 501."""
    served = {*operation.handlers, ISSUE_TOKEN}
    all_ = contract().operations
    missing = [each.id for each in all_.values() if each.id not in served]
    return {
        "total": len(all_),
        "implemented": len(all_) - len(missing),
        "by_tag": {
            tag: {"total": total, "implemented": total - Counter(all_[id_].tag for id_ in missing)[tag]}
            for tag, total in Counter(each.tag for each in all_.values()).items()
        },
        "missing": missing,
    }


def webhooks() -> dict[str, Any]:
    """Which webhook families the mock can produce events of, and which events."""
    families, produced = contract().families, events_produced()
    implemented = [family for family, events in families.items() if produced & set(events)]
    return {
        "total": len(families),
        "implemented": len(implemented),
        "events": {"total": len(contract().events), "implemented": len(produced)},
        "missing": [family for family in families if family not in implemented],
    }


def events_produced() -> set[str]:
    """The events of the life cycles' moves, and those that a module of the domain names to emit them itself."""
    known = set(contract().events)
    of_moves = {row.event for cycle in CYCLES.values() for row in cycle.rows.values() if row.event}
    folder = Path(mockserver.domain.__file__).parent
    named = {
        node.value
        for path in folder.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return known & (of_moves | named)


def rules() -> Iterator[dict[str, Any]]:
    """Every row of every table that decides something: moves, outcomes, refusals, settings."""
    for name, cycle in sorted(CYCLES.items()):
        for row in cycle.rows.values():
            move = f"{row.before} → {row.to}" if row.before else f"→ {row.to}"
            yield _rule("move", f"{name}: {move}", row.when, row.basis, event=row.event)
    for failing in FAILING:
        yield _rule("outcome", failing.name, f"FAILED, when {failing.text}", failing.source)
    for end, failures in outcomes.ENDS.items():
        text = "; ".join(f"{payment}: {failure}" for payment, failure in failures.items())
        yield _rule("outcome", f"iban.{end}", text, outcomes.SOURCE)
    for size in SIZES:
        yield _rule("outcome", size.name, size.text, size.source)
    for rule in refusals().values():
        yield _rule("refusal", rule.name, rule.detail, rule.source, status=rule.status)
    yield from _settings(Profile, "")


def _settings(section: type[BaseModel], path: str) -> Iterator[dict[str, Any]]:
    for attribute, info in section.model_fields.items():
        name, annotation = info.alias or attribute, info.annotation
        inner = next((each for each in _alternatives(annotation) if _is_section(each)), None)
        if inner is not None:
            yield from _settings(inner, f"{path}{name}.")
        elif info.description:
            default = "needed" if info.is_required() else _written(info.get_default(call_default_factory=True))
            yield _rule("setting", f"{path}{name}", info.description, info.description, default=default)


def _written(value: Any) -> str:
    """A default as it would be written in a profile."""
    if isinstance(value, timedelta):
        return written(value)
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    return "[]" if value == () else str(value)


def _alternatives(annotation: Any) -> tuple[Any, ...]:
    return getattr(annotation, "__args__", (annotation,))


def _is_section(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _rule(kind: str, name: str, text: str, source: str, **more: Any) -> dict[str, Any]:
    found = basis(source)
    return {
        "kind": kind,
        "name": name,
        "rule": text,
        "source": source,
        "basis": found,
        "inferred": found in ("partly", "inferred"),
        **more,
    }


def _print(table: dict[str, Any]) -> None:
    done = table["operations"]
    click.secho(f"contract    {table['contract']}", bold=True)
    click.secho(f"operations  {done['implemented']} of {done['total']}", bold=True)
    for tag, counts in done["by_tag"].items():
        click.echo(f"  {counts['implemented']:3} of {counts['total']:3}  {tag}")
    declared = statuses.counted(table["statuses"])
    of = f"{declared['answered']} of {sum(declared.values())}"
    click.secho(f"statuses    {of} that are declared are answered by rules", bold=True)
    click.echo(f"  {declared['by_fault']:3} come by a fault only")
    told = table["webhooks"]
    click.secho(f"webhooks    {told['implemented']} of {told['total']} families", bold=True)
    click.echo(f"  {told['events']['implemented']:3} of {told['events']['total']:3}  events")
    if told["missing"]:
        click.echo(f"  none of     {', '.join(told['missing'])}")
    found = table["rules"]
    counts = Counter(rule["basis"] for rule in found)
    shown = ", ".join(f"{counts[name]} {words}" for name, words in BASES.items())
    click.secho(f"rules       {len(found)}: {shown}", bold=True)
    for kind in ("move", "outcome", "refusal", "setting"):
        of_kind = [rule for rule in found if rule["kind"] == kind]
        click.echo(f"  {len(of_kind):3}  {kind}s")
        for rule in of_kind:
            click.echo(f"       {rule['name']}  [{rule['source']}]")
