"""Who may give commands: loopback without a token, whoever has it with one, and the health check everybody."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp.test_utils import make_mocked_request

from mockserver.control.access import Access, Reach
from mockserver.control.api import Control
from mockserver.kernel.rules import Refusal
from mockserver.protocol.origins import is_loopback
from mockserver.server import ServerSettings, create_app, house_of
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


@pytest.mark.parametrize(
    ("access", "address", "given", "rule"),
    [
        (Access(), HERE, None, None),
        (Access(), ELSEWHERE, None, "control.loopback"),
        (Access(reach=Reach.ANYWHERE), ELSEWHERE, None, None),
        (Access("s3cret"), ELSEWHERE, "s3cret", None),
        (Access("s3cret"), HERE, None, "control.token"),
        (Access("s3cret"), ELSEWHERE, "other", "control.token"),
        (Access("s3cret", Reach.LOOPBACK), ELSEWHERE, "s3cret", "control.loopback"),
        (Access("s3cret", Reach.LOOPBACK), HERE, "s3cret", None),
        (Access("s3cret", Reach.ANYWHERE), ELSEWHERE, None, "control.token"),
    ],
)
def test_who_may(access: Access, address: str, given: str | None, rule: str | None) -> None:
    headers = {} if given is None else {"authorization": f"Bearer {given}"}
    if rule is None:
        access.check(request(address, **headers))
        return
    with pytest.raises(Refusal) as caught:
        access.check(request(address, **headers))
    assert caught.value.rule.name == rule


async def test_a_command_from_elsewhere_is_told_what_would_pass() -> None:
    control = Control(house_of(ServerSettings()))
    response: Any = await control(request(ELSEWHERE))
    assert_problem(403, response.headers, response.body)
    assert response.status == 403
    assert b"MOCKSERVER_CONTROL=anywhere" in response.body
    assert (await control(request(ELSEWHERE, "/_mock/health"))).status == 200


def test_an_unknown_reach_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="nowhere"):
        create_app(ServerSettings(control="nowhere"))
