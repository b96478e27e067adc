"""The fidelity table as a page: every rule with its source, and on what it rests."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from mockserver.cli import statuses
from mockserver.cli.citations import linked
from mockserver.cli.statuses import ONLY_BY_FAULT
from mockserver.kernel.profile import profile
from mockserver.kernel.rules import is_inferred
from mockserver.kernel.stages import STAGES

Rule = Mapping[str, Any]

BASES: Final = {
    "documented": "documented",
    "partly": "documented with an inferred part",
    "inferred": "inferred",
    "own": "the mock's own",
}
"""What a rule rests on."""

KINDS: Final = {
    "move": "moves of life cycles",
    "outcome": "outcomes",
    "refusal": "refusals",
    "setting": "settings",
}

PROFILES: Final = ("sandbox", "live", "manual")

_PUBLISHED: Final = re.compile(r"\[[A-Z, ]*[ADEGNOSX][A-Z, ]*\]|\bread off\b|\bpublished\b")
_CITED: Final = re.compile(r"\w\.md\b|RFC")
_OWN: Final = re.compile(r"^the mock's own\b")

HEAD: Final = """\
# Fidelity

Every rule that the mock works by, with its source: made by `mockserver coverage --markdown` from the tables that the
program itself reads, so that this page cannot say anything else than what the mock does. `mockserver coverage --json`
has the same for programs.

A rule is **documented** where the vendor's pages, contract or published examples state it, **inferred** where none of
them says what happens and the mock had to choose. *In part*: the rule is documented, something about it (mostly the
status code) is not. The *own* ones are the mock's, and have no counterpart. Each inferred choice is one row of a
table or one setting of a profile: a correction is one line.

The sources are the [fact pages](facts/README.md): what the vendor published, with a mark on every fact. [D], [G] a page
or guide of the documentation; [N], [A] the current contract; [S] the contract 1.9.0, and in portfolios.md the documents
that this project was asked to implement; [O] only an old guide; [X], [E] read off a published example, or the vendor's
own client; [T] said by others only; [I] inferred; [U] nothing found.
"""

OUT_OF_REACH: Final = """\
## Out of reach

Known to exist, and absent here, since what could be read of it says too little to build on
([newer.md](facts/newer.md) has what could):

- German pensions: products, contributions and steps from guides, but no path and no body of an operation.
- PEA wrappers: `POST /pea/wrappers` with two members, from an older guide; no read form and no allowance. Account
  groups of the type FRENCH_PEA are here.
- A third type of fee collections: a value after SERVICE_FEE_LIQUIDATION in 1.125, its name cut off; most likely VAT.
- Savings plans funded by direct debit: a guide without the name of the member that holds the mandate.
- Sandbox ISINs for cancellation and taxes, and a second one for limit and stop: section heads, their lists cut off. An
  instrument's `story` plays each.
