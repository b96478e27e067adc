"""Hosts and origins are read in one way; what is given twice, or hidden, vouches for nothing."""

from __future__ import annotations

import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from mockserver.protocol.origins import (
    Acquaintances,
    Authority,
    Doubt,
    Origin,
    Provenance,
    authority,
    is_own,
    origin,
    provenance,
)

KNOWN = Acquaintances(frozenset({"mock.example.com"}))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("localhost:8080", Authority("localhost", 8080)),
        ("LocalHost.", Authority("localhost", None)),
        ("localhost:", Authority("localhost", None)),  # an empty port is the default one, RFC 3986 §3.2.3
        ("127.0.0.1:0", Authority("127.0.0.1", 0)),
        ("[0:0:0:0:0:0:0:1]:80", Authority("::1", 80)),
        ("[fe80::1%25eth0]", Authority("fe80::1", None)),
        ("[fe80::1%eth0]", Authority("fe80::1", None)),
        ("mock.example.com.", Authority("mock.example.com", None)),
        ("com.", Authority("com.", None)),  # a name of the DNS, not one of a local network
        ("example.co2", Authority("example.co2", None)),
    ],
)
def test_a_host_is_written_in_one_way(text: str, found: Authority) -> None:
    assert authority(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":80",
        "a b",
        "a,b",
        "a/b",
        "a\\b",
        "u@a",
        "u:p@a",
        "a:65536",
        "a:123456",
        "a:-1",
        "a:８０",
        "::1",
        "[::1",
        "[::1]x",
        "[::g]",
        "[]",
        "a..b",
        ".a",
        "..",
        "256.0.0.1",
        "1.2.3",
        "0x7f.0.0.1",
        "127.0.0.0x1",
        "2130706433",
        "0177.0.0.1",
        "e\u3002example",
        "m\u00fcnchen",
        "a%2eb",
        "a" * 301,
    ],
)
def test_anything_else_is_no_host(text: str) -> None:
    assert authority(text) is None
    assert not KNOWN.answers_to(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("http://localhost", Origin("http", "localhost", 80)),
        ("https://[::1]", Origin("https", "::1", 443)),
        ("https://a.example:8443", Origin("https", "a.example", 8443)),
        ("null", None),
        ("", None),
        ("localhost", None),
        ("//localhost", None),
        ("HTTP://localhost", None),  # browsers write it in lower case
        ("file://localhost", None),
        ("http://localhost/", None),
        ("http://localhost?x", None),
    ],
)
def test_an_origin_is_that_of_a_web_page(text: str, found: Origin | None) -> None:
    assert origin(text) == found


@pytest.mark.parametrize(
    ("host", "own"), [("localhost", True), ("a.localhost", True), ("127.9.9.9", True), ("::1", True)]
)
def test_own_hosts(host: str, own: bool) -> None:
    assert is_own(host) is own


@pytest.mark.parametrize("host", ["upvest", "192.168.1.2", "localhost.example.com", "fe80::1"])
def test_other_hosts_are_not_this_machine(host: str) -> None:
    assert not is_own(host)


def test_headers_that_are_given_twice_are_all_looked_at() -> None:
    headers = CIMultiDictProxy(
        CIMultiDict([("Host", "a"), ("host", "b.example"), ("Origin", "http://a"), ("ORIGIN", "http://b.example")])
    )
    found = provenance(headers, "/")
    assert found.hosts == ("a", "b.example")
    assert KNOWN.foreign_page(found) is Doubt.ORIGIN
    assert KNOWN.foreign_host(found.hosts) == "b.example"


@pytest.mark.parametrize("target", ["http://b.example:80/_mock/", "http://b.example:80?x", "http://b.example:80#/"])
def test_the_authority_of_an_absolute_target_is_a_host(target: str) -> None:
    assert provenance(CIMultiDictProxy(CIMultiDict({"host": "a"})), target).hosts == ("b.example:80", "a")


@pytest.mark.parametrize("sites", [("none", "cross-site"), ("cross-site",), ("",), ("None",), ("same-origin, none",)])
def test_every_site_has_to_be_the_pages_own(sites: tuple[str, ...]) -> None:
    assert KNOWN.foreign_page(Provenance(("a",), (), sites)) is Doubt.SITE


def test_a_page_without_a_host_to_compare_is_foreign() -> None:
    assert KNOWN.foreign_page(Provenance((), ("http://a",))) is Doubt.ORIGIN
    assert KNOWN.foreign_page(Provenance(())) is None


def test_a_given_name_vouches_for_its_pages_but_not_for_their_site() -> None:
    assert KNOWN.foreign_page(Provenance(("a:8080",), ("https://mock.example.com",), ("same-origin",))) is None
    assert KNOWN.foreign_page(Provenance(("a:8080",), ("https://mock.example.com",), ("cross-site",))) is Doubt.SITE
