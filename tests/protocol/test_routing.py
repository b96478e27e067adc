from __future__ import annotations

import pytest

from mockserver.contract import Operation, contract
from mockserver.protocol.routing import Found, Router, WrongMethod

OPERATIONS = list(contract().operations.values())


@pytest.fixture(scope="module")
def router() -> Router[Operation]:
    router: Router[Operation] = Router()
    for operation in OPERATIONS:
        router.add(operation.method, operation.path, operation)
    return router


def test_all_operations_of_the_contract_are_there() -> None:
    assert len(OPERATIONS) == 162


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
def test_every_operation_is_found_with_its_path_parameters(router: Router[Operation], operation: Operation) -> None:
    values = {each.name: f"value-of-{each.name}" for each in operation.path_parameters}
    found = router.match(operation.method, operation.path.format(**values))
    assert isinstance(found, Found)
    assert found.target is operation
    assert found.parameters == values


@pytest.mark.parametrize(
    "path", ["/", "", "/nothing", "/accounts/", "/accounts//orders", "//accounts", "/Accounts", "*"]
)
def test_other_paths_are_unknown(router: Router[Operation], path: str) -> None:
    assert router.match("GET", path) is None


@pytest.mark.parametrize("method", ["PUT", "HEAD", "OPTIONS", "TRACE"])
def test_a_wrong_method_names_those_that_exist(router: Router[Operation], method: str) -> None:
    assert router.match(method, "/accounts") == WrongMethod("GET, POST")


def test_a_literal_segment_wins_over_a_parameter() -> None:
    router: Router[str] = Router()
    router.add("GET", "/things/{id}", "one")
    router.add("GET", "/things/current", "current")
    assert router.match("GET", "/things/current") == Found("current", {})
    assert router.match("GET", "/things/7") == Found("one", {"id": "7"})


def test_a_literal_that_leads_nowhere_gives_way_to_the_parameter() -> None:
    router: Router[str] = Router()
    router.add("GET", "/things/current/now", "now")
    router.add("GET", "/things/{id}/parts/{part}", "part")
    assert router.match("GET", "/things/current/parts/2") == Found("part", {"id": "current", "part": "2"})


def test_values_are_percent_decoded_once() -> None:
    router: Router[str] = Router()
    router.add("GET", "/instruments/{id}", "instrument")
    assert router.match("GET", "/instruments/isin%3AUS0378331005") == Found("instrument", {"id": "isin:US0378331005"})
    assert router.match("GET", "/instruments/a%252Fb") == Found("instrument", {"id": "a%2Fb"})


def test_two_operations_at_one_place_are_a_mistake() -> None:
    router: Router[str] = Router()
    router.add("GET", "/things/{id}", "one")
    with pytest.raises(ValueError, match="two operations are served at GET"):
        router.add("GET", "/things/{other}", "two")
