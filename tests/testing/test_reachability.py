"""The address under which a server elsewhere reaches a receiver of webhooks, and where the receiver listens."""

from __future__ import annotations

import socket
from typing import Any

import aiohttp
import pytest

from mockserver.testing.reachability import ReceiverAddress, is_unreachable, local_address
from mockserver.testing.receiver import AsyncReceiver

NOWHERE = "http://127.0.0.1:1"


@pytest.mark.parametrize(
    ("url", "host", "bind", "expected"),
    [
        ("http://127.0.0.1:8080", None, None, ("127.0.0.1", "127.0.0.1")),
        ("http://localhost:8080", None, None, ("127.0.0.1", "127.0.0.1")),
        ("http://[::1]:8080", None, None, ("127.0.0.1", "127.0.0.1")),
        ("http://localhost:8080", "host.docker.internal", None, ("host.docker.internal", "0.0.0.0")),
        ("http://localhost:8080", "tests", "172.17.0.1", ("tests", "172.17.0.1")),
        ("http://localhost:8080", "localhost", None, ("localhost", "127.0.0.1")),
        ("http://localhost:8080", "::1", None, ("::1", "::1")),
        ("http://localhost:8080", "[fd00::2]", None, ("fd00::2", "::")),
        ("http://localhost:8080", None, "192.0.2.7", ("192.0.2.7", "192.0.2.7")),
        ("http://localhost:8080", None, "0.0.0.0", ("127.0.0.1", "0.0.0.0")),
        ("http://localhost:8080", "", "", ("127.0.0.1", "127.0.0.1")),  # as an empty variable gives them
    ],
)
def test_what_is_given_wins_over_what_is_found_out(
    url: str, host: str | None, bind: str | None, expected: tuple[str, str]
) -> None:
    address = ReceiverAddress.for_server(url, host, bind)
    assert (address.host, address.bind) == expected


@pytest.mark.parametrize("host", ["http://tests", "tests:9000", "my tests", "tests/hooks", "-x", "a..b", "user@tests"])
def test_a_host_has_neither_scheme_nor_port(host: str) -> None:
    with pytest.raises(ValueError, match="is not a host: expected a name or an IP address, without scheme and port"):
        ReceiverAddress.for_server(NOWHERE, host)


class Dialled:
    """A connection to a server on another machine, as the tests need none."""

    def __init__(self, address: str) -> None:
        self.address = address

    def __enter__(self) -> Dialled:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def getsockname(self) -> tuple[str, int]:
        return self.address, 50_000


@pytest.fixture
def dialled(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Where connections went."""
    calls: list[Any] = []

    def create_connection(target: tuple[str, int], _: float) -> Dialled:
        calls.append(target)
        return Dialled("fd00::7%eth0" if target[0] == "six" else "172.18.0.3")

    monkeypatch.setattr(socket, "create_connection", create_connection)
    return calls


@pytest.mark.parametrize(
    ("url", "target", "expected"),
    [
        ("http://upvest:8080", ("upvest", 8080), ("172.18.0.3", "0.0.0.0")),
        ("http://upvest", ("upvest", 80), ("172.18.0.3", "0.0.0.0")),
        ("https://mock.example.com/", ("mock.example.com", 443), ("172.18.0.3", "0.0.0.0")),
        ("http://six:8080", ("six", 8080), ("fd00::7", "::")),
    ],
)
def test_the_default_is_the_local_address_of_a_connection_to_the_server(
    dialled: list[Any], url: str, target: tuple[str, int], expected: tuple[str, str]
) -> None:
    address = ReceiverAddress.for_server(url)
    assert (address.host, address.bind) == expected
    assert dialled == [target]


def test_a_server_on_this_machine_is_not_even_connected_to(dialled: list[Any]) -> None:
    ReceiverAddress.for_server("http://127.0.0.5:8080")
    assert dialled == []


@pytest.mark.parametrize("url", [NOWHERE, "http://nobody.invalid:80", "http://127.0.0.1:99999", "nonsense"])
def test_where_no_server_answers_nothing_is_raised(url: str) -> None:
    assert local_address(url) == "127.0.0.1"


async def test_a_receiver_listens_where_it_is_bound_and_goes_by_the_name_it_is_given() -> None:
    address = ReceiverAddress("localhost", "0.0.0.0")
    async with AsyncReceiver(address=address) as receiver, aiohttp.ClientSession() as session:
        assert receiver.url.startswith("http://localhost:")
        async with session.post(f"{receiver.url.replace('localhost', '127.0.0.2')}/a", data=b"{}") as answer:
            assert answer.status == 200
        assert [each.path for each in receiver.received] == ["/a"]


def test_an_ipv6_address_has_brackets_in_its_url() -> None:
    assert ReceiverAddress("fd00::2", "::").url(9000) == "http://[fd00::2]:9000"


async def test_an_address_of_another_machine_cannot_be_listened_on_and_leaves_nothing_open() -> None:
    receiver = AsyncReceiver(address=ReceiverAddress("192.0.2.1", "192.0.2.200"))
    with pytest.raises(OSError, match=r"192\.0\.2\.200"):
        await receiver.open()
    assert receiver.url == ""


def delivery(status: int, url: str = NOWHERE, fault: str | None = None) -> dict[str, Any]:
    return {"attempts": [{"url": f"{url}/hooks", "status": status, "fault": fault}]}


@pytest.mark.parametrize(
    ("deliveries", "unreachable"),
    [
        ([], False),
        ([{"attempts": []}], False),
        ([delivery(200)], False),
        ([delivery(503)], False),
        ([delivery(0)], True),
        ([delivery(200), delivery(0)], True),
        ([delivery(0, fault="7a1e")], False),
        ([delivery(0, "http://127.0.0.1:2")], False),
    ],
)
def test_out_of_reach_is_what_gave_no_answer_without_a_fault(deliveries: list[Any], unreachable: bool) -> None:
    assert is_unreachable(NOWHERE, deliveries) == unreachable
