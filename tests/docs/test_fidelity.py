"""docs/fidelity.md is what the program prints of itself."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from mockserver.cli import main
from mockserver.cli.fidelity import basis
from tests.docs.pages import text_of


def test_the_page_is_current() -> None:
    printed = CliRunner().invoke(main, ["coverage", "--markdown"])
    assert printed.exit_code == 0
    assert text_of("docs/fidelity.md") == printed.output, "run: mockserver coverage --markdown > docs/fidelity.md"


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("trading.md §11 [D]", "documented"),
        ("portfolios.md §6, read off the published event", "documented"),
        ("concepts.md §2.1, RFC 8941", "documented"),
        ("trading.md §7.3 [D], code inferred", "partly"),
        ("trading.md §10.1, inferred", "inferred"),
        ("concepts.md §3 [I]", "inferred"),
        ("concepts.md §2.4 [U, T]", "inferred"),
        ("real time for one attempt; unpublished, inferred", "inferred"),
        ("the mock's own limit; 413 is not in concepts.md §4", "own"),
        ("more is taken for a loop", "own"),
    ],
)
def test_a_source_says_on_what_a_rule_rests(source: str, found: str) -> None:
    assert basis(source) == found


def test_it_is_printed_in_one_way_at_a_time() -> None:
    refused = CliRunner().invoke(main, ["coverage", "--markdown", "--json"])
    assert refused.exit_code == 2
    assert "choose one" in refused.output
