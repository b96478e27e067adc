"""Which URLs a webhook may go to (concepts.md §7.1)."""

from __future__ import annotations

import pytest
import yarl
from hypothesis import given
from hypothesis import strategies as st

from mockserver.kernel.rules import Refusal
from mockserver.webhooks import address
from tests.conformance import component_validator
from tests.webhooks.tenants import tenant

ANY = tenant().world
STRICT = tenant({"behaviour": {"webhook_urls": "strict"}}).world

VENDORS_OWN = [
    "https://tenant.tld/webhooks/users",
    "https://api.example.com:8443/a?b=c#d",
    "https://xn--bcher-kva.example/",
]
LOCAL = [
    "http://localhost:8000/hooks",
    "http://127.0.0.1:1",
    "http://[::1]:8000/",
    "http://host.docker.internal/x",
    "http://my_service:80/x",
    "https://localhost",
    "https://10.0.0.1/x",
    "HTTP://LOCALHOST/",
    "http://user:pass@localhost/x%20y?q=[1]".replace("[1]", "%5B1%5D"),
]
NONE_AT_ALL = [
    "",
    "localhost:8000",
    "ftp://localhost/",
    "file:///etc/passwd",
    "https://",
    "https:///path",
    "https://:8000/",
    "http://local host/",
    "http://localhost/a b",
    "http://localhost/\n",
    "http://localhost/ü",
    "http://bücher.example/",
    "http://localhost/[x]",
    "http://localhost/%zz",
    "http://localhost/#a#b",
    "http://localhost:0/",
    "http://localhost:65536/",
    "http://localhost:999999/",
    "http://localhost:x/",
    "http://[::1/",
    "http://[::g]/",
    "http://-a.example/",
    "http://a..b/",
    f"http://{'a' * 64}.example/",
    "http://127.1/",
    "http://0x7f000001/",
    "http://1.2.3.256/",
    "http://a@b@c/",
]


@pytest.mark.parametrize("url", [*VENDORS_OWN, *LOCAL])
def test_a_local_mock_delivers_anywhere(url: str) -> None:
    address.check(ANY, url)


@pytest.mark.parametrize("url", VENDORS_OWN)
def test_the_vendors_rules_let_public_https_names_pass(url: str) -> None:
    address.check(STRICT, url)


@pytest.mark.parametrize("url", LOCAL)
def test_the_vendors_rules_refuse_http_addresses_and_local_names(url: str) -> None:
    with pytest.raises(Refusal, match="strict rules") as refusal:
        address.check(STRICT, url)
    assert refusal.value.rule.status == 400


@pytest.mark.parametrize("url", NONE_AT_ALL)
def test_what_is_no_http_url_with_a_host_is_refused(url: str) -> None:
    for world in (ANY, STRICT):
        with pytest.raises(Refusal, match="http or https URL with a host") as refusal:
            address.check(world, url)
        assert refusal.value.rule.status == 400


@given(
    st.text("htps:/.@[]%#?&=a1-_~é ", max_size=30).map("http://".__add__) | st.from_regex(address._URL, fullmatch=True)
)
def test_what_passes_fits_the_contract_and_can_be_called(url: str) -> None:
    try:
        address.check(ANY, url)
    except Refusal:
        return
    assert yarl.URL(url, encoded=True).host
    if len(url) <= 1000:
        response = {"status": 200, "headers": {}, "body": ""}
        component_validator("WebhookTestResponse").validate({"url": url, "response": response})


def test_a_long_url_is_read_in_no_time() -> None:
    for url in ("http://" + "a" * 10_000 + "\n", "http://" + "a." * 5_000 + "!", "http://a/" + "//" * 5_000 + " "):
        with pytest.raises(Refusal):
            address.check(ANY, url)