- Operations above 1.150: the API is at 1.172 at least; five operations and two events of newer versions could be read.
"""


def basis(source: str) -> str:
    """On what a rule rests, by what its source says: a key of :data:`BASES`."""
    if _OWN.search(source):
        return "own"
    published, inferred = _PUBLISHED.search(source), is_inferred(source)
    if inferred:
        return "partly" if published else "inferred"
    return "documented" if published or _CITED.search(source) else "own"


def page(table: Mapping[str, Any]) -> str:
    """The page for the table of ``mockserver coverage``."""
    rules: list[Rule] = table["rules"]
    return "\n".join(
        [
            HEAD,
            *_counts(table, rules),
            OUT_OF_REACH,
            *_operations(table),
            *_statuses(table["statuses"]),
            *_moves(rule for rule in rules if rule["kind"] == "move"),
            *_stages(),
            *_outcomes(rule for rule in rules if rule["kind"] == "outcome"),
            *_refusals(rule for rule in rules if rule["kind"] == "refusal"),
            *_settings(rule for rule in rules if rule["kind"] == "setting"),
        ]
    )


def _counts(table: Mapping[str, Any], rules: list[Rule]) -> Iterator[str]:
    found = Counter((rule["kind"], rule["basis"]) for rule in rules)
    rows = [
        [words, *(str(found[kind, each]) for each in BASES), str(sum(found[kind, each] for each in BASES))]
        for kind, words in KINDS.items()
    ]
    sums = [str(sum(rule["basis"] == each for rule in rules)) for each in BASES]
    yield from _table(["", *BASES.values(), "in all"], [*rows, ["**all**", *sums, str(len(rules))]])
    done, told = table["operations"], table["webhooks"]
    yield (
        f"The contract is that of version {table['contract']} of the API. "
        f"Of {done['total']} operations {done['implemented']} have a rule; the others answer 501 and say so. Of "
        f"{told['events']['total']} event types {told['events']['implemented']} can come, of {told['implemented']} of "
        f"{told['total']} families."
    )
    yield ""


def _operations(table: Mapping[str, Any]) -> Iterator[str]:
    yield "## Operations\n"
    rows = [[tag, f"{each['implemented']} of {each['total']}"] for tag, each in table["operations"]["by_tag"].items()]
    yield from _table(["tag", "here"], rows)


def _statuses(by_operation: Mapping[str, Mapping[str, list[int]]]) -> Iterator[str]:
    """Statuses that every operation has by a fault only are left out of its row."""
    counts, everywhere = statuses.counted(by_operation), {row.status for row in ONLY_BY_FAULT if row.everywhere}
    yield "## Statuses\n"
    yield (
        f"The contract declares {sum(counts.values())} statuses of its operations. {counts['answered']} of them are "
        "answered by rules, and a test reaches each. The other "
        f"{counts['by_fault']} come by a [fault](faults.md) only, on demand:\n"
    )
    for row in ONLY_BY_FAULT:
        of = "of " + ", ".join(f"`{each}`" for each in row.operations) if row.operations else "of all that declare it"
        yield f"- {row.status} {of}: {row.why}."
    yield ""
    rows = [
        [f"`{operation_id}`", _listed(row["answered"]), _listed(set(row["by_fault"]) - everywhere)]
        for operation_id, row in by_operation.items()
    ]
    without = ", ".join(map(str, sorted(everywhere)))
    yield from _table(["operation", "by rules", f"by a fault only, besides {without}"], rows)


def _listed(statuses: Iterable[int]) -> str:
    return ", ".join(map(str, sorted(statuses)))


def _moves(rules: Iterable[Rule]) -> Iterator[str]:
    yield "## Moves\n"
    yield "What states a resource has, how it comes from one to the next, and which event tells it.\n"
    by_cycle: dict[str, list[list[str]]] = {}
    for rule in rules:
        cycle, _, move = rule["name"].partition(": ")
        event = f"`{rule['event']}`" if rule["event"] else ""
        by_cycle.setdefault(cycle, []).append([move, rule["rule"], event, rule["source"], _short(rule)])
    for cycle, rows in by_cycle.items():
        yield f"### {cycle}\n"
        yield from _table(["move", "when", "event", "source", ""], rows)


def _stages() -> Iterator[str]:
    yield "## Moves that happen by themselves\n"
    yield "After how long, by profile; what must be fulfilled besides stands above. Any of them can be set.\n"
    settings = [profile(name).model_dump(mode="json")["stages"] for name in PROFILES]
    rows = []
    for name, stage in sorted(STAGES.items()):
        delays = [_delay(setting.get(name, {})) for setting in settings]
        to = " or ".join((stage.to, *stage.branches))
        rows.append([f"`{name}`", f"{stage.cycle.kind.name}: {stage.state} → {to}", *delays])
    yield from _table(["stage", "move", *(f"`{name}`" for name in PROFILES)], rows)


def _delay(setting: Mapping[str, Any]) -> str:
    delay, jitter = setting.get("delay", "0s"), setting.get("jitter", "0s")
    return str(delay) if jitter == "0s" else f"{delay} and up to {jitter} more"


def _outcomes(rules: Iterable[Rule]) -> Iterator[str]:
    yield "## Outcomes\n"
    rows = [[f"`{rule['name']}`", rule["rule"], rule["source"], _short(rule)] for rule in rules]
    yield from _table(["rule", "what", "source", ""], rows)


def _refusals(rules: Iterable[Rule]) -> Iterator[str]:
    yield "## Refusals\n"
    yield "Texts in braces are filled in. The name of the rule that refused a request stands in the world's journal.\n"
    rows = [
        [f"`{rule['name']}`", str(rule["status"]), rule["rule"], rule["source"], _short(rule)]
        for rule in sorted(rules, key=lambda rule: str(rule["name"]).partition(".")[0])
    ]
    yield from _table(["rule", "status", "what it says", "source", ""], rows)


def _settings(rules: Iterable[Rule]) -> Iterator[str]:
    yield "## Settings\n"
    yield "Of a profile; a scenario may set any of them. The default is that of a profile which does not set it.\n"
    rows = [[f"`{rule['name']}`", f"`{rule['default']}`", rule["rule"], _short(rule)] for rule in rules]
    yield from _table(["setting", "default", "what, and its source", ""], rows)


def _short(rule: Rule) -> str:
    return "in part" if rule["basis"] == "partly" else str(rule["basis"])


def _table(head: list[str], rows: Iterable[list[str]]) -> Iterator[str]:
    for cells in (head, ["---"] * len(head), *rows):
        yield f"| {' | '.join(map(_cell, cells))} |"
    yield ""


def _cell(text: str) -> str:
    return linked(" ".join(text.split())).replace("|", "\\|")
