"""Every example in the contract is what the contract says."""

from __future__ import annotations

import pytest

from tests.contract.examples import Example, examples, fits


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.where)
def test_an_example_fits_its_schema(example: Example) -> None:
    assert fits(example)


def test_there_are_examples_of_every_kind() -> None:
    places = {example.where.split("/")[1] for example in examples()}
    assert places == {"paths", "webhooks", "components"}
