"""Each declared status by which the protocol itself refuses a client, over HTTP, of every operation (concepts.md §4).

One request to each of the 162 operations a status. Which other statuses an operation answers depends on its rules, and
is tested with them; ``tests/contract/test_statuses.py`` adds both up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

import pytest

from mockserver.cli.statuses import ONLY_BY_FAULT, reason
from mockserver.contract import Operation, contract
from mockserver.hosting.registry import DEFAULT_CLIENT_ID
from mockserver.kernel import system
from mockserver.kernel.profile import profile
from mockserver.protocol.chain import ISSUE_TOKEN
from mockserver.protocol.clients import Auth
from tests.conftest import NOW, Api
from tests.contract.examples import body_of

ALL: Final = tuple(contract().operations.values())

NOTHING: Final = "00000000-0000-4000-8000-000000000000"
"""The id of nothing."""

OWN: Final = {"upvest-client-id": DEFAULT_CLIENT_ID}
FORM: Final = "application/x-www-form-urlencoded"

IN_PATHS: Final = {
    "currency": "EUR",
    "folder": "treasury",
    "file_name": "nothing.csv",
    "instrument_id": f"uuid:{NOTHING}",
}
"""Path parameters that are no mere ids."""

REQUIRED: Final = {"price_quality": "EOD", "direction": "INCOMING"}
"""Values of the parameters that some queries require."""

NAMING_NOTHING: Final = frozenset(
    {
        "create_transaction_fee_model",  # a model is made of figures
        "create_portfolios_rebalancing_strategy",  # a strategy is made of conditions
        "trigger_portfolio_rebalancing",  # what does not exist becomes an order that is cancelled
    }
)
"""Operations whose bodies name nothing that has to exist."""


def path_of(operation: Operation) -> str:
    """The path of an operation about things that do not exist, with the parameters that it requires."""
    values = {each.name: NOTHING for each in operation.path_parameters}
    query = urlencode({each.name: REQUIRED[each.name] for each in operation.query if each.required})
    return f"{operation.path.format(**{**values, **IN_PATHS})}?{query}"


async def answers(
    client: Api,
    body: Callable[[str], Any] = body_of,
    *,
    query: str = "",
    of: Sequence[Operation] = ALL,
    headers: Callable[[Operation], Mapping[str, str]] = lambda _: {},
) -> dict[str, int]:
    """The status that each operation answers to one request about things that do not exist."""
    statuses = {}
    for operation in of:
        content: dict[str, Any] = {"headers": headers(operation)}
        if operation.id == ISSUE_TOKEN:
            content = {"data": urlencode(body(operation.id)), "headers": {**headers(operation), "content-type": FORM}}
        elif operation.body is not None:
            content["json"] = body(operation.id)
        statuses[operation.id] = (await client.request(operation.method, path_of(operation) + query, **content)).status
    return statuses


def others(statuses: Mapping[str, int], expected: int) -> dict[str, int]:
    """Those that are not as expected."""
    return {operation_id: status for operation_id, status in statuses.items() if status != expected}


def declaring(status: int) -> list[Operation]:
    return [each for each in ALL if status in each.statuses]


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine's time stands, so that all requests are within one second."""
    monkeypatch.setattr(system, "wall_now", lambda: NOW)


async def test_accepting_html_only_is_406(client: Api) -> None:
    statuses = await answers(client, of=declaring(406), headers=lambda _: {"accept": "text/html", **OWN})
    assert not others(statuses, 406)


async def test_over_the_limit_of_requests_is_429(client: Api, wall: None) -> None:
    client.world.profile = profile("sandbox", {"limits": {"requests_per_second": 1}})
    await client.get("/users")
    assert not others(await answers(client, headers=lambda _: OWN), 429)


@pytest.mark.parametrize(("query", "least"), [("limit=many", 30), ("sort=nothing", 30), ("redirect=perhaps", 1)])
async def test_a_wrong_parameter_is_400(client: Api, query: str, least: int) -> None:
    name = query.partition("=")[0]
    lists = [each for each in declaring(400) if any(parameter.name == name for parameter in each.query)]
    assert len(lists) >= least
    assert not others(await answers(client, query=f"&{query}", of=lists), 400)


async def test_a_body_that_is_no_object_is_400(client: Api) -> None:
    writing = [each for each in declaring(400) if each.body is not None]
    assert len(writing) > 40
    assert not others(await answers(client, lambda _: [], of=writing), 400)


async def test_what_the_path_names_and_does_not_exist_is_404(client: Api) -> None:
    named = [each for each in declaring(404) if each.path_parameters]
    assert not others(await answers(client, of=named), 404)


async def test_what_the_body_names_and_does_not_exist_is_404(client: Api) -> None:
    named = [each for each in declaring(404) if not each.path_parameters and each.body is not None]
    assert not others(await answers(client, of=[each for each in named if each.id not in NAMING_NOTHING]), 404)


async def test_what_comes_by_a_fault_only_comes_by_a_fault(client: Api) -> None:
    for status in sorted({row.status for row in ONLY_BY_FAULT}):
        fault = {"request": {}, "status": status}
        assert (await client.post("/_mock/worlds/default/faults", json=fault)).status == 201
        of = [each for each in declaring(status) if reason(each.id, status) is not None]
        assert not others(await answers(client, of=of), status)
        assert (await client.delete("/_mock/worlds/default/faults")).status == 204


class TestWithTokens:
    @pytest.fixture
    def auth(self) -> Auth:
        return Auth.TOKEN

    async def test_no_token_or_a_wrong_secret_is_401(self, client: Api) -> None:
        form = {**body_of(ISSUE_TOKEN), "client_secret": "wrong"}
        assert not others(
            await answers(client, lambda of: form if of == ISSUE_TOKEN else body_of(of), headers=lambda _: OWN), 401
        )

    async def test_a_token_of_another_scope_is_403(self, client: Api) -> None:
        def lacking(operation: Operation) -> dict[str, str]:
            return {**OWN, "authorization": f"Bearer {next(t for s, t in tokens.items() if s not in operation.scopes)}"}

        tokens = {}
        for scope in ("users:read", "webhooks:admin"):
            form = {**body_of(ISSUE_TOKEN), "client_secret": client.tenant.client_secret, "scope": scope}
            sent = await client.post("/auth/token", data=urlencode(form), headers={**OWN, "content-type": FORM})
            tokens[scope] = sent.json["access_token"]
        scoped = [each for each in ALL if each.scopes]
        assert len(scoped) == len(ALL) - 1  # without the one that makes tokens
        assert not others(await answers(client, of=scoped, headers=lacking), 403)
