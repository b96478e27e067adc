"""Signature bases and digests, against what is published (concepts.md §2.1 to §2.3)."""

from __future__ import annotations

import pytest

from mockserver.protocol.signing.base import PARAMS, lines_of, shown, written
from mockserver.protocol.signing.digests import digest_of
from mockserver.protocol.signing.message import Message
from mockserver.protocol.signing.versions import V6, V15, Version

INPUT = (
    '("@method" "@path" "@query" "accept" "upvest-client-id");keyid="8d4997a8";created=1633529659;'
    'expires=1633529664;nonce="o085M4cMgpbicuOL"'
)
MESSAGE = Message(
    "get", "/users", "limit=1&x=%20", {"accept": "application/json", "upvest-client-id": "363f3305", "date": "today"}
)
COVERED = ("@method", "@path", "@query", "accept", "upvest-client-id")


@pytest.mark.parametrize(
    ("body", "version", "digest"),
    [
        (
            b'{"hello": "world"}',
            V15,
            "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:",
        ),
        (
            b'{"key": "value"}',
            V15,
            "sha-512=:Hd9/AvGZkbjitW1+Ml8Fg1ux1mtcDYe6mLQjDyoowIWa3LM/PmwN2v9O+MjtQGrCA3EQWUL54dlgxKHyYbrucw==:",
        ),
        (b'{"hello": "world"}', V6, "SHA-256=X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE="),
        (b'{"key": "value"}', V6, "SHA-256=lyTB4g5uPk1/V+0l+dTvsAblCFkNUoyQ2ll/andcE+U="),
    ],
)
def test_the_published_digests(body: bytes, version: Version, digest: str) -> None:
    assert digest_of(body, version) == digest


def test_the_base_of_version_15_has_names_in_quotes() -> None:
    assert written(lines_of(MESSAGE, COVERED, INPUT), V15) == (
        '"@method": GET\n'
        '"@path": /users\n'
        '"@query": ?limit=1&x=%20\n'
        '"accept": application/json\n'
        '"upvest-client-id": 363f3305\n'
        f'"@signature-params": {INPUT}'
    )


def test_the_base_of_version_6_has_names_without_quotes() -> None:
    assert written(lines_of(MESSAGE, COVERED, INPUT), V6) == (
        "@method: GET\n"
        "@path: /users\n"
        "@query: ?limit=1&x=%20\n"
        "accept: application/json\n"
        "upvest-client-id: 363f3305\n"
        f"@signature-params: {INPUT}"
    )


def test_the_lines_stand_in_the_order_of_the_input() -> None:
    assert [name for name, _ in lines_of(MESSAGE, ("accept", "@path"), "()")] == ["accept", "@path", PARAMS]


def test_the_base_that_is_shown_masks_the_token() -> None:
    message = Message("GET", "/", "", {"authorization": "Bearer ory_at_0123456789abcdef0123"})
    base = shown(lines_of(message, ("authorization",), "()"), V15)
    assert base == '"authorization": Bearer ory_at_01234567...\n"@signature-params": ()'


def test_a_secret_in_the_wrong_place_is_masked_too() -> None:
    message = Message("GET", "/", "client_secret=hush&scope=a", {"api-token": "hush", "my-secret": "hush"})
    assert "hush" not in shown(lines_of(message, ("@query", "api-token", "my-secret"), "()"), V15)


def test_without_a_query_there_is_no_such_component() -> None:
    assert Message("GET", "/", "", {}).value("@query") is None
    assert Message("GET", "/", "", {}, asks=True).value("@query") == "?"
