"""Who may give commands: addresses, tokens and the settings of both; tests/hostile has pages, hosts and bodies."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp.test_utils import make_mocked_request

from mockserver.control.access import Access
from mockserver.control.refusals import NO_TOKEN
from mockserver.control.router import Control
from mockserver.kernel.rules import Refusal
from mockserver.protocol.origins import is_loopback
from mockserver.server import ServerSettings, create_app, host_of
from tests.conformance import assert_problem

HERE, ELSEWHERE = "127.0.0.1", "172.17.0.1"


def request(address: str, path: str = "/_mock/worlds", **headers: str) -> Any:
    return make_mocked_request("GET", path, headers=headers).clone(remote=address)


@pytest.mark.parametrize(
    ("address", "own"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("", None),  # a socket of this machine
        ("172.17.0.1", False),
        ("10.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("fe80::1%eth0", False),
        ("0.0.0.0", False),
    ],
)
def test_which_addresses_are_this_machines(address: str, own: bool | None) -> None:
    assert is_loopback(address) is own


@pytest.mark.parametrize("header", ["Bearer s3cret", "bearer s3cret", "BEARER   s3cret"])
def test_the_scheme_of_a_token_is_in_any_case(header: str) -> None:
    Access("s3cret").check(request(ELSEWHERE, authorization=header))


@pytest.mark.parametrize(
    "header", ["", "Bearer", "s3cret", "Basic s3cret", "Bearer s3cret2", "Bearer S3CRET", "Bearer\ts3cret"]
)
def test_anything_else_is_no_token(header: str) -> None:
    with pytest.raises(Refusal) as caught:
        Access("s3cret").check(request(HERE, authorization=header))
    assert caught.value.rule is NO_TOKEN


async def test_a_command_from_elsewhere_is_told_what_would_pass() -> None:
    control = Control(host_of(ServerSettings()))
    response: Any = await control(request(ELSEWHERE))
    assert_problem(403, response.headers, response.body)
    assert response.status == 403
    assert b"MOCKSERVER_CONTROL=anywhere" in response.body
    assert (await control(request(ELSEWHERE, "/_mock/health"))).status == 200


@pytest.mark.parametrize(
    "name", ["https://mock.example.com", "mock.example.com:8080", "*.example.com", "a..b", "", "u@b"]
)
def test_a_control_host_is_a_bare_name(name: str) -> None:
    with pytest.raises(Refusal, match=r"control-host: expected a host name") as caught:
        create_app(ServerSettings(control_hosts=[name]))
    assert f"got '{name}'" in caught.value.detail


def test_an_empty_token_is_refused_at_once() -> None:
    with pytest.raises(Refusal, match=r"control-token: expected a token"):
        create_app(ServerSettings(control_token=""))


def test_an_unknown_reach_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="nowhere"):
        create_app(ServerSettings(control="nowhere"))
